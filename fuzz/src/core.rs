//! The producer's core against whatever a network may do to it: answers of the embedded brokers, whole, damaged, made up or
//! missing, connections that fail at any time, time that jumps. Every message must be reported exactly once.
//! Input: settings, then steps (what, connection, bytes).

use std::collections::{BTreeMap, VecDeque};

use super::input::Input;
use rdkafka::client::settings::{settings, topic_settings};
use rdkafka::conf::{GlobalConf, ProducerConfig};
use rdkafka::mock::{ClusterOptions, ConnectionId, Network};
use rdkafka::producer::action::{Action, ConnId, Notice, ResolveId, Segment, TopicId};
use rdkafka::producer::batch::{Batch, FreshChunks, NewMessage};
use rdkafka::producer::compression::Compression;
use rdkafka::producer::core::{BatchSource, Core, Head};
use rdkafka::record::Compressor;

const BROKERS: i32 = 2;
const PORT_BASE: u16 = 9_000;
const TOPICS: u32 = 3;
const PARTITIONS: i32 = 3;
/// Turns without any progress of time after which the core spins.
const TURNS_MAX: usize = 2_000;
const SETTINGS: &[(&str, &[&str])] = &[
    ("acks", &["-1", "0", "1"]),
    ("retries", &["2147483647", "0", "2"]),
    ("compression.type", &["none", "gzip", "snappy", "lz4", "zstd"]),
    ("max.in.flight", &["5", "1", "1000"]),
    ("enable.idempotence", &["false", "true"]),
    ("linger.ms", &["5", "0", "90"]),
    ("message.timeout.ms", &["3000", "300000", "100"]),
    ("socket.timeout.ms", &["60000", "300"]),
    ("retry.backoff.ms", &["100", "1"]),
    ("connections.max.idle.ms", &["0", "2000"]),
    ("topic.metadata.refresh.interval.ms", &["300000", "500", "-1"]),
];

#[derive(Default)]
struct Source(BTreeMap<(u32, i32), VecDeque<Batch>>);

impl BatchSource for Source {
    fn head(&self, topic: TopicId, partition: i32) -> Option<Head> {
        let batches = self.0.get(&(topic.0, partition))?;
        let first_enqueued_us = batches.front()?.first_enqueued_us();
        Some(Head { first_enqueued_us, full: batches.len() > 1 })
    }

    fn take(&mut self, topic: TopicId, partition: i32) -> Option<Batch> {
        self.0.get_mut(&(topic.0, partition))?.pop_front()
    }
}

/// A connection of the core's.
#[derive(Default)]
struct Link {
    connected: bool,
    port: u16,
    /// The broker's side, once there is one.
    broker: Option<ConnectionId>,
    /// Frames whose last byte is not with the kernel yet.
    unsent: VecDeque<Vec<u8>>,
    /// What the broker has sent.
    received: Vec<u8>,
}

struct World {
    core: Core,
    network: Network,
    source: Source,
    links: BTreeMap<ConnId, Link>,
    queries: VecDeque<(ResolveId, u16)>,
    now_us: u64,
    topics: u32,
    produced: usize,
    reports: Vec<u8>,
    /// Batches that are being compressed.
    work: VecDeque<Compression>,
}

fn config(input: &mut Input<'_>) -> Option<ProducerConfig> {
    let mut conf = GlobalConf::new();
    conf.set("bootstrap.servers", "127.0.0.1:9001,127.0.0.1:9002").expect("valid");
    for (name, values) in SETTINGS {
        conf.set(name, values[input.below(values.len())]).expect("valid");
    }
    // Some exclude each other.
    ProducerConfig::resolve(&conf).ok()
}

impl World {
    fn new(input: &mut Input<'_>) -> Option<Self> {
        let config = config(input)?;
        let options = ClusterOptions {
            brokers: BROKERS as u32,
            default_partitions: PARTITIONS as u32,
            retention_bytes: 1 << 16,
            ..ClusterOptions::default()
        };
        let mut network = Network::new(options);
        for id in 1..=BROKERS {
            network.cluster_mut().set_broker_address(id, "127.0.0.1", PORT_BASE + id as u16);
        }
        let mut settings = settings(&config);
        if input.bool() {
            settings.compression_inline_max_bytes = 0;
        }
        let mut core = Core::new(settings, 1, 1);
        for topic in 0..TOPICS {
            let topic_settings = topic_settings(&config.default_topic);
            core.handle_topic(TopicId(topic), &format!("t{topic}"), topic_settings, 1);
        }
        Some(Self {
            core,
            network,
            source: Source::default(),
            links: BTreeMap::new(),
            queries: VecDeque::new(),
            now_us: 1,
            topics: TOPICS,
            produced: 0,
            reports: Vec::new(),
            work: VecDeque::new(),
        })
    }

    fn produce(&mut self, topic: u32, partition: i32, value: &[u8]) {
        let batches = self.source.0.entry((topic, partition)).or_default();
        if batches.back().is_none_or(|batch| batch.count() >= 3) {
            batches.push_back(Batch::default());
        }
        let message = NewMessage {
            key: Some(value),
            value: Some(value),
            headers: std::iter::empty(),
            timestamp_ms: 1,
            enqueued_us: self.now_us,
            opaque: self.produced,
            tag: 0,
            borrowed_value: 0,
        };
        batches.back_mut().expect("just made").append(&message, &mut FreshChunks);
        self.produced += 1;
        self.reports.push(0);
        if let Some(head) = self.source.head(TopicId(topic), partition) {
            self.core.handle_ready(TopicId(topic), partition, head, self.now_us);
        }
    }

    /// Turns until the core has nothing more to do now.
    fn settle(&mut self) {
        for _ in 0..TURNS_MAX {
            if self.core.poll_timeout().is_some_and(|due_us| due_us <= self.now_us) {
                self.core.handle_timeout(self.now_us);
            }
            self.core.drain(&mut self.source, self.now_us);
            let mut acted = false;
            while let Some(action) = self.core.poll_action() {
                self.act(action);
                acted = true;
            }
            if !acted && self.core.poll_timeout().is_none_or(|due_us| due_us > self.now_us) {
                return;
            }
        }
        panic!("the core spins");
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Resolve { query, port, .. } => self.queries.push_back((query, port)),
            Action::Connect { conn, address } => {
                let link = Link { port: address.port(), ..Link::default() };
                assert!(self.links.insert(conn, link).is_none(), "a connection is used again");
            }
            Action::Transmit { conn, segments } => {
                let link = self.links.get_mut(&conn).expect("sent to a closed connection");
                assert!(link.connected, "sent before the connection was there");
                let mut frame = Vec::new();
                for segment in &segments {
                    match segment {
                        Segment::Bytes(bytes) => frame.extend_from_slice(bytes),
                        Segment::Batch(batch) => {
                            (0..).map_while(|i| batch.wire_slice(i)).for_each(|s| frame.extend(s))
                        }
                    }
                }
                link.unsent.push_back(frame);
            }
            Action::Close { conn } => self.forget(conn),
            Action::Compress(work) => self.work.push_back(work),
            Action::Notify(Notice::Report(report)) => {
                for view in report.batch.messages() {
                    self.reports[view.opaque] += 1;
                    assert_eq!(self.reports[view.opaque], 1, "a message is reported twice");
                }
            }
            Action::Notify(_) => {}
        }
    }

    /// Ends a compression, not always the oldest.
    fn compress(&mut self, chosen: usize, works: bool) {
        let chosen = chosen % self.work.len().max(1);
        let Some(work) = self.work.remove(chosen) else { return };
        let records = if works { work.run(&mut Compressor::new()) } else { None };
        self.core.handle_compressed(work.finish(records), self.now_us);
    }

    fn forget(&mut self, conn: ConnId) {
        if let Some(broker) = self.links.remove(&conn).and_then(|link| link.broker) {
            self.network.disconnect(broker);
        }
    }

    fn connect(&mut self, conn: ConnId) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        if link.connected {
            return;
        }
        link.connected = true;
        let id = i32::from(link.port.wrapping_sub(PORT_BASE));
        link.broker = self.network.connect(id);
        self.core.handle_connected(conn, self.now_us);
    }

    /// Hands the oldest frame to the kernel, and to the broker if it is to arrive.
    fn transmit(&mut self, conn: ConnId, arrives: bool) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        let Some(frame) = link.unsent.pop_front() else { return };
        if let Some(broker) = link.broker.filter(|_| arrives) {
            self.network.handle_bytes(broker, &frame, self.now_us);
            link.received.extend(self.network.poll_output(broker, self.now_us));
        }
        self.core.handle_transmitted(conn, self.now_us);
    }

    /// Passes on one response of the broker's, after `damage` has been at it.
    fn answer(&mut self, conn: ConnId, damage: impl FnOnce(&mut Vec<u8>)) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        if let Some(broker) = link.broker {
            self.network.handle_timeout(self.now_us);
            link.received.extend(self.network.poll_output(broker, self.now_us));
        }
        let Some(prefix) = link.received.first_chunk::<4>() else { return };
        let len = 4 + i32::from_be_bytes(*prefix) as usize;
        if link.received.len() < len {
            return;
        }
        let mut frame: Vec<u8> = link.received.drain(..len).skip(4).collect();
        damage(&mut frame);
        self.core.handle_frame(conn, &frame, self.now_us);
    }

    fn disconnect(&mut self, conn: ConnId, garbled: bool) {
        self.forget(conn);
        match garbled {
            true => self.core.handle_garbled(conn, "fuzzed", self.now_us),
            false => self.core.handle_disconnected(conn, "fuzzed", self.now_us),
        }
    }

    fn resolve(&mut self, input: &mut Input<'_>) {
        let Some((query, port)) = self.queries.pop_front() else { return };
        let result = match input.below(6) {
            0 => Err("no such host".to_owned()),
            1 => Ok(Vec::new()),
            _ => Ok(vec![([127, 0, 0, 1], port).into(), ([127, 0, 0, 2], port).into()]),
        };
        self.core.handle_resolved(query, result, self.now_us);
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let what = input.below(20);
        let chosen = input.below(self.links.len());
        let conn = self.links.keys().nth(chosen).copied();
        let conn = conn.unwrap_or(ConnId(9));
        match what {
            0 | 1 => self.resolve(input),
            2 | 3 => self.connect(conn),
            4 | 5 => self.transmit(conn, true),
            6 => self.transmit(conn, false),
            7..10 => self.answer(conn, |_| {}),
            10 => {
                let (at, mask) = (usize::from(input.u16()), input.u8());
                self.answer(conn, |frame| {
                    let at = at % frame.len().max(1);
                    if let Some(byte) = frame.get_mut(at) {
                        *byte ^= mask;
                    }
                });
            }
            11 => {
                let (keep, tail) = (usize::from(input.u8()), input.bytes());
                self.answer(conn, |frame| {
                    frame.truncate(keep);
                    frame.extend_from_slice(tail);
                });
            }
            12 => self.core.handle_frame(conn, input.bytes(), self.now_us),
            13 => self.disconnect(conn, input.bool()),
            14 => self.now_us += input.u64() >> (input.u8() % 24 + 40),
            15 | 16 => {
                let (topic, partition) = (input.u8().into(), input.below(6) as i32 - 1);
                self.produce(topic_of(topic, self.topics), partition, input.bytes());
            }
            17 | 18 => self.compress(input.below(8), !input.bool()),
            _ => self.application(input),
        }
    }

    fn application(&mut self, input: &mut Input<'_>) {
        match input.below(6) {
            0 => self.core.handle_flush(input.bool(), self.now_us),
            1 => {
                let (queued, in_flight) = (input.bool(), input.bool());
                self.core.handle_purge(queued, in_flight, &mut self.source, self.now_us);
            }
            2 => {
                let port = PORT_BASE + u16::from(input.u8() % 4);
                self.core.handle_brokers_added(vec![("127.0.0.1".into(), port)], self.now_us);
            }
            3 if input.below(8) == 0 => self.core.handle_fatal(&mut self.source, self.now_us),
            3 | 4 => {
                let id = 1 + i32::from(input.bool());
                self.network.set_broker_up(id, input.bool());
            }
            _ => {
                let (topic, leader) = (input.u8(), i32::from(input.u8() % 4));
                let name = format!("t{}", topic_of(topic.into(), self.topics));
                let _ = self.network.cluster_mut().set_leader(&name, 0, leader);
            }
        }
    }

    /// Everything ends: what the core still holds must be reported.
    fn end(&mut self) {
        while !self.work.is_empty() {
            self.compress(0, true);
            self.settle();
        }
        self.core.handle_purge(true, true, &mut self.source, self.now_us);
        self.settle();
        let waiting = self
            .source
            .0
            .values()
            .flatten()
            .flat_map(|batch| batch.messages().map(|view| view.opaque).collect::<Vec<_>>());
        waiting.for_each(|opaque| self.reports[opaque] += 1);
        assert!(self.reports.iter().all(|&count| count == 1), "{:?}", self.reports);
    }
}

fn topic_of(number: u32, count: u32) -> u32 {
    number % count
}

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let Some(mut world) = World::new(&mut input) else { return };
    for _ in 0..400 {
        if input.is_empty() {
            break;
        }
        world.step(&mut input);
        world.settle();
    }
    world.end();
}
