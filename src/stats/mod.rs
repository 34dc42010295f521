//! Statistics: counters and rolling windows that the core keeps, and the report that they make. Sans-IO: the time comes in as a
//! parameter, what goes out is a structure that is written as JSON (`stats_cb`) or as text (`rd_kafka_dump()`).
//!
//! Counters are kept always, one addition per request or batch. Windows (percentiles) are kept only where
//! `statistics.interval.ms` asks for them: they cost memory, and a look at each message of a batch.

mod counters;
mod dump;
mod report;
mod requests;
mod window;

pub use counters::{BrokerWindows, PartitionCounters, QueuedFrame, TopicWindows, Traffic};
pub use dump::dump;
pub use report::{
    BrokerReport, FatalReport, IdempotenceReport, PartitionRef, PartitionReport, Statistics,
    TopicReport,
};
pub use requests::RequestCounts;
pub use window::{Window, WindowReport};
