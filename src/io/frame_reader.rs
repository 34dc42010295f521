//! Cuts the bytes received on one connection into length-prefixed frames. IO thread; no socket in here.
//!
//! A frame that arrived whole is passed on where it lies. Only the begin of a frame cut short is kept, in a buffer that
//! grows with what was really received, whatever the length prefix promises.

const PREFIX_LEN: usize = 4;

/// A correlation id is in every response, so less cannot be one.
const FRAME_MIN_LEN: i32 = 4;

/// A buffer that grew beyond this is not kept for the next frame.
const KEPT_CAPACITY: usize = 1 << 16;

/// The length prefix is out of range; holds what it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidLength(pub i32);

/// See the module.
#[derive(Debug, Default)]
pub struct FrameReader {
    partial: Vec<u8>,
}

/// The frame length at the begin of `bytes`; `None` while the prefix is incomplete.
fn frame_len(bytes: &[u8], max_len: i32) -> Result<Option<usize>, InvalidLength> {
    let Some(prefix) = bytes.first_chunk::<PREFIX_LEN>() else { return Ok(None) };
    let len = i32::from_be_bytes(*prefix);
    if (FRAME_MIN_LEN..=max_len).contains(&len) {
        Ok(Some(len as usize))
    } else {
        Err(InvalidLength(len))
    }
}

impl FrameReader {
    /// Takes the next bytes received; calls `on_frame` for each frame they complete, without its prefix. After an error
    /// the stream is out of step and of no use any more.
    pub fn push(
        &mut self,
        mut bytes: &[u8],
        max_len: i32,
        mut on_frame: impl FnMut(&[u8]),
    ) -> Result<(), InvalidLength> {
        if !self.partial.is_empty() {
            let missing = PREFIX_LEN.saturating_sub(self.partial.len()).min(bytes.len());
            self.keep(&mut bytes, missing);
            let Some(len) = frame_len(&self.partial, max_len)? else { return Ok(()) };
            let missing = (PREFIX_LEN + len - self.partial.len()).min(bytes.len());
            self.keep(&mut bytes, missing);
            if self.partial.len() < PREFIX_LEN + len {
                return Ok(());
            }
            on_frame(&self.partial[PREFIX_LEN..]);
            self.partial.clear();
            self.partial.shrink_to(KEPT_CAPACITY);
        }
        while let Some(len) = frame_len(bytes, max_len)? {
            let Some(frame) = bytes.get(PREFIX_LEN..PREFIX_LEN + len) else { break };
            on_frame(frame);
            bytes = &bytes[PREFIX_LEN + len..];
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    fn keep(&mut self, bytes: &mut &[u8], len: usize) {
        let (kept, rest) = bytes.split_at(len);
        self.partial.extend_from_slice(kept);
        *bytes = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(frames: &[Vec<u8>]) -> Vec<u8> {
        let mut wire = Vec::new();
        for frame in frames {
            wire.extend_from_slice(&(frame.len() as i32).to_be_bytes());
            wire.extend_from_slice(frame);
        }
        wire
    }

    fn read(pieces: &[&[u8]], max_len: i32) -> Result<Vec<Vec<u8>>, InvalidLength> {
        let (mut reader, mut frames) = (FrameReader::default(), Vec::new());
        for piece in pieces {
            reader.push(piece, max_len, |frame| frames.push(frame.to_vec()))?;
        }
        Ok(frames)
    }

    #[test]
    fn frames_are_whole_wherever_the_stream_is_cut() {
        let frames = vec![vec![1; 4], vec![2; 30], vec![3; 5], vec![4; 11]];
        let wire = wire(&frames);
        for cut in 0..=wire.len() {
            for second in cut..=wire.len() {
                let pieces = [&wire[..cut], &wire[cut..second], &wire[second..]];
                assert_eq!(read(&pieces, 30).unwrap(), frames);
            }
        }
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();
        assert_eq!(read(&bytes, 30).unwrap(), frames);
    }

    #[test]
    fn a_length_out_of_range_is_an_error_as_soon_as_it_is_known() {
        for len in [-1, i32::MIN, 0, 3, 101, i32::MAX] {
            let prefix = len.to_be_bytes();
            assert_eq!(read(&[&prefix], 100), Err(InvalidLength(len)));
            assert_eq!(read(&[&prefix[..3], &prefix[3..]], 100), Err(InvalidLength(len)));
        }
        assert_eq!(read(&[&wire(&[vec![1; 100]])], 100).unwrap().len(), 1);
    }

    #[test]
    fn memory_follows_what_was_received_not_what_was_promised() {
        let mut reader = FrameReader::default();
        reader.push(&100_000_000_i32.to_be_bytes(), i32::MAX, |_| {}).unwrap();
        reader.push(&[0; 1_000], i32::MAX, |_| {}).unwrap();
        assert!(reader.partial.capacity() <= 4_096);
        let mut reader = FrameReader::default();
        let wire = wire(&[vec![0; 1 << 20], vec![0; 8]]);
        wire.chunks(1_000).for_each(|piece| reader.push(piece, i32::MAX, |_| {}).unwrap());
        assert!(reader.partial.capacity() <= KEPT_CAPACITY);
    }
}
