//! What the ABI tests share: the committed header's text and the facts about librdkafka's.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The package's directory.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The headers that an installation has.
pub fn headers() -> Vec<PathBuf> {
    let dir = root().join("include/librdkafka");
    ["rdkafka.h", "rdkafka_mock.h"]
        .iter()
        .map(|name| dir.join(name))
        .filter(|path| path.exists())
        .collect()
}

/// Names of the functions that the headers declare.
pub fn declared() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in headers() {
        let text = without_comments(&std::fs::read_to_string(path).expect("a header"));
        for declaration in text.split("RD_EXPORT").skip(1) {
            let name = declaration
                .split('(')
                .next()
                .and_then(|front| front.split(|c: char| !is_word(c)).rfind(|word| !word.is_empty()))
                .unwrap_or_default();
            if name.starts_with("rd_kafka_") {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find("/*") {
        out.push_str(&rest[..begin]);
        let end = rest[begin..].find("*/").map_or(rest.len(), |end| begin + end + 2);
        rest = &rest[end..];
    }
    out + rest
}

/// Rows of a table in `tests/data`, without its title row.
pub fn table(name: &str) -> Vec<Vec<String>> {
    let path = root().join("tests/data").join(name);
    let text = std::fs::read_to_string(&path).expect("a table of facts");
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// Compiles C (or, with `compiler` "c++", C++) source against our header; nothing is written.
pub fn compile(compiler: &str, flags: &[&str], source: &str) -> Output {
    let mut child = Command::new(compiler)
        .args(["-fsyntax-only", "-x", if compiler == "c++" { "c++" } else { "c" }])
        .args(flags)
        .arg("-I")
        .arg(root().join("include"))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a C compiler");
    child.stdin.take().expect("piped").write_all(source.as_bytes()).expect("the compiler reads");
    child.wait_with_output().expect("the compiler ends")
}

/// Fails with the compiler's first messages if it refused the source.
pub fn assert_compiles(compiler: &str, flags: &[&str], source: &str) {
    let output = compile(compiler, flags, source);
    let messages = String::from_utf8_lossy(&output.stderr);
    let first: Vec<&str> = messages.lines().take(30).collect();
    assert!(output.status.success() && messages.is_empty(), "{}", first.join("\n"));
}
