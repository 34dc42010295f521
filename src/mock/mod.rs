//! The embedded cluster: Kafka brokers for tests, benchmarks and `test.mock.num.brokers`.
//!
//! Stands beside the client and shares only `record` and `protocol` with it: the two meet over bytes.
//! All but [`server`] is sans-IO and runs on the thread of whoever drives it.
//!
//! - [`network`]: the edge. Bytes of connections in, bytes and deadlines out; starts here when reading.
//! - [`cluster`]: brokers, topics, partitions; [`controls`]: what a test changes about them while they run.
//! - `handlers`: one file per API key, from a decoded request to an answer.
//! - [`log`], [`producer_state`], [`validate`]: what a broker does with a record batch.
//! - [`faults`]: errors and delays a test has put in the way of requests; [`tracking`]: what requests came.
//! - [`server`]: sockets and the one thread that runs all brokers.

pub mod cluster;
mod connection;
pub mod controls;
pub mod faults;
mod handlers;
pub mod log;
pub mod network;
pub mod options;
pub mod producer_state;
pub mod server;
mod server_io;
pub mod tracking;
pub mod validate;

pub use cluster::Cluster;
pub use faults::Fault;
pub use handlers::is_implemented;
pub use network::{ConnectionId, Network};
pub use options::{ClusterOptions, MockOptions, Validation};
pub use server::MockServer;

#[cfg(test)]
pub(crate) mod test_support;
