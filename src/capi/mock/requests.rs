//! Request tracking: what requests came to a cluster, which broker got them, and when.

use std::ptr;

use super::cluster::change;
use crate::capi::guard::{guard, guard_or};
use crate::capi::types::{
    Opaque, borrow, into_c, rd_kafka_mock_cluster_t, rd_kafka_mock_request_t, take,
};
use crate::mock::tracking::TrackedRequest;

/// What is behind a `rd_kafka_mock_request_t`.
#[derive(Clone, Copy, Debug)]
pub struct MockRequest {
    broker_id: i32,
    api_key: i16,
    timestamp_us: i64,
}

impl Opaque for rd_kafka_mock_request_t {
    type Inner = MockRequest;
}

impl From<TrackedRequest> for MockRequest {
    fn from(request: TrackedRequest) -> Self {
        Self {
            broker_id: request.broker_id,
            api_key: request.api_key.0,
            timestamp_us: i64::try_from(request.at_us).unwrap_or(i64::MAX),
        }
    }
}

/// Begins to note down the requests that come to the cluster; those noted down before are forgotten.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_start_request_tracking(
    mcluster: *mut rd_kafka_mock_cluster_t,
) {
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { change(mcluster, |network| network.cluster_mut().start_tracking()) })
}

/// Notes down no more requests, and forgets those noted down: get them before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_stop_request_tracking(
    mcluster: *mut rd_kafka_mock_cluster_t,
) {
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { change(mcluster, |network| network.cluster_mut().stop_tracking()) })
}

/// Forgets the requests noted down so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_clear_requests(mcluster: *mut rd_kafka_mock_cluster_t) {
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { change(mcluster, |network| network.cluster_mut().clear_tracked()) })
}

/// The requests noted down so far, oldest first: the last million at most.
///
/// @param cntp Gets their number.
///
/// @returns an array of requests, which the caller destroys with rd_kafka_mock_request_destroy_array(); NULL if there
///          are none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_get_requests(
    mcluster: *mut rd_kafka_mock_cluster_t,
    cntp: *mut usize,
) -> *mut *mut rd_kafka_mock_request_t {
    guard(|| {
        // SAFETY: NULL or a live cluster; NULL or writable.
        let (cluster, cntp) = unsafe { (borrow(mcluster), cntp.as_mut()) };
        let Some(cntp) = cntp else { return ptr::null_mut() };
        *cntp = 0;
        let found = cluster.and_then(|c| c.call(|network| network.cluster().tracked()));
        let found = found.unwrap_or_default();
        if found.is_empty() {
            return ptr::null_mut();
        }
        let size = size_of::<*mut rd_kafka_mock_request_t>();
        // SAFETY: any arguments are fine.
        let array = unsafe { libc::calloc(found.len(), size) };
        let array = array.cast::<*mut rd_kafka_mock_request_t>();
        if array.is_null() {
            return array;
        }
        *cntp = found.len();
        for (index, request) in found.into_iter().enumerate() {
            // SAFETY: the array has that many places.
            unsafe { array.add(index).write(into_c(Box::new(MockRequest::from(request)))) };
        }
        array
    })
}

/// Destroys a request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_request_destroy(mreq: *mut rd_kafka_mock_request_t) {
    // SAFETY: NULL or a request that the caller gives back.
    guard(|| drop(unsafe { take(mreq) }))
}

/// Destroys the requests of an array, and the array itself.
///
/// @param mreq_cnt Number of requests.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_request_destroy_array(
    mreqs: *mut *mut rd_kafka_mock_request_t,
    mreq_cnt: usize,
) {
    guard(|| {
        if mreqs.is_null() {
            return;
        }
        // SAFETY: an array of that many requests, malloc()ed, all of which the caller gives back.
        unsafe {
            for index in 0..mreq_cnt {
                drop(take(*mreqs.add(index)));
            }
            libc::free(mreqs.cast());
        }
    })
}

/// Id of the broker that got a request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_request_id(mreq: *mut rd_kafka_mock_request_t) -> i32 {
    // SAFETY: NULL or a live request.
    guard(|| unsafe { borrow(mreq) }.map_or(-1, |request| request.broker_id))
}

/// Kind of a request: the protocol's ApiKey, such as 0 for Produce.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_request_api_key(mreq: *mut rd_kafka_mock_request_t) -> i16 {
    // SAFETY: NULL or a live request.
    guard_or(-1, || unsafe { borrow(mreq) }.map_or(-1, |request| request.api_key))
}

/// When a request came, in microseconds. The clock doesn't jump but has no known beginning: compare requests of one
/// cluster.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_request_timestamp(
    mreq: *mut rd_kafka_mock_request_t,
) -> i64 {
    // SAFETY: NULL or a live request.
    guard(|| unsafe { borrow(mreq) }.map_or(-1, |request| request.timestamp_us))
}
