//! The producer's brain: brokers, metadata, partitions, requests. Sans-IO: inputs are `handle_*` calls with the time, outputs
//! are [`Action`]s, the next deadline is [`Core::poll_timeout`]. Runs on the IO thread, or in the simulator.
//!
//! Call order of a driver's turn: inputs in any order (`handle_*`), [`Core::handle_timeout`], then [`Core::drain`], then
//! [`Core::poll_action`] until it returns `None`, then wait until [`Core::poll_timeout`] or the next input.

mod compression;
mod connection;
mod drain;
mod expiry;
mod idempotence;
mod load;
mod metadata;
mod outcome;
mod partition;
mod query;
mod requests;
mod search;
mod sequence;
mod statistics;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::{HashMap, VecDeque};

use core::net::SocketAddr;

use super::action::{Action, ConnId, Notice, ResolveId, TopicId};
use super::adaptive::LoadTable;
use super::batch::Batch;
use super::config::{Settings, TopicSettings};
use super::question::{Cluster, QuestionId};
use crate::cluster::broker;
use crate::cluster::local_error;
use crate::cluster::rng::Rng;
use crate::cluster::timers::Timers;
use crate::conf::DebugContexts;
use crate::record::compress::Compressor;
use crate::stats::TopicWindows;
use compression::Ahead;
use idempotence::Producer;
use load::Loads;
use metadata::Refresh;
use partition::{Partition, QueuedBatch};
use query::Query;
use search::Search;
use statistics::IdempotenceState;

/// The open end of the accumulator: batches that producing threads are filling. Implemented by the application's side.
pub trait BatchSource {
    /// What waits in a partition: `None` if nothing.
    fn head(&self, topic: TopicId, partition: i32) -> Option<Head>;
    /// How many batches wait in a partition; only asked where the load of partitions matters.
    fn queued(&self, topic: TopicId, partition: i32) -> usize {
        usize::from(self.head(topic, partition).is_some())
    }
    /// Takes the oldest waiting batch, closing it if it was still open.
    fn take(&mut self, topic: TopicId, partition: i32) -> Option<Batch>;
}

/// What waits in a partition of a [`BatchSource`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// When the oldest message was produced.
    pub first_enqueued_us: u64,
    /// The oldest batch takes no more messages (`batch.size`, `batch.num.messages`): no reason to linger.
    pub full: bool,
}

/// A partition: index of its topic, and its number.
type PartitionKey = (u32, i32);

/// What a request carries.
#[derive(Debug)]
enum Payload {
    ApiVersions,
    Metadata { topics: Vec<u32> },
    ProducerId { broker: String },
    Produce { batches: Vec<SentBatch> },
    Question { id: QuestionId },
}

/// A batch on its way.
#[derive(Debug)]
struct SentBatch {
    key: PartitionKey,
    /// `None` once it was purged: its outcome no longer matters.
    queued: Option<QueuedBatch>,
}

type Broker = broker::Broker<ConnId, ResolveId, Payload, PartitionKey>;
type Link = broker::Link<ConnId, ResolveId>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Timer {
    Metadata,
    ProducerId,
    /// Look for somebody else to ask.
    Search,
    /// Back-off over, set-up too slow, or idle: by broker index.
    Link(usize),
    Request(usize),
    Throttle(usize),
    Partition(u32, i32),
    Query,
    Loads,
}

#[derive(Debug)]
struct Topic {
    name: String,
    settings: TopicSettings,
    partitions: Vec<Partition>,
    /// Zero until a broker told it.
    uuid: [u8; 16],
    /// When the application first wanted it.
    wanted_us: u64,
    /// The next metadata request must ask about it.
    refresh: bool,
    /// Last reported to the application as failed.
    failed: bool,
    /// Looks in a row that did not find it.
    misses: u32,
    /// The next of these.
    again_us: u64,
    /// When the cluster last told of it.
    metadata_us: Option<u64>,
    /// Present where statistics are wanted.
    windows: Option<Box<TopicWindows>>,
    /// As last told.
    load: Option<LoadTable>,
}

/// See the module.
#[derive(Debug)]
pub struct Core {
    settings: Settings,
    rng: Rng,
    actions: VecDeque<Action>,
    timers: Timers<Timer>,
    brokers: Vec<Broker>,
    by_node: HashMap<i32, usize>,
    by_conn: HashMap<ConnId, usize>,
    by_resolve: HashMap<ResolveId, usize>,
    topics: Vec<Topic>,
    by_name: HashMap<String, u32>,
    refresh: Refresh,
    search: Search,
    flushing: bool,
    /// Until the end of the next drain nothing lingers.
    hurrying: bool,
    /// Batches in flight.
    batches_in_flight: usize,
    all_down: bool,
    /// The last broker to say so asked for a pause.
    throttle_told: bool,
    /// Brokers that may have something to send.
    to_drain: VecDeque<usize>,
    /// Partitions whose timer fired since the last drain.
    due: Vec<PartitionKey>,
    /// Partitions whose waiting messages must fail, with the error.
    failing: Vec<(PartitionKey, i32)>,
    /// Number of the request being formed.
    round: u64,
    compressor: Compressor,
    ahead: Ahead,
    loads: Loads,
    producer: Producer,
    /// Nothing is sent any more.
    fatal: bool,
    queries: Vec<Query>,
    cluster: Option<Cluster>,
    next_conn: u64,
    next_resolve: u64,
    /// Windows are kept, for statistics.
    measuring: bool,
    idempotence: IdempotenceState,
    created_us: u64,
}

impl Core {
    /// A core that has done nothing yet. Same seed and inputs, same outputs.
    pub fn new(settings: Settings, seed: u64, now_us: u64) -> Self {
        let mut core = Self {
            rng: Rng::new(seed),
            actions: VecDeque::new(),
            timers: Timers::default(),
            brokers: Vec::new(),
            by_node: HashMap::new(),
            by_conn: HashMap::new(),
            by_resolve: HashMap::new(),
            topics: Vec::new(),
            by_name: HashMap::new(),
            refresh: Refresh::default(),
            search: Search::default(),
            flushing: false,
            hurrying: false,
            batches_in_flight: 0,
            all_down: false,
            throttle_told: false,
            measuring: false,
            idempotence: IdempotenceState::default(),
            created_us: now_us,
            to_drain: VecDeque::new(),
            due: Vec::new(),
            failing: Vec::new(),
            round: 0,
            compressor: Compressor::new(),
            ahead: Ahead::default(),
            loads: Loads::default(),
            producer: Producer::default(),
            fatal: false,
            queries: Vec::new(),
            cluster: None,
            next_conn: 0,
            next_resolve: 0,
            settings,
        };
        for (host, port) in core.settings.bootstrap.clone() {
            core.add_broker(-1, host, port);
        }
        if !core.brokers.is_empty() {
            core.want_metadata(now_us, true);
        }
        core.note_idempotence(now_us);
        core
    }

    /// More bootstrap addresses (`rd_kafka_brokers_add`).
    pub fn handle_brokers_added(&mut self, addresses: Vec<(String, u16)>, now_us: u64) {
        for (host, port) in addresses {
            if !self.brokers.iter().any(|broker| broker.host == host && broker.port == port) {
                self.settings.bootstrap.push((host.clone(), port));
                self.add_broker(-1, host, port);
            }
        }
        self.want_metadata(now_us, true);
    }

    /// The application knows a topic; `settings` hold for it from now on. Ids ascend by one.
    pub fn handle_topic(
        &mut self,
        topic: TopicId,
        name: &str,
        settings: TopicSettings,
        now_us: u64,
    ) {
        debug_assert_eq!(topic.0 as usize, self.topics.len());
        self.debug(DebugContexts::TOPIC, "TOPIC", |_| format!("New local topic: {name}"));
        self.by_name.insert(name.to_owned(), topic.0);
        self.topics.push(Topic {
            name: name.to_owned(),
            settings,
            partitions: Vec::new(),
            uuid: [0; 16],
            wanted_us: now_us,
            refresh: true,
            failed: false,
            misses: 0,
            again_us: 0,
            metadata_us: None,
            windows: None,
            load: None,
        });
        self.want_metadata_at_once(now_us);
    }

    /// The application says that a partition has data: its open batch got its first message, or a batch became full.
    pub fn handle_ready(&mut self, topic: TopicId, partition: i32, head: Head, now_us: u64) {
        let key = (topic.0, partition);
        self.debug(DebugContexts::QUEUE, "TOPPAR", |core| {
            let name = core.topics.get(topic.0 as usize).map_or("", |topic| &topic.name);
            format!("{name} [{partition}]: messages in queue")
        });
        if self.fatal {
            self.failing.push((key, local_error::PURGE_QUEUE));
            return;
        }
        let failed = self.topics.get(topic.0 as usize).is_some_and(|topic| topic.failed);
        match self.partition_mut(key) {
            Some(state) if !failed => {
                state.source = Some(head);
                self.evaluate(key, now_us);
            }
            Some(_) => self.failing.push((key, local_error::UNKNOWN_TOPIC)),
            None => self.failing.push((key, local_error::UNKNOWN_PARTITION)),
        }
    }

    /// While flushing, nothing lingers.
    pub fn handle_flush(&mut self, flushing: bool, now_us: u64) {
        if !self.flushing && flushing {
            self.flushing = true;
            for key in self.partition_keys() {
                self.evaluate(key, now_us);
            }
        }
        self.flushing = flushing;
    }

    /// Whether no batch is in flight.
    pub fn is_idle(&self) -> bool {
        self.batches_in_flight == 0
    }

    /// Somebody waits for what lingers: it goes with the next drain. False if there is nothing that could.
    pub fn handle_hurry(&mut self, now_us: u64) -> bool {
        if self.linger_us() == 0 {
            return false;
        }
        self.hurrying = true;
        let mut keys: Vec<PartitionKey> = Vec::new();
        keys.extend(self.timers.armed().filter_map(|timer| match timer {
            Timer::Partition(topic, partition) => Some((topic, partition)),
            _ => None,
        }));
        // The timers' order differs from run to run.
        keys.sort_unstable();
        keys.into_iter().for_each(|key| self.evaluate(key, now_us));
        self.hurrying = !self.to_drain.is_empty();
        self.hurrying
    }

    /// Fires everything that is due; cheap when nothing is.
    pub fn handle_timeout(&mut self, now_us: u64) {
        while let Some(timer) = self.timers.pop_due(now_us) {
            match timer {
                Timer::Metadata => self.send_metadata(now_us),
                Timer::ProducerId => self.ask_producer_id(now_us),
                Timer::Search => self.on_search_timer(now_us),
                Timer::Query => self.send_queries(now_us),
                Timer::Link(index) => self.on_link_timer(index, now_us),
                Timer::Request(index) => self.on_request_timer(index, now_us),
                // `drain` looks.
                Timer::Loads => {}
                Timer::Throttle(index) => self.list_for_drain(index),
                Timer::Partition(topic, partition) => self.due.push((topic, partition)),
            }
        }
    }

    /// The next thing the driver is to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Core::handle_timeout`] wants to be called next. A time in the past: at once.
    pub fn poll_timeout(&mut self) -> Option<u64> {
        let idle = self.due.is_empty() && self.failing.is_empty() && self.to_drain.is_empty();
        if idle && !self.ahead.can_go_on() { self.timers.next_us() } else { Some(0) }
    }

    /// Answer to [`Action::Resolve`]; an empty list or an error text is a failure.
    pub fn handle_resolved(
        &mut self,
        query: ResolveId,
        result: Result<Vec<SocketAddr>, String>,
        now_us: u64,
    ) {
        if let Some(index) = self.by_resolve.remove(&query) {
            self.on_resolved(index, result, now_us);
        }
    }

    /// Host and port of the broker that a connection is to, as configured or advertised.
    pub fn address_name(&self, conn: ConnId) -> String {
        let broker = self.by_conn.get(&conn).map(|&index| &self.brokers[index]);
        broker.map_or_else(String::new, |broker| format!("{}:{}", broker.host, broker.port))
    }

    /// The connection is established.
    pub fn handle_connected(&mut self, conn: ConnId, now_us: u64) {
        if let Some(&index) = self.by_conn.get(&conn) {
            self.on_connected(index, conn, now_us);
        }
    }

    /// The connection failed or was closed by the other side; the driver has forgotten it. `reason` is a whole phrase, for
    /// logs and error events.
    pub fn handle_disconnected(&mut self, conn: ConnId, reason: &str, now_us: u64) {
        if let Some(&index) = self.by_conn.get(&conn) {
            self.on_disconnected(index, reason, now_us);
        }
    }

    /// The driver gave up a connection because what came was no response frame: nobody knows the answer to the oldest request.
    pub fn handle_garbled(&mut self, conn: ConnId, reason: &str, now_us: u64) {
        if let Some(&index) = self.by_conn.get(&conn) {
            self.on_garbled(index, reason, now_us);
        }
    }

    /// A whole response frame arrived (without its length field).
    pub fn handle_frame(&mut self, conn: ConnId, frame: &[u8], now_us: u64) {
        if let Some(&index) = self.by_conn.get(&conn) {
            self.on_frame(index, frame, now_us);
        }
    }

    /// The last byte of the oldest untransmitted frame of this connection was handed to the kernel.
    pub fn handle_transmitted(&mut self, conn: ConnId, now_us: u64) {
        if let Some(&index) = self.by_conn.get(&conn) {
            self.on_transmitted(index, now_us);
        }
    }

    fn notify(&mut self, notice: Notice) {
        self.actions.push_back(Action::Notify(notice));
    }

    fn log(&mut self, level: i32, facility: &'static str, text: String) {
        self.notify(Notice::Log { level, facility, text });
    }

    fn partition(&self, key: PartitionKey) -> Option<&Partition> {
        self.topics.get(key.0 as usize)?.partitions.get(usize::try_from(key.1).ok()?)
    }

    fn partition_mut(&mut self, key: PartitionKey) -> Option<&mut Partition> {
        self.topics.get_mut(key.0 as usize)?.partitions.get_mut(usize::try_from(key.1).ok()?)
    }

    fn partition_keys(&self) -> Vec<PartitionKey> {
        (0u32..)
            .zip(&self.topics)
            .flat_map(|(id, topic)| (0..topic.partitions.len() as i32).map(move |p| (id, p)))
            .collect()
    }

    fn list_for_drain(&mut self, index: usize) {
        if !self.brokers[index].listed {
            self.brokers[index].listed = true;
            self.to_drain.push_back(index);
        }
    }
}
