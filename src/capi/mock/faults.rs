//! Errors and delays in the way of requests, for the cluster, one broker, or one partition. The C-variadic forms are
//! in `csrc/mock_varargs.c`, which gathers their arguments for the functions here.

use std::os::raw::{c_char, c_int};

use super::cluster::{change, control, to_c};
use crate::capi::guard::{guard, read_cstr};
use crate::capi::types::{RespErr, borrow, rd_kafka_mock_cluster_t};
use crate::mock::{Fault, Network};
use crate::protocol::{ApiKey, ErrorCode};

/// Errors of one call; more are a mistake.
const ERRORS_MAX: usize = 1 << 20;

/// What becomes of a request that meets this error.
fn fault(err: RespErr, rtt_ms: i32) -> Fault {
    if err == RespErr::_TRANSPORT {
        return Fault::disconnect();
    }
    // Beyond the protocol's range: nothing that a broker could answer.
    let code = i16::try_from(err.0).unwrap_or(ErrorCode::UNKNOWN_SERVER_ERROR.0);
    let delay_us = u64::try_from(rtt_ms).unwrap_or(0) * 1000;
    Fault { delay_us, ..Fault::error(ErrorCode(code)) }
}

/// # Safety
/// `values` is NULL or has `cnt` readable values.
unsafe fn read_values<T: Copy>(values: *const T, cnt: usize) -> Option<Vec<T>> {
    if cnt == 0 {
        return Some(Vec::new());
    }
    if values.is_null() || cnt > ERRORS_MAX {
        return None;
    }
    // SAFETY: the contract above, and no more than the limit.
    Some(unsafe { std::slice::from_raw_parts(values, cnt) }.to_vec())
}

/// Drops the cluster's errors for requests of that kind; those of brokers and partitions stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_clear_request_errors(
    mcluster: *mut rd_kafka_mock_cluster_t,
    api_key: i16,
) {
    guard(|| {
        let clear = move |network: &mut Network| {
            network.cluster_mut().clear_faults(ApiKey(api_key));
        };
        // SAFETY: NULL or a live cluster.
        unsafe { change(mcluster, clear) }
    })
}

/// As rd_kafka_mock_push_request_errors(), with the errors in an array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_push_request_errors_array(
    mcluster: *mut rd_kafka_mock_cluster_t,
    api_key: i16,
    cnt: usize,
    errors: *const RespErr,
) {
    guard(|| {
        // SAFETY: NULL or that many errors.
        let Some(errors) = (unsafe { read_values(errors, cnt) }) else { return };
        let api_key = ApiKey(api_key);
        // SAFETY: NULL or a live cluster.
        unsafe {
            change(mcluster, move |network| {
                network.cluster_mut().push_faults(api_key, errors.iter().map(|&err| fault(err, 0)));
            });
        }
    })
}

/// An error and a delay, as the shim lays them out.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct ErrorRtt {
    err: RespErr,
    rtt_ms: c_int,
}

/// rd_kafka_mock_broker_push_request_error_rtts()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rdkafka_oxide_mock_broker_push(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
    api_key: i16,
    cnt: usize,
    errors: *const ErrorRtt,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or that many pairs.
        let Some(errors) = (unsafe { read_values(errors, cnt) }) else {
            return RespErr::_INVALID_ARG;
        };
        // SAFETY: NULL or a live cluster.
        unsafe {
            control(mcluster, move |network| match network.cluster_mut().broker_mut(broker_id) {
                Some(broker) => {
                    let faults = errors.iter().map(|each| fault(each.err, each.rtt_ms));
                    broker.faults.push(ApiKey(api_key), faults);
                    RespErr::NO_ERROR
                }
                None => RespErr::_UNKNOWN_BROKER,
            })
        }
    })
}

/// rd_kafka_mock_partition_push_request_errors()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rdkafka_oxide_mock_partition_push(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition: i32,
    api_key: i16,
    cnt: usize,
    errors: *const RespErr,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or that many errors; NULL or a terminated string.
        let (errors, topic) = unsafe { (read_values(errors, cnt), read_cstr(topic)) };
        let (Some(errors), Some(topic)) = (errors, topic) else {
            return RespErr::_INVALID_ARG;
        };
        let topic = topic.into_owned();
        // SAFETY: NULL or a live cluster.
        unsafe {
            control(mcluster, move |network| {
                let faults = errors.iter().map(|&err| fault(err, 0));
                let cluster = network.cluster_mut();
                to_c(cluster.push_partition_faults(&topic, partition, ApiKey(api_key), faults))
            })
        }
    })
}

/// How many errors a broker of its own still has for requests of that kind.
///
/// @param cntp Gets the number.
///
/// @returns RD_KAFKA_RESP_ERR__UNKNOWN_BROKER if there is no such broker, RD_KAFKA_RESP_ERR__INVALID_ARG if a
///          pointer is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_error_stack_cnt(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
    api_key: i16,
    cntp: *mut usize,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live cluster; NULL or writable.
        let (Some(cluster), Some(cntp)) = (unsafe { (borrow(mcluster), cntp.as_mut()) }) else {
            return RespErr::_INVALID_ARG;
        };
        let api_key = ApiKey(api_key);
        let count = cluster.call(move |network| {
            let broker = network.cluster().broker(broker_id);
            broker.map(|broker| broker.faults.remaining(api_key))
        });
        match count {
            Some(Some(count)) => {
                *cntp = count;
                RespErr::NO_ERROR
            }
            Some(None) => RespErr::_UNKNOWN_BROKER,
            None => RespErr::_STATE,
        }
    })
}
