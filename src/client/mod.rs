//! The application threads' side of a handle: produce() into open batches, the budget they count against, event queues and
//! delivery reports, flush, purge, destroy. It meets the IO thread at two places only: the [`inbox`] with the
//! [`intake`]s behind it (in), and the event [`queue`]s (out).
//!
//! A message's way: [`topic::Topic::produce`] checks it, acquires budget, picks a partition, writes its record into the
//! partition's open batch and, once per batch, tells the IO thread. [`host::ClientHost`] hands whole batches to the core.
//! A finished batch comes back as one [`reports::ReportBatch`] on the main queue; serving it releases budget and memory.

pub mod append_vec;
pub mod budget;
mod cluster;
mod deadline;
pub mod error;
pub mod fork;
pub mod handle;
pub mod hooks;
pub mod host;
pub mod inbox;
pub mod intake;
pub mod pool;
pub mod produce;
pub mod queue;
pub mod reports;
mod room;
#[doc(hidden)]
pub mod settings;
pub mod shared;
mod statistics;
pub mod sticky;
pub mod sync;
pub mod topic;
mod topic_map;
pub mod unassigned;

#[cfg(test)]
mod handle_tests;
#[cfg(test)]
mod host_tests;
#[cfg(all(test, loom))]
mod model_tests;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod topic_tests;

pub(crate) use deadline::Deadline;
pub use fork::enter_child;
pub use handle::{Client, PurgeFlags, TopicOptions, thread_count, wait_destroyed};
pub use hooks::{Hooks, Outgoing, Watched};
pub use produce::Message;
pub use queue::{Op, Queue, YieldWatch, request_yield};
pub use reports::{Delivered, ReportBatch, TimestampType};
pub use room::ServeOp;
pub use shared::{DeliveryMode, LogSink, Options};
pub use topic::{CustomPartitioner, Topic};

/// Keeps what one thread writes off the cache lines that others use (two lines: they are fetched in pairs).
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct CacheAligned<T>(pub(crate) T);

impl<T> std::ops::Deref for CacheAligned<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}
