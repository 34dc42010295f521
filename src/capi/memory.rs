//! Memory that crosses the border is the C library's, so that either side may free it.

use std::os::raw::{c_char, c_void};

use super::guard::guard;
use super::types::rd_kafka_t;

/// A `malloc`ed, terminated copy of bytes for C to free; NULL if there is no memory.
pub fn strdup_bytes(text: &[u8]) -> *mut c_char {
    memdup(text, 1).cast()
}

/// A `malloc`ed copy of bytes, followed by `zeroes` zero bytes; NULL if there is no memory.
pub fn memdup(bytes: &[u8], zeroes: usize) -> *mut c_void {
    // SAFETY: `bytes.len() + zeroes` bytes are allocated, then all of them written.
    unsafe {
        let copy = libc::malloc((bytes.len() + zeroes).max(1)).cast::<u8>();
        if !copy.is_null() {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len());
            std::ptr::write_bytes(copy.add(bytes.len()), 0, zeroes);
        }
        copy.cast()
    }
}

/// Allocates zeroed memory with the library's allocator, the C library's calloc().
///
/// @param rk Client instance; may be NULL.
///
/// @returns NULL if there is no memory.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_mem_calloc(rk: *mut rd_kafka_t, num: usize, size: usize) -> *mut c_void {
    let _ = rk;
    // SAFETY: any arguments are fine.
    guard(|| unsafe { libc::calloc(num, size) })
}

/// Allocates memory with the library's allocator, the C library's malloc().
///
/// @param rk Client instance; may be NULL.
///
/// @returns NULL if there is no memory.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_mem_malloc(rk: *mut rd_kafka_t, size: usize) -> *mut c_void {
    let _ = rk;
    // SAFETY: any argument is fine.
    guard(|| unsafe { libc::malloc(size) })
}

/// Frees memory that the library returned and whose documentation says to free it so.
///
/// @param rk Client instance; may be NULL.
/// @param ptr What to free; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_mem_free(rk: *mut rd_kafka_t, ptr: *mut c_void) {
    let _ = rk;
    // SAFETY: NULL or memory of the C library's allocator, which the caller gives up.
    guard(|| unsafe { libc::free(ptr) })
}
