//! Sticky partitioning (`sticky.partitioning.linger.ms`): messages that are spread stay on one partition of their topic for a
//! while, so that batches fill. And the random numbers that spread them.

use std::cell::RefCell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::producer::adaptive::LoadTable;
use crate::producer::partitioner::{SpreadRng, random};

/// A seed that differs from call to call.
pub fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

thread_local! {
    static RNG: RefCell<SpreadRng> = RefCell::new(SpreadRng::new(random_seed()));
}

/// A random partition among `count`. One that `available` refuses is drawn a second time, and then taken as it is, as in
/// librdkafka.
pub fn random_partition(count: i32, available: impl Fn(i32) -> bool) -> i32 {
    RNG.with_borrow_mut(|rng| {
        let partition = random(rng, count);
        if available(partition) { partition } else { random(rng, count) }
    })
}

/// Whose turn it is among a topic's partitions (`partitioner=round_robin`), shared by all threads.
#[derive(Debug)]
pub struct Turn(AtomicI32);

impl Default for Turn {
    fn default() -> Self {
        Self(AtomicI32::new(-1))
    }
}

impl Turn {
    /// The next available partition after the last one chosen; just the next where none is available.
    pub fn next(&self, count: i32, available: impl Fn(i32) -> bool) -> i32 {
        let after = |last: i32| {
            let first = (last + 1) % count.max(1);
            let mut in_turn = (first..count).chain(0..first);
            in_turn.find(|&partition| available(partition)).unwrap_or(first)
        };
        let mut last = self.0.load(Ordering::Relaxed);
        loop {
            let chosen = after(last);
            let taken =
                self.0.compare_exchange_weak(last, chosen, Ordering::Relaxed, Ordering::Relaxed);
            match taken {
                Ok(_) => return chosen,
                // Another thread's turn: ours is after it.
                Err(other) => last = other,
            }
        }
    }
}

/// The sticky partition of a topic, shared by all threads.
#[derive(Debug, Default)]
pub struct Sticky {
    partition: AtomicI32,
    /// 0: choose at once.
    until_us: AtomicU64,
    /// Which partitions to prefer. Looked at only when another one is chosen.
    load: Mutex<Option<Arc<LoadTable>>>,
}

impl Sticky {
    /// The partition to use now.
    #[inline]
    pub fn partition(
        &self,
        count: i32,
        linger_us: u64,
        now_us: u64,
        available: impl Fn(i32) -> bool,
    ) -> i32 {
        let until_us = self.until_us.load(Ordering::Acquire);
        let current = self.partition.load(Ordering::Relaxed);
        if now_us <= until_us && current < count && available(current) {
            return current;
        }
        self.choose(count, until_us, now_us + linger_us, available)
    }

    /// IO thread: prefer short queues from now on, or (`None`) any.
    pub fn set_load(&self, table: Option<LoadTable>) {
        let table = table.map(Arc::new);
        let old = std::mem::replace(&mut *self.load.lock(), table);
        drop(old);
    }

    fn by_load(&self, count: i32, available: impl Fn(i32) -> bool) -> Option<i32> {
        let table = self.load.lock().clone()?;
        let chosen = RNG.with_borrow_mut(|rng| table.choose(rng.next_u64()));
        (chosen < count && available(chosen)).then_some(chosen)
    }

    #[cold]
    fn choose(
        &self,
        count: i32,
        old_until_us: u64,
        until_us: u64,
        available: impl Fn(i32) -> bool,
    ) -> i32 {
        let chosen = self.by_load(count, &available);
        let chosen = chosen.unwrap_or_else(|| random_partition(count, available));
        // Of several threads that find it expired one replaces it; the others use their own choice once.
        let replaced = self.until_us.compare_exchange(
            old_until_us,
            until_us,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
        if replaced.is_ok() {
            self.partition.store(chosen, Ordering::Relaxed);
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::adaptive::PartitionLoad;

    #[test]
    fn a_partition_sticks_for_its_time_then_another_is_chosen() {
        let sticky = Sticky::default();
        let mut seen = std::collections::HashSet::new();
        for round in 1..200u64 {
            let start_us = round * 20_000;
            let first = sticky.partition(8, 10_000, start_us, |_| true);
            assert!((0..8).contains(&first));
            assert_eq!(sticky.partition(8, 10_000, start_us + 10_000, |_| true), first);
            seen.insert(first);
        }
        assert_eq!(seen.len(), 8);
    }

    #[test]
    fn turns_go_round_the_available_partitions() {
        let turn = Turn::default();
        let taken = |available: fn(i32) -> bool| -> Vec<i32> {
            (0..6).map(|_| turn.next(4, available)).collect()
        };
        assert_eq!(taken(|_| true), [0, 1, 2, 3, 0, 1]);
        assert_eq!(taken(|partition| partition != 3), [2, 0, 1, 2, 0, 1]);
        assert_eq!(taken(|_| false), [2, 3, 0, 1, 2, 3]);
        assert_eq!([turn.next(1, |_| true), turn.next(1, |_| true)], [0, 0]);
    }

    #[test]
    fn an_unavailable_or_missing_partition_is_left_at_once() {
        let sticky = Sticky::default();
        let first = sticky.partition(100, 1_000_000, 1, |_| true);
        let next = (0..50).map(|_| sticky.partition(100, 1_000_000, 2, |p| p != first));
        assert!(next.filter(|&p| p != first).count() > 40);
        assert!(sticky.partition(1, 1_000_000, 3, |_| true) == 0);
    }

    #[test]
    fn a_load_table_decides_until_it_is_taken_back() {
        let sticky = Sticky::default();
        let load = |queued| PartitionLoad { queued, available: queued < 9 };
        sticky.set_load(LoadTable::new(&[9, 0, 9].map(load)));
        let chosen = |now_us| sticky.partition(3, 0, now_us, |_| true);
        assert!((1..50).all(|now_us| chosen(now_us) == 1));
        assert!((50..100).any(|now_us| sticky.partition(3, 0, now_us, |p| p != 1) != 1));
        sticky.set_load(None);
        assert!((100..200).any(|now_us| chosen(now_us) != 1));
    }

    #[test]
    fn random_partitions_avoid_what_is_not_available_but_not_at_all_costs() {
        let hits = (0..1_000).filter(|_| random_partition(2, |p| p == 0) == 0).count();
        assert!((650..850).contains(&hits), "{hits}");
        assert_eq!(random_partition(1, |_| false), 0);
    }
}
