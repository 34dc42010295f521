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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Put, Reader};

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
