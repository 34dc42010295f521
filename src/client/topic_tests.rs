//! Tests of a topic's states and of produce(), without an IO thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::budget::Amount;
use super::error;
use super::produce::Message;
use super::shared::Options;
use super::test_support::{shared, take_opaques, to_partition, topic};
use super::topic::Topic;

const NO_STICKING: (&str, &str) = ("sticky.partitioning.linger.ms", "0");

fn keyed(key: &[u8], opaque: usize) -> Message<'_> {
    Message { key: Some(key), opaque, ..Message::of_value(b"value") }
}

#[test]
fn messages_of_a_thread_keep_their_order_through_the_flip() {
    const PER_THREAD: usize = 5_000;
    let shared = shared(&[NO_STICKING], Options::default());
    let topic = topic(&shared, 0, None);
    let produced = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4usize {
            let (topic, produced) = (&topic, &produced);
            scope.spawn(move || {
                let key = [b'k', thread as u8];
                for i in 0..PER_THREAD {
                    topic.produce(&keyed(&key, thread << 32 | i)).unwrap();
                    produced.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while produced.load(Ordering::Relaxed) < PER_THREAD {
            std::thread::yield_now();
        }
        let assigned = topic.assign(3, shared.clock.now_us());
        assert!(assigned.unknown_partition.is_none() && !assigned.ready.is_empty());
    });
    let taken: Vec<_> = (0..3).flat_map(|partition| take_opaques(&topic, partition)).collect();
    assert_eq!(taken.len(), 4 * PER_THREAD);
    for thread in 0..4 {
        let own = taken.iter().filter(|&&opaque| opaque >> 32 == thread);
        assert!(own.map(|opaque| opaque & 0xffff_ffff).eq(0..PER_THREAD), "thread {thread}");
    }
}

#[test]
fn wanted_partitions_are_checked_once_the_count_is_known() {
    let shared = shared(&[], Options::default());
    let topic = topic(&shared, 0, None);
    for (opaque, partition) in [0, 7, 1, -5, 2].into_iter().enumerate() {
        topic.produce(&to_partition(partition, b"v", opaque)).unwrap();
    }
    let assigned = topic.assign(2, 1);
    let failed = assigned.unknown_partition.unwrap();
    let tags: Vec<_> = failed.messages().map(|view| (view.opaque, view.tag)).collect();
    assert_eq!(tags, [(1, 7), (3, -5), (4, 2)]);
    assert_eq!((take_opaques(&topic, 0), take_opaques(&topic, 1)), (vec![0], vec![2]));
    for partition in [2, 100, -2, i32::MIN] {
        let result = topic.produce(&to_partition(partition, b"v", 9));
        assert_eq!(result, Err(error::UNKNOWN_PARTITION), "{partition}");
    }
    assert_eq!(shared.budget.held().messages, 5);
}

#[test]
fn a_failed_topic_gives_up_what_waits_and_refuses_more_until_it_exists() {
    let shared = shared(&[], Options::default());
    let topic = topic(&shared, 0, None);
    topic.produce(&to_partition(-1, b"v", 0)).unwrap();
    assert_eq!(topic.fail(error::UNKNOWN_TOPIC_OR_PART).len(), 1);
    let message = to_partition(-1, b"v", 0);
    assert_eq!(topic.produce(&message), Err(error::UNKNOWN_TOPIC));
    topic.fail(29);
    assert_eq!((topic.produce(&message), topic.partition_count()), (Err(29), -1));
    assert_eq!(shared.budget.held().messages, 1);
    topic.assign(3, 1);
    assert_eq!((topic.produce(&message), topic.partition_count()), (Ok(()), 3));
    topic.assign(0, 1);
    assert_eq!((topic.produce(&message), topic.has_unassigned()), (Ok(()), true));
}

#[test]
fn a_message_of_exactly_the_largest_size_passes() {
    let shared = shared(&[("message.max.bytes", "1000")], Options::default());
    let topic = topic(&shared, 0, None);
    // librdkafka counts 36 bytes of overhead in the worst case.
    for (len, result) in [(964, Ok(())), (965, Err(error::MSG_SIZE_TOO_LARGE))] {
        assert_eq!(topic.produce(&to_partition(0, &vec![1; len], 0)), result);
        assert_eq!(topic.is_size_allowed(0, len, 0), result.is_ok());
        assert_eq!(topic.is_size_allowed(len, 0, 0), result.is_ok());
    }
    let key = [0; 500];
    let header: [(&[u8], Option<&[u8]>); 1] = [(b"name", Some(b"value"))];
    for (len, result) in [(453, Ok(())), (454, Err(error::MSG_SIZE_TOO_LARGE))] {
        let value = vec![1; len];
        let message = Message {
            partition: 0,
            key: Some(&key),
            value: Some(&value),
            headers: header.iter().copied(),
            timestamp_ms: 0,
            opaque: 0,
            borrowed_value: 0,
            block: false,
        };
        assert_eq!(topic.produce(&message), result);
    }
    assert!(!topic.is_size_allowed(0, usize::MAX, 0) && !topic.is_size_allowed(usize::MAX, 5, 9));
}

#[test]
fn a_full_queue_refuses_and_keys_do_not_count() {
    let limits = [("queue.buffering.max.messages", "3"), ("queue.buffering.max.kbytes", "1")];
    let shared = shared(&limits, Options::default());
    let topic = topic(&shared, 0, None);
    topic.assign(1, 1);
    let value = [0; 512];
    let key = [0; 2_000];
    let message = Message { key: Some(&key), ..to_partition(0, &value, 0) };
    assert_eq!([(); 3].map(|()| topic.produce(&message)), [Ok(()), Ok(()), Err(error::QUEUE_FULL)]);
    assert_eq!(shared.budget.held(), Amount { messages: 2, bytes: 1_024 });
    let null = Message { value: None, ..message.clone() };
    assert_eq!([(); 2].map(|()| topic.produce(&null)), [Ok(()), Err(error::QUEUE_FULL)]);
}

#[test]
fn a_custom_partitioner_sees_keys_and_opaques_and_may_park_messages() {
    let partitioner = |_: &Topic, key: Option<&[u8]>, count: i32, opaque: usize| match key {
        Some(b"later") if count < 3 => -1,
        Some(b"wrong") => count,
        _ => opaque as i32 % count,
    };
    let shared = shared(&[NO_STICKING], Options::default());
    let topic = topic(&shared, 0, Some(Box::new(partitioner)));
    topic.produce(&keyed(b"later", 4)).unwrap();
    topic.produce(&keyed(b"wrong", 5)).unwrap();
    let assigned = topic.assign(2, 1);
    assert_eq!(assigned.unknown_partition.unwrap().messages().next().unwrap().opaque, 5);
    assert!(topic.has_unassigned());
    topic.produce(&keyed(b"k", 3)).unwrap();
    topic.produce(&keyed(b"later", 7)).unwrap();
    assert_eq!(topic.produce(&keyed(b"wrong", 3)), Err(error::UNKNOWN_PARTITION));
    assert_eq!((take_opaques(&topic, 0), take_opaques(&topic, 1)), (vec![], vec![3]));
    let assigned = topic.assign(3, 1);
    assert_eq!((assigned.ready, take_opaques(&topic, 1)), (vec![1], vec![4, 7]));
    assert!(!topic.has_unassigned());
}

#[test]
fn keyless_messages_stick_even_with_a_custom_partitioner_unless_told_not_to() {
    for (linger_ms, expected_calls) in [("10000", 0), ("0", 100)] {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let partitioner = move |_: &Topic, _: Option<&[u8]>, _: i32, _: usize| {
            counter.fetch_add(1, Ordering::Relaxed);
            0
        };
        let shared = shared(&[("sticky.partitioning.linger.ms", linger_ms)], Options::default());
        let topic = topic(&shared, 0, Some(Box::new(partitioner)));
        topic.assign(8, 1);
        for i in 0..100 {
            topic.produce(&to_partition(-1, b"v", i)).unwrap();
        }
        assert_eq!(calls.load(Ordering::Relaxed), expected_calls);
        let used = (0..8).filter(|&partition| !take_opaques(&topic, partition).is_empty()).count();
        assert_eq!(used, 1);
    }
}

#[test]
fn given_and_own_time_stamps() {
    let shared = shared(&[], Options::default());
    let topic = topic(&shared, 0, None);
    topic.assign(1, 1);
    let before_ms = shared.clock.wall_ms();
    topic.produce(&Message { timestamp_ms: 77, ..to_partition(0, b"v", 0) }).unwrap();
    topic.produce(&to_partition(0, b"v", 0)).unwrap();
    let after_ms = shared.clock.wall_ms();
    let batch = topic.intake(0).unwrap().take().unwrap();
    let stamps: Vec<_> = batch.messages().map(|view| view.timestamp_ms).collect();
    assert_eq!(stamps[0], 77);
    assert!((before_ms..=after_ms).contains(&stamps[1]));
}

#[test]
fn availability_counts_existing_partitions_only() {
    let shared = shared(&[], Options::default());
    let topic = topic(&shared, 0, None);
    assert!(!topic.is_available(0));
    topic.assign(2, 1);
    topic.intake(1).unwrap().set_available(false);
    assert!(topic.is_available(0) && !topic.is_available(1));
    assert!(!topic.is_available(2) && !topic.is_available(-1));
}

#[test]
fn a_partition_beyond_the_count_makes_nothing() {
    let shared = shared(&[], Options::default());
    let topic = topic(&shared, 0, None);
    topic.assign(4, 1);
    for partition in [4, 1_000, i32::MAX] {
        assert!(topic.intake_below(partition, 4).is_none());
        assert!(topic.partitions.peek(partition as u32).is_none() || partition < 7);
    }
}

/// `cargo test --profile quick --lib produce_cost -- --ignored --nocapture`
#[test]
#[ignore = "measures, decides nothing"]
fn produce_cost() {
    const COUNT: usize = 5_000_000;
    let shared = shared(&[("queue.buffering.max.messages", "1000000")], Options::default());
    for partitions in [1, 12] {
        let topic = topic(&shared, 0, None);
        topic.assign(partitions, 1);
        let value = [7; 100];
        let message = to_partition(-1, &value, 1);
        for round in 0..3 {
            let start_us = shared.clock.now_us();
            let mut settled_us = 0;
            for i in 0..COUNT {
                if i % 100_000 == 0 {
                    let before_us = shared.clock.now_us();
                    for intake in (0..partitions).filter_map(|partition| topic.intake(partition)) {
                        while let Some(batch) = intake.take() {
                            shared.budget.release(Amount {
                                messages: batch.count() as u64,
                                bytes: batch.values_len_bytes() as u64,
                            });
                            shared.pool.recycle(batch);
                        }
                    }
                    settled_us += shared.clock.now_us() - before_us;
                }
                topic.produce(&message).unwrap();
            }
            let spent_us = shared.clock.now_us() - start_us - settled_us;
            let each_ns = spent_us as f64 * 1e3 / COUNT as f64;
            println!("{partitions} partitions, round {round}: {each_ns:.1} ns per produce()");
        }
    }
}
