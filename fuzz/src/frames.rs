//! The frames of a byte stream, whatever the pieces it comes in: the same as a reader finds that sees all of it.
//! Input: lengths of the pieces, the stream.

use super::input::Input;
use rdkafka::io::frame_reader::FrameReader;

const MAX_LEN: i32 = 1_000;

/// All frames, and whether the stream ends with a length that is out of range.
fn frames_of(mut stream: &[u8]) -> (Vec<&[u8]>, bool) {
    let mut frames = Vec::new();
    while let Some((prefix, rest)) = stream.split_first_chunk::<4>() {
        let len = i32::from_be_bytes(*prefix);
        if !(4..=MAX_LEN).contains(&len) {
            return (frames, true);
        }
        let Some((frame, rest)) = rest.split_at_checked(len as usize) else { break };
        frames.push(frame);
        stream = rest;
    }
    (frames, false)
}

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let pieces: Vec<usize> = input.bytes().iter().map(|&len| usize::from(len)).collect();
    let stream = input.rest();
    let (mut reader, mut found, mut is_broken) = (FrameReader::default(), Vec::new(), false);
    let (mut rest, mut piece) = (stream, 0);
    while !rest.is_empty() && !is_broken {
        let len = pieces.get(piece).copied().unwrap_or(rest.len()).min(rest.len());
        piece += 1;
        let (now, later) = rest.split_at(len);
        is_broken = reader.push(now, MAX_LEN, |frame| found.push(frame.to_vec())).is_err();
        rest = later;
    }
    let (expected, broken_at_end) = frames_of(stream);
    assert_eq!(found, expected);
    assert_eq!(is_broken, broken_at_end);
}
