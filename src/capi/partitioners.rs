//! The built-in partitioners as functions, for partitioner callbacks that build on them.

use std::os::raw::c_void;

use crate::client::sticky::random_partition;
use crate::producer::partitioner::{PartitionerKind, partition};

use super::guard::{guard_or, read_bytes};
use super::types::{borrow, rd_kafka_topic_t};

/// Applies a partitioner.
///
/// # Safety
/// `rkt` is NULL or a live topic handle; `key` is NULL or points to `keylen` readable bytes.
unsafe fn apply(
    kind: PartitionerKind,
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
) -> i32 {
    guard_or(-1, || {
        // SAFETY: the contract above.
        let (topic, bytes) = unsafe { (borrow(rkt), read_bytes(key, keylen)) };
        // A NULL pointer is no key, a pointer with length 0 an empty one.
        let key = bytes.filter(|_| !key.is_null());
        partition(kind, key, partition_cnt, || {
            random_partition(partition_cnt, |candidate| {
                topic.is_none_or(|topic| topic.is_available(candidate))
            })
        })
    })
}

/// Partitioner: a random one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_msg_partitioner_random(
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32 {
    let _ = (rkt_opaque, msg_opaque);
    // SAFETY: the caller's pointers, as documented.
    guard_or(-1, || unsafe { apply(PartitionerKind::Random, rkt, key, keylen, partition_cnt) })
}

/// Partitioner: CRC-32 of the key. Messages without key go to one partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_msg_partitioner_consistent(
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32 {
    let _ = (rkt_opaque, msg_opaque);
    // SAFETY: the caller's pointers, as documented.
    guard_or(-1, || unsafe { apply(PartitionerKind::Consistent, rkt, key, keylen, partition_cnt) })
}

/// Partitioner: CRC-32 of the key. Messages without key, or with an empty one, go to a random partition. This is the default.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_msg_partitioner_consistent_random(
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32 {
    let _ = (rkt_opaque, msg_opaque);
    // SAFETY: the caller's pointers, as documented.
    guard_or(-1, || unsafe {
        apply(PartitionerKind::ConsistentRandom, rkt, key, keylen, partition_cnt)
    })
}

/// Partitioner: murmur2 of the key, as Java's clients have it. Messages without key go to one partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_msg_partitioner_murmur2(
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32 {
    let _ = (rkt_opaque, msg_opaque);
    // SAFETY: the caller's pointers, as documented.
    guard_or(-1, || unsafe { apply(PartitionerKind::Murmur2, rkt, key, keylen, partition_cnt) })
}

/// Partitioner: murmur2 of the key, as Java's clients have it. Messages without key go to a random partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_msg_partitioner_murmur2_random(
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32 {
    let _ = (rkt_opaque, msg_opaque);
    // SAFETY: the caller's pointers, as documented.
    guard_or(-1, || unsafe {
        apply(PartitionerKind::Murmur2Random, rkt, key, keylen, partition_cnt)
    })
}

/// Partitioner: FNV-1a of the key, as Sarama has it. Messages without key go to one partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_msg_partitioner_fnv1a(
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32 {
    let _ = (rkt_opaque, msg_opaque);
    // SAFETY: the caller's pointers, as documented.
    guard_or(-1, || unsafe { apply(PartitionerKind::Fnv1a, rkt, key, keylen, partition_cnt) })
}

/// Partitioner: FNV-1a of the key, as Sarama has it. Messages without key go to a random partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_msg_partitioner_fnv1a_random(
    rkt: *const rd_kafka_topic_t,
    key: *const c_void,
    keylen: usize,
    partition_cnt: i32,
    rkt_opaque: *mut c_void,
    msg_opaque: *mut c_void,
) -> i32 {
    let _ = (rkt_opaque, msg_opaque);
    // SAFETY: the caller's pointers, as documented.
    guard_or(-1, || unsafe { apply(PartitionerKind::Fnv1aRandom, rkt, key, keylen, partition_cnt) })
}
