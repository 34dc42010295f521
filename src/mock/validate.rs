//! The checks a broker makes on a produced batch before it goes to the log.
//!
//! Uncompressed records are walked in place; compressed ones are decompressed into a buffer that is used again.
//! The results and their codes are Apache Kafka's.

use super::options::Validation;
use crate::protocol::{ErrorCode, Reader};
use crate::record::batch::{BATCH_HEADER_LEN_BYTES, BatchHeader, CRC_START, MAGIC_V2, crc32c_of};
use crate::record::{Codec, RecordView, Records, decompress};

/// The first Produce version that may carry zstd.
const ZSTD_PRODUCE_VERSION: i16 = 7;

/// Most bytes that the records of a batch may have when decompressed.
const DECOMPRESSED_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Why a batch was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code in the response.
    pub error: ErrorCode,
    /// What was wrong.
    pub message: &'static str,
}

impl Refusal {
    /// A refusal without more to say.
    pub fn plain(error: ErrorCode) -> Self {
        Self { error, message: "" }
    }

    /// Whether the checksum was wrong.
    pub fn is_checksum(&self) -> bool {
        self.message == BAD_CHECKSUM
    }
}

const BAD_CHECKSUM: &str = "checksum is wrong";

fn refuse<T>(error: ErrorCode, message: &'static str) -> Result<T, Refusal> {
    Err(Refusal { error, message })
}

/// Checks batches.
#[derive(Debug)]
pub struct Validator {
    validation: Validation,
    max_batch_bytes: usize,
    decompressed: Vec<u8>,
}

impl Validator {
    /// Checks as closely as told, for topics with that limit.
    pub fn new(validation: Validation, max_batch_bytes: usize) -> Self {
        Self { validation, max_batch_bytes, decompressed: Vec::new() }
    }

    /// Checks the records of one partition in a Produce request of that version. The header returned has the true
    /// highest timestamp (if the records were looked at).
    pub fn check(&mut self, records: &[u8], produce_version: i16) -> Result<BatchHeader, Refusal> {
        let mut header = check_framing(records)?;
        if records.len() > self.max_batch_bytes {
            return refuse(ErrorCode::MESSAGE_TOO_LARGE, "batch is larger than the topic allows");
        }
        if crc32c_of([&records[CRC_START..]]) != header.crc {
            return refuse(ErrorCode::CORRUPT_MESSAGE, BAD_CHECKSUM);
        }
        check_header(&header, produce_version)?;
        if self.validation == Validation::Full {
            let section = &records[BATCH_HEADER_LEN_BYTES..];
            header.max_timestamp = self.check_records(&header, section)?;
        }
        Ok(header)
    }

    fn check_records(&mut self, header: &BatchHeader, section: &[u8]) -> Result<i64, Refusal> {
        let section = uncompressed(header, section, &mut self.decompressed)?;
        let mut reader = Reader::new(section);
        let mut max_delta = i64::MIN;
        for index in 0..header.record_count {
            let Ok(record) = RecordView::parse(&mut reader) else {
                return refuse(ErrorCode::INVALID_RECORD, "record is malformed");
            };
            if record.offset_delta != index {
                return refuse(ErrorCode::INVALID_RECORD, "offset deltas do not ascend by one");
            }
            max_delta = max_delta.max(record.timestamp_delta);
        }
        if !reader.is_empty() {
            return refuse(ErrorCode::INVALID_RECORD, "bytes after the last record");
        }
        Ok(header.base_timestamp.saturating_add(max_delta))
    }
}

/// The records section as it is, or decompressed into `scratch`.
fn uncompressed<'a>(
    header: &BatchHeader,
    section: &'a [u8],
    scratch: &'a mut Vec<u8>,
) -> Result<&'a [u8], Refusal> {
    let Some(codec) = Codec::from_id(header.attributes.codec_id()) else {
        return refuse(ErrorCode::INVALID_RECORD, "unknown compression codec");
    };
    if codec == Codec::None {
        return Ok(section);
    }
    scratch.clear();
    if decompress(codec, section, DECOMPRESSED_BYTES_MAX, scratch).is_err() {
        return refuse(ErrorCode::CORRUPT_MESSAGE, "records cannot be decompressed");
    }
    Ok(scratch)
}

/// The first record of a stored batch with that time or later: its offset after the batch's, and its timestamp.
pub fn record_at_timestamp(batch: &[u8], timestamp_ms: i64) -> Option<(i32, i64)> {
    let header = BatchHeader::parse(batch).ok()?;
    let mut scratch = Vec::new();
    let section = uncompressed(&header, batch.get(BATCH_HEADER_LEN_BYTES..)?, &mut scratch).ok()?;
    Records::new(section).map_while(Result::ok).find_map(|record| {
        let timestamp = header.base_timestamp.saturating_add(record.timestamp_delta);
        (timestamp >= timestamp_ms).then_some((record.offset_delta, timestamp))
    })
}

/// One batch of this format, neither more nor less.
fn check_framing(records: &[u8]) -> Result<BatchHeader, Refusal> {
    let Ok(header) = BatchHeader::parse(records) else {
        return refuse(ErrorCode::INVALID_RECORD, "no complete record batch");
    };
    if header.magic != MAGIC_V2 {
        return refuse(ErrorCode::INVALID_RECORD, "message format is not version 2");
    }
    match header.batch_len_bytes() {
        None => refuse(ErrorCode::CORRUPT_MESSAGE, "batch length is smaller than a header"),
        Some(len) if len > records.len() => {
            refuse(ErrorCode::INVALID_RECORD, "no complete record batch")
        }
        Some(len) if len < records.len() => {
            refuse(ErrorCode::INVALID_RECORD, "more than one record batch")
        }
        Some(_) => Ok(header),
    }
}

fn check_header(header: &BatchHeader, produce_version: i16) -> Result<(), Refusal> {
    let invalid = |message| refuse(ErrorCode::INVALID_RECORD, message);
    if header.base_offset != 0 {
        return invalid("base offset of a producer's batch is not 0");
    }
    if header.record_count <= 0 {
        return invalid("batch holds no records");
    }
    if header.last_offset_delta != header.record_count - 1 {
        return invalid("last offset delta does not fit the record count");
    }
    if header.attributes.is_control() {
        return invalid("clients may not write control batches");
    }
    if header.attributes.is_transactional() {
        return refuse(ErrorCode::INVALID_TXN_STATE, "transactions are not supported");
    }
    if header.producer_id >= 0 && (header.producer_epoch < 0 || header.base_sequence < 0) {
        return invalid("idempotent batch without epoch or sequence");
    }
    match header.attributes.codec_id() {
        0..=3 => Ok(()),
        4 if produce_version >= ZSTD_PRODUCE_VERSION => Ok(()),
        4 => refuse(
            ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
            "zstd is not allowed in this version of Produce",
        ),
        _ => invalid("unknown compression codec"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::test_support::BatchBuilder;

    fn check(batch: &[u8]) -> Result<BatchHeader, ErrorCode> {
        Validator::new(Validation::Full, 1_000_000).check(batch, 9).map_err(|r| r.error)
    }

    #[test]
    fn sound_batches_of_every_codec_pass() {
        for codec in Codec::ALL {
            let batch = BatchBuilder::new().values(&["a", "b", "c"]).codec(codec).build();
            assert_eq!(check(&batch).expect("sound").record_count, 3, "{codec:?}");
        }
    }

    #[test]
    fn the_highest_timestamp_is_that_of_the_records() {
        let batch =
            BatchBuilder::new().at(1000, "a").at(5000, "b").at(2000, "c").max_timestamp(0).build();
        assert_eq!(check(&batch).expect("sound").max_timestamp, 5000);
        assert_eq!(record_at_timestamp(&batch, 1500), Some((1, 5000)));
        assert_eq!(record_at_timestamp(&batch, 5001), None);
    }

    #[test]
    fn every_damaged_byte_is_noticed() {
        let batch = BatchBuilder::new().values(&["a", "b"]).build();
        // Bytes 12..16 are the leader epoch, which the checksum does not cover and a producer may leave as it likes.
        for index in (0..batch.len()).filter(|index| !(12..16).contains(index)) {
            let mut damaged = batch.clone();
            damaged[index] ^= 0x10;
            assert!(check(&damaged).is_err(), "byte {index}");
        }
        for len in 0..batch.len() {
            assert_eq!(check(&batch[..len]), Err(ErrorCode::INVALID_RECORD), "length {len}");
        }
    }

    #[test]
    fn each_fault_has_its_code() {
        let sound = BatchBuilder::new().values(&["a", "b"]);
        let mut bad_crc = sound.clone().build();
        *bad_crc.last_mut().expect("bytes") ^= 1;
        assert_eq!(check(&bad_crc), Err(ErrorCode::CORRUPT_MESSAGE));
        let mut two = sound.clone().build();
        two.extend_from_slice(&sound.clone().build());
        assert_eq!(check(&two), Err(ErrorCode::INVALID_RECORD));
        let mut old = sound.clone().build();
        old[16] = 1;
        assert_eq!(check(&old), Err(ErrorCode::INVALID_RECORD));
        let large = "x".repeat(1_000_000);
        let large = BatchBuilder::new().values(&[&large]).build();
        assert_eq!(check(&large), Err(ErrorCode::MESSAGE_TOO_LARGE));
        let count = sound.clone().patch(|header| header.record_count = 3).build();
        assert_eq!(check(&count), Err(ErrorCode::INVALID_RECORD));
        let more = sound.clone().patch(|header| {
            header.record_count = 3;
            header.last_offset_delta = 2;
        });
        assert_eq!(check(&more.build()), Err(ErrorCode::INVALID_RECORD));
        let transactional = sound.clone().patch(|header| header.attributes.0 |= 0x10).build();
        assert_eq!(check(&transactional), Err(ErrorCode::INVALID_TXN_STATE));
        let garbled = sound.clone().patch(|header| header.attributes.0 |= 0x01).build();
        assert_eq!(check(&garbled), Err(ErrorCode::CORRUPT_MESSAGE), "says gzip, is not");
        let codec = sound.clone().patch(|header| header.attributes.0 |= 0x07).build();
        assert_eq!(check(&codec), Err(ErrorCode::INVALID_RECORD));
        let sequence = sound.producer(5, 0, -1).build();
        assert_eq!(check(&sequence), Err(ErrorCode::INVALID_RECORD));
    }

    #[test]
    fn zstd_needs_produce_7() {
        let batch = BatchBuilder::new().values(&["a"]).codec(Codec::Zstd).build();
        let mut validator = Validator::new(Validation::Crc, 1_000_000);
        let refused = validator.check(&batch, 6).map_err(|refusal| refusal.error);
        assert_eq!(refused, Err(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE));
        assert!(validator.check(&batch, 7).is_ok());
    }
}
