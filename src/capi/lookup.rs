//! What a producer may ask beside producing. Most of it is not built yet.

use std::os::raw::{c_char, c_int};

use super::admin::{clear, refuse};
use super::guard::guard;
use super::handle::client;
use super::structs::rd_kafka_group_list;
use super::types::{RespErr, rd_kafka_t};
use crate::stats::dump;
use libc::FILE as CFile;

/// Not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_get_watermark_offsets(
    rk: *mut rd_kafka_t,
    topic: *const c_char,
    partition: i32,
    low: *mut i64,
    high: *mut i64,
) -> RespErr {
    let _ = (topic, partition, low, high);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe { refuse(rk, "rd_kafka_get_watermark_offsets") })
}

/// Not supported yet.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_list_groups(
    rk: *mut rd_kafka_t,
    group: *const c_char,
    grplistp: *mut *const rd_kafka_group_list,
    timeout_ms: c_int,
) -> RespErr {
    let _ = (group, timeout_ms);
    // SAFETY: NULL, a live handle, the caller's variables.
    guard(|| unsafe {
        clear(grplistp.cast::<*mut rd_kafka_group_list>());
        refuse(rk, "rd_kafka_list_groups")
    })
}

/// Not supported yet. Does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_group_list_destroy(grplist: *const rd_kafka_group_list) {
    let _ = grplist;
    guard(|| ())
}

/// Writes a client instance's state to a stream, for people to read: queues, brokers, topics, partitions. Not
/// from a log callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_dump(fp: *mut CFile, rk: *mut rd_kafka_t) {
    guard(|| {
        // SAFETY: NULL or a live handle.
        let Some(client) = (unsafe { client(rk) }) else { return };
        if fp.is_null() {
            return;
        }
        let text = match client.statistics() {
            Some(statistics) => dump(&statistics, rk.addr()),
            None => format!("rd_kafka_t {:#x}: {:?} does not answer\n", rk.addr(), client.name_c()),
        };
        // SAFETY: an open stream, and that many bytes. Nowhere to complain if it fails.
        let _ = unsafe { libc::fwrite(text.as_ptr().cast(), 1, text.len(), fp) };
    })
}
