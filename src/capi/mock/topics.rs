//! Topics of a cluster.

use std::os::raw::{c_char, c_int};

use super::cluster::{change, control, to_c};
use crate::capi::guard::{guard, read_cstr};
use crate::capi::types::{RespErr, rd_kafka_mock_cluster_t};
use crate::mock::Network;
use crate::protocol::ErrorCode;

/// Has Metadata requests answer for the topic with this error, until another (or none) is set. The topic is created if
/// there is none. Its partitions still take what clients send that know them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_topic_set_error(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    err: RespErr,
) {
    guard(|| {
        // SAFETY: NULL or a terminated string.
        let Some(topic) = (unsafe { read_cstr(topic) }) else { return };
        let topic = topic.into_owned();
        let code = i16::try_from(err.0).unwrap_or(ErrorCode::UNKNOWN_SERVER_ERROR.0);
        let set = move |network: &mut Network| {
            let cluster = network.cluster_mut();
            if cluster.topic(&topic).is_none() {
                let count = cluster.options.default_partitions;
                let factor = cluster.options.replication_factor;
                // Whether that worked is seen below.
                let _ = cluster.create_topic(&topic, count, factor);
            }
            if let Some(topic) = cluster.topic_mut(&topic) {
                topic.metadata_error = ErrorCode(code);
            }
        };
        // SAFETY: NULL or a live cluster.
        unsafe { change(mcluster, set) }
    })
}

/// Creates a topic. Topics that clients ask for are created anyway, with 4 partitions.
///
/// @param partition_cnt 1 to 10000.
/// @param replication_factor Replicas of each partition; no more than there are brokers.
///
/// @returns RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS if it does, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION if the name is
///          illegal, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS or RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_topic_create(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
    partition_cnt: c_int,
    replication_factor: c_int,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a terminated string.
        let Some(topic) = (unsafe { read_cstr(topic) }) else { return RespErr::_INVALID_ARG };
        let Ok(count) = u32::try_from(partition_cnt) else {
            return RespErr(ErrorCode::INVALID_PARTITIONS.0.into());
        };
        let Ok(factor @ 1..) = u32::try_from(replication_factor) else {
            return RespErr(ErrorCode::INVALID_REPLICATION_FACTOR.0.into());
        };
        let topic = topic.into_owned();
        // SAFETY: NULL or a live cluster.
        unsafe {
            control(mcluster, move |network| {
                to_c(network.cluster_mut().create_topic(&topic, count, factor).map(|_| ()))
            })
        }
    })
}

/// Deletes a topic with its records. A client that still asks for it creates it again, empty, with another id.
///
/// @returns RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_topic_delete(
    mcluster: *mut rd_kafka_mock_cluster_t,
    topic: *const c_char,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a terminated string.
        let Some(topic) = (unsafe { read_cstr(topic) }) else { return RespErr::_INVALID_ARG };
        let topic = topic.into_owned();
        // SAFETY: NULL or a live cluster.
        unsafe {
            control(mcluster, move |network| {
                to_c(match network.cluster_mut().delete_topic(&topic) {
                    Some(_) => Ok(()),
                    None => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                })
            })
        }
    })
}
