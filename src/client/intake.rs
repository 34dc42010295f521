//! The open end of a partition: the batch that producing threads write their records into, and the full ones before it. Held
//! under a short lock, which is what makes the order of the calls the order of the messages.

use std::collections::VecDeque;

use super::sync::{AtomicBool, Mutex, Ordering};
use crate::producer::batch::{Batch, ChunkSource, NewMessage};
use crate::producer::core::Head;
use crate::record::batch::BATCH_HEADER_LEN_BYTES;
use crate::record::record::HeaderRef;

/// When a batch takes no more messages.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimits {
    /// `batch.size`, at most `message.max.bytes`: bytes on the wire before compression.
    pub size_bytes: usize,
    /// `batch.num.messages`
    pub messages: usize,
}

// With the lock before it and what appending needs of the open batch: two lines that lie together.
#[repr(C)]
#[derive(Debug, Default)]
struct Batches {
    closed: bool,
    full: VecDeque<Batch>,
    open: Batch,
}

/// What a message did to its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// Nothing that the IO thread has to know: it knows of an older or fuller batch already.
    Quiet,
    /// The partition's head changed: it was empty before, or its oldest batch is full now.
    Ready(Head),
    /// The intake is closed; the message was not taken.
    Refused,
}

/// See the module.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct PartitionIntake {
    batches: Mutex<Batches>,
    unavailable: AtomicBool,
}

impl Batches {
    fn head(&self, limits: BatchLimits) -> Option<Head> {
        match self.full.front() {
            Some(batch) => Some(Head { first_enqueued_us: batch.first_enqueued_us(), full: true }),
            None if self.open.is_empty() => None,
            None => Some(Head {
                first_enqueued_us: self.open.first_enqueued_us(),
                full: self.open.count() >= limits.messages,
            }),
        }
    }
}

impl PartitionIntake {
    /// Adds a message whose record takes `record_len_max` bytes at most.
    // Inlined, the whole produce() would compete for registers.
    #[inline(never)]
    pub fn push<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        message: &NewMessage<'_, H>,
        record_len_max: usize,
        limits: BatchLimits,
        chunks: &mut impl ChunkSource,
    ) -> Pushed {
        let mut batches = self.batches.lock();
        if batches.closed {
            return Pushed::Refused;
        }
        let batches = &mut *batches;
        let (mut was_empty, mut became_full) = (false, false);
        if batches.open.is_empty() {
            was_empty = batches.full.is_empty();
        } else if batches.open.count() >= limits.messages
            || batches.open.records_len_bytes() + BATCH_HEADER_LEN_BYTES + record_len_max
                > limits.size_bytes
        {
            // With `messages` reached the IO thread was told when that happened.
            became_full = batches.full.is_empty() && batches.open.count() < limits.messages;
            batches.full.push_back(std::mem::take(&mut batches.open));
        }
        batches.open.append(message, chunks);
        became_full |= batches.full.is_empty() && batches.open.count() >= limits.messages;
        if was_empty || became_full {
            batches.head(limits).map_or(Pushed::Quiet, Pushed::Ready)
        } else {
            Pushed::Quiet
        }
    }

    /// What waits here.
    pub fn head(&self, limits: BatchLimits) -> Option<Head> {
        self.batches.lock().head(limits)
    }

    /// Number of batches, the open one included.
    pub fn queued(&self) -> usize {
        let batches = self.batches.lock();
        batches.full.len() + usize::from(!batches.open.is_empty())
    }

    /// Takes the oldest batch, the open one if there is no other.
    pub fn take(&self) -> Option<Batch> {
        let mut batches = self.batches.lock();
        if let Some(batch) = batches.full.pop_front() {
            return Some(batch);
        }
        (!batches.open.is_empty()).then(|| std::mem::take(&mut batches.open))
    }

    /// How many messages wait here, and the bytes of their values.
    pub fn waiting(&self) -> (u64, u64) {
        let batches = self.batches.lock();
        let each = batches.full.iter().chain([&batches.open]);
        each.fold((0, 0), |(messages, bytes), batch| {
            (messages + batch.count() as u64, bytes + batch.values_len_bytes() as u64)
        })
    }

    /// Takes everything and refuses what comes later.
    pub fn close(&self) -> impl Iterator<Item = Batch> {
        let mut batches = self.batches.lock();
        batches.closed = true;
        let open = std::mem::take(&mut batches.open);
        std::mem::take(&mut batches.full).into_iter().chain(Some(open).filter(|b| !b.is_empty()))
    }

    /// Whether the partition has a leader, as far as is known.
    #[inline]
    pub fn is_available(&self) -> bool {
        !self.unavailable.load(Ordering::Relaxed)
    }

    /// Notes whether the partition has a leader.
    pub fn set_available(&self, available: bool) {
        self.unavailable.store(!available, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::batch::FreshChunks;

    const LIMITS: BatchLimits = BatchLimits { size_bytes: 1_000, messages: 5 };

    fn push(intake: &PartitionIntake, opaque: usize, len: usize, limits: BatchLimits) -> Pushed {
        let message = NewMessage {
            key: None,
            value: Some(&vec![1; len]),
            headers: std::iter::empty(),
            timestamp_ms: 0,
            enqueued_us: opaque as u64,
            opaque,
            tag: 0,
            borrowed_value: 0,
        };
        intake.push(&message, len + 36, limits, &mut FreshChunks)
    }

    fn ready(first_enqueued_us: u64, full: bool) -> Pushed {
        Pushed::Ready(Head { first_enqueued_us, full })
    }

    #[test]
    fn the_first_message_and_the_first_full_batch_are_told_once() {
        let intake = PartitionIntake::default();
        let told: Vec<_> = (1..=12).map(|i| push(&intake, i, 1, LIMITS)).collect();
        for (index, pushed) in told.iter().enumerate() {
            let expected = match index {
                0 => ready(1, false),
                4 => ready(1, true),
                _ => Pushed::Quiet,
            };
            assert_eq!(*pushed, expected, "{index}");
        }
        let counts: Vec<_> = std::iter::from_fn(|| intake.take()).map(|b| b.count()).collect();
        assert_eq!(counts, [5, 5, 2]);
        assert_eq!((intake.head(LIMITS), push(&intake, 20, 1, LIMITS)), (None, ready(20, false)));
    }

    #[test]
    fn a_batch_ends_before_the_message_that_would_exceed_its_size() {
        let intake = PartitionIntake::default();
        assert_eq!(push(&intake, 1, 500, LIMITS), ready(1, false));
        assert_eq!(push(&intake, 2, 500, LIMITS), ready(1, true));
        assert_eq!(push(&intake, 3, 5_000, LIMITS), Pushed::Quiet);
        assert_eq!(intake.waiting(), (3, 6_000));
        let counts: Vec<_> = std::iter::from_fn(|| intake.take()).map(|b| b.count()).collect();
        assert_eq!(counts, [1, 1, 1]);
    }

    #[test]
    fn one_message_per_batch_is_ready_and_full_at_once() {
        let limits = BatchLimits { messages: 1, ..LIMITS };
        let intake = PartitionIntake::default();
        assert_eq!(push(&intake, 1, 1, limits), ready(1, true));
        assert_eq!(push(&intake, 2, 1, limits), Pushed::Quiet);
        assert_eq!(intake.take().unwrap().count(), 1);
        assert_eq!(intake.head(limits), Some(Head { first_enqueued_us: 2, full: true }));
    }

    #[test]
    fn a_closed_intake_gives_up_all_and_takes_nothing() {
        let intake = PartitionIntake::default();
        (0..7).for_each(|i| assert_ne!(push(&intake, i, 1, LIMITS), Pushed::Refused));
        assert_eq!(intake.close().map(|batch| batch.count()).sum::<usize>(), 7);
        assert_eq!(push(&intake, 8, 1, LIMITS), Pushed::Refused);
        assert!(intake.take().is_none());
    }

    #[test]
    fn messages_of_each_thread_keep_their_order_while_batches_are_taken() {
        const PER_THREAD: usize = 20_000;
        let intake = PartitionIntake::default();
        let limits = BatchLimits { size_bytes: 4_000, messages: 100 };
        let mut taken = Vec::new();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let intake = &intake;
                scope.spawn(move || {
                    (0..PER_THREAD).for_each(|i| {
                        push(intake, thread << 32 | i, i % 40, limits);
                    });
                });
            }
            while taken.len() < 4 * PER_THREAD {
                match intake.take() {
                    Some(batch) => taken.extend(batch.messages().map(|view| view.opaque)),
                    None => std::thread::yield_now(),
                }
            }
        });
        for thread in 0..4 {
            let own = taken.iter().filter(|&&opaque| opaque >> 32 == thread);
            assert!(own.map(|opaque| opaque & 0xffff_ffff).eq(0..PER_THREAD));
        }
    }
}
