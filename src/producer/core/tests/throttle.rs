//! Brokers that ask to be left alone (KIP-219).

use super::SECOND_US;
use super::world::{World, settings, topic_settings};

/// What the application was told, in milliseconds.
fn told(world: &World) -> Vec<i64> {
    let throttles = world.notices.iter().filter(|notice| notice.starts_with("Throttle"));
    let text = |notice: &String| notice.rsplit_once("throttle_ms: ").unwrap().1.to_owned();
    throttles.map(|notice| text(notice).trim_end_matches(" }").parse().unwrap()).collect()
}

#[test]
fn a_broker_that_asks_for_a_pause_gets_it_and_others_go_on() {
    let mut world = World::new(settings(), topic_settings(), 2);
    world.leaders = vec![0, 1];
    world.run_for(SECOND_US);
    world.throttle_time_ms = 3_000;
    world.produce(0);
    world.run_for(100_000);
    world.throttle_time_ms = 0;
    let requests = world.produce_requests;
    world.produce(0);
    world.run_for(2 * SECOND_US);
    assert_eq!((world.produce_requests, world.reports.len()), (requests, 1), "it is left alone");
    world.produce(1);
    world.run_for(SECOND_US / 2);
    assert_eq!((world.log[&1].len(), world.log[&0].len()), (1, 1), "the other one is not");
    world.run_for(SECOND_US);
    assert_eq!((world.log[&0].len(), world.reports.len()), (2, 3));
    assert_eq!(told(&world), [3_000, 0], "the pause, then that there is none any more");
}

#[test]
fn a_shorter_pause_does_not_end_a_longer_one() {
    let mut pipelined = settings();
    pipelined.in_flight_batches_per_partition_max = 5;
    let mut world = World::new(pipelined, topic_settings(), 1);
    world.run_for(SECOND_US);
    world.slow_us.insert(1, 50_000);
    world.produce(0);
    world.run_for(20_000);
    world.produce(0);
    world.run_for(20_000);
    world.throttle_time_ms = 3_000;
    world.run_for(20_000);
    world.throttle_time_ms = 10;
    world.run_for(20_000);
    world.throttle_time_ms = 0;
    assert_eq!(told(&world), [3_000, 10]);
    let requests = world.produce_requests;
    world.produce(0);
    world.run_for(2 * SECOND_US);
    assert_eq!(world.produce_requests, requests);
    world.run_for(2 * SECOND_US);
    assert_eq!(world.reports.len(), 3);
}
