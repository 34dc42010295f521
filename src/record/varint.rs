//! Variable-length integers as records use them (zig-zag, base 128), written into slices without allocation.

/// Longest form of a 32-bit varint.
pub const VARINT_MAX_BYTES: usize = 5;
/// Longest form of a 64-bit varint.
pub const VARLONG_MAX_BYTES: usize = 10;

/// Maps small magnitudes of either sign to small numbers.
#[inline]
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The reverse of [`zigzag`].
#[inline]
pub const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Bytes the zig-zag varint of `value` takes. A 32-bit value takes the same in both widths.
#[inline]
pub const fn varlong_len(value: i64) -> usize {
    uvarlong_len(zigzag(value))
}

/// Writes the zig-zag varint of `value` at `out[at..]` and returns the position after it.
///
/// # Panics
/// If `out` is too short; sized by [`varlong_len`] it is not.
#[inline]
pub fn write_varlong(out: &mut [u8], at: usize, value: i64) -> usize {
    write_uvarlong(out, at, zigzag(value))
}

/// Writes the varint of a length, -1 for null.
#[inline]
pub fn write_len(out: &mut [u8], at: usize, len: Option<usize>) -> usize {
    write_uvarlong(out, at, len.map_or(1, |len| (len as u64) << 1))
}

/// Bytes the varint of a length takes.
#[inline]
pub const fn len_of_len(len: usize) -> usize {
    uvarlong_len((len as u64) << 1)
}

#[inline]
const fn uvarlong_len(raw: u64) -> usize {
    if raw < 0x80 {
        return 1;
    }
    let bits = 64 - raw.leading_zeros() as usize;
    // ceil(bits / 7) for 1..=64, without a division.
    (bits * 9 + 64) / 64
}

#[inline]
fn write_uvarlong(out: &mut [u8], at: usize, raw: u64) -> usize {
    let (mut rest, mut at) = (raw, at);
    while rest >= 0x80 {
        out[at] = rest as u8 | 0x80;
        rest >>= 7;
        at += 1;
    }
    out[at] = rest as u8;
    at + 1
}

/// A varint of at most four bytes, ready to be stored as one word: what follows it overwrites the rest of the word.
#[derive(Clone, Copy, Debug)]
pub struct Short {
    word: u32,
    len: usize,
}

impl Short {
    /// Bits that a raw (zig-zagged) number may have.
    pub const BITS: u32 = 28;
    /// Bytes that [`Short::store`] writes, used or not.
    pub const STORED_BYTES: usize = 4;

    /// The varint of a raw number of at most [`Short::BITS`] bits; of a larger one only the low bits.
    #[inline(always)]
    pub const fn new(raw: u64) -> Self {
        let raw = raw as u32;
        if raw < 0x80 {
            Self { word: raw, len: 1 }
        } else if raw < 0x4000 {
            // The upper seven bits move up by one.
            Self { word: raw + (raw & 0x3f80) + 0x80, len: 2 }
        } else {
            Self::longer(raw)
        }
    }

    #[cold]
    #[inline(never)]
    const fn longer(raw: u32) -> Self {
        let word = raw & 0x7f | raw << 1 & 0x7f00 | raw << 2 & 0x7f_0000;
        if raw < 0x20_0000 {
            Self { word: word | 0x8080, len: 3 }
        } else {
            Self { word: word | 0x80_8080 | raw << 3 & 0x7f00_0000, len: 4 }
        }
    }

    /// Bytes it takes.
    #[inline]
    pub const fn len_bytes(self) -> usize {
        self.len
    }

    /// Its bytes, the first lowest, and zeros.
    #[inline]
    pub const fn word(self) -> u64 {
        self.word as u64
    }

    /// Stores it at `out[at..]` and returns the position after it.
    ///
    /// # Panics
    /// If `out` has not [`Short::STORED_BYTES`] there.
    #[inline]
    pub fn store(self, out: &mut [u8], at: usize) -> usize {
        store_word(out, at, self.word.to_le_bytes());
        at + self.len
    }
}

/// Stores bytes at `out[at..]`, in one instruction.
///
/// # Panics
/// If `out` is too short.
#[inline(always)]
pub fn store_word<const N: usize>(out: &mut [u8], at: usize, bytes: [u8; N]) {
    // A copy_from_slice of so few bytes may become a call.
    match out[at..].first_chunk_mut() {
        Some(place) => *place = bytes,
        None => panic!("no room for a word"),
    }
}

/// Eight bytes of which varints of up to three bytes are taken, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    word: u64,
    used: usize,
}

impl Window {
    /// The bytes at `bytes[at..]`; `None` if there are fewer than eight.
    #[inline]
    pub fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let word = bytes.get(at..)?.first_chunk::<8>()?;
        Some(Self { word: u64::from_le_bytes(*word), used: 0 })
    }

    /// Bytes taken.
    #[inline]
    pub const fn used(self) -> usize {
        self.used
    }

    /// Takes a byte.
    #[inline]
    pub const fn take_byte(&mut self) -> u8 {
        let byte = self.word as u8;
        self.word >>= 8;
        self.used += 1;
        byte
    }

    /// Takes a raw (zig-zagged) number; `None` if it has more than three bytes. Of one that begins less than three bytes
    /// before the window's end nothing is known.
    #[inline]
    pub const fn take(&mut self) -> Option<usize> {
        let word = self.word as usize;
        let (value, len) = if word & 0x80 == 0 {
            (word & 0x7f, 1)
        } else if word & 0x8000 == 0 {
            (word & 0x7f | word >> 1 & 0x3f80, 2)
        } else if word & 0x80_0000 == 0 {
            (word & 0x7f | word >> 1 & 0x3f80 | word >> 2 & 0x1f_c000, 3)
        } else {
            return None;
        };
        self.word >>= 8 * len;
        self.used += len;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Put, Reader};

    #[test]
    fn short_varints_are_stored_and_taken_as_the_general_ones() {
        for raw in (0..28).flat_map(|shift| [(1u64 << shift) - 1, 1 << shift, (3 << shift) / 2]) {
            let (mut expected, mut out) = ([0u8; 8], [0xffu8; 8]);
            let len = write_uvarlong(&mut expected, 0, raw);
            let short = Short::new(raw);
            assert_eq!((short.store(&mut out, 0), short.len_bytes()), (len, len), "{raw}");
            assert_eq!(out[..len], expected[..len], "{raw}");
            let mut window = Window::at(&out, 0).unwrap();
            match window.take() {
                Some(taken) => assert_eq!((taken as u64, window.used()), (raw, len)),
                None => assert_eq!(len, 4, "{raw}"),
            }
        }
        assert!(Window::at(&[0; 8], 1).is_none() && Window::at(&[0; 8], 9).is_none());
    }

    #[test]
    fn lengths_and_bytes_agree_with_the_protocol_writer_at_every_power_of_two() {
        for shift in 0..64 {
            for value in [1i64 << shift, (1i64 << shift).wrapping_sub(1), -(1i64 << (shift % 63))] {
                let mut expected = Vec::new();
                expected.put_varlong(value);
                let mut out = [0u8; VARLONG_MAX_BYTES];
                let len = write_varlong(&mut out, 0, value);
                assert_eq!(&out[..len], expected, "{value}");
                assert_eq!(varlong_len(value), len, "{value}");
                assert_eq!(Reader::new(&out[..len]).varlong(), Ok(value));
                assert_eq!(unzigzag(zigzag(value)), value);
            }
        }
    }
}
