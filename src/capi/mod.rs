//! The C boundary: librdkafka's names and types, and no logic.
//!
//! One file per C object. Each entry point is `guard(|| ..)`, so that no panic reaches C; pointers
//! that C may leave NULL become `Option`; a length of 0 means empty whatever the pointer. From these
//! files, those listed here, `build.rs` generates `rdkafka.h` with cbindgen, and from those of `mock` `rdkafka_mock.h`.

// The C documentation stands on the items and says what a caller must keep to; Rust's own heading
// would end up in the header.
#![allow(clippy::missing_safety_doc)]

pub mod admin;
pub mod admin_acls;
pub mod admin_configs;
pub mod admin_enums;
pub mod admin_group_results;
pub mod admin_groups;
pub mod admin_names;
pub mod admin_options;
pub mod admin_requests;
pub mod admin_results;
pub mod admin_topic_results;
pub mod admin_topics;
pub mod background;
pub mod callbacks;
pub mod conf;
pub mod conf_callbacks;
pub mod conf_hooks;
pub mod consumer;
pub mod consumer_legacy;
pub mod enums;
pub mod error;
pub mod error_code;
pub mod error_enum;
pub mod event;
pub mod event_results;
pub mod group_metadata;
pub mod guard;
pub mod handle;
pub mod headers;
pub mod interceptor_calls;
pub mod interceptors;
pub mod log;
pub mod lookup;
pub mod memory;
pub mod message;
pub mod metadata;
pub mod mock;
pub mod new;
pub mod offsets;
pub mod partitioners;
pub mod pause;
pub mod plugins;
pub mod poll;
pub mod produce;
pub mod produce_args;
pub mod queue;
pub mod share_consumer;
pub mod structs;
pub mod system_calls;
pub mod topic;
pub mod topic_conf;
pub mod topic_partition;
pub mod transaction;
pub mod types;
pub mod unsupported;
pub mod uuid;
pub mod version;
