//! The wall between C and Rust: no panic crosses it.
//!
//! Every exported function's body is `guard(|| ..)` (or `guard_or(failure, || ..)` where the
//! failure value isn't the type's usual one); `tests/tidy.rs` checks that none lacks it. Runs on
//! whatever thread the application calls from.

use std::os::raw::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::types::{ConfRes, RespErr};

/// What an entry point returns when its body panicked.
pub trait Failure {
    /// The value that tells a C caller "this failed".
    fn failure() -> Self;
}

impl Failure for () {
    fn failure() -> Self {}
}

impl Failure for c_int {
    fn failure() -> Self {
        -1
    }
}

impl Failure for i64 {
    fn failure() -> Self {
        -1
    }
}

impl Failure for usize {
    fn failure() -> Self {
        0
    }
}

impl<T> Failure for *mut T {
    fn failure() -> Self {
        std::ptr::null_mut()
    }
}

impl<T> Failure for *const T {
    fn failure() -> Self {
        std::ptr::null()
    }
}

impl Failure for RespErr {
    fn failure() -> Self {
        RespErr::_FAIL
    }
}

impl Failure for ConfRes {
    fn failure() -> Self {
        ConfRes::INVALID
    }
}

/// Runs an entry point's body; a panic becomes the return type's failure value.
///
/// The closure is asserted unwind-safe: a panic may leave the object it worked on half changed,
/// which for the caller is no different from any other failed call.
pub fn guard<R: Failure>(body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| R::failure())
}

/// Like [`guard`], for functions whose failure value differs from their type's usual one.
pub fn guard_or<R>(failure: R, body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(failure)
}

/// Writes `text` into a C caller's buffer, cut to fit and always terminated.
///
/// # Safety
/// `dest` is NULL or points to `size` writable bytes.
pub unsafe fn write_cstr(dest: *mut c_char, size: usize, text: &str) {
    if dest.is_null() || size == 0 {
        return;
    }
    let count = text.len().min(size - 1);
    // SAFETY: `count + 1 <= size` bytes are writable at `dest`, and a Rust str never overlaps it.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), dest.cast::<u8>(), count);
        *dest.add(count) = 0;
    }
}

/// A C string as text; `None` for NULL. Bytes that aren't UTF-8 become U+FFFD.
///
/// # Safety
/// `text` is NULL or a terminated string that outlives the returned value.
pub unsafe fn read_cstr<'a>(text: *const c_char) -> Option<std::borrow::Cow<'a, str>> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, terminated per the contract above.
    Some(unsafe { std::ffi::CStr::from_ptr(text) }.to_string_lossy())
}

/// Bytes given as pointer and length. Length 0 means empty whatever the pointer; `None` when
/// there is a length but no pointer, or when the length can't be a Rust slice's.
///
/// # Safety
/// `data` is NULL or points to `size` readable bytes that outlive the returned slice.
pub unsafe fn read_bytes<'a>(data: *const c_void, size: usize) -> Option<&'a [u8]> {
    if size == 0 {
        return Some(&[]);
    }
    if data.is_null() || isize::try_from(size).is_err() {
        return None;
    }
    // SAFETY: not NULL, `size` readable bytes per the contract above, and no longer than isize::MAX.
    Some(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), size) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boom() -> bool {
        std::env::args().count() > 0
    }

    #[test]
    fn a_panic_becomes_the_failure_value() {
        assert_eq!(guard(|| if boom() { panic!("expected in this test") } else { 7 }), -1);
        assert_eq!(guard_or(42, || if boom() { panic!("expected in this test") } else { 7 }), 42);
        assert_eq!(
            guard(|| -> RespErr { if boom() { panic!("expected") } else { RespErr::NO_ERROR } }),
            RespErr::_FAIL
        );
    }

    #[test]
    fn text_is_cut_to_the_buffer_and_terminated() {
        let mut buffer = [0x7f as c_char; 8];
        // SAFETY: the buffer has 4 writable bytes and more.
        unsafe { write_cstr(buffer.as_mut_ptr(), 4, "abcdef") };
        assert_eq!(buffer.map(|c| c as u8), *b"abc\0\x7f\x7f\x7f\x7f");
        // SAFETY: NULL and size 0 are allowed.
        unsafe { write_cstr(std::ptr::null_mut(), 4, "abc") };
        // SAFETY: as above.
        unsafe { write_cstr(buffer.as_mut_ptr(), 0, "zzz") };
        assert_eq!(buffer[0] as u8, b'a');
    }

    #[test]
    fn bytes_without_a_pointer_are_refused_unless_empty() {
        // SAFETY: NULL is allowed.
        unsafe {
            assert_eq!(read_bytes(std::ptr::null(), 0), Some(&[][..]));
            assert_eq!(read_bytes(std::ptr::null(), 3), None);
        }
    }
}
