//! Compression of the records of a batch: the codecs, and a [`Compressor`] that reuses its contexts.
//!
//! A batch is whole when it is compressed, so the whole-buffer forms of the codecs are used. Its records stand in several
//! pieces of memory: what a codec compresses apart anyway is not joined to one first. One compressor belongs to one thread
//! (the IO thread or a compression worker). Decompression is in [`super::decompress`].

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
        self.compress_slices(codec, level, &[input], out)
    }

    /// As [`Compressor::compress`], for records that stand in several pieces of memory.
    pub fn compress_slices(
        &mut self,
        codec: Codec,
        level: i32,
        slices: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        let mut joined = std::mem::take(&mut self.joined);
        let len = match codec {
            Codec::None => {
                slices.iter().for_each(|slice| out.extend_from_slice(slice));
                Some(0)
            }
            Codec::Lz4 => self.lz4(slices, &mut joined),
            Codec::Snappy => self.snappy(slices, &mut joined),
            Codec::Gzip => self.gzip(codec.level(level), join(slices, &mut joined)),
            Codec::Zstd => self.zstd(level, join(slices, &mut joined)),
        };
        self.joined = joined;
        let len = len.ok_or(CompressError { codec })?;
        out.extend_from_slice(&self.scratch[..len]);
        Ok(())
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
            let compressor = zstd::bulk::Compressor::new(Codec::Zstd.level(level)).ok()?;
            self.zstd = Some((level, compressor));
        }
        let (_, compressor) = self.zstd.as_mut()?;
        let room = room(&mut self.scratch, zstd::zstd_safe::compress_bound(input.len()));
        compressor.compress_to_buffer(input, room).ok()
    }

    /// Piece by piece: nothing reaches back beyond a block, so what the encoder makes of several pieces is one stream, but
    /// for the length that it puts before each.
    fn snappy(&mut self, slices: &[&[u8]], joined: &mut Vec<u8>) -> Option<usize> {
        let encoder = self.snappy.get_or_insert_with(snap::raw::Encoder::new);
        let len = u32::try_from(len_of(slices)).ok()?;
        // Each piece but the last takes at least so much of the input; the last counts as one more.
        let pieces = len as usize / snappy::PIECE_LEN_MIN + 1;
        let bound = snap::raw::max_compress_len(len as usize) + pieces * snappy::OVERHEAD_BYTES;
        let room = room(&mut self.scratch, bound);
        let length = snappy::Length::of(len);
        let mut at = put(room, 0, length.bytes());
        for_pieces(slices, snappy::PIECE_LEN_MIN, joined, |piece| {
            // Its length overwrites the end of what is there, for a moment.
            let from = at - snappy::Length::of(piece.len() as u32).bytes().len();
            let before = *room.get(from..)?.first_chunk::<{ snappy::Length::MAX_BYTES }>()?;
            let end = from + encoder.compress(piece, &mut room[from..]).ok()?;
            put(room, from, &before[..at - from]);
            at = end;
            Some(())
        })?;
        Some(at)
    }

    /// The frame is written here and not by the library, whose writer copies the input and makes a table each time.
    fn lz4(&mut self, slices: &[&[u8]], joined: &mut Vec<u8>) -> Option<usize> {
        let len = len_of(slices);
        let form = if len <= lz4::SMALL.block_bytes { &lz4::SMALL } else { &lz4::LARGE };
        let table = match form.small_table {
            true => self.lz4_small.get_or_insert_with(CompressTable::small),
            false => self.lz4_large.get_or_insert_with(CompressTable::large),
        };
        let block_bound = get_maximum_output_size(form.block_bytes.min(len));
        let blocks = len.div_ceil(form.block_bytes);
        let bound = lz4::OVERHEAD_BYTES + blocks * (lz4::LENGTH_BYTES + block_bound);
        let room = room(&mut self.scratch, bound);
        let mut at = put(room, 0, &form.header);
        for_blocks(slices, form.block_bytes, joined, |block| {
            let data_at = at + lz4::LENGTH_BYTES;
            let (length, end) = match compress_into_with_table(block, &mut room[data_at..], table) {
                Ok(len) if len < block.len() => (len as u32, data_at + len),
                _ => (block.len() as u32 | lz4::STORED, put(room, data_at, block)),
            };
            put(room, at, &length.to_le_bytes());
            at = end;
        });
        Some(put(room, at, &0u32.to_le_bytes()))
    }
}

fn len_of(slices: &[&[u8]]) -> usize {
    slices.iter().map(|slice| slice.len()).sum()
}

/// All bytes in one stretch of memory. The copy is a small part of what a codec costs.
fn join<'a>(slices: &[&'a [u8]], joined: &'a mut Vec<u8>) -> &'a [u8] {
    if let [input] = slices {
        return input;
    }
    joined.clear();
    slices.iter().for_each(|slice| joined.extend_from_slice(slice));
    joined
}

/// Calls `each` with all bytes, in stretches of at least `len_min`, but for the last. Slices that long are not copied.
fn for_pieces(
    slices: &[&[u8]],
    len_min: usize,
    joined: &mut Vec<u8>,
    mut each: impl FnMut(&[u8]) -> Option<()>,
) -> Option<()> {
    joined.clear();
    for slice in slices {
        if joined.is_empty() && slice.len() >= len_min {
            each(slice)?;
            continue;
        }
        joined.extend_from_slice(slice);
        if joined.len() >= len_min {
            each(joined)?;
            joined.clear();
        }
    }
    if joined.is_empty() { Some(()) } else { each(joined) }
}

/// Calls `each` with all bytes, in stretches of `len`, but for the last.
fn for_blocks(slices: &[&[u8]], len: usize, joined: &mut Vec<u8>, mut each: impl FnMut(&[u8])) {
    joined.clear();
    for slice in slices {
        let mut rest = *slice;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(len - joined.len()));
            rest = later;
            if now.len() == len {
                each(now);
                continue;
            }
            joined.extend_from_slice(now);
            if joined.len() == len {
                each(joined);
                joined.clear();
            }
        }
    }
    if !joined.is_empty() {
        each(joined);
    }
}

mod snappy {
    /// Of less the encoder would see too little at a time: it looks 64 KiB far.
    pub(super) const PIECE_LEN_MIN: usize = 48 << 10;
    /// What a piece may take beyond what it would as a part of a larger one.
    pub(super) const OVERHEAD_BYTES: usize = 32 + Length::MAX_BYTES;

    /// The varint before a stream.
    pub(super) struct Length {
        bytes: [u8; Self::MAX_BYTES],
        len: usize,
    }

    impl Length {
        pub(super) const MAX_BYTES: usize = 5;

        pub(super) fn of(mut value: u32) -> Self {
            let (mut bytes, mut len) = ([0; Self::MAX_BYTES], 0);
            while value >= 0x80 {
                bytes[len] = value as u8 | 0x80;
                value >>= 7;
                len += 1;
            }
            bytes[len] = value as u8;
            Self { bytes, len: len + 1 }
        }

        pub(super) fn bytes(&self) -> &[u8] {
            &self.bytes[..self.len]
        }
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
    /// Announced as up to 256 KiB, for which readers keep a buffer. Of half of that each block is near enough for the
    /// processor while it is compressed; with still smaller ones, more begin without history than librdkafka's.
    pub(super) const LARGE: Form = Form {
        header: [0x04, 0x22, 0x4d, 0x18, 0x60, 0x50, 0xfb],
        block_bytes: 128 << 10,
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
    use super::super::decompress::decompress;
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
    fn records_in_pieces_of_any_size_come_back() {
        let text: Vec<u8> = (0..400_000u32)
            .flat_map(|i| (i.wrapping_mul(i) % 1_000 + i / 512).to_le_bytes())
            .collect();
        let mut compressor = Compressor::new();
        for sizes in [
            &[1 << 10, 4 << 10, 16 << 10, 64_000][..],
            &[100],
            &[48 << 10],
            &[200_000, 3],
            &[1, 300_000],
        ] {
            let (mut slices, mut rest) = (Vec::new(), text.as_slice());
            for size in sizes.iter().chain(std::iter::repeat(&sizes[sizes.len() - 1])) {
                let (slice, later) = rest.split_at(rest.len().min(*size));
                slices.push(slice);
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            for codec in Codec::ALL {
                let mut packed = vec![7];
                compressor.compress_slices(codec, -1, &slices, &mut packed).expect("compresses");
                let mut unpacked = Vec::new();
                decompress(codec, &packed[1..], text.len(), &mut unpacked).expect("decompresses");
                assert!(unpacked == text, "{codec} {sizes:?}");
            }
        }
    }

    #[test]
    fn blocks_and_pieces_have_the_lengths_that_are_asked_for() {
        let slices: [&[u8]; 6] = [b"ab", b"", b"cdefgh", b"i", b"jklmn", b"o"];
        let (mut joined, mut blocks, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
        for_blocks(&slices, 4, &mut joined, |block| blocks.push(block.to_vec()));
        assert_eq!(blocks.join(&b'|'), b"abcd|efgh|ijkl|mno");
        let each = |piece: &[u8]| {
            pieces.push(piece.to_vec());
            Some(())
        };
        assert_eq!(for_pieces(&slices, 4, &mut joined, each), Some(()));
        assert_eq!(pieces.join(&b'|'), b"abcdefgh|ijklmn|o");
    }

    #[test]
    fn a_level_beyond_the_codecs_range_means_the_highest() {
        assert_eq!(Codec::Gzip.level(12), 9);
        assert_eq!(Codec::Gzip.level(0), 0);
        assert_eq!(Codec::Zstd.level(-1), 3);
        assert_eq!(Codec::Lz4.level(12), 12);
    }
}
