//! The C boundary: librdkafka's names and types, and no logic.
//!
//! One file per C object. Each entry point is `guard(|| ..)`, so that no panic reaches C; pointers
//! that C may leave NULL become `Option`; a length of 0 means empty whatever the pointer. The order
//! of the `mod` lines here is the order of the header, which `build.rs` generates with cbindgen.

// The C documentation stands on the items and says what a caller must keep to; Rust's own heading
// would end up in the header.
#![allow(clippy::missing_safety_doc)]

pub mod callbacks;
pub mod conf;
pub mod conf_callbacks;
pub mod enums;
pub mod error;
pub mod error_code;
pub mod error_enum;
pub mod guard;
pub mod structs;
pub mod topic_conf;
pub mod types;
pub mod version;
