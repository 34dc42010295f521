//! Header lists (`rd_kafka_headers_t`). Not thread-safe, as in librdkafka: one thread at a time.

use std::ffi::CStr;
use std::os::raw::{c_char, c_void};

use crate::producer::headers::{Header, Headers};

use super::guard::{guard, read_bytes};
use super::types::{Opaque, RespErr, borrow, borrow_mut, into_c, rd_kafka_headers_t, take};

impl Opaque for rd_kafka_headers_t {
    type Inner = Headers;
}

/// Bytes given with a signed size, where -1 means "a string": `None` for any other negative size,
/// or a size without a pointer.
///
/// # Safety
/// `data` is NULL, or points to `size` readable bytes, or with size -1 to a terminated string;
/// these outlive the returned slice.
unsafe fn signed_bytes<'a>(data: *const c_void, size: libc::ssize_t) -> Option<&'a [u8]> {
    if size == -1 {
        if data.is_null() {
            return None;
        }
        // SAFETY: a terminated string per the contract above.
        return Some(unsafe { CStr::from_ptr(data.cast()) }.to_bytes());
    }
    // SAFETY: the contract above.
    unsafe { read_bytes(data, usize::try_from(size).ok()?) }
}

/// Adds a header given as C passes it to [`rd_kafka_header_add`].
///
/// # Safety
/// As for `signed_bytes`, for name and value both.
pub unsafe fn add_header(
    headers: &mut Headers,
    name: *const c_char,
    name_size: libc::ssize_t,
    value: *const c_void,
    value_size: libc::ssize_t,
) -> RespErr {
    // SAFETY: the contract above.
    let Some(name) = (unsafe { signed_bytes(name.cast(), name_size) }) else {
        return RespErr::_INVALID_ARG;
    };
    let value = if value.is_null() {
        None
    } else {
        // SAFETY: the contract above.
        match unsafe { signed_bytes(value, value_size) } {
            Some(value) => Some(value),
            None => return RespErr::_INVALID_ARG,
        }
    };
    match headers.add(name, value) {
        Ok(()) => RespErr::NO_ERROR,
        Err(_) => RespErr::_INVALID_ARG,
    }
}

/// Makes an empty header list.
///
/// @param initial_count Number of headers to make room for; a hint.
///
/// @returns the list; the caller destroys it with rd_kafka_headers_destroy() unless a successful
///          call takes it over.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_headers_new(initial_count: usize) -> *mut rd_kafka_headers_t {
    guard(|| into_c(Box::new(Headers::with_capacity(initial_count))))
}

/// Destroys a header list; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_headers_destroy(hdrs: *mut rd_kafka_headers_t) {
    // SAFETY: NULL or a list that the caller gives back.
    guard(|| drop(unsafe { take(hdrs) }))
}

/// Copies a header list; the caller destroys the copy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_headers_copy(
    src: *const rd_kafka_headers_t,
) -> *mut rd_kafka_headers_t {
    guard(|| {
        match unsafe {
            // SAFETY: NULL or a list that nobody changes meanwhile.
            borrow(src)
        } {
            Some(headers) => into_c(Box::new(headers.clone())),
            None => std::ptr::null_mut(),
        }
    })
}

/// Adds a header to a list. Name and value are copied.
///
/// @param name_size Size of the name in bytes, or -1 if it is a string.
/// @param value Value, or NULL.
/// @param value_size Size of the value in bytes, or -1 if it is a string.
///
/// @returns RD_KAFKA_RESP_ERR__READ_ONLY if the list can't be changed,
///          RD_KAFKA_RESP_ERR__INVALID_ARG for other negative sizes, or a NULL list or name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_header_add(
    hdrs: *mut rd_kafka_headers_t,
    name: *const c_char,
    name_size: libc::ssize_t,
    value: *const c_void,
    value_size: libc::ssize_t,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a list that only this thread uses.
        let Some(headers) = (unsafe { borrow_mut(hdrs) }) else {
            return RespErr::_INVALID_ARG;
        };
        // SAFETY: the caller's pointers and sizes, as documented.
        unsafe { add_header(headers, name, name_size, value, value_size) }
    })
}

/// Removes all headers with this name.
///
/// @returns RD_KAFKA_RESP_ERR__NOENT if there is none, RD_KAFKA_RESP_ERR__READ_ONLY if the list
///          can't be changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_header_remove(
    hdrs: *mut rd_kafka_headers_t,
    name: *const c_char,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a list that only this thread uses; NULL or a terminated string.
        let (headers, name) = unsafe { (borrow_mut(hdrs), signed_bytes(name.cast(), -1)) };
        let (Some(headers), Some(name)) = (headers, name) else {
            return RespErr::_INVALID_ARG;
        };
        if headers.remove(name) > 0 { RespErr::NO_ERROR } else { RespErr::_NOENT }
    })
}

/// Finds the last header with this name.
///
/// @param valuep Set to the value, or NULL if it is null; a NUL byte follows it that sizep doesn't
///               count. Valid while the header is in the list.
/// @param sizep Set to the value's size in bytes.
///
/// @returns RD_KAFKA_RESP_ERR__NOENT if there is none; valuep and sizep are then left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_header_get_last(
    hdrs: *const rd_kafka_headers_t,
    name: *const c_char,
    valuep: *mut *const c_void,
    sizep: *mut usize,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a list that nobody changes meanwhile; NULL or a terminated string.
        match unsafe { (borrow(hdrs), signed_bytes(name.cast(), -1)) } {
            // SAFETY: NULL or the caller's variables.
            (Some(headers), Some(name)) => unsafe {
                give(headers.last_named(name), std::ptr::null_mut(), valuep, sizep)
            },
            _ => RespErr::_INVALID_ARG,
        }
    })
}

/// Finds the header at place idx (from 0) among those with this name.
///
/// @returns as rd_kafka_header_get_last().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_header_get(
    hdrs: *const rd_kafka_headers_t,
    idx: usize,
    name: *const c_char,
    valuep: *mut *const c_void,
    sizep: *mut usize,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a list that nobody changes meanwhile; NULL or a terminated string.
        match unsafe { (borrow(hdrs), signed_bytes(name.cast(), -1)) } {
            // SAFETY: NULL or the caller's variables.
            (Some(headers), Some(name)) => unsafe {
                give(headers.named(name, idx), std::ptr::null_mut(), valuep, sizep)
            },
            _ => RespErr::_INVALID_ARG,
        }
    })
}

/// Finds the header at place idx (from 0), whatever its name.
///
/// @param namep Set to the name.
///
/// @returns as rd_kafka_header_get_last().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_header_get_all(
    hdrs: *const rd_kafka_headers_t,
    idx: usize,
    namep: *mut *const c_char,
    valuep: *mut *const c_void,
    sizep: *mut usize,
) -> RespErr {
    // SAFETY: NULL or a list that nobody changes meanwhile.
    guard(|| match unsafe { borrow(hdrs) } {
        // SAFETY: NULL or the caller's variables.
        Some(headers) => unsafe { give(headers.at(idx), namep, valuep, sizep) },
        None => RespErr::_INVALID_ARG,
    })
}

/// Number of headers in a list; 0 if it is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_header_cnt(hdrs: *const rd_kafka_headers_t) -> usize {
    // SAFETY: NULL or a list that nobody changes meanwhile.
    guard(|| unsafe { borrow(hdrs) }.map_or(0, Headers::len))
}

/// Writes what was found to the caller's variables, those that aren't NULL.
///
/// # Safety
/// Each pointer is NULL or points to a variable of the caller.
unsafe fn give(
    header: Option<&Header>,
    namep: *mut *const c_char,
    valuep: *mut *const c_void,
    sizep: *mut usize,
) -> RespErr {
    let Some(header) = header else {
        return RespErr::_NOENT;
    };
    let value = header.value();
    // SAFETY: the contract above.
    unsafe {
        if let Some(out) = namep.as_mut() {
            *out = header.name().as_ptr().cast();
        }
        if let Some(out) = valuep.as_mut() {
            *out = value.map_or(std::ptr::null(), |value| value.as_ptr().cast());
        }
        if let Some(out) = sizep.as_mut() {
            *out = value.map_or(0, <[u8]>::len);
        }
    }
    RespErr::NO_ERROR
}
