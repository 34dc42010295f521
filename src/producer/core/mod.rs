//! The producer's brain: brokers, metadata, partitions, requests. Sans-IO: inputs are `handle_*` calls with the time, outputs
//! are [`Action`]s, the next deadline is [`Core::poll_timeout`]. Runs on the IO thread, or in the simulator.
//!
//! Call order of a driver's turn: inputs in any order (`handle_*`), then [`Core::drain`], then
//! [`Core::poll_action`] until it returns `None`, then wait until [`Core::poll_timeout`] or the next input.

use core::net::SocketAddr;

use super::action::{Action, ConnId, ResolveId, TopicId};
use super::batch::Batch;

/// The open end of the accumulator: batches that producing threads are filling. Implemented by the application's side.
pub trait BatchSource {
    /// What waits in a partition: `None` if nothing.
    fn head(&self, topic: TopicId, partition: i32) -> Option<Head>;
    /// Takes the oldest waiting batch, closing it if it was still open.
    fn take(&mut self, topic: TopicId, partition: i32) -> Option<Batch>;
}

/// What waits in a partition of a [`BatchSource`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// When the oldest message was produced.
    pub first_enqueued_us: u64,
    /// The oldest batch takes no more messages (`batch.size`, `batch.num.messages`): no reason to linger.
    pub full: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Core {}

impl Core {
    /// Answer to [`Action::Resolve`]; an empty list or an error text is a failure.
    pub fn handle_resolved(
        &mut self,
        _query: ResolveId,
        _result: Result<Vec<SocketAddr>, String>,
        _now_us: u64,
    ) {
    }
    /// The connection is established.
    pub fn handle_connected(&mut self, _conn: ConnId, _now_us: u64) {}
    /// The connection failed or was closed by the other side; the driver has forgotten it.
    pub fn handle_disconnected(&mut self, _conn: ConnId, _reason: &str, _now_us: u64) {}
    /// A whole response frame arrived (without its length field).
    pub fn handle_frame(&mut self, _conn: ConnId, _frame: &[u8], _now_us: u64) {}
    /// The last byte of the oldest untransmitted frame of this connection was handed to the kernel.
    pub fn handle_transmitted(&mut self, _conn: ConnId, _now_us: u64) {}
    /// Fires everything that is due; cheap when nothing is.
    pub fn handle_timeout(&mut self, _now_us: u64) {}
    /// Forms requests from what is ready and may be sent now.
    pub fn drain(&mut self, _source: &mut impl BatchSource, _now_us: u64) {}
    /// The next thing the driver is to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        None
    }
    /// When [`Core::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<u64> {
        None
    }
    /// The application says that a partition has data: its open batch got its first message, or a batch became full.
    pub fn handle_ready(&mut self, _topic: TopicId, _partition: i32, _head: Head, _now_us: u64) {}
    /// The application knows a topic; `config` holds for it from now on.
    pub fn handle_topic(
        &mut self,
        _topic: TopicId,
        _name: &str,
        _config: super::config::TopicSettings,
        _now_us: u64,
    ) {
    }
    /// While flushing, nothing lingers.
    pub fn handle_flush(&mut self, _flushing: bool, _now_us: u64) {}
    /// Fails messages: those not sent yet and/or those in flight (`rd_kafka_purge`).
    pub fn handle_purge(
        &mut self,
        _queued: bool,
        _in_flight: bool,
        _source: &mut impl BatchSource,
        _now_us: u64,
    ) {
    }
}
