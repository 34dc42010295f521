//! The mock cluster as real librdkafka sees it: kcat produces to the broker program and reads back from it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

/// The broker program; it ends when its standard input closes.
struct Broker {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    bootstrap_servers: String,
}

impl Broker {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_oxide-mock-broker"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("broker program starts");
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("bootstrap servers");
        Self { child, stdin, stdout, bootstrap_servers: line.trim().to_owned() }
    }

    /// Ends the broker and returns its line of JSON.
    fn finish(mut self) -> String {
        drop(self.stdin.take());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("counters");
        assert!(self.child.wait().expect("ends").success());
        rest
    }

    fn kcat(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new("timeout")
            .args(["60", "kcat", "-q", "-X", "message.timeout.ms=20000"])
            .args(["-b", &self.bootstrap_servers])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("timeout starts");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(input).expect("kcat is installed (apt-get install kcat) and reads");
        drop(stdin);
        let output = child.wait_with_output().expect("ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kcat {args:?}: {} {stderr}", output.status);
        output
    }

    fn consume(&self, topic: &str, partition: &str, format: &[&str]) -> Vec<u8> {
        let mut args = vec!["-C", "-t", topic, "-p", partition, "-o", "beginning", "-e"];
        args.extend_from_slice(format);
        self.kcat(&args, b"").stdout
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // Already ended unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn count(json: &str, name: &str) -> u64 {
    let at = json.find(&format!("\"{name}\":")).expect("counted") + name.len() + 3;
    let digits: String = json[at..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}

#[test]
fn every_codec_reads_back_as_it_was_produced() {
    let broker = Broker::start(&["--brokers", "3", "--retention-bytes", "100000000"]);
    let lines: String =
        (0..30_000).map(|i| format!("line {i} of a text that compresses\n")).collect();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("codec-{codec}");
        let settings = format!("compression.codec={codec}");
        broker.kcat(&["-P", "-t", &topic, "-p", "2", "-X", &settings], lines.as_bytes());
        assert!(broker.consume(&topic, "2", &[]) == lines.as_bytes(), "{codec}");
    }
    let json = broker.finish();
    assert_eq!((count(&json, "records"), count(&json, "refused")), (150_000, 0), "{json}");
    // Five times the text uncompressed: only one codec sent it as it is.
    assert!(count(&json, "bytes") < 3 * lines.len() as u64, "{json}");
}

#[test]
fn keys_headers_empty_values_and_offsets_read_back() {
    let broker = Broker::start(&["--brokers", "2", "--partitions", "2"]);
    let produce =
        ["-P", "-t", "t", "-p", "1", "-K:", "-Z", "-H", "one=1", "-H", "two=", "-H", "one=3"];
    broker.kcat(&produce, b"key:value\n:no key\nno value:\n");
    let read = broker.consume("t", "1", &["-f", "%o|%k|%K|%s|%S|%h|%p\n"]);
    let expected = "0|key|3|value|5|one=1,two=,one=3|1\n\
                    1||-1|no key|6|one=1,two=,one=3|1\n\
                    2|no value|8||-1|one=1,two=,one=3|1\n";
    assert_eq!(String::from_utf8_lossy(&read), expected);
    let metadata = broker.kcat(&["-L"], b"").stdout;
    let metadata = String::from_utf8_lossy(&metadata);
    assert!(metadata.contains("2 brokers:") && metadata.contains("topic \"t\" with 2 partitions"));
}

/// Times and offsets to begin at: ListOffsets in all its forms, and a Fetch that begins within a batch.
#[test]
#[allow(clippy::disallowed_methods, reason = "kcat stamps its messages with the time of day")]
fn consumers_begin_at_a_time_or_count_from_the_end() {
    let broker = Broker::start(&["--brokers", "1", "--partitions", "1"]);
    let produce = |lines: &[u8]| {
        broker.kcat(&["-P", "-t", "t", "-p", "0", "-X", "linger.ms=50"], lines);
    };
    produce(b"a\nb\nc\n");
    std::thread::sleep(std::time::Duration::from_millis(5));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("clock");
    let between_ms = now.as_millis();
    std::thread::sleep(std::time::Duration::from_millis(5));
    produce(b"d\ne\n");
    let read = |offset: &str| {
        let read = broker.kcat(&["-C", "-t", "t", "-p", "0", "-e", "-o", offset], b"").stdout;
        String::from_utf8(read).expect("UTF-8").replace('\n', "")
    };
    assert_eq!(read("beginning"), "abcde");
    assert_eq!(read("1"), "bcde");
    assert_eq!(read("-3"), "cde");
    assert_eq!(read("end"), "");
    assert_eq!(read(&format!("s@{between_ms}")), "de");
    assert_eq!(read("s@1"), "abcde");
    let last_ms = between_ms + 3_600_000;
    assert_eq!(read(&format!("s@{last_ms}")), "", "no record is that late: from the end");
}

#[test]
fn an_idempotent_producer_and_a_consumer_that_waits_for_it() {
    let broker = Broker::start(&["--brokers", "3", "--rtt-ms", "5"]);
    // A consumer does not create topics.
    broker.kcat(&["-P", "-t", "t", "-p", "0"], b"first\n");
    let waiting = Command::new("timeout")
        .args(["60", "kcat", "-q", "-b", &broker.bootstrap_servers])
        .args(["-C", "-t", "t", "-p", "0", "-o", "beginning", "-c", "1001"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("timeout starts");
    let lines: String = (0..1000).map(|i| format!("{i}\n")).collect();
    let idempotent = ["-X", "enable.idempotence=true", "-X", "batch.num.messages=10"];
    let produce = [&["-P", "-t", "t", "-p", "0"][..], &idempotent].concat();
    broker.kcat(&produce, lines.as_bytes());
    let read = waiting.wait_with_output().expect("ends");
    assert!(read.stdout == format!("first\n{lines}").as_bytes());
    let json = broker.finish();
    assert_eq!((count(&json, "records"), count(&json, "duplicates")), (1001, 0), "{json}");
}

#[test]
fn the_oldest_records_expire_and_a_sink_keeps_none() {
    let broker = Broker::start(&["--retention-bytes", "20000", "--validate", "crc"]);
    let lines: String = (0..5000).map(|i| format!("{i:>20}\n")).collect();
    let small = ["-X", "batch.num.messages=100"];
    broker.kcat(&[&["-P", "-t", "t", "-p", "0"][..], &small].concat(), lines.as_bytes());
    let read = broker.consume("t", "0", &[]);
    assert!(!read.is_empty() && read.len() <= 20_000, "{}", read.len());
    assert!(lines.as_bytes().ends_with(&read));
    let sink = Broker::start(&["--retention-bytes", "0"]);
    sink.kcat(&["-P", "-t", "t", "-p", "0"], lines.as_bytes());
    assert_eq!(sink.consume("t", "0", &[]), b"");
    assert_eq!(count(&sink.finish(), "records"), 5000);
}

#[test]
fn the_port_file_holds_the_bootstrap_servers_and_sigterm_ends_the_program() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mock_kcat_ports");
    let broker = Broker::start(&["--port-file", path.to_str().expect("UTF-8")]);
    let mut ports = String::new();
    File::open(&path).expect("written").read_to_string(&mut ports).expect("readable");
    assert_eq!(ports.trim(), broker.bootstrap_servers);
    let pid = broker.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    let mut broker = broker;
    let mut json = String::new();
    broker.stdout.read_to_string(&mut json).expect("counters");
    assert_eq!(count(&json, "records"), 0);
    assert!(broker.child.wait().expect("ends").success());
}

#[test]
fn a_leader_changes_once_after_the_first_record_and_the_end_tells_when() {
    for (kind, left) in [("move", 3), ("down", 2)] {
        let broker = Broker::start(&["--brokers", "3", "--partitions", "1", "--failover", kind]);
        let leader = || {
            let metadata = broker.kcat(&["-L", "-t", "t"], b"").stdout;
            let metadata = String::from_utf8_lossy(&metadata).into_owned();
            metadata.split("leader ").nth(1).map(|rest| rest[..1].to_owned()).expect("a leader")
        };
        let produce = ["-P", "-t", "t", "-p", "0", "-X", "topic.metadata.refresh.interval.ms=100"];
        let before = leader();
        broker.kcat(&produce, b"to the first leader\n");
        while leader() == before {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        broker.kcat(&produce, b"to the second leader\n");
        let up = broker.bootstrap_servers.split(',');
        let up = up.filter(|address| std::net::TcpStream::connect(address).is_ok()).count();
        assert_eq!(up, left, "{kind}");
        let json = broker.finish();
        assert_eq!(count(&json, "records"), 2, "{json}");
        let (new_leader, first_append) =
            (count(&json, "new_leader_unix_us"), count(&json, "first_append_unix_us"));
        assert!(new_leader > 0 && first_append >= new_leader, "{json}");
    }
}
