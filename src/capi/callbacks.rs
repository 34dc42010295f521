//! The callbacks an application sets in a configuration, as Rust function types. Configurations keep
//! them as addresses; whoever calls one turns the address back with [`callback`].

use std::os::raw::{c_char, c_int, c_void};

use super::structs::{rd_kafka_message_t, rd_kafka_topic_partition_list_t};
use super::types::{
    ConfRes, RespErr, rd_kafka_conf_t, rd_kafka_event_t, rd_kafka_t, rd_kafka_topic_t,
};

/// `dr_cb`
pub type DrCb = unsafe extern "C" fn(
    rk: *mut rd_kafka_t,
    payload: *mut c_void,
    len: usize,
    err: RespErr,
    opaque: *mut c_void,
    msg_opaque: *mut c_void,
);
/// `dr_msg_cb`
pub type DrMsgCb =
    unsafe extern "C" fn(*mut rd_kafka_t, *const rd_kafka_message_t, opaque: *mut c_void);
/// `error_cb`
pub type ErrorCb =
    unsafe extern "C" fn(*mut rd_kafka_t, err: c_int, reason: *const c_char, opaque: *mut c_void);
/// `throttle_cb`
pub type ThrottleCb = unsafe extern "C" fn(
    *mut rd_kafka_t,
    broker_name: *const c_char,
    broker_id: i32,
    throttle_time_ms: c_int,
    opaque: *mut c_void,
);
/// `log_cb`
pub type LogCb =
    unsafe extern "C" fn(*const rd_kafka_t, level: c_int, fac: *const c_char, buf: *const c_char);
/// `stats_cb`; returns 1 to keep the JSON, which it then frees.
pub type StatsCb = unsafe extern "C" fn(
    *mut rd_kafka_t,
    json: *mut c_char,
    json_len: usize,
    opaque: *mut c_void,
) -> c_int;
/// `background_event_cb`
pub type EventCb = unsafe extern "C" fn(*mut rd_kafka_t, *mut rd_kafka_event_t, *mut c_void);
/// `consume_cb`
pub type ConsumeCb = unsafe extern "C" fn(*mut rd_kafka_message_t, opaque: *mut c_void);
/// `rebalance_cb` and `offset_commit_cb`
pub type PartitionsCb = unsafe extern "C" fn(
    *mut rd_kafka_t,
    err: RespErr,
    partitions: *mut rd_kafka_topic_partition_list_t,
    opaque: *mut c_void,
);
/// `partitioner_cb`
pub type PartitionerCb = unsafe extern "C" fn(
    rkt: *const rd_kafka_topic_t,
    keydata: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32;

/// An interceptor's on_conf_set.
pub type OnConfSet = unsafe extern "C" fn(
    *mut rd_kafka_conf_t,
    name: *const c_char,
    val: *const c_char,
    errstr: *mut c_char,
    errstr_size: usize,
    *mut c_void,
) -> ConfRes;
/// An interceptor's on_conf_dup.
pub type OnConfDup = unsafe extern "C" fn(
    new_conf: *mut rd_kafka_conf_t,
    old_conf: *const rd_kafka_conf_t,
    filter_cnt: usize,
    filter: *mut *const c_char,
    *mut c_void,
) -> RespErr;
/// An interceptor's on_conf_destroy.
pub type OnConfDestroy = unsafe extern "C" fn(*mut c_void) -> RespErr;
/// A plugin's conf_init.
pub type ConfInit = unsafe extern "C" fn(
    *mut rd_kafka_conf_t,
    plug_opaquep: *mut *mut c_void,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr;

/// The function at an address that a configuration keeps; `None` for 0.
///
/// # Safety
/// `F` is the function type under whose property the address was set.
pub unsafe fn callback<F: Copy>(address: usize) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<usize>()) };
    // SAFETY: the address of a function of type F, per the contract above, and not null.
    (address != 0).then(|| unsafe { std::mem::transmute_copy(&address) })
}
