//! Pausing partitions: what is produced to them waits. Runs on the thread that calls; the IO thread follows.

use std::ffi::CStr;

use super::guard::guard;
use super::handle::client;
use super::structs::rd_kafka_topic_partition_list_t;
use super::topic_partition::elements;
use super::types::{RespErr, rd_kafka_t};

/// # Safety
/// `rk` is NULL or a live handle, `partitions` NULL or a list that nobody else uses meanwhile.
unsafe fn set(
    rk: *mut rd_kafka_t,
    partitions: *mut rd_kafka_topic_partition_list_t,
    paused: bool,
) -> RespErr {
    // SAFETY: the contract above.
    let Some(client) = (unsafe { client(rk) }) else { return RespErr::_INVALID_ARG };
    if partitions.is_null() {
        return RespErr::_INVALID_ARG;
    }
    // SAFETY: the contract above.
    for element in unsafe { elements(partitions) } {
        // SAFETY: an element's topic is NULL or a terminated string that the list owns.
        let topic = (!element.topic.is_null()).then(|| unsafe { CStr::from_ptr(element.topic) });
        let topic = topic.and_then(|topic| topic.to_str().ok()).unwrap_or_default();
        element.err = match client.pause(topic, element.partition, paused) {
            true => RespErr::NO_ERROR,
            false => RespErr::_UNKNOWN_PARTITION,
        };
    }
    RespErr::NO_ERROR
}

/// Stops sending what is produced to these partitions. It waits, no longer than it may (`message.timeout.ms`); what is
/// on its way is not called back.
///
/// @param partitions Each element's err is set: RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION for one that is not known yet, or not
///                   produced to, and RD_KAFKA_RESP_ERR_NO_ERROR.
///
/// @returns RD_KAFKA_RESP_ERR_NO_ERROR
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_pause_partitions(
    rk: *mut rd_kafka_t,
    partitions: *mut rd_kafka_topic_partition_list_t,
) -> RespErr {
    // SAFETY: NULL, a live handle, the caller's list.
    guard(|| unsafe { set(rk, partitions, true) })
}

/// Goes on sending what is produced to these partitions.
///
/// @param partitions Each element's err is set, as by rd_kafka_pause_partitions().
///
/// @returns RD_KAFKA_RESP_ERR_NO_ERROR
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_resume_partitions(
    rk: *mut rd_kafka_t,
    partitions: *mut rd_kafka_topic_partition_list_t,
) -> RespErr {
    // SAFETY: NULL, a live handle, the caller's list.
    guard(|| unsafe { set(rk, partitions, false) })
}
