//! What the admin objects share, and how admin operations are refused: they aren't built yet, so each answers on the
//! caller's queue, as an operation that failed would.

use std::ffi::{CStr, CString};
use std::os::raw::c_char;

use crate::client::Op;

use super::admin_options::AdminOptions;
use super::error::ErrorObject;
use super::guard::{guard, write_cstr};
use super::handle::handle;
use super::queue::QueueObject;
use super::structs::rd_kafka_topic_partition_list_t;
use super::topic_partition::{
    rd_kafka_topic_partition_list_copy, rd_kafka_topic_partition_list_destroy,
};
use super::types::{
    EventType, Opaque, RespErr, borrow, rd_kafka_AdminOptions_t, rd_kafka_error_t,
    rd_kafka_queue_t, rd_kafka_t, take,
};

const LOG_WARNING: i32 = 4;

/// Says once more in the log that `function` isn't there, and gives its error.
///
/// # Safety
/// `rk` is NULL or a live handle.
pub unsafe fn refuse(rk: *const rd_kafka_t, function: &str) -> RespErr {
    // SAFETY: the contract above.
    if let Some(handle) = unsafe { handle(rk) }.filter(|handle| !handle.is_forked()) {
        handle.log(LOG_WARNING, "NOTIMPL", &refusal(function));
    }
    RespErr::_NOT_IMPLEMENTED
}

/// The same as an error object.
///
/// # Safety
/// As for [`refuse`].
pub unsafe fn refuse_object(rk: *const rd_kafka_t, function: &str) -> *mut rd_kafka_error_t {
    // SAFETY: the contract above.
    let code = unsafe { refuse(rk, function) };
    ErrorObject::new(code, &refusal(function)).into_c()
}

fn refusal(function: &str) -> String {
    format!("{function}() is not supported: this library is a producer")
}

/// Answers an admin request on its queue: failed.
///
/// # Safety
/// The pointers are NULL or live objects.
pub unsafe fn refuse_request(
    rk: *mut rd_kafka_t,
    options: *const rd_kafka_AdminOptions_t,
    rkqu: *mut rd_kafka_queue_t,
    kind: EventType,
    function: &str,
) {
    // SAFETY: the contract above.
    let (code, options, queue): (_, _, Option<&QueueObject>) =
        unsafe { (refuse(rk, function), borrow(options), borrow(rkqu)) };
    if let Some(queue) = queue.filter(|queue| !queue.is_forked()) {
        queue.queue.push(Op::Refused {
            event_type: kind.0,
            error: code.0,
            reason: refusal(function),
            opaque: options.map_or(0, AdminOptions::opaque),
        });
    }
}

/// A copy of a C string; `None` for NULL.
///
/// # Safety
/// `text` is NULL or a terminated string.
pub unsafe fn owned(text: *const c_char) -> Option<CString> {
    // SAFETY: the contract above.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_owned())
}

/// Fails with a text for the caller's buffer.
///
/// # Safety
/// `errstr` is NULL or has `size` writable bytes.
pub unsafe fn invalid(errstr: *mut c_char, size: usize, text: &str) -> RespErr {
    // SAFETY: the contract above.
    unsafe { write_cstr(errstr, size, text) };
    RespErr::_INVALID_ARG
}

/// Destroys the objects of an array, not the array.
///
/// # Safety
/// `array` is NULL or has `count` elements, each NULL or an object that the caller gives back.
pub unsafe fn destroy_array<T: Opaque>(array: *mut *mut T, count: usize) {
    if !array.is_null() {
        // SAFETY: the contract above.
        (0..count).for_each(|index| drop(unsafe { take(*array.add(index)) }));
    }
}

/// Sets a count that nothing is there for.
///
/// # Safety
/// `cntp` is NULL or the caller's variable.
pub unsafe fn none(cntp: *mut usize) {
    // SAFETY: the contract above.
    if let Some(count) = unsafe { cntp.as_mut() } {
        *count = 0;
    }
}

/// Sets a result that isn't there to NULL.
///
/// # Safety
/// `out` is NULL or the caller's variable.
pub unsafe fn clear<T>(out: *mut *mut T) {
    // SAFETY: the contract above.
    if let Some(out) = unsafe { out.as_mut() } {
        *out = std::ptr::null_mut();
    }
}

/// A copy of a partition list, in C memory.
pub struct ListCopy(*mut rd_kafka_topic_partition_list_t);

impl ListCopy {
    /// # Safety
    /// `list` is NULL or a list that nobody changes meanwhile.
    pub unsafe fn new(list: *const rd_kafka_topic_partition_list_t) -> ListCopy {
        // SAFETY: the contract above.
        ListCopy(unsafe { rd_kafka_topic_partition_list_copy(list) })
    }
}

impl Drop for ListCopy {
    fn drop(&mut self) {
        // SAFETY: our own copy, or NULL.
        unsafe { rd_kafka_topic_partition_list_destroy(self.0) }
    }
}

/// Runs the library's own unit tests, of which it has none in this form.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_unittest() -> std::os::raw::c_int {
    guard(|| 0)
}
