//! The loop's own behaviour: when it sleeps, when it wakes, how it ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};

use parking_lot::Mutex;

use super::*;
use crate::io::{IoThread, Waker};
use crate::mock::{MockOptions, MockServer};
use crate::producer::action::{Notice, TopicId};
use crate::producer::batch::{Batch, FreshChunks, NewMessage};
use crate::producer::config::{Details, Settings, TopicSettings};
use crate::producer::core::{BatchSource, Head};
use crate::record::compress::Codec;

#[derive(Default)]
struct Seen {
    turns: AtomicUsize,
    sleeps: AtomicUsize,
    last_turn_us: AtomicU64,
    stop: AtomicBool,
    panic: AtomicBool,
    hang: AtomicBool,
    input_waits: AtomicUsize,
    panic_text: Mutex<String>,
    dropped: AtomicBool,
}

struct TestHost(Arc<Seen>);

impl BatchSource for TestHost {
    fn head(&self, _topic: TopicId, _partition: i32) -> Option<Head> {
        None
    }
    fn take(&mut self, _topic: TopicId, _partition: i32) -> Option<Batch> {
        None
    }
}

impl Host for TestHost {
    fn poll_input(&mut self, _core: &mut Core, now_us: u64) -> bool {
        self.0.turns.fetch_add(1, SeqCst);
        self.0.last_turn_us.store(now_us, SeqCst);
        assert!(!self.0.panic.load(SeqCst), "broken {}", "host");
        while self.0.hang.load(SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        !self.0.stop.load(SeqCst)
    }
    fn handle_notice(&mut self, _notice: Notice, _now_us: u64) {}
    fn prepare_sleep(&mut self, _deadline_us: u64, _held: bool) -> bool {
        let waiting = self.0.input_waits.load(SeqCst);
        if waiting > 0 {
            self.0.input_waits.store(waiting - 1, SeqCst);
            return false;
        }
        self.0.sleeps.fetch_add(1, SeqCst);
        true
    }
    fn finish_sleep(&mut self) {}
    fn handle_panic(&mut self, message: &str) {
        message.clone_into(&mut self.0.panic_text.lock());
    }
}

impl Drop for TestHost {
    fn drop(&mut self) {
        self.0.dropped.store(true, SeqCst);
    }
}

fn start() -> (IoThread, Waker, Arc<Seen>) {
    let (poller, seen) = (Poller::new().unwrap(), Arc::new(Seen::default()));
    let waker = poller.waker();
    let host = TestHost(Arc::clone(&seen));
    let thread = IoThread::start("rdk:main", poller, test_core(), host, IoOptions::default());
    (thread.unwrap(), waker, seen)
}

fn wait_until(done: impl Fn() -> bool) {
    let clock = Clock::new();
    let end_us = clock.now_us() + 5_000_000;
    while !done() {
        assert!(clock.now_us() < end_us, "it never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_idle_loop_makes_no_turns_and_a_wake_makes_one_at_once() {
    let (thread, waker, seen) = start();
    wait_until(|| seen.sleeps.load(SeqCst) > 0);
    std::thread::sleep(Duration::from_millis(20));
    let (turns, clock) = (seen.turns.load(SeqCst), Clock::new());
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(seen.turns.load(SeqCst), turns);
    let mut latencies_us = Vec::new();
    for i in 1..=50 {
        let woken_us = clock.now_us();
        waker.wake();
        wait_until(|| seen.sleeps.load(SeqCst) >= turns + i);
        latencies_us.push(seen.last_turn_us.load(SeqCst).saturating_sub(woken_us));
        assert_eq!(seen.turns.load(SeqCst), turns + i);
    }
    latencies_us.sort_unstable();
    println!("wake latency: median {} us", latencies_us[25]);
    assert!(latencies_us[25] < 20_000, "{latencies_us:?}");
    seen.stop.store(true, SeqCst);
    waker.wake();
    assert!(thread.join(Duration::from_secs(5)));
    assert!(seen.dropped.load(SeqCst));
    assert!(seen.panic_text.lock().is_empty());
    waker.wake();
}

#[test]
fn input_found_before_the_wait_makes_another_turn_without_a_wake() {
    let (thread, waker, seen) = start();
    wait_until(|| seen.sleeps.load(SeqCst) > 0);
    let turns = seen.turns.load(SeqCst);
    seen.input_waits.store(10, SeqCst);
    waker.wake();
    wait_until(|| seen.turns.load(SeqCst) >= turns + 11);
    seen.stop.store(true, SeqCst);
    waker.wake();
    assert!(thread.join(Duration::from_secs(5)));
}

#[test]
fn a_panic_is_told_to_the_host_and_ends_the_thread() {
    let (thread, waker, seen) = start();
    wait_until(|| seen.sleeps.load(SeqCst) > 0);
    seen.panic.store(true, SeqCst);
    waker.wake();
    assert!(thread.join(Duration::from_secs(5)));
    assert_eq!(*seen.panic_text.lock(), "broken host");
    assert!(seen.dropped.load(SeqCst));
}

#[test]
fn a_join_gives_up_at_its_deadline() {
    let (thread, waker, seen) = start();
    wait_until(|| seen.sleeps.load(SeqCst) > 0);
    seen.hang.store(true, SeqCst);
    waker.wake();
    assert!(!thread.join(Duration::from_millis(50)));
    seen.stop.store(true, SeqCst);
    seen.hang.store(false, SeqCst);
    wait_until(|| seen.dropped.load(SeqCst));
}

fn test_core() -> Core {
    core_with(Vec::new())
}

fn core_with(bootstrap: Vec<(String, u16)>) -> Core {
    let settings = Settings {
        client_id: "io-test".to_owned(),
        details: Details::default(),
        bootstrap,
        message_max_bytes: 1_000_000,
        in_flight_requests_max: 5,
        in_flight_batches_per_partition_max: 5,
        metadata_refresh_interval_us: 0,
        metadata_refresh_fast_interval_us: 100_000,
        metadata_propagation_max_us: 30_000_000,
        rebootstrap_trigger_us: None,
        socket_timeout_us: 60_000_000,
        connection_setup_timeout_us: 30_000_000,
        reconnect_backoff_us: 100_000,
        reconnect_backoff_max_us: 1_000_000,
        connections_idle_max_us: 0,
        broker_address_ttl_us: 1_000_000,
        linger_us: 0,
        retries_max: 10,
        retry_backoff_us: 100_000,
        retry_backoff_max_us: 1_000_000,
        compression_inline_max_bytes: 8 << 10,
        address_families: (true, true),
        adaptive: None,
        idempotence: None,
        error_text: |error| error.to_string(),
        debug: crate::conf::DebugContexts(0),
        resolve_all: false,
        watch_broker_states: false,
        watch_requests: false,
    };
    Core::new(settings, 1, Clock::new().now_us())
}

/// One batch at a time for partition 0 of one topic; keeps what is reported.
#[derive(Default)]
struct OneTopic {
    batches: VecDeque<Batch>,
    known: bool,
    reports: Vec<(i32, i64)>,
    commands: Vec<Command>,
    panicked: bool,
    /// Sleeps with data held back.
    holds: usize,
}

enum Command {
    Topic,
    Batch(Box<Batch>),
    Stop,
    Panic,
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<OneTopic>>);

impl BatchSource for Shared {
    fn head(&self, _topic: TopicId, partition: i32) -> Option<Head> {
        let state = self.0.lock();
        let first = state.batches.front().filter(|_| partition == 0)?;
        Some(Head { first_enqueued_us: first.first_enqueued_us(), full: false })
    }
    fn take(&mut self, _topic: TopicId, _partition: i32) -> Option<Batch> {
        self.0.lock().batches.pop_front()
    }
}

impl Host for Shared {
    fn poll_input(&mut self, core: &mut Core, now_us: u64) -> bool {
        let commands = std::mem::take(&mut self.0.lock().commands);
        for command in commands {
            match command {
                Command::Topic => core.handle_topic(TopicId(0), "t", topic_settings(), now_us),
                Command::Batch(batch) => {
                    let head = Head { first_enqueued_us: batch.first_enqueued_us(), full: false };
                    self.0.lock().batches.push_back(*batch);
                    core.handle_ready(TopicId(0), 0, head, now_us);
                }
                Command::Stop => return false,
                Command::Panic => panic!("on command"),
            }
        }
        true
    }
    fn handle_notice(&mut self, notice: Notice, _now_us: u64) {
        match notice {
            Notice::Report(report) => {
                self.0.lock().reports.push((report.error, report.base_offset));
            }
            Notice::TopicPartitions { .. } => self.0.lock().known = true,
            _ => {}
        }
    }
    fn may_hold(&self) -> bool {
        true
    }
    fn prepare_sleep(&mut self, deadline_us: u64, held: bool) -> bool {
        let mut state = self.0.lock();
        state.holds += usize::from(held && deadline_us < u64::MAX);
        state.commands.is_empty()
    }
    fn finish_sleep(&mut self) {}
    fn handle_panic(&mut self, _message: &str) {
        self.0.lock().panicked = true;
    }
}

fn topic_settings() -> TopicSettings {
    TopicSettings {
        acks: -1,
        request_timeout_ms: 30_000,
        message_timeout_us: 300_000_000,
        codec: Codec::Zstd,
        compression_level: 12,
    }
}

fn one_message() -> Batch {
    batch_of(1)
}

fn batch_of(count: usize) -> Batch {
    filled(count, b"value")
}

fn filled(count: usize, value: &[u8]) -> Batch {
    let clock = Clock::new();
    let message = NewMessage {
        key: None,
        value: Some(value),
        headers: std::iter::empty(),
        timestamp_ms: clock.wall_ms(),
        enqueued_us: clock.now_us(),
        opaque: 1,
        tag: 0,
        borrowed_value: 0,
    };
    let mut batch = Batch::default();
    for _ in 0..count {
        batch.append(&message, &mut FreshChunks);
    }
    batch
}

/// A loop with a real core and a cluster that knows the topic.
fn start_with_cluster() -> (IoThread, Waker, Shared, MockServer) {
    let mock = MockServer::start(&MockOptions { brokers: 1, ..MockOptions::default() }).unwrap();
    assert!(mock.create_topic("t", 1, 1));
    let (_, port) = mock.bootstrap_servers().rsplit_once(':').unwrap();
    let core = core_with(vec![("localhost".to_owned(), port.parse().unwrap())]);
    let (poller, shared) = (Poller::new().unwrap(), Shared::default());
    let waker = poller.waker();
    shared.0.lock().commands.push(Command::Topic);
    let host = shared.clone();
    let thread = IoThread::start("rdk:main", poller, core, host, IoOptions::default()).unwrap();
    wait_until(|| shared.0.lock().known);
    (thread, waker, shared, mock)
}

fn send(shared: &Shared, waker: &Waker, command: Command) {
    shared.0.lock().commands.push(command);
    waker.wake();
}

#[test]
fn batches_reach_a_cluster_over_sockets_and_are_reported() {
    let (thread, waker, shared, _mock) = start_with_cluster();
    for i in 0..20 {
        send(&shared, &waker, Command::Batch(Box::new(one_message())));
        wait_until(|| shared.0.lock().reports.len() > i);
    }
    let wanted: Vec<_> = (0..20).map(|offset| (0, offset)).collect();
    assert_eq!(shared.0.lock().reports, wanted);
    send(&shared, &waker, Command::Stop);
    assert!(thread.join(Duration::from_secs(5)));
}

#[test]
fn what_is_held_back_goes_out_without_a_further_wake_up() {
    let (thread, waker, shared, _mock) = start_with_cluster();
    let mut sent = 0;
    // The loop may be too slow to find anything left of the time to hold; not every time.
    while shared.0.lock().holds == 0 {
        for _ in 0..10 {
            send(&shared, &waker, Command::Batch(Box::new(batch_of(10))));
            sent += 1;
            wait_until(|| shared.0.lock().reports.len() == sent);
        }
    }
    let wanted: Vec<_> = (0..sent as i64).map(|batch| (0, 10 * batch)).collect();
    assert_eq!(shared.0.lock().reports, wanted);
    send(&shared, &waker, Command::Stop);
    assert!(thread.join(Duration::from_secs(5)));
}

#[test]
fn batches_in_flight_are_reported_when_the_loop_panics() {
    let (thread, waker, shared, mock) = start_with_cluster();
    send(&shared, &waker, Command::Batch(Box::new(one_message())));
    wait_until(|| shared.0.lock().reports.len() == 1);
    mock.set_broker_rtt_ms(1, 60_000);
    send(&shared, &waker, Command::Batch(Box::new(one_message())));
    std::thread::sleep(Duration::from_millis(50));
    send(&shared, &waker, Command::Panic);
    assert!(thread.join(Duration::from_secs(5)));
    let state = shared.0.lock();
    assert!(state.panicked);
    assert!(state.batches.is_empty());
    assert_eq!(state.reports.len(), 2);
    assert_ne!(state.reports[1].0, 0);
}

/// What takes some milliseconds to compress.
fn large_message() -> Batch {
    let numbers = (0..100_000u32).map(|number| number.wrapping_mul(2_654_435_761) >> 20);
    let value: Vec<u8> = numbers.flat_map(|number| number.to_string().into_bytes()).collect();
    filled(1, &value)
}

#[test]
fn batches_compressed_on_other_threads_arrive_in_order() {
    let (thread, waker, shared, _mock) = start_with_cluster();
    for _ in 0..5 {
        send(&shared, &waker, Command::Batch(Box::new(large_message())));
        send(&shared, &waker, Command::Batch(Box::new(one_message())));
    }
    wait_until(|| shared.0.lock().reports.len() == 10);
    let wanted: Vec<_> = (0..10).map(|offset| (0, offset)).collect();
    assert_eq!(shared.0.lock().reports, wanted);
    send(&shared, &waker, Command::Stop);
    assert!(thread.join(Duration::from_secs(5)));
}

#[test]
fn batches_being_compressed_are_reported_when_the_loop_panics() {
    let (thread, waker, shared, _mock) = start_with_cluster();
    for _ in 0..20 {
        send(&shared, &waker, Command::Batch(Box::new(large_message())));
    }
    wait_until(|| shared.0.lock().batches.len() < 20);
    send(&shared, &waker, Command::Panic);
    assert!(thread.join(Duration::from_secs(20)));
    let state = shared.0.lock();
    assert!(state.panicked && state.batches.is_empty());
    assert_eq!(state.reports.len(), 20);
    assert!(state.reports.iter().any(|report| report.0 != 0), "some had no time to be sent");
}
