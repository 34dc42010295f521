//! Callbacks of a configuration. They are kept as addresses; `callbacks.rs` has their types. The functions here only
//! store, on the application's thread.

use std::os::raw::{c_char, c_int, c_void};

// Names that cbindgen.toml turns into C's.
use libc::{addrinfo as AddrInfo, mode_t as ModeT, sockaddr as SockAddr};

use super::guard::guard;
use super::structs::{rd_kafka_message_t, rd_kafka_topic_partition_list_t};
use super::types::{ConfRes, RespErr, borrow_mut, rd_kafka_conf_t, rd_kafka_event_t, rd_kafka_t};

/// Stores a callback's address; NULL takes it away.
///
/// # Safety
/// `conf` is NULL or an object of ours that nobody else uses now.
unsafe fn store(conf: *mut rd_kafka_conf_t, name: &str, address: usize) {
    // SAFETY: the contract above.
    if let Some(conf) = unsafe { borrow_mut(conf) } {
        conf.set_pointer(name, address);
    }
}

/// Sets the function that gets each message's outcome. rd_kafka_conf_set_dr_msg_cb() tells more.
///
/// It runs in rd_kafka_poll(), rd_kafka_flush() and the like.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_dr_cb(
    conf: *mut rd_kafka_conf_t,
    dr_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            payload: *mut c_void,
            len: usize,
            err: RespErr,
            opaque: *mut c_void,
            msg_opaque: *mut c_void,
        ),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "dr_cb", dr_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that gets each message's outcome: the message's `err` is what became of it.
///
/// It runs in rd_kafka_poll(), rd_kafka_flush() and the like. The message belongs to the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_dr_msg_cb(
    conf: *mut rd_kafka_conf_t,
    dr_msg_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            rkmessage: *const rd_kafka_message_t,
            opaque: *mut c_void,
        ),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "dr_msg_cb", dr_msg_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that gets errors of the client as a whole, such as all brokers being down.
///
/// Most pass by themselves. It runs in rd_kafka_poll() and the like; without it errors are logged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_error_cb(
    conf: *mut rd_kafka_conf_t,
    error_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            err: c_int,
            reason: *const c_char,
            opaque: *mut c_void,
        ),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "error_cb", error_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that is told when a broker slows this client down.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_throttle_cb(
    conf: *mut rd_kafka_conf_t,
    throttle_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            broker_name: *const c_char,
            broker_id: i32,
            throttle_time_ms: c_int,
            opaque: *mut c_void,
        ),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "throttle_cb", throttle_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that gets log lines, by default one that prints them to standard error; NULL for
/// none.
///
/// It may run in any thread, and must not call the library. What would have to wait is refused there: RD_KAFKA_RESP_ERR__STATE from
/// rd_kafka_metadata(), rd_kafka_flush() and the like, RD_KAFKA_RESP_ERR__QUEUE_FULL in spite of RD_KAFKA_MSG_F_BLOCK, and nothing
/// to poll.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_log_cb(
    conf: *mut rd_kafka_conf_t,
    log_cb: Option<
        unsafe extern "C" fn(
            rk: *const rd_kafka_t,
            level: c_int,
            fac: *const c_char,
            buf: *const c_char,
        ),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "log_cb", log_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that gets statistics as JSON, every `statistics.interval.ms`.
///
/// It runs in rd_kafka_poll() and the like. It returns 1 to keep \p json, which it then free()s, or 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_stats_cb(
    conf: *mut rd_kafka_conf_t,
    stats_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            json: *mut c_char,
            json_len: usize,
            opaque: *mut c_void,
        ) -> c_int,
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "stats_cb", stats_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that gets the background queue's events, in a thread of its own.
///
/// It destroys each event with rd_kafka_event_destroy().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_background_event_cb(
    conf: *mut rd_kafka_conf_t,
    event_cb: Option<
        unsafe extern "C" fn(rk: *mut rd_kafka_t, rkev: *mut rd_kafka_event_t, opaque: *mut c_void),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "background_event_cb", event_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that makes sockets.
///
/// It returns a descriptor, or -1 with errno set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_socket_cb(
    conf: *mut rd_kafka_conf_t,
    socket_cb: Option<
        unsafe extern "C" fn(
            domain: c_int,
            type_: c_int,
            protocol: c_int,
            opaque: *mut c_void,
        ) -> c_int,
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "socket_cb", socket_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that connects sockets.
///
/// It returns 0, or errno's value; EINPROGRESS for a connection that goes on in the background.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_connect_cb(
    conf: *mut rd_kafka_conf_t,
    connect_cb: Option<
        unsafe extern "C" fn(
            sockfd: c_int,
            addr: *const SockAddr,
            addrlen: c_int,
            id: *const c_char,
            opaque: *mut c_void,
        ) -> c_int,
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "connect_cb", connect_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that closes sockets.
///
/// It returns 0, or errno's value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_closesocket_cb(
    conf: *mut rd_kafka_conf_t,
    closesocket_cb: Option<unsafe extern "C" fn(sockfd: c_int, opaque: *mut c_void) -> c_int>,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "closesocket_cb", closesocket_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that opens files.
///
/// It returns a descriptor, or -1 with errno set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_open_cb(
    conf: *mut rd_kafka_conf_t,
    open_cb: Option<
        unsafe extern "C" fn(
            pathname: *const c_char,
            flags: c_int,
            mode: ModeT,
            opaque: *mut c_void,
        ) -> c_int,
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "open_cb", open_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that looks names up, as getaddrinfo() does. Called with a NULL \p node and
/// \p service, it frees \p res.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_resolve_cb(
    conf: *mut rd_kafka_conf_t,
    resolve_cb: Option<
        unsafe extern "C" fn(
            node: *const c_char,
            service: *const c_char,
            hints: *const AddrInfo,
            res: *mut *mut AddrInfo,
            opaque: *mut c_void,
        ) -> c_int,
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "resolve_cb", resolve_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that is told when a new OAuth token is needed. Not supported yet: it is kept, and never called.
///
/// It calls rd_kafka_oauthbearer_set_token() or rd_kafka_oauthbearer_set_token_failure().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_oauthbearer_token_refresh_cb(
    conf: *mut rd_kafka_conf_t,
    oauthbearer_token_refresh_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            oauthbearer_config: *const c_char,
            opaque: *mut c_void,
        ),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe {
        store(
            conf,
            "oauthbearer_token_refresh_cb",
            oauthbearer_token_refresh_cb.map_or(0, |f| f as usize),
        )
    })
}

/// Sets the function that gets consumed messages. A producer ignores it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_consume_cb(
    conf: *mut rd_kafka_conf_t,
    consume_cb: Option<
        unsafe extern "C" fn(rkmessage: *mut rd_kafka_message_t, opaque: *mut c_void),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "consume_cb", consume_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that gets the partitions of this member of a group. A producer ignores it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_rebalance_cb(
    conf: *mut rd_kafka_conf_t,
    rebalance_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            err: RespErr,
            partitions: *mut rd_kafka_topic_partition_list_t,
            opaque: *mut c_void,
        ),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "rebalance_cb", rebalance_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that gets the outcome of offset commits. A producer ignores it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_offset_commit_cb(
    conf: *mut rd_kafka_conf_t,
    offset_commit_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            err: RespErr,
            offsets: *mut rd_kafka_topic_partition_list_t,
            opaque: *mut c_void,
        ),
    >,
) {
    // SAFETY: the caller's object.
    guard(|| unsafe { store(conf, "offset_commit_cb", offset_commit_cb.map_or(0, |f| f as usize)) })
}

/// Sets the function that judges brokers' certificates.
///
/// TLS is not built into this version.
///
/// @returns RD_KAFKA_CONF_INVALID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_ssl_cert_verify_cb(
    _conf: *mut rd_kafka_conf_t,
    _ssl_cert_verify_cb: Option<
        unsafe extern "C" fn(
            rk: *mut rd_kafka_t,
            broker_name: *const c_char,
            broker_id: i32,
            x509_error: *mut c_int,
            depth: c_int,
            buf: *const c_char,
            size: usize,
            errstr: *mut c_char,
            errstr_size: usize,
            opaque: *mut c_void,
        ) -> c_int,
    >,
) -> ConfRes {
    guard(|| ConfRes::INVALID)
}
