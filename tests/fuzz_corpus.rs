//! The fuzz targets' bodies over the committed corpus and what once crashed them: without libFuzzer, on every `cargo test`.

#![allow(clippy::undocumented_unsafe_blocks, missing_docs)]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

fn replay(name: &str, run: targets::Target) -> usize {
    run(&[]);
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let entries = std::fs::read_dir(&dir).expect("each target has a corpus");
    let inputs = entries.map(|entry| entry.expect("readable").path());
    inputs.inspect(|path| run(&std::fs::read(path).expect("readable"))).count()
}

#[test]
fn no_input_of_the_corpus_breaks_its_target() {
    for (name, run) in targets::ALL {
        assert!(replay(name, *run) > 0, "{name} has no corpus");
    }
}
