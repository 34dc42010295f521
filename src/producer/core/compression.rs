//! Which batches are handed to the driver to be compressed, how far ahead of being sent, and what happens when they come back.
//!
//! A batch that is being compressed stands in its partition's queue, in its place, and counts as waiting: it may expire or be
//! purged, and what comes back then is dropped. Batches of a partition come back in any order and leave in theirs.

use std::collections::VecDeque;
use std::sync::Arc;

use super::partition::{Packing, QueuedBatch};
use super::{BatchSource, Core, PartitionKey};
use crate::producer::action::{Action, TopicId};
use crate::producer::compression::{Compressed, Compression};
use crate::record::compress::Codec;

/// Batches that wait in a partition before no more are taken from the source just to be compressed: enough for two
/// compressing threads while a third batch is on its way.
const AHEAD_BATCHES_MAX: usize = 3;
/// Bytes of records handed out at a time, give or take a batch.
const AHEAD_BYTES_MAX: usize = 8 << 20;

/// Batches handed out, and partitions that may have more.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    listed: VecDeque<PartitionKey>,
    running_bytes: usize,
}

impl Ahead {
    fn has_room(&self) -> bool {
        self.running_bytes < AHEAD_BYTES_MAX
    }

    /// Whether `drain` would find something to hand out.
    pub fn can_go_on(&self) -> bool {
        !self.listed.is_empty() && self.has_room()
    }
}

impl Core {
    /// The outcome of [`Action::Compress`]. Each one must come back, also when it failed.
    pub fn handle_compressed(&mut self, done: Compressed, now_us: u64) {
        let len_bytes = done.batch.records_len_bytes();
        self.ahead.running_bytes = self.ahead.running_bytes.saturating_sub(len_bytes);
        let key = (done.topic.0, done.partition);
        let Some(state) = self.partition_mut(key) else { return };
        // Not found if it expired or was purged, or was split because a part of it expired.
        let ours = |queued: &&mut QueuedBatch| Arc::ptr_eq(&queued.batch, &done.batch);
        let Some(queued) = state.queue.iter_mut().find(ours) else { return };
        queued.packing = Packing::Idle;
        drop(done.batch);
        if let Some(batch) = Arc::get_mut(&mut queued.batch) {
            batch.pack(done.records);
        }
        self.evaluate(key, now_us);
    }

    /// Whether a batch has to be handed out before it can be sealed.
    pub(super) fn wants_compression(&self, topic: u32, queued: &QueuedBatch) -> bool {
        self.topics[topic as usize].settings.codec != Codec::None
            && !queued.batch.is_packed()
            && !queued.batch.is_sealed()
            && queued.batch.records_len_bytes() >= self.settings.compression_inline_max_bytes
    }

    /// Puts a batch that was about to be sent back in its place, to be compressed first.
    pub(super) fn put_off(
        &mut self,
        key: PartitionKey,
        mut queued: QueuedBatch,
        source: &impl BatchSource,
        now_us: u64,
    ) {
        queued.packing = Packing::Wanted;
        if let Some(state) = self.partition_mut(key) {
            state.requeue(queued);
            state.source = source.head(TopicId(key.0), key.1);
        }
        self.list_ahead(key);
        self.evaluate(key, now_us);
    }

    /// Whether the source has a batch that could as well be compressed now, because its leader is there to take it soon. An
    /// open one may still grow.
    pub(super) fn may_look_ahead(&self, key: PartitionKey) -> bool {
        let Some(state) = self.partition(key) else { return false };
        !self.fatal
            && state.source.is_some_and(|head| head.full)
            && state.queue.len() < AHEAD_BATCHES_MAX
            && self.topics[key.0 as usize].settings.codec != Codec::None
            && self.by_node.get(&state.leader).is_some_and(|&i| self.brokers[i].up().is_some())
    }

    pub(super) fn list_ahead(&mut self, key: PartitionKey) {
        let Some(state) = self.partition_mut(key) else { return };
        if !state.listed_ahead {
            state.listed_ahead = true;
            self.ahead.listed.push_back(key);
        }
    }

    /// Hands out what there is room for: batches that wait for it, then full ones of the source.
    pub(super) fn drain_ahead(&mut self, source: &mut impl BatchSource, now_us: u64) {
        while self.ahead.can_go_on() {
            let Some(key) = self.ahead.listed.pop_front() else { return };
            let Some(state) = self.partition_mut(key) else { continue };
            state.listed_ahead = false;
            self.take_ahead(key, source);
            let started = self.start_wanted(key);
            if !started {
                self.list_ahead(key);
                return;
            }
            self.evaluate(key, now_us);
        }
    }

    fn take_ahead(&mut self, key: PartitionKey, source: &mut impl BatchSource) {
        while self.may_look_ahead(key) {
            let taken = source.take(TopicId(key.0), key.1);
            let head = source.head(TopicId(key.0), key.1);
            let Some(state) = self.partition_mut(key) else { return };
            state.source = head;
            let Some(batch) = taken else { return };
            let mut queued = state.admit(batch);
            if self.wants_compression(key.0, &queued) {
                queued.packing = Packing::Wanted;
            }
            if let Some(state) = self.partition_mut(key) {
                state.requeue(queued);
            }
        }
    }

    /// Hands out the batches of a partition that wait for it; false if there was no room for all.
    fn start_wanted(&mut self, key: PartitionKey) -> bool {
        let settings = &self.topics[key.0 as usize].settings;
        let (codec, level) = (settings.codec, settings.compression_level);
        loop {
            let has_room = self.ahead.has_room();
            let Some(state) = self.partition_mut(key) else { return true };
            let wanted = |queued: &&mut QueuedBatch| queued.packing == Packing::Wanted;
            let Some(queued) = state.queue.iter_mut().find(wanted) else { return true };
            if !has_room {
                return false;
            }
            queued.packing = Packing::Running;
            let batch = Arc::clone(&queued.batch);
            self.ahead.running_bytes += batch.records_len_bytes();
            let work = Compression::new(TopicId(key.0), key.1, batch, codec, level);
            self.actions.push_back(Action::Compress(work));
        }
    }
}
