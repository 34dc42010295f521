//! The core against scripted brokers, in virtual time.

mod compression;
mod details;
mod found;
mod idempotence;
mod known_producer;
mod load;
mod query;
mod search;
mod statistics;
mod throttle;
mod world;

use super::*;
use crate::producer::batch::Batch;
use crate::producer::report::Persistence;
use crate::protocol::ErrorCode;
use world::{Script, World, settings, topic_settings};

const SECOND_US: u64 = 1_000_000;

fn values(range: std::ops::Range<u64>) -> Vec<String> {
    range.map(|i| format!("m{i}")).collect()
}

fn outcomes(world: &World) -> Vec<(usize, i32, Persistence)> {
    let outcome = |report: &crate::producer::report::Report| {
        (report.batch.count(), report.error, report.persistence)
    };
    world.reports.iter().map(outcome).collect()
}

#[test]
fn a_message_is_delivered_and_reported_once_and_then_nothing_wakes() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(2 * SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
    assert_eq!(outcomes(&world), [(1, 0, Persistence::Persisted)]);
    assert_eq!((world.reports[0].base_offset, world.reports[0].broker_id), (0, 0));
    let idle_until_us = world.core.poll_timeout().unwrap_or(u64::MAX);
    assert!(idle_until_us > world.now_us + 30 * SECOND_US, "woken at {idle_until_us}");
}

#[test]
fn a_paused_partition_waits_while_others_go_on_and_its_messages_may_expire() {
    let topic = TopicSettings { message_timeout_us: 5 * SECOND_US, ..topic_settings() };
    let mut world = World::new(settings(), topic, 2);
    world.run_for(SECOND_US);
    world.core.handle_pause(TopicId(0), 0, true, world.now_us);
    world.produce(0);
    world.produce(1);
    world.run_for(2 * SECOND_US);
    assert_eq!((world.log.get(&0), world.log[&1].len()), (None, 1));
    world.core.handle_pause(TopicId(0), 0, false, world.now_us);
    world.run_for(SECOND_US);
    assert_eq!((world.log[&0].len(), world.reports.len()), (1, 2));
    world.core.handle_pause(TopicId(0), 0, true, world.now_us);
    world.produce(0);
    world.run_for(6 * SECOND_US);
    let last = world.reports.last().unwrap();
    assert_eq!(
        (last.error, last.persistence),
        (local_error::MSG_TIMED_OUT, Persistence::NotPersisted)
    );
    assert_eq!(world.log[&0].len(), 1);
}

#[test]
fn batches_of_many_partitions_share_requests() {
    let mut world = World::new(settings(), topic_settings(), 50);
    world.run_for(SECOND_US);
    for partition in 0..50 {
        world.produce(partition);
    }
    world.run_for(SECOND_US);
    assert_eq!(world.reports.len(), 50);
    assert_eq!(world.produce_requests, 1);
}

#[test]
fn a_retry_keeps_its_place_before_younger_batches() {
    for script in [
        Script::Refuse(ErrorCode::NOT_ENOUGH_REPLICAS.0),
        Script::Refuse(ErrorCode::NOT_LEADER_OR_FOLLOWER.0),
        Script::Refuse(ErrorCode::LEADER_NOT_AVAILABLE.0),
    ] {
        let mut world = World::new(settings(), topic_settings(), 1);
        world.run_for(SECOND_US);
        world.scripts.extend([script, script, script]);
        for _ in 0..20 {
            world.produce(0);
            world.run_for(20_000);
        }
        world.run_for(10 * SECOND_US);
        assert_eq!(world.log[&0], values(0..20));
        assert_eq!(world.reports.len(), 20);
        assert!(world.reports.iter().all(|report| report.error == 0));
    }
}

#[test]
fn a_cut_connection_leads_to_a_retry_and_at_most_duplicates() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::AppendAndCut);
    world.produce(0);
    world.produce(0);
    world.run_for(10 * SECOND_US);
    assert_eq!(world.log[&0], ["m0", "m0", "m1"]);
    assert_eq!(world.reports.len(), 2);
    assert!(world.reports.iter().all(|report| report.error == 0));
}

#[test]
fn an_append_that_was_answered_with_an_ambiguous_error_is_possibly_persisted() {
    let mut no_retries = settings();
    no_retries.retries_max = 0;
    let mut world = World::new(no_retries, topic_settings(), 1);
    world.run_for(SECOND_US);
    let code = ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND.0;
    world.scripts.push_back(Script::AppendAndAnswer(code));
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(outcomes(&world), [(1, i32::from(code), Persistence::PossiblyPersisted)]);
}

#[test]
fn an_error_beside_an_offset_is_possibly_persisted() {
    let mut no_retries = settings();
    no_retries.retries_max = 0;
    let code = ErrorCode::NOT_LEADER_OR_FOLLOWER.0;
    for (script, persistence) in [
        (Script::AppendAndAnswer(code), Persistence::PossiblyPersisted),
        (Script::Refuse(code), Persistence::NotPersisted),
    ] {
        let mut world = World::new(no_retries.clone(), topic_settings(), 1);
        world.run_for(SECOND_US);
        world.scripts.push_back(script);
        world.produce(0);
        world.run_for(SECOND_US);
        assert_eq!(outcomes(&world), [(1, i32::from(code), persistence)]);
    }
}

#[test]
fn an_answer_that_makes_no_sense_fails_the_batch_and_is_not_retried() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::AppendAndBabble);
    world.produce(0);
    world.run_for(5 * SECOND_US);
    assert_eq!(outcomes(&world), [(1, local_error::BAD_MSG, Persistence::PossiblyPersisted)]);
    assert_eq!(world.log[&0], values(0..1));
    world.produce(0);
    world.run_for(5 * SECOND_US);
    assert_eq!(world.reports.len(), 2, "the connection was replaced");
}

#[test]
fn a_stream_out_of_step_fails_what_was_asked_first_and_retries_the_rest() {
    let mut pipelined = settings();
    pipelined.in_flight_batches_per_partition_max = 5;
    let mut world = World::new(pipelined, topic_settings(), 2);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(5_100);
    world.produce(1);
    world.run_for(5_100);
    world.produce(0);
    world.now_us += 5_000;
    world.core.handle_timeout(world.now_us);
    world.core.drain(&mut world.source, world.now_us);
    let conn = *world.conns.iter().find(|(_, port)| **port == 1).unwrap().0;
    world.conns.remove(&conn);
    world.core.handle_garbled(conn, "nonsense", world.now_us);
    world.run_for(5 * SECOND_US);
    let errors: Vec<_> = world.reports.iter().map(|report| report.error).collect();
    assert_eq!(errors, [0, local_error::BAD_MSG, 0]);
    assert!(world.errors.contains(&local_error::BAD_MSG));
}

#[test]
fn without_retries_an_ambiguous_failure_is_reported_as_possibly_persisted() {
    let mut no_retries = settings();
    no_retries.retries_max = 0;
    let mut world = World::new(no_retries, topic_settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::AppendAndCut);
    world.scripts.push_back(Script::Refuse(ErrorCode::NOT_ENOUGH_REPLICAS.0));
    world.produce(0);
    world.run_for(10 * SECOND_US);
    world.produce(0);
    world.run_for(10 * SECOND_US);
    let not_enough = i32::from(ErrorCode::NOT_ENOUGH_REPLICAS.0);
    assert_eq!(
        outcomes(&world),
        [
            (1, local_error::TRANSPORT, Persistence::PossiblyPersisted),
            (1, not_enough, Persistence::NotPersisted),
        ]
    );
}

#[test]
fn a_permanent_error_fails_its_batch_only() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::Refuse(ErrorCode::TOPIC_AUTHORIZATION_FAILED.0));
    world.produce(0);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], ["m1"]);
    let code = i32::from(ErrorCode::TOPIC_AUTHORIZATION_FAILED.0);
    assert_eq!(
        outcomes(&world),
        [(1, code, Persistence::NotPersisted), (1, 0, Persistence::Persisted)]
    );
}

#[test]
fn a_batch_too_large_is_split_until_it_fits_in_order() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    let too_large = Script::Refuse(ErrorCode::MESSAGE_TOO_LARGE.0);
    world.scripts.extend([too_large; 4]);
    let mut batch = Batch::default();
    for _ in 0..10 {
        world.append(&mut batch);
    }
    world.hand_in(0, batch);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(1..10), "the single message that is too large fails");
    let total: usize = world.reports.iter().map(|report| report.batch.count()).sum();
    assert_eq!(total, 10);
    assert_eq!(world.reports[0].error, i32::from(ErrorCode::MESSAGE_TOO_LARGE.0));
}

#[test]
fn a_new_leader_named_in_the_answer_is_used_at_once() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::Moved(1, 5));
    world.produce(0);
    world.run_for(5_000 + 6 * world::RTT_US);
    assert_eq!(world.log[&0], values(0..1));
    assert_eq!(world.reports[0].broker_id, 1);
}

#[test]
fn a_leader_change_without_a_hint_is_found_by_metadata() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.run_for(SECOND_US);
    world.leaders = vec![1];
    world.epoch = 2;
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
}

#[test]
fn unreachable_brokers_end_in_timeouts_of_each_message_in_time() {
    let mut topic = topic_settings();
    topic.message_timeout_us = 3 * SECOND_US;
    let mut world = World::new(settings(), topic, 1);
    world.run_for(SECOND_US);
    world.up = std::collections::BTreeMap::from([(1, false), (2, false)]);
    world.cut(1);
    world.cut(2);
    let mut batch = Batch::default();
    for _ in 0..4 {
        world.append(&mut batch);
        world.now_us += 100_000;
    }
    world.hand_in(0, batch);
    world.run_for(2 * SECOND_US);
    assert_eq!(world.reports.len(), 0);
    world.run_for(2 * SECOND_US);
    let total: usize = world.reports.iter().map(|report| report.batch.count()).sum();
    assert_eq!(total, 4);
    assert_eq!(world.reports.len(), 4, "a batch never sent loses only the messages that are due");
    for report in &world.reports {
        assert_eq!(report.error, local_error::MSG_TIMED_OUT);
        assert_eq!(report.persistence, Persistence::NotPersisted);
    }
    assert!(world.errors.contains(&local_error::ALL_BROKERS_DOWN));
}

#[test]
fn a_silent_broker_is_given_up_after_the_socket_timeout() {
    let mut impatient = settings();
    impatient.socket_timeout_us = 2 * SECOND_US;
    let mut world = World::new(impatient, topic_settings(), 1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::Ignore);
    world.produce(0);
    world.run_for(SECOND_US);
    assert!(world.reports.is_empty());
    world.run_for(5 * SECOND_US);
    assert_eq!(outcomes(&world), [(1, 0, Persistence::Persisted)]);
}

#[test]
fn without_acks_a_sent_message_is_reported_as_possibly_persisted() {
    let mut topic = topic_settings();
    topic.acks = 0;
    let mut world = World::new(settings(), topic, 1);
    world.run_for(SECOND_US);
    world.produce(0);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..2));
    assert!(world.reports.iter().all(|r| r.persistence == Persistence::PossiblyPersisted));
    assert_eq!(world.reports.len(), 2);
}

#[test]
fn without_acks_a_frame_that_the_socket_never_takes_is_given_up_in_time() {
    for (message_timeout_us, limit_us) in [(5 * SECOND_US, 6 * SECOND_US), (0, 61 * SECOND_US)] {
        let topic = TopicSettings { acks: 0, message_timeout_us, ..topic_settings() };
        let mut world = World::new(settings(), topic, 1);
        world.run_for(SECOND_US);
        world.blocked = true;
        world.produce(0);
        world.run_for(limit_us);
        if message_timeout_us > 0 {
            let timed_out = (1, local_error::MSG_TIMED_OUT, Persistence::NotPersisted);
            assert_eq!(outcomes(&world), [timed_out]);
        } else {
            world.blocked = false;
            world.run_for(40 * SECOND_US);
            assert_eq!(outcomes(&world), [(1, 0, Persistence::PossiblyPersisted)]);
        }
    }
}

#[test]
fn what_waits_for_the_end_of_throttling_is_sent_even_if_the_connection_ends_meanwhile() {
    for idle_max_us in [0, SECOND_US] {
        let settings = Settings { connections_idle_max_us: idle_max_us, ..settings() };
        let mut world = World::new(settings, topic_settings(), 1);
        world.run_for(SECOND_US / 2);
        world.throttle_time_ms = 5_000;
        world.produce(0);
        world.run_for(SECOND_US / 2);
        world.throttle_time_ms = 0;
        world.produce(0);
        world.run_for(SECOND_US / 10);
        if idle_max_us == 0 {
            world.cut(1);
        }
        world.run_for(10 * SECOND_US);
        assert_eq!(world.log[&0], values(0..2), "idle limit {idle_max_us}");
        assert_eq!(world.reports.len(), 2);
    }
}

#[test]
fn a_leader_whose_address_comes_later_gets_what_waits() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.leaders[0] = 1;
    world.up.remove(&2);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(10 * SECOND_US);
    assert_eq!(world.reports.len(), 0);
    world.up.insert(2, true);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
    assert_eq!(world.reports.len(), 1);
}

#[test]
fn a_topic_that_never_appears_fails_after_the_propagation_time() {
    let mut world = World::new(settings(), topic_settings(), 1);
    world.topic_error = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    world.run_for(20 * SECOND_US);
    assert!(!world.notices.iter().any(|notice| notice.contains("TopicFailed")));
    world.run_for(20 * SECOND_US);
    assert!(world.notices.iter().any(|notice| notice.contains("TopicFailed")));
    world.topic_error = 0;
    world.run_for(300 * SECOND_US);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..1), "it is found when it appears after all");
}

#[test]
fn a_purge_reports_everything_once_and_late_answers_are_ignored() {
    let mut world = World::new(settings(), topic_settings(), 2);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(5_100);
    world.produce(0);
    world.produce(1);
    let now_us = world.now_us;
    world.core.handle_purge(true, true, &mut world.source, now_us);
    world.run_for(SECOND_US);
    let mut errors: Vec<_> = world.reports.iter().map(|report| report.error).collect();
    errors.sort_unstable();
    assert_eq!(
        errors,
        [local_error::PURGE_QUEUE, local_error::PURGE_QUEUE, local_error::PURGE_INFLIGHT]
    );
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.reports.last().map(|report| report.error), Some(0));
    assert_eq!(world.core.held_count(), 0);
}

#[test]
fn several_batches_in_flight_stay_in_order_when_asked_for() {
    let mut pipelined = settings();
    pipelined.in_flight_batches_per_partition_max = 5;
    let mut world = World::new(pipelined, topic_settings(), 1);
    world.run_for(SECOND_US);
    for _ in 0..8 {
        world.produce(0);
    }
    world.run_for(200);
    assert!(world.core.held_count() >= 2);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..8));
    assert_eq!(world.reports.len(), 8);
}

#[test]
fn flushing_does_not_linger() {
    let mut slow = settings();
    slow.linger_us = 60 * SECOND_US;
    let mut world = World::new(slow, topic_settings(), 1);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.reports.len(), 0);
    world.core.handle_flush(true, world.now_us);
    world.run_for(3 * world::RTT_US);
    assert_eq!(world.reports.len(), 1);
}

#[test]
fn a_million_brokers_in_one_answer_are_taken_in_linear_time_and_not_all_kept() {
    let brokers: Vec<_> = (0..1_000_000)
        .map(|node_id| crate::protocol::metadata::MetadataBroker {
            node_id,
            host: "h",
            port: 1 + node_id % 60_000,
            rack: None,
        })
        .collect();
    let mut world = World::new(settings(), topic_settings(), 1);
    world.extra_brokers = brokers;
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
    assert!(world.core.brokers.len() <= super::search::BROKERS_MAX);
}

#[test]
fn a_throttle_time_without_measure_is_cut_to_the_socket_timeout() {
    let mut impatient = settings();
    impatient.socket_timeout_us = 2 * SECOND_US;
    let mut world = World::new(impatient, topic_settings(), 1);
    world.throttle_ms = i32::MAX;
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(5 * SECOND_US);
    assert_eq!(world.log[&0], values(0..1));
}
