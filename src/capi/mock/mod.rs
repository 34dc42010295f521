//! The entry points of `rdkafka_mock.h`: embedded clusters for tests, and their controls.
//!
//! `build.rs` generates that header from these files. Calls come from any thread of the application; all but making and
//! destroying a cluster run on the cluster's own thread, and return when it is done.

pub mod brokers;
pub mod cluster;
pub mod faults;
pub mod groups;
pub mod partitions;
pub mod requests;
pub mod settings;
pub mod topics;
