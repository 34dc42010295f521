//! The checks a broker makes before it appends a producer's batch. Run by the mock cluster and by tests.

use super::batch::{BATCH_HEADER_LEN_BYTES, BatchHeader, CRC_START, MAGIC_V2, crc32c_of};
use super::compress::Codec;
use super::decompress::{DecompressError, decompress};
use super::record::Records;
use crate::protocol::ErrorCode;
use std::fmt;

/// Why a batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidBatch {
    /// The bytes end before the batch does, or its length cannot be true.
    Length,
    /// More bytes follow: a Produce request carries one batch for each partition.
    TrailingBytes,
    /// A format other than v2.
    Magic(i8),
    /// The checksum does not fit the bytes.
    Crc,
    /// The attributes name a codec that does not exist.
    UnknownCodec(i16),
    /// The records cannot be decompressed.
    Compression,
    /// Decompressed, the records exceed the limit.
    TooLarge,
    /// A record's framing is wrong.
    Record,
    /// The offset deltas are not 0, 1, 2 ...
    OffsetDelta,
    /// The header's count or last offset delta is not that of the records, or there are none.
    RecordCount,
    /// The base offset is not 0.
    BaseOffset,
    /// Control batches are the broker's own.
    ControlBatch,
    /// A producer id without a sequence number.
    Sequence,
}

impl InvalidBatch {
    /// The error code a broker answers with.
    pub const fn error_code(self) -> ErrorCode {
        match self {
            Self::Length | Self::Crc | Self::Compression => ErrorCode::CORRUPT_MESSAGE,
            Self::UnknownCodec(_) => ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
            Self::TooLarge => ErrorCode::MESSAGE_TOO_LARGE,
            Self::TrailingBytes
            | Self::Magic(_)
            | Self::Record
            | Self::OffsetDelta
            | Self::RecordCount
            | Self::BaseOffset
            | Self::ControlBatch
            | Self::Sequence => ErrorCode::INVALID_RECORD,
        }
    }
}

impl fmt::Display for InvalidBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("batch length is wrong"),
            Self::TrailingBytes => f.write_str("more than one batch"),
            Self::Magic(magic) => write!(f, "magic {magic} is not supported"),
            Self::Crc => f.write_str("checksum mismatch"),
            Self::UnknownCodec(id) => write!(f, "unknown compression codec {id}"),
            Self::Compression => f.write_str("records cannot be decompressed"),
            Self::TooLarge => f.write_str("decompressed records are too large"),
            Self::Record => f.write_str("malformed record"),
            Self::OffsetDelta => f.write_str("offset deltas are not contiguous"),
            Self::RecordCount => f.write_str("record count is wrong"),
            Self::BaseOffset => f.write_str("base offset is not 0"),
            Self::ControlBatch => f.write_str("control batch from a producer"),
            Self::Sequence => f.write_str("producer id without sequence number"),
        }
    }
}

impl std::error::Error for InvalidBatch {}

/// A batch that passed.
#[derive(Clone, Debug)]
pub struct ValidBatch<'a> {
    /// Its header.
    pub header: BatchHeader,
    /// Its records, decompressed; they can be iterated without an error.
    pub records: &'a [u8],
}

impl<'a> ValidBatch<'a> {
    /// The records, known to be well-formed.
    pub fn records(&self) -> Records<'a> {
        Records::new(self.records)
    }
}

/// Reads the batch at the start of `bytes` without a look at the records: header, and where the batch ends. Length, magic
/// and checksum are right.
pub fn check_envelope(bytes: &[u8]) -> Result<(BatchHeader, usize), InvalidBatch> {
    // The magic stands at the same place in every format; an old one has another header behind it.
    if let Some(&magic) = bytes.get(16).filter(|magic| **magic != MAGIC_V2 as u8) {
        return Err(InvalidBatch::Magic(magic as i8));
    }
    let header = BatchHeader::parse(bytes).map_err(|_| InvalidBatch::Length)?;
    let len = header.batch_len_bytes().ok_or(InvalidBatch::Length)?;
    let covered = bytes.get(CRC_START..len).ok_or(InvalidBatch::Length)?;
    if crc32c_of([covered]) != header.crc {
        return Err(InvalidBatch::Crc);
    }
    Ok((header, len))
}

/// Checks `bytes`, which must be one batch from a producer. Compressed records are decompressed into `scratch`, up to
/// `limit_bytes`.
pub fn validate<'a>(
    bytes: &'a [u8],
    limit_bytes: usize,
    scratch: &'a mut Vec<u8>,
) -> Result<ValidBatch<'a>, InvalidBatch> {
    let (header, len) = check_envelope(bytes)?;
    if len != bytes.len() {
        return Err(InvalidBatch::TrailingBytes);
    }
    if header.attributes.is_control() {
        return Err(InvalidBatch::ControlBatch);
    }
    if header.base_offset != 0 {
        return Err(InvalidBatch::BaseOffset);
    }
    if header.producer_id >= 0 && header.base_sequence < 0 {
        return Err(InvalidBatch::Sequence);
    }
    let codec_id = header.attributes.codec_id();
    let codec = Codec::from_id(codec_id).ok_or(InvalidBatch::UnknownCodec(codec_id))?;
    let packed = &bytes[BATCH_HEADER_LEN_BYTES..];
    let records = if codec == Codec::None {
        packed
    } else {
        scratch.clear();
        decompress(codec, packed, limit_bytes, scratch).map_err(|error| match error {
            DecompressError::Corrupt => InvalidBatch::Compression,
            DecompressError::TooLarge => InvalidBatch::TooLarge,
        })?;
        scratch
    };
    check_records(&header, records)?;
    Ok(ValidBatch { header, records })
}

fn check_records(header: &BatchHeader, records: &[u8]) -> Result<(), InvalidBatch> {
    let mut count = 0;
    for record in Records::new(records) {
        let record = record.map_err(|_| InvalidBatch::Record)?;
        if record.offset_delta != count {
            return Err(InvalidBatch::OffsetDelta);
        }
        count += 1;
    }
    if count == 0 || count != header.record_count || count - 1 != header.last_offset_delta {
        return Err(InvalidBatch::RecordCount);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::batch::{Attributes, set_base_offset};
    use crate::record::{Compressor, RecordEncoder};

    const LIMIT: usize = 1 << 20;

    fn section(offset_deltas: &[i32]) -> Vec<u8> {
        let mut section = Vec::new();
        for &offset_delta in offset_deltas {
            let record = RecordEncoder::new(3, offset_delta, Some(b"key"), Some(b"value"));
            let start = section.len();
            section.resize(start + record.encoded_len(), 0);
            record.encode_into(&mut section[start..]);
        }
        section
    }

    fn seal(mut header: BatchHeader, records: &[u8]) -> Vec<u8> {
        let mut out = [0; BATCH_HEADER_LEN_BYTES];
        let (first, second) = records.split_at(records.len() / 2);
        header.seal([first, second].into_iter(), &mut out);
        [&out, records].concat()
    }

    fn header(count: i32) -> BatchHeader {
        BatchHeader {
            record_count: count,
            last_offset_delta: count - 1,
            base_timestamp: 1_700_000_000_000,
            max_timestamp: 1_700_000_000_003,
            ..BatchHeader::default()
        }
    }

    fn error(bytes: &[u8]) -> InvalidBatch {
        validate(bytes, LIMIT, &mut Vec::new()).expect_err("must be refused")
    }

    #[test]
    fn a_sealed_batch_passes_with_every_codec() {
        for codec in Codec::ALL {
            let mut records = Vec::new();
            Compressor::new()
                .compress(codec, -1, &section(&[0, 1, 2]), &mut records)
                .expect("compresses");
            let attributes = Attributes::new(codec.id(), true);
            let bytes = seal(BatchHeader { attributes, ..header(3) }, &records);
            let mut scratch = Vec::new();
            let batch = validate(&bytes, LIMIT, &mut scratch).expect("valid");
            assert_eq!(batch.records().count(), 3);
            assert!(batch.header.attributes.is_transactional());
            assert_eq!(batch.header.batch_len_bytes(), Some(bytes.len()));
        }
    }

    #[test]
    fn a_header_reads_back_as_it_was_written() {
        let written = BatchHeader {
            base_offset: 1,
            batch_length: 2,
            partition_leader_epoch: 3,
            magic: 4,
            crc: 5,
            attributes: Attributes(6),
            last_offset_delta: 7,
            base_timestamp: 8,
            max_timestamp: 9,
            producer_id: 10,
            producer_epoch: 11,
            base_sequence: 12,
            record_count: 13,
        };
        let mut bytes = [0; BATCH_HEADER_LEN_BYTES];
        written.write(&mut bytes);
        assert_eq!(BatchHeader::parse(&bytes), Ok(written));
        assert!(BatchHeader::parse(&bytes[..60]).is_err());
    }

    #[test]
    fn the_checksum_does_not_cover_the_base_offset() {
        let mut bytes = seal(header(1), &section(&[0]));
        set_base_offset(&mut bytes, 77, 5);
        let (header, len) = check_envelope(&bytes).expect("still right");
        assert_eq!((header.base_offset, header.partition_leader_epoch, len), (77, 5, bytes.len()));
        assert_eq!(error(&bytes), InvalidBatch::BaseOffset);
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let good = seal(header(2), &section(&[0, 1]));
        let mut changed = good.clone();
        *changed.last_mut().expect("not empty") ^= 1;
        assert_eq!(error(&changed), InvalidBatch::Crc);
        assert_eq!(error(&[&good[..], &good].concat()), InvalidBatch::TrailingBytes);
        let mut old = good.clone();
        old[16] = 1;
        assert_eq!(error(&old), InvalidBatch::Magic(1));
        assert_eq!(error(&seal(header(2), &section(&[0, 2]))), InvalidBatch::OffsetDelta);
        assert_eq!(error(&seal(header(2), &section(&[1, 2]))), InvalidBatch::OffsetDelta);
        assert_eq!(error(&seal(header(3), &section(&[0, 1]))), InvalidBatch::RecordCount);
        assert_eq!(error(&seal(header(0), &[])), InvalidBatch::RecordCount);
        assert_eq!(error(&seal(header(2), &section(&[0, 1])[..20])), InvalidBatch::Record);
        let with = |attributes| BatchHeader { attributes: Attributes(attributes), ..header(2) };
        assert_eq!(error(&seal(with(7), &section(&[0, 1]))), InvalidBatch::UnknownCodec(7));
        assert_eq!(error(&seal(with(3), &section(&[0, 1]))), InvalidBatch::Compression);
        assert_eq!(error(&seal(with(0x20), &section(&[0, 1]))), InvalidBatch::ControlBatch);
        let idempotent = BatchHeader { producer_id: 1, producer_epoch: 0, ..header(2) };
        assert_eq!(error(&seal(idempotent, &section(&[0, 1]))), InvalidBatch::Sequence);
    }

    #[test]
    fn a_batch_cut_or_changed_anywhere_is_refused_without_a_panic() {
        let good = seal(header(2), &section(&[0, 1]));
        for len in 0..good.len() {
            assert_eq!(error(&good[..len]), InvalidBatch::Length, "cut at {len}");
        }
        for index in 0..good.len() {
            let mut changed = good.clone();
            changed[index] = changed[index].wrapping_add(0x80);
            let outside_the_crc = (12..16).contains(&index);
            let result = validate(&changed, LIMIT, &mut Vec::new()).map(|_| ());
            assert_eq!(result.is_ok(), outside_the_crc, "{index}: {result:?}");
        }
    }
}
