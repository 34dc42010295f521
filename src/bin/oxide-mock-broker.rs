//! The mock cluster as a program: a sink for benchmarks, a broker for tests of other clients.
//!
//! Prints its bootstrap servers, runs until SIGTERM, SIGINT or, if its standard input is a pipe, the end of that; then
//! prints what it received as one line of JSON. The main thread waits; the cluster's thread does the work.

use rdkafka::mock::server::StopSignals;
use rdkafka::mock::{MockOptions, MockServer, Validation};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::process::ExitCode;
use std::sync::mpsc;

const USAGE: &str = "usage: oxide-mock-broker [--brokers N] [--partitions N] [--retention-bytes N] \
[--max-batch-bytes N] [--rtt-ms N] [--validate full|crc] [--port-file PATH]";

fn main() -> ExitCode {
    let stop = match StopSignals::block() {
        Ok(signals) => signals,
        Err(error) => return fail(&error.to_string()),
    };
    let (options, port_file) = match parse(std::env::args().skip(1)) {
        Ok(parsed) => parsed,
        Err(message) => return fail(&format!("{message}\n{USAGE}")),
    };
    match run(&options, port_file.as_deref(), stop) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("oxide-mock-broker: {message}");
    ExitCode::FAILURE
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<(MockOptions, Option<String>), String> {
    let mut options = MockOptions::default();
    let mut port_file = None;
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
            "--port-file" => port_file = Some(value),
            _ => return Err(format!("unknown option {name} {value}")),
        }
    }
    Ok((options, port_file))
}

fn run(options: &MockOptions, port_file: Option<&str>, stop: StopSignals) -> io::Result<()> {
    let server = MockServer::start(options)?;
    let mut stdout = io::stdout();
    if let Some(path) = port_file {
        // Renamed into place, so that whoever waits for the file never sees half of it.
        let unfinished = format!("{path}.tmp");
        std::fs::write(&unfinished, format!("{}\n", server.bootstrap_servers()))?;
        std::fs::rename(&unfinished, path)?;
    }
    writeln!(stdout, "{}", server.bootstrap_servers())?;
    stdout.flush()?;
    wait_for_end(stop);
    let counters = server.call(|network| network.cluster().counters).unwrap_or_default();
    writeln!(
        stdout,
        "{{\"records\":{},\"batches\":{},\"bytes\":{},\"crc_errors\":{},\"refused\":{},\
         \"duplicates\":{},\"produce_requests\":{},\"requests\":{},\"cpu_us\":{}}}",
        counters.records,
        counters.batches,
        counters.bytes,
        counters.crc_errors,
        counters.refused,
        counters.duplicates,
        counters.produce_requests,
        counters.requests,
        cpu_us(),
    )
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
