//! Speed of record encoding, parsing, checksum and codecs. Run: `cargo bench --profile quick --bench record`.
#![allow(clippy::disallowed_methods)]

use rdkafka::record::batch::crc32c_of;
use rdkafka::record::{Codec, Compressor, RecordEncoder, Records, decompress};
use std::hint::black_box;
use std::time::Instant;

/// The best of several runs of `work`, in nanoseconds.
fn best_ns(mut work: impl FnMut()) -> f64 {
    (0..30).fold(f64::MAX, |best, _| {
        let start = Instant::now();
        work();
        best.min(start.elapsed().as_nanos() as f64)
    })
}

fn log_lines(len: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut number = 1u32;
    while text.len() < len {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let level = ["info", "warn", "error", "debug"][number as usize >> 16 & 3];
        let path = ["/api/orders", "/api/users", "/health", "/login"][number as usize >> 20 & 3];
        let line = format!(
            "{{\"ts\":\"2026-01-01T00:00:{:02}.{:03}Z\",\"level\":\"{level}\",\"path\":\"{path}\",\
             \"request_id\":\"{number:08x}\",\"duration_us\":{},\"message\":\"request handled\"}}\n",
            number >> 8 & 31,
            number >> 16 & 511,
            number >> 12 & 0xffff,
        );
        text.extend_from_slice(line.as_bytes());
    }
    text.truncate(len);
    text
}

fn records() {
    for size in [10, 100, 1024] {
        let value = vec![b'v'; size];
        // About as many as stay in the cache until the batch is sealed.
        let count = 1_000.min(200_000 / size) as i32;
        let rounds = 100;
        let mut out = vec![0u8; (size + 40) * count as usize];
        let mut len = 0;
        let encode = best_ns(|| {
            for _ in 0..rounds {
                len = 0;
                for index in 0..count {
                    let value = black_box(&value[..]);
                    let record =
                        RecordEncoder::new(i64::from(index / 100), index, None, Some(value));
                    let needed = record.encoded_len();
                    len += record.encode_into(&mut out[len..len + needed]);
                }
            }
        });
        let copy = best_ns(|| {
            let mut copied = vec![0u8; len];
            for _ in 0..rounds {
                for to in copied.chunks_exact_mut(size) {
                    to.copy_from_slice(black_box(&value[..]));
                }
                black_box(&mut copied);
            }
        });
        let parse = best_ns(|| {
            for _ in 0..rounds {
                let sum: usize = Records::new(black_box(&out[..len]))
                    .map(|record| record.expect("well-formed").value.map_or(0, <[u8]>::len))
                    .sum();
                black_box(sum);
            }
        });
        let crc = best_ns(|| {
            for _ in 0..rounds {
                black_box(crc32c_of([black_box(&out[..len])]));
            }
        });
        let count = f64::from(count) * f64::from(rounds);
        println!(
            "{size:5} B record: encode {:5.1} ns (copy alone {:.1} ns), parse {:5.1} ns, crc32c {:5.1} GB/s",
            encode / count,
            copy / (len / size) as f64 / f64::from(rounds),
            parse / count,
            len as f64 * f64::from(rounds) / crc
        );
    }
}

fn codecs() {
    for size in [16 << 10, 100 << 10, 1 << 20] {
        let input = log_lines(size);
        let rounds = (8 << 20) / size;
        for (codec, level) in [
            (Codec::Gzip, -1),
            (Codec::Gzip, 6),
            (Codec::Snappy, -1),
            (Codec::Lz4, -1),
            (Codec::Zstd, -1),
            (Codec::Zstd, 1),
        ] {
            let mut compressor = Compressor::new();
            let (mut packed, mut unpacked) = (Vec::new(), Vec::new());
            let pack = best_ns(|| {
                for _ in 0..rounds {
                    packed.clear();
                    compressor.compress(codec, level, &input, &mut packed).expect("compresses");
                }
            });
            let unpack = best_ns(|| {
                for _ in 0..rounds {
                    unpacked.clear();
                    decompress(codec, &packed, size, &mut unpacked).expect("decompresses");
                }
            });
            let bytes = (size * rounds) as f64;
            println!(
                "{:5} KiB {codec:6} {level:2}: {:6.0} MB/s, ratio {:.3}, back {:6.0} MB/s",
                size >> 10,
                bytes * 1e3 / pack,
                packed.len() as f64 / size as f64,
                bytes * 1e3 / unpack
            );
        }
    }
}

fn main() {
    records();
    if std::env::args().all(|arg| arg != "records") {
        codecs();
    }
}
