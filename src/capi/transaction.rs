//! Transactions: a producer with a `transactional.id` can't be made yet, so what these functions find is
//! always a producer without.

use std::os::raw::c_int;

use super::error::ErrorObject;
use super::guard::guard;
use super::structs::rd_kafka_topic_partition_list_t;
use super::types::{RespErr, rd_kafka_consumer_group_metadata_t, rd_kafka_error_t, rd_kafka_t};

fn not_configured() -> *mut rd_kafka_error_t {
    let text = "The Transactional API requires transactional.id to be configured";
    ErrorObject::new(RespErr::_NOT_CONFIGURED, text).into_c()
}

/// Starts the use of transactions by a producer: not supported yet.
///
/// @returns an error, which the caller destroys: RD_KAFKA_RESP_ERR__NOT_CONFIGURED without "transactional.id", which
///          isn't supported yet.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_init_transactions(
    rk: *mut rd_kafka_t,
    timeout_ms: c_int,
) -> *mut rd_kafka_error_t {
    let _ = (rk, timeout_ms);
    guard(not_configured)
}

/// Begins a transaction: not supported yet.
///
/// @returns as rd_kafka_init_transactions().
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_begin_transaction(rk: *mut rd_kafka_t) -> *mut rd_kafka_error_t {
    let _ = rk;
    guard(not_configured)
}

/// Makes a consumer's offsets part of the transaction: not supported yet.
///
/// @returns as rd_kafka_init_transactions(); RD_KAFKA_RESP_ERR__INVALID_ARG if offsets or cgmetadata is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_send_offsets_to_transaction(
    rk: *mut rd_kafka_t,
    offsets: *const rd_kafka_topic_partition_list_t,
    cgmetadata: *const rd_kafka_consumer_group_metadata_t,
    timeout_ms: c_int,
) -> *mut rd_kafka_error_t {
    let _ = (rk, timeout_ms);
    guard(|| {
        if offsets.is_null() || cgmetadata.is_null() {
            let text = "cgmetadata and offsets are required parameters";
            return ErrorObject::new(RespErr::_INVALID_ARG, text).into_c();
        }
        not_configured()
    })
}

/// Commits the transaction: not supported yet.
///
/// @returns as rd_kafka_init_transactions().
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_commit_transaction(
    rk: *mut rd_kafka_t,
    timeout_ms: c_int,
) -> *mut rd_kafka_error_t {
    let _ = (rk, timeout_ms);
    guard(not_configured)
}

/// Aborts the transaction: not supported yet.
///
/// @returns as rd_kafka_init_transactions().
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_abort_transaction(
    rk: *mut rd_kafka_t,
    timeout_ms: c_int,
) -> *mut rd_kafka_error_t {
    let _ = (rk, timeout_ms);
    guard(not_configured)
}
