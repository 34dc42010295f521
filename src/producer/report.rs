//! The outcome of a batch, as the application will be told. Plain data, made by the core on the IO thread, read by whichever
//! thread serves the report.

use std::sync::Arc;

use super::action::TopicId;
use super::batch::Batch;

/// What is known about the messages' presence in the partition's log (`rd_kafka_msg_status_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Persistence {
    /// Never handed to a broker, or refused by it.
    NotPersisted = 0,
    /// Handed to a broker that did not answer conclusively.
    PossiblyPersisted = 1,
    /// Acknowledged as the `acks` setting demands.
    Persisted = 2,
}

/// One finished batch. Every message in it shares this outcome; message `i` has offset `base_offset + i`.
#[derive(Debug)]
pub struct Report {
    /// Topic of all messages.
    pub topic: TopicId,
    /// Partition of all messages; -1 where they never got one.
    pub partition: i32,
    /// The messages.
    pub batch: Arc<Batch>,
    /// Offset of the first message, -1 where the broker gave none (errors, acks=0).
    pub base_offset: i64,
    /// `rd_kafka_resp_err_t` value, 0 on success.
    pub error: i32,
    /// Truth about the log.
    pub persistence: Persistence,
    /// Node id of the broker that answered or was last sent to, -1 if none.
    pub broker_id: i32,
    /// Append time that the broker assigned (topics with LogAppendTime), -1 otherwise.
    pub log_append_time_ms: i64,
}
