//! What librdkafka 2.16 says about its properties, and about configurations that contradict themselves, written down in
//! `tests/data/`, and what ours says. The C programs `capi-tests/091*` ask either library.
//!
//! To write them anew: `UPDATE_FACTS=1 CAPI_LIBRARY=<a librdkafka 2.16> cargo test --test facts`.

use std::collections::{HashMap, HashSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compiles a program against our header, runs it on the library under test, and returns what it prints.
fn printed(program: &str) -> String {
    let built = || env::current_exe().expect("this test").with_file_name("librdkafka.so");
    let library = env::var_os("CAPI_LIBRARY").map_or_else(built, PathBuf::from);
    let name = format!("facts-{program}-{}", std::process::id());
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&dir).expect("make a directory");
    let elf = Command::new("readelf").arg("-d").arg(&library).output().expect("readelf");
    let elf = String::from_utf8_lossy(&elf.stdout).into_owned();
    let soname = elf.lines().find(|line| line.contains("(SONAME)"));
    let soname = soname.and_then(|line| line.split(['[', ']']).nth(1)).unwrap_or("librdkafka.so.1");
    for link in HashSet::from(["librdkafka.so", "librdkafka.so.1", soname]) {
        std::os::unix::fs::symlink(&library, dir.join(link)).expect("link to the library");
    }
    let executable = dir.join("program");
    let mut cc = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I"]).arg(root().join("include"));
    cc.arg(root().join(format!("capi-tests/{program}.c"))).arg("-o").arg(&executable);
    cc.arg("-L").arg(&dir).args(["-lrdkafka", "-Wl,--allow-shlib-undefined"]);
    let compiled = cc.output().expect("run the C compiler");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let output =
        Command::new(&executable).env("LD_LIBRARY_PATH", &dir).output().expect("run the program");
    let _ = fs::remove_dir_all(&dir);
    assert!(output.status.success(), "{program}: {}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

/// Compares with what is written down, or writes it. `left_out`: beginnings of entries that differ, each with its reason.
fn compare(file: &str, entries: Vec<(String, String)>, left_out: &[(&str, &str)]) {
    let path = root().join("tests/data").join(file);
    if env::var_os("UPDATE_FACTS").is_some() {
        let text: String = entries.iter().map(|(key, value)| format!("{key}\t{value}\n")).collect();
        fs::write(&path, text).expect("write the facts");
        return;
    }
    let text = fs::read_to_string(&path).expect("the facts");
    let facts: Vec<(&str, &str)> = text.lines().filter_map(|line| line.rsplit_once('\t')).collect();
    assert!(facts.len() > 100, "too few facts to mean anything");
    let ours: HashMap<&str, &str> =
        entries.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let excused = |key: &str| left_out.iter().any(|(start, _)| key.starts_with(start));
    let wrong: Vec<String> = facts
        .iter()
        .filter(|(key, value)| ours.get(key) != Some(value) && !excused(key))
        .map(|(key, value)| {
            let ours = ours.get(key).copied().unwrap_or("(nothing)");
            format!("{key}\n  librdkafka: {value}\n  ours:       {ours}")
        })
        .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    for (start, why) in left_out {
        let is_needed = facts.iter().any(|(key, value)| {
            key.starts_with(start) && ours.get(key).is_none_or(|own| own != value)
        });
        assert!(is_needed, "no longer different: {start} ({why})");
    }
}

/// Lines of one property, those about texts as one entry: that they are as another property's, where they are.
fn condensed(output: &str) -> Vec<(String, String)> {
    let mut order: Vec<(String, String)> = Vec::new();
    let mut texts: HashMap<String, Vec<&str>> = HashMap::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    for line in output.lines() {
        let mut columns = line.splitn(4, '\t');
        let mut column = || columns.next().unwrap_or_default();
        let (scope, name, key, value) = (column(), column(), column(), column());
        let property = format!("{scope} {name}");
        if let Some(text) = key.strip_prefix("text ") {
            place.entry(property.clone()).or_insert_with(|| {
                order.push((format!("{property} texts"), property.clone()));
                order.len() - 1
            });
            texts
                .entry(property)
                .or_default()
                .push(&line[line.len() - text.len() - value.len() - 1..]);
        } else {
            order.push((format!("{property} {key}"), value.replace('\t', " | ")));
        }
    }
    for &at in place.values() {
        let property = std::mem::take(&mut order[at].1);
        let outcomes: Vec<String> =
            texts[&property].iter().map(|outcome| outcome.replace('\t', " -> ")).collect();
        order[at].1 = outcomes.join(" | ");
    }
    order
}

/// The outcomes that several properties share are written once.
fn shared(entries: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut first: HashMap<String, String> = HashMap::new();
    let share = |(key, value): (String, String)| {
        if !key.ends_with(" texts") {
            return (key, value);
        }
        match first.get(&value) {
            Some(other) => (key, format!("as {other}")),
            None => {
                first.insert(value.clone(), key.clone());
                (key, value)
            }
        }
    };
    entries.into_iter().map(share).collect()
}

#[test]
fn properties_are_librdkafkas() {
    let entries = condensed(&printed("0910-properties"));
    // Properties of our own stand between those that both have.
    let text = fs::read_to_string(root().join("tests/data/properties.txt")).unwrap_or_default();
    let known: HashSet<String> = text
        .lines()
        .filter_map(|line| Some(line.split_once('\t')?.0.rsplit_once(' ')?.0.to_owned()))
        .collect();
    let is_theirs = |key: &str| {
        env::var_os("UPDATE_FACTS").is_some()
            || key.rsplit_once(' ').is_some_and(|(p, _)| known.contains(p))
    };
    let entries = entries.into_iter().filter(|(key, _)| is_theirs(key)).collect();
    compare(
        "properties.txt",
        shared(entries),
        &[
            ("global builtin.features ", "without TLS, SASL, plugins, regular expressions"),
            ("global topic.blacklist texts", "no regular expressions"),
            ("topic compression.type ", "it lists the global property's range there"),
        ],
    );
}

#[test]
fn refusals_and_adjustments_are_librdkafkas() {
    let output = printed("0911-refusals");
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in output.lines() {
        match (line.strip_prefix("== "), entries.last_mut()) {
            (Some(settings), _) => entries.push((format!("[{settings}]"), String::new())),
            (None, Some((_, value))) => value.push_str(line),
            (None, None) => panic!("{line}"),
        }
    }
    compare(
        "refusals.txt",
        entries,
        &[
            ("[https.ca.location=/nowhere", "files are not looked for: HTTPS is not built"),
            ("[enable.idempotence=true queuing.strategy=fifo", "it writes deprecatedexperimental"),
            ("[queuing.strategy=lifo", "it writes deprecatedexperimental"),
            ("[sasl.mechanism=OAUTHBEARER", "SASL is not built"),
        ],
    );
}
