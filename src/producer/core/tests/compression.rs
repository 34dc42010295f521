//! Batches that are compressed somewhere else: they leave in order whatever comes back first, and end once each whatever
//! happens meanwhile.

use super::*;
use crate::producer::config::Settings;
use crate::record::compress::Codec;

const PER_BATCH: u64 = 20;

/// A world in which every batch is handed out, and stays there.
fn world(settings: Settings, partitions: usize) -> World {
    let settings = Settings { compression_inline_max_bytes: 0, ..settings };
    let topic =
        TopicSettings { codec: Codec::Gzip, message_timeout_us: 5 * SECOND_US, ..topic_settings() };
    let mut world = World::new(settings, topic, partitions);
    world.run_for(SECOND_US);
    world.holds_compression = true;
    world
}

fn hand_in(world: &mut World, partition: i32, count: usize) {
    for _ in 0..count {
        let mut batch = Batch::default();
        (0..PER_BATCH).for_each(|_| world.append(&mut batch));
        world.hand_in(partition, batch);
    }
}

/// Lets everything come back that is or will be handed out.
fn finish_all(world: &mut World) {
    for _ in 0..100 {
        world.run_for(10_000);
        for work in std::mem::take(&mut world.compressing) {
            world.finish_compression(work);
        }
    }
}

fn reported(world: &World) -> usize {
    world.reports.iter().map(|report| report.batch.count()).sum()
}

#[test]
fn batches_that_come_back_in_any_order_leave_in_theirs() {
    for in_flight_max in [1, 5] {
        for order in [[0, 0, 0], [1, 0, 0], [2, 1, 0], [2, 0, 0], [0, 1, 0], [1, 1, 0]] {
            let mut pipelined = settings();
            pipelined.in_flight_batches_per_partition_max = in_flight_max;
            let mut world = world(pipelined, 1);
            hand_in(&mut world, 0, 4);
            world.run_for(10_000);
            assert_eq!(world.compressing.len(), 3, "ahead of what may be sent, with a limit");
            for at in order {
                let work = world.compressing.remove(at);
                world.finish_compression(work);
                world.run_for(100);
            }
            finish_all(&mut world);
            assert_eq!(world.log[&0], values(0..4 * PER_BATCH), "{order:?}");
            assert_eq!(world.codecs, [Codec::Gzip.id(); 4]);
            assert!(world.reports.iter().all(|report| report.error == 0));
        }
    }
}

#[test]
fn an_open_batch_is_not_closed_before_it_may_be_sent() {
    let mut world = world(settings(), 1);
    hand_in(&mut world, 0, 1);
    world.run_for(10_000);
    let work = world.compressing.pop().unwrap();
    world.finish_compression(work);
    world.scripts.push_back(Script::Ignore);
    world.run_for(10_000);
    hand_in(&mut world, 0, 1);
    world.run_for(SECOND_US);
    assert!(world.compressing.is_empty(), "one is in flight, and what waits may still grow");
}

#[test]
fn a_retry_is_not_compressed_again() {
    let mut world = world(settings(), 1);
    world.scripts.push_back(Script::Refuse(ErrorCode::NOT_ENOUGH_REPLICAS.0));
    hand_in(&mut world, 0, 1);
    world.run_for(10_000);
    let work = world.compressing.pop().unwrap();
    world.finish_compression(work);
    world.run_for(SECOND_US);
    assert!(world.compressing.is_empty());
    assert_eq!(world.log[&0], values(0..PER_BATCH));
}

#[test]
fn halves_of_a_batch_too_large_are_compressed_each() {
    let mut world = world(settings(), 1);
    world.scripts.push_back(Script::Refuse(ErrorCode::MESSAGE_TOO_LARGE.0));
    hand_in(&mut world, 0, 2);
    finish_all(&mut world);
    assert_eq!(world.log[&0], values(0..2 * PER_BATCH));
    assert_eq!(world.codecs, [Codec::Gzip.id(); 3], "two halves and the other");
    assert_eq!(reported(&world), 2 * PER_BATCH as usize);
}

#[test]
fn a_failed_compression_sends_the_records_as_they_are() {
    let mut world = world(settings(), 1);
    hand_in(&mut world, 0, 3);
    world.run_for(10_000);
    for work in std::mem::take(&mut world.compressing) {
        let now_us = world.now_us;
        world.core.handle_compressed(work.finish(None), now_us);
    }
    finish_all(&mut world);
    assert_eq!(world.log[&0], values(0..3 * PER_BATCH));
    assert_eq!(world.codecs, [0, 0, Codec::Gzip.id()], "the third was still open");
}

#[test]
fn a_batch_that_is_being_compressed_expires_unpersisted_and_its_result_is_dropped() {
    let mut world = world(settings(), 1);
    hand_in(&mut world, 0, 3);
    world.run_for(10_000);
    let held = std::mem::take(&mut world.compressing);
    assert_eq!(held.len(), 2, "the third is still open");
    world.run_for(6 * SECOND_US);
    let expired = (PER_BATCH as usize, local_error::MSG_TIMED_OUT, Persistence::NotPersisted);
    assert_eq!(outcomes(&world), [expired; 3]);
    held.into_iter().for_each(|work| world.finish_compression(work));
    finish_all(&mut world);
    assert_eq!((world.reports.len(), world.produce_requests), (3, 0));
    hand_in(&mut world, 0, 1);
    finish_all(&mut world);
    assert_eq!(world.log[&0], values(3 * PER_BATCH..4 * PER_BATCH));
}

#[test]
fn what_is_left_of_a_batch_that_expired_in_part_is_compressed_anew() {
    let mut world = world(settings(), 1);
    let mut batch = Batch::default();
    (0..PER_BATCH).for_each(|_| world.append(&mut batch));
    world.now_us += 3 * SECOND_US;
    (0..PER_BATCH).for_each(|_| world.append(&mut batch));
    world.hand_in(0, batch);
    world.run_for(10_000);
    let whole = world.compressing.pop().unwrap();
    world.run_for(2 * SECOND_US);
    assert_eq!(reported(&world), PER_BATCH as usize);
    world.finish_compression(whole);
    finish_all(&mut world);
    assert_eq!(world.log[&0], values(PER_BATCH..2 * PER_BATCH));
    assert_eq!(reported(&world), 2 * PER_BATCH as usize);
}

#[test]
fn a_purge_and_a_failure_end_what_is_being_compressed() {
    for purge in [true, false] {
        let mut world = world(settings(), 2);
        hand_in(&mut world, 0, 4);
        hand_in(&mut world, 1, 1);
        world.run_for(10_000);
        let held = std::mem::take(&mut world.compressing);
        assert_eq!(held.len(), 4);
        let now_us = world.now_us;
        if purge {
            world.core.handle_purge(true, false, &mut world.source, now_us);
        } else {
            world.core.handle_failure(local_error::PURGE_QUEUE, &mut world.source);
        }
        world.run_for(1_000);
        let purged = (PER_BATCH as usize, local_error::PURGE_QUEUE, Persistence::NotPersisted);
        assert_eq!(outcomes(&world), [purged; 5]);
        held.into_iter().for_each(|work| world.finish_compression(work));
        finish_all(&mut world);
        assert_eq!((world.reports.len(), world.produce_requests), (5, 0));
        assert_eq!(world.core.held_count(), 0);
    }
}

#[test]
fn a_leader_that_changes_meanwhile_gets_the_batch() {
    let mut world = world(settings(), 1);
    hand_in(&mut world, 0, 3);
    world.run_for(10_000);
    world.leaders = vec![1];
    world.epoch = 2;
    world.cut(1);
    finish_all(&mut world);
    world.run_for(SECOND_US);
    finish_all(&mut world);
    assert_eq!(world.log[&0], values(0..3 * PER_BATCH));
    assert!(world.reports.iter().all(|report| report.broker_id == 1));
}

#[test]
fn what_is_handed_out_is_bounded_over_all_partitions_and_goes_on_as_it_comes_back() {
    let mut world = world(settings(), 40);
    for partition in 0..40 {
        let mut batch = Batch::default();
        let value = vec![b'x'; 1 << 20];
        world.append_value(&mut batch, &value);
        world.hand_in(partition, batch);
    }
    world.run_for(100_000);
    assert_eq!(world.compressing.len(), 8, "8 MiB at a time");
    let spins = world.core.poll_timeout().is_some_and(|due_us| due_us <= world.now_us);
    assert!(!spins);
    finish_all(&mut world);
    assert_eq!(world.reports.len(), 40);
}
