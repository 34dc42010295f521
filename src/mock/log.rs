//! The log of a partition: record batches in order, within a budget of bytes.
//!
//! A batch is copied once, when it is appended; the memory of evicted batches takes up the new ones, so that a steady
//! stream costs no page faults. Pure state, run by whoever drives the broker.

use super::producer_state::{ProducerBatch, ProducerStates, SequenceCheck};
use crate::protocol::ErrorCode;
use crate::record::batch::{BatchHeader, set_base_offset};
use std::collections::VecDeque;

/// Evicted buffers kept to take up new batches.
const SPARE_BUFFERS_MAX: usize = 4;

/// A batch in the log, in wire form.
#[derive(Debug)]
pub struct StoredBatch {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Offset of the last record.
    pub last_offset: i64,
    /// Highest timestamp of the records.
    pub max_timestamp_ms: i64,
    /// The whole batch with its offset set.
    pub bytes: Vec<u8>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It was written there.
    New(i64),
    /// It had been written there before.
    Duplicate(i64),
}

impl Appended {
    /// Offset of the first record.
    pub fn base_offset(self) -> i64 {
        match self {
            Self::New(offset) | Self::Duplicate(offset) => offset,
        }
    }
}

/// Offset and timestamp of a record or batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetAt {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp in milliseconds.
    pub timestamp_ms: i64,
}

/// The log of one partition.
#[derive(Debug)]
pub struct PartitionLog {
    batches: VecDeque<StoredBatch>,
    start_offset: i64,
    end_offset: i64,
    size_bytes: u64,
    retention_bytes: u64,
    producers: ProducerStates,
    spare: Vec<Vec<u8>>,
}

impl PartitionLog {
    /// An empty log that keeps up to `retention_bytes`.
    pub fn new(retention_bytes: u64) -> Self {
        Self {
            batches: VecDeque::new(),
            start_offset: 0,
            end_offset: 0,
            size_bytes: 0,
            retention_bytes,
            producers: ProducerStates::default(),
            spare: Vec::new(),
        }
    }

    /// Offset of the first record kept.
    pub fn start_offset(&self) -> i64 {
        self.start_offset
    }

    /// Offset that the next record gets.
    pub fn end_offset(&self) -> i64 {
        self.end_offset
    }

    /// Bytes of the batches kept.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// The batches kept, oldest first.
    pub fn batches(&self) -> impl Iterator<Item = &StoredBatch> {
        self.batches.iter()
    }

    /// Appends a checked batch, unless its sequence numbers speak against it.
    pub fn append(
        &mut self,
        header: &BatchHeader,
        bytes: &[u8],
        leader_epoch: i32,
    ) -> Result<Appended, ErrorCode> {
        let producer = producer_batch(header);
        if let Some(producer) = &producer {
            match self.producers.check(producer) {
                SequenceCheck::Append => {}
                SequenceCheck::Duplicate { base_offset } => {
                    return Ok(Appended::Duplicate(base_offset));
                }
                SequenceCheck::Refuse(error) => return Err(error),
            }
        }
        let base_offset = self.end_offset;
        let next = base_offset.checked_add(i64::from(header.last_offset_delta) + 1);
        self.end_offset = next.ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)?;
        if let Some(producer) = &producer {
            self.producers.on_appended(producer, base_offset);
        }
        self.store(header, bytes, base_offset, leader_epoch);
        Ok(Appended::New(base_offset))
    }

    /// Appends to `out` the batches from the one that holds `offset` on, up to `max_bytes` of them; the first one in
    /// any case if `first_always`, so that a consumer never gets stuck. `offset` must be within the log.
    pub fn read(&self, offset: i64, max_bytes: usize, first_always: bool, out: &mut Vec<u8>) {
        let index = self.batches.partition_point(|batch| batch.last_offset < offset);
        let start = out.len();
        for batch in self.batches.iter().skip(index) {
            let fits = out.len() - start + batch.bytes.len() <= max_bytes;
            let is_first = out.len() == start;
            if !(fits || first_always && is_first) {
                break;
            }
            out.extend_from_slice(&batch.bytes);
        }
    }

    /// Bytes that a read from `offset` could return, counted up to `enough`.
    pub fn readable_bytes(&self, offset: i64, enough: usize) -> usize {
        let index = self.batches.partition_point(|batch| batch.last_offset < offset);
        let mut bytes = 0;
        for batch in self.batches.iter().skip(index) {
            bytes += batch.bytes.len();
            if bytes >= enough {
                break;
            }
        }
        bytes
    }

    /// The first batch with a record of that time or later.
    pub fn batch_at_timestamp(&self, timestamp_ms: i64) -> Option<&StoredBatch> {
        self.batches.iter().find(|batch| batch.max_timestamp_ms >= timestamp_ms)
    }

    /// The highest timestamp in the log and the last offset of its batch.
    pub fn max_timestamp(&self) -> Option<OffsetAt> {
        let newest = self.batches.iter().max_by_key(|batch| batch.max_timestamp_ms)?;
        Some(OffsetAt { offset: newest.last_offset, timestamp_ms: newest.max_timestamp_ms })
    }

    /// Drops the records before an offset (-1: all), as far as whole batches go; the first offset is that one in any
    /// case.
    pub fn delete_before(&mut self, offset: i64) -> Result<(), ErrorCode> {
        let offset = if offset == -1 { self.end_offset } else { offset };
        if !(0..=self.end_offset).contains(&offset) {
            return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        while self.batches.front().is_some_and(|batch| batch.last_offset < offset) {
            self.evict_oldest();
        }
        self.start_offset = self.start_offset.max(offset);
        Ok(())
    }

    /// Forgets all producers, as a broker does once their records have expired.
    pub fn forget_producers(&mut self) {
        self.producers.clear();
    }

    /// Cuts off all batches that end at or after `offset`, as an unclean election does: what the producers wrote there is
    /// forgotten too. Returns what was cut off, oldest first.
    pub fn truncate(&mut self, offset: i64) -> Vec<StoredBatch> {
        let keep = self.batches.partition_point(|batch| batch.last_offset < offset);
        let cut: Vec<StoredBatch> = self.batches.drain(keep..).collect();
        let Some(first) = cut.first() else { return cut };
        self.end_offset = first.base_offset;
        let first = self.batches.front().map_or(self.end_offset, |batch| batch.base_offset);
        self.start_offset = self.start_offset.max(first).min(self.end_offset);
        self.size_bytes -= cut.iter().map(|batch| batch.bytes.len() as u64).sum::<u64>();
        self.producers.clear();
        for batch in &self.batches {
            let Ok(header) = BatchHeader::parse(&batch.bytes) else { continue };
            if let Some(producer) = producer_batch(&header) {
                self.producers.on_appended(&producer, batch.base_offset);
            }
        }
        cut
    }

    fn store(&mut self, header: &BatchHeader, bytes: &[u8], base_offset: i64, leader_epoch: i32) {
        if self.retention_bytes == 0 {
            self.start_offset = self.end_offset;
            return;
        }
        // The newest batch stays even if it alone exceeds the budget.
        while self.size_bytes + bytes.len() as u64 > self.retention_bytes && self.evict_oldest() {}
        let mut stored = self.spare.pop().unwrap_or_default();
        stored.clear();
        stored.extend_from_slice(bytes);
        set_base_offset(&mut stored, base_offset, leader_epoch);
        self.size_bytes += stored.len() as u64;
        self.batches.push_back(StoredBatch {
            base_offset,
            last_offset: self.end_offset - 1,
            max_timestamp_ms: header.max_timestamp,
            bytes: stored,
        });
        // Deleted records may have left their batch behind.
        let first = self.batches.front().map_or(self.end_offset, |batch| batch.base_offset);
        self.start_offset = self.start_offset.max(first);
    }

    fn evict_oldest(&mut self) -> bool {
        let Some(batch) = self.batches.pop_front() else { return false };
        self.size_bytes -= batch.bytes.len() as u64;
        if self.spare.len() < SPARE_BUFFERS_MAX {
            self.spare.push(batch.bytes);
        }
        true
    }
}

/// What a batch says of its producer, if it is idempotent.
fn producer_batch(header: &BatchHeader) -> Option<ProducerBatch> {
    (header.producer_id >= 0).then_some(ProducerBatch {
        producer_id: header.producer_id,
        epoch: header.producer_epoch,
        first_sequence: header.base_sequence,
        record_count: header.record_count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::test_support::BatchBuilder;

    fn append(log: &mut PartitionLog, batch: &[u8]) -> Result<Appended, ErrorCode> {
        log.append(&BatchHeader::parse(batch).expect("header"), batch, 3)
    }

    #[test]
    fn offsets_run_on_and_stand_in_the_stored_batches() {
        let mut log = PartitionLog::new(u64::MAX);
        let batch = BatchBuilder::new().values(&["a", "b", "c"]).build();
        assert_eq!(append(&mut log, &batch), Ok(Appended::New(0)));
        assert_eq!(append(&mut log, &batch), Ok(Appended::New(3)));
        assert_eq!((log.start_offset(), log.end_offset()), (0, 6));
        let mut read = Vec::new();
        log.read(4, usize::MAX, true, &mut read);
        let header = BatchHeader::parse(&read).expect("header");
        assert_eq!((header.base_offset, header.partition_leader_epoch), (3, 3));
        assert_eq!(read[16..], batch[16..]);
    }

    #[test]
    fn the_oldest_batches_leave_when_the_budget_is_met() {
        let batch = BatchBuilder::new().values(&["0123456789"]).build();
        let mut log = PartitionLog::new(batch.len() as u64 * 3);
        for _ in 0..10 {
            append(&mut log, &batch).expect("appended");
        }
        assert_eq!((log.start_offset(), log.end_offset()), (7, 10));
        assert_eq!(log.size_bytes(), batch.len() as u64 * 3);
        assert!(log.spare.len() <= SPARE_BUFFERS_MAX);
    }

    #[test]
    fn nothing_is_kept_without_retention_and_the_newest_always_with_some() {
        let batch = BatchBuilder::new().values(&["0123456789"]).build();
        let mut none = PartitionLog::new(0);
        append(&mut none, &batch).expect("appended");
        assert_eq!((none.start_offset(), none.end_offset(), none.size_bytes()), (1, 1, 0));
        let mut tiny = PartitionLog::new(1);
        append(&mut tiny, &batch).expect("appended");
        append(&mut tiny, &batch).expect("appended");
        assert_eq!((tiny.start_offset(), tiny.end_offset()), (1, 2));
    }

    #[test]
    fn a_read_stops_at_its_limit_but_returns_one_batch_at_least() {
        let batch = BatchBuilder::new().values(&["0123456789"]).build();
        let mut log = PartitionLog::new(u64::MAX);
        for _ in 0..3 {
            append(&mut log, &batch).expect("appended");
        }
        let read = |offset, max_bytes, first_always| {
            let mut out = Vec::new();
            log.read(offset, max_bytes, first_always, &mut out);
            out.len() / batch.len()
        };
        assert_eq!(read(0, batch.len() * 2, true), 2);
        assert_eq!(read(0, 1, true), 1);
        assert_eq!(read(0, 1, false), 0);
        assert_eq!(read(3, usize::MAX, true), 0);
    }

    #[test]
    fn deleted_records_are_gone_and_the_first_offset_may_be_within_a_batch() {
        let batch = BatchBuilder::new().values(&["a", "b", "c"]).build();
        let mut log = PartitionLog::new(u64::MAX);
        for _ in 0..3 {
            append(&mut log, &batch).expect("appended");
        }
        assert_eq!(log.delete_before(10), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
        assert_eq!(log.delete_before(-2), Err(ErrorCode::OFFSET_OUT_OF_RANGE));
        assert_eq!(log.delete_before(4), Ok(()));
        assert_eq!((log.start_offset(), log.batches().count()), (4, 2));
        assert_eq!(log.delete_before(2), Ok(()), "nothing is left to delete");
        append(&mut log, &batch).expect("appended");
        assert_eq!((log.start_offset(), log.end_offset()), (4, 12));
        assert_eq!(log.delete_before(-1), Ok(()));
        assert_eq!((log.start_offset(), log.size_bytes()), (12, 0));
    }

    #[test]
    fn a_duplicate_is_not_stored_again() {
        let batch = BatchBuilder::new().values(&["a", "b"]).producer(9, 0, 0).build();
        let mut log = PartitionLog::new(u64::MAX);
        assert_eq!(append(&mut log, &batch), Ok(Appended::New(0)));
        assert_eq!(append(&mut log, &batch), Ok(Appended::Duplicate(0)));
        assert_eq!(log.end_offset(), 2);
        let gap = BatchBuilder::new().values(&["c"]).producer(9, 0, 3).build();
        assert_eq!(append(&mut log, &gap), Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER));
    }

    #[test]
    fn what_an_unclean_election_cuts_off_can_be_written_again() {
        let mut log = PartitionLog::new(u64::MAX);
        let batch =
            |sequence| BatchBuilder::new().values(&["a", "b"]).producer(9, 0, sequence).build();
        for sequence in [0, 2, 4] {
            append(&mut log, &batch(sequence)).expect("appended");
        }
        let cut = log.truncate(3);
        assert_eq!(cut.iter().map(|batch| batch.base_offset).collect::<Vec<_>>(), [2, 4]);
        assert_eq!((log.start_offset(), log.end_offset()), (0, 2));
        assert_eq!(log.size_bytes(), batch(0).len() as u64);
        assert_eq!(append(&mut log, &batch(0)), Ok(Appended::Duplicate(0)));
        assert_eq!(append(&mut log, &batch(4)), Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER));
        assert_eq!(append(&mut log, &batch(2)), Ok(Appended::New(2)));
        assert!(log.truncate(4).is_empty());
        assert_eq!(log.truncate(0).len(), 2);
        assert_eq!((log.start_offset(), log.end_offset(), log.size_bytes()), (0, 0, 0));
    }
}
