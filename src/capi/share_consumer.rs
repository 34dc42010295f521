//! Share consumers (KIP-932): not built. None can be made, so the other functions have nothing to work on.

use std::os::raw::{c_char, c_int, c_void};
use std::ptr;

use super::admin::{clear, refuse, refuse_object};
use super::error::set_last_error;
use super::guard::{guard, guard_or, write_cstr};
use super::structs::{
    rd_kafka_message_t, rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t,
};
use super::types::{
    AcknowledgeType, RespErr, rd_kafka_conf_t, rd_kafka_error_t, rd_kafka_messages_t,
    rd_kafka_queue_t, rd_kafka_share_partition_offsets_list_t, rd_kafka_share_partition_offsets_t,
    rd_kafka_share_t,
};

/// Share consumers: not supported.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_messages_count(messages: *const rd_kafka_messages_t) -> usize {
    let _ = messages;
    guard(|| 0)
}

/// Share consumers: not supported.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_messages_get(
    messages: *const rd_kafka_messages_t,
    index: usize,
) -> *mut rd_kafka_message_t {
    let _ = (messages, index);
    guard(ptr::null_mut)
}

/// Share consumers: not supported. Does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_messages_destroy(messages: *mut rd_kafka_messages_t) {
    let _ = messages;
    guard(|| ())
}

/// Share consumers: not supported.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_queue_get_sasl(
    rkshare: *mut rd_kafka_share_t,
) -> *mut rd_kafka_queue_t {
    let _ = rkshare;
    guard(ptr::null_mut)
}

/// Share consumers: not supported.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_oauthbearer_set_token(
    rkshare: *mut rd_kafka_share_t,
    token_value: *const c_char,
    md_lifetime_ms: i64,
    md_principal_name: *const c_char,
    extensions: *mut *const c_char,
    extension_size: usize,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    let _ = (rkshare, token_value, md_lifetime_ms, md_principal_name, extensions);
    let _ = (extension_size, errstr, errstr_size);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Share consumers: not supported.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_oauthbearer_set_token_failure(
    rkshare: *mut rd_kafka_share_t,
    errstr: *const c_char,
) -> RespErr {
    let _ = (rkshare, errstr);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Share consumers: not supported.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_partition_offsets_list_count(
    list: *const rd_kafka_share_partition_offsets_list_t,
) -> usize {
    let _ = list;
    guard(|| 0)
}

/// Share consumers: not supported.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_partition_offsets_list_get(
    list: *const rd_kafka_share_partition_offsets_list_t,
    index: usize,
) -> *const rd_kafka_share_partition_offsets_t {
    let _ = (list, index);
    guard(ptr::null)
}

/// Share consumers: not supported. Does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_partition_offsets_list_destroy(
    list: *mut rd_kafka_share_partition_offsets_list_t,
) {
    let _ = list;
    guard(|| ())
}

/// Share consumers: not supported.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_partition_offsets_partition(
    partition_offsets: *const rd_kafka_share_partition_offsets_t,
) -> *const rd_kafka_topic_partition_t {
    let _ = partition_offsets;
    guard(ptr::null)
}

/// Share consumers: not supported.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_partition_offsets_offsets(
    partition_offsets: *const rd_kafka_share_partition_offsets_t,
) -> *const i64 {
    let _ = partition_offsets;
    guard(ptr::null)
}

/// Share consumers: not supported.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_partition_offsets_offsets_cnt(
    partition_offsets: *const rd_kafka_share_partition_offsets_t,
) -> usize {
    let _ = partition_offsets;
    guard(|| 0)
}

/// Share consumers: not supported.
///
/// @returns NULL, and the reason in errstr. The configuration stays the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_consumer_new(
    conf: *mut rd_kafka_conf_t,
    errstr: *mut c_char,
    errstr_size: usize,
) -> *mut rd_kafka_share_t {
    let _ = conf;
    // SAFETY: NULL or that many writable bytes.
    guard(|| unsafe {
        write_cstr(
            errstr,
            errstr_size,
            "Share consumers are not supported: this library is a producer",
        );
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        ptr::null_mut()
    })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_set_acknowledgement_commit_cb(
    rkshare: *mut rd_kafka_share_t,
    share_acknowledgement_commit_cb: Option<
        unsafe extern "C" fn(
            rkshare: *mut rd_kafka_share_t,
            partitions: *mut rd_kafka_share_partition_offsets_list_t,
            err: RespErr,
            opaque: *mut c_void,
        ),
    >,
    opaque: *mut c_void,
) -> *mut rd_kafka_error_t {
    let _ = (rkshare, share_acknowledgement_commit_cb, opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_share_set_acknowledgement_commit_cb") })
}

/// Share consumers: not supported.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_subscribe(
    rkshare: *mut rd_kafka_share_t,
    topics: *const rd_kafka_topic_partition_list_t,
) -> RespErr {
    let _ = (rkshare, topics);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Share consumers: not supported.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_unsubscribe(rkshare: *mut rd_kafka_share_t) -> RespErr {
    let _ = rkshare;
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Share consumers: not supported.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_subscription(
    rkshare: *mut rd_kafka_share_t,
    topics: *mut *mut rd_kafka_topic_partition_list_t,
) -> RespErr {
    let _ = rkshare;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        clear(topics);
        refuse(ptr::null(), "rd_kafka_share_subscription")
    })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_poll(
    rkshare: *mut rd_kafka_share_t,
    timeout_ms: c_int,
    rkmessages: *mut *mut rd_kafka_messages_t,
) -> *mut rd_kafka_error_t {
    let _ = (rkshare, timeout_ms);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        clear(rkmessages);
        refuse_object(ptr::null(), "rd_kafka_share_poll")
    })
}

/// Share consumers: not supported.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_acknowledge(
    rkshare: *mut rd_kafka_share_t,
    rkmessage: *const rd_kafka_message_t,
) -> RespErr {
    let _ = (rkshare, rkmessage);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Share consumers: not supported.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_acknowledge_type(
    rkshare: *mut rd_kafka_share_t,
    rkmessage: *const rd_kafka_message_t,
    kind: AcknowledgeType,
) -> RespErr {
    let _ = (rkshare, rkmessage, kind);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Share consumers: not supported.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_acknowledge_offset(
    rkshare: *mut rd_kafka_share_t,
    topic: *const c_char,
    partition: i32,
    offset: i64,
    kind: AcknowledgeType,
) -> RespErr {
    let _ = (rkshare, topic, partition, offset, kind);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_commit_async(
    rkshare: *mut rd_kafka_share_t,
) -> *mut rd_kafka_error_t {
    let _ = rkshare;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_share_commit_async") })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_commit_sync(
    rkshare: *mut rd_kafka_share_t,
    timeout_ms: c_int,
    partitions: *mut *mut rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_error_t {
    let _ = (rkshare, timeout_ms);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        clear(partitions);
        refuse_object(ptr::null(), "rd_kafka_share_commit_sync")
    })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_consumer_close(
    rkshare: *mut rd_kafka_share_t,
) -> *mut rd_kafka_error_t {
    let _ = rkshare;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_share_consumer_close") })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_consumer_close_queue(
    rkshare: *mut rd_kafka_share_t,
    rkqu: *mut rd_kafka_queue_t,
) -> *mut rd_kafka_error_t {
    let _ = (rkshare, rkqu);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_share_consumer_close_queue") })
}

/// Share consumers: not supported.
///
/// @returns 1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_share_consumer_closed(rkshare: *mut rd_kafka_share_t) -> c_int {
    let _ = rkshare;
    guard_or(1, || 1)
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_destroy(
    rkshare: *mut rd_kafka_share_t,
) -> *mut rd_kafka_error_t {
    let _ = rkshare;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_share_destroy") })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_destroy_flags(
    rkshare: *mut rd_kafka_share_t,
    flags: c_int,
) -> *mut rd_kafka_error_t {
    let _ = (rkshare, flags);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_share_destroy_flags") })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_set_log_queue(
    rkshare: *mut rd_kafka_share_t,
    rkqu: *mut rd_kafka_queue_t,
) -> *mut rd_kafka_error_t {
    let _ = (rkshare, rkqu);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_share_set_log_queue") })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_sasl_background_callbacks_enable(
    rkshare: *mut rd_kafka_share_t,
) -> *mut rd_kafka_error_t {
    let _ = rkshare;
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        refuse_object(ptr::null(), "rd_kafka_share_sasl_background_callbacks_enable")
    })
}

/// Share consumers: not supported.
///
/// @returns an error, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_share_sasl_set_credentials(
    rkshare: *mut rd_kafka_share_t,
    username: *const c_char,
    password: *const c_char,
) -> *mut rd_kafka_error_t {
    let _ = (rkshare, username, password);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse_object(ptr::null(), "rd_kafka_share_sasl_set_credentials") })
}
