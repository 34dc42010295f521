//! Events as results of admin requests: none succeeds yet, so a result has an error and nothing else.

use std::ffi::CStr;
use std::ptr;

use super::event::EventObject;
use super::guard::guard;
use super::types::{
    EventType, borrow, rd_kafka_AlterConfigs_result_t, rd_kafka_AlterConsumerGroupOffsets_result_t,
    rd_kafka_AlterUserScramCredentials_result_t, rd_kafka_CreateAcls_result_t,
    rd_kafka_CreatePartitions_result_t, rd_kafka_CreateTopics_result_t,
    rd_kafka_DeleteAcls_result_t, rd_kafka_DeleteConsumerGroupOffsets_result_t,
    rd_kafka_DeleteGroups_result_t, rd_kafka_DeleteRecords_result_t,
    rd_kafka_DeleteTopics_result_t, rd_kafka_DescribeAcls_result_t,
    rd_kafka_DescribeCluster_result_t, rd_kafka_DescribeConfigs_result_t,
    rd_kafka_DescribeConsumerGroups_result_t, rd_kafka_DescribeTopics_result_t,
    rd_kafka_DescribeUserScramCredentials_result_t, rd_kafka_ElectLeaders_result_t,
    rd_kafka_IncrementalAlterConfigs_result_t, rd_kafka_ListConsumerGroupOffsets_result_t,
    rd_kafka_ListConsumerGroups_result_t, rd_kafka_ListOffsets_result_t, rd_kafka_event_t,
};

/// Name of a result's event.
pub fn result_name(kind: EventType) -> &'static CStr {
    match kind {
        EventType::CREATETOPICS => c"CreateTopicsResult",
        EventType::DELETETOPICS => c"DeleteTopicsResult",
        EventType::CREATEPARTITIONS => c"CreatePartitionsResult",
        EventType::ALTERCONFIGS => c"AlterConfigsResult",
        EventType::INCREMENTALALTERCONFIGS => c"IncrementalAlterConfigsResult",
        EventType::DESCRIBECONFIGS => c"DescribeConfigsResult",
        EventType::DELETERECORDS => c"DeleteRecordsResult",
        EventType::LISTCONSUMERGROUPS => c"ListConsumerGroupsResult",
        EventType::DESCRIBECONSUMERGROUPS => c"DescribeConsumerGroupsResult",
        EventType::DESCRIBETOPICS => c"DescribeTopicsResult",
        EventType::DESCRIBECLUSTER => c"DescribeClusterResult",
        EventType::DELETEGROUPS => c"DeleteGroupsResult",
        EventType::DELETECONSUMERGROUPOFFSETS => c"DeleteConsumerGroupOffsetsResult",
        EventType::CREATEACLS => c"CreateAclsResult",
        EventType::DESCRIBEACLS => c"DescribeAclsResult",
        EventType::DELETEACLS => c"DeleteAclsResult",
        EventType::ALTERCONSUMERGROUPOFFSETS => c"AlterConsumerGroupOffsetsResult",
        EventType::LISTCONSUMERGROUPOFFSETS => c"ListConsumerGroupOffsetsResult",
        EventType::DESCRIBEUSERSCRAMCREDENTIALS => c"DescribeUserScramCredentials",
        EventType::ALTERUSERSCRAMCREDENTIALS => c"AlterUserScramCredentials",
        EventType::LISTOFFSETS => c"ListOffsetsResult",
        EventType::ELECTLEADERS => c"ElectLeadersResult",
        _ => c"?unknown?",
    }
}

/// An event as the result that it is; NULL for another type.
///
/// # Safety
/// `rkev` is NULL or an event that the caller owns.
unsafe fn result(rkev: *mut rd_kafka_event_t, wanted: EventType) -> *const rd_kafka_event_t {
    // SAFETY: the contract above.
    match unsafe { borrow(rkev) } {
        Some(EventObject::Refused { kind, .. }) if *kind == wanted => rkev,
        _ => ptr::null(),
    }
}

/// The event as result of rd_kafka_CreateTopics(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_CreateTopics_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_CreateTopics_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::CREATETOPICS) })
}

/// The event as result of rd_kafka_DeleteTopics(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DeleteTopics_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DeleteTopics_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DELETETOPICS) })
}

/// The event as result of rd_kafka_CreatePartitions(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_CreatePartitions_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_CreatePartitions_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::CREATEPARTITIONS) })
}

/// The event as result of rd_kafka_AlterConfigs(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_AlterConfigs_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_AlterConfigs_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::ALTERCONFIGS) })
}

/// The event as result of rd_kafka_IncrementalAlterConfigs(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_IncrementalAlterConfigs_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_IncrementalAlterConfigs_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::INCREMENTALALTERCONFIGS) })
}

/// The event as result of rd_kafka_DescribeConfigs(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DescribeConfigs_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DescribeConfigs_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DESCRIBECONFIGS) })
}

/// The event as result of rd_kafka_DeleteRecords(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DeleteRecords_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DeleteRecords_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DELETERECORDS) })
}

/// The event as result of rd_kafka_ListConsumerGroups(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_ListConsumerGroups_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_ListConsumerGroups_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::LISTCONSUMERGROUPS) })
}

/// The event as result of rd_kafka_DescribeConsumerGroups(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DescribeConsumerGroups_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DescribeConsumerGroups_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DESCRIBECONSUMERGROUPS) })
}

/// The event as result of rd_kafka_DescribeTopics(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DescribeTopics_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DescribeTopics_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DESCRIBETOPICS) })
}

/// The event as result of rd_kafka_DescribeCluster(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DescribeCluster_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DescribeCluster_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DESCRIBECLUSTER) })
}

/// The event as result of rd_kafka_DeleteGroups(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DeleteGroups_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DeleteGroups_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DELETEGROUPS) })
}

/// The event as result of rd_kafka_DeleteConsumerGroupOffsets(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DeleteConsumerGroupOffsets_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DeleteConsumerGroupOffsets_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DELETECONSUMERGROUPOFFSETS) })
}

/// The event as result of rd_kafka_CreateAcls(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_CreateAcls_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_CreateAcls_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::CREATEACLS) })
}

/// The event as result of rd_kafka_DescribeAcls(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DescribeAcls_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DescribeAcls_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DESCRIBEACLS) })
}

/// The event as result of rd_kafka_DeleteAcls(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DeleteAcls_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DeleteAcls_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DELETEACLS) })
}

/// The event as result of rd_kafka_ListConsumerGroupOffsets(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_ListConsumerGroupOffsets_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_ListConsumerGroupOffsets_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::LISTCONSUMERGROUPOFFSETS) })
}

/// The event as result of rd_kafka_AlterConsumerGroupOffsets(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_AlterConsumerGroupOffsets_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_AlterConsumerGroupOffsets_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::ALTERCONSUMERGROUPOFFSETS) })
}

/// The event as result of rd_kafka_ListOffsets(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_ListOffsets_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_ListOffsets_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::LISTOFFSETS) })
}

/// The event as result of rd_kafka_DescribeUserScramCredentials(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_DescribeUserScramCredentials_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_DescribeUserScramCredentials_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::DESCRIBEUSERSCRAMCREDENTIALS) })
}

/// The event as result of rd_kafka_AlterUserScramCredentials(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_AlterUserScramCredentials_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_AlterUserScramCredentials_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::ALTERUSERSCRAMCREDENTIALS) })
}

/// The event as result of rd_kafka_ElectLeaders(); NULL if it is another event. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_ElectLeaders_result(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_ElectLeaders_result_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { result(rkev, EventType::ELECTLEADERS) })
}
