//! The idempotent producer against brokers that check its sequences.

use super::*;
use crate::producer::config::{Idempotence, Settings};
use crate::producer::core::sequence::ProducerIds;
use crate::producer::report::Report;

const REFUSED: Script = Script::Refuse(ErrorCode::NOT_ENOUGH_REPLICAS.0);
const ID: i64 = 7_000;

fn idempotent() -> Settings {
    Settings {
        linger_us: 0,
        in_flight_batches_per_partition_max: 5,
        in_flight_requests_max: 5,
        idempotence: Some(Idempotence { gapless: false, first_sequence: 0 }),
        ..settings()
    }
}

/// With a producer id, and one message acknowledged, so that brokers know the producer.
fn started(settings: Settings, topic: TopicSettings) -> World {
    let mut world = World::new(settings, topic, 1);
    world.run_for(SECOND_US);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!(world.sequenced, [(0, ID, 0, 0)]);
    world
}

/// Produces a batch and lets the core send it, without any time to pass.
fn send(world: &mut World) {
    world.produce(0);
    world.run_for(0);
}

fn errors(world: &World) -> Vec<i32> {
    world.reports.iter().map(|report: &Report| report.error).collect()
}

fn numbers(world: &World) -> Vec<(i16, i32)> {
    world.sequenced.iter().map(|&(_, _, epoch, base)| (epoch, base)).collect()
}

#[test]
fn nothing_is_sent_before_a_producer_id_is_held_and_messages_expire_meanwhile() {
    let short = TopicSettings { message_timeout_us: 300_000, ..topic_settings() };
    let mut world = World::new(idempotent(), short, 1);
    world.init_errors.extend([ErrorCode::COORDINATOR_LOAD_IN_PROGRESS.0; 4]);
    world.run_for(50_000);
    world.produce(0);
    world.run_for(400_000);
    assert_eq!(world.produce_requests, 0);
    assert_eq!(outcomes(&world), [(1, local_error::MSG_TIMED_OUT, Persistence::NotPersisted)]);
    world.run_for(3 * SECOND_US);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!((&world.log[&0], numbers(&world)), (&vec!["m1".to_owned()], vec![(0, 0)]));
    assert!(world.fatal.is_empty());
}

#[test]
fn a_cluster_that_refuses_producer_ids_is_fatal() {
    let mut world = World::new(idempotent(), topic_settings(), 1);
    let loading = ErrorCode::COORDINATOR_LOAD_IN_PROGRESS.0;
    world.init_errors.extend([loading, ErrorCode::CLUSTER_AUTHORIZATION_FAILED.0]);
    world.run_for(50_000);
    world.produce(0);
    world.run_for(SECOND_US);
    let reason = "Failed to acquire idempotence PID from broker 127.0.0.1:1/";
    assert!(world.fatal[0].0 == 31 && world.fatal[0].1.starts_with(reason), "{:?}", world.fatal);
    assert!(world.fatal[0].1.ends_with(": error 31"));
    assert_eq!(outcomes(&world), [(1, local_error::PURGE_QUEUE, Persistence::NotPersisted)]);
    world.produce(0);
    world.run_for(SECOND_US);
    assert_eq!((world.reports.len(), world.produce_requests), (2, 0));
}

#[test]
fn one_batch_is_in_flight_until_the_broker_knows_the_producer_then_five() {
    let mut world = World::new(idempotent(), topic_settings(), 1);
    world.run_for(SECOND_US);
    for _ in 0..7 {
        send(&mut world);
    }
    assert_eq!(world.core.partition((0, 0)).unwrap().in_flight, 1);
    world.run_for(world::RTT_US);
    assert_eq!(world.core.partition((0, 0)).unwrap().in_flight, 5);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..7));
    world.run_for(100 * SECOND_US);
    send(&mut world);
    send(&mut world);
    assert_eq!(world.core.partition((0, 0)).unwrap().in_flight, 1, "it may have forgotten");
}

#[test]
fn a_lost_answer_is_found_out_by_sending_the_same_again() {
    let mut world = started(idempotent(), topic_settings());
    world.scripts.push_back(Script::AppendAndCut);
    send(&mut world);
    send(&mut world);
    world.run_for(10 * SECOND_US);
    assert_eq!(world.log[&0], values(0..3));
    assert_eq!(errors(&world), [0, 0, 0]);
    assert_eq!(world.reports[1].base_offset, 1, "where it was first written");
    assert_eq!(numbers(&world), [(0, 0), (0, 1), (0, 1), (0, 2)]);
}

#[test]
fn a_duplicate_of_long_ago_is_a_success_without_offset() {
    let mut world = started(idempotent(), topic_settings());
    let code = ErrorCode::DUPLICATE_SEQUENCE_NUMBER.0;
    world.scripts.push_back(Script::Refuse(code));
    send(&mut world);
    world.run_for(SECOND_US);
    assert_eq!(outcomes(&world)[1], (1, 0, Persistence::Persisted));
}

#[test]
fn younger_batches_in_flight_wait_for_one_that_is_sent_again() {
    let mut world = started(idempotent(), topic_settings());
    world.scripts.push_back(REFUSED);
    for _ in 0..5 {
        send(&mut world);
    }
    assert_eq!(world.core.partition((0, 0)).unwrap().in_flight, 5);
    world.run_for(10 * SECOND_US);
    assert_eq!(world.log[&0], values(0..6));
    assert_eq!(errors(&world), [0; 6]);
    let again: Vec<_> = (0..6).chain(1..6).map(|base| (0, base)).collect();
    assert_eq!(numbers(&world), again, "the same numbers, in order");
}

#[test]
fn a_lost_request_fails_all_behind_it_and_none_is_doubled() {
    for script in [Script::Cut, Script::AppendAndBabble, Script::AppendAndAnswer(7)] {
        let mut world = started(idempotent(), topic_settings());
        world.scripts.push_back(script);
        for _ in 0..5 {
            send(&mut world);
        }
        world.run_for(10 * SECOND_US);
        assert_eq!(world.log[&0], values(0..6), "{script:?}");
        assert_eq!(errors(&world), [0; 6]);
        let offsets: Vec<_> = world.reports.iter().map(|report| report.base_offset).collect();
        let mut sorted = offsets.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4, 5], "{offsets:?}");
        assert!(numbers(&world).iter().all(|&(epoch, _)| epoch == 0));
    }
}

#[test]
fn a_new_leader_gets_nothing_while_the_old_one_has_not_answered() {
    let mut world = started(idempotent(), topic_settings());
    for _ in 0..3 {
        send(&mut world);
    }
    world.leaders[0] = 1;
    world.core.learn_leader((0, 0), 1, 2, false, world.now_us);
    send(&mut world);
    assert_eq!(world.core.partition((0, 0)).unwrap().in_flight, 3);
    world.run_for(10 * SECOND_US);
    assert_eq!(world.log[&0], values(0..5));
    assert_eq!((errors(&world), world.reports[4].broker_id), (vec![0; 5], 1));
}

#[test]
fn a_message_that_times_out_in_doubt_leads_to_the_next_epoch_without_a_fatal_error() {
    let short = TopicSettings { message_timeout_us: 2 * SECOND_US, ..topic_settings() };
    let mut world = started(idempotent(), short);
    world.scripts.push_back(Script::Ignore);
    send(&mut world);
    world.run_for(10 * SECOND_US);
    let timed_out = (1, local_error::MSG_TIMED_OUT, Persistence::PossiblyPersisted);
    assert_eq!(outcomes(&world)[1], timed_out);
    for _ in 0..2 {
        send(&mut world);
        world.run_for(SECOND_US);
    }
    assert!(world.log[&0].ends_with(&["m2".to_owned(), "m3".to_owned()]), "{:?}", world.log);
    assert_eq!(numbers(&world).last(), Some(&(1, 1)));
    assert!(world.fatal.is_empty());
}

#[test]
fn what_waits_behind_a_batch_in_doubt_is_resolved_under_its_own_numbers() {
    let short = TopicSettings { message_timeout_us: 2 * SECOND_US, ..topic_settings() };
    for script in [Script::AppendAndCut, Script::Cut] {
        let mut world = started(idempotent(), short.clone());
        world.scripts.extend([script, Script::Append]);
        send(&mut world);
        world.now_us += SECOND_US;
        send(&mut world);
        // Both are lost; nobody answers until the first has timed out.
        world.run_for(world::RTT_US);
        world.up = std::collections::BTreeMap::from([(1, false), (2, false)]);
        world.run_for(1_500_000);
        world.up = std::collections::BTreeMap::from([(1, true), (2, true)]);
        world.run_for(20 * SECOND_US);
        assert_eq!(world.reports[1].error, local_error::MSG_TIMED_OUT);
        assert_eq!(world.reports[1].persistence, Persistence::PossiblyPersisted);
        assert_eq!(world.reports.len(), 3);
        let mut once = world.log[&0].clone();
        once.dedup();
        assert_eq!(once, world.log[&0], "{script:?}");
        let written = world.log[&0].contains(&"m2".to_owned());
        assert_eq!(world.reports[2].error == 0, written, "{script:?}: {:?}", outcomes(&world));
    }
}

#[test]
fn a_refused_batch_leaves_a_gap_that_the_next_epoch_closes() {
    let mut world = started(idempotent(), topic_settings());
    world.scripts.push_back(Script::Refuse(ErrorCode::INVALID_RECORD.0));
    for _ in 0..4 {
        send(&mut world);
    }
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], ["m0", "m2", "m3", "m4"]);
    let refused = (1, i32::from(ErrorCode::INVALID_RECORD.0), Persistence::NotPersisted);
    assert_eq!(outcomes(&world)[1], refused);
    assert_eq!(numbers(&world)[5..], [(1, 0), (1, 1), (1, 2)]);
}

#[test]
fn a_refused_batch_with_none_behind_it_leaves_its_numbers_to_the_next() {
    let mut world = started(idempotent(), topic_settings());
    world.scripts.push_back(Script::Refuse(ErrorCode::INVALID_RECORD.0));
    send(&mut world);
    world.run_for(SECOND_US);
    send(&mut world);
    world.run_for(SECOND_US);
    assert_eq!(numbers(&world), [(0, 0), (0, 1), (0, 1)]);
    assert_eq!(errors(&world), [0, 87, 0]);
}

#[test]
fn a_gap_is_fatal_for_those_who_want_none() {
    let gapless = Settings {
        idempotence: Some(Idempotence { gapless: true, first_sequence: 0 }),
        ..idempotent()
    };
    let mut world = started(gapless, topic_settings());
    world.scripts.push_back(Script::Refuse(ErrorCode::INVALID_RECORD.0));
    for _ in 0..7 {
        send(&mut world);
    }
    world.run_for(SECOND_US);
    assert_eq!(
        world.fatal,
        [(
            local_error::GAPLESS_GUARANTEE,
            "ProduceRequest for t [0] with 1 message(s) failed: error 87 (broker 0 \
             PID{Id:7000,Epoch:0}, base seq 1): unable to satisfy gap-less guarantee"
                .to_owned()
        )]
    );
    assert_eq!(world.log[&0], values(0..1));
    assert_eq!(world.reports.len(), 8, "{:?}", outcomes(&world));
}

#[test]
fn the_parts_of_a_batch_too_large_keep_its_numbers() {
    let mut world = started(idempotent(), topic_settings());
    world.scripts.push_back(Script::Refuse(ErrorCode::MESSAGE_TOO_LARGE.0));
    let mut batch = Batch::default();
    (0..5).for_each(|_| world.append(&mut batch));
    world.hand_in(0, batch);
    world.run_for(0);
    send(&mut world);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..7));
    assert_eq!(numbers(&world), [(0, 0), (0, 1), (0, 6), (0, 1), (0, 3), (0, 6)]);
}

#[test]
fn numbers_go_on_from_zero_after_the_largest() {
    let mut world = started(idempotent(), topic_settings());
    world.producers.clear();
    world.core.partition_mut((0, 0)).unwrap().sequences.set_next(i32::MAX - 1);
    world.scripts.extend([Script::Append, REFUSED]);
    for _ in 0..4 {
        send(&mut world);
    }
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..5));
    assert_eq!(numbers(&world)[1..5], [(0, i32::MAX - 1), (0, i32::MAX), (0, 0), (0, 1)]);
    assert!(numbers(&world).iter().all(|&(epoch, _)| epoch == 0));
}

#[test]
fn after_the_last_epoch_comes_a_new_producer_id() {
    let mut world = World::new(idempotent(), topic_settings(), 1);
    world.run_for(SECOND_US);
    let ids = ProducerIds { id: ID, epoch: i16::MAX - 1 };
    world.core.partition_mut((0, 0)).unwrap().sequences.adopt(ids, 0);
    for _ in 0..2 {
        world.scripts.extend([Script::Append, Script::Refuse(ErrorCode::INVALID_RECORD.0)]);
        for _ in 0..3 {
            send(&mut world);
        }
        world.run_for(SECOND_US);
    }
    let ids: Vec<_> = world.sequenced.iter().map(|&(_, id, epoch, _)| (id, epoch)).collect();
    assert!(ids.contains(&(ID, i16::MAX)) && ids.ends_with(&[(ID + 1, 0)]), "{ids:?}");
    assert_eq!(world.log[&0], ["m0", "m2", "m3", "m5"]);
}

#[test]
fn a_broker_that_forgot_the_producer_gets_the_message_under_the_next_epoch() {
    for code in [ErrorCode::UNKNOWN_PRODUCER_ID, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER] {
        let mut world = started(idempotent(), topic_settings());
        world.scripts.push_back(Script::Refuse(code.0));
        send(&mut world);
        send(&mut world);
        world.run_for(SECOND_US);
        assert_eq!(world.log[&0][..2], ["m0", "m1"], "{code}");
        assert_eq!((errors(&world), world.fatal.len()), (vec![0; 3], 0));
        assert_eq!(world.log[&0].len(), 3);
        assert!(numbers(&world).contains(&(1, 0)));
    }
}

#[test]
fn a_broker_that_refuses_the_producer_gets_a_new_one() {
    for code in [
        ErrorCode::INVALID_PRODUCER_EPOCH,
        ErrorCode::PRODUCER_FENCED,
        ErrorCode::INVALID_PRODUCER_ID_MAPPING,
    ] {
        let mut world = started(idempotent(), topic_settings());
        world.scripts.push_back(Script::Refuse(code.0));
        send(&mut world);
        world.run_for(SECOND_US);
        assert_eq!(world.log[&0], values(0..2), "{code}");
        assert_eq!(world.sequenced.last(), Some(&(0, ID + 1, 0, 0)));
    }
}

#[test]
fn what_was_in_doubt_is_never_sent_under_other_numbers() {
    let mut world = started(idempotent(), topic_settings());
    let out_of_order = Script::Refuse(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER.0);
    world.scripts.extend([Script::AppendAndCut, out_of_order]);
    send(&mut world);
    world.run_for(10 * SECOND_US);
    let failed = (1, 45, Persistence::PossiblyPersisted);
    assert_eq!(outcomes(&world)[1], failed);
    assert_eq!((world.log[&0].clone(), world.fatal.len()), (values(0..2), 0));
    send(&mut world);
    world.run_for(SECOND_US);
    assert_eq!(world.sequenced.last(), Some(&(0, ID, 1, 0)));
}

#[test]
fn after_a_purge_in_flight_the_next_epoch_waits_for_the_answers() {
    let mut world = started(idempotent(), topic_settings());
    for _ in 0..3 {
        send(&mut world);
    }
    world.core.handle_purge(false, true, &mut world.source, world.now_us);
    send(&mut world);
    assert_eq!(world.sequenced.len(), 1);
    assert_eq!(world.core.partition((0, 0)).unwrap().in_flight, 3);
    world.run_for(SECOND_US);
    assert_eq!(world.log[&0], values(0..5));
    assert_eq!(errors(&world), [0, -151, -151, -151, 0]);
    assert_eq!(world.sequenced.last(), Some(&(0, ID, 1, 0)));
}

#[test]
fn another_partition_goes_on_while_one_begins_anew() {
    let mut world = World::new(idempotent(), topic_settings(), 2);
    world.run_for(SECOND_US);
    world.produce(0);
    world.produce(1);
    world.run_for(SECOND_US);
    world.scripts.push_back(Script::Refuse(ErrorCode::UNKNOWN_PRODUCER_ID.0));
    send(&mut world);
    world.run_for(SECOND_US);
    world.produce(1);
    world.run_for(SECOND_US);
    assert!(world.sequenced.ends_with(&[(0, ID, 1, 0), (1, ID, 0, 1)]), "{:?}", world.sequenced);
}
