//! Brokers that are all gone or never were there, and the way back to those that the application configured.

use super::*;

/// Ports from here on swallow everything.
const VOID: u16 = 1000;

/// A cluster behind port 9, which is no broker of its own: nobody names it.
fn behind_a_front(trigger_us: Option<u64>) -> World {
    let bootstrap = vec![("127.0.0.1".into(), 9)];
    let settings = Settings { bootstrap, rebootstrap_trigger_us: trigger_us, ..settings() };
    let mut world = World::new(settings, topic_settings(), 1);
    world.up.insert(9, true);
    world.ports_told = Some(vec![1, 2]);
    world.void_from = VOID;
    world
}

#[test]
fn metadata_that_names_only_brokers_out_of_reach_is_recovered_from_soon() {
    let mut world = behind_a_front(Some(300 * SECOND_US));
    world.ports_told = Some((VOID..VOID + 100).collect());
    world.run_for(SECOND_US);
    world.ports_told = Some(vec![1, 2]);
    world.cut(9);
    world.produce(0);
    // Two connections, the first to anybody.
    world.run_for(3 * SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
}

#[test]
fn attempts_to_reach_many_leaders_do_not_keep_others_from_being_asked() {
    let mut world = World::new(settings(), topic_settings(), 100);
    world.void_from = VOID;
    world.ports_told = Some((VOID..VOID + 100).chain([1]).collect());
    world.leaders = (0..100).map(|number| i32::from(VOID) - 1 + number).collect();
    world.run_for(SECOND_US);
    world.cut(1);
    // One more each tenth of a second: some attempt is always young.
    for number in 0..100 {
        world.produce(number);
        world.run_for(SECOND_US / 10);
    }
    assert!(world.metadata_requests > 1);
    (world.leaders, world.ports_told, world.epoch) = (vec![0; 100], Some(vec![1, 2]), 2);
    world.run_for(5 * SECOND_US);
    assert_eq!(world.log.len(), 100);
}

#[test]
fn a_leader_whose_host_is_gone_is_replaced_before_the_attempt_to_connect_is_over() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.void_from = VOID;
    (world.ports_told, world.leaders) = (Some(vec![1, VOID]), vec![i32::from(VOID) - 1]);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(500_000);
    (world.leaders, world.epoch) = (vec![0], 2);
    world.run_for(2 * SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
}

#[test]
fn a_broker_that_does_not_answer_about_metadata_is_not_asked_again_while_there_are_others() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.mute = vec![1];
    world.core.want_metadata(world.now_us, true);
    world.run_for(61 * SECOND_US);
    assert_eq!(world.metadata_asked, [1, 1, 2]);
    // It goes on being asked when there is nobody else.
    world.mute = vec![1, 2];
    world.up.insert(2, false);
    world.cut(2);
    world.core.want_metadata(world.now_us, true);
    world.run_for(70 * SECOND_US);
    world.mute.clear();
    world.metadata_asked.clear();
    world.run_for(70 * SECOND_US);
    assert_eq!(world.metadata_asked, [1]);
}

#[test]
fn too_long_without_metadata_leads_back_to_the_configured_addresses() {
    for (trigger_us, asks) in [(Some(5 * SECOND_US), true), (None, false)] {
        let mut world = behind_a_front(trigger_us);
        world.run_for(SECOND_US);
        // Messages go on flowing to brokers that answer no other question.
        world.produce(0);
        world.run_for(SECOND_US);
        world.up.insert(9, false);
        world.cut(9);
        world.mute = vec![1, 2];
        world.metadata_asked.clear();
        world.run_for(SECOND_US);
        world.up.insert(9, true);
        world.run_for(20 * SECOND_US);
        assert_eq!(world.metadata_asked.contains(&9), asks, "{trigger_us:?}");
    }
}

#[test]
fn a_broker_may_ask_to_begin_again_from_the_configured_addresses() {
    for (trigger_us, begins) in [(Some(300 * SECOND_US), true), (None, false)] {
        let settings = Settings { rebootstrap_trigger_us: trigger_us, ..settings() };
        let mut world = World::new(settings, topic_settings(), 1);
        world.run_for(SECOND_US);
        let old = world.core.brokers[0].conn().expect("connected");
        world.metadata_error = ErrorCode::REBOOTSTRAP_REQUIRED.0;
        world.core.want_metadata(world.now_us, true);
        world.run_for(SECOND_US);
        assert_eq!(!world.conns.contains_key(&old), begins);
        assert_eq!(world.metadata_requests, 3, "and asks again");
        world.produce(0);
        world.run_for(SECOND_US);
        assert_eq!(world.log[&0], values(0..1));
        let idle_until_us = world.core.poll_timeout().unwrap_or(u64::MAX);
        assert!(idle_until_us > world.now_us + 30 * SECOND_US, "woken at {idle_until_us}");
    }
}

#[test]
fn a_broker_that_asks_for_it_every_time_does_not_make_the_core_spin() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    let before = world.metadata_requests;
    for _ in 0..600 {
        world.metadata_error = ErrorCode::REBOOTSTRAP_REQUIRED.0;
        world.core.want_metadata(world.now_us, true);
        world.run_for(SECOND_US / 10);
    }
    assert!(world.metadata_requests - before <= 610);
    assert!(world.core.next_conn < 10, "{} connections in a minute", world.core.next_conn);
}

#[test]
fn brokers_that_come_and_go_take_each_others_places() {
    let mut world = behind_a_front(Some(300 * SECOND_US));
    world.run_for(SECOND_US);
    for round in 0..50 {
        world.ports_told = Some((VOID + 20 * round..VOID + 20 * (round + 1)).collect());
        world.core.want_metadata_at_once(world.now_us);
        world.run_for(SECOND_US);
    }
    assert!(world.core.brokers.len() <= 60, "{} brokers", world.core.brokers.len());
    world.ports_told = Some(vec![1, 2]);
    world.core.want_metadata_at_once(world.now_us);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
}
