//! Records that we write, and partitioners. Input: deltas, key, value, headers.

use super::input::Input;
use rdkafka::producer::headers::Headers;
use rdkafka::producer::partitioner::{PartitionerKind, partition};
use rdkafka::protocol::Reader;
use rdkafka::record::record::encoded_len_max;
use rdkafka::record::{RecordEncoder, RecordView};

const KINDS: &[PartitionerKind] = &[
    PartitionerKind::Random,
    PartitionerKind::Consistent,
    PartitionerKind::ConsistentRandom,
    PartitionerKind::Murmur2,
    PartitionerKind::Murmur2Random,
    PartitionerKind::Fnv1a,
    PartitionerKind::Fnv1aRandom,
];

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let (kind, count) = (KINDS[input.below(KINDS.len())], i32::from(input.u16()).max(1));
    let (timestamp_delta, offset_delta) = (input.number(), input.number() as i32);
    let (key, value) = (input.optional_bytes(), input.optional_bytes());
    let mut headers = Headers::with_capacity(input.below(4));
    for _ in 0..input.below(20) {
        let name = input.bytes();
        match input.below(8) {
            0 => drop(headers.remove(name)),
            1 => drop((
                headers.named(name, input.below(9)).is_some(),
                headers.last_named(name).is_some(),
            )),
            _ => headers.add(name, input.optional_bytes()).expect("short enough"),
        }
    }
    let chosen = partition(kind, key, count, || count - 1);
    assert!((0..count).contains(&chosen));

    let record =
        RecordEncoder::with_headers(timestamp_delta, offset_delta, key, value, headers.iter());
    let mut bytes = vec![0; record.encoded_len()];
    assert_eq!(record.encode_into(&mut bytes), bytes.len());
    let headers_len =
        headers.iter().map(|(name, value)| 10 + name.len() + value.map_or(0, <[u8]>::len));
    let bound = encoded_len_max(key.map(<[u8]>::len), value.map(<[u8]>::len), headers_len.sum());
    assert!(bytes.len() <= bound);
    let view = RecordView::parse(&mut Reader::new(&bytes)).expect("what was written can be read");
    assert_eq!((view.timestamp_delta, view.offset_delta), (timestamp_delta, offset_delta));
    assert_eq!((view.key, view.value), (key, value));
    assert!(view.headers.eq(headers.iter()));
}
