//! Decompression of records from the wire: everything a Kafka broker may hold, never more than a limit of output.
//!
//! Runs on whichever thread has the bytes (the mock's, or the caller's poll when a report is made from a sealed batch).

use super::compress::Codec;
use std::fmt;
use std::io::Read;

/// Why compressed records could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecompressError {
    /// The stream is damaged or ends early.
    Corrupt,
    /// The stream holds more than the limit.
    TooLarge,
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Corrupt => "compressed records are corrupt",
            Self::TooLarge => "compressed records exceed the limit",
        })
    }
}

impl std::error::Error for DecompressError {}

type Result<T> = std::result::Result<T, DecompressError>;

/// Appends the decompressed `input`, of at most `limit_bytes`, to `out`. On error `out` is as before.
pub fn decompress(codec: Codec, input: &[u8], limit_bytes: usize, out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    let result = match codec {
        Codec::None => within(input.len(), limit_bytes).map(|()| out.extend_from_slice(input)),
        Codec::Gzip => read_all(flate2::bufread::MultiGzDecoder::new(input), limit_bytes, out),
        Codec::Snappy => snappy(input, limit_bytes, out),
        Codec::Lz4 => lz4(input, limit_bytes, out),
        Codec::Zstd => zstd::stream::read::Decoder::with_buffer(input)
            .map_err(|_| DecompressError::Corrupt)
            .and_then(|decoder| read_all(decoder, limit_bytes, out)),
    };
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn within(len_bytes: usize, limit_bytes: usize) -> Result<()> {
    if len_bytes <= limit_bytes { Ok(()) } else { Err(DecompressError::TooLarge) }
}

/// Reads to the end. `out` grows with what really comes out, so a stream that lies about its size gains nothing.
fn read_all(stream: impl Read, limit_bytes: usize, out: &mut Vec<u8>) -> Result<()> {
    let limit = u64::try_from(limit_bytes).unwrap_or(u64::MAX);
    let read = stream
        .take(limit.saturating_add(1))
        .read_to_end(out)
        .map_err(|_| DecompressError::Corrupt)?;
    within(read, limit_bytes)
}

/// Frames, one after the other. The library's reader takes an early end for the end of the stream, so the end mark of
/// the last frame is looked for here.
fn lz4(input: &[u8], limit_bytes: usize, out: &mut Vec<u8>) -> Result<()> {
    let mut rest = input;
    let mut limit_bytes = limit_bytes;
    loop {
        let frame = lz4_frame_len(rest).ok_or(DecompressError::Corrupt)?;
        let before = out.len();
        read_all(lz4_flex::frame::FrameDecoder::new(&rest[..frame]), limit_bytes, out)?;
        limit_bytes -= out.len() - before;
        rest = &rest[frame..];
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// The length of the LZ4 frame at the start of `input`, if it is complete.
fn lz4_frame_len(input: &[u8]) -> Option<usize> {
    let flags = *input.get(4)?;
    let (block_checksum, content_size) = (flags & 0x10 != 0, flags & 0x08 != 0);
    let (content_checksum, dict_id) = (flags & 0x04 != 0, flags & 0x01 != 0);
    let mut at = 7 + if content_size { 8 } else { 0 } + if dict_id { 4 } else { 0 };
    loop {
        let block: [u8; 4] = input.get(at..at + 4)?.try_into().ok()?;
        at += 4;
        let len = (u32::from_le_bytes(block) & 0x7fff_ffff) as usize;
        if len == 0 {
            at += if content_checksum { 4 } else { 0 };
            return (at <= input.len()).then_some(at);
        }
        at += len + if block_checksum { 4 } else { 0 };
    }
}

/// What Java's snappy streams begin with.
const XERIAL_MAGIC: &[u8] = b"\x82SNAPPY\0";
/// Magic and two version numbers.
const XERIAL_HEADER_BYTES: usize = 16;

fn snappy(input: &[u8], limit_bytes: usize, out: &mut Vec<u8>) -> Result<()> {
    if !input.starts_with(XERIAL_MAGIC) {
        return snappy_block(input, limit_bytes, out);
    }
    let mut rest = input.get(XERIAL_HEADER_BYTES..).ok_or(DecompressError::Corrupt)?;
    let mut limit_bytes = limit_bytes;
    while !rest.is_empty() {
        let (len, tail) = rest.split_first_chunk::<4>().ok_or(DecompressError::Corrupt)?;
        let len = u32::from_be_bytes(*len) as usize;
        let (block, tail) = tail.split_at_checked(len).ok_or(DecompressError::Corrupt)?;
        let before = out.len();
        snappy_block(block, limit_bytes, out)?;
        limit_bytes -= out.len() - before;
        rest = tail;
    }
    Ok(())
}

/// The most a raw snappy stream can grow: 64 bytes from an element of three.
const SNAPPY_RATIO_MAX: usize = 22;

fn snappy_block(input: &[u8], limit_bytes: usize, out: &mut Vec<u8>) -> Result<()> {
    let len = snap::raw::decompress_len(input).map_err(|_| DecompressError::Corrupt)?;
    if len > input.len().saturating_mul(SNAPPY_RATIO_MAX) {
        return Err(DecompressError::Corrupt);
    }
    within(len, limit_bytes)?;
    let start = out.len();
    out.resize(start + len, 0);
    let written = snap::raw::Decoder::new()
        .decompress(input, &mut out[start..])
        .map_err(|_| DecompressError::Corrupt)?;
    if written == len { Ok(()) } else { Err(DecompressError::Corrupt) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Compressor;
    use std::io::Write;

    fn log_lines(len: usize) -> Vec<u8> {
        let mut text = Vec::new();
        let mut number = 1u32;
        while text.len() < len {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let level = ["info", "warn"][number as usize % 2];
            let line =
                format!("{{\"level\":\"{level}\",\"id\":{number},\"message\":\"a request\"}}\n");
            text.extend_from_slice(line.as_bytes());
        }
        text.truncate(len);
        text
    }

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn every_codec_and_level_gives_back_what_it_was_given() {
        let mut compressor = Compressor::new();
        for input in [log_lines(0), log_lines(1), log_lines(200_000), noise(70_000)] {
            for codec in Codec::ALL {
                for level in [-1, 0, 1, 3, codec.level_max(), 12] {
                    let mut packed = b"before".to_vec();
                    compressor.compress(codec, level, &input, &mut packed).expect("compresses");
                    let mut output = b"before".to_vec();
                    decompress(codec, &packed[6..], input.len(), &mut output)
                        .expect("decompresses");
                    assert_eq!(&output[6..], input, "{codec} {level}");
                }
            }
        }
    }

    #[test]
    fn lz4_blocks_of_every_length_give_back_what_they_were_given() {
        let mut compressor = Compressor::new();
        for block in [65_534, 65_536, 262_144, 524_288] {
            for len in block - 2..=block + 2 {
                let mut mixed = noise(len / 2);
                mixed.extend_from_slice(&log_lines(len - len / 2));
                for input in [log_lines(len), noise(len), mixed] {
                    let (mut packed, mut output) = (Vec::new(), Vec::new());
                    compressor.compress(Codec::Lz4, -1, &input, &mut packed).expect("compresses");
                    assert!(packed.len() <= len + 4 * len.div_ceil(65_534) + 11, "{len}");
                    decompress(Codec::Lz4, &packed, len, &mut output).expect("decompresses");
                    assert_eq!(output, input, "{len}");
                }
            }
        }
    }

    #[test]
    fn output_beyond_the_limit_is_refused_and_leaves_nothing() {
        let input = vec![b'a'; 1_000_000];
        for codec in Codec::ALL {
            let mut packed = Vec::new();
            Compressor::new().compress(codec, -1, &input, &mut packed).expect("compresses");
            let mut output = b"before".to_vec();
            let result = decompress(codec, &packed, input.len() - 1, &mut output);
            assert_eq!(result, Err(DecompressError::TooLarge), "{codec}");
            assert_eq!(output, b"before");
        }
    }

    #[test]
    fn a_stream_cut_anywhere_is_refused() {
        let input = log_lines(3_000);
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let mut packed = Vec::new();
            Compressor::new().compress(codec, -1, &input, &mut packed).expect("compresses");
            for len in 1..packed.len() {
                let result = decompress(codec, &packed[..len], 1 << 20, &mut Vec::new());
                assert_eq!(result, Err(DecompressError::Corrupt), "{codec} cut at {len}");
            }
        }
    }

    #[test]
    fn damaged_streams_never_panic() {
        let input = log_lines(3_000);
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let mut packed = Vec::new();
            Compressor::new().compress(codec, -1, &input, &mut packed).expect("compresses");
            for index in 0..packed.len() {
                let mut damaged = packed.clone();
                damaged[index] ^= 1 << (index % 8);
                let mut output = Vec::new();
                let _ = decompress(codec, &damaged, 1 << 20, &mut output);
                assert!(output.len() <= 1 << 20);
            }
        }
    }

    #[test]
    fn a_snappy_block_that_announces_gigabytes_reserves_nothing() {
        let announced = [0xff, 0xff, 0xff, 0xff, 0x0f, 0];
        let mut output = Vec::new();
        assert!(decompress(Codec::Snappy, &announced, usize::MAX, &mut output).is_err());
        assert_eq!(output.capacity(), 0);
    }

    #[test]
    fn xerial_framed_snappy_is_read() {
        let (first, second) = (log_lines(40_000), log_lines(100));
        let mut framed = [XERIAL_MAGIC, &1u32.to_be_bytes(), &1u32.to_be_bytes()].concat();
        for part in [&first, &second] {
            let block = snap::raw::Encoder::new().compress_vec(part).expect("compresses");
            framed.extend_from_slice(&(block.len() as u32).to_be_bytes());
            framed.extend_from_slice(&block);
        }
        let mut output = Vec::new();
        decompress(Codec::Snappy, &framed, 1 << 20, &mut output).expect("decompresses");
        assert_eq!(output, [first, second].concat());
        framed.pop();
        assert!(decompress(Codec::Snappy, &framed, 1 << 20, &mut Vec::new()).is_err());
    }

    #[test]
    fn streams_of_other_writers_are_read() {
        let input = log_lines(200_000);
        let info = lz4_flex::frame::FrameInfo::new()
            .block_size(lz4_flex::frame::BlockSize::Max256KB)
            .block_checksums(true)
            .content_checksum(true)
            .content_size(Some(input.len() as u64));
        let mut lz4 = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
        lz4.write_all(&input).expect("writes");
        let lz4 = lz4.finish().expect("finishes");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&input).expect("writes");
        let gzip = gzip.finish().expect("finishes");
        let zstd = zstd::stream::encode_all(&input[..], 19).expect("compresses");
        for (codec, stream) in [(Codec::Lz4, lz4), (Codec::Gzip, gzip), (Codec::Zstd, zstd)] {
            let twice = [&stream[..], &stream].concat();
            let mut output = Vec::new();
            decompress(codec, &twice, 1 << 20, &mut output).expect("decompresses");
            assert_eq!(output, [&input[..], &input].concat(), "{codec}");
        }
    }
}
