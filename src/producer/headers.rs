//! A message's headers as the application builds and reads them (`rd_kafka_headers_t`). Pure data, used by one thread
//! at a time.
//!
//! Each header is one allocation, "name NUL value NUL", so that C gets terminated strings and pointers that stay valid
//! while other headers come and go. The terminators are never part of the lengths.

use crate::record::record::HeaderRef;

/// Names and values longer than this can't be encoded (lengths on the wire are signed 32-bit numbers).
const FIELD_LEN_MAX: usize = i32::MAX as usize;

/// Reserving more than this on a caller's word isn't worth the risk.
const RESERVED_COUNT_MAX: usize = 1024;

/// An ordered list of headers; names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    entries: Vec<Header>,
}

/// One header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    bytes: Box<[u8]>,
    name_len: usize,
    has_value: bool,
}

/// A name or value is too long for the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Header {
    fn new(name: &[u8], value: Option<&[u8]>) -> Self {
        let mut bytes = Vec::with_capacity(name.len() + value.map_or(0, <[u8]>::len) + 2);
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(value.unwrap_or_default());
        bytes.push(0);
        Self { bytes: bytes.into_boxed_slice(), name_len: name.len(), has_value: value.is_some() }
    }

    /// The name. A NUL byte follows it in memory.
    pub fn name(&self) -> &[u8] {
        &self.bytes[..self.name_len]
    }

    /// The value, `None` for null. A NUL byte follows it in memory.
    pub fn value(&self) -> Option<&[u8]> {
        self.has_value.then(|| &self.bytes[self.name_len + 1..self.bytes.len() - 1])
    }
}

impl Headers {
    /// An empty list with room for about `count` headers.
    pub fn with_capacity(count: usize) -> Self {
        Self { entries: Vec::with_capacity(count.min(RESERVED_COUNT_MAX)) }
    }

    /// Adds a header at the end.
    pub fn add(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), TooLong> {
        if name.len() > FIELD_LEN_MAX || value.is_some_and(|value| value.len() > FIELD_LEN_MAX) {
            return Err(TooLong);
        }
        self.entries.push(Header::new(name, value));
        Ok(())
    }

    /// Removes all headers with this name; how many there were.
    pub fn remove(&mut self, name: &[u8]) -> usize {
        let before = self.entries.len();
        self.entries.retain(|header| header.name() != name);
        before - self.entries.len()
    }

    /// Number of headers.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The header at `index`.
    pub fn at(&self, index: usize) -> Option<&Header> {
        self.entries.get(index)
    }

    /// The header at `index` among those with this name.
    pub fn named(&self, name: &[u8], index: usize) -> Option<&Header> {
        self.entries.iter().filter(|header| header.name() == name).nth(index)
    }

    /// The last header with this name: the one that counts where only one is expected.
    pub fn last_named(&self, name: &[u8]) -> Option<&Header> {
        self.entries.iter().rev().find(|header| header.name() == name)
    }

    /// All headers in order, as a record encodes them.
    pub fn iter(&self) -> impl Iterator<Item = HeaderRef<'_>> + Clone {
        self.entries.iter().map(|header| (header.name(), header.value()))
    }
}

impl<'a> FromIterator<HeaderRef<'a>> for Headers {
    fn from_iter<I: IntoIterator<Item = HeaderRef<'a>>>(headers: I) -> Self {
        Self {
            entries: headers.into_iter().map(|(name, value)| Header::new(name, value)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Headers {
        let mut headers = Headers::with_capacity(usize::MAX);
        for (name, value) in [("a", Some("1")), ("b", None), ("a", Some("")), ("", Some("4"))] {
            headers.add(name.as_bytes(), value.map(str::as_bytes)).unwrap();
        }
        headers
    }

    #[test]
    fn null_and_empty_values_differ() {
        let headers = sample();
        assert_eq!(headers.at(1).unwrap().value(), None);
        assert_eq!(headers.at(2).unwrap().value(), Some(&b""[..]));
        assert!(headers.at(4).is_none());
    }

    #[test]
    fn names_repeat_and_keep_their_order() {
        let headers = sample();
        assert_eq!(headers.named(b"a", 0).unwrap().value(), Some(&b"1"[..]));
        assert_eq!(headers.named(b"a", 1).unwrap().value(), Some(&b""[..]));
        assert!(headers.named(b"a", 2).is_none());
        assert_eq!(headers.last_named(b"a").unwrap().value(), Some(&b""[..]));
    }

    #[test]
    fn remove_takes_all_of_a_name() {
        let mut headers = sample();
        assert_eq!(headers.remove(b"a"), 2);
        assert_eq!(headers.remove(b"a"), 0);
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn names_and_values_are_terminated_in_memory() {
        let header = Header::new(b"name", Some(b"value"));
        assert_eq!(&*header.bytes, b"name\0value\0");
        assert_eq!(&*Header::new(b"", None).bytes, b"\0\0");
    }

    #[test]
    fn a_copy_through_record_form_is_equal() {
        let headers = sample();
        assert_eq!(headers.iter().collect::<Headers>(), headers);
    }
}
