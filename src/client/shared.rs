//! What a handle's application threads and its IO thread have in common. Topics hold it too, so that produce() needs nothing
//! but the topic.

use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use super::budget::Budget;
use super::cluster::KnownCluster;
use super::error;
use super::fork;
use super::hooks::{Hooks, Watched};
use super::inbox::{Command, Inbox};
use super::intake::BatchLimits;
use super::pool::ChunkPool;
use super::queue::{Op, Queue};
use super::room::ServeOp;
use crate::conf::{DebugContexts, ProducerConfig};
use crate::io::calls::SystemCalls;
use crate::io::clock::Clock;
use crate::producer::memory::Meter;

/// What becomes of delivery reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeliveryMode {
    /// Nobody wants them.
    #[default]
    None,
    /// They go to a callback, from poll() and flush().
    Callback,
    /// The application polls them as events.
    Event,
}

/// Receives log lines: syslog level, contexts of `debug` that it belongs to, facility, text. Runs on the thread that logs, mostly
/// the IO thread.
pub type LogSink = Box<dyn Fn(i32, DebugContexts, &str, &str) + Send + Sync>;

/// Wall-clock time out of the handle's clock, so that produce() reads one clock only.
#[derive(Debug, Default)]
struct WallClock {
    offset_us: AtomicI64,
    read_us: AtomicU64,
}

/// For how long the difference between the clocks is trusted: a step of the system's clock shows after that.
const WALL_OFFSET_AGE_MAX_US: u64 = 1_000_000;

impl WallClock {
    #[inline]
    fn at_ms(&self, now_us: u64) -> i64 {
        if now_us.wrapping_sub(self.read_us.load(Ordering::Relaxed)) > WALL_OFFSET_AGE_MAX_US {
            self.read(now_us);
        }
        match now_us as i64 + self.offset_us.load(Ordering::Relaxed) {
            // Without a sign it divides faster.
            wall_us @ 0.. => (wall_us as u64 / 1_000) as i64,
            wall_us => wall_us.div_euclid(1_000),
        }
    }

    #[cold]
    #[expect(clippy::disallowed_methods, reason = "time stamps of messages are wall-clock time")]
    fn read(&self, now_us: u64) {
        let wall_us = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => since.as_micros() as i64,
            Err(before) => -(before.duration().as_micros() as i64),
        };
        self.offset_us.store(wall_us - now_us as i64, Ordering::Relaxed);
        self.read_us.store(now_us, Ordering::Relaxed);
    }
}

/// See the module.
pub struct Shared {
    pub(super) name: CString,
    pub(super) config: ProducerConfig,
    pub(super) batch_limits: BatchLimits,
    pub(super) sticky_linger_us: u64,
    pub(super) budget: Budget,
    pub(super) pool: ChunkPool,
    pub(super) clock: Clock,
    wall: WallClock,
    pub(super) inbox: Inbox,
    pub(super) cluster: KnownCluster,
    pub(super) queue: Arc<Queue>,
    pub(super) log_queue: Arc<Queue>,
    pub(super) delivery: DeliveryMode,
    error_events: bool,
    throttle_events: bool,
    /// Between two reports; 0 for none.
    pub(super) statistics_interval_us: u64,
    log_sink: Option<LogSink>,
    pub(super) serve_op: Option<ServeOp>,
    /// `max.block.ms`, -1 for ever.
    pub(super) max_block_ms: i32,
    hooks: Option<Arc<dyn Hooks>>,
    pub(super) watched: Watched,
    pub(super) error_text: fn(i32) -> String,
    pub(super) handle_address: AtomicUsize,
    /// What calls return from now on; 0 while all is well, or [`SENDS_WATCHED`].
    blocked: AtomicI32,
    fatal: Mutex<Option<(i32, String)>>,
    generation: u32,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Which events the application wants, and where log lines go.
#[derive(Default)]
pub struct Options {
    /// Delivery reports: a callback goes before events.
    pub delivery: DeliveryMode,
    /// There is an error callback, or error events are enabled. Otherwise errors are logged.
    pub error_events: bool,
    /// There is a throttle callback, or throttle events are enabled.
    pub throttle_events: bool,
    /// Log lines, unless `log.queue` sends them to a queue.
    pub log_sink: Option<LogSink>,
    /// Serves events for `block.serve.reports.ms`.
    pub serve_op: Option<ServeOp>,
    /// Describes an `rd_kafka_resp_err_t` value.
    pub error_text: Option<fn(i32) -> String>,
    /// Interceptors.
    pub hooks: Option<Arc<dyn Hooks>>,
    /// Functions in place of the system's.
    pub calls: Option<Arc<dyn SystemCalls>>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("delivery", &self.delivery).finish_non_exhaustive()
    }
}

/// In the place of an error: all is well, and interceptors want to see messages, or their memory is counted.
pub(super) const SENDS_WATCHED: i32 = i32::MAX;

const LOG_EMERG: i32 = 0;
const LOG_ERR: i32 = 3;
const LOG_DEBUG: i32 = 7;

impl Shared {
    /// Of a handle with that name.
    pub fn new(name: CString, config: ProducerConfig, options: Options, inbox: Inbox) -> Self {
        let watched = options.hooks.as_ref().map(|hooks| hooks.watched()).unwrap_or_default();
        let is_watched = watched.sends || config.buffer_memory_bytes.is_some();
        Self {
            name,
            batch_limits: BatchLimits {
                size_bytes: config.batch_size_bytes.min(config.message_max_bytes),
                messages: config.batch_num_messages.max(1),
            },
            sticky_linger_us: config.sticky_partitioning_linger_ms * 1_000,
            budget: Budget::new(
                config.queue_buffering_max_messages,
                config.queue_buffering_max_bytes,
            ),
            pool: ChunkPool::with_meter(
                config.buffer_memory_bytes.map(|bytes| Arc::new(Meter::new(bytes))),
            ),
            clock: Clock::new(),
            wall: WallClock::default(),
            inbox,
            cluster: KnownCluster::default(),
            queue: Queue::new(),
            log_queue: Queue::new(),
            delivery: options.delivery,
            error_events: options.error_events,
            throttle_events: options.throttle_events,
            statistics_interval_us: config.statistics_interval_ms.saturating_mul(1_000),
            log_sink: options.log_sink,
            serve_op: options.serve_op,
            max_block_ms: config
                .max_block_ms
                .map_or(-1, |ms| i32::try_from(ms).unwrap_or(i32::MAX)),
            hooks: options.hooks,
            watched,
            error_text: options.error_text.unwrap_or(|error| format!("Err-{error}?")),
            handle_address: AtomicUsize::new(0),
            blocked: AtomicI32::new(if is_watched { SENDS_WATCHED } else { 0 }),
            fatal: Mutex::new(None),
            generation: fork::generation(),
            config,
        }
    }

    /// The handle's name.
    pub fn name(&self) -> &CStr {
        &self.name
    }

    /// The handle's configuration.
    pub fn config(&self) -> &ProducerConfig {
        &self.config
    }

    /// Wall-clock time at `now_us`, in milliseconds since 1970.
    #[inline]
    pub(super) fn wall_ms(&self, now_us: u64) -> i64 {
        self.wall.at_ms(now_us)
    }

    /// Whether this process is a fork of the handle's: then nothing of it may be used.
    #[inline]
    pub fn is_forked(&self) -> bool {
        self.generation != fork::generation()
    }

    /// Whether produce() may go on; else the error to return.
    #[inline]
    pub(super) fn check(&self) -> Result<(), i32> {
        if self.is_forked() {
            return Err(error::STATE);
        }
        match self.blocked.load(Ordering::Relaxed) {
            0 | SENDS_WATCHED => Ok(()),
            blocked => Err(blocked),
        }
    }

    /// The same, but [`SENDS_WATCHED`] where that is so: one look for all, on the hot path.
    #[inline]
    pub(super) fn check_unwatched(&self) -> Result<(), i32> {
        if self.is_forked() {
            return Err(error::STATE);
        }
        match self.blocked.load(Ordering::Relaxed) {
            0 => Ok(()),
            blocked => Err(blocked),
        }
    }

    /// The interceptors, if there are any.
    pub(super) fn hooks(&self) -> Option<&dyn Hooks> {
        self.hooks.as_deref()
    }

    /// Whether no report of this handle waits to be served, nor is being served. Other events don't count: who takes them
    /// wakes nobody.
    pub(super) fn only_sending_makes_room(&self) -> bool {
        !self.budget.is_serving()
            && (self.delivery == DeliveryMode::None || !self.queue.any(|op| self.is_own_report(op)))
    }

    /// The main queue may be forwarded to one that several handles share.
    fn is_own_report(&self, op: &Op) -> bool {
        matches!(op, Op::Report(batch) if std::ptr::eq(batch.topic().shared(), self))
    }

    /// A thread waits for room: has sent at once what lingers or is held back, where nothing else makes any.
    pub(super) fn hurry(&self) {
        if self.inbox.is_idle_asleep() && self.only_sending_makes_room() {
            self.inbox.wake();
        }
    }

    /// From now on produce() returns `error`, and who waits in it gives up. The first error stays.
    pub(super) fn block(&self, error: i32) {
        for well in [0, SENDS_WATCHED] {
            let _ = self.blocked.compare_exchange(well, error, Ordering::SeqCst, Ordering::SeqCst);
        }
        self.budget.notify();
    }

    /// The fatal error that was raised, and its reason.
    pub fn fatal_error(&self) -> Option<(i32, String)> {
        self.fatal.lock().clone()
    }

    /// Raises a fatal error: nothing can be produced any more, what is queued is purged. False if one was raised before.
    pub fn raise_fatal(&self, error: i32, reason: &str) -> bool {
        let text = format!("Fatal error: {}: {reason}", (self.error_text)(error));
        {
            let mut fatal = self.fatal.lock();
            if fatal.is_some() {
                return false;
            }
            *fatal = Some((error, reason.to_owned()));
        }
        self.block(error::FATAL);
        if self.error_events {
            self.log(LOG_EMERG, "FATAL", &text);
        }
        if self.error_events {
            self.queue.push(Op::Fatal { error, reason: reason.to_owned(), text });
        } else {
            self.log(LOG_ERR, "ERROR", &text);
        }
        self.inbox.command(Command::Fatal);
        true
    }

    /// Tells the application of an error: as an event if it wants those, else in the log.
    pub(super) fn error_event(&self, error: i32, reason: String) {
        if self.error_events {
            self.queue.push(Op::Error { error, reason });
        } else {
            self.log(LOG_ERR, "ERROR", &reason);
        }
    }

    /// Tells the application of throttling, if it wants to know.
    pub(super) fn throttle_event(&self, broker: String, broker_id: i32, throttle_ms: i32) {
        if self.throttle_events {
            self.queue.push(Op::Throttle { broker, broker_id, throttle_ms });
        }
    }

    /// Logs a line, if `log_level` lets it through.
    pub fn log(&self, level: i32, facility: &'static str, text: &str) {
        self.log_in(level, DebugContexts(0), facility, text);
    }

    /// Logs a line of `debug`, if any of its contexts is on.
    pub fn debug(&self, contexts: DebugContexts, facility: &'static str, text: &str) {
        if self.config.debug.has(contexts) {
            self.log_in(LOG_DEBUG, contexts, facility, text);
        }
    }

    fn log_in(&self, level: i32, contexts: DebugContexts, facility: &'static str, text: &str) {
        if level > self.config.log_level {
            return;
        }
        if self.config.log_queue {
            let (facility, text) = (facility.to_owned(), text.to_owned());
            self.log_queue.push(Op::Log { level, contexts, facility, text });
        } else if let Some(sink) = &self.log_sink {
            sink(level, contexts, facility, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_follows_the_handles_clock() {
        let (wall, clock) = (WallClock::default(), Clock::new());
        let before_ms = clock.wall_ms();
        let now_us = clock.now_us();
        let stamped_ms = wall.at_ms(now_us);
        assert!(stamped_ms >= before_ms && stamped_ms <= clock.wall_ms());
        assert_eq!(wall.at_ms(now_us + 500_000), wall.at_ms(now_us) + 500);
    }
}
