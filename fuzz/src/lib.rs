//! What the fuzz targets do with their input, each a function over bytes: libFuzzer runs them (`fuzz_targets/`), and
//! `tests/fuzz_corpus.rs` runs them over the corpus. They panic on what must not be.

pub mod batch;
pub mod broker;
pub mod capi;
pub mod capi_functions;
pub mod conf;
pub mod core;
pub mod decompress;
pub mod frames;
pub mod input;
pub mod messages;
pub mod records;

pub type Target = fn(&[u8]);

/// All of them, by their names.
pub const ALL: &[(&str, Target)] = &[
    ("messages", messages::run),
    ("frames", frames::run),
    ("batch", batch::run),
    ("decompress", decompress::run),
    ("conf", conf::run),
    ("records", records::run),
    ("core", core::run),
    ("broker", broker::run),
    ("capi", capi::run),
];
