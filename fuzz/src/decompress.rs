//! Compressed bytes from the wire: never more output than the limit; and what we compress comes out again.
//! Input: codec, limit, the compressed bytes.

use super::input::Input;
use rdkafka::record::{Codec, Compressor, decompress};

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let codec = Codec::from_id((input.u8() % 5).into()).expect("five codecs");
    let limit = usize::from(input.u16()) * 16;
    let level = i32::from(input.u8()) - 128;
    let bytes = input.rest();
    let mut out = b"before".to_vec();
    match decompress(codec, bytes, limit, &mut out) {
        Ok(()) => assert!(out.len() <= limit + 6),
        Err(_) => assert_eq!(out.len(), 6),
    }
    // As large as what came, and its growth by doubling, and a block that a codec may read ahead.
    assert!(out.capacity() <= 4 * (limit + bytes.len()) + (1 << 17), "{}", out.capacity());
    let mut packed = Vec::new();
    Compressor::new().compress(codec, level, bytes, &mut packed).expect("anything can be packed");
    let mut unpacked = Vec::new();
    decompress(codec, &packed, bytes.len(), &mut unpacked).expect("within the limit");
    assert_eq!(unpacked, bytes);
}
