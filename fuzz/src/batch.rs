//! A record batch as it may come over the wire. Input: flags (repair length and checksum, so that what is behind them is
//! reached), the batch.

use super::input::Input;
use rdkafka::record::batch::{BATCH_HEADER_LEN_BYTES, BatchHeader, crc32c_of};
use rdkafka::record::validate::check_envelope;
use rdkafka::record::{Records, validate};

/// Where the length, the magic and the checksum stand, and where begins what the checksum covers.
const LENGTH_AT: usize = 8;
const MAGIC_AT: usize = 16;
const CRC_AT: usize = 17;
const CRC_FROM: usize = 21;
const LIMIT: usize = 1 << 16;

fn repair(batch: &mut [u8]) {
    let len = (batch.len() - 12) as i32;
    batch[LENGTH_AT..LENGTH_AT + 4].copy_from_slice(&len.to_be_bytes());
    batch[MAGIC_AT] = 2;
    let crc = crc32c_of([&batch[CRC_FROM..]]);
    batch[CRC_AT..CRC_AT + 4].copy_from_slice(&crc.to_be_bytes());
}

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let flags = input.u8();
    let mut batch = input.rest().to_vec();
    if flags & 1 != 0 && batch.len() >= BATCH_HEADER_LEN_BYTES {
        repair(&mut batch);
    }
    let _ = BatchHeader::parse(&batch);
    if let Ok((_, len)) = check_envelope(&batch) {
        assert!(len <= batch.len());
    }
    let mut scratch = Vec::new();
    let valid_count = match validate(&batch, LIMIT, &mut scratch) {
        Ok(valid) => {
            Some(valid.records().inspect(|record| assert!(record.is_ok(), "it is valid")).count())
        }
        Err(_) => None,
    };
    assert!(scratch.len() <= LIMIT);
    if let Some(count) = valid_count {
        assert!(count > 0);
    }
    if let Some(section) = batch.get(BATCH_HEADER_LEN_BYTES..) {
        let mut bytes = 0;
        for record in Records::new(section).flatten() {
            let headers: usize =
                record.headers.map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len)).sum();
            bytes +=
                record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len) + headers;
        }
        assert!(bytes <= section.len());
    }
}
