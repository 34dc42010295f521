//! The consumer: not built. No consumer handle can be made; on a producer's each function fails.

use std::os::raw::{c_char, c_int, c_void};
use std::ptr;

use super::admin::{clear, refuse, refuse_object};
use super::error::set_last_error;
use super::guard::{guard, guard_or};
use super::structs::{
    rd_kafka_message_t, rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t,
};
use super::types::{
    RespErr, rd_kafka_consumer_group_metadata_t, rd_kafka_error_t, rd_kafka_event_t,
    rd_kafka_queue_t, rd_kafka_t,
};

/// Consuming: not supported, this library is a producer.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_memberid(rk: *const rd_kafka_t) -> *mut c_char {
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        refuse(rk, "rd_kafka_memberid");
        ptr::null_mut()
    })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_get_consumer(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        refuse(rk, "rd_kafka_queue_get_consumer");
        ptr::null_mut()
    })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_get_partition(
    rk: *mut rd_kafka_t,
    topic: *const c_char,
    partition: i32,
) -> *mut rd_kafka_queue_t {
    let _ = (topic, partition);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        refuse(rk, "rd_kafka_queue_get_partition");
        ptr::null_mut()
    })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_seek_partitions(
    rk: *mut rd_kafka_t,
    partitions: *mut rd_kafka_topic_partition_list_t,
    timeout_ms: c_int,
) -> *mut rd_kafka_error_t {
    let _ = (partitions, timeout_ms);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(rk, "rd_kafka_seek_partitions") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_offsets_store(
    rk: *mut rd_kafka_t,
    offsets: *mut rd_kafka_topic_partition_list_t,
) -> RespErr {
    let _ = offsets;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_offsets_store") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_offset_store_message(
    rkmessage: *mut rd_kafka_message_t,
) -> *mut rd_kafka_error_t {
    let _ = rkmessage;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_offset_store_message") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_subscribe(
    rk: *mut rd_kafka_t,
    topics: *const rd_kafka_topic_partition_list_t,
) -> RespErr {
    let _ = topics;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_subscribe") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_unsubscribe(rk: *mut rd_kafka_t) -> RespErr {
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_unsubscribe") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_subscription(
    rk: *mut rd_kafka_t,
    topics: *mut *mut rd_kafka_topic_partition_list_t,
) -> RespErr {
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        clear(topics);
        refuse(rk, "rd_kafka_subscription")
    })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns NULL; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consumer_poll(
    rk: *mut rd_kafka_t,
    timeout_ms: c_int,
) -> *mut rd_kafka_message_t {
    let _ = (rk, timeout_ms);
    guard(|| {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        ptr::null_mut()
    })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_close(rk: *mut rd_kafka_t) -> RespErr {
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_consumer_close") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_close_queue(
    rk: *mut rd_kafka_t,
    rkqu: *mut rd_kafka_queue_t,
) -> *mut rd_kafka_error_t {
    let _ = rkqu;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(rk, "rd_kafka_consumer_close_queue") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns -1; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consumer_closed(rk: *mut rd_kafka_t) -> c_int {
    let _ = rk;
    guard_or(-1, || {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        -1
    })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_incremental_assign(
    rk: *mut rd_kafka_t,
    partitions: *const rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_error_t {
    let _ = partitions;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(rk, "rd_kafka_incremental_assign") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_incremental_unassign(
    rk: *mut rd_kafka_t,
    partitions: *const rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_error_t {
    let _ = partitions;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(rk, "rd_kafka_incremental_unassign") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_rebalance_protocol(rk: *mut rd_kafka_t) -> *const c_char {
    let _ = rk;
    guard(ptr::null)
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_assign(
    rk: *mut rd_kafka_t,
    partitions: *const rd_kafka_topic_partition_list_t,
) -> RespErr {
    let _ = partitions;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_assign") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_assignment(
    rk: *mut rd_kafka_t,
    partitions: *mut *mut rd_kafka_topic_partition_list_t,
) -> RespErr {
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        clear(partitions);
        refuse(rk, "rd_kafka_assignment")
    })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_assignment_lost(rk: *mut rd_kafka_t) -> c_int {
    let _ = rk;
    guard_or(0, || 0)
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_commit(
    rk: *mut rd_kafka_t,
    offsets: *const rd_kafka_topic_partition_list_t,
    is_async: c_int,
) -> RespErr {
    let _ = (offsets, is_async);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_commit") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_commit_message(
    rk: *mut rd_kafka_t,
    rkmessage: *const rd_kafka_message_t,
    is_async: c_int,
) -> RespErr {
    let _ = (rkmessage, is_async);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_commit_message") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_commit_queue(
    rk: *mut rd_kafka_t,
    offsets: *const rd_kafka_topic_partition_list_t,
    rkqu: *mut rd_kafka_queue_t,
    cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            err: RespErr,
            offsets: *mut rd_kafka_topic_partition_list_t,
            commit_opaque: *mut c_void,
        ),
    >,
    commit_opaque: *mut c_void,
) -> RespErr {
    let _ = (offsets, rkqu, cb, commit_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_commit_queue") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_committed(
    rk: *mut rd_kafka_t,
    partitions: *mut rd_kafka_topic_partition_list_t,
    timeout_ms: c_int,
) -> RespErr {
    let _ = (partitions, timeout_ms);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_committed") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_position(
    rk: *mut rd_kafka_t,
    partitions: *mut rd_kafka_topic_partition_list_t,
) -> RespErr {
    let _ = partitions;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_position") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns NULL; rd_kafka_last_error() gives RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consumer_group_metadata(
    rk: *mut rd_kafka_t,
) -> *mut rd_kafka_consumer_group_metadata_t {
    let _ = rk;
    guard(|| {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        ptr::null_mut()
    })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_poll_set_consumer(rk: *mut rd_kafka_t) -> RespErr {
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_poll_set_consumer") })
}

/// Consuming: not supported, this library is a producer.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_event_topic_partition_list(
    rkev: *mut rd_kafka_event_t,
) -> *mut rd_kafka_topic_partition_list_t {
    let _ = rkev;
    guard(ptr::null_mut)
}

/// Consuming: not supported, this library is a producer.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_event_topic_partition(
    rkev: *mut rd_kafka_event_t,
) -> *mut rd_kafka_topic_partition_t {
    let _ = rkev;
    guard(ptr::null_mut)
}
