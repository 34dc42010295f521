//! Adding interceptors: to a configuration, and from their on_new to the handle that is being made. `conf_hooks.rs` and
//! `interceptor_calls.rs` call them. The functions here run on the application's thread that owns the configuration.
#![expect(clippy::type_complexity, reason = "the types are what the header shows")]

use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};

use crate::conf::hooks::{Chain, Hooks, Method};

use super::guard::guard;
use super::handle::handle;
use super::interceptor_calls::Chains;
use super::structs::{rd_kafka_message_t, rd_kafka_topic_partition_list_t};
use super::types::{ConfRes, RespErr, ThreadType, borrow_mut, rd_kafka_conf_t, rd_kafka_t};

/// # Safety
/// `name` is NULL or a terminated string.
unsafe fn method(
    name: *const c_char,
    function: Option<usize>,
    opaque: *mut c_void,
) -> Option<Method> {
    // SAFETY: the contract above.
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_owned())?;
    Some(Method { name, function: function?, opaque: opaque as usize })
}

/// # Safety
/// `conf` is NULL or a configuration that nobody else uses now; `name` is NULL or a terminated string.
unsafe fn add_to_conf(
    conf: *mut rd_kafka_conf_t,
    (name, function, opaque): (*const c_char, Option<usize>, *mut c_void),
    chain: impl Fn(&mut Hooks) -> &mut Chain,
) -> RespErr {
    // SAFETY: the contract above.
    match unsafe { (borrow_mut(conf), method(name, function, opaque)) } {
        (Some(conf), Some(method)) => match chain(&mut conf.hooks).add(method) {
            true => RespErr::NO_ERROR,
            false => RespErr::_CONFLICT,
        },
        _ => RespErr::_INVALID_ARG,
    }
}

/// # Safety
/// `rk` is NULL or a live handle; `name` is NULL or a terminated string.
unsafe fn add_to_handle(
    rk: *mut rd_kafka_t,
    (name, function, opaque): (*const c_char, Option<usize>, *mut c_void),
    chain: impl Fn(&mut Chains) -> &mut Chain,
) -> RespErr {
    // SAFETY: the contract above.
    match unsafe { (handle(rk), method(name, function, opaque)) } {
        (Some(handle), Some(method)) => handle.interceptors.add(method, chain),
        _ => RespErr::_INVALID_ARG,
    }
}

/// Adds a function that sees each property that is set, and may take it.
///
/// It returns RD_KAFKA_CONF_UNKNOWN to let the property pass on, RD_KAFKA_CONF_OK if it took it, or
/// RD_KAFKA_CONF_INVALID.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_interceptor_add_on_conf_set(
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
    guard(|| {
        let method = (ic_name, on_conf_set.map(|f| f as usize), ic_opaque);
        // SAFETY: the caller's object and string.
        unsafe { add_to_conf(conf, method, |chains| &mut chains.on_conf_set) }
    })
}

/// Adds a function that sets interceptors up for a copy of the configuration: copies start without.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_interceptor_add_on_conf_dup(
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
    guard(|| {
        let method = (ic_name, on_conf_dup.map(|f| f as usize), ic_opaque);
        // SAFETY: the caller's object and string.
        unsafe { add_to_conf(conf, method, |chains| &mut chains.on_conf_dup) }
    })
}

/// Adds a function that is called at the end of the configuration, or of the client instance made with it. It
/// may be added more than once.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_interceptor_add_on_conf_destroy(
    conf: *mut rd_kafka_conf_t,
    ic_name: *const c_char,
    on_conf_destroy: Option<unsafe extern "C" fn(ic_opaque: *mut c_void) -> RespErr>,
    ic_opaque: *mut c_void,
) -> RespErr {
    guard(|| {
        let function = on_conf_destroy.map(|f| f as usize);
        // SAFETY: the caller's object and string.
        match unsafe { (borrow_mut(conf), method(ic_name, function, ic_opaque)) } {
            (Some(conf), Some(method)) => {
                conf.hooks.on_conf_destroy.add_again(method);
                RespErr::NO_ERROR
            }
            _ => RespErr::_INVALID_ARG,
        }
    })
}

/// Adds a function that is called for a client instance that is being made: the place to add interceptors to that.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_interceptor_add_on_new(
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
    guard(|| {
        let method = (ic_name, on_new.map(|f| f as usize), ic_opaque);
        // SAFETY: the caller's object and string.
        unsafe { add_to_conf(conf, method, |chains| &mut chains.on_new) }
    })
}

/// Adds a function that is called when the client instance is destroyed.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_interceptor_add_on_destroy(
    rk: *mut rd_kafka_t,
    ic_name: *const c_char,
    on_destroy: Option<
        unsafe extern "C" fn(rk: *mut rd_kafka_t, ic_opaque: *mut c_void) -> RespErr,
    >,
    ic_opaque: *mut c_void,
) -> RespErr {
    guard(|| {
        let method = (ic_name, on_destroy.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.destroy) }
    })
}

/// Adds a function that sees each message that is produced, before the partitioner. It runs on the producing thread.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_send.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.send) }
    })
}

/// Adds a function that sees each message that was delivered or failed, before its delivery report. It runs on an
/// internal thread, or in a call that produces and fails after on_send.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_acknowledgement.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.acknowledgement) }
    })
}

/// Adds a function that sees consumed messages. Producers never call it.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_consume.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.consume) }
    })
}

/// Adds a function that sees offset commits. Producers never call it.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_commit.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.commit) }
    })
}

/// Adds a function that is told of each request that was sent. It runs on an internal thread.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_request_sent.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.request_sent) }
    })
}

/// Adds a function that is told of each response. It runs on an internal thread.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_response_received.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.response_received) }
    })
}

/// Adds a function that is called on internal threads when they begin.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_thread_start.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.thread_start) }
    })
}

/// Adds a function that is called on internal threads when they end.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_thread_exit.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.thread_exit) }
    })
}

/// Adds a function that is told when a broker's connection has got another state. It runs on an internal thread.
///
/// @param ic_name Name of the interceptor.
/// @param ic_opaque The function's last argument.
///
/// @returns RD_KAFKA_RESP_ERR__CONFLICT if this interceptor has added the function before,
///          RD_KAFKA_RESP_ERR__STATE after rd_kafka_new().
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
    guard(|| {
        let method = (ic_name, on_broker_state_change.map(|f| f as usize), ic_opaque);
        // SAFETY: NULL or a handle that is being made; the caller's string.
        unsafe { add_to_handle(rk, method, |chains| &mut chains.broker_state) }
    })
}
