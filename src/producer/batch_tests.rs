//! Batches as they are written, sealed, read back and split.

use super::*;
use crate::record::record::Records;

fn message(value: &[u8], enqueued_us: u64) -> NewMessage<'_, std::iter::Empty<HeaderRef<'_>>> {
    NewMessage {
        key: Some(b"k"),
        value: Some(value),
        headers: std::iter::empty(),
        timestamp_ms: 1_000 + enqueued_us as i64 / 1_000,
        enqueued_us,
        opaque: enqueued_us as usize,
        tag: 7,
        borrowed_value: if enqueued_us.is_multiple_of(3) { 99 } else { 0 },
    }
}

fn filled(count: u64, len: usize) -> Batch {
    let mut batch = Batch::default();
    for i in 0..count {
        batch.append(&message(&vec![i as u8; len], i), &mut FreshChunks);
    }
    batch
}

#[test]
fn messages_read_back_as_appended_across_chunks() {
    for len in [0, 100, 5_000, 70_000] {
        let batch = filled(50, len);
        let views: Vec<_> = batch.messages().collect();
        assert_eq!(views.len(), 50);
        for (i, view) in views.iter().enumerate() {
            assert_eq!(view.record.value, Some(vec![i as u8; len].as_slice()));
            assert_eq!((view.opaque, view.enqueued_us, view.tag), (i, i as u64, 7));
            assert_eq!(view.borrowed_value, if i % 3 == 0 { 99 } else { 0 });
        }
    }
}

#[test]
fn sealed_bytes_are_a_valid_record_batch() {
    let mut batch = filled(1_000, 100);
    batch.seal(Sealing::plain());
    let mut wire = Vec::new();
    (0..).map_while(|i| batch.wire_slice(i)).for_each(|slice| wire.extend_from_slice(slice));
    assert_eq!(wire.len(), batch.wire_len_bytes());
    let header = BatchHeader::parse(&wire).unwrap();
    assert_eq!(header.record_count, 1_000);
    assert_eq!(header.batch_len_bytes(), Some(wire.len()));
    assert_eq!(header.crc, crc32c::crc32c(&wire[21..]));
    assert_eq!(Records::new(&wire[61..]).filter(Result::is_ok).count(), 1_000);
}

#[test]
fn a_split_batch_keeps_messages_and_order() {
    let batch = filled(10, 10);
    let (head, tail) = batch.split_at(4, &mut FreshChunks);
    let opaques: Vec<_> = head.messages().chain(tail.messages()).map(|view| view.opaque).collect();
    assert_eq!((head.count(), tail.count()), (4, 6));
    assert_eq!(opaques, (0..10).collect::<Vec<_>>());
    assert_eq!(tail.first_enqueued_us(), 4);
    assert_eq!(tail.messages().filter(|view| view.borrowed_value == 99).count(), 2);
}

#[test]
fn expiry_counts_a_prefix() {
    let batch = filled(10, 1);
    assert_eq!(batch.count_enqueued_until(0), 1);
    assert_eq!(batch.count_enqueued_until(4), 5);
    assert_eq!(batch.count_enqueued_until(400), 10);
}
