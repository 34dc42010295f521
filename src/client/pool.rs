//! The handle's recycled chunk memory: producing threads take chunks, serving threads give them back with the report. Keeps
//! the backlog's page faults and allocator traffic out of produce().

use std::sync::Arc;

use super::sync::Mutex;
use crate::producer::batch::{Batch, ChunkSource};
use crate::producer::memory::{Charge, Meter};

/// Sizes are the quarters between powers of two: rounding up wastes at most a fifth of a chunk.
const CLASSES_PER_OCTAVE: usize = 4;
const SMALLEST_SHIFT: u32 = 8;
const LARGEST_SHIFT: u32 = 20;
const CLASS_COUNT: usize = (LARGEST_SHIFT - SMALLEST_SHIFT) as usize * CLASSES_PER_OCTAVE + 1;

/// Most bytes that lie idle in a pool.
const KEPT_BYTES_MAX: usize = 8 << 20;

#[derive(Debug)]
struct Kept {
    classes: [Vec<Box<[u8]>>; CLASS_COUNT],
    bytes: usize,
}

/// See the module.
#[derive(Debug)]
pub struct ChunkPool {
    kept: Mutex<Kept>,
    meter: Option<Arc<Meter>>,
}

/// The class whose chunks have at least `len` bytes, and their length; `None` above the largest.
fn class_of(len: usize) -> Option<(usize, usize)> {
    let len = len.max(1 << SMALLEST_SHIFT);
    if len > 1 << LARGEST_SHIFT {
        return None;
    }
    let octave = len.ilog2();
    let step = 1usize << (octave - 2);
    let steps = (len - (1 << octave)).div_ceil(step);
    let class = (octave - SMALLEST_SHIFT) as usize * CLASSES_PER_OCTAVE + steps;
    Some((class, (1 << octave) + steps * step))
}

impl ChunkPool {
    /// An empty pool.
    pub fn new() -> Self {
        Self::with_meter(None)
    }

    /// An empty pool that counts what lies idle, and the batches made of it, if there is a meter.
    pub fn with_meter(meter: Option<Arc<Meter>>) -> Self {
        let classes = [const { Vec::new() }; CLASS_COUNT];
        Self { kept: Mutex::new(Kept { classes, bytes: 0 }), meter }
    }

    /// What counts the handle's memory, if anything does.
    #[inline]
    pub fn meter(&self) -> Option<&Meter> {
        self.meter.as_deref()
    }

    /// To count a batch, of which there will be compressed `copies` or not.
    pub fn charge(&self, copies: bool) -> Charge {
        Charge::new(self.meter.clone(), copies)
    }

    /// Reserves `bytes`, at the expense of what lies idle if need be.
    pub fn reserve(&self, meter: &Meter, bytes: usize) -> bool {
        meter.try_add(bytes) || self.free_idle(bytes) && meter.try_add(bytes)
    }

    /// Frees idle memory of at least `bytes`, or all of it; false if there was none.
    #[cold]
    fn free_idle(&self, bytes: usize) -> bool {
        let (mut freed, mut surplus) = (0, Vec::new());
        {
            let mut kept = self.kept.lock();
            // The largest first.
            while freed < bytes
                && let Some(class) = kept.classes.iter_mut().rev().find(|class| !class.is_empty())
            {
                let Some(idle) = class.pop() else { break };
                freed += idle.len();
                surplus.push(idle);
            }
            kept.bytes -= freed;
        }
        drop(surplus);
        if let Some(meter) = &self.meter {
            meter.release(freed);
        }
        freed > 0
    }

    /// Memory of at least `len` bytes with any content.
    fn take(&self, len: usize) -> Box<[u8]> {
        let Some((class, size)) = class_of(len) else {
            return vec![0; len].into_boxed_slice();
        };
        {
            let mut kept = self.kept.lock();
            if let Some(bytes) = kept.classes[class].pop() {
                kept.bytes -= size;
                drop(kept);
                if let Some(meter) = &self.meter {
                    meter.release(size);
                }
                return bytes;
            }
        }
        vec![0; size].into_boxed_slice()
    }

    /// Takes back the memory of a batch.
    pub fn recycle(&self, batch: Batch) {
        let mut surplus = Vec::new();
        let (chunks, charge) = batch.into_chunks();
        let before;
        let after;
        {
            let mut kept = self.kept.lock();
            before = kept.bytes;
            for chunk in chunks {
                let bytes = chunk.into_bytes();
                match class_of(bytes.len()) {
                    Some((class, size))
                        if size == bytes.len() && kept.bytes + size <= KEPT_BYTES_MAX =>
                    {
                        kept.bytes += size;
                        kept.classes[class].push(bytes);
                    }
                    _ => surplus.push(bytes),
                }
            }
            after = kept.bytes;
            if let Some(meter) = &self.meter {
                // Before others can take it.
                meter.add(after - before);
            }
        }
        // Freed with the lock released.
        drop(surplus);
        drop(charge);
    }

    /// Bytes that lie idle.
    pub fn kept_bytes(&self) -> usize {
        self.kept.lock().bytes
    }
}

impl Default for ChunkPool {
    fn default() -> Self {
        Self::new()
    }
}

impl ChunkSource for &ChunkPool {
    fn chunk(&mut self, min_len: usize, wanted_len: usize) -> Box<[u8]> {
        self.take(min_len.max(wanted_len))
    }

    fn charge(&self) -> Charge {
        ChunkPool::charge(self, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::batch::NewMessage;

    fn batch(pool: &ChunkPool, count: usize, len: usize) -> Batch {
        let mut batch = Batch::default();
        for _ in 0..count {
            let message = NewMessage {
                key: None,
                value: Some(&vec![7; len]),
                headers: std::iter::empty(),
                timestamp_ms: 0,
                enqueued_us: 0,
                opaque: 0,
                tag: 0,
                borrowed_value: 0,
            };
            batch.append(&message, &mut &*pool);
        }
        batch
    }

    #[test]
    fn classes_round_up_by_a_fifth_at_most() {
        for len in (256..=1 << 20).step_by(97) {
            let (class, size) = class_of(len).unwrap();
            assert!(size >= len && size - len <= size / 5, "{len} {size}");
            assert_eq!(class_of(size), Some((class, size)));
        }
        assert_eq!(class_of(0), Some((0, 256)));
        assert_eq!(class_of(1 << 20), Some((CLASS_COUNT - 1, 1 << 20)));
        assert_eq!(class_of((1 << 20) + 1), None);
    }

    #[test]
    fn a_recycled_chunk_is_used_again() {
        let pool = ChunkPool::new();
        pool.recycle(batch(&pool, 1, 10));
        assert_eq!(pool.kept_bytes(), 1 << 10);
        let again = batch(&pool, 1, 10);
        assert_eq!((pool.kept_bytes(), again.held_len_bytes() >= 1 << 10), (0, true));
    }

    #[test]
    fn the_pool_keeps_no_more_than_its_limit() {
        let pool = ChunkPool::new();
        pool.recycle(batch(&pool, 30_000, 1_000));
        assert!(pool.kept_bytes() <= KEPT_BYTES_MAX && pool.kept_bytes() > KEPT_BYTES_MAX / 2);
        pool.recycle(batch(&pool, 3, 2 << 20));
        assert!(pool.kept_bytes() <= KEPT_BYTES_MAX);
    }
}
