//! Version and debug contexts: constants.

use std::os::raw::{c_char, c_int};

use super::guard::{guard, guard_or};

/// The API level: that of librdkafka 2.16.0, as in the header's RD_KAFKA_VERSION.
pub(super) const VERSION: c_int = 0x0210_00ff;

/// Our own name and version follow the API level, so that a program's log tells which library it
/// really runs on.
pub(super) const VERSION_TEXT: &str =
    concat!("2.16.0-librdkafka-oxide-", env!("CARGO_PKG_VERSION"), "\0");

const DEBUG_CONTEXTS: &std::ffi::CStr = c"all,generic,broker,topic,metadata,feature,queue,msg,protocol,cgrp,security,fetch,interceptor,plugin,consumer,admin,eos,mock,assignor,conf";

/// Version of the API at run time, as 0xMMmmrrxx: major, minor, revision, and 0xff for a release.
///
/// @sa RD_KAFKA_VERSION for the version at compile time.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_version() -> c_int {
    guard_or(0, || VERSION)
}

/// Version of the library as text: the API level, then this library's name and version.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_version_str() -> *const c_char {
    guard(|| VERSION_TEXT.as_ptr().cast())
}

/// The values that the property "debug" accepts, separated by commas.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_get_debug_contexts() -> *const c_char {
    guard(|| DEBUG_CONTEXTS.as_ptr())
}
