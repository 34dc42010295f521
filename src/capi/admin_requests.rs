//! Admin requests: not built yet. Each answers on the caller's queue that it isn't.

use std::os::raw::c_char;

use super::admin::refuse_request;
use super::guard::guard;
use super::structs::rd_kafka_topic_partition_list_t;
use super::types::{
    EventType, rd_kafka_AclBinding_t, rd_kafka_AclBindingFilter_t, rd_kafka_AdminOptions_t,
    rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_ConfigResource_t,
    rd_kafka_DeleteConsumerGroupOffsets_t, rd_kafka_DeleteGroup_t, rd_kafka_DeleteRecords_t,
    rd_kafka_DeleteTopic_t, rd_kafka_ElectLeaders_t, rd_kafka_ListConsumerGroupOffsets_t,
    rd_kafka_NewPartitions_t, rd_kafka_NewTopic_t, rd_kafka_TopicCollection_t,
    rd_kafka_UserScramCredentialAlteration_t, rd_kafka_queue_t, rd_kafka_t,
};

/// Creates topics. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_CREATETOPICS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_CreateTopics(
    rk: *mut rd_kafka_t,
    new_topics: *mut *mut rd_kafka_NewTopic_t,
    new_topic_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (new_topics, new_topic_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::CREATETOPICS, "rd_kafka_CreateTopics")
    })
}

/// Deletes topics. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DELETETOPICS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteTopics(
    rk: *mut rd_kafka_t,
    del_topics: *mut *mut rd_kafka_DeleteTopic_t,
    del_topic_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (del_topics, del_topic_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::DELETETOPICS, "rd_kafka_DeleteTopics")
    })
}

/// Adds partitions to topics. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_CreatePartitions(
    rk: *mut rd_kafka_t,
    new_parts: *mut *mut rd_kafka_NewPartitions_t,
    new_parts_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (new_parts, new_parts_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::CREATEPARTITIONS, "rd_kafka_CreatePartitions")
    })
}

/// Replaces configurations. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_ALTERCONFIGS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterConfigs(
    rk: *mut rd_kafka_t,
    configs: *mut *mut rd_kafka_ConfigResource_t,
    config_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (configs, config_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::ALTERCONFIGS, "rd_kafka_AlterConfigs")
    })
}

/// Changes configurations. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_INCREMENTALALTERCONFIGS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_IncrementalAlterConfigs(
    rk: *mut rd_kafka_t,
    configs: *mut *mut rd_kafka_ConfigResource_t,
    config_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (configs, config_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(
            rk,
            options,
            rkqu,
            EventType::INCREMENTALALTERCONFIGS,
            "rd_kafka_IncrementalAlterConfigs",
        )
    })
}

/// Asks for configurations. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeConfigs(
    rk: *mut rd_kafka_t,
    configs: *mut *mut rd_kafka_ConfigResource_t,
    config_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (configs, config_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::DESCRIBECONFIGS, "rd_kafka_DescribeConfigs")
    })
}

/// Deletes records. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DELETERECORDS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteRecords(
    rk: *mut rd_kafka_t,
    del_records: *mut *mut rd_kafka_DeleteRecords_t,
    del_record_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (del_records, del_record_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::DELETERECORDS, "rd_kafka_DeleteRecords")
    })
}

/// Asks about topics. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeTopics(
    rk: *mut rd_kafka_t,
    topics: *const rd_kafka_TopicCollection_t,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = topics;
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::DESCRIBETOPICS, "rd_kafka_DescribeTopics")
    })
}

/// Asks about the cluster. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeCluster(
    rk: *mut rd_kafka_t,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::DESCRIBECLUSTER, "rd_kafka_DescribeCluster")
    })
}

/// Lists the groups. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListConsumerGroups(
    rk: *mut rd_kafka_t,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(
            rk,
            options,
            rkqu,
            EventType::LISTCONSUMERGROUPS,
            "rd_kafka_ListConsumerGroups",
        )
    })
}

/// Asks about groups. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeConsumerGroups(
    rk: *mut rd_kafka_t,
    groups: *mut *const c_char,
    groups_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (groups, groups_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(
            rk,
            options,
            rkqu,
            EventType::DESCRIBECONSUMERGROUPS,
            "rd_kafka_DescribeConsumerGroups",
        )
    })
}

/// Deletes groups. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DELETEGROUPS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteGroups(
    rk: *mut rd_kafka_t,
    del_groups: *mut *mut rd_kafka_DeleteGroup_t,
    del_group_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (del_groups, del_group_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::DELETEGROUPS, "rd_kafka_DeleteGroups")
    })
}

/// Asks for offsets of a group. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListConsumerGroupOffsets(
    rk: *mut rd_kafka_t,
    list_grpoffsets: *mut *mut rd_kafka_ListConsumerGroupOffsets_t,
    list_grpoffsets_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (list_grpoffsets, list_grpoffsets_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(
            rk,
            options,
            rkqu,
            EventType::LISTCONSUMERGROUPOFFSETS,
            "rd_kafka_ListConsumerGroupOffsets",
        )
    })
}

/// Sets offsets of a group. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterConsumerGroupOffsets(
    rk: *mut rd_kafka_t,
    alter_grpoffsets: *mut *mut rd_kafka_AlterConsumerGroupOffsets_t,
    alter_grpoffsets_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (alter_grpoffsets, alter_grpoffsets_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(
            rk,
            options,
            rkqu,
            EventType::ALTERCONSUMERGROUPOFFSETS,
            "rd_kafka_AlterConsumerGroupOffsets",
        )
    })
}

/// Deletes offsets of a group. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DELETECONSUMERGROUPOFFSETS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteConsumerGroupOffsets(
    rk: *mut rd_kafka_t,
    del_grpoffsets: *mut *mut rd_kafka_DeleteConsumerGroupOffsets_t,
    del_grpoffsets_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (del_grpoffsets, del_grpoffsets_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(
            rk,
            options,
            rkqu,
            EventType::DELETECONSUMERGROUPOFFSETS,
            "rd_kafka_DeleteConsumerGroupOffsets",
        )
    })
}

/// Asks for offsets of partitions. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_LISTOFFSETS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListOffsets(
    rk: *mut rd_kafka_t,
    topic_partitions: *mut rd_kafka_topic_partition_list_t,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = topic_partitions;
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::LISTOFFSETS, "rd_kafka_ListOffsets")
    })
}

/// Asks about credentials. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DESCRIBEUSERSCRAMCREDENTIALS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeUserScramCredentials(
    rk: *mut rd_kafka_t,
    users: *mut *const c_char,
    user_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (users, user_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(
            rk,
            options,
            rkqu,
            EventType::DESCRIBEUSERSCRAMCREDENTIALS,
            "rd_kafka_DescribeUserScramCredentials",
        )
    })
}

/// Changes credentials. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_ALTERUSERSCRAMCREDENTIALS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterUserScramCredentials(
    rk: *mut rd_kafka_t,
    alterations: *mut *mut rd_kafka_UserScramCredentialAlteration_t,
    alteration_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (alterations, alteration_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(
            rk,
            options,
            rkqu,
            EventType::ALTERUSERSCRAMCREDENTIALS,
            "rd_kafka_AlterUserScramCredentials",
        )
    })
}

/// Creates access control entries. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_CREATEACLS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_CreateAcls(
    rk: *mut rd_kafka_t,
    new_acls: *mut *mut rd_kafka_AclBinding_t,
    new_acls_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (new_acls, new_acls_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::CREATEACLS, "rd_kafka_CreateAcls")
    })
}

/// Looks for access control entries. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DESCRIBEACLS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeAcls(
    rk: *mut rd_kafka_t,
    acl_filter: *mut rd_kafka_AclBindingFilter_t,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = acl_filter;
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::DESCRIBEACLS, "rd_kafka_DescribeAcls")
    })
}

/// Deletes access control entries. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_DELETEACLS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteAcls(
    rk: *mut rd_kafka_t,
    del_acls: *mut *mut rd_kafka_AclBindingFilter_t,
    del_acls_cnt: usize,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = (del_acls, del_acls_cnt);
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::DELETEACLS, "rd_kafka_DeleteAcls")
    })
}

/// Elects leaders. Not supported: the answer on rkqu, an event of type
/// RD_KAFKA_EVENT_ELECTLEADERS_RESULT, has the error RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ElectLeaders(
    rk: *mut rd_kafka_t,
    elect_leaders: *mut rd_kafka_ElectLeaders_t,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
) {
    let _ = elect_leaders;
    // SAFETY: NULL or live objects.
    guard(|| unsafe {
        refuse_request(rk, options, rkqu, EventType::ELECTLEADERS, "rd_kafka_ElectLeaders")
    })
}
