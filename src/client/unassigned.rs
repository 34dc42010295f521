//! Messages of a topic whose partition count is not known yet, in order. The topic's state changes only under this queue's
//! lock, which is how later messages are kept from overtaking.

use std::collections::VecDeque;

use crate::producer::batch::{Batch, ChunkSource, MessageView, NewMessage};
use crate::record::record::HeaderRef;

/// Messages per batch: bounds what an expiry or a partial copy has to touch.
const BATCH_MESSAGES_MAX: usize = 1_000;
/// And bytes.
const BATCH_LEN_MAX: usize = 64 << 10;

/// See the module. [`NewMessage::tag`] is the wanted partition, -1 for any.
#[derive(Debug, Default)]
pub struct Unassigned {
    batches: VecDeque<Batch>,
    /// Messages that ever came to wait here.
    pushed_count: u64,
}

impl Unassigned {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// When the oldest message was produced.
    pub fn oldest_us(&self) -> Option<u64> {
        self.batches.front().map(Batch::first_enqueued_us)
    }

    /// Adds a message.
    pub fn push<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &mut self,
        message: &NewMessage<'_, H>,
        chunks: &mut impl ChunkSource,
    ) {
        self.open().append(message, chunks);
        self.pushed_count += 1;
    }

    /// Counts what the last message will take once it has a partition.
    pub fn reserve(&mut self, bytes: usize) {
        if let Some(batch) = self.batches.back_mut() {
            batch.charge_mut().reserve(bytes);
        }
    }

    /// Adds a message read back from elsewhere.
    pub fn push_view(&mut self, view: &MessageView<'_>, chunks: &mut impl ChunkSource) {
        self.open().append_view(view, chunks);
    }

    fn open(&mut self) -> &mut Batch {
        let full = self.batches.back().is_none_or(|batch| {
            batch.count() >= BATCH_MESSAGES_MAX || batch.records_len_bytes() >= BATCH_LEN_MAX
        });
        if full {
            self.batches.push_back(Batch::default());
        }
        let last = self.batches.len() - 1;
        &mut self.batches[last]
    }

    /// How many messages wait, the bytes of their values, and how many ever came.
    pub fn waiting(&self) -> (u64, u64, u64) {
        let messages = self.batches.iter().map(|batch| batch.count() as u64).sum();
        let bytes = self.batches.iter().map(|batch| batch.values_len_bytes() as u64).sum();
        (messages, bytes, self.pushed_count)
    }

    /// Adds the messages of `later` behind these.
    pub fn extend(&mut self, later: Unassigned) {
        self.batches.extend(later.batches);
    }

    /// Takes everything.
    pub fn take(&mut self) -> VecDeque<Batch> {
        std::mem::take(&mut self.batches)
    }

    /// Takes the messages produced at or before `limit_us`.
    pub fn take_expired(&mut self, limit_us: u64, chunks: &mut impl ChunkSource) -> Vec<Batch> {
        let mut expired = Vec::new();
        while let Some(batch) = self.batches.pop_front() {
            let count = batch.count_enqueued_until(limit_us);
            if count == batch.count() {
                expired.push(batch);
                continue;
            }
            if count == 0 {
                self.batches.push_front(batch);
            } else {
                let (head, tail) = batch.split_at(count, chunks);
                expired.push(head);
                self.batches.push_front(tail);
            }
            break;
        }
        expired
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::batch::FreshChunks;

    #[test]
    fn exactly_the_expired_messages_are_taken() {
        let mut queue = Unassigned::default();
        for i in 0..2_500 {
            let message = NewMessage {
                key: None,
                value: Some(b"v"),
                headers: std::iter::empty(),
                timestamp_ms: 0,
                enqueued_us: i,
                opaque: i as usize,
                tag: -1,
                borrowed_value: 0,
            };
            queue.push(&message, &mut FreshChunks);
        }
        let expired = queue.take_expired(1_234, &mut FreshChunks);
        let opaques = expired.iter().flat_map(|batch| batch.messages().map(|view| view.opaque));
        assert!(opaques.eq(0..1_235));
        assert_eq!(queue.oldest_us(), Some(1_235));
        assert!(queue.take_expired(1_234, &mut FreshChunks).is_empty());
        assert_eq!(queue.take().iter().map(Batch::count).sum::<usize>(), 2_500 - 1_235);
        assert!(queue.is_empty() && queue.oldest_us().is_none());
        assert_eq!(queue.waiting(), (0, 0, 2_500));
    }
}
