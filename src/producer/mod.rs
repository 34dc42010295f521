//! The producer's core, sans-IO: batches, partitioners, and the state machine that sends, retries and reports.

pub mod action;
pub mod adaptive;
pub mod batch;
pub mod compression;
pub mod config;
pub mod core;
pub mod headers;
pub mod memory;
pub mod partitioner;
mod prefetch;
pub mod question;
pub mod report;
