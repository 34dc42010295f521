//! Topic configuration objects: `rd_kafka_topic_conf_t`. Used by one application thread at a time,
//! until a handle or another configuration takes the object over.

use std::os::raw::{c_char, c_int, c_void};
use std::ptr;

use crate::conf::property::Scope;
use crate::conf::{SetError, SetErrorCode, TopicConf};

use super::conf::{cstr_bytes, give_pairs, give_value, is_flags, report};
use super::guard::guard;
use super::structs::rd_kafka_message_t;
use super::types::{
    ConfRes, Opaque, borrow, borrow_mut, into_c, rd_kafka_topic_conf_t, rd_kafka_topic_t, take,
};

impl Opaque for rd_kafka_topic_conf_t {
    type Inner = TopicConf;
}

/// Makes a topic configuration with all properties at their defaults.
///
/// Give it to rd_kafka_topic_new() or rd_kafka_conf_set_default_topic_conf(), or destroy it with
/// rd_kafka_topic_conf_destroy().
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_topic_conf_new() -> *mut rd_kafka_topic_conf_t {
    guard(|| into_c(Box::new(TopicConf::new())))
}

/// Makes a copy of a topic configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_conf_dup(
    conf: *const rd_kafka_topic_conf_t,
) -> *mut rd_kafka_topic_conf_t {
    // SAFETY: NULL or an object of ours.
    guard(|| match unsafe { borrow(conf) } {
        Some(conf) => into_c(Box::new(conf.dup())),
        None => ptr::null_mut(),
    })
}

/// Destroys a topic configuration that nothing took over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_conf_destroy(topic_conf: *mut rd_kafka_topic_conf_t) {
    // SAFETY: the caller gives the object back.
    guard(|| drop(unsafe { take(topic_conf) }))
}

/// Sets a topic property, as rd_kafka_conf_set().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_conf_set(
    conf: *mut rd_kafka_topic_conf_t,
    name: *const c_char,
    value: *const c_char,
    errstr: *mut c_char,
    errstr_size: usize,
) -> ConfRes {
    guard(|| {
        // SAFETY: NULL or an object of ours, and terminated strings.
        let (conf, name, value) =
            unsafe { (borrow_mut(conf), cstr_bytes(name), cstr_bytes(value)) };
        let result = match (conf, name) {
            (Some(conf), Some(name)) => conf.set_bytes(name, value),
            (None, _) => Err(SetError {
                code: SetErrorCode::Invalid,
                message: "No configuration object".to_string(),
            }),
            (_, None) => Err(SetError::unknown(b"(null)")),
        };
        // SAFETY: the caller's buffer.
        unsafe { report(result, errstr, errstr_size) }
    })
}

/// Tells a topic property's value, as rd_kafka_conf_get().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_conf_get(
    conf: *const rd_kafka_topic_conf_t,
    name: *const c_char,
    dest: *mut c_char,
    dest_size: *mut usize,
) -> ConfRes {
    guard(|| {
        // SAFETY: NULL or an object of ours, and a terminated string.
        let (Some(conf), Some(name)) = (unsafe { (borrow(conf), cstr_bytes(name)) }) else {
            return ConfRes::UNKNOWN;
        };
        let value = conf.get(name);
        // SAFETY: the caller's buffer and variable.
        unsafe { give_value(value.as_deref(), is_flags(Scope::Topic, name), dest, dest_size) }
    })
}

/// Lists all topic properties that have a value, as rd_kafka_conf_dump().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_conf_dump(
    conf: *mut rd_kafka_topic_conf_t,
    cntp: *mut usize,
) -> *mut *const c_char {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        let pairs = unsafe { borrow(conf.cast_const()) }.map(TopicConf::dump).unwrap_or_default();
        // SAFETY: the caller's variable.
        unsafe { give_pairs(&pairs, cntp) }
    })
}

/// Sets the pointer that rd_kafka_topic_opaque() returns and the partitioner gets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_conf_set_opaque(
    conf: *mut rd_kafka_topic_conf_t,
    rkt_opaque: *mut c_void,
) {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        if let Some(conf) = unsafe { borrow_mut(conf) } {
            conf.set_pointer("opaque", rkt_opaque as usize);
        }
    })
}

/// Sets the function that chooses each message's partition.
///
/// It runs in the producing thread or an internal one, must return quickly and a partition from 0
/// to \p partition_cnt - 1, or RD_KAFKA_PARTITION_UA if it can't choose. It may call
/// rd_kafka_topic_partition_available() and no other function of the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_conf_set_partitioner_cb(
    topic_conf: *mut rd_kafka_topic_conf_t,
    partitioner: Option<
        unsafe extern "C" fn(
            rkt: *const rd_kafka_topic_t,
            keydata: *const c_void,
            keylen: usize,
            partition_cnt: i32,
            rkt_opaque: *mut c_void,
            msg_opaque: *mut c_void,
        ) -> i32,
    >,
) {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        if let Some(conf) = unsafe { borrow_mut(topic_conf) } {
            conf.set_pointer("partitioner_cb", partitioner.map_or(0, |f| f as usize));
        }
    })
}

/// Sets the function that orders waiting messages. It has no effect: they are sent in the order
/// of the calls that produced them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_conf_set_msg_order_cmp(
    topic_conf: *mut rd_kafka_topic_conf_t,
    msg_order_cmp: Option<
        unsafe extern "C" fn(a: *const rd_kafka_message_t, b: *const rd_kafka_message_t) -> c_int,
    >,
) {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        if let Some(conf) = unsafe { borrow_mut(topic_conf) } {
            conf.set_pointer("msg_order_cmp", msg_order_cmp.map_or(0, |f| f as usize));
        }
    })
}
