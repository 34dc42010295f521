//! Asks the processor for the memory that a batch's next record will be written to. With many partitions as many batches
//! grow in turn: more than the processor foresees by itself. Producing threads, under their partition's lock.

/// Bytes that the processor fetches at once.
pub const LINE_LEN: usize = 64;

/// Of a larger record, the processor foresees the rest.
const LINES_MAX: usize = 4;

/// Begins to fetch the lines after the one at `at` that `len` bytes from there reach; they need not be part of `bytes`.
#[inline]
pub fn fetch_behind(bytes: &[u8], at: usize, len: usize) {
    let lines = (len / LINE_LEN + 1).min(LINES_MAX);
    for line in 1..=lines {
        fetch(bytes, at.wrapping_add(line * LINE_LEN));
    }
}

/// Begins to fetch the line of `bytes[at]`, which need not exist.
#[inline]
#[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables, reason = "no stable name for it"))]
pub fn fetch(bytes: &[u8], at: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let address = bytes.as_ptr().wrapping_add(at);
        // SAFETY: a hint, which has no effect on values and ignores addresses without memory; every x86-64 processor has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_address_nothing_happens() {
        for len in [0, 1, 64, 1_000] {
            let bytes = vec![1; len];
            for at in [0, 1, 64, len, len + 1, 1 << 40, usize::MAX] {
                fetch(&bytes, at);
                fetch_behind(&bytes, at, 10);
                fetch_behind(&bytes, at, 10_000);
            }
            assert_eq!(bytes, vec![1; len]);
        }
    }
}
