//! What a producer may ask of the cluster beside producing: not built yet.

use std::os::raw::{c_char, c_int};

use super::admin::{clear, refuse};
use super::guard::guard;
use super::structs::rd_kafka_group_list;
use super::types::{RespErr, rd_kafka_t};
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

/// Not supported yet. Does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_dump(fp: *mut CFile, rk: *mut rd_kafka_t) {
    let _ = (fp, rk);
    guard(|| ())
}
