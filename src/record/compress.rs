//! Compression of the records of a batch: the codecs, and a [`Compressor`] that reuses its contexts.
//!
//! A batch is whole when it is compressed, so the whole-buffer forms of the codecs are used. One compressor belongs to
//! one thread (the IO thread or a compression worker). Decompression is in [`super::decompress`].

use std::fmt;

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

/// A compression codec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Records as they are.
    #[default]
    None,
    /// gzip (RFC 1952).
    Gzip,
    /// Snappy, raw format.
    Snappy,
    /// LZ4 frames with independent blocks.
    Lz4,
    /// Zstandard.
    Zstd,
}

impl Codec {
    /// All codecs, by id.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The number in the attributes of a batch.
    pub const fn id(self) -> i16 {
        self as i16
    }

    /// The codec of a number.
    pub fn from_id(id: i16) -> Option<Self> {
        usize::try_from(id).ok().and_then(|index| Self::ALL.get(index).copied())
    }

    /// The value of `compression.codec`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The codec of a property value.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.name() == name)
    }

    /// The highest `compression.level` the codec knows; higher ones mean this one.
    pub const fn level_max(self) -> i32 {
        match self {
            Self::None | Self::Snappy => 0,
            Self::Gzip => 9,
            Self::Lz4 => 12,
            Self::Zstd => 22,
        }
    }

    /// The effective level of a `compression.level`; -1 is the codec's default.
    fn level(self, level: i32) -> i32 {
        if level < 0 {
            match self {
                // Compresses as well as zlib's default (6) in a third of the time.
                Self::Gzip => 5,
                Self::Zstd => 3,
                Self::None | Self::Snappy | Self::Lz4 => 0,
            }
        } else {
            level.min(self.level_max())
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A codec refused to compress; the batch can still be sent uncompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompressError {
    /// Which codec.
    pub codec: Codec,
}

impl fmt::Display for CompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} compression failed", self.codec)
    }
}

impl std::error::Error for CompressError {}

/// Compresses with contexts and buffers that are kept from one batch to the next.
#[derive(Default)]
pub struct Compressor {
    gzip: Option<(i32, libdeflater::Compressor)>,
    zstd: Option<(i32, zstd::bulk::Compressor<'static>)>,
    snappy: Option<snap::raw::Encoder>,
    lz4_small: Option<CompressTable>,
    lz4_large: Option<CompressTable>,
    /// The codecs write here, so that `out` gets exactly what came out and is never zeroed first.
    scratch: Vec<u8>,
    /// Input that came in several slices.
    joined: Vec<u8>,
}

impl fmt::Debug for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compressor").finish_non_exhaustive()
    }
}

impl Compressor {
    /// A compressor; contexts are made when a codec is first used.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `input`, compressed, to `out`. On error `out` is as before.
    pub fn compress(
        &mut self,
        codec: Codec,
        level: i32,
        input: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        let level = codec.level(level);
        let len = match codec {
            Codec::None => {
                out.extend_from_slice(input);
                return Ok(());
            }
            Codec::Lz4 => Some(self.lz4(input)),
            Codec::Gzip => self.gzip(level, input),
            Codec::Snappy => self.snappy(input),
            Codec::Zstd => self.zstd(level, input),
        };
        let len = len.ok_or(CompressError { codec })?;
        out.extend_from_slice(&self.scratch[..len]);
        Ok(())
    }

    /// As [`Compressor::compress`], for records that stand in several pieces of memory.
    pub fn compress_slices(
        &mut self,
        codec: Codec,
        level: i32,
        slices: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        if let [input] = slices {
            return self.compress(codec, level, input, out);
        }
        // Joining costs a copy of warm memory, a small part of what any codec costs.
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        slices.iter().for_each(|slice| joined.extend_from_slice(slice));
        let result = self.compress(codec, level, &joined, out);
        self.joined = joined;
        result
    }

    fn gzip(&mut self, level: i32, input: &[u8]) -> Option<usize> {
        if self.gzip.as_ref().is_none_or(|(of, _)| *of != level) {
            let level_of_lib = libdeflater::CompressionLvl::new(level).ok()?;
            self.gzip = Some((level, libdeflater::Compressor::new(level_of_lib)));
        }
        let (_, compressor) = self.gzip.as_mut()?;
        let room = room(&mut self.scratch, compressor.gzip_compress_bound(input.len()));
        compressor.gzip_compress(input, room).ok()
    }

    fn zstd(&mut self, level: i32, input: &[u8]) -> Option<usize> {
        if self.zstd.as_ref().is_none_or(|(of, _)| *of != level) {
            self.zstd = Some((level, zstd::bulk::Compressor::new(level).ok()?));
        }
        let (_, compressor) = self.zstd.as_mut()?;
        let room = room(&mut self.scratch, zstd::zstd_safe::compress_bound(input.len()));
        compressor.compress_to_buffer(input, room).ok()
    }

    fn snappy(&mut self, input: &[u8]) -> Option<usize> {
        let encoder = self.snappy.get_or_insert_with(snap::raw::Encoder::new);
        let room = room(&mut self.scratch, snap::raw::max_compress_len(input.len()));
        encoder.compress(input, room).ok()
    }

    /// The frame is written here and not by the library, whose writer copies the input and makes a table each time.
    fn lz4(&mut self, input: &[u8]) -> usize {
        let form = if input.len() <= lz4::SMALL.block_bytes { &lz4::SMALL } else { &lz4::LARGE };
        let table = match form.small_table {
            true => self.lz4_small.get_or_insert_with(CompressTable::small),
            false => self.lz4_large.get_or_insert_with(CompressTable::large),
        };
        let blocks = input.chunks(form.block_bytes);
        let block_bound = get_maximum_output_size(form.block_bytes.min(input.len()));
        let bound = lz4::OVERHEAD_BYTES + blocks.len() * (lz4::LENGTH_BYTES + block_bound);
        let room = room(&mut self.scratch, bound);
        let mut at = put(room, 0, &form.header);
        for block in blocks {
            let data_at = at + lz4::LENGTH_BYTES;
            let (length, end) = match compress_into_with_table(block, &mut room[data_at..], table) {
                Ok(len) if len < block.len() => (len as u32, data_at + len),
                _ => (block.len() as u32 | lz4::STORED, put(room, data_at, block)),
            };
            put(room, at, &length.to_le_bytes());
            at = end;
        }
        put(room, at, &0u32.to_le_bytes())
    }
}

mod lz4 {
    /// How a frame is divided.
    pub(super) struct Form {
        /// Magic, FLG (version 1, independent blocks, no checksums, no content size), BD (largest block), header
        /// checksum. Kafka's own reader wants independent blocks.
        pub header: [u8; 7],
        pub block_bytes: usize,
        pub small_table: bool,
    }

    /// Just below the announced 64 KiB, so that the table with 16-bit positions serves.
    pub(super) const SMALL: Form = Form {
        header: [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
        block_bytes: u16::MAX as usize - 1,
        small_table: true,
    };
    /// 256 KiB: fewer blocks begin without history. Readers keep a buffer of this size, so no more.
    pub(super) const LARGE: Form = Form {
        header: [0x04, 0x22, 0x4d, 0x18, 0x60, 0x50, 0xfb],
        block_bytes: 256 << 10,
        small_table: false,
    };
    /// Of a frame: header and end mark.
    pub(super) const OVERHEAD_BYTES: usize = 7 + 4;
    /// Before each block.
    pub(super) const LENGTH_BYTES: usize = 4;
    /// Marks a block that is not compressed.
    pub(super) const STORED: u32 = 0x8000_0000;
}

/// Writes `bytes` at `at`; returns where they end.
fn put(room: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    let end = at + bytes.len();
    room[at..end].copy_from_slice(bytes);
    end
}

fn room(scratch: &mut Vec<u8>, len: usize) -> &mut [u8] {
    if scratch.len() < len {
        scratch.resize(len, 0);
    }
    &mut scratch[..len]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_have_kafkas_numbers_and_names() {
        for (id, name) in ["none", "gzip", "snappy", "lz4", "zstd"].into_iter().enumerate() {
            let codec = Codec::from_name(name).expect("known");
            assert_eq!((codec.id(), codec.name()), (id as i16, name));
            assert_eq!(Codec::from_id(id as i16), Some(codec));
        }
        assert_eq!((Codec::from_id(5), Codec::from_id(-1)), (None, None));
        assert_eq!(Codec::from_name("inherit"), None);
    }

    #[test]
    fn slices_compress_as_their_concatenation() {
        let mut compressor = Compressor::new();
        for codec in Codec::ALL {
            for slices in [&[][..], &[b"one piece".as_slice()], &[b"two ", b"", b"pieces"]] {
                let (mut apart, mut joined) = (Vec::new(), Vec::new());
                compressor.compress_slices(codec, -1, slices, &mut apart).expect("compresses");
                compressor.compress(codec, -1, &slices.concat(), &mut joined).expect("compresses");
                assert_eq!(apart, joined, "{codec}");
            }
        }
    }

    #[test]
    fn a_level_beyond_the_codecs_range_means_the_highest() {
        assert_eq!(Codec::Gzip.level(12), 9);
        assert_eq!(Codec::Gzip.level(0), 0);
        assert_eq!(Codec::Zstd.level(-1), 3);
        assert_eq!(Codec::Lz4.level(12), 12);
    }
}
