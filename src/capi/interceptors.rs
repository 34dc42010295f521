//! Interceptors: not built yet.
#![expect(clippy::type_complexity, reason = "the types are what the header shows")]

use std::os::raw::{c_char, c_int, c_void};

use super::admin::refuse;
use super::guard::guard;
use super::structs::{rd_kafka_message_t, rd_kafka_topic_partition_list_t};
use super::types::{ConfRes, RespErr, ThreadType, rd_kafka_conf_t, rd_kafka_t};

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_conf_interceptor_add_on_conf_set(
    conf: *mut rd_kafka_conf_t,
    ic_name: *const c_char,
    on_conf_set: Option<
        unsafe extern "C" fn(
            conf: *mut rd_kafka_conf_t,
            name: *const c_char,
            val: *const c_char,
            errstr: *mut c_char,
            errstr_size: usize,
            ic_opaque: *mut c_void,
        ) -> ConfRes,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (conf, ic_name, on_conf_set, ic_opaque);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_conf_interceptor_add_on_conf_dup(
    conf: *mut rd_kafka_conf_t,
    ic_name: *const c_char,
    on_conf_dup: Option<
        unsafe extern "C" fn(
            new_conf: *mut rd_kafka_conf_t,
            old_conf: *const rd_kafka_conf_t,
            filter_cnt: usize,
            filter: *mut *const c_char,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (conf, ic_name, on_conf_dup, ic_opaque);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_conf_interceptor_add_on_conf_destroy(
    conf: *mut rd_kafka_conf_t,
    ic_name: *const c_char,
    on_conf_destroy: Option<unsafe extern "C" fn(ic_opaque: *mut c_void) -> RespErr>,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (conf, ic_name, on_conf_destroy, ic_opaque);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_conf_interceptor_add_on_new(
    conf: *mut rd_kafka_conf_t,
    ic_name: *const c_char,
    on_new: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            conf: *const rd_kafka_conf_t,
            ic_opaque: *mut c_void,
            errstr: *mut c_char,
            errstr_size: usize,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (conf, ic_name, on_new, ic_opaque);
    guard(|| RespErr::_NOT_IMPLEMENTED)
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_destroy(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_destroy: Option<
        unsafe extern "C" fn(rk: *mut rd_kafka_t, ic_opaque: *mut c_void) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_destroy, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_destroy") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_send(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_send: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            rkmessage: *mut rd_kafka_message_t,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_send, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_send") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_acknowledgement(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_acknowledgement: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            rkmessage: *mut rd_kafka_message_t,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_acknowledgement, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_acknowledgement") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_consume(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_consume: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            rkmessage: *mut rd_kafka_message_t,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_consume, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_consume") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_commit(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_commit: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            offsets: *const rd_kafka_topic_partition_list_t,
            err: RespErr,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_commit, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_commit") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_request_sent(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_request_sent: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            sockfd: c_int,
            brokername: *const c_char,
            brokerid: i32,
            api_key: i16,
            api_version: i16,
            corr_id: i32,
            size: usize,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_request_sent, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_request_sent") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_response_received(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_response_received: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            sockfd: c_int,
            brokername: *const c_char,
            brokerid: i32,
            api_key: i16,
            api_version: i16,
            corr_id: i32,
            size: usize,
            rtt: i64,
            err: RespErr,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_response_received, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_response_received") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_thread_start(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_thread_start: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            thread_type: ThreadType,
            thread_name: *const c_char,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_thread_start, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_thread_start") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_thread_exit(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_thread_exit: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            thread_type: ThreadType,
            thread_name: *const c_char,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_thread_exit, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_thread_exit") })
}

/// Interceptors: not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_broker_state_change(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_broker_state_change: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            broker_id: i32,
            secproto: *const c_char,
            name: *const c_char,
            port: c_int,
            state: *const c_char,
            ic_opaque: *mut c_void,
        ) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    let _ = (ic_name, on_broker_state_change, ic_opaque);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_interceptor_add_on_broker_state_change") })
}
