//! Groups, offsets and credentials of admin requests: objects in memory. No request is sent yet, so nobody reads them.

use std::ffi::CString;
use std::os::raw::{c_char, c_uchar};
use std::ptr;

use super::admin::{ListCopy, destroy_array, owned};
use super::guard::{guard, read_bytes};
use super::structs::rd_kafka_topic_partition_list_t;
use super::types::{
    ElectionType, Opaque, ScramMechanism, into_c, rd_kafka_AlterConsumerGroupOffsets_t,
    rd_kafka_DeleteConsumerGroupOffsets_t, rd_kafka_DeleteGroup_t, rd_kafka_DeleteRecords_t,
    rd_kafka_ElectLeaders_t, rd_kafka_ListConsumerGroupOffsets_t,
    rd_kafka_UserScramCredentialAlteration_t, take,
};

/// A group, and partitions if some are named.
pub struct GroupPartitions {
    _group: CString,
    _partitions: Option<ListCopy>,
}

/// Partitions, and what is to be done with them.
pub struct Partitions {
    _partitions: Option<ListCopy>,
    _election: ElectionType,
}

/// A change of a user's credentials.
pub struct ScramAlteration {
    _user: CString,
    _mechanism: ScramMechanism,
    _upsertion: Option<(i32, Vec<u8>, Option<Vec<u8>>)>,
}

impl Opaque for rd_kafka_DeleteGroup_t {
    type Inner = GroupPartitions;
}

impl Opaque for rd_kafka_ListConsumerGroupOffsets_t {
    type Inner = GroupPartitions;
}

impl Opaque for rd_kafka_AlterConsumerGroupOffsets_t {
    type Inner = GroupPartitions;
}

impl Opaque for rd_kafka_DeleteConsumerGroupOffsets_t {
    type Inner = GroupPartitions;
}

impl Opaque for rd_kafka_DeleteRecords_t {
    type Inner = Partitions;
}

impl Opaque for rd_kafka_ElectLeaders_t {
    type Inner = Partitions;
}

impl Opaque for rd_kafka_UserScramCredentialAlteration_t {
    type Inner = ScramAlteration;
}

/// # Safety
/// The pointers are NULL, a terminated string, a list that nobody changes meanwhile.
unsafe fn group<T: Opaque<Inner = GroupPartitions>>(
    group: *const c_char,
    partitions: *const rd_kafka_topic_partition_list_t,
) -> *mut T {
    // SAFETY: the contract above.
    unsafe {
        let copy = (!partitions.is_null()).then(|| ListCopy::new(partitions));
        match owned(group) {
            Some(group) => into_c(Box::new(GroupPartitions { _group: group, _partitions: copy })),
            None => ptr::null_mut(),
        }
    }
}

/// Makes a group to be deleted.
///
/// @returns an object, which the caller destroys; NULL without a name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteGroup_new(
    group: *const c_char,
) -> *mut rd_kafka_DeleteGroup_t {
    // SAFETY: NULL or a terminated string.
    guard(|| unsafe { self::group(group, ptr::null()) })
}

/// Makes a request for a group's offsets.
///
/// @param partitions Which ones; NULL: all.
///
/// @returns an object, which the caller destroys; NULL without a group.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListConsumerGroupOffsets_new(
    group_id: *const c_char,
    partitions: *const rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_ListConsumerGroupOffsets_t {
    // SAFETY: as documented.
    guard(|| unsafe { group(group_id, partitions) })
}

/// Makes a request to set a group's offsets.
///
/// @returns an object, which the caller destroys; NULL without a group or partitions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterConsumerGroupOffsets_new(
    group_id: *const c_char,
    partitions: *const rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_AlterConsumerGroupOffsets_t {
    guard(|| match partitions.is_null() {
        true => ptr::null_mut(),
        // SAFETY: as documented.
        false => unsafe { group(group_id, partitions) },
    })
}

/// Makes a request to delete a group's offsets.
///
/// @returns an object, which the caller destroys; NULL without a group or partitions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteConsumerGroupOffsets_new(
    group: *const c_char,
    partitions: *const rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_DeleteConsumerGroupOffsets_t {
    guard(|| match partitions.is_null() {
        true => ptr::null_mut(),
        // SAFETY: as documented.
        false => unsafe { self::group(group, partitions) },
    })
}

/// Makes a request to delete records.
///
/// @param before_offsets The first offsets to be kept.
///
/// @returns an object, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteRecords_new(
    before_offsets: *const rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_DeleteRecords_t {
    guard(|| {
        // SAFETY: NULL or a list.
        let copy = unsafe { ListCopy::new(before_offsets) };
        into_c(Box::new(Partitions { _partitions: Some(copy), _election: ElectionType(0) }))
    })
}

/// Makes a request to elect leaders.
///
/// @param partitions Of which partitions; NULL: all.
///
/// @returns an object, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ElectLeaders_new(
    election_type: ElectionType,
    partitions: *mut rd_kafka_topic_partition_list_t,
) -> *mut rd_kafka_ElectLeaders_t {
    guard(|| {
        // SAFETY: not NULL: a list.
        let copy = (!partitions.is_null()).then(|| unsafe { ListCopy::new(partitions) });
        into_c(Box::new(Partitions { _partitions: copy, _election: election_type }))
    })
}

/// Makes a change that sets a user's password.
///
/// @param salt NULL, with size 0: any.
///
/// @returns an object, which the caller destroys; NULL without a user.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_UserScramCredentialUpsertion_new(
    username: *const c_char,
    mechanism: ScramMechanism,
    iterations: i32,
    password: *const c_uchar,
    password_size: usize,
    salt: *const c_uchar,
    salt_size: usize,
) -> *mut rd_kafka_UserScramCredentialAlteration_t {
    guard(|| {
        // SAFETY: NULL, a terminated string, or that many bytes.
        let (user, password, salt) = unsafe {
            let salt = (salt_size != 0).then(|| read_bytes(salt.cast(), salt_size));
            (owned(username), read_bytes(password.cast(), password_size), salt.flatten())
        };
        let (Some(user), Some(password)) = (user, password) else {
            return ptr::null_mut();
        };
        into_c(Box::new(ScramAlteration {
            _user: user,
            _mechanism: mechanism,
            _upsertion: Some((iterations, password.to_vec(), salt.map(<[u8]>::to_vec))),
        }))
    })
}

/// Makes a change that takes a user's password away.
///
/// @returns an object, which the caller destroys; NULL without a user.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_UserScramCredentialDeletion_new(
    username: *const c_char,
    mechanism: ScramMechanism,
) -> *mut rd_kafka_UserScramCredentialAlteration_t {
    // SAFETY: NULL or a terminated string.
    guard(|| match unsafe { owned(username) } {
        Some(user) => into_c(Box::new(ScramAlteration {
            _user: user,
            _mechanism: mechanism,
            _upsertion: None,
        })),
        None => ptr::null_mut(),
    })
}

/// Destroys such an object; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteGroup_destroy(del_group: *mut rd_kafka_DeleteGroup_t) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(del_group) }))
}

/// Destroys the objects of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteGroup_destroy_array(
    del_groups: *mut *mut rd_kafka_DeleteGroup_t,
    del_group_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(del_groups, del_group_cnt) })
}

/// Destroys such an object; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListConsumerGroupOffsets_destroy(
    list_grpoffsets: *mut rd_kafka_ListConsumerGroupOffsets_t,
) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(list_grpoffsets) }))
}

/// Destroys the objects of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ListConsumerGroupOffsets_destroy_array(
    list_grpoffsets: *mut *mut rd_kafka_ListConsumerGroupOffsets_t,
    list_grpoffset_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(list_grpoffsets, list_grpoffset_cnt) })
}

/// Destroys such an object; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterConsumerGroupOffsets_destroy(
    alter_grpoffsets: *mut rd_kafka_AlterConsumerGroupOffsets_t,
) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(alter_grpoffsets) }))
}

/// Destroys the objects of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AlterConsumerGroupOffsets_destroy_array(
    alter_grpoffsets: *mut *mut rd_kafka_AlterConsumerGroupOffsets_t,
    alter_grpoffset_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(alter_grpoffsets, alter_grpoffset_cnt) })
}

/// Destroys such an object; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteConsumerGroupOffsets_destroy(
    del_grpoffsets: *mut rd_kafka_DeleteConsumerGroupOffsets_t,
) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(del_grpoffsets) }))
}

/// Destroys the objects of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteConsumerGroupOffsets_destroy_array(
    del_grpoffsets: *mut *mut rd_kafka_DeleteConsumerGroupOffsets_t,
    del_grpoffset_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(del_grpoffsets, del_grpoffset_cnt) })
}

/// Destroys such an object; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteRecords_destroy(
    del_records: *mut rd_kafka_DeleteRecords_t,
) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(del_records) }))
}

/// Destroys the objects of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_DeleteRecords_destroy_array(
    del_records: *mut *mut rd_kafka_DeleteRecords_t,
    del_record_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(del_records, del_record_cnt) })
}

/// Destroys such an object; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_UserScramCredentialAlteration_destroy(
    alteration: *mut rd_kafka_UserScramCredentialAlteration_t,
) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(alteration) }))
}

/// Destroys the objects of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_UserScramCredentialAlteration_destroy_array(
    alterations: *mut *mut rd_kafka_UserScramCredentialAlteration_t,
    alteration_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(alterations, alteration_cnt) })
}

/// Destroys such an object; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ElectLeaders_destroy(
    elect_leaders: *mut rd_kafka_ElectLeaders_t,
) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(elect_leaders) }))
}
