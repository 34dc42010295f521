//! The loop: virtual time, events in order, the core's turns and what its actions mean.

use crate::app::App;
use crate::faults;
use crate::link::{Event, Link};
use crate::plan::{PORT_BASE, Plan, one_in};
use rdkafka::cluster::rng::Rng;
use rdkafka::mock::{ConnectionId, Network};
use rdkafka::producer::action::{Action, ConnId, Notice, Segment, TopicId};
use rdkafka::producer::core::{BatchSource, Core};
use rdkafka::record::compress::Compressor;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

const START_US: u64 = 1_000_000;
/// Turns at one instant beyond which the core spins.
const TURNS_MAX: usize = 3_000;
/// After calm, beyond the longest timeout.
pub const GRACE_US: u64 = 60_000_000;

/// What happened: the end of it to read, all of it as a hash.
#[derive(Debug, Default)]
pub struct Trace {
    pub hash: u64,
    pub lines: VecDeque<String>,
    pub now_us: u64,
    pub lines_max: usize,
}

pub struct World {
    pub plan: Rc<Plan>,
    pub rng: Rng,
    pub now_us: u64,
    pub core: Core,
    pub app: App,
    pub net: Network,
    pub links: BTreeMap<ConnId, Link>,
    pub by_mock: BTreeMap<ConnectionId, ConnId>,
    pub calm: bool,
    pub violations: Vec<String>,
    events: BTreeMap<(u64, u64), Event>,
    next_event: u64,
    trace: Rc<RefCell<Trace>>,
}

impl World {
    pub fn new(plan: Rc<Plan>, mut rng: Rng, trace: Rc<RefCell<Trace>>) -> Self {
        let mut net = Network::new(plan.cluster_options());
        for id in 1..=plan.brokers as i32 {
            net.cluster_mut().set_broker_address(id, plan.host(), PORT_BASE + id as u16);
        }
        let mut core = Core::new(plan.settings.clone(), rng.next_u64(), START_US);
        for (topic, settings) in plan.topics.iter().enumerate() {
            let name = faults::topic_name(topic);
            net.cluster_mut().create_topic(&name, plan.partitions[topic] as u32, 3).unwrap();
            core.handle_topic(TopicId(topic as u32), &name, settings.clone(), START_US);
        }
        let mut world = Self {
            app: App::new(&plan),
            plan,
            rng,
            now_us: START_US,
            core,
            net,
            links: BTreeMap::new(),
            by_mock: BTreeMap::new(),
            calm: false,
            violations: Vec::new(),
            events: BTreeMap::new(),
            next_event: 0,
            trace,
        };
        world.at(START_US, Event::App);
        world.at(world.plan.calm_us, Event::Calm);
        if world.plan.fault_pause_us > 0 {
            world.at(START_US, Event::Fault);
        }
        world
    }

    pub fn at(&mut self, at_us: u64, event: Event) {
        self.next_event += 1;
        self.events.insert((at_us.max(self.now_us), self.next_event), event);
    }

    pub fn later(&mut self, delay_us: u64, event: Event) {
        self.at(self.now_us + delay_us, event);
    }

    pub fn latency_us(&mut self) -> u64 {
        1 + self.rng.below(self.plan.latency_us)
    }

    /// A line of history.
    pub fn log(&mut self, line: String) {
        let mut trace = self.trace.borrow_mut();
        trace.now_us = self.now_us;
        let mut hash = trace.hash ^ self.now_us;
        for byte in line.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        trace.hash = hash;
        if trace.lines.len() >= trace.lines_max {
            trace.lines.pop_front();
        }
        trace.lines.push_back(format!("{:>11} {line}", self.now_us));
    }

    pub fn violate(&mut self, what: String) {
        self.log(format!("VIOLATION: {what}"));
        self.violations.push(what);
    }

    fn is_done(&self) -> bool {
        self.calm
            && self.app.messages.len() >= self.plan.messages
            && self.app.reported >= self.app.messages.len()
    }

    /// Runs to the end: everything reported, or too late.
    pub fn run(&mut self) {
        let longest = self.plan.topics.iter().map(|topic| topic.message_timeout_us).max();
        let end_us = self.plan.calm_us + longest.unwrap_or(0) + GRACE_US;
        let mut turns = 0;
        while self.violations.is_empty() {
            self.turn();
            if self.is_done() {
                return;
            }
            let event_us = self.events.first_key_value().map(|(&(at_us, _), _)| at_us);
            let due = [event_us, self.core.poll_timeout(), self.net.poll_timeout()];
            let next_us = due.into_iter().flatten().min().unwrap_or(u64::MAX).max(self.now_us);
            if next_us > end_us {
                self.now_us = end_us;
                return;
            }
            turns = if next_us == self.now_us { turns + 1 } else { 0 };
            if turns > TURNS_MAX {
                return self.violate("the core spins".into());
            }
            self.now_us = next_us;
        }
    }

    fn turn(&mut self) {
        while let Some(entry) = self.events.first_entry()
            && entry.key().0 <= self.now_us
        {
            let event = entry.remove();
            self.on_event(event);
        }
        if self.net.poll_timeout().is_some_and(|due_us| due_us <= self.now_us) {
            self.net.handle_timeout(self.now_us);
        }
        self.serve_broker();
        for (topic, partition) in std::mem::take(&mut self.app.ready) {
            if let Some(head) = self.app.head(TopicId(topic), partition) {
                self.core.handle_ready(TopicId(topic), partition, head, self.now_us);
            }
        }
        if self.core.poll_timeout().is_some_and(|due_us| due_us <= self.now_us) {
            self.core.handle_timeout(self.now_us);
        }
        self.core.drain(&mut self.app, self.now_us);
        while let Some(action) = self.core.poll_action() {
            self.on_action(action);
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Resolved(query, port) => {
                let failed = !self.calm && one_in(&mut self.rng, 10);
                let result = match failed {
                    true => Err("no such host".to_owned()),
                    false => Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))]),
                };
                self.core.handle_resolved(query, result, self.now_us);
            }
            Event::Connect(conn, broker) => self.on_connect(conn, broker),
            Event::ToBroker(conn, bytes) => self.on_bytes_to_broker(conn, bytes),
            Event::ToClient(conn, bytes) => self.on_bytes_to_client(conn, bytes),
            Event::Reset(conn) => self.on_reset(conn, "Connection reset"),
            Event::Closed(conn) => self.on_closed(conn),
            Event::BrokerUp(broker) => self.net.set_broker_up(broker, true),
            Event::Compress(work) => {
                let failed = one_in(&mut self.rng, 10);
                let records = if failed { None } else { work.run(&mut Compressor::new()) };
                self.core.handle_compressed(work.finish(records), self.now_us);
            }
            Event::App => self.act(),
            Event::FlushEnds => self.core.handle_flush(false, self.now_us),
            Event::Fault if self.calm => {}
            Event::Fault => {
                faults::strike(self);
                let pause_us = 1 + self.rng.below(2 * self.plan.fault_pause_us);
                self.later(pause_us, Event::Fault);
            }
            Event::Calm => faults::calm(self),
        }
    }

    /// The application does something.
    fn act(&mut self) {
        let span_us = 2 * self.plan.calm_us / self.plan.messages as u64;
        for _ in 0..1 + self.rng.below(6) {
            let topic = self.rng.below(self.plan.topics.len() as u64) as u32;
            if self.app.messages.len() < self.plan.messages
                && self.app.partitions.contains_key(&topic)
            {
                let len = self.plan.value_bytes_max;
                let number = self.app.produce(topic, &mut self.rng, len, self.now_us);
                let message = &self.app.messages[number];
                let line = format!("produce m{number} to t{topic}/{}", message.partition);
                self.log(line);
            }
        }
        if self.plan.purges && one_in(&mut self.rng, 20) {
            let (queued, in_flight) = (one_in(&mut self.rng, 2), one_in(&mut self.rng, 2));
            self.log(format!("purge queued={queued} in_flight={in_flight}"));
            self.core.handle_purge(queued, in_flight, &mut self.app, self.now_us);
        }
        if one_in(&mut self.rng, 10) {
            self.log("flush".into());
            self.core.handle_flush(true, self.now_us);
            let for_us = self.rng.below(300_000);
            self.later(for_us, Event::FlushEnds);
        }
        if self.app.messages.len() < self.plan.messages {
            let pause_us = self.rng.below(span_us);
            self.later(pause_us, Event::App);
        }
    }

    fn on_action(&mut self, action: Action) {
        match action {
            Action::Resolve { query, port, .. } => {
                self.log(format!("{query:?} of port {port}"));
                let delay_us = self.latency_us();
                self.later(delay_us, Event::Resolved(query, port));
            }
            Action::Connect { conn, address } => {
                let broker = i32::from(address.port() - PORT_BASE);
                self.log(format!("{conn:?} to broker {broker}"));
                self.connect(conn, broker);
            }
            Action::Transmit { conn, segments } => self.on_transmit(conn, &segments),
            Action::Close { conn } => {
                self.log(format!("{conn:?} closed by the client"));
                self.close(conn);
            }
            Action::Compress(work) => {
                let delay_us = self.rng.below(self.plan.compression_us);
                self.later(delay_us, Event::Compress(work));
            }
            Action::Notify(notice) => self.on_notice(notice),
        }
    }

    fn on_transmit(&mut self, conn: ConnId, segments: &[Segment]) {
        if !self.links.get(&conn).is_some_and(|link| link.is_known()) {
            return self.violate(format!("{conn:?} is not open, but was sent to"));
        }
        let mut bytes = Vec::new();
        let mut messages: Vec<usize> = Vec::new();
        let mut line = String::new();
        for segment in segments {
            match segment {
                Segment::Bytes(part) => bytes.extend_from_slice(part),
                Segment::Batch(batch) => {
                    let slices = (0..).map_while(|index| batch.wire_slice(index));
                    slices.for_each(|slice| bytes.extend_from_slice(slice));
                    let numbers: Vec<usize> = batch.messages().map(|view| view.opaque).collect();
                    line.push_str(&format!(" {numbers:?}"));
                    self.check_batch_sent(&numbers);
                    messages.extend(numbers);
                }
            }
        }
        let size = i32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        if size + 4 != bytes.len() {
            self.violate(format!("a frame of {} bytes says {size}", bytes.len()));
        }
        let api = i16::from_be_bytes(bytes[4..6].try_into().unwrap());
        self.log(format!("{conn:?} sends api {api}{line}"));
        self.transmit(conn, &bytes, messages);
    }

    fn on_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Report(report) => {
                let numbers = self.app.on_report(&report, self.now_us);
                self.log(format!(
                    "report {numbers:?} error {} {:?} at {}",
                    report.error, report.persistence, report.base_offset
                ));
                self.check_report(&numbers);
            }
            Notice::TopicPartitions { topic, partition_count } => {
                self.app.partitions.insert(topic.0, partition_count);
            }
            Notice::Log { .. } => {}
            other => self.log(format!("{other:?}")),
        }
    }
}
