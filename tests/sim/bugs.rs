//! Whether the simulator can fail: each bug that can be planted in the core (`src/cluster/planted.rs`) must be caught, within the
//! number of seeds stated here. `make sim-bugs` prints the table.

use super::run;
use rdkafka::cluster::planted::{Bug, plant};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Seeds after which a bug counts as not caught: some ten times what it took, for the drawing may change.
fn seeds_max(bug: Bug) -> u64 {
    match bug {
        // Each needs much at once: a leader moves while its answers are late, a sequence is refused after a doubt.
        Bug::TwoLeaders | Bug::DoubtRetriedAnew => 30_000,
        Bug::PurgedForgotten
        | Bug::DoubtRenumbered
        | Bug::RetryBesideYounger
        | Bug::ExpiryTimerLost
        | Bug::FirstGateSkipped => 4_000,
        Bug::AnswerMismatched
        | Bug::SequenceReused
        | Bug::LeaderIgnored
        | Bug::RetryTimerLost
        | Bug::WakeUpLost
        | Bug::RetriableIsFinal
        | Bug::SplitLosesMessage
        | Bug::ExpiryForgetsRest => 1_000,
        _ => 500,
    }
}

/// Plants the bug that `SIM_BUG` names.
pub fn plant_from_env() {
    if let Ok(name) = std::env::var("SIM_BUG") {
        let bug = Bug::ALL.iter().find(|bug| format!("{bug:?}") == name);
        plant(Some(*bug.unwrap_or_else(|| panic!("no such bug: {name}"))));
    }
}

/// The first seed that fails because of the bug, and what it says.
fn catch(bug: Bug) -> Option<(u64, String)> {
    (1..=seeds_max(bug)).find_map(|seed| {
        plant(Some(bug));
        let failure = run(seed).failure;
        plant(None);
        // One that fails anyway has not caught this bug.
        let failure = failure.filter(|_| run(seed).failure.is_none())?;
        let said = failure.split_once("fails:\n").map_or("", |(_, said)| said);
        Some((seed, kind_of(said.lines().next().unwrap_or_default())))
    })
}

/// A violation without its numbers.
fn kind_of(said: &str) -> String {
    let mut kind = String::new();
    for c in said.trim().chars() {
        match c {
            '0'..='9' if kind.ends_with('#') => {}
            '0'..='9' => kind.push('#'),
            c => kind.push(c),
        }
    }
    kind
}

#[test]
fn every_planted_bug_is_caught() {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(&bug) = Bug::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let caught = catch(bug);
                    rows.lock().unwrap().push((bug, caught));
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|&(bug, _)| Bug::ALL.iter().position(|other| *other == bug));
    println!("| bug | caught after | of at most | by |\n|---|---|---|---|");
    let mut missed: Vec<Bug> = Vec::new();
    for (bug, caught) in &rows {
        let (seeds, said) = match caught {
            Some((seed, said)) => (seed.to_string(), said.as_str()),
            None => ("never".to_owned(), ""),
        };
        println!("| `{bug:?}` | {seeds} | {} | {said} |", seeds_max(*bug));
        missed.extend(caught.is_none().then_some(*bug));
    }
    assert_eq!(rows.len(), Bug::ALL.len());
    assert!(missed.is_empty(), "not caught: {missed:?}");
}
