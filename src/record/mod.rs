//! RecordBatch v2: records, batch header, compression.
//!
//! Pure functions over bytes, run by producing threads (records), by the IO thread or a compression worker (batches),
//! and by the mock broker.

pub mod batch;
pub mod compress;
pub mod decompress;
#[allow(clippy::module_inception)]
pub mod record;
pub mod validate;
pub mod varint;

#[cfg(test)]
mod oracle_tests;

pub use batch::{BATCH_HEADER_LEN_BYTES, BatchHeader};
pub use compress::{Codec, Compressor};
pub use decompress::decompress;
pub use record::{RecordEncoder, RecordView, Records};
pub use validate::{InvalidBatch, ValidBatch, validate};
