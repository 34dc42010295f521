//! What results of admin requests would hold. No request gives one yet: there is nothing to show.

use std::os::raw::c_char;
use std::ptr;

use super::admin::none;
use super::guard::{guard, guard_or};
use super::structs::{rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t};
use super::types::{
    RespErr, ScramMechanism, rd_kafka_AclBinding_t, rd_kafka_AlterConfigs_result_t,
    rd_kafka_AlterUserScramCredentials_result_response_t,
    rd_kafka_AlterUserScramCredentials_result_t, rd_kafka_ConfigResource_t,
    rd_kafka_CreateAcls_result_t, rd_kafka_CreatePartitions_result_t,
    rd_kafka_DeleteAcls_result_response_t, rd_kafka_DeleteAcls_result_t,
    rd_kafka_DeleteRecords_result_t, rd_kafka_DescribeAcls_result_t,
    rd_kafka_DescribeConfigs_result_t, rd_kafka_DescribeUserScramCredentials_result_t,
    rd_kafka_ElectLeaders_result_t, rd_kafka_IncrementalAlterConfigs_result_t,
    rd_kafka_ListOffsets_result_t, rd_kafka_ListOffsetsResultInfo_t,
    rd_kafka_ScramCredentialInfo_t, rd_kafka_UserScramCredentialsDescription_t,
    rd_kafka_acl_result_t, rd_kafka_error_t, rd_kafka_group_result_t,
    rd_kafka_topic_partition_result_t, rd_kafka_topic_result_t,
};

/// The error of a result, which no request gives yet.
///
/// @returns "unknown"
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_topic_result_error(topicres: *const rd_kafka_topic_result_t) -> RespErr {
    let _ = topicres;
    guard_or(RespErr(0), || RespErr(0))
}

/// The error string of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_topic_result_error_string(
    topicres: *const rd_kafka_topic_result_t,
) -> *const c_char {
    let _ = topicres;
    guard(ptr::null)
}

/// The name of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_topic_result_name(
    topicres: *const rd_kafka_topic_result_t,
) -> *const c_char {
    let _ = topicres;
    guard(ptr::null)
}

/// The error of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_group_result_error(
    groupres: *const rd_kafka_group_result_t,
) -> *const rd_kafka_error_t {
    let _ = groupres;
    guard(ptr::null)
}

/// The name of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_group_result_name(
    groupres: *const rd_kafka_group_result_t,
) -> *const c_char {
    let _ = groupres;
    guard(ptr::null)
}

/// The partitions of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_group_result_partitions(
    groupres: *const rd_kafka_group_result_t,
) -> *const rd_kafka_topic_partition_list_t {
    let _ = groupres;
    guard(ptr::null)
}

/// The partition partition of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_topic_partition_result_partition(
    partition_result: *const rd_kafka_topic_partition_result_t,
) -> *const rd_kafka_topic_partition_t {
    let _ = partition_result;
    guard(ptr::null)
}

/// The partition error of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_topic_partition_result_error(
    partition_result: *const rd_kafka_topic_partition_result_t,
) -> *const rd_kafka_error_t {
    let _ = partition_result;
    guard(ptr::null)
}

/// The topics of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_CreatePartitions_result_topics(
    result: *const rd_kafka_CreatePartitions_result_t,
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

/// The resources of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterConfigs_result_resources(
    result: *const rd_kafka_AlterConfigs_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_ConfigResource_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The resources of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_IncrementalAlterConfigs_result_resources(
    result: *const rd_kafka_IncrementalAlterConfigs_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_ConfigResource_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The resources of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeConfigs_result_resources(
    result: *const rd_kafka_DescribeConfigs_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_ConfigResource_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The offsets of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_DeleteRecords_result_offsets(
    result: *const rd_kafka_DeleteRecords_result_t,
) -> *const rd_kafka_topic_partition_list_t {
    let _ = result;
    guard(ptr::null)
}

/// The topic partition of a partition's offset, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ListOffsetsResultInfo_topic_partition(
    result_info: *const rd_kafka_ListOffsetsResultInfo_t,
) -> *const rd_kafka_topic_partition_t {
    let _ = result_info;
    guard(ptr::null)
}

/// The timestamp of a partition's offset, which no request gives yet.
///
/// @returns -1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ListOffsetsResultInfo_timestamp(
    result_info: *const rd_kafka_ListOffsetsResultInfo_t,
) -> i64 {
    let _ = result_info;
    guard(|| -1)
}

/// The infos of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListOffsets_result_infos(
    result: *const rd_kafka_ListOffsets_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_ListOffsetsResultInfo_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The mechanism of a credential, which no request gives yet.
///
/// @returns "unknown"
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ScramCredentialInfo_mechanism(
    scram_credential_info: *const rd_kafka_ScramCredentialInfo_t,
) -> ScramMechanism {
    let _ = scram_credential_info;
    guard_or(ScramMechanism(0), || ScramMechanism(0))
}

/// The iterations of a credential, which no request gives yet.
///
/// @returns -1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ScramCredentialInfo_iterations(
    scram_credential_info: *const rd_kafka_ScramCredentialInfo_t,
) -> i32 {
    let _ = scram_credential_info;
    guard(|| -1)
}

/// The user of a user's credentials, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_UserScramCredentialsDescription_user(
    description: *const rd_kafka_UserScramCredentialsDescription_t,
) -> *const c_char {
    let _ = description;
    guard(ptr::null)
}

/// The error of a user's credentials, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_UserScramCredentialsDescription_error(
    description: *const rd_kafka_UserScramCredentialsDescription_t,
) -> *const rd_kafka_error_t {
    let _ = description;
    guard(ptr::null)
}

/// The scramcredentialinfo count of a user's credentials, which no request gives yet.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_UserScramCredentialsDescription_scramcredentialinfo_count(
    description: *const rd_kafka_UserScramCredentialsDescription_t,
) -> usize {
    let _ = description;
    guard(|| 0)
}

/// The scramcredentialinfo of a user's credentials, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_UserScramCredentialsDescription_scramcredentialinfo(
    description: *const rd_kafka_UserScramCredentialsDescription_t,
    idx: usize,
) -> *const rd_kafka_ScramCredentialInfo_t {
    let _ = (description, idx);
    guard(ptr::null)
}

/// The descriptions of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeUserScramCredentials_result_descriptions(
    result: *const rd_kafka_DescribeUserScramCredentials_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_UserScramCredentialsDescription_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The response user of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_AlterUserScramCredentials_result_response_user(
    response: *const rd_kafka_AlterUserScramCredentials_result_response_t,
) -> *const c_char {
    let _ = response;
    guard(ptr::null)
}

/// The response error of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_AlterUserScramCredentials_result_response_error(
    response: *const rd_kafka_AlterUserScramCredentials_result_response_t,
) -> *const rd_kafka_error_t {
    let _ = response;
    guard(ptr::null)
}

/// The responses of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterUserScramCredentials_result_responses(
    result: *const rd_kafka_AlterUserScramCredentials_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_AlterUserScramCredentials_result_response_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The error of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_acl_result_error(
    aclres: *const rd_kafka_acl_result_t,
) -> *const rd_kafka_error_t {
    let _ = aclres;
    guard(ptr::null)
}

/// The acls of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_CreateAcls_result_acls(
    result: *const rd_kafka_CreateAcls_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_acl_result_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The acls of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DescribeAcls_result_acls(
    result: *const rd_kafka_DescribeAcls_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_AclBinding_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The responses of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteAcls_result_responses(
    result: *const rd_kafka_DeleteAcls_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_DeleteAcls_result_response_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}

/// The response error of a result, which no request gives yet.
///
/// @returns NULL
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_DeleteAcls_result_response_error(
    result_response: *const rd_kafka_DeleteAcls_result_response_t,
) -> *const rd_kafka_error_t {
    let _ = result_response;
    guard(ptr::null)
}

/// The response matching acls of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteAcls_result_response_matching_acls(
    result_response: *const rd_kafka_DeleteAcls_result_response_t,
    matching_acls_cntp: *mut usize,
) -> *mut *const rd_kafka_AclBinding_t {
    let _ = result_response;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(matching_acls_cntp);
        }
        ptr::null_mut()
    })
}

/// The partitions of a result, which no request gives yet.
///
/// @returns NULL, and a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ElectLeaders_result_partitions(
    result: *const rd_kafka_ElectLeaders_result_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_topic_partition_result_t {
    let _ = result;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe {
            none(cntp);
        }
        ptr::null_mut()
    })
}
