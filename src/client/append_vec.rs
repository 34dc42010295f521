//! A vector that only grows, read without locks: elements lie in buckets of doubling sizes that are made on first use and
//! never move.

use std::sync::OnceLock;

const BUCKET_COUNT: usize = 32;

/// See the module. Every index below 2^31 has an element, made by `Default` with its bucket.
#[derive(Debug)]
pub struct AppendVec<T> {
    buckets: [OnceLock<Box<[T]>>; BUCKET_COUNT],
}

impl<T: Default> AppendVec<T> {
    /// Without any bucket yet.
    pub const fn new() -> Self {
        Self { buckets: [const { OnceLock::new() }; BUCKET_COUNT] }
    }

    /// Bucket `b` holds the 2^b elements from index 2^b - 1.
    #[inline]
    fn place(index: u32) -> (usize, usize) {
        let ordinal = index + 1;
        let bucket = ordinal.ilog2();
        (bucket as usize, (ordinal - (1 << bucket)) as usize)
    }

    /// The element at `index`; makes its bucket if need be.
    #[inline]
    pub fn at(&self, index: u32) -> &T {
        let (bucket, offset) = Self::place(index.min(i32::MAX as u32));
        match self.buckets[bucket].get() {
            Some(elements) => &elements[offset],
            None => &self.make(bucket)[offset],
        }
    }

    /// The element at `index` if its bucket was made: elements of other buckets were never touched.
    pub fn peek(&self, index: u32) -> Option<&T> {
        let (bucket, offset) = Self::place(index.min(i32::MAX as u32));
        self.buckets[bucket].get().map(|elements| &elements[offset])
    }

    /// All elements of the buckets made so far, with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.buckets.iter().enumerate().flat_map(|(bucket, elements)| {
            let first = (1u32 << bucket) - 1;
            (first..).zip(elements.get().map_or(&[][..], |elements| elements.as_ref()))
        })
    }

    #[cold]
    fn make(&self, bucket: usize) -> &[T] {
        self.buckets[bucket].get_or_init(|| (0..1usize << bucket).map(|_| T::default()).collect())
    }
}

impl<T: Default> Default for AppendVec<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn every_index_has_its_own_element_that_stays_in_place() {
        let vec = AppendVec::<AtomicU32>::new();
        let first: *const _ = vec.at(0);
        for index in 0..1_000 {
            vec.at(index).store(index, Ordering::Relaxed);
        }
        assert!(std::ptr::eq(first, vec.at(0)));
        let all: Vec<_> = vec.iter().map(|(i, v)| (i, v.load(Ordering::Relaxed))).collect();
        assert_eq!(all.len(), 1_023);
        assert!(all[..1_000].iter().all(|(index, value)| index == value));
    }

    #[test]
    fn untouched_buckets_are_not_made() {
        let vec = AppendVec::<AtomicU32>::new();
        vec.at(5);
        assert!(vec.peek(6).is_some() && vec.peek(7).is_none() && vec.peek(0).is_none());
    }
}
