//! Primitive types of the Kafka wire: a bounded [`Reader`] over received bytes and [`Put`] for `Vec<u8>`.
//!
//! Owns no state; runs on whichever thread holds the bytes. Classic forms (fixed-width lengths) and the
//! compact forms of flexible versions (KIP-482) stand side by side. Nothing here allocates while reading,
//! and no length or count is believed before the remaining bytes can hold it.

use std::fmt;

/// Why received bytes could not be read. Small and `Copy`, so that it can be kept in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// What was wrong, for the log.
    pub what: &'static str,
}

impl DecodeError {
    /// An error that says `what` was wrong.
    pub const fn new(what: &'static str) -> Self {
        Self { what }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl std::error::Error for DecodeError {}

/// The result of reading something.
pub type Result<T> = std::result::Result<T, DecodeError>;

const TRUNCATED: DecodeError = DecodeError::new("bytes end early");
const BAD_VARINT: DecodeError = DecodeError::new("varint is too long");

/// Reads primitives from a byte slice and lends out the strings and byte ranges it meets.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

macro_rules! read_ints {
    ($($(#[$meta:meta])* $name:ident $ty:ty;)*) => {$(
        $(#[$meta])*
        #[inline]
        pub fn $name(&mut self) -> Result<$ty> {
            Ok(<$ty>::from_be_bytes(self.array()?))
        }
    )*};
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    #[inline]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// True once everything was read.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet.
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Fails unless everything was read.
    pub fn finish(&self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(DecodeError::new("trailing bytes")) }
    }

    /// The next `len` bytes, borrowed.
    #[inline]
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(len).ok_or(TRUNCATED)?;
        self.rest = tail;
        Ok(head)
    }

    /// The next `N` bytes, copied.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, tail) = self.rest.split_first_chunk::<N>().ok_or(TRUNCATED)?;
        self.rest = tail;
        Ok(*head)
    }

    read_ints! {
        /// INT8.
        i8 i8;
        /// UINT8.
        u8 u8;
        /// INT16.
        i16 i16;
        /// UINT16.
        u16 u16;
        /// INT32.
        i32 i32;
        /// UINT32.
        u32 u32;
        /// INT64.
        i64 i64;
        /// FLOAT64.
        f64 f64;
    }

    /// BOOLEAN: any byte but zero is true.
    #[inline]
    pub fn bool(&mut self) -> Result<bool> {
        Ok(self.u8()? != 0)
    }

    /// UUID, big-endian as on the wire.
    pub fn uuid(&mut self) -> Result<[u8; 16]> {
        self.array()
    }

    /// UNSIGNED_VARINT: at most five bytes, at most 32 bits.
    #[inline]
    pub fn uvarint(&mut self) -> Result<u32> {
        let value = self.uvarlong()?;
        u32::try_from(value).map_err(|_| BAD_VARINT)
    }

    /// Zig-zag VARINT.
    #[inline]
    pub fn varint(&mut self) -> Result<i32> {
        let raw = self.uvarint()?;
        Ok((raw >> 1) as i32 ^ -((raw & 1) as i32))
    }

    /// Zig-zag VARLONG.
    #[inline]
    pub fn varlong(&mut self) -> Result<i64> {
        let raw = self.uvarlong()?;
        Ok((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }

    /// Unsigned 64-bit varint: at most ten bytes.
    #[inline]
    pub fn uvarlong(&mut self) -> Result<u64> {
        match self.rest.first() {
            Some(&byte) if byte < 0x80 => {
                self.rest = &self.rest[1..];
                Ok(u64::from(byte))
            }
            Some(&low) => match self.rest.get(1) {
                Some(&high) if high < 0x80 => {
                    self.rest = &self.rest[2..];
                    Ok(u64::from(low & 0x7f) | u64::from(high) << 7)
                }
                _ => self.long_uvarlong(),
            },
            None => Err(TRUNCATED),
        }
    }

    #[inline(never)]
    fn long_uvarlong(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for (index, &byte) in self.rest.iter().enumerate().take(10) {
            if index == 9 && byte > 1 {
                return Err(BAD_VARINT);
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Ok(value);
            }
        }
        Err(if self.rest.len() >= 10 { BAD_VARINT } else { TRUNCATED })
    }

    /// NULLABLE_STRING, or COMPACT_NULLABLE_STRING when `flexible`.
    pub fn nullable_string(&mut self, flexible: bool) -> Result<Option<&'a str>> {
        let len = if flexible { self.compact_len()? } else { nullable_len(self.i16()?.into())? };
        let Some(len) = len else { return Ok(None) };
        let text = std::str::from_utf8(self.take(len)?)
            .map_err(|_| DecodeError::new("string is not UTF-8"))?;
        Ok(Some(text))
    }

    /// STRING, or COMPACT_STRING when `flexible`.
    pub fn string(&mut self, flexible: bool) -> Result<&'a str> {
        self.nullable_string(flexible)?.ok_or(DecodeError::new("string is null"))
    }

    /// NULLABLE_BYTES, or COMPACT_NULLABLE_BYTES when `flexible`.
    pub fn nullable_bytes(&mut self, flexible: bool) -> Result<Option<&'a [u8]>> {
        let len = if flexible { self.compact_len()? } else { nullable_len(self.i32()?.into())? };
        len.map(|len| self.take(len)).transpose()
    }

    /// BYTES, or COMPACT_BYTES when `flexible`.
    pub fn bytes(&mut self, flexible: bool) -> Result<&'a [u8]> {
        self.nullable_bytes(flexible)?.ok_or(DecodeError::new("bytes are null"))
    }

    /// The element count of an array (`None` for null), refused when the remaining bytes cannot hold
    /// that many elements of `element_min_bytes` each.
    pub fn array_len(&mut self, flexible: bool, element_min_bytes: usize) -> Result<Option<usize>> {
        let len = if flexible { self.compact_len()? } else { nullable_len(self.i32()?.into())? };
        match len {
            // An element of a legal schema takes at least one byte.
            Some(count) if count > self.remaining() / element_min_bytes.max(1) => {
                Err(DecodeError::new("array count exceeds the message"))
            }
            other => Ok(other),
        }
    }

    /// Reads a section of tagged fields, handing each known one to `on_field` with a reader limited to it.
    /// Tags must ascend, so that none can come twice.
    pub fn tagged_fields(
        &mut self,
        mut on_field: impl FnMut(u32, &mut Reader<'a>) -> Result<()>,
    ) -> Result<()> {
        let count = self.uvarint()? as usize;
        if count > self.remaining() / 2 {
            return Err(DecodeError::new("more tagged fields than the message can hold"));
        }
        let mut previous = None;
        for _ in 0..count {
            let tag = self.uvarint()?;
            if previous.is_some_and(|previous| tag <= previous) {
                return Err(DecodeError::new("tagged fields out of order"));
            }
            previous = Some(tag);
            let len = self.uvarint()? as usize;
            on_field(tag, &mut Reader::new(self.take(len)?))?;
        }
        Ok(())
    }

    /// Skips a section of tagged fields.
    pub fn skip_tagged_fields(&mut self) -> Result<()> {
        self.tagged_fields(|_, _| Ok(()))
    }

    /// A compact length: zero is null, n + 1 is n.
    fn compact_len(&mut self) -> Result<Option<usize>> {
        Ok(self.uvarint()?.checked_sub(1).map(|len| len as usize))
    }
}

fn nullable_len(len: i64) -> Result<Option<usize>> {
    match len {
        -1 => Ok(None),
        len => usize::try_from(len).map(Some).map_err(|_| DecodeError::new("negative length")),
    }
}

/// Writes primitives at the end of a `Vec<u8>`.
pub trait Put {
    /// INT8.
    fn put_i8(&mut self, value: i8);
    /// INT16.
    fn put_i16(&mut self, value: i16);
    /// INT32.
    fn put_i32(&mut self, value: i32);
    /// UINT32.
    fn put_u32(&mut self, value: u32);
    /// INT64.
    fn put_i64(&mut self, value: i64);
    /// BOOLEAN.
    fn put_bool(&mut self, value: bool);
    /// UNSIGNED_VARINT.
    fn put_uvarint(&mut self, value: u32);
    /// Zig-zag VARINT.
    fn put_varint(&mut self, value: i32);
    /// Zig-zag VARLONG.
    fn put_varlong(&mut self, value: i64);
    /// (COMPACT_)NULLABLE_STRING. A classic string holds 32767 bytes: a longer one is cut there.
    fn put_nullable_string(&mut self, value: Option<&str>, flexible: bool);
    /// (COMPACT_)NULLABLE_BYTES.
    fn put_nullable_bytes(&mut self, value: Option<&[u8]>, flexible: bool);
    /// The length in front of (COMPACT_)NULLABLE_BYTES whose bytes the caller supplies.
    fn put_bytes_len(&mut self, len: Option<usize>, flexible: bool);
    /// The element count of an array, `None` for null.
    fn put_array_len(&mut self, count: Option<usize>, flexible: bool);
}

impl Put for Vec<u8> {
    fn put_i8(&mut self, value: i8) {
        self.push(value as u8);
    }

    fn put_i16(&mut self, value: i16) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_i32(&mut self, value: i32) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_i64(&mut self, value: i64) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_bool(&mut self, value: bool) {
        self.push(u8::from(value));
    }

    fn put_uvarint(&mut self, value: u32) {
        put_uvarlong(self, value.into());
    }

    fn put_varint(&mut self, value: i32) {
        self.put_varlong(value.into());
    }

    fn put_varlong(&mut self, value: i64) {
        put_uvarlong(self, ((value << 1) ^ (value >> 63)) as u64);
    }

    fn put_nullable_string(&mut self, value: Option<&str>, flexible: bool) {
        let value = match value {
            Some(text) if !flexible => {
                Some(&text.as_bytes()[..text.floor_char_boundary(i16::MAX as usize)])
            }
            other => other.map(str::as_bytes),
        };
        if flexible {
            self.put_nullable_bytes(value, true);
        } else {
            self.put_i16(value.map_or(-1, |bytes| bytes.len() as i16));
            self.extend_from_slice(value.unwrap_or_default());
        }
    }

    fn put_nullable_bytes(&mut self, value: Option<&[u8]>, flexible: bool) {
        self.put_bytes_len(value.map(<[u8]>::len), flexible);
        self.extend_from_slice(value.unwrap_or_default());
    }

    fn put_bytes_len(&mut self, len: Option<usize>, flexible: bool) {
        debug_assert!(len.is_none_or(|len| len < i32::MAX as usize), "fits the size of a frame");
        if flexible {
            self.put_uvarint(len.map_or(0, |len| len as u32 + 1));
        } else {
            self.put_i32(len.map_or(-1, |len| len as i32));
        }
    }

    fn put_array_len(&mut self, count: Option<usize>, flexible: bool) {
        self.put_bytes_len(count, flexible);
    }
}

fn put_uvarlong(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_longer_or_larger_than_their_type_are_refused() {
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x0f]).uvarint(), Ok(u32::MAX));
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x1f]).uvarint(), Err(BAD_VARINT));
        assert_eq!(Reader::new(&[0xff; 11]).uvarlong(), Err(BAD_VARINT));
        assert_eq!(Reader::new(&[0x80; 9]).uvarlong(), Err(TRUNCATED));
        assert_eq!(Reader::new(&[]).varint(), Err(TRUNCATED));
        let mut max = vec![0xff; 9];
        max.push(1);
        assert_eq!(Reader::new(&max).uvarlong(), Ok(u64::MAX));
        assert_eq!(Reader::new(&max).varlong(), Ok(i64::MIN));
        max[9] = 2;
        assert_eq!(Reader::new(&max).uvarlong(), Err(BAD_VARINT));
    }

    #[test]
    fn a_count_the_message_cannot_hold_is_refused() {
        let classic = [&[0x7f, 0xff, 0xff, 0xff][..], &[0; 100]].concat();
        assert!(Reader::new(&classic).array_len(false, 1).is_err());
        let compact = [&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0; 100]].concat();
        assert!(Reader::new(&compact).array_len(true, 1).is_err());
        let fits = [&[0, 0, 0, 25][..], &[0; 100]].concat();
        assert_eq!(Reader::new(&fits).array_len(false, 4), Ok(Some(25)));
        assert!(Reader::new(&fits).array_len(false, 5).is_err());
        assert_eq!(Reader::new(&[0xff; 4]).array_len(false, 4), Ok(None));
        assert!(Reader::new(&[0xff, 0xff, 0xff, 0xfe]).array_len(false, 4).is_err());
        assert_eq!(Reader::new(&[0]).array_len(true, 4), Ok(None));
    }

    #[test]
    fn strings_and_bytes_round_trip_in_both_forms() {
        let long = "x".repeat(300);
        for flexible in [false, true] {
            for text in [None, Some(""), Some("é"), Some(&long)] {
                let mut out = Vec::new();
                out.put_nullable_string(text, flexible);
                out.put_nullable_bytes(text.map(str::as_bytes), flexible);
                let mut reader = Reader::new(&out);
                assert_eq!(reader.nullable_string(flexible), Ok(text));
                assert_eq!(reader.nullable_bytes(flexible), Ok(text.map(str::as_bytes)));
                assert_eq!(reader.finish(), Ok(()));
            }
        }
        assert!(Reader::new(&[0, 1, 0xff]).string(false).is_err());
        assert!(Reader::new(&[0xff, 0xfe]).nullable_string(false).is_err());
        assert!(Reader::new(&[0xff, 0xff]).string(false).is_err());
    }

    #[test]
    fn a_classic_string_that_is_too_long_is_cut_between_characters() {
        let text = "é".repeat(20_000);
        let mut out = Vec::new();
        out.put_nullable_string(Some(&text), false);
        assert_eq!(Reader::new(&out).string(false).map(str::len), Ok(32_766));
    }

    #[test]
    fn tagged_fields_are_bounded_and_ascend() {
        let read = |bytes: &[u8]| -> Result<Vec<(u32, Vec<u8>)>> {
            let mut tags = Vec::new();
            let mut reader = Reader::new(bytes);
            reader.tagged_fields(|tag, field| {
                tags.push((tag, field.rest().to_vec()));
                Ok(())
            })?;
            reader.finish()?;
            Ok(tags)
        };
        assert_eq!(read(&[2, 0, 1, 9, 5, 0]), Ok(vec![(0, vec![9]), (5, vec![])]));
        assert_eq!(read(&[0]), Ok(vec![]));
        for bad in [&[2, 1, 0, 1, 0][..], &[2, 1, 0, 0, 0], &[1, 0, 9], &[9, 0, 0], &[1], &[]] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        let million = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0];
        assert!(read(&million).is_err());
    }
}
