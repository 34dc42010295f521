//! produce(): the hot path. Per message: one clock read, one atomic operation on the budget, one short lock of the
//! partition, and the record's encoding into the partition's open batch.

use std::sync::atomic::Ordering;

use super::budget::Amount;
use super::error;
use super::hooks::Outgoing;
use super::intake::Pushed;
use super::room::{BLOCK_SLICE, BlockEnd, MEMORY_SLICE};
use super::shared::SENDS_WATCHED;
use super::topic::{FAILED, PARTITION_UNASSIGNED, Topic};
use crate::producer::batch::NewMessage;
use crate::producer::headers::Headers;
use crate::producer::memory;
use crate::record::record::{HeaderRef, NoHeaders, encoded_len_max};
use crate::record::varint::varlong_len;

/// What to produce.
#[derive(Clone, Debug)]
pub struct Message<'a, H = NoHeaders> {
    /// Partition, -1 for the partitioner's choice.
    pub partition: i32,
    /// Key, `None` for null.
    pub key: Option<&'a [u8]>,
    /// Value, `None` for null.
    pub value: Option<&'a [u8]>,
    /// Headers; the iterator runs several times.
    pub headers: H,
    /// Milliseconds since 1970, 0 for now.
    pub timestamp_ms: i64,
    /// The application's pointer, returned in the report.
    pub opaque: usize,
    /// Address of the value where the report must return that very pointer (no `RD_KAFKA_MSG_F_COPY`), else 0.
    pub borrowed_value: usize,
    /// Wait while the queue is full (`RD_KAFKA_MSG_F_BLOCK`).
    pub block: bool,
}

impl<'a> Message<'a> {
    /// A message without key, headers and options.
    pub fn of_value(value: &'a [u8]) -> Self {
        Message {
            partition: PARTITION_UNASSIGNED,
            key: None,
            value: Some(value),
            headers: std::iter::empty(),
            timestamp_ms: 0,
            opaque: 0,
            borrowed_value: 0,
            block: false,
        }
    }
}

/// Bytes that headers take in a record, as librdkafka counts them.
#[inline]
pub fn headers_len<'h>(headers: impl Iterator<Item = HeaderRef<'h>>) -> usize {
    let field = |len: usize| varlong_len(len as i64) + len;
    headers.map(|(name, value)| field(name.len()) + field(value.map_or(0, <[u8]>::len))).sum()
}

impl Topic {
    /// Whether a message of that size may be produced; to be asked before slices are made from lengths of unknown origin.
    pub fn is_size_allowed(&self, key_len: usize, value_len: usize, headers_len: usize) -> bool {
        const PART_MAX: usize = i32::MAX as usize;
        key_len <= PART_MAX
            && value_len <= PART_MAX
            && headers_len <= PART_MAX
            && encoded_len_max(Some(key_len), Some(value_len), headers_len)
                <= self.shared.config.message_max_bytes
    }

    /// Takes a message into the queue. The error is an `rd_kafka_resp_err_t`.
    #[inline]
    pub fn produce<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        message: &Message<'_, H>,
    ) -> Result<(), i32> {
        match self.shared.check_unwatched() {
            Ok(()) => self.produce_checked(message),
            Err(SENDS_WATCHED) if self.shared.watched.sends => self.produce_watched(message),
            Err(SENDS_WATCHED) => self.produce_metered(message),
            Err(error) => Err(error),
        }
    }

    #[inline]
    fn produce_checked<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        message: &Message<'_, H>,
    ) -> Result<(), i32> {
        let (value_len, record_len_max) = self.reserve(message, |topic, acquire| {
            topic.wait_for_room(message.block, BLOCK_SLICE, &mut BlockEnd::default(), acquire)
        })?;
        let result = self.enqueue(message, record_len_max);
        if result.is_err() {
            let amount = Amount { messages: 1, bytes: value_len as u64 };
            self.shared.budget.release(amount);
        }
        result
    }

    /// The same, under `buffer.memory`.
    #[cold]
    fn produce_metered<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        message: &Message<'_, H>,
    ) -> Result<(), i32> {
        let end = &mut BlockEnd::default();
        let (value_len, record_len_max) = self.reserve(message, |topic, acquire| {
            topic.wait_for_room(message.block, BLOCK_SLICE, end, acquire)
        })?;
        let result = self.enqueue_metered(message, record_len_max, end);
        if result.is_err() {
            let amount = Amount { messages: 1, bytes: value_len as u64 };
            self.shared.budget.release(amount);
        }
        result
    }

    /// [`Topic::enqueue`], under `buffer.memory` if that is set.
    #[inline(never)]
    fn enqueue_metered<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        message: &Message<'_, H>,
        record_len_max: usize,
        end: &mut BlockEnd,
    ) -> Result<(), i32> {
        let pool = &self.shared.pool;
        let Some(meter) = pool.meter() else { return self.enqueue(message, record_len_max) };
        let mut growth_max = memory::growth_max(record_len_max, self.has_copies());
        if self.partition_count() <= 0 {
            growth_max += memory::reserve_unassigned(record_len_max, self.has_copies());
        }
        if growth_max > meter.limit_bytes() {
            return Err(error::MSG_SIZE_TOO_LARGE);
        }
        if !pool.reserve(meter, growth_max) {
            let reserve = || pool.reserve(meter, growth_max);
            self.wait_for_room(message.block, MEMORY_SLICE, end, reserve)?;
        }
        let result = self.enqueue(message, record_len_max);
        // What was taken of it counts by itself now.
        meter.release(growth_max);
        result
    }

    /// The same, with interceptors looking on: after the limits, before the partitioner.
    #[cold]
    fn produce_watched<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        message: &Message<'_, H>,
    ) -> Result<(), i32> {
        let end = &mut BlockEnd::default();
        let (value_len, _) = self.reserve(message, |topic, acquire| {
            topic.wait_for_room(message.block, BLOCK_SLICE, end, acquire)
        })?;
        let shared = &*self.shared;
        let timestamp_ms = match message.timestamp_ms {
            0 => shared.wall_ms(shared.clock.now_us()),
            given => given,
        };
        let Message { partition, key, value, opaque, .. } = *message;
        let headers: Headers = message.headers.clone().collect();
        let mut outgoing = Outgoing { partition, key, value, headers, timestamp_ms, opaque };
        if let Some(hooks) = shared.hooks() {
            hooks.on_send(self, &mut outgoing);
        }
        let headers_len = headers_len(outgoing.headers.iter());
        let record_len_max = encoded_len_max(key.map(<[u8]>::len), Some(value_len), headers_len);
        let result = match record_len_max > shared.config.message_max_bytes {
            true => Err(error::MSG_SIZE_TOO_LARGE),
            false => {
                let headers = outgoing.headers.iter();
                let Message { borrowed_value, block, .. } = *message;
                let seen = Message {
                    partition,
                    key,
                    value,
                    headers,
                    timestamp_ms,
                    opaque,
                    borrowed_value,
                    block,
                };
                self.enqueue_metered(&seen, record_len_max, end)
            }
        };
        if let Err(error) = result {
            shared.budget.release(Amount { messages: 1, bytes: value_len as u64 });
            if let Some(hooks) = shared.hooks() {
                hooks.on_unsent(self, &mut outgoing, error);
            }
        }
        result
    }

    /// Checks a message's size and takes its share of the budget, with `wait` if there is no room; returns the value's size
    /// and the record's at most.
    #[inline]
    fn reserve<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        message: &Message<'_, H>,
        wait: impl FnOnce(&Self, &dyn Fn() -> bool) -> Result<(), i32>,
    ) -> Result<(usize, usize), i32> {
        let shared = &*self.shared;
        let value_len = message.value.map_or(0, <[u8]>::len);
        let record_len_max = encoded_len_max(
            message.key.map(<[u8]>::len),
            Some(value_len),
            headers_len(message.headers.clone()),
        );
        if record_len_max > shared.config.message_max_bytes {
            return Err(error::MSG_SIZE_TOO_LARGE);
        }
        if !shared.budget.try_acquire(value_len) {
            wait(self, &|| shared.budget.try_acquire(value_len))?;
        }
        Ok((value_len, record_len_max))
    }

    #[inline]
    fn enqueue<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        message: &Message<'_, H>,
        record_len_max: usize,
    ) -> Result<(), i32> {
        let shared = &*self.shared;
        let now_us = shared.clock.now_us_cheap();
        let timestamp_ms = match message.timestamp_ms {
            0 => shared.wall_ms(now_us),
            given => given,
        };
        let record = NewMessage {
            key: message.key,
            value: message.value,
            headers: message.headers.clone(),
            timestamp_ms,
            enqueued_us: now_us,
            opaque: message.opaque,
            tag: message.partition,
            borrowed_value: message.borrowed_value,
        };
        loop {
            let count = self.state.load(Ordering::Acquire);
            if count <= 0 {
                match self.enqueue_unassigned(&record, record_len_max, false) {
                    Some(result) => return result,
                    // The count became known meanwhile.
                    None => continue,
                }
            }
            let partition = match message.partition {
                PARTITION_UNASSIGNED => {
                    self.choose_partition(message.key, count, message.opaque, now_us)
                }
                wanted => wanted,
            };
            if partition == PARTITION_UNASSIGNED {
                let parked = self.enqueue_unassigned(&record, record_len_max, true);
                return parked.unwrap_or(Err(error::STATE));
            }
            let intake = self.intake_below(partition, count);
            let intake = intake.ok_or(error::UNKNOWN_PARTITION)?;
            return match intake.push(&record, record_len_max, shared.batch_limits, &mut &*self) {
                Pushed::Quiet => Ok(()),
                Pushed::Ready(head) => {
                    shared.inbox.notice_partition(
                        self.id,
                        partition,
                        head.first_enqueued_us,
                        head.full,
                    );
                    Ok(())
                }
                Pushed::Refused => Err(shared.check().err().unwrap_or(error::STATE)),
            };
        }
    }

    /// Puts a message where it waits for the partition count, or (`parked`) for another one. `None`: the count is known.
    #[cold]
    fn enqueue_unassigned<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        record: &NewMessage<'_, H>,
        record_len_max: usize,
        parked: bool,
    ) -> Option<Result<(), i32>> {
        let shared = &*self.shared;
        let was_empty = {
            let mut unassigned = self.unassigned.lock();
            match self.state.load(Ordering::Relaxed) {
                FAILED => return Some(Err(self.failure())),
                count if count > 0 && !parked => return None,
                _ => {}
            }
            let was_empty = unassigned.is_empty();
            unassigned.push(record, &mut &shared.pool);
            if shared.pool.meter().is_some() {
                let reserved = memory::reserve_unassigned(record_len_max, self.has_copies());
                unassigned.reserve(reserved);
            }
            was_empty
        };
        if was_empty {
            let due_us = self
                .message_timeout_us()
                .map_or(u64::MAX, |timeout_us| record.enqueued_us.saturating_add(timeout_us));
            shared.inbox.notice_unassigned(self.id, due_us);
        }
        Some(Ok(()))
    }
}
