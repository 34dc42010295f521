//! The sequence of one partition of an idempotent producer (KIP-98, KIP-360): which number a batch begins with, when it may go,
//! and what follows when a number is lost. Pure state, of the core.
//!
//! Each partition counts its own epochs, because a broker keeps what it knows of a producer with each partition: a partition
//! that must begin anew disturbs no other one.

use super::partition::{Partition, QueuedBatch};
use crate::cluster::planted::{Bug, is_planted};

/// Batches of one producer that a broker recognises when they come again: no more may be unresolved at once.
pub(super) const UNRESOLVED_BATCHES_MAX: usize = 5;

/// For this long after an acknowledgement the broker is trusted to know the producer still. One that knows nothing takes a
/// batch with any number: a younger one too, after an older one failed.
const KNOWN_US: u64 = 60_000_000;

/// Who produces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProducerIds {
    pub id: i64,
    pub epoch: i16,
}

impl ProducerIds {
    /// As librdkafka's texts name it.
    pub fn text(self) -> String {
        format!("PID{{Id:{},Epoch:{}}}", self.id, self.epoch)
    }
}

/// A batch's place in the sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    pub ids: ProducerIds,
    /// Number of its first record.
    pub base: i32,
}

impl Sequence {
    /// The place of what follows `count` records after its own.
    pub fn after(self, count: usize) -> Self {
        Self { base: advance(self.base, count), ..self }
    }
}

/// The number `count` after `sequence`: 31 bits, then from 0 again.
fn advance(sequence: i32, count: usize) -> i32 {
    ((sequence as u64 + count as u64) & i32::MAX as u64) as i32
}

/// Why a partition must begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Restart {
    /// A number is missing, or may be: the next epoch begins at 0.
    NextEpoch,
    /// The broker does not accept the producer id any more.
    NewProducer,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    ids: Option<ProducerIds>,
    next: i32,
    known_until_us: u64,
    restart: Option<Restart>,
}

impl Sequences {
    /// Whether batches can be numbered.
    pub fn has_ids(&self) -> bool {
        self.ids.is_some()
    }

    /// Begins at `first` under these ids.
    pub fn adopt(&mut self, ids: ProducerIds, first: i32) {
        *self = Self { ids: Some(ids), next: first, ..Self::default() };
    }

    /// Gives a batch of `count` records its numbers.
    pub fn assign(&mut self, count: usize) -> Option<Sequence> {
        let sequence = Sequence { ids: self.ids?, base: self.next };
        self.next = advance(self.next, count);
        Some(sequence)
    }

    #[cfg(test)]
    pub fn set_next(&mut self, next: i32) {
        self.next = next;
    }

    /// The broker has acknowledged a batch: it knows the producer.
    pub fn acknowledged(&mut self, now_us: u64) {
        self.known_until_us = now_us + KNOWN_US;
    }

    /// The leader may know less than the one before.
    pub fn forget_known(&mut self) {
        self.known_until_us = 0;
    }

    /// What waits is to be numbered anew once nothing is in doubt.
    pub fn want_restart(&mut self, restart: Restart) {
        self.restart = self.restart.max(Some(restart));
    }

    /// A batch ended without being written, or nobody knows.
    pub fn lose(&mut self, queued: &QueuedBatch) {
        let Some(sequence) = queued.sequence else { return };
        if self.ids != Some(sequence.ids) {
            return;
        }
        let is_last = self.next == sequence.after(queued.batch.count()).base;
        if is_last && (!queued.in_doubt || is_planted(Bug::SequenceReused)) {
            // The broker does not have it, and no younger batch relies on it.
            self.next = sequence.base;
        } else {
            self.want_restart(Restart::NextEpoch);
        }
    }
}

impl Partition {
    /// Batches that may be in flight at once, as far as the sequence is concerned.
    pub fn sequenced_in_flight_max(&self, producer: Option<ProducerIds>, now_us: u64) -> usize {
        let elsewhere = self.in_flight > 0
            && self.in_flight_node_id != self.leader
            && !is_planted(Bug::TwoLeaders);
        let draining = self.sequences.restart.is_some()
            && !self.queue.front().is_some_and(|queued| queued.in_doubt);
        if elsewhere || draining || (!self.sequences.has_ids() && producer.is_none()) {
            0
        } else if now_us < self.sequences.known_until_us || is_planted(Bug::FirstGateSkipped) {
            UNRESOLVED_BATCHES_MAX
        } else {
            1
        }
    }

    /// Whether a batch was refused only because an older one must be sent again first.
    pub fn follows_a_failed_one(&self, queued: &QueuedBatch) -> bool {
        self.queue.front().is_some_and(|front| {
            front.order < queued.order
                && front.sequence.map(|sequence| sequence.ids)
                    == queued.sequence.map(|sequence| sequence.ids)
        })
    }

    /// Begins anew if that is wanted and every batch that may have been written is resolved. Gives the ids that must not be
    /// used any more where a new producer id is needed.
    ///
    /// A batch that may have been written keeps its numbers until it is answered or failed: under other ones it could be
    /// written twice. One behind a batch that was certainly not written was not written either.
    pub fn restart_sequence(&mut self) -> Option<ProducerIds> {
        let restart = self.sequences.restart?;
        let in_doubt = self.queue.front().is_some_and(|queued| queued.in_doubt);
        if self.in_flight > 0 || in_doubt && !is_planted(Bug::DoubtRenumbered) {
            return None;
        }
        let ids = self.sequences.ids;
        self.sequences = Sequences::default();
        self.counters.on_restart();
        for queued in &mut self.queue {
            queued.sequence = None;
            queued.in_doubt = false;
        }
        match (restart, ids) {
            (Restart::NextEpoch, Some(ids)) if ids.epoch < i16::MAX => {
                self.sequences.ids = Some(ProducerIds { epoch: ids.epoch + 1, ..ids });
                None
            }
            _ => ids,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_to_zero_after_two_to_the_31() {
        let mut sequences = Sequences::default();
        assert_eq!(sequences.assign(1), None);
        sequences.adopt(ProducerIds { id: 7, epoch: 0 }, 0);
        sequences.next = i32::MAX - 1;
        let bases: Vec<_> = (0..3).map(|_| sequences.assign(2).unwrap().base).collect();
        assert_eq!(bases, [i32::MAX - 1, 0, 2]);
        assert_eq!(sequences.assign(i32::MAX as usize).unwrap().after(usize::MAX / 2).base, 3);
    }
}
