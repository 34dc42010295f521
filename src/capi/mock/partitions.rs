//! Partitions of a cluster's topics: records, leaders, followers. Most calls create a topic that does not exist, with
//! just enough partitions; of one that exists, a partition beyond its last is unknown.

use std::os::raw::{c_char, c_int};

use super::cluster::{control, to_c};
use crate::capi::guard::{guard, read_cstr};
use crate::capi::types::{RespErr, rd_kafka_mock_cluster_t};
use crate::mock::Cluster;
use crate::protocol::ErrorCode;

/// Does something with a partition of a topic.
///
/// # Safety
/// `mcluster` is NULL or a live cluster, `topic` NULL or a terminated string.
unsafe fn with_topic(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    f: impl FnOnce(&mut Cluster, &str) -> Result<(), ErrorCode> + Send + 'static,
) -> RespErr {
    // SAFETY: the contract above.
    let Some(topic) = (unsafe { read_cstr(topic) }) else { return RespErr::_INVALID_ARG };
    let topic = topic.into_owned();
    // SAFETY: as above.
    unsafe { control(mcluster, move |network| to_c(f(network.cluster_mut(), &topic))) }
}

/// Deletes the records before an offset; the partition then begins there.
///
/// @param before_offset -1: all records.
///
/// @returns RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE if the partition doesn't go as far,
///          RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART if there is no such partition; it isn't created.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_partition_delete_records(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition: i32,
    before_offset: i64,
) -> RespErr {
    guard(|| {
        let delete = move |cluster: &mut Cluster, topic: &str| {
            let found = cluster.partition_mut(topic, partition);
            let partition = found.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
            partition.log.delete_before(before_offset)
        };
        // SAFETY: NULL or a live cluster; NULL or a terminated string.
        unsafe { with_topic(mcluster, topic, delete) }
    })
}

/// Gives a partition another leader, in a new epoch. Clients find out when a broker refuses them, or by their next
/// Metadata request.
///
/// @param broker_id A broker, or -1 for none.
///
/// @returns RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE if there is no such broker,
///          RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART if there is no such partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_partition_set_leader(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition: i32,
    broker_id: i32,
) -> RespErr {
    guard(|| {
        let set = move |cluster: &mut Cluster, topic: &str| {
            cluster.partition_or_create(topic, partition)?;
            match cluster.set_leader(topic, partition, broker_id) {
                true => Ok(()),
                false => Err(ErrorCode::BROKER_NOT_AVAILABLE),
            }
        };
        // SAFETY: NULL or a live cluster; NULL or a terminated string.
        unsafe { with_topic(mcluster, topic, set) }
    })
}

/// Sets the replica that the leader sends consumers to (KIP-392).
///
/// @param broker_id Need not be a broker; -1: consumers fetch from the leader.
///
/// @returns RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART if there is no such partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_partition_set_follower(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition: i32,
    broker_id: i32,
) -> RespErr {
    guard(|| {
        let set = move |cluster: &mut Cluster, topic: &str| {
            cluster.partition_or_create(topic, partition)?.follower = broker_id;
            Ok(())
        };
        // SAFETY: NULL or a live cluster; NULL or a terminated string.
        unsafe { with_topic(mcluster, topic, set) }
    })
}

/// Sets what the replica of rd_kafka_mock_partition_set_follower() has.
///
/// @param lo First offset, -1: as the leader.
/// @param hi High watermark, -1: as the leader.
///
/// @returns RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART if there is no such partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_partition_set_follower_wmarks(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition: i32,
    lo: i64,
    hi: i64,
) -> RespErr {
    guard(|| {
        let set = move |cluster: &mut Cluster, topic: &str| {
            let partition = cluster.partition_or_create(topic, partition)?;
            partition.follower_start_offset = (lo != -1).then_some(lo);
            partition.follower_end_offset = (hi != -1).then_some(hi);
            Ok(())
        };
        // SAFETY: NULL or a live cluster; NULL or a terminated string.
        unsafe { with_topic(mcluster, topic, set) }
    })
}

/// Has the next Metadata response about the partition name this leader and epoch instead of the true ones. Calls queue
/// up: each is used by one response.
///
/// @returns RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART if there is no such partition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_partition_push_leader_response(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition: c_int,
    leader_id: i32,
    leader_epoch: i32,
) -> RespErr {
    guard(|| {
        let push = move |cluster: &mut Cluster, topic: &str| {
            cluster.push_leader_response(topic, partition, leader_id, leader_epoch)
        };
        // SAFETY: NULL or a live cluster; NULL or a terminated string.
        unsafe { with_topic(mcluster, topic, push) }
    })
}
