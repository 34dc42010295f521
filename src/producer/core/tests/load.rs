//! Partitions with short queues are preferred; who waits for room is not kept waiting by what lingers.

use super::world::{World, settings, topic_settings};
use super::{SECOND_US, values};
use crate::producer::partitioner::{SpreadRng, random};

const PARTITIONS: usize = 4;

/// Partitions 0 and 2 on one broker, 1 and 3 on the other.
fn world(adaptive: Option<u64>) -> World {
    let mut settings = settings();
    settings.adaptive = adaptive;
    settings.linger_us = 0;
    let mut world = World::new(settings, topic_settings(), PARTITIONS);
    world.leaders = vec![0, 1, 0, 1];
    world.run_for(SECOND_US);
    world
}

/// Produces a message every millisecond to where the last table says; returns how many each broker got.
fn spread(world: &mut World, count: usize) -> [usize; 2] {
    let (mut rng, mut sent) = (SpreadRng::new(3), [0, 0]);
    for _ in 0..count {
        let partition = match &world.load {
            Some(table) => table.choose(rng.next_u64()),
            None => random(&mut rng, PARTITIONS as i32),
        };
        sent[partition as usize % 2] += 1;
        world.produce(partition);
        world.run_for(1_000);
    }
    sent
}

#[test]
fn a_slow_broker_gets_fewer_messages_and_as_many_again_when_it_is_fast() {
    let mut world = world(Some(0));
    world.slow_us.insert(2, 300_000);
    let sent = spread(&mut world, 2_000);
    assert!(sent[1] * 2 < sent[0] && sent[1] > 0, "{sent:?}");
    world.slow_us.clear();
    world.run_for(60 * SECOND_US);
    assert_eq!(world.reports.len(), 2_000);
    assert_eq!(world.load, None, "queues are empty");
    let sent = spread(&mut world, 1_000);
    assert!(sent[1] * 3 > sent[0], "{sent:?}");
}

#[test]
fn a_broker_that_takes_nothing_for_the_timeout_is_avoided_until_it_does() {
    let mut world = world(Some(50_000));
    world.slow_us.insert(2, 2_000_000);
    spread(&mut world, 200);
    let sent = spread(&mut world, 500);
    assert_eq!(sent[1], 0, "{sent:?}");
    world.slow_us.clear();
    world.run_for(60 * SECOND_US);
    let sent = spread(&mut world, 1_000);
    assert!(sent[1] > 0, "{sent:?}");
}

#[test]
fn nothing_is_told_unless_asked_for_and_nothing_wakes_when_all_is_done() {
    for adaptive in [None, Some(1_000)] {
        let mut world = world(adaptive);
        world.slow_us.insert(2, 300_000);
        spread(&mut world, 300);
        assert_eq!(world.load.is_some(), adaptive.is_some());
        world.run_for(120 * SECOND_US);
        let idle_until_us = world.core.poll_timeout().unwrap_or(u64::MAX);
        assert!(idle_until_us > world.now_us + SECOND_US, "woken at {idle_until_us}");
    }
}

#[test]
fn what_lingers_is_sent_at_once_when_somebody_waits_for_it() {
    let mut slow = settings();
    slow.linger_us = SECOND_US;
    let mut world = World::new(slow, topic_settings(), 1);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(20_000);
    assert!(world.core.is_idle() && world.reports.is_empty());
    assert!(world.core.handle_hurry(world.now_us));
    world.run_for(20_000);
    assert_eq!((world.reports.len(), world.core.is_idle()), (1, true));
    assert!(!world.core.handle_hurry(world.now_us), "nothing is left");
    world.produce(0);
    world.run_for(20_000);
    assert_eq!(world.reports.len(), 1, "the next one lingers again");
    world.run_for(2 * SECOND_US);
    assert_eq!(world.log[&0], values(0..2));
}

#[test]
fn what_can_not_be_sent_is_no_reason_to_hurry() {
    let mut slow = settings();
    slow.linger_us = SECOND_US;
    let mut world = World::new(slow, topic_settings(), 1);
    world.run_for(SECOND_US);
    world.up.insert(1, false);
    world.cut(1);
    world.produce(0);
    world.run_for(20_000);
    assert!(!world.core.handle_hurry(world.now_us));
    assert!(!world.core.handle_hurry(world.now_us));
}
