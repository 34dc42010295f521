//! Batches against those of the crate `kafka-protocol`, an independent reading of the format, both ways.

use super::batch::{Attributes, BATCH_HEADER_LEN_BYTES, BatchHeader};
use super::record::{HeaderRef, RecordEncoder, RecordView};
use super::validate::validate;
use bytes::{Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

const BASE_TIMESTAMP: i64 = 1_700_000_000_000;
const HEADERS: &[HeaderRef<'static>] = &[(b"trace", Some(b"1")), (b"none", None), (b"", Some(b""))];

fn their_record(index: i64) -> Record {
    let mut headers = IndexMap::new();
    for (name, value) in HEADERS.iter().filter(|_| index % 2 == 0) {
        let name = StrBytes::from_string(String::from_utf8_lossy(name).into_owned());
        headers.insert(name, value.map(Bytes::from_static));
    }
    Record {
        transactional: true,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: -1,
        producer_id: 9_000,
        producer_epoch: 3,
        timestamp_type: TimestampType::Creation,
        offset: index,
        sequence: 500 + index as i32,
        timestamp: BASE_TIMESTAMP + index,
        key: (index % 3 != 0).then(|| Bytes::from(vec![b'k'; index as usize])),
        value: (index % 5 != 0).then(|| Bytes::from(vec![b'v'; 10 * index as usize])),
        headers,
    }
}

fn our_batch(count: i64) -> Vec<u8> {
    let mut records = Vec::new();
    for index in 0..count {
        let theirs = their_record(index);
        let headers = HEADERS.iter().copied().filter(|_| index % 2 == 0);
        let (key, value) = (theirs.key.as_deref(), theirs.value.as_deref());
        let record = RecordEncoder::with_headers(index, index as i32, key, value, headers);
        let start = records.len();
        records.resize(start + record.encoded_len(), 0);
        record.encode_into(&mut records[start..]);
    }
    let mut header = BatchHeader {
        attributes: Attributes::new(0, true),
        last_offset_delta: count as i32 - 1,
        base_timestamp: BASE_TIMESTAMP,
        max_timestamp: BASE_TIMESTAMP + count - 1,
        producer_id: 9_000,
        producer_epoch: 3,
        base_sequence: 500,
        record_count: count as i32,
        ..BatchHeader::default()
    };
    let mut bytes = [0; BATCH_HEADER_LEN_BYTES];
    header.seal(std::iter::once(&records[..]), &mut bytes);
    [&bytes[..], &records].concat()
}

#[test]
fn both_write_the_same_batch_byte_for_byte() {
    for count in [1, 2, 70, 200] {
        let records: Vec<_> = (0..count).map(their_record).collect();
        let options = RecordEncodeOptions { version: 2, compression: Compression::None };
        let mut theirs = BytesMut::new();
        RecordBatchEncoder::encode(&mut theirs, &records, &options).expect("encodes");
        assert_eq!(our_batch(count), theirs, "{count}");
    }
}

#[test]
fn the_other_side_reads_our_records() {
    let mut bytes = Bytes::from(our_batch(70));
    let set = RecordBatchDecoder::decode(&mut bytes).expect("decodes");
    let expected: Vec<_> = (0..70).map(their_record).collect();
    assert_eq!(set.records, expected);
}

#[test]
fn we_read_the_records_of_the_other_side() {
    let bytes = our_batch(70);
    let mut scratch = Vec::new();
    let batch = validate(&bytes, 1 << 20, &mut scratch).expect("valid");
    let mut position = 0;
    for index in 0..70 {
        let (record, end) = RecordView::parse_at(batch.records, position).expect("well-formed");
        let theirs = their_record(index);
        assert_eq!((record.key, record.value), (theirs.key.as_deref(), theirs.value.as_deref()));
        assert_eq!(batch.header.base_timestamp + record.timestamp_delta, theirs.timestamp);
        assert_eq!(record.headers.count(), theirs.headers.len());
        position = end;
    }
    assert_eq!(position, batch.records.len());
}
