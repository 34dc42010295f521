//! The shared object exports the functions that the headers declare, and not one symbol more.

#![allow(clippy::unwrap_used)]

mod abi;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use abi::declared;

/// The cdylib that `cargo test` built: it lies beside this test.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.parent().unwrap().join("librdkafka.so");
    assert!(library.exists(), "{} is missing", library.display());
    library
}

fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).arg(library()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn exports_are_the_declared_functions() {
    let exported: BTreeSet<String> = run("nm", &["-D", "--defined-only"])
        .lines()
        .filter_map(|line| line.split_whitespace().last().map(str::to_owned))
        .collect();
    let declared = declared();
    let undeclared: Vec<_> = exported.difference(&declared).collect();
    let missing: Vec<_> = declared.difference(&exported).collect();
    assert!(undeclared.is_empty(), "exported but not declared: {undeclared:?}");
    assert!(missing.is_empty(), "declared but not exported: {missing:?}");
}

#[test]
fn the_library_has_librdkafkas_soname_and_stays_loaded() {
    let dynamic = run("readelf", &["-d"]);
    assert!(dynamic.contains("[librdkafka.so.1]"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
}

/// librdkafka's symbols carry no versions; a program linked against it looks for none.
#[test]
fn symbols_carry_no_version() {
    let symbols = run("readelf", &["-W", "--dyn-syms"]);
    let versioned: Vec<_> =
        symbols.lines().filter(|line| line.contains(" rd_kafka_") && line.contains('@')).collect();
    assert!(versioned.is_empty(), "{versioned:?}");
}
