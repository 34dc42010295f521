//! 128-bit identifiers (topic ids): `rd_kafka_Uuid_t`.

use std::ffi::CString;
use std::os::raw::c_char;
use std::sync::OnceLock;

use super::guard::guard;
use super::types::{Opaque, borrow, into_c, rd_kafka_Uuid_t, take};

/// What is behind a `rd_kafka_Uuid_t`.
pub struct Uuid {
    most_significant_bits: i64,
    least_significant_bits: i64,
    /// Made when first asked for, by whichever thread.
    text: OnceLock<CString>,
}

impl Opaque for rd_kafka_Uuid_t {
    type Inner = Uuid;
}

impl Uuid {
    fn new(most_significant_bits: i64, least_significant_bits: i64) -> Uuid {
        Uuid { most_significant_bits, least_significant_bits, text: OnceLock::new() }
    }

    /// Base64 with the standard alphabet and no padding: 22 characters.
    fn base64(&self) -> CString {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bits = (u128::from(self.most_significant_bits as u64) << 64)
            | u128::from(self.least_significant_bits as u64);
        // 128 bits are 21 sextets and 2 bits, which fill the upper end of the 22nd.
        let text = (0..22).map(|index| {
            let sextet =
                if index == 21 { bits << 4 } else { bits >> (122 - 6 * index) } as usize & 63;
            ALPHABET[sextet]
        });
        CString::new(text.collect::<Vec<_>>()).unwrap_or_default()
    }
}

/// Text form of an identifier: base64 without padding, or NULL if uuid is NULL.
///
/// The text lives as long as the identifier.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_Uuid_base64str(uuid: *const rd_kafka_Uuid_t) -> *const c_char {
    guard(|| {
        match unsafe {
            // SAFETY: NULL or an identifier that the caller owns.
            borrow(uuid)
        } {
            Some(uuid) => uuid.text.get_or_init(|| uuid.base64()).as_ptr(),
            None => std::ptr::null(),
        }
    })
}

/// The lower 64 bits of an identifier.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_Uuid_least_significant_bits(uuid: *const rd_kafka_Uuid_t) -> i64 {
    // SAFETY: NULL or an identifier that the caller owns.
    guard(|| unsafe { borrow(uuid) }.map_or(0, |uuid| uuid.least_significant_bits))
}

/// The upper 64 bits of an identifier.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_Uuid_most_significant_bits(uuid: *const rd_kafka_Uuid_t) -> i64 {
    // SAFETY: NULL or an identifier that the caller owns.
    guard(|| unsafe { borrow(uuid) }.map_or(0, |uuid| uuid.most_significant_bits))
}

/// Makes an identifier; the caller destroys it with rd_kafka_Uuid_destroy().
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_Uuid_new(
    most_significant_bits: i64,
    least_significant_bits: i64,
) -> *mut rd_kafka_Uuid_t {
    guard(|| into_c(Box::new(Uuid::new(most_significant_bits, least_significant_bits))))
}

/// Copies an identifier; the caller destroys the copy. NULL gives NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_Uuid_copy(uuid: *const rd_kafka_Uuid_t) -> *mut rd_kafka_Uuid_t {
    guard(|| {
        match unsafe {
            // SAFETY: NULL or an identifier that the caller owns.
            borrow(uuid)
        } {
            Some(uuid) => {
                into_c(Box::new(Uuid::new(uuid.most_significant_bits, uuid.least_significant_bits)))
            }
            None => std::ptr::null_mut(),
        }
    })
}

/// Destroys an identifier; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_Uuid_destroy(uuid: *mut rd_kafka_Uuid_t) {
    // SAFETY: NULL or an identifier that the caller gives back.
    guard(|| drop(unsafe { take(uuid) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_base64_without_padding() {
        let text = |most, least| Uuid::new(most, least).base64().into_string().unwrap();
        assert_eq!(text(0x0102_0304_0506_0708, -2), "AQIDBAUGBwj//////////g");
        assert_eq!(text(0, 0), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(text(-1, -1), "/////////////////////w");
    }
}
