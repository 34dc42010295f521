//! The delivery reports of one finished batch, as an event: read message by message by the thread that serves it. Budget is
//! released as messages were served, memory goes back to the pool at the end.

use std::sync::Arc;

use super::budget::Amount;
use super::topic::Topic;
use crate::producer::batch::{Cursor, MessageView};
use crate::producer::report::{Persistence, Report};
use crate::record::record::Headers;

/// `RD_KAFKA_OFFSET_INVALID`
const OFFSET_INVALID: i64 = -1001;

/// Who set a message's time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer.
    CreateTime,
    /// The broker.
    LogAppendTime,
}

/// One message of a report.
#[derive(Clone, Debug)]
pub struct Delivered<'a> {
    /// Key.
    pub key: Option<&'a [u8]>,
    /// Value. Where `borrowed_value` is not 0 the application expects that address instead, with this length.
    pub value: Option<&'a [u8]>,
    /// Headers.
    pub headers: Headers<'a>,
    /// The application's own value bytes if produce() was told not to copy them, else 0.
    pub borrowed_value: usize,
    /// The application's pointer.
    pub opaque: usize,
    /// Partition; what the application asked for if it never got one (-1 for any).
    pub partition: i32,
    /// Offset, or `RD_KAFKA_OFFSET_INVALID`.
    pub offset: i64,
    /// `rd_kafka_resp_err_t`
    pub error: i32,
    /// What is known about its presence in the log.
    pub persistence: Persistence,
    /// Broker that answered or was last sent to, -1 if none.
    pub broker_id: i32,
    /// Create time, or append time if the broker gave one; milliseconds since 1970.
    pub timestamp_ms: i64,
    /// Which of the two.
    pub timestamp_type: TimestampType,
    /// From produce() until the batch was finished.
    pub latency_us: i64,
}

/// See the module.
#[derive(Debug)]
pub struct ReportBatch {
    topic: Arc<Topic>,
    report: Report,
    finished_us: u64,
    cursor: Cursor,
    /// Of the message before the cursor.
    last_value_len: u32,
    released: Amount,
    /// Whether what is served is released by [`Budget::serve`](super::budget::Budget::serve).
    serving: bool,
}

impl ReportBatch {
    /// The reports of `report`, finished at `finished_us`.
    pub fn new(topic: Arc<Topic>, report: Report, finished_us: u64) -> Self {
        Self {
            topic,
            report,
            finished_us,
            cursor: Cursor::default(),
            last_value_len: 0,
            released: Amount::default(),
            serving: false,
        }
    }

    /// Topic of all messages.
    pub fn topic(&self) -> &Arc<Topic> {
        &self.topic
    }

    /// `rd_kafka_resp_err_t` of all messages.
    pub fn error(&self) -> i32 {
        self.report.error
    }

    /// Number of messages, served ones included.
    pub fn count(&self) -> usize {
        self.report.batch.count()
    }

    /// Before the first message that [`ReportBatch::next_message`] has not passed yet.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Number of messages that [`ReportBatch::next_message`] has not passed yet.
    pub fn remaining(&self) -> usize {
        self.count() - self.cursor.index
    }

    /// The next message. Those passed before are thereby served, and released from the budget.
    #[inline(always)]
    pub fn next_message(&mut self) -> Option<Delivered<'_>> {
        if self.cursor.index == 0 {
            self.serving = self.serving || self.topic.shared().budget.begin_serving();
        } else if self.released.messages < self.cursor.index as u64 {
            self.release(Amount { messages: 1, bytes: self.last_value_len.into() });
        }
        // At the end everything was passed, hence released.
        let view = self.report.batch.next_message(&mut self.cursor)?;
        // At most i32::MAX, as all lengths in records.
        self.last_value_len = view.record.value.map_or(0, <[u8]>::len) as u32;
        Some(delivered(&self.report, self.finished_us, view))
    }

    /// The message at `cursor`, which moves behind it; neither serves nor releases anything. For events, whose messages
    /// stay valid until the event is destroyed.
    pub fn message_at(&self, cursor: &mut Cursor) -> Option<Delivered<'_>> {
        let view = self.report.batch.next_message(cursor)?;
        Some(delivered(&self.report, self.finished_us, view))
    }

    /// What was not released message by message.
    fn rest(&self) -> Amount {
        Amount {
            messages: self.count() as u64 - self.released.messages,
            bytes: self.report.batch.values_len_bytes() as u64 - self.released.bytes,
        }
    }

    fn release_rest(&mut self, rest: Amount) {
        self.release(rest);
        if self.serving {
            self.topic.shared().budget.end_serving();
        }
    }

    #[inline]
    fn release(&mut self, amount: Amount) {
        self.released.messages += amount.messages;
        self.released.bytes += amount.bytes;
        let budget = &self.topic.shared().budget;
        if self.serving {
            budget.serve(amount);
        } else {
            budget.release(amount);
        }
    }
}

#[inline]
fn delivered<'a>(report: &Report, finished_us: u64, view: MessageView<'a>) -> Delivered<'a> {
    let log_append = report.log_append_time_ms >= 0;
    let offset = match report.base_offset {
        // Index 0 only where the broker gave an offset: without one all messages have none.
        0.. => report.base_offset + view.index as i64,
        _ => OFFSET_INVALID,
    };
    Delivered {
        key: view.record.key,
        value: view.record.value,
        headers: view.record.headers,
        borrowed_value: view.borrowed_value,
        opaque: view.opaque,
        partition: if report.partition < 0 { view.tag } else { report.partition },
        offset,
        error: report.error,
        persistence: report.persistence,
        broker_id: report.broker_id,
        timestamp_ms: if log_append { report.log_append_time_ms } else { view.timestamp_ms },
        timestamp_type: match log_append {
            true => TimestampType::LogAppendTime,
            false => TimestampType::CreateTime,
        },
        latency_us: finished_us.saturating_sub(view.enqueued_us) as i64,
    }
}

impl Drop for ReportBatch {
    fn drop(&mut self) {
        let rest = self.rest();
        // The core may still hold a timed-out batch that is in flight: then its memory is freed by whoever is last.
        if let Some(batch) = Arc::get_mut(&mut self.report.batch) {
            self.topic.shared().pool.recycle(std::mem::take(batch));
        }
        // Last, because that wakes who waits for room, of whatever kind.
        self.release_rest(rest);
        let shared = self.topic.shared();
        if shared.pool.meter().is_some() {
            shared.budget.notify_waiters();
        }
    }
}
