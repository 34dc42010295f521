//! Compression of one batch as a piece of work that any thread can do: the core asks for it, the driver decides where it
//! runs, and the result comes back to the core. Plain data and one computation.

use std::sync::Arc;

use super::action::TopicId;
use super::batch::Batch;
use crate::record::compress::{Codec, Compressor};

/// A batch to be compressed; it is not sealed and nobody changes it meanwhile.
#[derive(Debug)]
pub struct Compression {
    topic: TopicId,
    partition: i32,
    batch: Arc<Batch>,
    codec: Codec,
    level: i32,
}

/// What came of a [`Compression`].
#[derive(Debug)]
pub struct Compressed {
    /// Where the batch waits.
    pub topic: TopicId,
    /// Where the batch waits.
    pub partition: i32,
    /// The batch. Whoever ran the compression has no other hold on it.
    pub batch: Arc<Batch>,
    /// Codec number and compressed records; `None` if they are to be sent as they are.
    pub records: Option<(i16, Vec<u8>)>,
}

impl Compression {
    /// To be answered, whatever happens, with a [`Compressed`].
    pub fn new(
        topic: TopicId,
        partition: i32,
        batch: Arc<Batch>,
        codec: Codec,
        level: i32,
    ) -> Self {
        Self { topic, partition, batch, codec, level }
    }

    /// Bytes to be compressed.
    pub fn len_bytes(&self) -> usize {
        self.batch.records_len_bytes()
    }

    /// Does the work.
    pub fn run(&self, compressor: &mut Compressor) -> Option<(i16, Vec<u8>)> {
        compress(&self.batch, self.codec, self.level, compressor)
    }

    /// The answer, with the outcome of [`Compression::run`]; `None` also if that failed.
    pub fn finish(self, records: Option<(i16, Vec<u8>)>) -> Compressed {
        Compressed { topic: self.topic, partition: self.partition, batch: self.batch, records }
    }
}

/// The records of a batch, compressed; `None` if that does not help or does not work.
pub fn compress(
    batch: &Batch,
    codec: Codec,
    level: i32,
    compressor: &mut Compressor,
) -> Option<(i16, Vec<u8>)> {
    let slices: Vec<&[u8]> = batch.records().collect();
    let mut records = Vec::new();
    compressor.compress_slices(codec, level, &slices, &mut records).ok()?;
    (records.len() < batch.records_len_bytes()).then(|| {
        records.shrink_to_fit();
        (codec.id(), records)
    })
}
