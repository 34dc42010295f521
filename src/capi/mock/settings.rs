//! What a cluster says of itself: API versions, coordinators, the controller.

use std::os::raw::c_char;

use super::cluster::{change, control};
use crate::capi::guard::{guard, read_cstr};
use crate::capi::types::{RespErr, rd_kafka_mock_cluster_t};
use crate::mock::controls::CoordinatorKind;
use crate::mock::{Network, is_implemented};
use crate::protocol::ApiKey;

/// API keys are below that.
const API_KEYS_END: i16 = 128;

/// Sets the coordinator of a key, which otherwise is chosen by the key's hash.
///
/// @param key_type "transaction" or "group".
/// @param key The transactional.id or group.id.
/// @param broker_id Need not be a broker: then clients hear that there is no coordinator.
///
/// @returns RD_KAFKA_RESP_ERR__INVALID_ARG if the type is neither.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_coordinator_set(
    mcluster: *mut rd_kafka_mock_cluster_t,
    key_type: *const c_char,
    key: *const c_char,
    broker_id: i32,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or terminated strings.
        let (key_type, key) = unsafe { (read_cstr(key_type), read_cstr(key)) };
        let kind = match key_type.as_deref() {
            Some("transaction") => CoordinatorKind::Transaction,
            Some("group") => CoordinatorKind::Group,
            _ => return RespErr::_INVALID_ARG,
        };
        let Some(key) = key.map(|key| key.into_owned()) else { return RespErr::_INVALID_ARG };
        let set = move |network: &mut Network| {
            network.cluster_mut().set_coordinator(kind, &key, broker_id);
            RespErr::NO_ERROR
        };
        // SAFETY: NULL or a live cluster.
        unsafe { control(mcluster, set) }
    })
}

/// Sets which broker Metadata names as the controller, until now 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_set_controller_id(
    mcluster: *mut rd_kafka_mock_cluster_t,
    controller_id: i32,
) {
    guard(|| {
        let set =
            move |network: &mut Network| network.cluster_mut().set_controller_id(controller_id);
        // SAFETY: NULL or a live cluster.
        unsafe { change(mcluster, set) }
    })
}

/// Limits the versions of a request that the brokers accept; those that they do not know stay refused.
///
/// @param api_key Kind of request, such as 0 for Produce.
/// @param min_version Lowest version; -1, with the same for max_version: none at all.
/// @param max_version Highest version.
///
/// @returns RD_KAFKA_RESP_ERR__INVALID_ARG if there is no such kind, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED if the brokers
///          don't know it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mock_set_apiversion(
    mcluster: *mut rd_kafka_mock_cluster_t,
    api_key: i16,
    min_version: i16,
    max_version: i16,
) -> RespErr {
    guard(|| {
        if !(0..API_KEYS_END).contains(&api_key) {
            return RespErr::_INVALID_ARG;
        }
        let api_key = ApiKey(api_key);
        let versions = (max_version >= 0).then_some((min_version, max_version));
        if versions.is_some() && !is_implemented(api_key) {
            return RespErr::_NOT_IMPLEMENTED;
        }
        let set = move |network: &mut Network| {
            network.cluster_mut().set_api_versions(api_key, versions);
            RespErr::NO_ERROR
        };
        // SAFETY: NULL or a live cluster.
        unsafe { control(mcluster, set) }
    })
}
