//! The C functions that the `capi` target calls, declared as C sees them.

use std::ffi::{c_char, c_int, c_void};

pub type Ptr = *mut c_void;
pub type Text = *const c_char;

/// `rd_kafka_message_t`, as far as `rd_kafka_produce_batch()` and reports use it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Message {
    pub err: c_int,
    pub rkt: Ptr,
    pub partition: i32,
    pub payload: Ptr,
    pub len: usize,
    pub key: Ptr,
    pub key_len: usize,
    pub offset: i64,
    pub private: Ptr,
}

/// `rd_kafka_vu_t`
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    pub vtype: c_int,
    pub words: [usize; 8],
}

// The rlib brings the definitions.
use rdkafka as _;

unsafe extern "C" {
    pub fn rd_kafka_conf_new() -> Ptr;
    pub fn rd_kafka_conf_destroy(conf: Ptr);
    pub fn rd_kafka_conf_dup(conf: Ptr) -> Ptr;
    pub fn rd_kafka_conf_set(conf: Ptr, n: Text, v: Text, err: *mut c_char, size: usize) -> c_int;
    pub fn rd_kafka_conf_get(conf: Ptr, n: Text, dest: *mut c_char, size: *mut usize) -> c_int;
    pub fn rd_kafka_conf_dump(conf: Ptr, count: *mut usize) -> *mut Text;
    pub fn rd_kafka_conf_dump_free(array: *mut Text, count: usize);
    pub fn rd_kafka_conf_set_default_topic_conf(conf: Ptr, topic_conf: Ptr);
    pub fn rd_kafka_conf_set_events(conf: Ptr, events: c_int);
    pub fn rd_kafka_conf_set_opaque(conf: Ptr, opaque: Ptr);
    pub fn rd_kafka_conf_set_log_cb(conf: Ptr, callback: Option<LogCallback>);
    pub fn rd_kafka_conf_set_dr_msg_cb(conf: Ptr, callback: Option<ReportCallback>);
    pub fn rd_kafka_topic_conf_new() -> Ptr;
    pub fn rd_kafka_topic_conf_destroy(conf: Ptr);
    pub fn rd_kafka_topic_conf_dup(conf: Ptr) -> Ptr;
    pub fn rd_kafka_topic_conf_set(c: Ptr, n: Text, v: Text, e: *mut c_char, s: usize) -> c_int;
    pub fn rd_kafka_topic_conf_get(c: Ptr, n: Text, dest: *mut c_char, size: *mut usize) -> c_int;
    pub fn rd_kafka_new(kind: c_int, conf: Ptr, err: *mut c_char, size: usize) -> Ptr;
    pub fn rd_kafka_destroy(rk: Ptr);
    pub fn rd_kafka_destroy_flags(rk: Ptr, flags: c_int);
    pub fn rd_kafka_name(rk: Ptr) -> Text;
    pub fn rd_kafka_opaque(rk: Ptr) -> Ptr;
    pub fn rd_kafka_outq_len(rk: Ptr) -> c_int;
    pub fn rd_kafka_brokers_add(rk: Ptr, list: Text) -> c_int;
    pub fn rd_kafka_fatal_error(rk: Ptr, err: *mut c_char, size: usize) -> c_int;
    pub fn rd_kafka_test_fatal_error(rk: Ptr, err: c_int, reason: Text) -> c_int;
    pub fn rd_kafka_poll(rk: Ptr, timeout_ms: c_int) -> c_int;
    pub fn rd_kafka_yield(rk: Ptr);
    pub fn rd_kafka_flush(rk: Ptr, timeout_ms: c_int) -> c_int;
    pub fn rd_kafka_purge(rk: Ptr, flags: c_int) -> c_int;
    pub fn rd_kafka_set_log_level(rk: Ptr, level: c_int);
    pub fn rd_kafka_topic_new(rk: Ptr, name: Text, conf: Ptr) -> Ptr;
    pub fn rd_kafka_topic_destroy(topic: Ptr);
    pub fn rd_kafka_topic_name(topic: Ptr) -> Text;
    pub fn rd_kafka_topic_partition_available(topic: Ptr, partition: i32) -> c_int;
    pub fn rd_kafka_produce(
        topic: Ptr,
        partition: i32,
        flags: c_int,
        payload: Ptr,
        len: usize,
        key: *const c_void,
        key_len: usize,
        opaque: Ptr,
    ) -> c_int;
    pub fn rd_kafka_produce_batch(
        topic: Ptr,
        partition: i32,
        flags: c_int,
        messages: *mut Message,
        count: c_int,
    ) -> c_int;
    pub fn rd_kafka_produceva(rk: Ptr, arguments: *const Argument, count: usize) -> Ptr;
    pub fn rd_kafka_producev(rk: Ptr, ...) -> c_int;
    pub fn rd_kafka_error_destroy(error: Ptr);
    pub fn rd_kafka_error_string(error: Ptr) -> Text;
    pub fn rd_kafka_err2str(error: c_int) -> Text;
    pub fn rd_kafka_err2name(error: c_int) -> Text;
    pub fn rd_kafka_queue_new(rk: Ptr) -> Ptr;
    pub fn rd_kafka_queue_destroy(queue: Ptr);
    pub fn rd_kafka_queue_get_main(rk: Ptr) -> Ptr;
    pub fn rd_kafka_queue_forward(queue: Ptr, to: Ptr);
    pub fn rd_kafka_queue_length(queue: Ptr) -> usize;
    pub fn rd_kafka_queue_poll(queue: Ptr, timeout_ms: c_int) -> Ptr;
    pub fn rd_kafka_queue_poll_callback(queue: Ptr, timeout_ms: c_int) -> c_int;
    pub fn rd_kafka_queue_yield(queue: Ptr);
    pub fn rd_kafka_event_type(event: Ptr) -> c_int;
    pub fn rd_kafka_event_name(event: Ptr) -> Text;
    pub fn rd_kafka_event_destroy(event: Ptr);
    pub fn rd_kafka_event_message_next(event: Ptr) -> *const Message;
    pub fn rd_kafka_event_message_array(e: Ptr, array: *mut *const Message, size: usize) -> usize;
    pub fn rd_kafka_event_message_count(event: Ptr) -> usize;
    pub fn rd_kafka_event_error(event: Ptr) -> c_int;
    pub fn rd_kafka_event_error_string(event: Ptr) -> Text;
    pub fn rd_kafka_event_stats(event: Ptr) -> Text;
    pub fn rd_kafka_message_status(message: *const Message) -> c_int;
    pub fn rd_kafka_message_headers(message: *const Message, headers: *mut Ptr) -> c_int;
    pub fn rd_kafka_headers_new(count: usize) -> Ptr;
    pub fn rd_kafka_headers_destroy(headers: Ptr);
    pub fn rd_kafka_headers_copy(headers: Ptr) -> Ptr;
    pub fn rd_kafka_header_add(
        h: Ptr,
        n: Text,
        n_len: isize,
        v: *const c_void,
        len: isize,
    ) -> c_int;
    pub fn rd_kafka_header_remove(headers: Ptr, name: Text) -> c_int;
    pub fn rd_kafka_header_cnt(headers: Ptr) -> usize;
    pub fn rd_kafka_header_get_last(h: Ptr, n: Text, v: *mut Ptr, len: *mut usize) -> c_int;
    pub fn rd_kafka_header_get(h: Ptr, i: usize, n: Text, v: *mut Ptr, len: *mut usize) -> c_int;
    pub fn rd_kafka_header_get_all(
        headers: Ptr,
        index: usize,
        name: *mut Text,
        value: *mut Ptr,
        len: *mut usize,
    ) -> c_int;
    pub fn rd_kafka_topic_partition_list_new(size: c_int) -> Ptr;
    pub fn rd_kafka_topic_partition_list_destroy(list: Ptr);
    pub fn rd_kafka_topic_partition_list_add(list: Ptr, topic: Text, partition: i32) -> Ptr;
    pub fn rd_kafka_topic_partition_list_add_range(list: Ptr, topic: Text, from: i32, to: i32);
    pub fn rd_kafka_topic_partition_list_del(list: Ptr, topic: Text, partition: i32) -> c_int;
    pub fn rd_kafka_topic_partition_list_del_by_idx(list: Ptr, index: c_int) -> c_int;
    pub fn rd_kafka_topic_partition_list_copy(list: Ptr) -> Ptr;
    pub fn rd_kafka_topic_partition_list_find(list: Ptr, topic: Text, partition: i32) -> Ptr;
    pub fn rd_kafka_topic_partition_list_sort(list: Ptr, compare: Ptr, opaque: Ptr);
}

pub type LogCallback = extern "C" fn(Ptr, c_int, Text, Text);
pub type ReportCallback = extern "C" fn(Ptr, *const Message, Ptr);
