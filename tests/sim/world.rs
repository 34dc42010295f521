//! The loop: virtual time, events in order, the core's turns and what its actions mean.

use crate::app::App;
use crate::check::Stored;
use crate::faults;
use crate::link::{DEAD_ADDRESS, Event, Link, SILENT_ADDRESS};
use crate::plan::{Ending, PORT_BASE, Plan, one_in};
use crate::questions::Questions;
use crate::spoil::Spoil;
use rdkafka::cluster::rng::Rng;
use rdkafka::mock::{ConnectionId, Network};
use rdkafka::producer::action::{Action, ConnId, Notice, Segment, TopicId};
use rdkafka::producer::core::{BatchSource, Core};
use rdkafka::protocol::ApiKey;
use rdkafka::record::compress::Compressor;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

const START_US: u64 = 1_000_000;
/// Turns at one instant beyond which the core spins.
const TURNS_MAX: usize = 3_000;
/// After calm, beyond the longest timeout.
pub const GRACE_US: u64 = 90_000_000;
/// After calm: what is produced then settles what has gone wrong unnoticed ..
const EPILOGUE_US: u64 = 30_000_000;
/// .. and what is produced so much later still must arrive.
const EPILOGUE_PAUSE_US: u64 = 15_000_000;
/// `RD_KAFKA_RESP_ERR__DESTROY`
const DESTROY: i32 = -197;

/// What host names resolve to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dns {
    Well,
    Fails,
    Silent,
    /// Addresses where nobody answers stand before the right one.
    Dead,
}

/// What happened: the end of it to read, all of it as a hash.
#[derive(Debug, Default)]
pub struct Trace {
    pub hash: u64,
    pub lines: VecDeque<String>,
    pub now_us: u64,
    pub lines_max: usize,
    /// Faults that struck, by kind.
    pub faults: BTreeMap<&'static str, u64>,
}

impl Trace {
    /// A line of history.
    pub fn line(&mut self, now_us: u64, line: String) {
        self.now_us = now_us;
        let mut hash = self.hash ^ now_us;
        for byte in line.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.hash = hash;
        if self.lines.len() >= self.lines_max {
            self.lines.pop_front();
        }
        self.lines.push_back(format!("{now_us:>11} {line}"));
    }
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
    /// Which broker listens where.
    pub ports: BTreeMap<u16, i32>,
    pub ports_used: u16,
    pub dns: Dns,
    /// Leader and epoch of before.
    pub past_leaders: BTreeMap<(usize, i32), (i32, i32)>,
    /// What happens to the next answers of an API.
    pub spoils: Vec<(ApiKey, Spoil)>,
    /// Requests that arrive twice.
    pub repeats: u32,
    /// Connections that may have something to write at the end of the turn.
    pub unflushed: BTreeSet<ConnId>,
    /// The process stands still for that long.
    pub suspend_us: u64,
    pub suspended_us: u64,
    /// Records that were in a log once: topic, partition, offset.
    pub archived: Vec<(usize, i32, i64, Stored)>,
    /// Partitions whose brokers forgot what they knew of producers.
    pub amnesia: BTreeSet<(usize, i32)>,
    /// A fatal error is in order.
    pub may_be_fatal: bool,
    pub questions: Questions,
    /// The application produces no more.
    pub closed: bool,
    /// Messages that must arrive.
    pub epilogue: Vec<usize>,
    epilogues: u32,
    topics_known: usize,
    notices_due_us: u64,
    /// What is held is to be counted after this turn.
    looks: bool,
    events: BTreeMap<(u64, u64), Event>,
    next_event: u64,
    pub trace: Rc<RefCell<Trace>>,
}

impl World {
    pub fn new(plan: Rc<Plan>, mut rng: Rng, trace: Rc<RefCell<Trace>>) -> Self {
        let mut net = Network::new(plan.cluster_options());
        for id in 1..=plan.brokers as i32 {
            net.cluster_mut().set_broker_address(id, plan.host(), PORT_BASE + id as u16);
        }
        let (produce_max, metadata_max) = plan.versions_max;
        net.cluster_mut().set_api_versions(ApiKey::PRODUCE, Some((0, produce_max)));
        net.cluster_mut().set_api_versions(ApiKey::METADATA, Some((0, metadata_max)));
        for topic in 0..plan.partitions.len() {
            let name = faults::topic_name(topic);
            net.cluster_mut().create_topic(&name, plan.partitions[topic] as u32, 3).unwrap();
        }
        let brokers = plan.brokers as u16;
        let mut world = Self {
            core: Core::new(plan.settings.clone(), rng.next_u64(), START_US),
            app: App::new(&plan),
            questions: Questions::new(&plan),
            may_be_fatal: plan.settings.idempotence.is_some_and(|settings| settings.gapless),
            plan,
            rng,
            now_us: START_US,
            net,
            links: BTreeMap::new(),
            by_mock: BTreeMap::new(),
            calm: false,
            violations: Vec::new(),
            ports: (1..=brokers).map(|id| (PORT_BASE + id, i32::from(id))).collect(),
            ports_used: 0,
            dns: Dns::Well,
            past_leaders: BTreeMap::new(),
            spoils: Vec::new(),
            repeats: 0,
            unflushed: BTreeSet::new(),
            suspend_us: 0,
            suspended_us: 0,
            archived: Vec::new(),
            amnesia: BTreeSet::new(),
            closed: false,
            epilogue: Vec::new(),
            epilogues: 0,
            topics_known: 0,
            notices_due_us: 0,
            looks: false,
            events: BTreeMap::new(),
            next_event: 0,
            trace,
        };
        if world.plan.messages.is_multiple_of(2) {
            world.core.enable_statistics();
        }
        world.schedule();
        world
    }

    fn schedule(&mut self) {
        let last = self.plan.topics.len() - 1;
        for topic in 0..=last {
            let late_us = if topic == last { self.plan.late_topic_us } else { 0 };
            self.at(START_US + late_us, Event::Topic(topic));
        }
        self.at(START_US, Event::App);
        self.at(self.plan.calm_us, Event::Calm);
        if self.plan.fault_pause_us > 0 {
            self.at(START_US, Event::Fault);
        }
        match self.plan.ending {
            Ending::Patient => {}
            Ending::Purge { at_us } | Ending::Failure { at_us } => self.at(at_us, Event::Ending),
        }
    }

    /// A fault of that kind struck.
    pub fn count(&mut self, kind: &'static str) {
        *self.trace.borrow_mut().faults.entry(kind).or_default() += 1;
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
        self.trace.borrow_mut().line(self.now_us, line);
    }

    pub fn violate(&mut self, what: String) {
        self.log(format!("VIOLATION: {what}"));
        self.violations.push(what);
    }

    fn is_done(&self) -> bool {
        self.app.reported >= self.app.messages.len()
            && (self.closed || self.epilogues == 2 && self.app.messages.len() >= self.plan.messages)
    }

    /// Runs to the end: everything reported, or too late.
    pub fn run(&mut self) {
        let longest = self.plan.topics.iter().map(|topic| topic.message_timeout_us).max();
        let end_us = self.plan.calm_us + longest.unwrap_or(0) + GRACE_US;
        let mut turns = 0;
        while self.violations.is_empty() {
            self.turn();
            self.look_for_overdue_questions();
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
            let suspended_us = std::mem::take(&mut self.suspend_us);
            self.suspended_us += suspended_us;
            let next_us = next_us + suspended_us;
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
        if !self.app.ready.is_empty() {
            if self.plan.notice_delay_us == 0 {
                self.give_notices();
            } else if self.notices_due_us < self.now_us {
                let delay_us = self.rng.below(self.plan.notice_delay_us);
                self.notices_due_us = self.now_us + delay_us;
                self.later(delay_us, Event::Notices);
            }
        }
        self.serve_core();
        while self.flush() {
            self.serve_core();
        }
        if std::mem::take(&mut self.looks) {
            self.check_held();
            // Now and then, because it looks at every message.
            if self.now_us.is_multiple_of(16) {
                self.check_statistics();
            }
        }
    }

    fn serve_core(&mut self) {
        if self.core.poll_timeout().is_some_and(|due_us| due_us <= self.now_us) {
            self.core.handle_timeout(self.now_us);
        }
        self.core.drain(&mut self.app, self.now_us);
        while let Some(action) = self.core.poll_action() {
            self.on_action(action);
        }
    }

    fn give_notices(&mut self) {
        for (topic, partition) in std::mem::take(&mut self.app.ready) {
            if let Some(head) = self.app.head(TopicId(topic), partition) {
                self.core.handle_ready(TopicId(topic), partition, head, self.now_us);
            }
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Resolved(query, port) => {
                let address = |last, port| SocketAddr::from(([127, 0, 0, last], port));
                let well = address(1, port);
                let result = match self.dns {
                    Dns::Fails if one_in(&mut self.rng, 3) => Ok(Vec::new()),
                    Dns::Fails => Err("no such host".to_owned()),
                    Dns::Dead => {
                        Ok(vec![address(DEAD_ADDRESS, port), address(SILENT_ADDRESS, port), well])
                    }
                    Dns::Well | Dns::Silent => Ok(vec![well]),
                };
                self.core.handle_resolved(query, result, self.now_us);
            }
            Event::Connect(conn, broker) => self.on_connect(conn, broker),
            Event::ToBroker(conn, bytes) => self.on_bytes_to_broker(conn, bytes),
            Event::ToClient(conn, bytes) => self.on_bytes_to_client(conn, bytes),
            Event::Reset(conn) => self.on_reset(conn, "Connection reset"),
            Event::Closed(conn) => self.on_closed(conn),
            Event::Compress(work) => {
                let failed = one_in(&mut self.rng, 10);
                let records = if failed { None } else { work.run(&mut Compressor::new()) };
                self.core.handle_compressed(work.finish(records), self.now_us);
            }
            Event::Later(what) => faults::later(self, &what),
            Event::Notices => self.give_notices(),
            Event::App => self.act(),
            Event::Topic(topic) => {
                let (name, settings) = (faults::topic_name(topic), &self.plan.topics[topic]);
                self.core.handle_topic(TopicId(topic as u32), &name, settings.clone(), self.now_us);
                self.topics_known += 1;
            }
            Event::FlushEnds => self.core.handle_flush(false, self.now_us),
            Event::Fault if self.calm => {}
            Event::Fault => {
                faults::strike(self);
                let pause_us = 1 + self.rng.below(2 * self.plan.fault_pause_us);
                self.later(pause_us, Event::Fault);
            }
            Event::Calm => {
                faults::calm(self);
                self.later(EPILOGUE_US, Event::Epilogue(1));
                self.later(EPILOGUE_US + EPILOGUE_PAUSE_US, Event::Epilogue(2));
            }
            Event::Epilogue(number) => self.epilogue(number),
            Event::Ending => self.end(),
        }
    }

    /// The application does something.
    fn act(&mut self) {
        self.looks = true;
        let span_us = 2 * self.plan.calm_us / self.plan.messages as u64;
        for _ in 0..1 + self.rng.below(6) {
            let topic = self.rng.below(self.plan.topics.len() as u64) as u32;
            let count = self.app.partitions.get(&topic).copied().unwrap_or(0);
            if self.app.messages.len() < self.plan.messages && count > 0 && !self.closed {
                let partition = self.rng.below(count as u64) as i32;
                self.produce((topic, partition), self.plan.value_bytes_max);
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
        self.ask();
        if self.app.messages.len() < self.plan.messages && !self.closed {
            let pause_us = self.rng.below(span_us);
            self.later(pause_us, Event::App);
        }
    }

    fn produce(&mut self, key: (u32, i32), value_bytes_max: u64) -> Option<usize> {
        let number = self.app.produce(key, &mut self.rng, value_bytes_max, self.now_us);
        match number {
            Some(number) => self.log(format!("produce m{number} to t{}/{}", key.0, key.1)),
            None => self.count("queue limit met"),
        }
        number
    }

    /// Long after calm, a message for each partition.
    fn epilogue(&mut self, number: u32) {
        self.epilogues = number;
        if self.closed {
            return;
        }
        for (topic, count) in self.app.partitions.clone() {
            let settings = &self.plan.topics[topic as usize];
            // A connection that died unnoticed is found out by a request that times out.
            let patience_us = 5_000_000.max(2 * self.plan.settings.socket_timeout_us);
            let patient = !(1..patience_us).contains(&settings.message_timeout_us)
                && self.plan.settings.retries_max > 5;
            for partition in 0..count {
                let spoiled = self.app.spoiled.contains(&(topic, partition));
                let produced = self.produce((topic, partition), 20);
                if patient && number == 2 && !spoiled {
                    self.epilogue.extend(produced);
                }
            }
        }
    }

    /// The handle goes, whatever is under way.
    fn end(&mut self) {
        self.log(format!("{:?}", self.plan.ending));
        self.count("handle destroyed midway");
        self.closed = true;
        match self.plan.ending {
            Ending::Failure { .. } => self.core.handle_failure(DESTROY, &mut self.app),
            _ => self.core.handle_purge(true, true, &mut self.app, self.now_us),
        }
        self.core.handle_shutdown();
    }

    fn on_action(&mut self, action: Action) {
        match action {
            Action::Resolve { query, port, .. } => {
                self.log(format!("{query:?} of port {port}"));
                let delay_us = self.latency_us();
                if self.dns != Dns::Silent {
                    self.later(delay_us, Event::Resolved(query, port));
                }
            }
            Action::Connect { conn, address } => {
                self.log(format!("{conn:?} to {address}"));
                self.connect(conn, address);
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
        match self.links.get(&conn) {
            Some(link) if link.is_known() => {}
            // It ended in the same turn.
            Some(_) => return,
            None => return self.violate(format!("{conn:?} was never open, but was sent to")),
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
                    self.check_batch_sent(conn, &numbers);
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
            Notice::TopicFailed { topic, error } => {
                self.log(format!("{topic:?} failed: {error}"));
                self.app.partitions.remove(&topic.0);
                self.app.topic_errors.insert((topic.0, error));
            }
            Notice::Fatal { error, reason } => {
                self.log(format!("fatal {error}: {reason}"));
                self.count("fatal error");
                if !self.may_be_fatal {
                    self.violate(format!("a fatal error without need: {reason}"));
                }
                self.closed = true;
                self.core.handle_fatal(&mut self.app, self.now_us);
            }
            Notice::Answer { id, answer } => self.on_answer(id, &answer),
            Notice::Log { text, .. } => self.log(text),
            other => self.log(format!("{other:?}")),
        }
    }
}
