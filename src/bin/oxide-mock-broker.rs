//! The mock cluster as a program: a sink for benchmarks, a broker for tests of other clients.
//!
//! Prints its bootstrap servers, runs until SIGTERM, SIGINT or, if its standard input is a pipe, the end of that; then
//! prints what it received as one line of JSON. The main thread waits; the cluster's thread does the work. On request
//! another one changes a leader once (`--failover`), and the line of JSON tells when, and when records came again.

use rdkafka::mock::server::StopSignals;
use rdkafka::mock::{MockOptions, MockServer, Validation};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const USAGE: &str = "usage: oxide-mock-broker [--brokers N] [--partitions N] [--retention-bytes N] \
[--max-batch-bytes N] [--rtt-ms N] [--validate full|crc] [--port-file PATH] \
[--failover move|down] [--failover-after-ms N] [--election-ms N]

--failover changes the leader of the first topic's first partition, and of all others that the same broker leads, that
long after the first record: it moves, or its broker goes down first and --election-ms pass until there is a new one.";

/// What the command line says.
#[derive(Default)]
struct Settings {
    cluster: MockOptions,
    port_file: Option<String>,
    failover: Failover,
}

/// One change of leader.
#[derive(Clone, Copy, Default)]
struct Failover {
    kind: FailoverKind,
    /// From the first record on.
    after_ms: u64,
    /// With a broker that goes down: until there is a new leader.
    election_ms: u64,
}

/// When it happened; 0 before.
#[derive(Default)]
struct FailoverSeen {
    new_leader_unix_us: AtomicU64,
    /// Records before that.
    records_before: AtomicU64,
    first_append_unix_us: AtomicU64,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum FailoverKind {
    #[default]
    None,
    Move,
    Down,
}

fn main() -> ExitCode {
    let stop = match StopSignals::block() {
        Ok(signals) => signals,
        Err(error) => return fail(&error.to_string()),
    };
    let settings = match parse(std::env::args().skip(1)) {
        Ok(parsed) => parsed,
        Err(message) => return fail(&format!("{message}\n{USAGE}")),
    };
    match run(&settings, stop) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("oxide-mock-broker: {message}");
    ExitCode::FAILURE
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Settings, String> {
    let mut settings = Settings::default();
    let Settings { cluster: options, port_file, failover } = &mut settings;
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("{name}: value missing"))?;
        let bad = |_| format!("{name}: bad value {value}");
        match name.as_str() {
            "--brokers" => options.brokers = value.parse().map_err(bad)?,
            "--partitions" => options.default_partitions = value.parse().map_err(bad)?,
            "--retention-bytes" => options.retention_bytes = value.parse().map_err(bad)?,
            "--max-batch-bytes" => options.max_batch_bytes = value.parse().map_err(bad)?,
            "--rtt-ms" => options.rtt_ms = value.parse().map_err(bad)?,
            "--validate" if value == "full" => options.validation = Validation::Full,
            "--validate" if value == "crc" => options.validation = Validation::Crc,
            "--port-file" => *port_file = Some(value),
            "--failover" if value == "move" => failover.kind = FailoverKind::Move,
            "--failover" if value == "down" => failover.kind = FailoverKind::Down,
            "--failover-after-ms" => failover.after_ms = value.parse().map_err(bad)?,
            "--election-ms" => failover.election_ms = value.parse().map_err(bad)?,
            _ => return Err(format!("unknown option {name} {value}")),
        }
    }
    if failover.kind != FailoverKind::None && options.brokers < 2 {
        return Err("--failover: needs --brokers 2 or more".to_owned());
    }
    Ok(settings)
}

fn run(settings: &Settings, stop: StopSignals) -> io::Result<()> {
    let server = Arc::new(MockServer::start(&settings.cluster)?);
    let mut stdout = io::stdout();
    if let Some(path) = &settings.port_file {
        // Renamed into place, so that whoever waits for the file never sees half of it.
        let unfinished = format!("{path}.tmp");
        std::fs::write(&unfinished, format!("{}\n", server.bootstrap_servers()))?;
        std::fs::rename(&unfinished, path)?;
    }
    let seen = Arc::new(FailoverSeen::default());
    if settings.failover.kind != FailoverKind::None {
        let (server, seen, failover) = (Arc::clone(&server), Arc::clone(&seen), settings.failover);
        spawn(move || fail_over(&server, failover, &seen).unwrap_or_default());
    }
    writeln!(stdout, "{}", server.bootstrap_servers())?;
    stdout.flush()?;
    wait_for_end(stop);
    let counters = server.call(|network| network.cluster().counters).unwrap_or_default();
    seen.wait_for_append(counters.records);
    writeln!(
        stdout,
        "{{\"records\":{},\"batches\":{},\"bytes\":{},\"crc_errors\":{},\"refused\":{},\
         \"duplicates\":{},\"produce_requests\":{},\"requests\":{},\"cpu_us\":{},\
         \"new_leader_unix_us\":{},\"first_append_unix_us\":{}}}",
        counters.records,
        counters.batches,
        counters.bytes,
        counters.crc_errors,
        counters.refused,
        counters.duplicates,
        counters.produce_requests,
        counters.requests,
        cpu_us(),
        seen.new_leader_unix_us.load(Ordering::SeqCst),
        seen.first_append_unix_us.load(Ordering::SeqCst),
    )
}

impl FailoverSeen {
    /// The thread that watches for the first append may be a moment behind the counters: waits until it has seen what
    /// they say, for a second at most.
    fn wait_for_append(&self, records: u64) {
        let is_behind = || {
            self.new_leader_unix_us.load(Ordering::SeqCst) != 0
                && self.first_append_unix_us.load(Ordering::SeqCst) == 0
                && records > self.records_before.load(Ordering::SeqCst)
        };
        for _ in 0..1000 {
            if !is_behind() {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Changes the leader and waits for the first records after that; ends early with the cluster. With one partition these
/// are the new leader's.
fn fail_over(server: &MockServer, failover: Failover, seen: &FailoverSeen) -> Option<()> {
    while server.call(|network| network.cluster().counters.records)? == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(failover.after_ms));
    let old = server
        .call(|network| network.cluster().topics().first()?.partition(0).map(|p| p.leader))??;
    if failover.kind == FailoverKind::Down {
        server.set_broker_down(old);
        std::thread::sleep(Duration::from_millis(failover.election_ms));
    }
    let before = server.call(move |network| {
        let cluster = network.cluster_mut();
        let (topics, brokers) = (cluster.topics(), cluster.brokers().len());
        let led = topics.iter().flat_map(|topic| {
            let partitions = topic.partitions.iter().zip(0..);
            partitions.filter(|(p, _)| p.leader == old).map(|(_, at)| (topic.name.clone(), at))
        });
        let new = i32::try_from(brokers).map_or(old, |brokers| old % brokers + 1);
        for (topic, partition) in led.collect::<Vec<_>>() {
            cluster.set_leader(&topic, partition, new);
        }
        cluster.counters.records
    })?;
    seen.records_before.store(before, Ordering::SeqCst);
    seen.new_leader_unix_us.store(unix_us(), Ordering::SeqCst);
    while server.call(|network| network.cluster().counters.records)? == before {
        std::thread::sleep(Duration::from_micros(200));
    }
    seen.first_append_unix_us.store(unix_us(), Ordering::SeqCst);
    Some(())
}

/// The wall clock, which other programs on this machine can compare with theirs.
#[allow(clippy::disallowed_methods, reason = "a program's own clock")]
fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or_default()
}

/// Waits for one of the signals, or for the other side to close the pipe that is our standard input. Anything but a
/// pipe (a terminal, `/dev/null` in a script's background) says nothing about whether we are still wanted.
fn wait_for_end(stop: StopSignals) {
    let (ended, end) = mpsc::channel();
    if std::fs::metadata("/dev/stdin").is_ok_and(|stdin| stdin.file_type().is_fifo()) {
        let ended = ended.clone();
        spawn(move || {
            let (mut buffer, mut stdin) = ([0; 4096], io::stdin());
            while matches!(stdin.read(&mut buffer), Ok(len) if len > 0) {}
            let _ = ended.send(());
        });
    }
    spawn(move || {
        stop.wait();
        let _ = ended.send(());
    });
    let _ = end.recv();
}

/// A thread that ends with the process.
#[allow(clippy::disallowed_methods, reason = "a program's own helper, with its signals blocked")]
fn spawn(f: impl FnOnce() + Send + 'static) {
    std::thread::spawn(f);
}

/// CPU time of this process in microseconds, as exact as the kernel's clock ticks (10 ms); 0 if it is not told.
fn cpu_us() -> u64 {
    const TICK_US: u64 = 10_000;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field, the name in parentheses, may hold anything; user and system time are the 14th and 15th.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_ascii_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * TICK_US
}
