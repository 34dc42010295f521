//! What the core asks its driver to do, and the identifiers both use. Plain data: the IO thread's driver executes
//! actions on sockets, the simulator executes the same actions in memory.

use std::sync::Arc;

use core::net::SocketAddr;

use super::adaptive::LoadTable;
use super::batch::Batch;
use super::compression::Compression;
use super::question::{Answer, Cluster, QuestionId};
use super::report::Report;
use crate::conf::DebugContexts;

/// Identifies one connection attempt. Ascending, never reused within a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(pub u64);

/// Identifies one name resolution. Ascending, never reused within a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResolveId(pub u64);

/// Index of a topic in the order in which the handle first heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicId(pub u32);

/// One stretch of an outgoing frame. A frame is its segments, in order, back to back.
#[derive(Debug)]
pub enum Segment {
    /// Framing bytes owned by the frame.
    Bytes(Vec<u8>),
    /// A sealed batch: its slices are `Batch::wire_slice(0..)`, immutable and shared with the in-flight table.
    Batch(Arc<Batch>),
}

impl Segment {
    /// Its length on the wire.
    pub fn len_bytes(&self) -> usize {
        match self {
            Segment::Bytes(bytes) => bytes.len(),
            Segment::Batch(batch) => batch.wire_len_bytes(),
        }
    }
}

/// How a connection ended, or failed to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disconnect {
    /// A whole phrase, for logs and error events.
    pub reason: String,
    /// The peer sent what can't be a response: whatever it was asked, nobody knows the answer.
    pub garbled: bool,
}

impl From<String> for Disconnect {
    fn from(reason: String) -> Self {
        Self { reason, garbled: false }
    }
}

impl From<&str> for Disconnect {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}

/// A request to the driver about the outside world.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's documentation covers its fields")]
pub enum Action {
    /// Look up `host`; answer with `Core::handle_resolved`.
    Resolve { query: ResolveId, host: String, port: u16 },
    /// Open a TCP connection; answer with `handle_connected`, or `handle_disconnected` if it failed.
    Connect { conn: ConnId, address: SocketAddr },
    /// Send one request frame. When its last byte is handed to the kernel: `handle_transmitted`.
    Transmit { conn: ConnId, segments: Vec<Segment> },
    /// Close the connection and forget it: no further input about it, its unsent frames are dropped.
    Close { conn: ConnId },
    /// Compress a batch, here or elsewhere; answer with `handle_compressed`, in any order.
    Compress(Compression),
    /// A fact for the application's side of the handle.
    Notify(Notice),
}

/// A fact for the application's side of the handle, to be passed to [`crate::io::host::Host::handle_notice`].
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's documentation covers its fields")]
pub enum Notice {
    /// A batch is finished, one way or the other: its delivery reports are due.
    Report(Report),
    /// The partition count of a topic is known (or has changed).
    TopicPartitions { topic: TopicId, partition_count: i32 },
    /// The topic cannot be produced to; `error` is an `rd_kafka_resp_err_t` value.
    TopicFailed { topic: TopicId, error: i32 },
    /// Which partitions of a topic have short queues; `None`: any is as good.
    TopicLoad { topic: TopicId, table: Option<LoadTable> },
    /// Leader availability of a partition changed (`rd_kafka_topic_partition_available`).
    PartitionAvailable { topic: TopicId, partition: i32, available: bool },
    /// A client-level error event (`RD_KAFKA_RESP_ERR__TRANSPORT`, `__ALL_BROKERS_DOWN`, ...).
    Error { error: i32, reason: String },
    /// Nothing can be produced any more; told once.
    Fatal { error: i32, reason: String },
    /// A log line: syslog level, facility and text.
    Log { level: i32, facility: &'static str, text: String },
    /// A line of `debug`, in the contexts it belongs to.
    Debug { contexts: DebugContexts, facility: &'static str, text: String },
    /// A broker asked to be sent less, or no longer does: its address, and what its response said.
    Throttle { broker: String, broker_id: i32, throttle_ms: i32 },
    /// What is known of the cluster has changed.
    Cluster(Cluster),
    /// A broker's connection has got another state.
    BrokerState(BrokerState),
    /// The last byte of a request was handed to the kernel.
    RequestSent(RequestSent),
    /// A response came, or won't come any more.
    ResponseReceived(ResponseReceived),
    /// The end of a question; the error is an `rd_kafka_resp_err_t` value.
    Answer { id: QuestionId, answer: Result<Answer, i32> },
}

/// State of a broker's connection, told where [`super::config::Settings::watch_broker_states`] asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerState {
    /// Node id, -1 of a bootstrap address.
    pub broker_id: i32,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The state, as librdkafka names it.
    pub state: &'static str,
}

/// A request, told where [`super::config::Settings::watch_requests`] asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSent {
    /// Its connection.
    pub conn: ConnId,
    /// The connection's socket, filled in by the driver; -1 if it is gone.
    pub socket: i32,
    /// The broker's name.
    pub broker: String,
    /// Its node id.
    pub broker_id: i32,
    /// API.
    pub api: i16,
    /// Version of that.
    pub version: i16,
    /// Correlation id.
    pub correlation_id: i32,
    /// Size of the frame, its length field included.
    pub size_bytes: usize,
}

/// A response, told where [`super::config::Settings::watch_requests`] asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseReceived {
    /// The broker's name.
    pub broker: String,
    /// Its node id.
    pub broker_id: i32,
    /// API.
    pub api: i16,
    /// Version of that.
    pub version: i16,
    /// Correlation id.
    pub correlation_id: i32,
    /// Size of the frame without length field and correlation id; 0 if there was none.
    pub size_bytes: usize,
    /// Since the request was handed over; -1 if nothing came.
    pub rtt_us: i64,
    /// `rd_kafka_resp_err_t`
    pub error: i32,
}
