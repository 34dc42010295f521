//! README.md's table of functions: how many of each area work, and how many fail and say so. `UPDATE_DOCS=1 cargo test
//! --test functions` rewrites it.
//!
//! A function that isn't built says "not supported" in its documentation, and nothing else does; what it answers is
//! tested in `capi-tests/0130-not-supported.c`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- functions: written by `UPDATE_DOCS=1 cargo test --test functions` -->\n";
const END: &str = "<!-- end of functions -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "c") {
            found.push(path);
        }
    }
}

/// Each exported function of the Rust sources, and whether it only refuses. Those of `csrc/` all work.
fn functions() -> BTreeMap<String, bool> {
    let mut paths = Vec::new();
    sources(&root().join("src/capi"), &mut paths);
    let mut found = BTreeMap::new();
    for path in paths {
        let (mut refuses, mut documented) = (false, false);
        for line in fs::read_to_string(path).unwrap().lines() {
            let line = line.trim_start();
            if let Some(text) = line.strip_prefix("///") {
                refuses = (documented && refuses) || says_not_supported(text);
                documented = true;
            } else if line.contains("extern \"C\" fn rd_kafka_") {
                let name = line.split("extern \"C\" fn ").nth(1).unwrap();
                let name = name.split('(').next().unwrap().to_owned();
                found.insert(name, documented && refuses);
            } else if !line.starts_with("#[") {
                documented = false;
                refuses = false;
            }
        }
    }
    found
}

fn says_not_supported(text: &str) -> bool {
    ["not supported", "Not supported", "isn't supported", "TLS is not built"]
        .iter()
        .any(|phrase| text.contains(phrase))
}

fn areas() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("tests/data/areas.tsv")).unwrap();
    let row = |line: &str| {
        let (name, area) = line.split_once('\t').unwrap();
        (name.to_owned(), area.to_owned())
    };
    text.lines().skip(1).map(row).collect()
}

fn table() -> String {
    let functions = functions();
    let unplaced: Vec<_> = functions
        .keys()
        .filter(|name| !areas().iter().any(|(area_of, _)| area_of == *name))
        .collect();
    assert!(unplaced.is_empty(), "no area in tests/data/areas.tsv: {unplaced:?}");
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (name, area) in areas() {
        let entry = counts.entry(area).or_default();
        match functions.get(&name) {
            Some(true) => entry.1 += 1,
            _ => entry.0 += 1,
        }
    }
    let mut text = String::from("| area | work | fail and say so |\n|---|---|---|\n");
    for (area, (work, fail)) in &counts {
        writeln!(text, "| {area} | {work} | {fail} |").unwrap();
    }
    let (work, fail) =
        counts.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
    writeln!(text, "| all | {work} | {fail} |").unwrap();
    text
}

#[test]
fn readme_counts_the_functions_that_work() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let begin = readme.find(BEGIN).expect("the table's first mark") + BEGIN.len();
    let end = readme.find(END).expect("the table's last mark");
    let expected = table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{}{expected}{}", &readme[..begin], &readme[end..])).unwrap();
        return;
    }
    assert_eq!(&readme[begin..end], expected, "out of date: run with UPDATE_DOCS=1");
}

/// Functions that refuse and don't say so in their documentation would be counted as working.
#[test]
fn whoever_refuses_says_so() {
    let mut paths = Vec::new();
    sources(&root().join("src/capi"), &mut paths);
    let functions = functions();
    let mut silent = Vec::new();
    for path in paths {
        let text = fs::read_to_string(path).unwrap();
        for helper in ["refuse(", "refuse_object(", "refuse_request("] {
            for call in text.split(helper).skip(1) {
                let arguments = call.split(')').next().unwrap_or_default();
                let name = arguments.split('"').nth(1).unwrap_or_default();
                if functions.get(name) == Some(&false) {
                    silent.push(name.to_owned());
                }
            }
        }
    }
    assert!(silent.is_empty(), "refuse, but are documented as if they worked: {silent:?}");
}
