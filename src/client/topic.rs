//! A topic of a handle: what produce() needs to know about it at once, and the open ends of its partitions. What C knows as
//! `rd_kafka_topic_t` is the address of this, in its `Arc`.
//!
//! ```text
//!              partition count known          topic failed
//!  Unknown  ----------------------> Known <----------------> Failed
//!     |  <----------------------------                         ^
//!     |       count no longer known                            |
//!     +--------------------------------------------------------+
//! ```
//! The state is one atomic word, read by each produce(). It changes on the IO thread, under the lock of the un-assigned
//! queue: to Known only when that queue has been emptied into the partitions, so that no later message overtakes.

use std::collections::VecDeque;
use std::ffi::{CStr, CString};
use std::sync::Arc;

use super::append_vec::AppendVec;
use super::error;
use super::intake::{BatchLimits, PartitionIntake, Pushed};
use super::shared::Shared;
use super::sticky::{Sticky, Turn, random_partition};
use super::sync::{AtomicI32, Mutex, Ordering};
use super::unassigned::Unassigned;
use crate::conf::{Compression, Partitioner, TopicConfig};
use crate::producer::action::TopicId;
use crate::producer::batch::{Batch, ChunkSource, FreshChunks, MessageView, NewMessage};
use crate::producer::memory::{Charge, reserve_unassigned};
use crate::producer::partitioner::{PartitionerKind, partition};
use crate::record::record::{HeaderRef, encoded_len_max};

/// The application's partitioner: (topic, key, partition count, message opaque) to partition, -1 for "not now". Runs on
/// producing threads and on the IO thread, with no lock held.
pub type CustomPartitioner = Box<dyn Fn(&Topic, Option<&[u8]>, i32, usize) -> i32 + Send + Sync>;

/// Values of the state word that are not a partition count.
pub(super) const UNKNOWN: i32 = -1;
pub(super) const FAILED: i32 = -2;

/// The partition that means "any".
pub const PARTITION_UNASSIGNED: i32 = -1;

/// See the module.
pub struct Topic {
    /// A partition count, [`UNKNOWN`] or [`FAILED`].
    pub(super) state: AtomicI32,
    pub(super) id: TopicId,
    pub(super) shared: Arc<Shared>,
    pub(super) sticky: Sticky,
    pub(super) partitions: AppendVec<PartitionIntake>,
    kind: PartitionerKind,
    custom: Option<CustomPartitioner>,
    failed_error: AtomicI32,
    pub(super) unassigned: Mutex<Unassigned>,
    turn: Turn,
    config: TopicConfig,
    name: CString,
}

impl std::fmt::Debug for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Topic").field("name", &self.name).finish_non_exhaustive()
    }
}

const fn kind_of(partitioner: Partitioner) -> PartitionerKind {
    match partitioner {
        Partitioner::Random => PartitionerKind::Random,
        Partitioner::Consistent => PartitionerKind::Consistent,
        Partitioner::ConsistentRandom => PartitionerKind::ConsistentRandom,
        Partitioner::Murmur2 => PartitionerKind::Murmur2,
        Partitioner::Murmur2Random => PartitionerKind::Murmur2Random,
        Partitioner::Fnv1a => PartitionerKind::Fnv1a,
        Partitioner::Fnv1aRandom => PartitionerKind::Fnv1aRandom,
        Partitioner::RoundRobin => PartitionerKind::RoundRobin,
    }
}

/// What a change of a topic's state leaves to be told to the application or the core.
#[derive(Debug, Default)]
pub struct Assigned {
    /// Partitions whose head changed.
    pub ready: Vec<i32>,
    /// Messages that wanted a partition that does not exist.
    pub unknown_partition: Option<Batch>,
}

impl Topic {
    /// A topic of unknown partition count.
    pub(super) fn new(
        id: TopicId,
        name: CString,
        config: TopicConfig,
        custom: Option<CustomPartitioner>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            state: AtomicI32::new(UNKNOWN),
            id,
            shared,
            sticky: Sticky::default(),
            partitions: AppendVec::new(),
            kind: kind_of(config.partitioner),
            custom,
            failed_error: AtomicI32::new(0),
            unassigned: Mutex::default(),
            turn: Turn::default(),
            config,
            name,
        }
    }

    /// Its name, for C.
    pub fn name_c(&self) -> &CStr {
        &self.name
    }

    /// Its name.
    pub fn name(&self) -> &str {
        // Made from a str, see `Client::topic`.
        self.name.to_str().unwrap_or_default()
    }

    /// Its number in the handle.
    pub fn id(&self) -> TopicId {
        self.id
    }

    /// Its configuration.
    pub fn config(&self) -> &TopicConfig {
        &self.config
    }

    /// The application's pointer, from its configuration.
    pub fn opaque(&self) -> usize {
        self.config.opaque
    }

    /// The handle's common part.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Address of the handle's `Client` in its `Arc`.
    pub fn handle_address(&self) -> usize {
        self.shared.handle_address.load(Ordering::Acquire)
    }

    /// Number of partitions, -1 while unknown or failed.
    pub fn partition_count(&self) -> i32 {
        self.state.load(Ordering::Acquire).max(-1)
    }

    /// Whether a partition exists and has a leader (`rd_kafka_topic_partition_available`).
    pub fn is_available(&self, partition: i32) -> bool {
        u32::try_from(partition).is_ok_and(|index| {
            partition < self.partition_count()
                && self.partitions.peek(index).is_none_or(PartitionIntake::is_available)
        })
    }

    /// Whether batches are compressed.
    pub(super) fn has_copies(&self) -> bool {
        self.config.compression != Compression::None
    }

    /// Where messages expire, microseconds after produce(); `None` for never.
    pub(super) fn message_timeout_us(&self) -> Option<u64> {
        (self.config.message_timeout_ms > 0).then(|| self.config.message_timeout_ms * 1_000)
    }

    /// What produce() returns while the topic is failed.
    pub(super) fn failure(&self) -> i32 {
        error::of_failed_topic(self.failed_error.load(Ordering::Relaxed))
    }

    /// When its batches are full.
    pub(super) fn limits(&self) -> BatchLimits {
        self.shared.batch_limits
    }

    /// IO thread: whether messages wait for the partition count.
    pub(super) fn has_unassigned(&self) -> bool {
        !self.unassigned.lock().is_empty()
    }

    /// The intake of an existing partition.
    #[inline]
    pub(super) fn intake(&self, partition: i32) -> Option<&PartitionIntake> {
        u32::try_from(partition).ok().map(|index| self.partitions.at(index))
    }

    /// The open end of a partition that the application named: nothing is made for a number the topic does not have.
    #[inline]
    pub(super) fn intake_below(&self, partition: i32, count: i32) -> Option<&PartitionIntake> {
        (0..count).contains(&partition).then(|| self.partitions.at(partition as u32))
    }

    /// Applies the partitioner. Keyless messages stick to a partition even where the application has a partitioner of its
    /// own, as in librdkafka, unless `sticky.partitioning.linger.ms` is 0.
    #[inline]
    pub(super) fn choose_partition(
        &self,
        key: Option<&[u8]>,
        count: i32,
        opaque: usize,
        now_us: u64,
    ) -> i32 {
        let available = |partition: i32| {
            u32::try_from(partition).is_ok_and(|index| self.partitions.at(index).is_available())
        };
        let sticky_linger_us = self.shared.sticky_linger_us;
        let sticks = match &self.custom {
            Some(_) => key.is_none(),
            None => self.kind.is_sticky(key),
        };
        if sticks && sticky_linger_us > 0 {
            return self.sticky.partition(count, sticky_linger_us, now_us, available);
        }
        match &self.custom {
            Some(custom) => custom(self, key, count, opaque),
            None => partition(self.kind, key, count, || match self.kind {
                PartitionerKind::RoundRobin => self.turn.next(count, available),
                _ => random_partition(count, available),
            }),
        }
    }

    /// IO thread: the partition count is known, or another one. Messages that waited for it are partitioned, in order.
    pub fn assign(&self, count: i32, now_us: u64) -> Assigned {
        let mut assigned = Assigned::default();
        if count <= 0 {
            // A topic that is just being created has no partitions for a moment.
            let _lock = self.unassigned.lock();
            self.state.store(UNKNOWN, Ordering::Release);
            return assigned;
        }
        // What the application's partitioner refuses to place now waits for the next change.
        let mut parked = Unassigned::default();
        loop {
            let batches: VecDeque<Batch> = {
                let mut unassigned = self.unassigned.lock();
                if unassigned.is_empty() {
                    self.state.store(count, Ordering::Release);
                    unassigned.extend(parked);
                    return assigned;
                }
                unassigned.take()
            };
            for batch in batches {
                for view in batch.messages() {
                    self.assign_message(&view, count, now_us, &mut parked, &mut assigned);
                }
                self.shared.pool.recycle(batch);
            }
        }
    }

    fn assign_message(
        &self,
        view: &MessageView<'_>,
        count: i32,
        now_us: u64,
        parked: &mut Unassigned,
        assigned: &mut Assigned,
    ) {
        let record = &view.record;
        let record_len_max = encoded_len_max(
            record.key.map(<[u8]>::len),
            record.value.map(<[u8]>::len),
            super::produce::headers_len(record.headers.clone()),
        );
        let partition = match view.tag {
            PARTITION_UNASSIGNED => {
                self.choose_partition(view.record.key, count, view.opaque, now_us)
            }
            wanted => wanted,
        };
        if partition == PARTITION_UNASSIGNED {
            parked.push_view(view, &mut &self.shared.pool);
            parked.reserve(reserve_unassigned(record_len_max, self.has_copies()));
            return;
        }
        let intake = self.intake_below(partition, count);
        let Some(intake) = intake else {
            let failed = assigned.unknown_partition.get_or_insert_default();
            failed.append_view(view, &mut FreshChunks);
            return;
        };
        let pushed =
            intake.push(&new_message(view), record_len_max, self.shared.batch_limits, &mut &*self);
        match pushed {
            Pushed::Ready(_) => assigned.ready.push(partition),
            Pushed::Quiet => {}
            // The handle is being destroyed: its messages are not reported any more.
            Pushed::Refused => {
                let failed = assigned.unknown_partition.get_or_insert_default();
                failed.append_view(view, &mut FreshChunks);
            }
        }
    }

    /// IO thread: the topic cannot be produced to. Returns the messages that waited for its partition count.
    pub fn fail(&self, error: i32) -> VecDeque<Batch> {
        let mut unassigned = self.unassigned.lock();
        self.failed_error.store(error, Ordering::Relaxed);
        self.state.store(FAILED, Ordering::Release);
        unassigned.take()
    }

    /// IO thread: takes the un-assigned messages.
    pub fn take_unassigned(&self) -> VecDeque<Batch> {
        self.unassigned.lock().take()
    }

    /// IO thread: takes the un-assigned messages that expired by now.
    pub fn take_expired(&self, now_us: u64) -> Vec<Batch> {
        match self.message_timeout_us().and_then(|timeout_us| now_us.checked_sub(timeout_us)) {
            Some(limit_us) => self.unassigned.lock().take_expired(limit_us, &mut &self.shared.pool),
            None => Vec::new(),
        }
    }

    /// IO thread: when the oldest un-assigned message expires; `u64::MAX` if none does.
    pub fn unassigned_due_us(&self) -> u64 {
        let oldest_us = self.unassigned.lock().oldest_us();
        match (oldest_us, self.message_timeout_us()) {
            (Some(oldest_us), Some(timeout_us)) => oldest_us + timeout_us,
            _ => u64::MAX,
        }
    }

    /// IO thread: takes every message that no one took yet, and lets no more in.
    pub fn close(&self, error: i32) -> Vec<(i32, Batch)> {
        let unassigned = self.fail(error);
        let mut batches: Vec<_> =
            unassigned.into_iter().map(|batch| (PARTITION_UNASSIGNED, batch)).collect();
        for (index, intake) in self.partitions.iter() {
            batches.extend(intake.close().map(|batch| (index as i32, batch)));
        }
        batches
    }
}

/// For batches of its partitions.
impl ChunkSource for &Topic {
    fn chunk(&mut self, min_len: usize, wanted_len: usize) -> Box<[u8]> {
        (&self.shared.pool).chunk(min_len, wanted_len)
    }

    fn charge(&self) -> Charge {
        self.shared.pool.charge(self.has_copies())
    }
}

fn new_message<'a>(
    view: &MessageView<'a>,
) -> NewMessage<'a, impl Iterator<Item = HeaderRef<'a>> + Clone> {
    NewMessage {
        key: view.record.key,
        value: view.record.value,
        headers: view.record.headers.clone(),
        timestamp_ms: view.timestamp_ms,
        enqueued_us: view.enqueued_us,
        opaque: view.opaque,
        tag: view.tag,
        borrowed_value: view.borrowed_value,
    }
}
