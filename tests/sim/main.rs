//! The simulator: the producer's real core against the real sans-IO mock brokers, in memory and virtual time. Everything is
//! drawn from one seed: settings, payloads, calls, delays, faults. Same seed, same history.
//!
//! `SIM_SEED=first SIM_SEEDS=n cargo test --test sim` runs n seeds from the first on (`make sim SEED=first SEEDS=n`).
//! `SIM_LINES=n` shows more of a failing seed's history. With the feature `planted-bugs`, `SIM_BUG=name` plants a bug.

#![allow(clippy::unwrap_used)]

mod app;
#[cfg(feature = "planted-bugs")]
mod bugs;
mod check;
mod faults;
mod link;
mod plan;
mod questions;
mod spoil;
mod world;

use plan::Plan;
use rdkafka::cluster::rng::Rng;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use world::{Trace, World};

const SEEDS_DEFAULT: u64 = 300;
/// Lines of history that are told; `SIM_LINES` asks for more.
const HISTORY_LINES_MAX: usize = 60;
/// Failing seeds that are told; a bug makes many of them.
const FAILURES_TOLD_MAX: usize = 5;

/// Seeds that found something when they were drawn, and what. What they draw may change: `src/producer/core/tests/found.rs` has
/// each for good.
const REGRESSIONS: &[(u64, &str)] = &[
    (95, "older leader epochs of a topic created anew"),
    (171, "a topic in error was looked for too rarely"),
    (223, "a broker that moved was spoken to at its old address"),
    (674, "a configured address was forgotten"),
    (3_977, "split after a fatal error"),
    (6_384, "metadata named partitions twice"),
    (7_030, "the only broker, once silent, was closed for being idle before it was asked again"),
    (13_785, "a timer lost when a topic failed"),
    (
        29_073,
        "purged in flight, appended over a connection that died unnoticed: a doubtful attempt",
    ),
    (218_156, "the same, looked for among many"),
    (132_181, "a question that ended while others were looked at"),
];

/// What a seed came to.
struct Outcome {
    hash: u64,
    messages: usize,
    virtual_us: u64,
    faults: BTreeMap<&'static str, u64>,
    failure: Option<String>,
}

fn run(seed: u64) -> Outcome {
    let mut rng = Rng::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let plan = Rc::new(Plan::draw(seed, &mut rng));
    let lines_max = from_env("SIM_LINES").map_or(HISTORY_LINES_MAX, |lines| lines as usize);
    let trace = Rc::new(RefCell::new(Trace { lines_max, ..Trace::default() }));
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(Rc::clone(&plan), rng, Rc::clone(&trace));
        world.run();
        if world.violations.is_empty() {
            world.check_end();
        }
        (world.violations, world.app.messages.len())
    }));
    let (violations, messages) = result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        (vec![format!("panic: {}", text.unwrap_or_default())], 0)
    });
    let trace = trace.borrow();
    let failure = (!violations.is_empty()).then(|| {
        let history: Vec<&str> = trace.lines.iter().map(String::as_str).collect();
        format!(
            "seed {seed}\n{plan:?}\n{}\nseed {seed} fails:\n  {}\nagain: SIM_SEED={seed} SIM_SEEDS=1 \
             cargo test --test sim seeds\n",
            history.join("\n"),
            violations.join("\n  ")
        )
    });
    let faults = trace.faults.clone();
    Outcome { hash: trace.hash, messages, virtual_us: trace.now_us, faults, failure }
}

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What many seeds came to.
#[derive(Default)]
struct Tally {
    messages: usize,
    virtual_us: u64,
    faults: BTreeMap<&'static str, u64>,
    failed: Vec<u64>,
}

/// Runs seeds on all processors; tells those that fail.
fn run_seeds(first: u64, count: u64) -> Tally {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let threads = from_env("SIM_THREADS").unwrap_or(threads).max(1);
    let next = AtomicU64::new(first);
    let tally = Mutex::new(Tally::default());
    let work = || {
        #[cfg(feature = "planted-bugs")]
        bugs::plant_from_env();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first.saturating_add(count)
                || tally.lock().unwrap().failed.len() >= FAILURES_TOLD_MAX
            {
                return;
            }
            let outcome = run(seed);
            let mut tally = tally.lock().unwrap();
            tally.messages += outcome.messages;
            tally.virtual_us += outcome.virtual_us;
            for (kind, count) in outcome.faults {
                *tally.faults.entry(kind).or_default() += count;
            }
            if let Some(failure) = outcome.failure {
                println!("{failure}");
                tally.failed.push(seed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    tally.into_inner().unwrap()
}

#[test]
fn seeds_keep_every_promise() {
    let first = from_env("SIM_SEED").unwrap_or(1);
    let count = from_env("SIM_SEEDS").unwrap_or(SEEDS_DEFAULT);
    #[expect(clippy::disallowed_methods, reason = "how fast virtual time passes")]
    let started = Instant::now();
    let tally = run_seeds(first, count);
    let (real_us, virtual_us) = (started.elapsed().as_micros() as u64, tally.virtual_us);
    println!(
        "{count} seeds from {first}: {} messages, {} s of virtual time in {} s ({}:1)",
        tally.messages,
        virtual_us / 1_000_000,
        real_us / 1_000_000,
        virtual_us / real_us.max(1)
    );
    for (kind, count) in &tally.faults {
        println!("{count:>12} {kind}");
    }
    assert!(tally.failed.is_empty(), "seeds that fail: {:?}", tally.failed);
}

#[test]
fn seeds_that_once_failed_keep_every_promise() {
    for &(seed, why) in REGRESSIONS {
        if let Some(failure) = run(seed).failure {
            panic!("{why}\n{failure}");
        }
    }
}

#[test]
fn the_same_seed_has_the_same_history() {
    let first = from_env("SIM_SEED").unwrap_or(1);
    for seed in (first..first + 2_000).step_by(100) {
        assert_eq!(run(seed).hash, run(seed).hash, "seed {seed}");
    }
}

#[test]
fn another_seed_has_another_history() {
    assert_ne!(run(1).hash, run(2).hash);
}
