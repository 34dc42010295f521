//! One record of a RecordBatch v2: written by the producing thread into the open batch, read back for delivery
//! reports, validated by the mock.
//!
//! Layout: length varint, then attributes INT8 (always 0), timestamp delta VARLONG, offset delta VARINT, key, value
//! (VARINT length, -1 for null, and bytes), header count VARINT, headers (name, value).

use super::varint::{len_of_len, varlong_len, write_len, write_varlong};
use crate::protocol::{DecodeError, Reader};

type Result<T> = std::result::Result<T, DecodeError>;

/// A header: its name and value (`None` for null).
pub type HeaderRef<'a> = (&'a [u8], Option<&'a [u8]>);

/// The headers of a record that has none.
pub type NoHeaders = std::iter::Empty<HeaderRef<'static>>;

/// A record about to be written: [`RecordEncoder::encoded_len`] bytes are reserved, then filled.
#[derive(Clone, Debug)]
pub struct RecordEncoder<'a, H = NoHeaders> {
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: H,
    header_count: usize,
    body_len: usize,
}

impl<'a> RecordEncoder<'a> {
    /// A record without headers.
    #[inline]
    pub fn new(
        timestamp_delta: i64,
        offset_delta: i32,
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
    ) -> Self {
        Self::with_headers(timestamp_delta, offset_delta, key, value, std::iter::empty())
    }
}

impl<'a, 'h, H: Iterator<Item = HeaderRef<'h>> + Clone> RecordEncoder<'a, H> {
    /// A record with headers; the iterator runs twice.
    #[inline]
    pub fn with_headers(
        timestamp_delta: i64,
        offset_delta: i32,
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
        headers: H,
    ) -> Self {
        let (mut header_count, mut headers_len) = (0, 0);
        for (name, value) in headers.clone() {
            header_count += 1;
            headers_len += field_len(Some(name)) + field_len(value);
        }
        let body_len = 1
            + varlong_len(timestamp_delta)
            + varlong_len(offset_delta.into())
            + field_len(key)
            + field_len(value)
            + len_of_len(header_count)
            + headers_len;
        Self { timestamp_delta, offset_delta, key, value, headers, header_count, body_len }
    }

    /// Bytes the whole record takes, its length varint included.
    #[inline]
    pub fn encoded_len(&self) -> usize {
        len_of_len(self.body_len) + self.body_len
    }

    /// Writes the record at the start of `out` and returns its length.
    ///
    /// # Panics
    /// If `out` is shorter than [`RecordEncoder::encoded_len`].
    #[inline]
    pub fn encode_into(&self, out: &mut [u8]) -> usize {
        let mut at = write_len(out, 0, Some(self.body_len));
        out[at] = 0;
        at = write_varlong(out, at + 1, self.timestamp_delta);
        at = write_varlong(out, at, self.offset_delta.into());
        at = write_field(out, at, self.key);
        at = write_field(out, at, self.value);
        at = write_len(out, at, Some(self.header_count));
        for (name, value) in self.headers.clone() {
            at = write_field(out, at, Some(name));
            at = write_field(out, at, value);
        }
        at
    }
}

/// Bytes a record takes whatever its deltas turn out to be: for limits that are checked before its place is known.
pub fn encoded_len_max(
    key_len: Option<usize>,
    value_len: Option<usize>,
    headers_len: usize,
) -> usize {
    // length 5, attributes 1, timestamp delta 10, offset delta 5, two lengths and a count of 5 each.
    5 + 1 + 10 + 5 + 15 + key_len.unwrap_or(0) + value_len.unwrap_or(0) + headers_len
}

#[inline]
fn field_len(bytes: Option<&[u8]>) -> usize {
    match bytes {
        Some(bytes) => len_of_len(bytes.len()) + bytes.len(),
        None => 1,
    }
}

#[inline]
fn write_field(out: &mut [u8], at: usize, bytes: Option<&[u8]>) -> usize {
    match bytes {
        Some(bytes) => {
            let at = write_len(out, at, Some(bytes.len()));
            out[at..at + bytes.len()].copy_from_slice(bytes);
            at + bytes.len()
        }
        None => write_len(out, at, None),
    }
}

/// A record read in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordView<'a> {
    /// Always 0 today.
    pub attributes: i8,
    /// Milliseconds after the batch's base timestamp.
    pub timestamp_delta: i64,
    /// Offset after the batch's base offset.
    pub offset_delta: i32,
    /// Key.
    pub key: Option<&'a [u8]>,
    /// Value.
    pub value: Option<&'a [u8]>,
    /// Headers, known to be well-formed.
    pub headers: Headers<'a>,
}

impl<'a> RecordView<'a> {
    /// Reads the record at the start of `reader`. Everything it holds was checked, headers too.
    #[inline]
    pub fn parse(reader: &mut Reader<'a>) -> Result<Self> {
        let len = usize::try_from(reader.varint()?)
            .map_err(|_| DecodeError::new("negative record length"))?;
        let mut body = Reader::new(reader.take(len)?);
        let record = Self {
            attributes: body.i8()?,
            timestamp_delta: body.varlong()?,
            offset_delta: body.varint()?,
            key: nullable_field(&mut body)?,
            value: nullable_field(&mut body)?,
            headers: Headers::parse(&mut body)?,
        };
        if body.is_empty() { Ok(record) } else { Err(DecodeError::new("record length is wrong")) }
    }

    /// Reads the record at `records[position..]`; also returns the position after it.
    #[inline]
    pub fn parse_at(records: &'a [u8], position: usize) -> Result<(Self, usize)> {
        let rest = records.get(position..).ok_or(DecodeError::new("record beyond the batch"))?;
        let mut reader = Reader::new(rest);
        let record = Self::parse(&mut reader)?;
        Ok((record, records.len() - reader.remaining()))
    }
}

#[inline]
fn nullable_field<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>> {
    match reader.varint()? {
        -1 => Ok(None),
        len => {
            let len = usize::try_from(len).map_err(|_| DecodeError::new("negative length"))?;
            reader.take(len).map(Some)
        }
    }
}

/// The headers of a record read in place: an iterator that cannot fail, because they were checked before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> Headers<'a> {
    #[inline]
    fn parse(reader: &mut Reader<'a>) -> Result<Self> {
        match reader.varint()? {
            0 => Ok(Self::default()),
            count => Self::parse_some(reader, count),
        }
    }

    #[inline(never)]
    fn parse_some(reader: &mut Reader<'a>, count: i32) -> Result<Self> {
        let count =
            usize::try_from(count).map_err(|_| DecodeError::new("negative header count"))?;
        let bytes = reader.rest();
        if count > bytes.len() / 2 {
            return Err(DecodeError::new("more headers than the record can hold"));
        }
        for _ in 0..count {
            nullable_field(reader)?.ok_or(DecodeError::new("header name is null"))?;
            nullable_field(reader)?;
        }
        Ok(Self { bytes: &bytes[..bytes.len() - reader.remaining()], count })
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = HeaderRef<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.count = self.count.checked_sub(1)?;
        let mut reader = Reader::new(self.bytes);
        let name = nullable_field(&mut reader).ok()??;
        let value = nullable_field(&mut reader).ok()?;
        self.bytes = reader.rest();
        Some((name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count, Some(self.count))
    }
}

impl ExactSizeIterator for Headers<'_> {}

/// Iterates over the uncompressed records section of a batch. Ends after the first error.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    reader: Reader<'a>,
}

impl<'a> Records<'a> {
    /// An iterator over `section`, which holds records and nothing else.
    pub fn new(section: &'a [u8]) -> Self {
        Self { reader: Reader::new(section) }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<RecordView<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.is_empty() {
            return None;
        }
        let record = RecordView::parse(&mut self.reader);
        if record.is_err() {
            self.reader = Reader::new(&[]);
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode<'h>(
        timestamp_delta: i64,
        offset_delta: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &'h [HeaderRef<'h>],
    ) -> Vec<u8> {
        let record = RecordEncoder::with_headers(
            timestamp_delta,
            offset_delta,
            key,
            value,
            headers.iter().copied(),
        );
        let mut out = vec![0xee; record.encoded_len()];
        assert_eq!(record.encode_into(&mut out), out.len());
        out
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let headers: &[HeaderRef<'_>] = &[(b"a", Some(b"1")), (b"", None), (b"a", Some(b""))];
        let long = vec![7u8; 70_000];
        for timestamp_delta in [0, 1, 63, 64, -1, i64::MAX, i64::MIN] {
            for offset_delta in [0, 1, 64, 100_000, i32::MAX] {
                for field in [None, Some(&b""[..]), Some(b"x"), Some(&long)] {
                    for headers in [&[][..], headers] {
                        let bytes = encode(timestamp_delta, offset_delta, field, field, headers);
                        let (view, end) = RecordView::parse_at(&bytes, 0).expect("well-formed");
                        assert_eq!(end, bytes.len());
                        assert_eq!(view.attributes, 0);
                        assert_eq!(view.timestamp_delta, timestamp_delta);
                        assert_eq!(view.offset_delta, offset_delta);
                        assert_eq!((view.key, view.value), (field, field));
                        assert_eq!(view.headers.len(), headers.len());
                        assert!(view.headers.eq(headers.iter().copied()));
                        let max = encoded_len_max(
                            field.map(<[u8]>::len),
                            field.map(<[u8]>::len),
                            headers
                                .iter()
                                .map(|h| 10 + h.0.len() + h.1.map_or(0, <[u8]>::len))
                                .sum(),
                        );
                        assert!(bytes.len() <= max);
                    }
                }
            }
        }
    }

    #[test]
    fn a_minimal_record_has_the_documented_bytes() {
        assert_eq!(encode(0, 0, None, Some(b"A"), &[]), [14, 0, 0, 0, 1, 2, b'A', 0]);
    }

    #[test]
    fn a_record_cut_anywhere_is_refused() {
        let bytes = encode(5, 6, Some(b"key"), Some(b"value"), &[(b"h", Some(b"v"))]);
        for len in 0..bytes.len() {
            assert!(RecordView::parse_at(&bytes[..len], 0).is_err(), "{len}");
        }
        assert!(RecordView::parse_at(&bytes, bytes.len() + 1).is_err());
    }

    #[test]
    fn a_changed_byte_never_panics_and_iteration_ends() {
        let mut bytes = encode(5, 6, Some(b"key"), Some(b"value"), &[(b"h", Some(b"v"))]);
        bytes.extend_from_within(..);
        for index in 0..bytes.len() {
            for value in [0, 1, 2, 0x7f, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[index] = value;
                let records: Vec<_> = Records::new(&changed).collect();
                assert!(records.len() <= changed.len());
                for record in records.into_iter().flatten() {
                    assert_eq!(record.headers.len(), record.headers.count());
                }
            }
        }
    }

    #[test]
    fn a_record_whose_length_hides_bytes_is_refused() {
        let mut bytes = encode(0, 0, None, Some(b"A"), &[]);
        bytes[0] = 16;
        bytes.push(0);
        assert_eq!(
            RecordView::parse_at(&bytes, 0),
            Err(DecodeError::new("record length is wrong"))
        );
    }
}
