//! Names of the admin enums' values.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int};
use std::ptr;

use super::guard::{guard, guard_or};
use super::types::{
    AclOperation, AclPermissionType, ConfigSource, GroupState, GroupType, PatternType, ResourceType,
};

const CONFIG_SOURCES: &[&CStr] = &[
    c"UNKNOWN_CONFIG",
    c"DYNAMIC_TOPIC_CONFIG",
    c"DYNAMIC_BROKER_CONFIG",
    c"DYNAMIC_DEFAULT_BROKER_CONFIG",
    c"STATIC_BROKER_CONFIG",
    c"DEFAULT_CONFIG",
    c"DYNAMIC_BROKER_LOGGER_CONFIG",
    c"CLIENT_METRICS_CONFIG",
    c"GROUP_CONFIG",
];
const PATTERN_TYPES: &[&CStr] = &[c"UNKNOWN", c"ANY", c"MATCH", c"LITERAL", c"PREFIXED"];
const RESOURCE_TYPES: &[&CStr] =
    &[c"UNKNOWN", c"ANY", c"TOPIC", c"GROUP", c"BROKER", c"TRANSACTIONAL_ID"];
const ACL_OPERATIONS: &[&CStr] = &[
    c"UNKNOWN",
    c"ANY",
    c"ALL",
    c"READ",
    c"WRITE",
    c"CREATE",
    c"DELETE",
    c"ALTER",
    c"DESCRIBE",
    c"CLUSTER_ACTION",
    c"DESCRIBE_CONFIGS",
    c"ALTER_CONFIGS",
    c"IDEMPOTENT_WRITE",
];
const PERMISSION_TYPES: &[&CStr] = &[c"UNKNOWN", c"ANY", c"DENY", c"ALLOW"];
const GROUP_STATES: &[&CStr] =
    &[c"Unknown", c"PreparingRebalance", c"CompletingRebalance", c"Stable", c"Dead", c"Empty"];
const GROUP_TYPES: &[&CStr] = &[c"Unknown", c"Consumer", c"Classic"];

fn find(names: &[&'static CStr], value: c_int) -> Option<&'static CStr> {
    usize::try_from(value).ok().and_then(|index| names.get(index).copied())
}

fn name(names: &[&'static CStr], value: c_int) -> *const c_char {
    find(names, value).unwrap_or(c"UNSUPPORTED").as_ptr()
}

/// Index of a name, whatever its case; 0, "unknown", for others.
///
/// # Safety
/// `text` is NULL or a terminated string.
unsafe fn code(names: &[&CStr], text: *const c_char) -> c_int {
    if text.is_null() {
        return 0;
    }
    // SAFETY: the contract above.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();
    let found = names.iter().position(|name| name.to_bytes().eq_ignore_ascii_case(text));
    found.map_or(0, |index| index as c_int)
}

/// Name of a configuration source; "UNSUPPORTED" for unknown values.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConfigSource_name(confsource: ConfigSource) -> *const c_char {
    guard(|| name(CONFIG_SOURCES, confsource.0))
}

/// Name of a pattern type; "UNSUPPORTED" for unknown values.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ResourcePatternType_name(
    resource_pattern_type: PatternType,
) -> *const c_char {
    guard(|| name(PATTERN_TYPES, resource_pattern_type.0))
}

/// Name of a resource type; "UNSUPPORTED" for unknown values.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ResourceType_name(restype: ResourceType) -> *const c_char {
    guard(|| name(RESOURCE_TYPES, restype.0))
}

/// Name of an operation; "UNSUPPORTED" for unknown values.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_AclOperation_name(acl_operation: AclOperation) -> *const c_char {
    guard(|| name(ACL_OPERATIONS, acl_operation.0))
}

/// Name of a permission type; "UNSUPPORTED" for unknown values.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_AclPermissionType_name(
    acl_permission_type: AclPermissionType,
) -> *const c_char {
    guard(|| name(PERMISSION_TYPES, acl_permission_type.0))
}

/// Name of a group's state; NULL for unknown values.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consumer_group_state_name(state: GroupState) -> *const c_char {
    guard(|| find(GROUP_STATES, state.0).map_or(ptr::null(), CStr::as_ptr))
}

/// State with this name, whatever its case; RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN for others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_state_code(name: *const c_char) -> GroupState {
    // SAFETY: NULL or a terminated string.
    guard_or(GroupState(0), || GroupState(unsafe { code(GROUP_STATES, name) }))
}

/// Name of a group's type; NULL for unknown values.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_consumer_group_type_name(r#type: GroupType) -> *const c_char {
    guard(|| find(GROUP_TYPES, r#type.0).map_or(ptr::null(), CStr::as_ptr))
}

/// Type with this name, whatever its case; RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN for others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_type_code(name: *const c_char) -> GroupType {
    // SAFETY: NULL or a terminated string.
    guard_or(GroupType(0), || GroupType(unsafe { code(GROUP_TYPES, name) }))
}
