//! One connection to a broker, without its socket: received bytes up to whole frames, answers in the order of their
//! requests, bytes to send.
//!
//! Answers wait in line: for their round-trip time, or (Fetch) for data. A client that sends without reading is not
//! read from any more, so that neither side grows without bound.

use super::network::Malformed;
use std::collections::VecDeque;

/// First size of the buffer of received bytes.
const INPUT_INITIAL_BYTES: usize = 16 * 1024;
/// What one read takes at most, unless it completes a larger frame. Small enough to be handled while in the cache.
const READ_BYTES: usize = 256 * 1024;
/// Missing bytes of a frame from which on a read stops at the frame's end, so that nothing need be moved afterwards.
const EXACT_READ_FROM_BYTES: usize = 16 * 1024;
/// Answers in line beyond which no more requests are read.
const ANSWERS_MAX: usize = 1000;
/// Unsent bytes beyond which no more requests are read.
const OUTPUT_HIGH_BYTES: usize = 16 * 1024 * 1024;

/// Received bytes that were not handled yet.
#[derive(Debug, Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    offered: usize,
    filled: bool,
}

impl Input {
    /// Where to put the next bytes received. Never empty.
    pub(super) fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        let missing = self.missing_bytes().filter(|&missing| missing >= EXACT_READ_FROM_BYTES);
        let wanted = missing.unwrap_or(READ_BYTES);
        self.make_room(wanted);
        let len = wanted.min(self.bytes.len() - self.end);
        self.offered = len;
        &mut self.bytes[self.end..self.end + len]
    }

    /// Takes note of `len` bytes put into [`Input::space`].
    pub(super) fn received(&mut self, len: usize) {
        self.end += len.min(self.offered);
        self.filled = len >= self.offered;
        self.offered = 0;
    }

    /// The first whole frame, without its size. A size beyond `max_bytes` is an error as soon as it is read.
    pub(super) fn frame(&self, max_bytes: usize) -> Result<Option<&[u8]>, Malformed> {
        let Some(size) = self.frame_size() else { return Ok(None) };
        let size = usize::try_from(size).map_err(|_| Malformed("negative request size"))?;
        if size > max_bytes {
            return Err(Malformed("request is larger than the broker allows"));
        }
        Ok(self.bytes[self.start + 4..self.end].get(..size))
    }

    /// Drops a frame of `len` bytes that was handled.
    pub(super) fn consume_frame(&mut self, len: usize) {
        self.start += 4 + len;
    }

    fn frame_size(&self) -> Option<i32> {
        let size = self.bytes[self.start..self.end].first_chunk::<4>()?;
        Some(i32::from_be_bytes(*size))
    }

    /// Bytes that lack from the frame begun, if its size is known.
    fn missing_bytes(&self) -> Option<usize> {
        let size = usize::try_from(self.frame_size()?).ok()?;
        (size + 4).checked_sub(self.end - self.start)
    }

    /// Room for up to `wanted` more bytes. The buffer at most doubles, and only after the client has filled what it
    /// was offered: a size is not believed before its bytes come.
    fn make_room(&mut self, wanted: usize) {
        if self.bytes.len() - self.end >= wanted {
            return;
        }
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let limit = if self.filled { self.bytes.len() * 2 } else { self.bytes.len() };
        let len = (self.end + wanted).min(limit.max(INPUT_INITIAL_BYTES));
        if len > self.bytes.len() {
            self.bytes.resize(len, 0);
        }
    }
}

/// An answer in line.
#[derive(Debug)]
pub(super) enum Answer {
    /// Goes out at that time.
    Ready { due_us: u64, bytes: Vec<u8> },
    /// Is to be worked out again when data arrive, and at the deadline.
    Waiting(Waiting),
}

/// A request that is answered later.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) frame: Vec<u8>,
    pub(super) deadline_us: u64,
    pub(super) delay_us: u64,
}

/// Answers in the order of their requests, then bytes to send.
#[derive(Debug, Default)]
pub(super) struct Answers {
    line: VecDeque<Answer>,
    output: Vec<u8>,
    sent: usize,
}

impl Answers {
    /// Puts an answer at the end of the line.
    pub(super) fn push(&mut self, due_us: u64, now_us: u64, bytes: &[u8]) {
        if self.line.is_empty() && due_us <= now_us {
            self.output.extend_from_slice(bytes);
        } else {
            self.line.push_back(Answer::Ready { due_us, bytes: bytes.to_vec() });
        }
    }

    /// Puts a request in line that is answered later.
    pub(super) fn push_waiting(&mut self, waiting: Waiting) {
        self.line.push_back(Answer::Waiting(waiting));
    }

    /// Whether no more requests should be handled until some answers have left.
    pub(super) fn is_full(&self) -> bool {
        self.line.len() >= ANSWERS_MAX || self.unsent().len() >= OUTPUT_HIGH_BYTES
    }

    /// The requests in line that are answered later, for another try.
    pub(super) fn line_mut(&mut self) -> impl Iterator<Item = &mut Answer> {
        self.line.iter_mut()
    }

    /// Moves what is due from the line to the output.
    pub(super) fn advance(&mut self, now_us: u64) {
        while let Some(Answer::Ready { due_us, .. }) = self.line.front() {
            if *due_us > now_us {
                break;
            }
            if let Some(Answer::Ready { bytes, .. }) = self.line.pop_front() {
                self.output.extend_from_slice(&bytes);
            }
        }
    }

    /// When the line needs attention next.
    pub(super) fn deadline_us(&self) -> Option<u64> {
        let front = match self.line.front() {
            Some(Answer::Ready { due_us, .. }) => Some(*due_us),
            _ => None,
        };
        let waiting = self.line.iter().filter_map(|answer| match answer {
            Answer::Waiting(waiting) => Some(waiting.deadline_us),
            Answer::Ready { .. } => None,
        });
        waiting.chain(front).min()
    }

    /// Whether anything is in line.
    pub(super) fn is_waiting(&self) -> bool {
        !self.line.is_empty()
    }

    /// Bytes to send.
    pub(super) fn unsent(&self) -> &[u8] {
        &self.output[self.sent..]
    }

    /// Takes note that `len` bytes were sent.
    pub(super) fn consume(&mut self, len: usize) {
        self.sent += len;
        if self.sent >= self.output.len() {
            self.sent = 0;
            self.output.clear();
            // A large answer's room is not kept for good.
            self.output.shrink_to(READ_BYTES);
        }
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) broker_id: i32,
    pub(super) input: Input,
    pub(super) answers: Answers,
    /// Why the broker closed it.
    pub(super) closed: Option<Malformed>,
    /// Already reported as having something to do.
    pub(super) announced: bool,
}

impl Connection {
    pub(super) fn new(broker_id: i32) -> Self {
        Self {
            broker_id,
            input: Input::default(),
            answers: Answers::default(),
            closed: None,
            announced: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(input: &mut Input, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let space = input.space();
            let len = space.len().min(bytes.len());
            space[..len].copy_from_slice(&bytes[..len]);
            input.received(len);
            bytes = &bytes[len..];
        }
    }

    fn framed(body: &[u8]) -> Vec<u8> {
        [&(body.len() as i32).to_be_bytes()[..], body].concat()
    }

    #[test]
    fn frames_come_out_however_the_bytes_come_in() {
        let bodies: Vec<Vec<u8>> =
            [0usize, 1, 5, 40_000, 3, 700_000].iter().map(|&len| vec![len as u8; len]).collect();
        let bytes: Vec<u8> = bodies.iter().flat_map(|body| framed(body)).collect();
        for step in [1, 3, 1000, 65_536, bytes.len()] {
            let mut input = Input::default();
            let mut frames = Vec::new();
            for chunk in bytes.chunks(step) {
                feed(&mut input, chunk);
                while let Some(frame) = input.frame(1_000_000).expect("legal") {
                    frames.push(frame.to_vec());
                    let len = frame.len();
                    input.consume_frame(len);
                }
            }
            assert!(frames == bodies, "step {step}");
        }
    }

    #[test]
    fn a_size_is_not_believed_before_its_bytes_come() {
        let mut input = Input::default();
        feed(&mut input, &100_000_000i32.to_be_bytes());
        for _ in 0..10 {
            assert!(input.frame(100_000_000).expect("legal").is_none());
            let len = input.space().len();
            assert!(len <= 64 * 1024, "offers {len}");
        }
        assert!(input.frame(99_999_999).is_err());
        let mut negative = Input::default();
        feed(&mut negative, &[0xff; 4]);
        assert!(negative.frame(100).is_err());
    }

    #[test]
    fn a_large_frame_is_read_to_its_end_and_not_beyond() {
        let mut input = Input::default();
        feed(&mut input, &framed(&[1; 400_000])[..300_000]);
        assert_eq!(input.space().len(), 100_004);
    }

    #[test]
    fn answers_leave_in_the_order_of_their_requests() {
        let mut answers = Answers::default();
        answers.push(50, 0, b"first");
        answers.push(10, 0, b"second");
        assert_eq!(answers.deadline_us(), Some(50));
        answers.advance(20);
        assert_eq!(answers.unsent(), b"");
        answers.advance(50);
        assert_eq!(answers.unsent(), b"firstsecond");
        answers.consume(3);
        assert_eq!(answers.unsent(), b"stsecond");
        assert_eq!((answers.deadline_us(), answers.is_waiting()), (None, false));
    }
}
