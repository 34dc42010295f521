//! The C boundary: librdkafka's names and types, and no logic.
//!
//! One file per C object. Each entry point is `guard(|| ..)`, so that no panic reaches C; pointers
//! that C may leave NULL become `Option`; a length of 0 means empty whatever the pointer. From these
//! files, those listed here, `build.rs` generates the header with cbindgen.

// The C documentation stands on the items and says what a caller must keep to; Rust's own heading
// would end up in the header.
#![allow(clippy::missing_safety_doc)]

pub mod background;
pub mod callbacks;
pub mod conf;
pub mod conf_callbacks;
pub mod enums;
pub mod error;
pub mod error_code;
pub mod error_enum;
pub mod event;
pub mod group_metadata;
pub mod guard;
pub mod handle;
pub mod headers;
pub mod log;
pub mod memory;
pub mod message;
pub mod new;
pub mod partitioners;
pub mod poll;
pub mod produce;
pub mod produce_args;
pub mod queue;
pub mod structs;
pub mod topic;
pub mod topic_conf;
pub mod topic_partition;
pub mod transaction;
pub mod types;
pub mod unsupported;
pub mod uuid;
pub mod version;
