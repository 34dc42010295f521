//! What results of admin requests about topics and the cluster would hold. No request gives one yet.

use std::os::raw::{c_char, c_int};
use std::ptr;

use super::admin::none;
use super::guard::{guard, guard_or};
use super::types::{
    AclOperation, rd_kafka_CreateTopics_result_t, rd_kafka_DeleteTopics_result_t,
    rd_kafka_DescribeCluster_result_t, rd_kafka_DescribeTopics_result_t, rd_kafka_Node_t,
    rd_kafka_TopicDescription_t, rd_kafka_TopicPartitionInfo_t, rd_kafka_Uuid_t, rd_kafka_error_t,
    rd_kafka_topic_result_t,
};

/// The id of a broker, which no request gives yet.
///
/// @returns -1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_Node_id(node: *const rd_kafka_Node_t) -> c_int {
    let _ = node;
    guard(|| -1)
}

/// The host of a broker, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_Node_host(node: *const rd_kafka_Node_t) -> *const c_char {
    let _ = node;
    guard(ptr::null)
}

/// The port of a broker, which no request gives yet.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_Node_port(node: *const rd_kafka_Node_t) -> u16 {
    let _ = node;
    guard_or(0, || 0)
}

/// The rack of a broker, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_Node_rack(node: *const rd_kafka_Node_t) -> *const c_char {
    let _ = node;
    guard(ptr::null)
}

/// The topics of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_CreateTopics_result_topics(
    result: *const rd_kafka_CreateTopics_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_topic_result_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The topics of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteTopics_result_topics(
    result: *const rd_kafka_DeleteTopics_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_topic_result_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The topics of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeTopics_result_topics(
    result: *const rd_kafka_DescribeTopics_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_TopicDescription_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The partitions of a topic's description, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_TopicDescription_partitions(
    topicdesc: *const rd_kafka_TopicDescription_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_TopicPartitionInfo_t {
    let _ = topicdesc;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The partition of a partition's description, which no request gives yet.
///
/// @returns -1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_TopicPartitionInfo_partition(
    partition: *const rd_kafka_TopicPartitionInfo_t,
) -> c_int {
    let _ = partition;
    guard(|| -1)
}

/// The leader of a partition's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_TopicPartitionInfo_leader(
    partition: *const rd_kafka_TopicPartitionInfo_t,
) -> *const rd_kafka_Node_t {
    let _ = partition;
    guard(ptr::null)
}

/// The isr of a partition's description, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_TopicPartitionInfo_isr(
    partition: *const rd_kafka_TopicPartitionInfo_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_Node_t {
    let _ = partition;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The replicas of a partition's description, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_TopicPartitionInfo_replicas(
    partition: *const rd_kafka_TopicPartitionInfo_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_Node_t {
    let _ = partition;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The authorized operations of a topic's description, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_TopicDescription_authorized_operations(
    topicdesc: *const rd_kafka_TopicDescription_t,
    cntp: *mut usize,
) -> *const AclOperation {
    let _ = topicdesc;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The name of a topic's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_TopicDescription_name(
    topicdesc: *const rd_kafka_TopicDescription_t,
) -> *const c_char {
    let _ = topicdesc;
    guard(ptr::null)
}

/// The topic id of a topic's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_TopicDescription_topic_id(
    topicdesc: *const rd_kafka_TopicDescription_t,
) -> *const rd_kafka_Uuid_t {
    let _ = topicdesc;
    guard(ptr::null)
}

/// The is internal of a topic's description, which no request gives yet.
///
/// @returns -1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_TopicDescription_is_internal(
    topicdesc: *const rd_kafka_TopicDescription_t,
) -> c_int {
    let _ = topicdesc;
    guard(|| -1)
}

/// The error of a topic's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_TopicDescription_error(
    topicdesc: *const rd_kafka_TopicDescription_t,
) -> *const rd_kafka_error_t {
    let _ = topicdesc;
    guard(ptr::null)
}

/// The nodes of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeCluster_result_nodes(
    result: *const rd_kafka_DescribeCluster_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_Node_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The authorized operations of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeCluster_result_authorized_operations(
    result: *const rd_kafka_DescribeCluster_result_t,
    cntp: *mut usize,
) -> *const AclOperation {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The controller of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_DescribeCluster_result_controller(
    result: *const rd_kafka_DescribeCluster_result_t,
) -> *const rd_kafka_Node_t {
    let _ = result;
    guard(ptr::null)
}

/// The cluster id of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_DescribeCluster_result_cluster_id(
    result: *const rd_kafka_DescribeCluster_result_t,
) -> *const c_char {
    let _ = result;
    guard(ptr::null)
}
