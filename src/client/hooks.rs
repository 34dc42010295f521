//! What interceptors get to see of a handle. Implemented by `capi`; each method runs on the thread that it names, with no
//! lock held, and must not block.

use super::reports::ReportBatch;
use super::topic::Topic;
use crate::producer::action::{BrokerState, RequestSent, ResponseReceived};
use crate::producer::headers::Headers;

/// What there are interceptors for; the rest is not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Messages being produced.
    pub sends: bool,
    /// Outcomes of messages.
    pub acknowledgements: bool,
    /// Requests and responses.
    pub requests: bool,
    /// States of brokers.
    pub broker_states: bool,
    /// Begin and end of threads.
    pub threads: bool,
}

/// A message that is being produced.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// Partition that the application asked for, -1 for any.
    pub partition: i32,
    /// Key.
    pub key: Option<&'a [u8]>,
    /// Value.
    pub value: Option<&'a [u8]>,
    /// Headers. Interceptors are not meant to change them, but some do.
    pub headers: Headers,
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// The application's pointer.
    pub opaque: usize,
}

/// See the module.
pub trait Hooks: Send + Sync {
    /// Asked once, when the handle is made.
    fn watched(&self) -> Watched;
    /// A message is about to get its partition. The producing thread.
    fn on_send(&self, topic: &Topic, message: &mut Outgoing<'_>);
    /// After all, the call that produces it fails. The same thread.
    fn on_unsent(&self, topic: &Topic, message: &mut Outgoing<'_>, error: i32);
    /// Messages have their outcome; reports come later. IO thread.
    fn on_acknowledgement(&self, batch: &ReportBatch);
    /// A request was handed to the kernel whole. IO thread.
    fn on_request_sent(&self, sent: &RequestSent);
    /// A response came, or won't. IO thread.
    fn on_response_received(&self, received: &ResponseReceived);
    /// A broker's connection has got another state. IO thread.
    fn on_broker_state(&self, state: &BrokerState);
    /// A thread of the handle begins. That thread.
    fn on_thread_start(&self, name: &str);
    /// It ends.
    fn on_thread_exit(&self, name: &str);
}
