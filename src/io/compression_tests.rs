//! Helper threads: when there are any, that every batch comes back, and how they end.

use super::*;
use crate::io::clock::Clock;
use crate::io::waker::Poller;
use crate::producer::action::TopicId;
use crate::producer::batch::{Batch, FreshChunks, NewMessage};
use crate::record::compress::Codec;
use crate::record::record::HeaderRef;

fn work(number: i32, len: usize) -> Compression {
    let mut batch = Batch::default();
    let message = NewMessage {
        key: None,
        value: Some(&vec![b'x'; len]),
        headers: std::iter::empty::<HeaderRef<'_>>(),
        timestamp_ms: 0,
        enqueued_us: 0,
        opaque: 0,
        tag: 0,
        borrowed_value: 0,
    };
    batch.append(&message, &mut FreshChunks);
    Compression::new(TopicId(0), number, Arc::new(batch), Codec::Zstd, -1)
}

fn threads(pool: &CompressionPool) -> usize {
    pool.shared.state.lock().threads
}

/// Waits as the driver does until so many batches came back; each must be compressed and held by nobody else.
fn collect(pool: &mut CompressionPool, poller: &mut Poller, count: usize) -> Vec<i32> {
    let mut numbers = Vec::new();
    let mut events = mio::Events::with_capacity(1);
    loop {
        pool.finish(|mut done| {
            assert!(done.records.is_some());
            assert!(Arc::get_mut(&mut done.batch).is_some());
            numbers.push(done.partition);
        });
        if numbers.len() >= count {
            numbers.sort_unstable();
            return numbers;
        }
        poller.poll.poll(&mut events, Some(Duration::from_secs(20))).unwrap();
        assert!(!events.is_empty(), "{} of {count} came back", numbers.len());
    }
}

#[test]
fn a_little_work_is_done_at_once_without_a_thread() {
    let mut pool = CompressionPool::new(Poller::new().unwrap().waker());
    (0..3).for_each(|number| pool.ask(work(number, 10_000)));
    pool.hand_over();
    let mut numbers = Vec::new();
    assert!(pool.finish(|done| numbers.push(done.partition)));
    assert_eq!((numbers, threads(&pool)), (vec![0, 1, 2], 0));
    assert!(!pool.finish(|_| panic!("each comes back once")));
}

#[test]
fn much_work_is_shared_by_a_limited_number_of_threads_that_end_when_idle() {
    let mut poller = Poller::new().unwrap();
    let mut pool = CompressionPool::with_limits(poller.waker(), 3, Duration::from_millis(20));
    for round in 0..20 {
        (0..50).for_each(|number| pool.ask(work(number, 100_000)));
        pool.hand_over();
        assert!(threads(&pool) <= 3, "round {round}");
        assert_eq!(collect(&mut pool, &mut poller, 50), (0..50).collect::<Vec<_>>());
    }
    while threads(&pool) > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    pool.ask(work(7, 1_000_000));
    pool.hand_over();
    assert_eq!(threads(&pool), 1, "one batch, one thread");
    assert_eq!(collect(&mut pool, &mut poller, 1), [7]);
}

#[test]
fn while_there_are_helpers_they_do_everything() {
    let mut poller = Poller::new().unwrap();
    let mut pool = CompressionPool::with_limits(poller.waker(), 2, Duration::from_secs(60));
    pool.ask(work(0, 1_000_000));
    pool.hand_over();
    pool.ask(work(1, 1_000));
    pool.hand_over();
    assert!(pool.asked.is_empty());
    assert_eq!(collect(&mut pool, &mut poller, 2), [0, 1]);
}

#[test]
fn the_end_drops_what_waits_and_leaves_no_thread() {
    let poller = Poller::new().unwrap();
    let mut pool = CompressionPool::with_limits(poller.waker(), 2, Duration::from_secs(60));
    let batches: Vec<Compression> = (0..100).map(|number| work(number, 500_000)).collect();
    batches.into_iter().for_each(|work| pool.ask(work));
    pool.hand_over();
    let (shared, clock) = (Arc::downgrade(&pool.shared), Clock::new());
    let start_us = clock.now_us();
    drop(pool);
    assert!(shared.upgrade().is_none(), "a thread still runs");
    assert!(clock.now_us() - start_us < 4_000_000);
}
