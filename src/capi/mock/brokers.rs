//! Brokers of a cluster. Where a call takes -1 for a broker, it means all of them.

use std::os::raw::{c_char, c_int};

use super::cluster::{change, control};
use crate::capi::guard::{guard, read_cstr};
use crate::capi::types::{RespErr, borrow, rd_kafka_mock_cluster_t};
use crate::mock::Network;
use crate::protocol::ErrorCode;

const ALL: i32 = -1;
const NOT_AVAILABLE: RespErr = RespErr(ErrorCode::BROKER_NOT_AVAILABLE.0 as c_int);

/// Does something with one broker or all.
///
/// # Safety
/// `mcluster` is NULL or a live cluster.
unsafe fn with_brokers(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
    f: impl Fn(&mut Network, i32) + Send + 'static,
) -> RespErr {
    let each = move |network: &mut Network| {
        let ids = network.cluster().brokers().iter().map(|broker| broker.id);
        let ids: Vec<i32> = ids.filter(|&id| broker_id == ALL || id == broker_id).collect();
        ids.iter().for_each(|&id| f(network, id));
        if ids.is_empty() && broker_id != ALL { NOT_AVAILABLE } else { RespErr::NO_ERROR }
    };
    // SAFETY: the contract above.
    unsafe { control(mcluster, each) }
}

/// Takes a broker down: its connections are closed, new ones refused, and Metadata leaves it out. It stays the
/// leader of its partitions.
///
/// @param broker_id A broker, or -1 for all.
///
/// @returns RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE if there is no such broker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_set_down(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live cluster.
        unsafe { with_brokers(mcluster, broker_id, |network, id| network.set_broker_up(id, false)) }
    })
}

/// Takes a broker up again, on the same port.
///
/// @param broker_id A broker, or -1 for all.
///
/// @returns RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE if there is no such broker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_set_up(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live cluster.
        unsafe { with_brokers(mcluster, broker_id, |network, id| network.set_broker_up(id, true)) }
    })
}

/// Changes the address that Metadata tells of a broker. It still listens where it did.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_set_host_port(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
    host: *const c_char,
    port: c_int,
) {
    guard(|| {
        // SAFETY: NULL or a terminated string.
        let host = unsafe { read_cstr(host) };
        let (Some(host), Ok(port)) = (host, u16::try_from(port)) else { return };
        let host = host.into_owned();
        let set = move |network: &mut Network| {
            network.cluster_mut().set_broker_address(broker_id, &host, port);
        };
        // SAFETY: NULL or a live cluster.
        unsafe { change(mcluster, set) }
    })
}

/// Sets how long a broker's responses take, those that are on their way included.
///
/// @param broker_id A broker, or -1 for all.
/// @param rtt_ms Milliseconds; 0: no delay.
///
/// @returns RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE if there is no such broker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_set_rtt(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
    rtt_ms: c_int,
) -> RespErr {
    guard(|| {
        let rtt_us = u64::try_from(rtt_ms).unwrap_or(0) * 1000;
        let set = move |network: &mut Network, id| network.set_broker_rtt_us(id, rtt_us);
        // SAFETY: NULL or a live cluster.
        unsafe { with_brokers(mcluster, broker_id, set) }
    })
}

/// Sets the rack that Metadata tells of a broker.
///
/// @param broker_id A broker, or -1 for all.
/// @param rack NULL: none.
///
/// @returns RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE if there is no such broker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_set_rack(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
    rack: *const c_char,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a terminated string.
        let rack = unsafe { read_cstr(rack) }.map(|rack| rack.into_owned());
        let set = move |network: &mut Network, id| {
            if let Some(broker) = network.cluster_mut().broker_mut(id) {
                broker.rack.clone_from(&rack);
            }
        };
        // SAFETY: NULL or a live cluster.
        unsafe { with_brokers(mcluster, broker_id, set) }
    })
}

/// Takes a broker out of the cluster for good: its connections are closed, its partitions get other replicas and
/// leaders.
///
/// @param broker_id A broker, or -1 for all.
///
/// @returns RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE if there is no such broker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_decommission(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
) -> RespErr {
    guard(|| {
        let remove = |network: &mut Network, id| {
            network.remove_broker(id);
        };
        // SAFETY: NULL or a live cluster.
        unsafe { with_brokers(mcluster, broker_id, remove) }
    })
}

/// Has Metadata leave a broker out from now on, although it goes on answering.
///
/// @param broker_id A broker, or -1 for all.
///
/// @returns RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE if there is no such broker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_remove_from_metadata(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
) -> RespErr {
    guard(|| {
        let hide = |network: &mut Network, id| {
            if let Some(broker) = network.cluster_mut().broker_mut(id) {
                broker.is_unlisted = true;
            }
        };
        // SAFETY: NULL or a live cluster.
        unsafe { with_brokers(mcluster, broker_id, hide) }
    })
}

/// Adds a broker, which listens when this returns. Partitions are assigned anew, so that it gets its share.
///
/// @param broker_id Its id, 0 or more.
///
/// @returns RD_KAFKA_RESP_ERR__INVALID_ARG if there is one with that id, RD_KAFKA_RESP_ERR__TRANSPORT if it can't
///          listen.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_broker_add(
    mcluster: *mut rd_kafka_mock_cluster_t,
    broker_id: i32,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live cluster.
        let Some(cluster) = (unsafe { borrow(mcluster) }) else { return RespErr::_INVALID_ARG };
        let add = move |network: &mut Network| network.cluster_mut().add_broker(broker_id);
        match cluster.call(add) {
            Some(Ok(())) => {}
            Some(Err(_)) => return RespErr::_INVALID_ARG,
            None => return RespErr::_STATE,
        }
        // The cluster's thread opens the listener once it has the broker.
        let check = move |network: &mut Network| {
            let listens = network.cluster().broker(broker_id).is_some_and(|b| b.port != 0);
            if !listens {
                network.remove_broker(broker_id);
            }
            listens
        };
        match cluster.call(check) {
            Some(true) => RespErr::NO_ERROR,
            Some(false) => RespErr::_TRANSPORT,
            None => RespErr::_STATE,
        }
    })
}
