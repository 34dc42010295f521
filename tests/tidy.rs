//! Keeps the source in shape: layers name only those below them, rooms stay small, the core stays
//! free of sockets, threads, clocks and locks, and every C entry point is guarded.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;

/// Each layer and those that it may name beside itself.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "capi",
        &["client", "io", "producer", "cluster", "record", "protocol", "conf", "stats", "mock"],
    ),
    ("client", &["io", "producer", "cluster", "record", "protocol", "conf", "stats", "mock"]),
    ("io", &["producer", "cluster", "record", "protocol", "conf", "stats"]),
    ("producer", &["cluster", "record", "protocol", "conf", "stats"]),
    ("cluster", &["record", "protocol", "conf", "stats"]),
    ("record", &["protocol"]),
    ("protocol", &[]),
    ("conf", &["record", "protocol"]),
    ("stats", &[]),
    ("mock", &["record", "protocol"]),
    ("bin", &["mock"]),
];

/// Layers that know the world only through their inputs and outputs.
const SANS_IO: &[&str] = &["producer", "cluster", "record", "protocol", "conf", "stats", "mock"];

/// What those may not name.
const WORLD: &[&str] = &[
    "std::net",
    "std::thread",
    "std::time",
    "Instant",
    "SystemTime",
    "Mutex",
    "RwLock",
    "Condvar",
    "parking_lot",
    "crossbeam_channel",
    "mio",
    "socket2",
    "libc",
];

/// Files outside `capi` that need unsafe code.
const UNSAFE_ALLOWED: &[(&str, &str)] = &[
    ("src/io/tsc.rs", "the processor's cycle counter"),
    ("src/io/thread.rs", "signal masks of our threads have no safe interface"),
    ("src/producer/prefetch.rs", "a hint to the processor"),
    ("src/mock/server.rs", "the same, for the embedded cluster's thread"),
    ("src/bin/oxide-mock-broker.rs", "waits for a signal"),
];

struct Source {
    /// Path from the package's directory.
    path: String,
    text: String,
    /// The text without comments, string contents and unit tests.
    code: String,
}

impl Source {
    fn layer(&self) -> &str {
        self.path.strip_prefix("src/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
    }

    /// The mock's socket server is the one part of the lower layers that does I/O.
    fn is_sans_io(&self) -> bool {
        SANS_IO.contains(&self.layer()) && !self.path.starts_with("src/mock/server")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_under(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_under(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn sources(dirs: &[&str], extensions: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for dir in dirs {
        files_under(&root().join(dir), &mut paths);
    }
    paths.sort();
    paths
        .into_iter()
        .filter(|path| {
            extensions.iter().any(|wanted| path.extension().is_some_and(|is| is == *wanted))
        })
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            let path = path.strip_prefix(root()).ok()?.to_string_lossy().into_owned();
            // A file of unit tests may do as it likes.
            let is_tests = path.starts_with("src") && path.ends_with("tests.rs");
            let code = if is_tests { String::new() } else { code_of(without_tests(&text)) };
            Some(Source { path, text, code })
        })
        .collect()
}

fn rust_sources() -> Vec<Source> {
    let found = sources(&["src"], &["rs"]);
    assert!(found.len() > 20, "the source is elsewhere");
    found
}

/// The text before the file's unit tests, which may do as they like.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |end| &text[..end])
}

/// Blanks out comments and the contents of string literals; lines stay where they are.
fn code_of(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' => {
                out.push('"');
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        '\n' => out.push('\n'),
                        _ => {}
                    }
                }
                out.push('"');
            }
            // A quoted quote would open a string that isn't one.
            '\'' if chars.peek() == Some(&'"') => {
                chars.next();
            }
            c => out.push(c),
        }
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether `code` has `word` with no letter, digit or underscore beside it.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn assert_none(complaints: &[String], rule: &str) {
    assert!(complaints.is_empty(), "{rule}:\n  {}", complaints.join("\n  "));
}

#[test]
fn layers_name_only_those_below_them() {
    let mut complaints = Vec::new();
    for source in rust_sources() {
        let Some((layer, below)) = LAYERS.iter().find(|(layer, _)| *layer == source.layer()) else {
            continue;
        };
        for (other, _) in LAYERS {
            let allowed = other == layer || below.contains(other);
            if !allowed && names(&source.code, &format!("crate::{other}")) {
                complaints.push(format!("{} names {other}", source.path));
            }
        }
    }
    assert_none(&complaints, "layers point down");
}

#[test]
fn every_directory_is_a_known_layer() {
    let complaints: Vec<String> = rust_sources()
        .iter()
        .filter(|source| source.path != "src/lib.rs")
        .filter(|source| !LAYERS.iter().any(|(layer, _)| *layer == source.layer()))
        .map(|source| source.path.clone())
        .collect();
    assert_none(&complaints, "a layer that tests/tidy.rs doesn't know");
}

#[test]
fn the_core_names_no_sockets_threads_clocks_or_locks() {
    let mut complaints = Vec::new();
    for source in rust_sources().iter().filter(|source| source.is_sans_io()) {
        for word in WORLD {
            if names(&source.code, word) {
                complaints.push(format!("{} names {word}", source.path));
            }
        }
    }
    assert_none(&complaints, "sans-IO layers take the world as inputs");
}

#[test]
fn unsafe_code_is_only_at_the_c_boundary() {
    let complaints: Vec<String> = rust_sources()
        .iter()
        .filter(|source| source.layer() != "capi" && names(&source.code, "unsafe"))
        .filter(|source| !UNSAFE_ALLOWED.iter().any(|(path, _)| *path == source.path))
        .map(|source| source.path.clone())
        .collect();
    assert_none(&complaints, "unsafe outside src/capi");
}

#[test]
fn every_entry_point_is_guarded() {
    let (mut complaints, mut count) = (Vec::new(), 0);
    for source in rust_sources() {
        for (at, marker) in source.code.match_indices("#[unsafe(no_mangle)]") {
            count += 1;
            let item = &source.code[at + marker.len()..];
            let end = item.find("\n}").unwrap_or(item.len());
            let item = &item[..end];
            let name = item.split("fn ").nth(1).and_then(|rest| rest.split('(').next());
            let body = item.find('{').map_or("", |begin| &item[begin + 1..]);
            // Before the guard only what can't panic: marking an argument as unused.
            let first = body
                .lines()
                .map(str::trim)
                .find(|line| !line.is_empty() && !line.starts_with("let _ = "));
            let guarded = first
                .is_some_and(|line| line.starts_with("guard(") || line.starts_with("guard_or("));
            if !guarded || source.layer() != "capi" {
                complaints.push(format!("{}: {}", source.path, name.unwrap_or("?")));
            }
        }
    }
    assert!(count > 40, "only {count} entry points found");
    assert_none(&complaints, "an entry point's body is one guard(), in src/capi");
}

#[test]
fn files_are_short() {
    let complaints: Vec<String> = sources(
        &["src", "tests", "csrc", "capi-tests", "examples-c", "benches"],
        &["rs", "c", "h"],
    )
    .iter()
    .map(|source| (&source.path, source.text.lines().count()))
    .filter(|(_, lines)| *lines > FILE_LINES_MAX)
    .map(|(path, lines)| format!("{path}: {lines} lines"))
    .collect();
    assert_none(&complaints, &format!("files have at most {FILE_LINES_MAX} lines"));
}

/// Functions that are one struct literal, a line for each field: tables, not logic.
const TABLES: &[(&str, &str)] =
    &[("src/conf/resolved.rs", "fn from_finalized(conf: &GlobalConf) ->")];

#[test]
fn functions_are_short() {
    let mut complaints = Vec::new();
    for source in sources(&["src", "tests"], &["rs"]) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (begin, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let words = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern"];
            let is_function = line
                .split_whitespace()
                .find(|word| !words.contains(word) && !word.starts_with('"'))
                .is_some_and(|word| word == "fn");
            let has_body = lines[begin..]
                .iter()
                .find(|line| line.ends_with('{') || line.ends_with(';'))
                .is_some_and(|line| line.ends_with('{'));
            if !is_function || !has_body {
                continue;
            }
            // rustfmt puts a function's last brace below its first letter.
            let last = format!("{}}}", " ".repeat(indent));
            let length = lines[begin..].iter().position(|line| *line == last).unwrap_or(0) + 1;
            if TABLES.iter().any(|(path, name)| source.path == *path && line.contains(name)) {
                continue;
            }
            if length > FUNCTION_LINES_MAX {
                complaints.push(format!("{}:{}: {length} lines", source.path, begin + 1));
            }
        }
    }
    assert_none(&complaints, &format!("functions have at most {FUNCTION_LINES_MAX} lines"));
}

#[test]
fn every_file_says_what_it_owns() {
    let complaints: Vec<String> = sources(&["src", "tests"], &["rs"])
        .iter()
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| source.path.clone())
        .collect();
    assert_none(&complaints, "a file begins with its purpose (//!)");
}

#[test]
fn the_tidy_helpers_see_what_they_should() {
    let text = "let a = \"unsafe\"; // unsafe\nlet b = '\"'; unsafe { x }\n";
    assert_eq!(code_of(text), "let a = \"\"; \nlet b = '; unsafe { x }\n");
    assert!(names("use crate::io;", "crate::io") && !names("use crate::iota;", "crate::io"));
    assert!(names("std::sync::Mutex<T>", "Mutex") && !names("MutexGuardian", "Mutex"));
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {}\n";
    assert_eq!(without_tests(text), "fn a() {}\n");
}
