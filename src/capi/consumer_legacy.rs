//! The partition-by-partition consumer: not built.

use std::os::raw::{c_int, c_void};
use std::ptr;

use libc::ssize_t;

use super::error::set_last_error;
use super::guard::{guard, guard_or};
use super::structs::rd_kafka_message_t;
use super::types::{RespErr, rd_kafka_queue_t, rd_kafka_topic_t};

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns -1; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume_start(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    offset: i64,
) -> c_int {
    let _ = (rkt, partition, offset);
    guard_or(-1, || {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        -1
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns -1; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume_start_queue(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    offset: i64,
    rkqu: *mut rd_kafka_queue_t,
) -> c_int {
    let _ = (rkt, partition, offset, rkqu);
    guard_or(-1, || {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        -1
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns -1; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume_stop(rkt: *mut rd_kafka_topic_t, partition: i32) -> c_int {
    let _ = (rkt, partition);
    guard_or(-1, || {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        -1
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_seek(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    offset: i64,
    timeout_ms: c_int,
) -> RespErr {
    let _ = (rkt, partition, offset, timeout_ms);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns NULL; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    timeout_ms: c_int,
) -> *mut rd_kafka_message_t {
    let _ = (rkt, partition, timeout_ms);
    guard(|| {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        ptr::null_mut()
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns -1; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume_batch(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    timeout_ms: c_int,
    rkmessages: *mut *mut rd_kafka_message_t,
    rkmessages_size: usize,
) -> ssize_t {
    let _ = (rkt, partition, timeout_ms, rkmessages, rkmessages_size);
    guard_or(-1, || {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        -1
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns -1; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume_callback(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    timeout_ms: c_int,
    consume_cb: Option<
        unsafe extern "C" fn(rkmessage: *mut rd_kafka_message_t, commit_opaque: *mut c_void),
    >,
    commit_opaque: *mut c_void,
) -> c_int {
    let _ = (rkt, partition, timeout_ms, consume_cb, commit_opaque);
    guard_or(-1, || {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        -1
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns NULL; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume_queue(
    rkqu: *mut rd_kafka_queue_t,
    timeout_ms: c_int,
) -> *mut rd_kafka_message_t {
    let _ = (rkqu, timeout_ms);
    guard(|| {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        ptr::null_mut()
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns -1; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume_batch_queue(
    rkqu: *mut rd_kafka_queue_t,
    timeout_ms: c_int,
    rkmessages: *mut *mut rd_kafka_message_t,
    rkmessages_size: usize,
) -> ssize_t {
    let _ = (rkqu, timeout_ms, rkmessages, rkmessages_size);
    guard_or(-1, || {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        -1
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns -1; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consume_callback_queue(
    rkqu: *mut rd_kafka_queue_t,
    timeout_ms: c_int,
    consume_cb: Option<
        unsafe extern "C" fn(rkmessage: *mut rd_kafka_message_t, commit_opaque: *mut c_void),
    >,
    commit_opaque: *mut c_void,
) -> c_int {
    let _ = (rkqu, timeout_ms, consume_cb, commit_opaque);
    guard_or(-1, || {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        -1
    })
}

/// Consuming partitions: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_offset_store(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    offset: i64,
) -> RespErr {
    let _ = (rkt, partition, offset);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}
