//! One record of a RecordBatch v2: written by the producing thread into the open batch, read back for delivery
//! reports, validated by the mock.
//!
//! Layout: length varint, then attributes INT8 (always 0), timestamp delta VARLONG, offset delta VARINT, key, value
//! (VARINT length, -1 for null, and bytes), header count VARINT, headers (name, value).

use super::varint::{
    Short, Window, len_of_len, store_word, unzigzag, varlong_len, write_len, write_varlong, zigzag,
};
use crate::protocol::{DecodeError, Reader};

type Result<T> = std::result::Result<T, DecodeError>;

/// A header: its name and value (`None` for null).
pub type HeaderRef<'a> = (&'a [u8], Option<&'a [u8]>);

/// The varint of the length -1, which stands for null, as it lies on the wire.
const NULL_RAW_LEN: usize = 1;

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

/// A record as nearly all are, about to be written: without headers, its numbers short.
#[derive(Clone, Copy, Debug)]
pub struct PlainRecord<'a> {
    body_len: Short,
    /// Attributes, deltas and the key's length.
    head: u64,
    head_len: usize,
    key: Option<&'a [u8]>,
    value_len: Short,
    value: Option<&'a [u8]>,
    len: usize,
}

impl<'a> PlainRecord<'a> {
    /// Bytes of room that writing needs beyond the record, where anything may be left.
    pub const SLACK_BYTES: usize = 4;

    /// `None` if a number is too long for this.
    #[inline(always)]
    pub fn new(
        timestamp_delta: i64,
        offset_delta: i32,
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
    ) -> Option<Self> {
        let raw_len = |field: Option<&[u8]>| match field {
            Some(bytes) => (bytes.len() as u64) << 1,
            None => NULL_RAW_LEN as u64,
        };
        let (raw_timestamp, raw_offset) = (zigzag(timestamp_delta), zigzag(offset_delta.into()));
        let (raw_key_len, raw_value_len) = (raw_len(key), raw_len(value));
        // Two, three, and two bytes: with the attributes they make a word.
        let too_long = (raw_timestamp | raw_key_len) >> 14 | raw_offset >> 21;
        // Less than is short, so that the whole record's length is short too.
        if too_long | raw_value_len >> (Short::BITS - 2) != 0 {
            return None;
        }
        let (mut head, mut head_len) = (0, 1);
        for raw in [raw_timestamp, raw_offset, raw_key_len] {
            let short = Short::new(raw);
            head |= short.word() << (8 * head_len);
            head_len += short.len_bytes();
        }
        let value_len = Short::new(raw_value_len);
        let bytes_len = key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len);
        // The header count is a byte.
        let body_len = head_len + value_len.len_bytes() + bytes_len + 1;
        let short_body_len = Short::new((body_len as u64) << 1);
        let len = short_body_len.len_bytes() + body_len;
        Some(Self { body_len: short_body_len, head, head_len, key, value_len, value, len })
    }

    /// Bytes the whole record takes.
    #[inline(always)]
    pub fn encoded_len(&self) -> usize {
        self.len
    }

    /// Writes the record at the start of `out`.
    ///
    /// # Panics
    /// If `out` is shorter than [`PlainRecord::encoded_len`] and [`PlainRecord::SLACK_BYTES`].
    #[inline(always)]
    pub fn encode_into(&self, out: &mut [u8]) {
        let mut at = self.body_len.store(out, 0);
        store_word(out, at, self.head.to_le_bytes());
        at += self.head_len;
        if let Some(key) = self.key {
            out[at..at + key.len()].copy_from_slice(key);
            at += key.len();
        }
        at = self.value_len.store(out, at);
        if let Some(value) = self.value {
            out[at..at + value.len()].copy_from_slice(value);
            at += value.len();
        }
        out[at] = 0;
    }
}

/// Bytes a record takes whatever its deltas turn out to be: for limits that are checked before its place is known.
#[inline]
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

    /// Like [`RecordView::parse_at`], but only for a record without headers whose numbers are short, as most are; `None`
    /// for others and for malformed ones. `records` may go on behind the records: the more, the better the last one reads.
    #[inline(always)]
    pub fn parse_plain_at(records: &'a [u8], position: usize) -> Option<(Self, usize)> {
        let mut window = Window::at(records, position)?;
        let raw_len = window.take()?;
        let end = position + window.used() + raw_len / 2;
        let attributes = window.take_byte() as i8;
        let timestamp_delta = unzigzag(window.take()? as u64);
        let mut at = position + window.used();
        let mut window = Window::at(records, at)?;
        let offset_delta = unzigzag(window.take()? as u64) as i32;
        let raw_key_len = window.take()?;
        // Odd numbers but null's are negative lengths.
        let (mut key, mut odd) = (None, raw_len);
        if raw_key_len != NULL_RAW_LEN {
            odd |= raw_key_len;
            let from = at + window.used();
            at = from + raw_key_len / 2;
            key = Some(records.get(from..at)?);
            window = Window::at(records, at)?;
        }
        let raw_value_len = window.take()?;
        at += window.used();
        let mut value = None;
        if raw_value_len != NULL_RAW_LEN {
            odd |= raw_value_len;
            value = Some(records.get(at..at + raw_value_len / 2)?);
            at += raw_value_len / 2;
        }
        if odd & 1 != 0 || at + 1 != end || *records.get(at)? != 0 {
            return None;
        }
        let headers = Headers::default();
        Some((Self { attributes, timestamp_delta, offset_delta, key, value, headers }, end))
    }

    /// Reads the record at `records[position..]`; also returns the position after it.
    #[inline(never)]
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
                        plain_agrees(&bytes, &view, field);
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

    /// The fast paths write the same bytes, and read the same or nothing.
    fn plain_agrees(bytes: &[u8], view: &RecordView<'_>, field: Option<&[u8]>) {
        let record = PlainRecord::new(view.timestamp_delta, view.offset_delta, field, field);
        if view.headers.len() == 0
            && let Some(record) = record
        {
            let len = record.encoded_len();
            let mut out = vec![0xee; len + PlainRecord::SLACK_BYTES];
            record.encode_into(&mut out);
            assert_eq!(&out[..len], bytes);
        }
        let mut padded = bytes.to_vec();
        padded.extend_from_slice(&[0xff; 8]);
        let plain = RecordView::parse_plain_at(&padded, 0);
        let short = (-1 << 20..1 << 20).contains(&view.timestamp_delta)
            && view.offset_delta < 1 << 20
            && field.is_none_or(|bytes| bytes.len() < 1 << 19);
        assert_eq!(plain.is_some(), short && view.headers.len() == 0);
        if let Some((plain, end)) = plain {
            assert_eq!((&plain, end), (view, bytes.len()));
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
                if let Some((record, end)) = RecordView::parse_plain_at(&changed, 0) {
                    assert_eq!(RecordView::parse_at(&changed, 0), Ok((record, end)));
                }
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
