//! Consumer group metadata objects, which a transactional producer is given by a consumer: plain values with a
//! serialized form that librdkafka reads too.
//!
//! ```text
//! "CGMDv2:"  generation id INT32, little endian  group id NUL  member id NUL  has-no-instance BYTE  [instance id NUL]
//! ```

use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_void};
use std::ptr;

use super::error::ErrorObject;
use super::guard::{guard, guard_or, read_bytes};
use super::memory::memdup;
use super::types::{
    Opaque, RespErr, borrow, into_c, rd_kafka_consumer_group_metadata_t, rd_kafka_error_t, take,
};

const MAGIC: &[u8] = b"CGMDv2:";
/// Magic, generation, and two terminators or flags.
const SIZE_MIN: usize = MAGIC.len() + 4 + 3;
const NO_GENERATION: i32 = -1;

/// What is behind a `rd_kafka_consumer_group_metadata_t`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMetadata {
    group_id: CString,
    generation_id: i32,
    member_id: CString,
    group_instance_id: Option<CString>,
}

impl Opaque for rd_kafka_consumer_group_metadata_t {
    type Inner = GroupMetadata;
}

impl GroupMetadata {
    fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&self.generation_id.to_le_bytes());
        out.extend_from_slice(self.group_id.as_bytes_with_nul());
        out.extend_from_slice(self.member_id.as_bytes_with_nul());
        out.push(u8::from(self.group_instance_id.is_none()));
        if let Some(id) = &self.group_instance_id {
            out.extend_from_slice(id.as_bytes_with_nul());
        }
        out
    }

    fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        const BAD_LENGTH: &str = "Input buffer bad length";
        if bytes.len() < SIZE_MIN {
            return Err("Input buffer is too short");
        }
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or("Input buffer is not a serialized consumer group metadata object")?;
        let (generation, mut rest) = rest.split_first_chunk::<4>().ok_or(BAD_LENGTH)?;
        let text = |rest: &mut &[u8]| {
            let found = CStr::from_bytes_until_nul(rest).map_err(|_| BAD_LENGTH)?.to_owned();
            *rest = &rest[found.as_bytes_with_nul().len()..];
            Ok::<CString, &'static str>(found)
        };
        let (group_id, member_id) = (text(&mut rest)?, text(&mut rest)?);
        let (&has_none, mut rest) = rest.split_first().ok_or(BAD_LENGTH)?;
        let group_instance_id = if has_none == 0 { Some(text(&mut rest)?) } else { None };
        if !rest.is_empty() {
            return Err(BAD_LENGTH);
        }
        let generation_id = i32::from_le_bytes(*generation);
        Ok(Self { group_id, generation_id, member_id, group_instance_id })
    }
}

/// # Safety
/// `text` is NULL or a terminated string.
unsafe fn owned(text: *const c_char) -> Option<CString> {
    // SAFETY: the contract above.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_owned())
}

/// Makes a group's metadata without generation and member. The caller destroys it.
///
/// @returns NULL if group_id is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_new(
    group_id: *const c_char,
) -> *mut rd_kafka_consumer_group_metadata_t {
    guard(|| {
        // SAFETY: NULL or a terminated string.
        let Some(group_id) = (unsafe { owned(group_id) }) else {
            return ptr::null_mut();
        };
        into_c(Box::new(GroupMetadata {
            group_id,
            generation_id: NO_GENERATION,
            member_id: CString::default(),
            group_instance_id: None,
        }))
    })
}

/// Makes a group's metadata. The caller destroys it.
///
/// @param group_instance_id May be NULL.
///
/// @returns NULL if group_id or member_id is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_new_with_genid(
    group_id: *const c_char,
    generation_id: i32,
    member_id: *const c_char,
    group_instance_id: *const c_char,
) -> *mut rd_kafka_consumer_group_metadata_t {
    guard(|| {
        // SAFETY: NULL or terminated strings.
        let ids = unsafe { (owned(group_id), owned(member_id), owned(group_instance_id)) };
        let (Some(group_id), Some(member_id), group_instance_id) = ids else {
            return ptr::null_mut();
        };
        into_c(Box::new(GroupMetadata { group_id, generation_id, member_id, group_instance_id }))
    })
}

/// Group id. It lives as long as the object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_group_id(
    group_metadata: *const rd_kafka_consumer_group_metadata_t,
) -> *const c_char {
    // SAFETY: NULL or an object that the caller owns.
    guard(|| unsafe { borrow(group_metadata) }.map_or(ptr::null(), |group| group.group_id.as_ptr()))
}

/// Generation id, -1 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_generation_id(
    group_metadata: *const rd_kafka_consumer_group_metadata_t,
) -> i32 {
    guard_or(NO_GENERATION, || {
        // SAFETY: NULL or an object that the caller owns.
        unsafe { borrow(group_metadata) }.map_or(NO_GENERATION, |group| group.generation_id)
    })
}

/// Member id, "" if there is none. It lives as long as the object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_member_id(
    group_metadata: *const rd_kafka_consumer_group_metadata_t,
) -> *const c_char {
    guard(|| {
        // SAFETY: NULL or an object that the caller owns.
        unsafe { borrow(group_metadata) }.map_or(ptr::null(), |group| group.member_id.as_ptr())
    })
}

/// Group instance id, NULL if there is none. It lives as long as the object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_group_instance_id(
    group_metadata: *const rd_kafka_consumer_group_metadata_t,
) -> *const c_char {
    guard(|| {
        // SAFETY: NULL or an object that the caller owns.
        unsafe { borrow(group_metadata) }
            .and_then(|group| group.group_instance_id.as_ref())
            .map_or(ptr::null(), |id| id.as_ptr())
    })
}

/// Destroys a group's metadata; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_destroy(
    group_metadata: *mut rd_kafka_consumer_group_metadata_t,
) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(group_metadata) }))
}

/// Serializes a group's metadata.
///
/// @param bufferp Set to the bytes, which the caller frees with rd_kafka_mem_free().
/// @param sizep Set to their number.
///
/// @returns NULL, or an error, which the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_write(
    cgmd: *const rd_kafka_consumer_group_metadata_t,
    bufferp: *mut *mut c_void,
    sizep: *mut usize,
) -> *mut rd_kafka_error_t {
    guard(|| {
        // SAFETY: NULL or an object that the caller owns; NULL or the caller's variables.
        let given = unsafe { (borrow(cgmd), bufferp.as_mut(), sizep.as_mut()) };
        let (Some(group), Some(buffer), Some(size)) = given else {
            return ErrorObject::new(RespErr::_INVALID_ARG, "Parameters are required").into_c();
        };
        let bytes = group.write();
        *buffer = memdup(&bytes, 0);
        *size = bytes.len();
        ptr::null_mut()
    })
}

/// Reads what rd_kafka_consumer_group_metadata_write() made.
///
/// @param cgmdp Set to a new object, which the caller destroys.
///
/// @returns NULL, or an error, which the caller destroys: RD_KAFKA_RESP_ERR__BAD_MSG if the bytes aren't
///          that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_consumer_group_metadata_read(
    cgmdp: *mut *mut rd_kafka_consumer_group_metadata_t,
    buffer: *const c_void,
    size: usize,
) -> *mut rd_kafka_error_t {
    guard(|| {
        // SAFETY: NULL or that many readable bytes; NULL or the caller's variable.
        let (Some(bytes), Some(out)) = (unsafe { (read_bytes(buffer, size), cgmdp.as_mut()) })
        else {
            return ErrorObject::new(RespErr::_INVALID_ARG, "Parameters are required").into_c();
        };
        match GroupMetadata::read(bytes) {
            Ok(group) => {
                *out = into_c(Box::new(group));
                ptr::null_mut()
            }
            Err(why) => ErrorObject::new(RespErr::_BAD_MSG, why).into_c(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(instance: Option<&CStr>) -> GroupMetadata {
        GroupMetadata {
            group_id: c"g2".into(),
            generation_id: 7,
            member_id: c"mem".into(),
            group_instance_id: instance.map(Into::into),
        }
    }

    #[test]
    fn the_serialized_form_is_librdkafkas() {
        let with = sample(Some(c"inst"));
        assert_eq!(with.write(), b"CGMDv2:\x07\0\0\0g2\0mem\0\0inst\0");
        assert_eq!(sample(None).write(), b"CGMDv2:\x07\0\0\0g2\0mem\0\x01");
    }

    #[test]
    fn what_was_written_reads_back_and_nothing_shorter_or_longer_does() {
        for group in [sample(None), sample(Some(c"inst"))] {
            let mut bytes = group.write();
            assert_eq!(GroupMetadata::read(&bytes), Ok(group));
            bytes.push(0);
            for length in 0..bytes.len() - 1 {
                assert!(GroupMetadata::read(&bytes[..length]).is_err(), "{length}");
            }
            assert!(GroupMetadata::read(&bytes).is_err());
            bytes.pop();
            bytes[0] ^= 1;
            assert!(GroupMetadata::read(&bytes).is_err());
        }
    }
}
