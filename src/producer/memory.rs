//! What the messages of a handle hold of memory (`buffer.memory`), counted where memory is taken and given back: by chunk and
//! by batch, not by message. Producing threads, those that serve reports, and the IO thread count in one word.
//!
//! A producing thread first reserves the most that its message may take, then takes what it takes, then gives the
//! reservation back. Work of the IO thread (batches that are split, messages that get their partition) counts too, but is not
//! refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::batch::{FIRST_CHUNK_LEN, LONGEST_CHUNK_LEN};

/// What a batch takes beside its chunks: itself, its places in the queues of core and application, its part of a request.
/// Queues double when they grow, so this is twice what they need.
pub const BATCH_LEN_BYTES: usize = 2 << 10;

/// What a record takes beside its own length: its slot.
const RECORD_SLOT_LEN: usize = 16;

/// Addresses of values that were not copied, which a batch makes room for at once.
pub(super) const BORROWED_GROWTH_MAX: usize = 1 << 10;
const BORROWED_LEN_BYTES: usize = size_of::<(u32, usize)>();

/// Bytes held, and the most that may be.
#[derive(Debug)]
pub struct Meter {
    held_bytes: AtomicUsize,
    limit_bytes: usize,
}

impl Meter {
    /// Nothing is held.
    pub fn new(limit_bytes: usize) -> Self {
        Self { held_bytes: AtomicUsize::new(0), limit_bytes }
    }

    /// `buffer.memory`
    pub fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    /// Bytes held.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes.load(Ordering::Relaxed)
    }

    /// Counts `bytes` unless that would exceed the limit.
    pub fn try_add(&self, bytes: usize) -> bool {
        let add = |held: usize| held.checked_add(bytes).filter(|&sum| sum <= self.limit_bytes);
        self.held_bytes.fetch_update(Ordering::AcqRel, Ordering::Relaxed, add).is_ok()
    }

    /// Counts `bytes`, whatever the limit.
    pub fn add(&self, bytes: usize) {
        self.held_bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    /// Gives back.
    pub fn release(&self, bytes: usize) {
        self.held_bytes.fetch_sub(bytes, Ordering::AcqRel);
    }
}

/// What a batch holds; given back when it is dropped.
#[derive(Debug, Default)]
pub struct Charge {
    meter: Option<Arc<Meter>>,
    bytes: usize,
    /// Of `bytes`: for what becomes of messages that have no partition yet.
    reserved_bytes: usize,
    /// Chunks count twice: once for their compressed copy.
    copies: bool,
}

impl Charge {
    /// Of nothing yet. Without a meter nothing is ever counted.
    pub fn new(meter: Option<Arc<Meter>>, copies: bool) -> Self {
        Self { meter, bytes: 0, reserved_bytes: 0, copies }
    }

    /// Whether it counts.
    pub fn is_metered(&self) -> bool {
        self.meter.is_some()
    }

    /// For a batch made of `count` of the `of` messages of this one's.
    pub(super) fn part(&self, count: usize, of: usize) -> Self {
        let mut part = Self::new(self.meter.clone(), self.copies);
        part.reserve(self.reserved_bytes / of.max(1) * count);
        part
    }

    fn add(&mut self, bytes: usize) {
        if let Some(meter) = &self.meter {
            meter.add(bytes);
            self.bytes += bytes;
        }
    }

    /// Counts a chunk.
    pub(super) fn add_chunk(&mut self, len: usize, first: bool) {
        self.add(len * copies(self.copies) + if first { BATCH_LEN_BYTES } else { 0 });
    }

    /// Counts room for that many more addresses of values that were not copied.
    pub(super) fn add_borrowed(&mut self, count: usize) {
        self.add(count * BORROWED_LEN_BYTES);
    }

    /// Counts what the messages of this batch will take elsewhere.
    pub fn reserve(&mut self, bytes: usize) {
        if self.meter.is_some() {
            self.add(bytes);
            self.reserved_bytes += bytes;
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if let Some(meter) = &self.meter {
            meter.release(self.bytes);
        }
    }
}

const fn copies(copies: bool) -> usize {
    if copies { 2 } else { 1 }
}

/// The most that a record of at most that length makes its batch grow by, with its compressed copy if there is one.
pub fn growth_max(record_len_max: usize, has_copies: bool) -> usize {
    // Chunks are rounded up by a fifth at most.
    let own = (record_len_max + RECORD_SLOT_LEN).saturating_mul(5) / 4;
    let beside = BATCH_LEN_BYTES + BORROWED_GROWTH_MAX * BORROWED_LEN_BYTES;
    own.max(LONGEST_CHUNK_LEN).saturating_mul(copies(has_copies)).saturating_add(beside)
}

/// What a message without a partition may take when it gets one: a batch of its own.
pub fn reserve_unassigned(record_len_max: usize, has_copies: bool) -> usize {
    let own = (record_len_max + RECORD_SLOT_LEN).saturating_mul(5) / 4;
    own.max(FIRST_CHUNK_LEN).saturating_mul(copies(has_copies)).saturating_add(BATCH_LEN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::batch::{Batch, ChunkSource, FreshChunks, NewMessage};

    struct Metered(Arc<Meter>, bool);

    impl ChunkSource for Metered {
        fn chunk(&mut self, min_len: usize, wanted_len: usize) -> Box<[u8]> {
            FreshChunks.chunk(min_len, wanted_len)
        }

        fn charge(&self) -> Charge {
            Charge::new(Some(Arc::clone(&self.0)), self.1)
        }
    }

    fn append(batch: &mut Batch, value: &[u8], borrowed_value: usize, chunks: &mut Metered) {
        let message = NewMessage {
            key: None,
            value: Some(value),
            headers: std::iter::empty(),
            timestamp_ms: 0,
            enqueued_us: 0,
            opaque: 0,
            tag: 0,
            borrowed_value,
        };
        batch.append(&message, chunks);
    }

    #[test]
    fn the_limit_is_exact_for_who_asks_and_no_limit_for_who_must() {
        let meter = Meter::new(100);
        assert!(meter.try_add(60) && meter.try_add(40) && !meter.try_add(1) && meter.try_add(0));
        meter.add(50);
        assert!(!meter.try_add(0) && !meter.try_add(usize::MAX));
        meter.release(150);
        assert_eq!(meter.held_bytes(), 0);
    }

    #[test]
    fn a_batch_counts_all_it_holds_and_gives_it_back() {
        for (copies, borrowed) in [(false, 0), (true, 0), (false, 7)] {
            let meter = Arc::new(Meter::new(usize::MAX));
            let mut chunks = Metered(Arc::clone(&meter), copies);
            let mut batch = Batch::default();
            for len in [10, 300, 5_000, 100_000, 20, 20] {
                let before = meter.held_bytes();
                append(&mut batch, &vec![1; len], borrowed, &mut chunks);
                assert!(meter.held_bytes() - before <= growth_max(len + 36, copies), "{len}");
                let held = batch.held_len_bytes() * if copies { 2 } else { 1 };
                assert!(meter.held_bytes() >= held + BATCH_LEN_BYTES);
            }
            let whole = meter.held_bytes();
            let (head, tail) = batch.split_at(2, &mut FreshChunks);
            assert!(meter.held_bytes() > whole + tail.held_len_bytes(), "copies count");
            drop((batch, tail));
            assert!(meter.held_bytes() >= head.held_len_bytes() + BATCH_LEN_BYTES);
            drop(head);
            assert_eq!(meter.held_bytes(), 0);
        }
    }
}
