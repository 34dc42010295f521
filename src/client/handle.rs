//! A producer handle: what C knows as `rd_kafka_t` is the address of a [`Client`] in its `Arc`.

use std::ffi::{CStr, CString};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::deadline::Deadline;
use super::error;
use super::fork;
use super::host::ClientHost;
use super::inbox::{Command, Completion, Inbox, Reply};
use super::produce::Message;
use super::queue::{Op, Queue, yield_requested};
use super::settings::settings;
use super::shared::{DeliveryMode, Options, Shared};
use super::topic::{CustomPartitioner, Topic};
use super::topic_map::TopicMap;
use crate::conf::{ProducerConfig, TopicConfig, parse_broker_list};
use crate::io::thread::is_io_thread;
use crate::io::{IoOptions, IoThread, Poller};
use crate::mock::options::MockOptions;
use crate::mock::server::MockServer;
use crate::producer::action::TopicId;
use crate::producer::core::Core;
use crate::producer::question::{Answer, Cluster, Question};
use crate::record::record::HeaderRef;
use crate::stats::Statistics;

/// Longest topic name.
pub const TOPIC_NAME_LEN_MAX: usize = 512;

/// `RD_KAFKA_PURGE_F_*`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurgeFlags(pub i32);

impl PurgeFlags {
    /// Messages not sent yet.
    pub const QUEUE: i32 = 1;
    /// Messages in flight.
    pub const IN_FLIGHT: i32 = 2;
    /// Return at once.
    pub const NON_BLOCKING: i32 = 4;
}

/// How long destroy waits for the IO thread, which has nothing to wait for itself.
const DESTROY_WAIT: Duration = Duration::from_secs(5);
/// How long a new handle waits until interceptors know of its thread.
const START_WAIT: Duration = Duration::from_secs(60);
/// How long a purge waits for the IO thread, which executes it within one turn.
const PURGE_WAIT: Duration = Duration::from_secs(60);
/// How much later than its deadline a question may be answered that there is no answer.
const ANSWER_GRACE: Duration = Duration::from_secs(1);
/// How long a report may take the IO thread, which makes it within one turn.
const REPORT_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);
/// flush() looks at the budget at least this often: reports served by other threads don't wake it.
const FLUSH_SLICE: Duration = Duration::from_millis(10);

fn wait_of(timeout_ms: i32) -> Duration {
    u64::try_from(timeout_ms).map_or(FOREVER, Duration::from_millis)
}

/// Numbers the handles of the process.
static HANDLE_NUMBER: AtomicUsize = AtomicUsize::new(0);
/// Handles not destroyed yet.
static LIVE: Mutex<Live> = Mutex::new(Live { generation: 0, count: 0 });
static LIVE_CHANGED: Condvar = Condvar::new();

/// A forked child starts without handles: those of its parent have no threads there.
struct Live {
    generation: u32,
    count: usize,
}

impl Live {
    fn here(&mut self) -> &mut usize {
        if self.generation != fork::generation() {
            *self = Live { generation: fork::generation(), count: 0 };
        }
        &mut self.count
    }
}

/// Number of threads that handles of this process run.
pub fn thread_count() -> usize {
    *LIVE.lock().here()
}

/// Waits until every handle of the process was destroyed, `timeout_ms` at most (negative: for ever). False on time-out.
pub fn wait_destroyed(timeout_ms: i32) -> bool {
    let deadline = Deadline::after_ms(timeout_ms);
    let mut live = LIVE.lock();
    loop {
        let left = match is_io_thread() {
            true => Duration::ZERO,
            false => deadline.remaining(Duration::from_secs(3600)),
        };
        if *live.here() == 0 || left.is_zero() {
            return *live.here() == 0;
        }
        LIVE_CHANGED.wait_for(&mut live, left);
    }
}

/// A topic's configuration where it is made.
pub struct TopicOptions {
    /// Its resolved configuration.
    pub config: TopicConfig,
    /// `partitioner_cb`
    pub partitioner: Option<CustomPartitioner>,
}

impl std::fmt::Debug for TopicOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TopicOptions").field("config", &self.config).finish_non_exhaustive()
    }
}

/// See the module.
#[derive(Debug)]
pub struct Client {
    shared: Arc<Shared>,
    topics: TopicMap,
    /// Number of topics; locked while one is added.
    topic_count: Mutex<u32>,
    io: Mutex<Option<IoThread>>,
    /// The embedded cluster of `test.mock.num.brokers`.
    mock: Mutex<Option<Arc<MockServer>>>,
    flushes: Mutex<usize>,
}

impl Client {
    /// Makes a handle and starts its IO thread. `config` comes from [`ProducerConfig::resolve`]. `announce` gets the handle
    /// before there is a thread that could log in its name.
    pub fn new(
        config: ProducerConfig,
        options: Options,
        announce: impl FnOnce(&Arc<Self>),
    ) -> Result<Arc<Self>, String> {
        let number = HANDLE_NUMBER.fetch_add(1, Ordering::Relaxed) + 1;
        let name = CString::new(format!("{}#producer-{number}", config.client_id))
            .map_err(|_| "client.id has a NUL byte".to_owned())?;
        let failed = |what: &str, error: &std::io::Error| format!("Failed to {what}: {error}");
        let poller = Poller::new().map_err(|error| failed("create poller", &error))?;
        let inbox = Inbox::new(poller.waker(), config.linger_us);
        let io_options = IoOptions { calls: options.calls.clone(), ..io_options(&config) };
        let mut core_settings = settings(&config);
        let mock = start_mock(&config)?;
        if let Some(mock) = &mock {
            let (brokers, _) = parse_broker_list(mock.bootstrap_servers(), "plaintext");
            core_settings.bootstrap = brokers.into_iter().map(|b| (b.host, b.port)).collect();
        }
        let shared = Arc::new(Shared::new(name, config, options, inbox));
        core_settings.error_text = shared.error_text;
        core_settings.resolve_all = io_options.calls.as_ref().is_some_and(|calls| calls.resolves());
        core_settings.watch_requests = shared.watched.requests;
        core_settings.watch_broker_states = shared.watched.broker_states;
        let client = Arc::new(Self {
            shared: Arc::clone(&shared),
            topics: TopicMap::new(),
            topic_count: Mutex::new(0),
            io: Mutex::new(None),
            mock: Mutex::new(mock),
            flushes: Mutex::new(0),
        });
        shared.handle_address.store(Arc::as_ptr(&client).addr(), Ordering::Release);
        announce(&client);
        let now_us = shared.clock.now_us();
        let mut core = Core::new(core_settings, super::sticky::random_seed(), now_us);
        if shared.statistics_interval_us > 0 {
            core.enable_statistics();
        }
        let started = shared.watched.threads.then(Arc::<Completion>::default);
        let mut host = ClientHost::new(Arc::clone(&shared));
        host.started.clone_from(&started);
        let io = IoThread::start("rdk:main", poller, core, host, io_options)
            .map_err(|error| failed("create thread", &error))?;
        *client.io.lock() = Some(io);
        *LIVE.lock().here() += 1;
        if let Some(started) = started {
            started.wait(START_WAIT);
        }
        Ok(client)
    }

    /// Logs what there is to say about a new handle; to be called once `capi` knows it by its name.
    pub fn log_start(&self) {
        const LOG_NOTICE: i32 = 5;
        if let Some(mock) = &*self.mock.lock() {
            let text = format!(
                "Mock cluster enabled: original bootstrap.servers and security.protocol ignored and replaced with {}",
                mock.bootstrap_servers()
            );
            self.shared.log(LOG_NOTICE, "MOCK", &text);
        }
    }

    /// The embedded cluster, if it has one and was not destroyed.
    pub fn mock(&self) -> Option<Arc<MockServer>> {
        self.mock.lock().clone()
    }

    /// Its name, such as `rdkafka#producer-1`.
    pub fn name_c(&self) -> &CStr {
        &self.shared.name
    }

    /// What topics and threads of the handle have in common: configuration, fatal error, log.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The configuration.
    pub fn config(&self) -> &ProducerConfig {
        &self.shared.config
    }

    /// Error if calls may not go on: in a forked child, or after destroy.
    fn check_process(&self) -> Result<(), i32> {
        if self.shared.is_forked() { Err(error::STATE) } else { Ok(()) }
    }

    /// Error if a call may not wait: also in a callback on the IO thread, which would wait for itself.
    fn check_wait(&self) -> Result<(), i32> {
        self.check_process()?;
        if is_io_thread() { Err(error::STATE) } else { Ok(()) }
    }

    /// The topic of that name, if the handle knows it.
    #[inline]
    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.topics.find(name)
    }

    /// The topic of that name, made with `options` if the handle does not know it.
    pub fn topic_or_create(
        &self,
        name: &str,
        options: impl FnOnce() -> TopicOptions,
    ) -> Result<&Arc<Topic>, i32> {
        self.check_process()?;
        if let Some(topic) = self.topic(name) {
            return Ok(topic);
        }
        let name_c = CString::new(name).map_err(|_| error::INVALID_ARG)?;
        if name.len() > TOPIC_NAME_LEN_MAX {
            return Err(error::INVALID_ARG);
        }
        let options = options();
        let mut count = self.topic_count.lock();
        if self.topic(name).is_none() {
            let (id, shared) = (TopicId(*count), Arc::clone(&self.shared));
            let topic = Topic::new(id, name_c, options.config, options.partitioner, shared);
            let topic = Arc::new(topic);
            *count = count.checked_add(1).ok_or(error::INVALID_ARG)?;
            self.topics.add(Arc::clone(&topic));
            // Under the lock, so that ids reach the IO thread in order.
            self.shared.inbox.command(Command::Topic(topic));
        }
        self.topic(name).ok_or(error::INVALID_ARG)
    }

    /// Takes a message into the queue: [`Topic::produce`].
    #[inline]
    pub fn produce<'h, H: Iterator<Item = HeaderRef<'h>> + Clone>(
        &self,
        topic: &Topic,
        message: &Message<'_, H>,
    ) -> Result<(), i32> {
        topic.produce(message)
    }

    /// The queue with delivery reports, errors and so on.
    pub fn queue(&self) -> &Arc<Queue> {
        &self.shared.queue
    }

    /// The queue with log lines, used if `log.queue` is set.
    pub fn log_queue(&self) -> &Arc<Queue> {
        &self.shared.log_queue
    }

    /// Serves the main queue: [`Queue::serve`].
    pub fn poll(
        &self,
        timeout_ms: i32,
        serve: &mut dyn FnMut(&mut Op) -> ControlFlow<()>,
    ) -> usize {
        if self.shared.is_forked() {
            return 0;
        }
        self.shared.queue.serve(timeout_ms, serve)
    }

    /// Messages not reported yet, plus events not served yet.
    pub fn outq_len(&self) -> usize {
        if self.shared.is_forked() {
            return 0;
        }
        self.shared.budget.held().messages as usize + self.shared.queue.len()
    }

    /// Adds bootstrap brokers.
    pub fn add_brokers(&self, addresses: Vec<(String, u16)>) {
        if !self.shared.is_forked() {
            self.shared.inbox.command(Command::Brokers(addresses));
        }
    }

    /// Stops sending what is produced to a partition, or goes on. False if there is no such partition, as far as known.
    pub fn pause(&self, name: &str, partition: i32, paused: bool) -> bool {
        let known = |topic: &&Arc<Topic>| (0..topic.partition_count()).contains(&partition);
        let Some(topic) = self.topic(name).filter(known) else { return false };
        self.shared.inbox.command(Command::Pause { topic: topic.id, partition, paused });
        true
    }

    /// Waits until nothing is outstanding, `timeout_ms` at most (negative: for ever); meanwhile nothing lingers. Serves the
    /// main queue, unless the application takes its delivery reports as events. 0, `RD_KAFKA_RESP_ERR__TIMED_OUT`, or
    /// `RD_KAFKA_RESP_ERR__STATE` on a thread that must not wait.
    pub fn flush(&self, timeout_ms: i32, serve: &mut dyn FnMut(&mut Op) -> ControlFlow<()>) -> i32 {
        if let Err(error) = self.check_wait() {
            return error;
        }
        let deadline = Deadline::after_ms(timeout_ms);
        self.count_flush(true);
        let empty = match self.shared.delivery {
            DeliveryMode::Event => self.flush_by_events(&deadline),
            _ => self.flush_by_serving(&deadline, serve),
        };
        self.count_flush(false);
        if empty { error::NO_ERROR } else { error::TIMED_OUT }
    }

    fn flush_by_events(&self, deadline: &Deadline) -> bool {
        const SLICE: Duration = Duration::from_secs(3600);
        loop {
            let left = deadline.remaining(SLICE);
            if self.shared.budget.wait_empty(left) {
                return true;
            }
            if left.is_zero() {
                return false;
            }
        }
    }

    fn flush_by_serving(
        &self,
        deadline: &Deadline,
        serve: &mut dyn FnMut(&mut Op) -> ControlFlow<()>,
    ) -> bool {
        let mut slice = Duration::ZERO;
        loop {
            if self.shared.delivery == DeliveryMode::None {
                self.shared.budget.wait_empty(slice);
                slice = Duration::ZERO;
            }
            self.shared.queue.serve(slice.as_millis() as i32, serve);
            if self.outq_len() == 0 {
                return true;
            }
            // Below a millisecond counts as over, as the queue waits in milliseconds.
            slice = deadline.remaining(FLUSH_SLICE);
            if yield_requested() || slice < Duration::from_millis(1) {
                return false;
            }
        }
    }

    fn count_flush(&self, begins: bool) {
        let mut flushes = self.flushes.lock();
        let changed = if begins { *flushes == 0 } else { *flushes == 1 };
        *flushes = if begins { *flushes + 1 } else { *flushes - 1 };
        if changed {
            self.shared.inbox.command(Command::Flush(begins));
        }
    }

    /// Fails messages as `flags` ([`PurgeFlags`]) say; their reports are on the queue when this returns, unless it is not to
    /// block. An `rd_kafka_resp_err_t`.
    pub fn purge(&self, flags: i32) -> i32 {
        const ALL: i32 = PurgeFlags::QUEUE | PurgeFlags::IN_FLIGHT | PurgeFlags::NON_BLOCKING;
        if flags & !ALL != 0 {
            return error::INVALID_ARG;
        }
        if flags == 0 {
            return error::NO_ERROR;
        }
        let done = (flags & PurgeFlags::NON_BLOCKING == 0).then(Arc::<Completion>::default);
        let checked = if done.is_some() { self.check_wait() } else { self.check_process() };
        if let Err(error) = checked {
            return error;
        }
        self.shared.inbox.command(Command::Purge {
            queued: flags & PurgeFlags::QUEUE != 0,
            in_flight: flags & PurgeFlags::IN_FLIGHT != 0,
            done: done.clone(),
        });
        if let Some(done) = done {
            done.wait(PURGE_WAIT);
        }
        error::NO_ERROR
    }

    /// How the handle fares, from its IO thread; `None` on a thread that must not wait, or if it does not tell within a second.
    pub fn statistics(&self) -> Option<Statistics> {
        self.check_wait().ok()?;
        let reply = Arc::new(Reply::default());
        self.shared.inbox.command(Command::Report(Arc::clone(&reply)));
        reply.wait(REPORT_WAIT)
    }

    /// What is known of the cluster, waiting for it at most `timeout_ms` (negative: for ever).
    pub fn cluster(&self, timeout_ms: i32) -> Option<Cluster> {
        if self.shared.is_forked() {
            return None;
        }
        let wait = if is_io_thread() { Duration::ZERO } else { wait_of(timeout_ms) };
        self.shared.cluster.get(wait)
    }

    /// Asks the cluster, waiting for the answer at most `timeout_ms` (negative: for ever). The error is an
    /// `rd_kafka_resp_err_t`; `RD_KAFKA_RESP_ERR__STATE` on a thread that must not wait.
    pub fn ask(&self, question: Question, timeout_ms: i32) -> Result<Answer, i32> {
        self.check_wait()?;
        let wait = wait_of(timeout_ms);
        let deadline_us = self.shared.clock.now_us() + wait.as_micros() as u64;
        let reply = Arc::new(Reply::default());
        let command = Command::Ask { question, deadline_us, reply: Arc::clone(&reply) };
        self.shared.inbox.command(command);
        // The IO thread answers at the deadline; should it be busy, not much later.
        reply.wait(wait + ANSWER_GRACE).unwrap_or(Err(error::TIMED_OUT))
    }

    /// Ends the IO thread and drops what is outstanding, without reports. Bounded in time, also from inside a callback;
    /// a second call does nothing. In a forked child it only forgets.
    pub fn destroy(&self) {
        if self.shared.is_forked() {
            return;
        }
        let Some(io) = self.io.lock().take() else { return };
        let held = self.shared.budget.held();
        if held.messages > 0 {
            let text = format!(
                "Producer terminating with {} message{} ({} byte{}) still in queue or transit: use flush() to wait for \
                 outstanding message delivery",
                held.messages,
                if held.messages == 1 { "" } else { "s" },
                held.bytes,
                if held.bytes == 1 { "" } else { "s" },
            );
            const LOG_WARNING: i32 = 4;
            self.shared.log(LOG_WARNING, "TERMINATE", &text);
        }
        self.shared.block(error::DESTROY);
        self.shared.inbox.command(Command::Shutdown);
        io.join(DESTROY_WAIT);
        if let Some(mock) = self.mock.lock().take() {
            mock.stop();
        }
        self.shared.cluster.close();
        self.shared.queue.close();
        self.shared.log_queue.close();
        *LIVE.lock().here() -= 1;
        LIVE_CHANGED.notify_all();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if self.shared.is_forked() {
            // Its thread exists in the parent only: waiting for that would be for ever.
            std::mem::forget(self.mock.get_mut().take());
        }
        self.destroy();
    }
}

fn start_mock(config: &ProducerConfig) -> Result<Option<Arc<MockServer>>, String> {
    let Ok(brokers @ 1..) = u32::try_from(config.test_mock_num_brokers) else { return Ok(None) };
    let rtt_ms = u32::try_from(config.test_mock_broker_rtt_ms).unwrap_or(u32::MAX);
    let options = MockOptions { brokers, rtt_ms, ..MockOptions::default() };
    MockServer::start(&options)
        .map(|server| Some(Arc::new(server)))
        .map_err(|error| format!("Failed to create mock cluster: {error}"))
}

fn io_options(config: &ProducerConfig) -> IoOptions {
    IoOptions {
        nagle_disable: config.socket_nagle_disable,
        keepalive_enable: config.socket_keepalive_enable,
        send_buffer_bytes: config.socket_send_buffer_bytes,
        receive_buffer_bytes: config.socket_receive_buffer_bytes,
        receive_message_max_bytes: i32::try_from(config.receive_message_max_bytes)
            .unwrap_or(i32::MAX),
        calls: None,
    }
}
