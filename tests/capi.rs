//! Compiles the C programs of `capi-tests/` and runs them on the library just built.
//!
//! One program is one test; 0 is passed, 77 is skipped, anything else failed. `test.h` checks through
//! `rd_kafka_version_str()` that the library under test is the one that runs.
//!
//! Environment, for the variants in the Makefile:
//! `CAPI_LIBRARY` another library to run on, with the installed header (librdkafka, to prove a test right);
//! `CAPI_INCLUDE` with that, a directory of headers to use instead, and the library is linked itself: for what
//! the installed one has not (010x need it);
//! `CAPI_BUILT` our library, but another build of it (with a sanitizer);
//! `CAPI_CFLAGS` more compiler flags (`-fsanitize=address`);
//! `CAPI_WRAPPER` a command before the program (valgrind); `CAPI_SKIP` names to leave out;
//! `CAPI_DIVIDE`, `CAPI_PATIENCE`, `CAPI_MESSAGES` pass through to the programs.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

const SKIPPED: i32 = 77;

macro_rules! programs {
    ($($function:ident $name:literal)*) => {
        const PROGRAMS: &[&str] = &[$($name),*];
        $(#[test] fn $function() { run_program($name); })*
    };
}

programs! {
    c0001_version_errors "0001-version-errors"
    c0002_conf_set_get "0002-conf-set-get"
    c0003_new_bad_conf "0003-new-bad-conf"
    c0004_conf_objects "0004-conf-objects"
    c0005_defaults "0005-defaults"
    c0010_payload_ownership "0010-payload-ownership"
    c0011_producev "0011-producev"
    c0012_produce_batch "0012-produce-batch"
    c0013_headers "0013-headers"
    c0020_report_callbacks "0020-report-callbacks"
    c0021_report_events "0021-report-events"
    c0022_queues "0022-queues"
    c0023_flush "0023-flush"
    c0024_purge "0024-purge"
    c0025_queue_full "0025-queue-full"
    c0026_block "0026-block"
    c0027_max_block "0027-max-block"
    c0028_buffer_memory "0028-buffer-memory"
    c0029_adaptive "0029-adaptive"
    c0030_produce_errors "0030-produce-errors"
    c0031_message_accessors "0031-message-accessors"
    c0032_codecs "0032-codecs"
    c0033_batches "0033-batches"
    c0034_compression_threads "0034-compression-threads"
    c0040_partitioners "0040-partitioners"
    c0041_partitioner_callback "0041-partitioner-callback"
    c0042_sticky "0042-sticky"
    c0043_round_robin "0043-round-robin"
    c0050_order "0050-order"
    c0051_many_threads "0051-many-threads"
    c0060_unreachable "0060-unreachable"
    c0061_bad_brokers "0061-bad-brokers"
    c0070_callbacks_and_ends "0070-callbacks-and-ends"
    c0071_logs_and_errors "0071-logs-and-errors"
    c0072_processes "0072-processes"
    c0073_lifetimes "0073-lifetimes"
    c0074_null_arguments "0074-null-arguments"
    c0075_forks "0075-forks"
    c0076_ends "0076-ends"
    c0077_waits_in_callbacks "0077-waits-in-callbacks"
    c0080_threads "0080-threads"
    c0081_idle "0081-idle"
    c0090_many_messages "0090-many-messages"
    c0092_idempotence "0092-idempotence"
    c0093_idempotence_faults "0093-idempotence-faults"
    c0100_mock_cluster "0100-mock-cluster"
    c0101_mock_newer "0101-mock-newer"
    c0102_mock_errors "0102-mock-errors"
    c0103_mock_brokers "0103-mock-brokers"
    c0104_mock_threads "0104-mock-threads"
    c0110_statistics "0110-statistics"
    c0120_metadata "0120-metadata"
    c0130_not_supported "0130-not-supported"
    c0140_interceptors "0140-interceptors"
    c0141_plugins "0141-plugins"
    c0142_socket_callbacks "0142-socket-callbacks"
    c0143_debug_logs "0143-debug-logs"
    c0145_pause "0145-pause"
    c0146_background_ends "0146-background-ends"
}

#[test]
fn every_program_is_listed() {
    let mut found: Vec<String> = fs::read_dir(root().join("capi-tests"))
        .expect("capi-tests")
        .filter_map(|entry| entry.expect("entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".c").map(str::to_owned))
        .filter(|name| !name.starts_with("09"))
        .collect();
    found.sort();
    assert_eq!(found, PROGRAMS, "capi-tests/*.c and the list in tests/capi.rs differ");
}

/// A program compiled with librdkafka's own header and linked against its library prints the same
/// when `LD_LIBRARY_PATH` points at ours.
#[test]
fn same_output_as_librdkafka() {
    compare_with_librdkafka("0900-same-output");
}

#[test]
fn same_output_for_admin_objects() {
    compare_with_librdkafka("0901-same-output-admin");
}

#[test]
fn same_output_for_objects_without_a_handle() {
    compare_with_librdkafka("0902-same-output-objects");
}

#[test]
fn same_output_for_handles_queues_and_events() {
    compare_with_librdkafka("0903-same-output-calls");
}

fn compare_with_librdkafka(name: &str) {
    if is_left_out(name) {
        return;
    }
    let Some(header_dir) = system_header_dir() else {
        // Not a silent pass: `make check` installs librdkafka-dev before it runs this.
        println!(
            "skipped: librdkafka's own header is not installed (apt-get install librdkafka-dev)"
        );
        assert!(env::var_os("CAPI_REQUIRE_ALL").is_none(), "librdkafka-dev is required");
        return;
    };
    let program = out_dir().join(name);
    let mut cc = Command::new(compiler());
    cc.args(["-std=gnu11", "-Wall", "-Wno-deprecated-declarations", "-I"])
        .arg(header_dir)
        .arg("-o")
        .arg(&program);
    cc.arg(source_of(name)).args(["-lrdkafka", "-lpthread"]);
    expect_success("compile with librdkafka's header", &cc.output().expect("cc"));

    let theirs = Command::new(&program).output().expect("run on librdkafka");
    expect_success("on librdkafka", &theirs);
    let ours =
        Command::new(&program).env("LD_LIBRARY_PATH", library_dir()).output().expect("run on ours");
    expect_success("on librdkafka-oxide", &ours);
    let version = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!version(&theirs).contains("oxide"), "the first run was not librdkafka's");
    if env::var_os("CAPI_LIBRARY").is_none() {
        assert!(version(&ours).contains("oxide"), "the second run was not ours");
    }
    let (theirs, ours) =
        (String::from_utf8_lossy(&theirs.stdout), String::from_utf8_lossy(&ours.stdout));
    let differences: Vec<String> = theirs
        .lines()
        .zip(ours.lines())
        .filter(|(theirs, ours)| theirs != ours)
        .map(|(theirs, ours)| format!("  librdkafka: {theirs}\n  ours:       {ours}"))
        .collect();
    assert!(
        differences.is_empty(),
        "{} lines differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert_eq!(theirs.lines().count(), ours.lines().count(), "one output is longer");
    assert!(theirs.lines().count() > 100, "the program printed too little to mean anything");
}

/// The examples compile without a warning and run on the embedded cluster.
#[test]
fn examples_run_on_the_embedded_cluster() {
    for (name, arguments, expected) in [
        ("sync_send", &["-n", "5"][..], "5 sent"),
        ("async_send", &["-n", "2000"][..], "2000 delivered, 0 failed"),
        ("batch_send", &["-n", "2000"][..], "2000 delivered, 0 failed"),
        ("line_producer", &["-q"][..], "delivered, 0 failed"),
        ("mock_cluster", &["-n", "2", "-t", "t:3"][..], ",127.0.0.1:"),
    ] {
        let program = out_dir().join(name);
        let source = root().join("examples-c").join(format!("{name}.c"));
        let mut cc = compile_command(&source, &program);
        cc.args(["-Wextra", "-Werror"]);
        expect_success(name, &cc.output().expect("cc"));
        let input = fs::File::open(root().join("examples-c/sample.log")).expect("sample.log");
        let output = Command::new(&program)
            .args(arguments)
            .env("LD_LIBRARY_PATH", library_dir())
            .stdin(input)
            .output()
            .expect("run the example");
        expect_success(name, &output);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(expected), "{name} printed\n{text}");
    }
}

/// What producers of the library under test sent to a cluster of `rdkafka_mock.h`, another client reads back.
#[test]
fn kcat_reads_back_what_a_mock_cluster_took() {
    let compile = |name: &str| {
        let program = out_dir().join(format!("{name}-for-kcat"));
        let source = root().join("examples-c").join(format!("{name}.c"));
        expect_success(name, &compile_command(&source, &program).output().expect("cc"));
        let mut command = Command::new(program);
        command.env("LD_LIBRARY_PATH", library_dir());
        command
    };
    let mut cluster = compile("mock_cluster")
        .args(["-n", "3", "-t", "example:2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("run the cluster");
    let mut bootstraps = String::new();
    BufReader::new(cluster.stdout.take().expect("piped")).read_line(&mut bootstraps).expect("line");
    let bootstraps = bootstraps.trim();
    let sent = compile("sync_send").args(["-b", bootstraps, "-n", "50"]).output().expect("send");
    expect_success("sync_send", &sent);
    let output = Command::new("timeout")
        .args(["60", "kcat", "-q", "-b", bootstraps, "-C", "-t", "example", "-e"])
        .args(["-o", "beginning", "-f", "%k=%s\n"])
        .output()
        .expect("run kcat");
    // It ends with its standard input.
    drop(cluster.stdin.take());
    let ended = cluster.wait().expect("the cluster ends");
    expect_success("kcat (apt-get install kcat)", &output);
    assert!(ended.success(), "{ended}");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut read: Vec<&str> = text.lines().collect();
    read.sort_unstable();
    let mut expected: Vec<String> =
        (0..50).map(|i| format!("user-{}=message {i}", i % 100)).collect();
    expected.sort_unstable();
    assert_eq!(read, expected);
}

/// The example that the README shows, as it stands there.
#[test]
fn readme_example_runs() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let code = readme.split("```c\n").nth(1).and_then(|rest| rest.split("```").next());
    let source = out_dir().join("readme.c");
    fs::write(&source, code.expect("a C block in README.md")).expect("write the example");
    let program = out_dir().join("readme");
    let mut cc = compile_command(&source, &program);
    cc.arg("-Wno-unused-parameter");
    expect_success("compile the README's example", &cc.output().expect("cc"));
    let output =
        Command::new(&program).env("LD_LIBRARY_PATH", library_dir()).output().expect("run it");
    expect_success("the README's example", &output);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.matches("partition ").count(), 10, "it printed\n{text}");
}

fn is_left_out(name: &str) -> bool {
    let listed = |list: String| list.split_whitespace().any(|part| name.contains(part));
    let left_out = env::var("CAPI_SKIP").is_ok_and(listed);
    if left_out {
        println!("{name}: left out by CAPI_SKIP");
    }
    left_out
}

fn run_program(name: &str) {
    if is_left_out(name) {
        return;
    }
    let installed_header = is_set("CAPI_LIBRARY") && !is_set("CAPI_INCLUDE");
    if installed_header && name.starts_with("010") {
        println!("{name}: left out, the installed rdkafka_mock.h may be too old");
        return;
    }
    let program = out_dir().join(name);
    let mut cc = compile_command(&source_of(name), &program);
    expect_success(name, &cc.output().expect("run the C compiler"));

    let wrapper = env::var("CAPI_WRAPPER").unwrap_or_default();
    let mut words = wrapper.split_whitespace();
    let mut command = match words.next() {
        Some(first) => {
            let mut command = Command::new(first);
            command.args(words).arg(&program);
            command
        }
        None => Command::new(&program),
    };
    command.env("LD_LIBRARY_PATH", library_dir());
    command.env("CAPI_PLUGIN", root().join("capi-tests/plugins/interceptor.c"));
    command.env("CAPI_PLUGIN_FLAGS", format!("-I{}", root().join("include").display()));
    if env::var_os("CAPI_LIBRARY").is_none() {
        command.env("CAPI_EXPECT", "oxide");
    }
    let output = command.output().expect("run the test program");
    if output.status.code() == Some(SKIPPED) {
        print!("{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    expect_success(name, &output);
    print!("{}", String::from_utf8_lossy(&output.stdout));
}

fn expect_success(what: &str, output: &Output) {
    assert!(
        output.status.success(),
        "{what}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// `cc` for one program, against our header where it exists and our library.
fn compile_command(source: &Path, program: &Path) -> Command {
    let mut cc = Command::new(compiler());
    // Plugins find the program's functions.
    cc.args(["-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-rdynamic"]);
    if let Ok(flags) = env::var("CAPI_CFLAGS") {
        cc.args(flags.split_whitespace());
    }
    if let Some(headers) = env::var_os("CAPI_INCLUDE") {
        cc.arg("-I").arg(headers).arg("-Wl,--allow-shlib-undefined");
    } else if !is_set("CAPI_LIBRARY") {
        cc.arg("-I").arg(root().join("include"));
    }
    cc.arg(source).arg("-o").arg(program);
    // With the installed header the installed librdkafka is linked, and LD_LIBRARY_PATH alone decides.
    if !is_set("CAPI_LIBRARY") || is_set("CAPI_INCLUDE") {
        cc.arg("-L").arg(library_dir());
    }
    cc.args(["-lrdkafka", "-lpthread", "-ldl"]);
    cc
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some()
}

/// The name that a program linked with the library will look for.
fn soname(library: &Path) -> Option<String> {
    let output = Command::new("readelf").arg("-d").arg(library).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().find(|line| line.contains("(SONAME)"))?;
    Some(line.split('[').nth(1)?.trim_end_matches(']').to_owned())
}

fn compiler() -> OsString {
    env::var_os("CC").unwrap_or_else(|| "cc".into())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn source_of(name: &str) -> PathBuf {
    root().join("capi-tests").join(format!("{name}.c"))
}

fn system_header_dir() -> Option<&'static str> {
    ["/usr/include", "/usr/local/include"]
        .into_iter()
        .find(|dir| Path::new(dir).join("librdkafka/rdkafka.h").exists())
}

/// Where the compiled programs go: one directory per run, so that runs do not meet.
fn out_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| fresh_dir("programs"))
}

/// A directory in which the library has the names that the loader and the linker look for.
fn library_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let library = env::var_os("CAPI_LIBRARY").map_or_else(built_library, PathBuf::from);
        assert!(library.exists(), "{} is missing", library.display());
        let dir = fresh_dir("library");
        let mut names = vec!["librdkafka.so".to_owned(), "librdkafka.so.1".to_owned()];
        names.extend(soname(&library).filter(|name| name != "librdkafka.so.1"));
        for name in names {
            std::os::unix::fs::symlink(&library, dir.join(name)).expect("link to the library");
        }
        dir
    })
}

/// Cargo builds the cdylib next to this test's own executable.
fn built_library() -> PathBuf {
    if let Some(path) = env::var_os("CAPI_BUILT") {
        return PathBuf::from(path);
    }
    let exe = env::current_exe().expect("path of the test executable");
    exe.with_file_name("librdkafka.so")
}

/// Also clears what earlier runs, whose processes are gone, left.
fn fresh_dir(kind: &str) -> PathBuf {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for entry in fs::read_dir(base).expect("target/tmp").flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        let pid = name.strip_prefix("capi-").and_then(|rest| rest.split('-').next());
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
    let dir = base.join(format!("capi-{}-{kind}", std::process::id()));
    fs::create_dir_all(&dir).expect("make a directory");
    dir
}
