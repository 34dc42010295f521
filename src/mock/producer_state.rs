//! What a partition remembers of its idempotent producers (KIP-98): epoch and the last five batches of each.
//!
//! Sequence numbers are 31 bits wide and wrap to 0. Pure state, run by whoever drives the broker.

use crate::protocol::ErrorCode;
use std::collections::{BTreeMap, VecDeque};

/// Batches of a producer that are recognised when they come again.
const REMEMBERED_BATCHES: usize = 5;
/// Producers that a partition remembers; beyond, the one that wrote longest ago is forgotten.
const REMEMBERED_PRODUCERS_MAX: usize = 10_000;

/// What a batch says of its producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerBatch {
    /// Producer id.
    pub producer_id: i64,
    /// Producer epoch.
    pub epoch: i16,
    /// Sequence number of the first record.
    pub first_sequence: i32,
    /// Number of records.
    pub record_count: i32,
}

impl ProducerBatch {
    fn last_sequence(&self) -> i32 {
        advance(self.first_sequence, self.record_count - 1)
    }
}

/// The sequence number `count` after `sequence`.
fn advance(sequence: i32, count: i32) -> i32 {
    ((i64::from(sequence) + i64::from(count)) & i64::from(i32::MAX)) as i32
}

/// What is to become of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceCheck {
    /// It is next in line.
    Append,
    /// It is in the log already, at that offset.
    Duplicate {
        /// Where it was written.
        base_offset: i64,
    },
    /// It must be refused.
    Refuse(ErrorCode),
}

#[derive(Clone, Copy, Debug)]
struct Remembered {
    first_sequence: i32,
    last_sequence: i32,
    base_offset: i64,
}

#[derive(Debug)]
struct Producer {
    epoch: i16,
    batches: VecDeque<Remembered>,
    last_offset: i64,
}

/// The producers of one partition.
#[derive(Debug, Default)]
pub struct ProducerStates {
    by_id: BTreeMap<i64, Producer>,
}

impl ProducerStates {
    /// Decides about a batch; changes nothing.
    pub fn check(&self, batch: &ProducerBatch) -> SequenceCheck {
        let Some(producer) = self.by_id.get(&batch.producer_id) else {
            // Nothing is known of it (any more): any sequence may begin.
            return SequenceCheck::Append;
        };
        if batch.epoch < producer.epoch {
            return SequenceCheck::Refuse(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        if batch.epoch > producer.epoch {
            return match batch.first_sequence {
                0 => SequenceCheck::Append,
                _ => SequenceCheck::Refuse(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
            };
        }
        let known = producer.batches.iter().find(|known| {
            known.first_sequence == batch.first_sequence
                && known.last_sequence == batch.last_sequence()
        });
        if let Some(known) = known {
            return SequenceCheck::Duplicate { base_offset: known.base_offset };
        }
        match producer.batches.back() {
            Some(last) if advance(last.last_sequence, 1) != batch.first_sequence => {
                SequenceCheck::Refuse(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER)
            }
            _ => SequenceCheck::Append,
        }
    }

    /// Remembers a batch that was appended at `base_offset`.
    pub fn on_appended(&mut self, batch: &ProducerBatch, base_offset: i64) {
        if !self.by_id.contains_key(&batch.producer_id)
            && self.by_id.len() >= REMEMBERED_PRODUCERS_MAX
        {
            self.forget_oldest();
        }
        let producer = self.by_id.entry(batch.producer_id).or_insert_with(|| Producer {
            epoch: batch.epoch,
            batches: VecDeque::with_capacity(REMEMBERED_BATCHES),
            last_offset: base_offset,
        });
        if producer.epoch != batch.epoch {
            producer.epoch = batch.epoch;
            producer.batches.clear();
        }
        if producer.batches.len() == REMEMBERED_BATCHES {
            producer.batches.pop_front();
        }
        producer.last_offset = base_offset;
        producer.batches.push_back(Remembered {
            first_sequence: batch.first_sequence,
            last_sequence: batch.last_sequence(),
            base_offset,
        });
    }

    /// Forgets everything, as after the producer's records expired.
    pub fn clear(&mut self) {
        self.by_id.clear();
    }

    fn forget_oldest(&mut self) {
        let oldest = self.by_id.iter().min_by_key(|(_, producer)| producer.last_offset);
        if let Some(id) = oldest.map(|(&id, _)| id) {
            self.by_id.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SequenceCheck::{Append, Duplicate, Refuse};

    fn batch(epoch: i16, first_sequence: i32, record_count: i32) -> ProducerBatch {
        ProducerBatch { producer_id: 7, epoch, first_sequence, record_count }
    }

    fn states(batches: &[(ProducerBatch, i64)]) -> ProducerStates {
        let mut states = ProducerStates::default();
        for (batch, offset) in batches {
            assert_eq!(states.check(batch), Append);
            states.on_appended(batch, *offset);
        }
        states
    }

    #[test]
    fn a_batch_sent_again_is_found_at_its_first_offset() {
        let states = states(&[(batch(0, 0, 3), 10), (batch(0, 3, 2), 13)]);
        assert_eq!(states.check(&batch(0, 0, 3)), Duplicate { base_offset: 10 });
        assert_eq!(states.check(&batch(0, 3, 2)), Duplicate { base_offset: 13 });
        assert_eq!(states.check(&batch(0, 5, 1)), Append);
    }

    #[test]
    fn a_gap_and_a_batch_older_than_five_are_out_of_order() {
        let appended: Vec<_> = (0..6).map(|i| (batch(0, i, 1), i64::from(i))).collect();
        let states = states(&appended);
        let refused = Refuse(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
        assert_eq!(states.check(&batch(0, 7, 1)), refused);
        assert_eq!(states.check(&batch(0, 0, 1)), refused);
        assert_eq!(states.check(&batch(0, 1, 1)), Duplicate { base_offset: 1 });
        assert_eq!(states.check(&batch(0, 1, 2)), refused, "same start, other length");
    }

    #[test]
    fn an_old_epoch_is_refused_and_a_new_one_starts_at_zero() {
        let mut states = states(&[(batch(4, 0, 1), 0)]);
        assert_eq!(states.check(&batch(3, 1, 1)), Refuse(ErrorCode::INVALID_PRODUCER_EPOCH));
        assert_eq!(states.check(&batch(5, 1, 1)), Refuse(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER));
        assert_eq!(states.check(&batch(5, 0, 1)), Append);
        states.on_appended(&batch(5, 0, 1), 1);
        assert_eq!(states.check(&batch(5, 1, 1)), Append);
        assert_eq!(states.check(&batch(4, 1, 1)), Refuse(ErrorCode::INVALID_PRODUCER_EPOCH));
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let states = states(&[(batch(0, i32::MAX - 1, 3), 0)]);
        assert_eq!(states.check(&batch(0, 1, 1)), Append);
        assert_eq!(states.check(&batch(0, i32::MAX - 1, 3)), Duplicate { base_offset: 0 });
    }

    #[test]
    fn producers_beyond_the_limit_push_out_the_one_that_wrote_longest_ago() {
        let mut states = ProducerStates::default();
        let of = |producer_id| ProducerBatch { producer_id, ..batch(0, 0, 1) };
        for id in 0..=REMEMBERED_PRODUCERS_MAX as i64 {
            states.on_appended(&of(id), id);
        }
        assert_eq!(states.by_id.len(), REMEMBERED_PRODUCERS_MAX);
        assert_eq!(states.check(&of(0)), Append, "forgotten");
        assert_eq!(states.check(&of(1)), Duplicate { base_offset: 1 });
    }
}
