//! Consumer groups, share groups and telemetry: the brokers don't know them. Each call says so in its result if it has
//! one, and in the log.

use std::os::raw::{c_char, c_int};
use std::ptr;

use crate::capi::error::set_last_error;
use crate::capi::guard::guard;
use crate::capi::structs::rd_kafka_topic_partition_list_t;
use crate::capi::types::{
    RespErr, borrow, rd_kafka_mock_cgrp_consumer_target_assignment_t, rd_kafka_mock_cluster_t,
};

const GROUPS: &str = "mock cluster: consumer groups";
const SHARE_GROUPS: &str = "mock cluster: share groups";
const TELEMETRY: &str = "mock cluster: telemetry";

/// # Safety
/// `mcluster` is NULL or a live cluster.
unsafe fn refuse(mcluster: *mut rd_kafka_mock_cluster_t, what: &str) -> RespErr {
    // SAFETY: the contract above.
    match unsafe { borrow(mcluster) } {
        Some(cluster) => {
            cluster.log_unsupported(what);
            RespErr::_NOT_IMPLEMENTED
        }
        None => RespErr::_INVALID_ARG,
    }
}

/// The same where there is no result to say it.
///
/// # Safety
/// As for [`refuse`].
unsafe fn ignore(mcluster: *mut rd_kafka_mock_cluster_t, what: &str) {
    // SAFETY: the contract above.
    unsafe { refuse(mcluster, what) };
}

/// How long a group's first rebalance would wait for members. Does nothing but log: not supported, the brokers know no consumer
/// groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_group_initial_rebalance_delay_ms(
    mcluster: *mut rd_kafka_mock_cluster_t,
    delay_ms: i32,
) {
    let _ = delay_ms;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, GROUPS) })
}

/// Which metrics the brokers would ask clients for (KIP-714).
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED: not supported, the brokers know no telemetry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_telemetry_set_requested_metrics(
    mcluster: *mut rd_kafka_mock_cluster_t,
    metrics: *mut *mut c_char,
    metrics_cnt: usize,
) -> RespErr {
    let _ = (metrics, metrics_cnt);
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { refuse(mcluster, TELEMETRY) })
}

/// How often clients would be asked to push their metrics (KIP-714).
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED: not supported, the brokers know no telemetry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_telemetry_set_push_interval(
    mcluster: *mut rd_kafka_mock_cluster_t,
    push_interval_ms: i64,
) -> RespErr {
    let _ = push_interval_ms;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { refuse(mcluster, TELEMETRY) })
}

/// Which partitions each member of a group would get (KIP-848).
///
/// @returns NULL, rd_kafka_last_error() is RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED: not supported, the brokers know no consumer groups.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_mock_cgrp_consumer_target_assignment_new(
    member_ids: *mut *mut c_char,
    member_cnt: c_int,
    assignment: *mut *mut rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_mock_cgrp_consumer_target_assignment_t {
    let _ = (member_ids, member_cnt, assignment);
    guard(|| {
        set_last_error(RespErr::_NOT_IMPLEMENTED, libc::ENOSYS);
        ptr::null_mut()
    })
}

/// Destroys an assignment. There is none: does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_mock_cgrp_consumer_target_assignment_destroy(
    target_assignment: *mut rd_kafka_mock_cgrp_consumer_target_assignment_t,
) {
    let _ = target_assignment;
    guard(|| ())
}

/// The assignment that a group would get next. Does nothing but log: not supported, the brokers know no consumer groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_cgrp_consumer_target_assignment(
    mcluster: *mut rd_kafka_mock_cluster_t,
    group_id: *const c_char,
    target_assignment: *mut rd_kafka_mock_cgrp_consumer_target_assignment_t,
) {
    let _ = (group_id, target_assignment);
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, GROUPS) })
}

/// After how long a silent member would leave its group. Does nothing but log: not supported, the brokers know no consumer groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_set_group_consumer_session_timeout_ms(
    mcluster: *mut rd_kafka_mock_cluster_t,
    group_consumer_session_timeout_ms: c_int,
) {
    let _ = group_consumer_session_timeout_ms;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, GROUPS) })
}

/// How often members would send heartbeats. Does nothing but log: not supported, the brokers know no consumer groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(
    mcluster: *mut rd_kafka_mock_cluster_t,
    group_consumer_heartbeat_interval_ms: c_int,
) {
    let _ = group_consumer_heartbeat_interval_ms;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, GROUPS) })
}

/// After how long a silent member would leave its group. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_session_timeout(
    mcluster: *mut rd_kafka_mock_cluster_t,
    session_timeout_ms: c_int,
) {
    let _ = session_timeout_ms;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// How often members would send heartbeats. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_heartbeat_interval(
    mcluster: *mut rd_kafka_mock_cluster_t,
    heartbeat_interval_ms: c_int,
) {
    let _ = heartbeat_interval_ms;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// How often a record would be delivered. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_max_delivery_attempts(
    mcluster: *mut rd_kafka_mock_cluster_t,
    max_attempts: c_int,
) {
    let _ = max_attempts;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// For how long a record would be locked. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_record_lock_duration(
    mcluster: *mut rd_kafka_mock_cluster_t,
    lock_duration_ms: c_int,
) {
    let _ = lock_duration_ms;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// Which records members would see. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_isolation_level(
    mcluster: *mut rd_kafka_mock_cluster_t,
    level: c_int,
) {
    let _ = level;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// How many members a group could have. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_max_size(
    mcluster: *mut rd_kafka_mock_cluster_t,
    max_size: c_int,
) {
    let _ = max_size;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// How many fetch sessions a group could have. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_max_fetch_sessions(
    mcluster: *mut rd_kafka_mock_cluster_t,
    max_fetch_sessions: c_int,
) {
    let _ = max_fetch_sessions;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// How many records a group could lock. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_max_record_locks(
    mcluster: *mut rd_kafka_mock_cluster_t,
    max_record_locks: c_int,
) {
    let _ = max_record_locks;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// Where a new group would begin. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_set_auto_offset_reset(
    mcluster: *mut rd_kafka_mock_cluster_t,
    auto_offset_reset: c_int,
) {
    let _ = auto_offset_reset;
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// Which partitions each member would get. Does nothing but log: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_target_assignment(
    mcluster: *mut rd_kafka_mock_cluster_t,
    group_id: *const c_char,
    member_ids: *mut *const c_char,
    assignments: *mut *mut rd_kafka_topic_partition_list_t,
    member_cnt: usize,
) {
    let _ = (group_id, member_ids, assignments, member_cnt);
    // SAFETY: NULL or a live cluster.
    guard(|| unsafe { ignore(mcluster, SHARE_GROUPS) })
}

/// Ids of a share group's members.
///
/// @param member_ids_out Gets NULL.
/// @param member_cnt_out Gets 0.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED: not supported, the brokers know no share groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_sharegroup_get_member_ids(
    mcluster: *mut rd_kafka_mock_cluster_t,
    group_id: *const c_char,
    member_ids_out: *mut *mut *mut c_char,
    member_cnt_out: *mut usize,
) -> RespErr {
    let _ = group_id;
    guard(|| {
        // SAFETY: NULL or writable.
        unsafe {
            if let Some(ids) = member_ids_out.as_mut() {
                *ids = ptr::null_mut();
            }
            if let Some(count) = member_cnt_out.as_mut() {
                *count = 0;
            }
        }
        // SAFETY: NULL or a live cluster.
        unsafe { refuse(mcluster, SHARE_GROUPS) }
    })
}
