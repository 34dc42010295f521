//! The frames of one connection that are not, or not wholly, handed to the kernel yet. IO thread; no socket in here.

use std::collections::VecDeque;
use std::io::IoSlice;

use crate::producer::action::Segment;

/// Slices handed to the kernel in one call.
pub(super) const SLICES_PER_SEND: usize = 64;

/// Where the first byte not sent yet lies in the oldest frame.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    segment: usize,
    slice: usize,
    offset: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct SendQueue {
    frames: VecDeque<Vec<Segment>>,
    position: Position,
}

fn slice_of(segment: &Segment, index: usize) -> Option<&[u8]> {
    match segment {
        Segment::Bytes(bytes) => (index == 0).then_some(bytes.as_slice()),
        Segment::Batch(batch) => batch.wire_slice(index),
    }
}

impl SendQueue {
    pub(super) fn push(&mut self, frame: Vec<Segment>) {
        self.frames.push_back(frame);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Fills `slices` with what comes next; returns how many it filled and how many bytes they are.
    pub(super) fn gather<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> (usize, usize) {
        let (mut count, mut len_bytes) = (0, 0);
        let Position { mut segment, mut slice, mut offset } = self.position;
        for frame in &self.frames {
            while let Some(part) = frame.get(segment) {
                while let Some(bytes) = slice_of(part, slice) {
                    if count == slices.len() {
                        return (count, len_bytes);
                    }
                    if offset < bytes.len() {
                        slices[count] = IoSlice::new(&bytes[offset..]);
                        count += 1;
                        len_bytes += bytes.len() - offset;
                    }
                    slice += 1;
                    offset = 0;
                }
                segment += 1;
                slice = 0;
            }
            segment = 0;
        }
        (count, len_bytes)
    }

    /// `sent` more bytes were taken by the kernel; returns how many frames that finished, which are dropped.
    pub(super) fn advance(&mut self, mut sent: usize) -> usize {
        let mut finished = 0;
        let at = &mut self.position;
        while let Some(frame) = self.frames.front() {
            match frame.get(at.segment).map(|segment| slice_of(segment, at.slice)) {
                Some(Some(bytes)) => {
                    let left = bytes.len() - at.offset;
                    if sent < left {
                        at.offset += sent;
                        return finished;
                    }
                    sent -= left;
                    at.slice += 1;
                    at.offset = 0;
                }
                Some(None) => *at = Position { segment: at.segment + 1, ..Position::default() },
                None => {
                    self.frames.pop_front();
                    *at = Position::default();
                    finished += 1;
                }
            }
        }
        finished
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::batch::{Batch, FreshChunks, NewMessage, Sealing};
    use std::sync::Arc;

    fn batch(count: usize) -> Arc<Batch> {
        let mut batch = Batch::default();
        for i in 0..count {
            let message = NewMessage {
                key: None,
                value: Some(&[7; 3_000][..]),
                headers: std::iter::empty(),
                timestamp_ms: 1,
                enqueued_us: 1,
                opaque: i,
                tag: 0,
                borrowed_value: 0,
            };
            batch.append(&message, &mut FreshChunks);
        }
        batch.seal(Sealing::plain());
        Arc::new(batch)
    }

    fn frames() -> Vec<Vec<Segment>> {
        vec![
            vec![Segment::Bytes(vec![1, 2, 3])],
            vec![
                Segment::Bytes(vec![]),
                Segment::Bytes(vec![4; 10]),
                Segment::Batch(batch(20)),
                Segment::Bytes(vec![5; 7]),
                Segment::Batch(batch(1)),
            ],
            (0..150).map(|i| Segment::Bytes(vec![i; 3])).collect(),
        ]
    }

    fn wire(frames: &[Vec<Segment>]) -> Vec<u8> {
        let segments = frames.iter().flatten();
        segments.flat_map(|s| (0..).map_while(|i| slice_of(s, i))).flatten().copied().collect()
    }

    #[test]
    fn every_byte_goes_out_once_however_the_writes_are_cut() {
        for step in [1, 2, 61, 997, 40_000, usize::MAX] {
            let mut queue = SendQueue::default();
            frames().into_iter().for_each(|frame| queue.push(frame));
            let (mut sent, mut finished) = (Vec::new(), 0);
            while !queue.is_empty() {
                let mut slices = [IoSlice::new(&[]); SLICES_PER_SEND];
                let (count, len_bytes) = queue.gather(&mut slices);
                assert!(slices[..count].iter().all(|slice| !slice.is_empty()));
                let offered: usize = slices[..count].iter().map(|slice| slice.len()).sum();
                assert_eq!(offered, len_bytes);
                let taken = step.min(len_bytes);
                let bytes = slices[..count].iter().flat_map(|slice| slice.iter());
                sent.extend(bytes.take(taken).copied());
                finished += queue.advance(taken);
                assert_eq!(finished > 0, sent.len() >= 3);
            }
            assert_eq!(finished, 3);
            assert!(sent == wire(&frames()), "step {step}");
        }
    }

    #[test]
    fn an_empty_frame_is_finished_by_the_next_advance() {
        let mut queue = SendQueue::default();
        queue.push(vec![]);
        queue.push(vec![Segment::Bytes(vec![])]);
        queue.push(vec![Segment::Bytes(vec![1])]);
        assert_eq!(queue.advance(0), 2);
        assert_eq!(queue.advance(1), 1);
        assert!(queue.is_empty());
    }
}
