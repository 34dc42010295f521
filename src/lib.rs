//! librdkafka-oxide: a drop-in for librdkafka's producer.
//!
//! The layers, top to bottom; each names only those below it (`tests/tidy.rs` keeps it so):
//! `capi` -> `client` -> `io` -> `producer` -> `cluster` -> `record`, `protocol`, `conf`.
//! `mock` stands beside the client and shares only `record` and `protocol` with it.

pub mod capi;
pub mod client;
pub mod cluster;
pub mod conf;
pub mod io;
pub mod mock;
pub mod producer;
pub mod protocol;
pub mod record;
pub mod stats;
