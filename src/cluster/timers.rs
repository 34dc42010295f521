//! Deadlines by key: one heap entry for each key at most (and a few superseded ones), however often a key is re-armed.
//!
//! A key's entry is left in the heap when its deadline moves later or is dropped, and put right when it comes up: so re-arming
//! a request timeout thousands of times a second costs a hash lookup and no heap work.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;

const NEVER: u64 = u64::MAX;

#[derive(Clone, Copy, Debug)]
struct State {
    needed_us: u64,
    queued_us: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Timers<K> {
    heap: BinaryHeap<Reverse<(u64, K)>>,
    states: HashMap<K, State>,
}

impl<K: Copy + Eq + Hash + Ord> Default for Timers<K> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), states: HashMap::new() }
    }
}

impl<K: Copy + Eq + Hash + Ord> Timers<K> {
    /// Sets the deadline of `key`, in place of any it had.
    pub fn arm(&mut self, key: K, at_us: u64) {
        let state = self.states.entry(key).or_insert(State { needed_us: NEVER, queued_us: NEVER });
        state.needed_us = at_us;
        if at_us < state.queued_us {
            state.queued_us = at_us;
            self.heap.push(Reverse((at_us, key)));
        }
    }

    /// Sets the deadline of `key` unless it has an earlier one.
    pub fn arm_earlier(&mut self, key: K, at_us: u64) {
        if self.states.get(&key).is_none_or(|state| at_us < state.needed_us) {
            self.arm(key, at_us);
        }
    }

    /// Drops the deadline of `key`.
    pub fn disarm(&mut self, key: K) {
        if let Some(state) = self.states.get_mut(&key) {
            state.needed_us = NEVER;
        }
    }

    /// All that have a deadline, in no order.
    pub fn armed(&self) -> impl Iterator<Item = K> {
        self.states.iter().filter(|(_, state)| state.needed_us < NEVER).map(|(key, _)| *key)
    }

    /// The earliest deadline.
    pub fn next_us(&mut self) -> Option<u64> {
        while let Some(&Reverse((at_us, key))) = self.heap.peek() {
            let Some(state) = self.states.get_mut(&key) else {
                self.heap.pop();
                continue;
            };
            if at_us == state.queued_us && state.needed_us <= at_us {
                return Some(at_us);
            }
            self.heap.pop();
            if at_us != state.queued_us {
                continue;
            }
            state.queued_us = state.needed_us;
            if state.needed_us == NEVER {
                self.states.remove(&key);
            } else {
                self.heap.push(Reverse((state.needed_us, key)));
            }
        }
        None
    }

    /// Takes the earliest deadline if it is due.
    pub fn pop_due(&mut self, now_us: u64) -> Option<K> {
        if self.next_us()? > now_us {
            return None;
        }
        let Reverse((_, key)) = self.heap.pop()?;
        self.states.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_deadline_of_a_key_counts() {
        let mut timers = Timers::default();
        timers.arm('a', 10);
        timers.arm('b', 15);
        timers.arm('a', 30);
        timers.arm('a', 20);
        assert_eq!(timers.next_us(), Some(15));
        assert_eq!(timers.pop_due(14), None);
        assert_eq!(timers.pop_due(15), Some('b'));
        assert_eq!(timers.pop_due(19), None);
        assert_eq!(timers.pop_due(20), Some('a'));
        assert_eq!(timers.next_us(), None);
    }

    #[test]
    fn a_dropped_deadline_never_fires_and_wakes_nobody() {
        let mut timers = Timers::default();
        timers.arm('a', 10);
        timers.disarm('a');
        assert_eq!(timers.next_us(), None);
        timers.arm('a', 5);
        assert_eq!(timers.pop_due(10), Some('a'));
        assert_eq!(timers.pop_due(10), None);
    }

    #[test]
    fn re_arming_does_not_grow_the_heap() {
        let mut timers = Timers::default();
        for i in 0..10_000 {
            timers.arm('a', 1_000 + i);
        }
        assert_eq!(timers.heap.len(), 1);
        assert_eq!(timers.next_us(), Some(10_999));
    }

    #[test]
    fn an_earlier_deadline_stands() {
        let mut timers = Timers::default();
        timers.arm_earlier('a', 10);
        timers.arm_earlier('a', 20);
        assert_eq!(timers.next_us(), Some(10));
        timers.arm_earlier('a', 5);
        assert_eq!(timers.next_us(), Some(5));
    }
}
