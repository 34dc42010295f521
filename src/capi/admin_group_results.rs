//! What results of admin requests about groups would hold. No request gives one yet: there is nothing to show.

use std::os::raw::{c_char, c_int};
use std::ptr;

use super::admin::none;
use super::guard::{guard, guard_or};
use super::structs::rd_kafka_topic_partition_list_t;
use super::types::{
    AclOperation, GroupState, GroupType, rd_kafka_AlterConsumerGroupOffsets_result_t,
    rd_kafka_ConsumerGroupDescription_t, rd_kafka_ConsumerGroupListing_t,
    rd_kafka_DeleteConsumerGroupOffsets_result_t, rd_kafka_DeleteGroups_result_t,
    rd_kafka_DescribeConsumerGroups_result_t, rd_kafka_ListConsumerGroupOffsets_result_t,
    rd_kafka_ListConsumerGroups_result_t, rd_kafka_MemberAssignment_t,
    rd_kafka_MemberDescription_t, rd_kafka_Node_t, rd_kafka_error_t, rd_kafka_group_result_t,
};

/// The group id of a group's entry, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupListing_group_id(
    grplist: *const rd_kafka_ConsumerGroupListing_t,
) -> *const c_char {
    let _ = grplist;
    guard(ptr::null)
}

/// The is simple consumer group of a group's entry, which no request gives yet.
///
/// @returns -1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupListing_is_simple_consumer_group(
    grplist: *const rd_kafka_ConsumerGroupListing_t,
) -> c_int {
    let _ = grplist;
    guard(|| -1)
}

/// The state of a group's entry, which no request gives yet.
///
/// @returns "unknown"
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupListing_state(
    grplist: *const rd_kafka_ConsumerGroupListing_t,
) -> GroupState {
    let _ = grplist;
    guard_or(GroupState(0), || GroupState(0))
}

/// The type of a group's entry, which no request gives yet.
///
/// @returns "unknown"
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupListing_type(
    grplist: *const rd_kafka_ConsumerGroupListing_t,
) -> GroupType {
    let _ = grplist;
    guard_or(GroupType(0), || GroupType(0))
}

/// The valid of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListConsumerGroups_result_valid(
    result: *const rd_kafka_ListConsumerGroups_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_ConsumerGroupListing_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The errors of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListConsumerGroups_result_errors(
    result: *const rd_kafka_ListConsumerGroups_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_error_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The groups of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeConsumerGroups_result_groups(
    result: *const rd_kafka_DescribeConsumerGroups_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_ConsumerGroupDescription_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The group id of a group's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_group_id(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
) -> *const c_char {
    let _ = grpdesc;
    guard(ptr::null)
}

/// The error of a group's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_error(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
) -> *const rd_kafka_error_t {
    let _ = grpdesc;
    guard(ptr::null)
}

/// The is simple consumer group of a group's description, which no request gives yet.
///
/// @returns -1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
) -> c_int {
    let _ = grpdesc;
    guard(|| -1)
}

/// The partition assignor of a group's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_partition_assignor(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
) -> *const c_char {
    let _ = grpdesc;
    guard(ptr::null)
}

/// The authorized operations of a group's description, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConsumerGroupDescription_authorized_operations(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    cntp: *mut usize,
) -> *const AclOperation {
    let _ = grpdesc;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The state of a group's description, which no request gives yet.
///
/// @returns "unknown"
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_state(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
) -> GroupState {
    let _ = grpdesc;
    guard_or(GroupState(0), || GroupState(0))
}

/// The coordinator of a group's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_coordinator(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
) -> *const rd_kafka_Node_t {
    let _ = grpdesc;
    guard(ptr::null)
}

/// The type of a group's description, which no request gives yet.
///
/// @returns "unknown"
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_type(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
) -> GroupType {
    let _ = grpdesc;
    guard_or(GroupType(0), || GroupType(0))
}

/// The member count of a group's description, which no request gives yet.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_member_count(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
) -> usize {
    let _ = grpdesc;
    guard(|| 0)
}

/// The member of a group's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConsumerGroupDescription_member(
    grpdesc: *const rd_kafka_ConsumerGroupDescription_t,
    idx: usize,
) -> *const rd_kafka_MemberDescription_t {
    let _ = (grpdesc, idx);
    guard(ptr::null)
}

/// The client id of a member's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_MemberDescription_client_id(
    member: *const rd_kafka_MemberDescription_t,
) -> *const c_char {
    let _ = member;
    guard(ptr::null)
}

/// The group instance id of a member's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_MemberDescription_group_instance_id(
    member: *const rd_kafka_MemberDescription_t,
) -> *const c_char {
    let _ = member;
    guard(ptr::null)
}

/// The consumer id of a member's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_MemberDescription_consumer_id(
    member: *const rd_kafka_MemberDescription_t,
) -> *const c_char {
    let _ = member;
    guard(ptr::null)
}

/// The host of a member's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_MemberDescription_host(
    member: *const rd_kafka_MemberDescription_t,
) -> *const c_char {
    let _ = member;
    guard(ptr::null)
}

/// The assignment of a member's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_MemberDescription_assignment(
    member: *const rd_kafka_MemberDescription_t,
) -> *const rd_kafka_MemberAssignment_t {
    let _ = member;
    guard(ptr::null)
}

/// The partitions of a member's assignment, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_MemberAssignment_partitions(
    assignment: *const rd_kafka_MemberAssignment_t,
) -> *const rd_kafka_topic_partition_list_t {
    let _ = assignment;
    guard(ptr::null)
}

/// The target assignment of a member's description, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_MemberDescription_target_assignment(
    member: *const rd_kafka_MemberDescription_t,
) -> *const rd_kafka_MemberAssignment_t {
    let _ = member;
    guard(ptr::null)
}

/// The groups of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteGroups_result_groups(
    result: *const rd_kafka_DeleteGroups_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_group_result_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The groups of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListConsumerGroupOffsets_result_groups(
    result: *const rd_kafka_ListConsumerGroupOffsets_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_group_result_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The groups of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterConsumerGroupOffsets_result_groups(
    result: *const rd_kafka_AlterConsumerGroupOffsets_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_group_result_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The groups of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteConsumerGroupOffsets_result_groups(
    result: *const rd_kafka_DeleteConsumerGroupOffsets_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_group_result_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}
