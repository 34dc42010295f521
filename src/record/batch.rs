//! The header of a RecordBatch v2 (61 bytes in front of the records), its checksum, and the checks a broker makes.
//!
//! The CRC-32C covers everything from the attributes on, so that a broker may set the base offset and the leader epoch
//! without computing it anew.

use crate::protocol::{DecodeError, Reader};

/// Length of the header.
pub const BATCH_HEADER_LEN_BYTES: usize = 61;
/// What `batch_length` does not count: the base offset and itself.
pub const LENGTH_OVERHEAD_BYTES: usize = 12;
/// Where the bytes covered by the checksum begin.
pub const CRC_START: usize = 21;
/// The magic of this format.
pub const MAGIC_V2: i8 = 2;

const CRC_AT: usize = 17;

/// What the attributes of a batch say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub i16);

impl Attributes {
    const CODEC: i16 = 0x07;
    const LOG_APPEND_TIME: i16 = 0x08;
    const TRANSACTIONAL: i16 = 0x10;
    const CONTROL: i16 = 0x20;

    /// Attributes of a producer's batch.
    pub const fn new(codec_id: i16, transactional: bool) -> Self {
        Self((codec_id & Self::CODEC) | if transactional { Self::TRANSACTIONAL } else { 0 })
    }

    /// The number of the codec, known or not.
    pub const fn codec_id(self) -> i16 {
        self.0 & Self::CODEC
    }

    /// Timestamps are the broker's time of the append.
    pub const fn is_log_append_time(self) -> bool {
        self.0 & Self::LOG_APPEND_TIME != 0
    }

    /// Part of a transaction.
    pub const fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    /// A control batch (transaction marker).
    pub const fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// The same with another timestamp type.
    #[must_use]
    pub const fn with_log_append_time(self) -> Self {
        Self(self.0 | Self::LOG_APPEND_TIME)
    }
}

/// The header of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record; 0 from a producer.
    pub base_offset: i64,
    /// Bytes after this field.
    pub batch_length: i32,
    /// Epoch of the leader; -1 from a producer.
    pub partition_leader_epoch: i32,
    /// Format: 2.
    pub magic: i8,
    /// CRC-32C from the attributes on.
    pub crc: u32,
    /// Codec, timestamp type, transactional, control.
    pub attributes: Attributes,
    /// Offset of the last record after that of the first.
    pub last_offset_delta: i32,
    /// Timestamp of the first record, in milliseconds.
    pub base_timestamp: i64,
    /// Highest timestamp.
    pub max_timestamp: i64,
    /// Producer id, -1 for none.
    pub producer_id: i64,
    /// Producer epoch, -1 for none.
    pub producer_epoch: i16,
    /// Sequence number of the first record, -1 for none.
    pub base_sequence: i32,
    /// Number of records.
    pub record_count: i32,
}

impl Default for BatchHeader {
    fn default() -> Self {
        Self {
            base_offset: 0,
            batch_length: (BATCH_HEADER_LEN_BYTES - LENGTH_OVERHEAD_BYTES) as i32,
            partition_leader_epoch: -1,
            magic: MAGIC_V2,
            crc: 0,
            attributes: Attributes(0),
            last_offset_delta: -1,
            base_timestamp: -1,
            max_timestamp: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            record_count: 0,
        }
    }
}

impl BatchHeader {
    /// Writes the header as it stands.
    pub fn write(&self, out: &mut [u8; BATCH_HEADER_LEN_BYTES]) {
        out[0..8].copy_from_slice(&self.base_offset.to_be_bytes());
        out[8..12].copy_from_slice(&self.batch_length.to_be_bytes());
        out[12..16].copy_from_slice(&self.partition_leader_epoch.to_be_bytes());
        out[16] = self.magic as u8;
        out[CRC_AT..CRC_START].copy_from_slice(&self.crc.to_be_bytes());
        out[21..23].copy_from_slice(&self.attributes.0.to_be_bytes());
        out[23..27].copy_from_slice(&self.last_offset_delta.to_be_bytes());
        out[27..35].copy_from_slice(&self.base_timestamp.to_be_bytes());
        out[35..43].copy_from_slice(&self.max_timestamp.to_be_bytes());
        out[43..51].copy_from_slice(&self.producer_id.to_be_bytes());
        out[51..53].copy_from_slice(&self.producer_epoch.to_be_bytes());
        out[53..57].copy_from_slice(&self.base_sequence.to_be_bytes());
        out[57..61].copy_from_slice(&self.record_count.to_be_bytes());
    }

    /// Sets length and checksum for the records that follow (as they go on the wire, in one or more slices) and
    /// writes the header.
    pub fn seal<'r>(
        &mut self,
        records: impl Iterator<Item = &'r [u8]> + Clone,
        out: &mut [u8; BATCH_HEADER_LEN_BYTES],
    ) {
        let records_len: usize = records.clone().map(<[u8]>::len).sum();
        self.batch_length = (BATCH_HEADER_LEN_BYTES - LENGTH_OVERHEAD_BYTES + records_len) as i32;
        self.crc = 0;
        self.write(out);
        let mut crc = crc32c::crc32c(&out[CRC_START..]);
        for slice in records {
            crc = crc32c::crc32c_append(crc, slice);
        }
        self.crc = crc;
        out[CRC_AT..CRC_START].copy_from_slice(&crc.to_be_bytes());
    }

    /// Reads the header at the start of `bytes`. Says nothing yet about the fields' values.
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        Ok(Self {
            base_offset: reader.i64()?,
            batch_length: reader.i32()?,
            partition_leader_epoch: reader.i32()?,
            magic: reader.i8()?,
            crc: reader.u32()?,
            attributes: Attributes(reader.i16()?),
            last_offset_delta: reader.i32()?,
            base_timestamp: reader.i64()?,
            max_timestamp: reader.i64()?,
            producer_id: reader.i64()?,
            producer_epoch: reader.i16()?,
            base_sequence: reader.i32()?,
            record_count: reader.i32()?,
        })
    }

    /// Length of the whole batch, if the header's length can be true.
    pub fn batch_len_bytes(&self) -> Option<usize> {
        let len = usize::try_from(self.batch_length).ok()?.checked_add(LENGTH_OVERHEAD_BYTES)?;
        (len >= BATCH_HEADER_LEN_BYTES).then_some(len)
    }
}

/// CRC-32C over the concatenation of `slices`.
pub fn crc32c_of<'a>(slices: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    slices.into_iter().fold(0, crc32c::crc32c_append)
}

/// Sets the base offset and leader epoch of a stored batch, which the checksum does not cover.
///
/// # Panics
/// If `batch` is shorter than a header.
pub fn set_base_offset(batch: &mut [u8], base_offset: i64, partition_leader_epoch: i32) {
    batch[0..8].copy_from_slice(&base_offset.to_be_bytes());
    batch[12..16].copy_from_slice(&partition_leader_epoch.to_be_bytes());
}
