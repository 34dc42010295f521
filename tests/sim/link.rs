//! Connections between the core and the mock brokers: bytes arrive late and in pieces, stop at any byte, or never come.

use crate::faults::Later;
use crate::plan::one_in;
use crate::spoil::{Spoil, spoil};
use crate::world::World;
use rdkafka::mock::ConnectionId;
use rdkafka::producer::action::{ConnId, ResolveId};
use rdkafka::producer::compression::Compression;
use rdkafka::protocol::init_producer_id::InitProducerIdResponse;
use rdkafka::protocol::metadata::MetadataResponse;
use rdkafka::protocol::produce::ProduceResponse;
use rdkafka::protocol::{ApiKey, ErrorCode, Message as _, Reader, ResponseHeader};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// `receive.message.max.bytes`
const RECEIVE_MAX_BYTES: i32 = 100_000_000;
/// Last byte of addresses where connections are refused, or never answered.
pub const DEAD_ADDRESS: u8 = 2;
pub const SILENT_ADDRESS: u8 = 3;

/// Something that happens at a time.
#[derive(Debug)]
pub enum Event {
    Resolved(ResolveId, u16),
    /// The connection is accepted, or refused.
    Connect(ConnId, i32),
    ToBroker(ConnId, Vec<u8>),
    ToClient(ConnId, Vec<u8>),
    /// The client learns that the connection is gone.
    Reset(ConnId),
    /// The broker learns that the client closed.
    Closed(ConnId),
    /// A batch is compressed by now.
    Compress(Compression),
    Later(Later),
    /// The core hears of new data.
    Notices,
    App,
    /// A topic becomes known to the handle.
    Topic(usize),
    /// After calm: what is produced now must arrive.
    Epilogue(u32),
    Ending,
    FlushEnds,
    Fault,
    Calm,
}

/// A request on its way.
#[derive(Debug)]
pub struct Frame {
    correlation_id: i32,
    api: ApiKey,
    version: i16,
    /// Position of its last byte on the connection.
    end: usize,
    handed_over: bool,
    answered: bool,
    /// What comes back is not what the broker wrote.
    spoil: Option<Spoil>,
    /// The whole request, if it is to be repeated.
    copy: Option<Vec<u8>>,
    messages: Vec<usize>,
}

#[derive(Debug, Default)]
pub struct Link {
    mock: Option<ConnectionId>,
    /// The client has not closed it and was not told of its end.
    client_open: bool,
    /// Nothing passes any more.
    dead: bool,
    /// Nothing comes back any more.
    deaf: bool,
    /// The client has seen nonsense and takes no answer any more.
    out_of_step: bool,
    broker: i32,
    pending: VecDeque<u8>,
    in_socket: usize,
    handed_over: usize,
    queued: usize,
    frames: VecDeque<Frame>,
    received: Vec<u8>,
    last_out_us: u64,
    last_in_us: u64,
    stalled_until_us: u64,
    /// Bytes that still pass in either direction.
    passes: usize,
}

impl Link {
    /// The client may send on it.
    pub fn is_known(&self) -> bool {
        self.client_open
    }

    pub fn is_open(&self) -> bool {
        self.client_open && !self.dead
    }

    /// Messages that the client waits here to hear of.
    pub fn unanswered(&self) -> impl Iterator<Item = usize> {
        let frames = self.frames.iter().filter(|frame| self.client_open && !frame.answered);
        frames.flat_map(|frame| frame.messages.iter().copied())
    }
}

impl World {
    /// The client wants to connect; the last byte of an address says what is there.
    pub fn connect(&mut self, conn: ConnId, address: SocketAddr) {
        let cut = one_in(&mut self.rng, self.plan.cut_one_in) && !self.calm;
        let passes = if cut { self.rng.below(6_000) as usize } else { usize::MAX };
        self.links.insert(conn, Link { client_open: true, passes, ..Link::default() });
        let broker = self.ports.get(&address.port()).copied().unwrap_or(0);
        let broker = match address.ip() {
            IpAddr::V4(ip) if ip.octets()[3] == DEAD_ADDRESS => 0,
            IpAddr::V4(ip) if ip.octets()[3] == SILENT_ADDRESS => {
                self.count("connection attempt unanswered");
                return;
            }
            _ => broker,
        };
        let delay_us = self.latency_us();
        self.later(delay_us, Event::Connect(conn, broker));
    }

    pub fn on_connect(&mut self, conn: ConnId, broker: i32) {
        if !self.links[&conn].client_open {
            return;
        }
        match self.net.connect(broker) {
            Some(id) => {
                self.by_mock.insert(id, conn);
                let link = self.links.get_mut(&conn).unwrap();
                link.mock = Some(id);
                link.broker = broker;
                self.core.handle_connected(conn, self.now_us);
            }
            None => {
                self.count("connection refused");
                self.on_reset(conn, "Connection refused");
            }
        }
    }

    /// The client sends a frame.
    pub fn transmit(&mut self, conn: ConnId, bytes: &[u8], messages: Vec<usize>) {
        let i16_at = |at: usize| i16::from_be_bytes(bytes[at..at + 2].try_into().unwrap());
        let repeat = self.repeats > 0 && !messages.is_empty();
        self.repeats -= u32::from(repeat);
        let link = self.links.get_mut(&conn).unwrap();
        link.queued += bytes.len();
        link.pending.extend(bytes);
        link.frames.push_back(Frame {
            correlation_id: i32::from_be_bytes(bytes[8..12].try_into().unwrap()),
            api: ApiKey(i16_at(4)),
            version: i16_at(6),
            end: link.queued,
            handed_over: false,
            answered: false,
            spoil: None,
            copy: repeat.then(|| bytes.to_vec()),
            messages,
        });
        self.unflushed.insert(conn);
    }

    /// Writes to all sockets that may take something: as in the driver, after everything that the core wants done in this turn,
    /// so that nothing leaves over a connection that it closes. Returns whether there was any.
    pub fn flush(&mut self) -> bool {
        let unflushed = std::mem::take(&mut self.unflushed);
        unflushed.iter().for_each(|&conn| self.write_socket(conn));
        !unflushed.is_empty()
    }

    /// Hands pending bytes to the socket as far as it takes them.
    fn write_socket(&mut self, conn: ConnId) {
        let room = self.plan.socket_buffer_bytes;
        while let Some(link) = self.links.get_mut(&conn)
            && link.client_open
            && !link.pending.is_empty()
            && link.in_socket < room
        {
            let len = link.pending.len().min(room - link.in_socket);
            let len = if one_in(&mut self.rng, 3) {
                1 + self.rng.below(len as u64) as usize
            } else {
                len
            };
            let bytes: Vec<u8> = link.pending.drain(..len).collect();
            link.in_socket += len;
            link.handed_over += len;
            let at_us = self.now_us + 1 + self.rng.below(self.plan.latency_us);
            link.last_out_us = at_us.max(link.last_out_us + 1);
            let at_us = link.last_out_us;
            self.at(at_us, Event::ToBroker(conn, bytes));
        }
        self.hand_over(conn);
    }

    /// Tells the core which frames the socket has taken.
    fn hand_over(&mut self, conn: ConnId) {
        loop {
            let link = self.links.get_mut(&conn).unwrap();
            let total = link.handed_over;
            let next = link.frames.iter_mut().find(|frame| !frame.handed_over);
            let Some(frame) = next.filter(|frame| frame.end <= total) else { return };
            frame.handed_over = true;
            let unanswered = frame.api == ApiKey::PRODUCE
                && frame.messages.first().is_some_and(|&number| {
                    self.plan.topics[self.app.messages[number].topic].acks == 0
                });
            if unanswered {
                frame.answered = true;
                for &number in &frame.messages {
                    self.app.messages[number].doubts += 1;
                }
            }
            self.core.handle_transmitted(conn, self.now_us);
        }
    }

    /// How many of `len` bytes pass before the cut.
    fn pass(&mut self, conn: ConnId, len: usize) -> usize {
        let link = self.links.get_mut(&conn).unwrap();
        let passing = len.min(link.passes);
        if link.passes != usize::MAX {
            link.passes -= passing;
        }
        passing
    }

    pub fn on_bytes_to_broker(&mut self, conn: ConnId, bytes: Vec<u8>) {
        let link = &self.links[&conn];
        if link.dead {
            return;
        }
        if link.stalled_until_us > self.now_us {
            let at_us = link.stalled_until_us;
            return self.at(at_us, Event::ToBroker(conn, bytes));
        }
        let passing = self.pass(conn, bytes.len());
        if let Some(id) = self.links[&conn].mock {
            self.net.handle_bytes(id, &bytes[..passing], self.now_us);
            self.serve_broker();
        }
        self.links.get_mut(&conn).unwrap().in_socket -= bytes.len();
        if passing < bytes.len() {
            return self.cut(conn);
        }
        self.unflushed.insert(conn);
    }

    fn cut(&mut self, conn: ConnId) {
        self.count("link cut at a byte");
        let told = !one_in(&mut self.rng, 4);
        self.log(format!("{conn:?} ends{}", if told { "" } else { " unnoticed" }));
        self.kill(conn, told);
    }

    /// What the brokers want to send.
    pub fn serve_broker(&mut self) {
        while let Some(id) = self.net.poll_connection() {
            let Some(&conn) = self.by_mock.get(&id) else { continue };
            let mut bytes = self.net.poll_output(id, self.now_us);
            if !self.spoils.is_empty() {
                bytes = self.spoil_frames(conn, &bytes);
            }
            let at_us = self.now_us + 1 + self.rng.below(self.plan.latency_us);
            let link = self.links.get_mut(&conn).unwrap();
            link.last_in_us = at_us.max(link.last_in_us + 1);
            let at_us = link.last_in_us;
            if !bytes.is_empty() {
                self.at(at_us, Event::ToClient(conn, bytes));
            }
            if self.net.closed(id).is_some() {
                self.net.disconnect(id);
                self.by_mock.remove(&id);
                self.links.get_mut(&conn).unwrap().mock = None;
                self.at(at_us + 1, Event::Reset(conn));
            }
        }
    }

    /// Whole frames on their way out of a broker; some get spoiled.
    fn spoil_frames(&mut self, conn: ConnId, mut bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(size) = bytes.first_chunk::<4>() {
            let (frame, rest) = bytes.split_at(4 + i32::from_be_bytes(*size) as usize);
            bytes = rest;
            let mut frame = frame.to_vec();
            let correlation_id = i32::from_be_bytes(frame[4..8].try_into().unwrap());
            let frames = &mut self.links.get_mut(&conn).unwrap().frames;
            let request =
                frames.iter_mut().find(|request| request.correlation_id == correlation_id);
            let due = request
                .as_ref()
                .and_then(|request| self.spoils.iter().position(|(api, _)| *api == request.api));
            if let (Some(request), Some(due)) = (request, due) {
                let (_, what) = self.spoils.remove(due);
                request.spoil = Some(what);
                let (api, version) = (request.api, request.version);
                // With a flipped bit a broker may seem to know nothing of producer ids.
                self.may_be_fatal |= what == Spoil::Flip && api != ApiKey::PRODUCE;
                self.log(format!("{conn:?}: answer {correlation_id} of {api:?}: {what:?}"));
                spoil(self, what, &mut frame, api, version);
            }
            out.extend(frame);
        }
        out
    }

    pub fn on_bytes_to_client(&mut self, conn: ConnId, bytes: Vec<u8>) {
        let link = &self.links[&conn];
        if !link.is_open() || link.deaf {
            return;
        }
        if link.stalled_until_us > self.now_us {
            let at_us = link.stalled_until_us;
            return self.at(at_us, Event::ToClient(conn, bytes));
        }
        let passing = self.pass(conn, bytes.len());
        self.links.get_mut(&conn).unwrap().received.extend_from_slice(&bytes[..passing]);
        if passing < bytes.len() {
            self.cut(conn);
        }
        while let Some(link) = self.links.get_mut(&conn)
            && link.client_open
            && let Some(size) = link.received.first_chunk::<4>()
        {
            let size = i32::from_be_bytes(*size);
            if !(4..=RECEIVE_MAX_BYTES).contains(&size) {
                // As the driver does: the connection is closed and forgotten.
                self.end_client_side(conn);
                self.kill(conn, false);
                return self.core.handle_garbled(conn, "Invalid response size", self.now_us);
            }
            let end = 4 + size as usize;
            if link.received.len() < end {
                return;
            }
            let frame: Vec<u8> = link.received.drain(..end).skip(4).collect();
            self.note_answer(conn, &frame);
            self.core.handle_frame(conn, &frame, self.now_us);
        }
    }

    /// Remembers what an answer says about its request's messages.
    fn note_answer(&mut self, conn: ConnId, answer: &[u8]) {
        let link = self.links.get_mut(&conn).unwrap();
        while link.frames.front().is_some_and(|frame| frame.answered) {
            link.frames.pop_front();
        }
        let next = link.frames.iter_mut().find(|frame| !frame.answered);
        let Some(frame) = next.filter(|_| !link.out_of_step) else { return };
        let correlation_id = i32::from_be_bytes(answer[..4].try_into().unwrap());
        if correlation_id != frame.correlation_id {
            link.out_of_step = true;
            return;
        }
        frame.answered = true;
        let (api, version, broker) = (frame.api, frame.version, link.broker);
        let is_spoiled = frame.spoil.is_some();
        let (numbers, copy) = (std::mem::take(&mut frame.messages), frame.copy.take());
        let body = answer_body(answer, api, version);
        if api != ApiKey::PRODUCE {
            // Whether the client can read it matters to what follows.
            link.out_of_step = is_spoiled && !is_readable(body, api, version);
            return;
        }
        let Some(response) = body.and_then(|body| ProduceResponse::decode_all(body, version).ok())
        else {
            link.out_of_step = true;
            assert!(is_spoiled, "the broker's answer cannot be read");
            return numbers.iter().for_each(|&number| self.app.messages[number].doubts += 1);
        };
        let mut all_good = !is_spoiled;
        for &number in &numbers {
            let message = &mut self.app.messages[number];
            if frame.spoil == Some(Spoil::Flip) {
                message.is_spoiled = true;
                self.app.spoiled.insert((message.topic as u32, message.partition));
            }
            let name = crate::faults::topic_name(message.topic);
            let answer = response
                .topics
                .iter()
                .filter(|topic| topic.name == name)
                .flat_map(|topic| &topic.partitions)
                .find(|partition| partition.index == message.partition);
            let code = answer.map(|answer| answer.error_code);
            // An offset says that it was appended all the same.
            let appended = answer.is_some_and(|answer| answer.base_offset >= 0);
            if let Some(code) = code.filter(|code| code.is_error()) {
                self.trace
                    .borrow_mut()
                    .line(self.now_us, format!("m{number} is answered {code:?}"));
            }
            all_good &= code == Some(ErrorCode::NONE);
            match code {
                Some(ErrorCode::NONE | ErrorCode::DUPLICATE_SEQUENCE_NUMBER) => {
                    message.successes += 1
                }
                Some(code) if appended || crate::faults::AMBIGUOUS.contains(&code) => {
                    message.doubts += 1;
                }
                Some(_) => {}
                None => message.doubts += 1,
            }
        }
        // What was refused and then taken would make a truthful report wrong.
        if let Some(copy) = copy.filter(|_| all_good) {
            self.repeat(broker, &copy, &numbers);
        }
    }

    /// A request arrives once more, over a connection that nobody listens to.
    fn repeat(&mut self, broker: i32, request: &[u8], numbers: &[usize]) {
        let Some(id) = self.net.connect(broker) else { return };
        self.log(format!("request of {numbers:?} repeated"));
        numbers.iter().for_each(|&number| self.app.messages[number].repeats += 1);
        self.net.handle_bytes(id, request, self.now_us);
        self.net.disconnect(id);
    }

    /// Nothing comes of what was not answered any more.
    pub fn end_client_side(&mut self, conn: ConnId) {
        let link = self.links.get_mut(&conn).unwrap();
        link.client_open = false;
        link.pending.clear();
        for frame in link.frames.drain(..).filter(|frame| frame.handed_over && !frame.answered) {
            for number in frame.messages {
                self.app.messages[number].doubts += 1;
            }
        }
    }

    /// The client closes; what its socket has may still arrive.
    pub fn close(&mut self, conn: ConnId) {
        match self.links.get(&conn) {
            Some(link) if link.client_open => {}
            // Both sides at once.
            Some(_) => return,
            None => return self.violate(format!("{conn:?} closed, but it never was")),
        }
        self.end_client_side(conn);
        let at_us = self.links[&conn].last_out_us.max(self.now_us) + 1;
        if one_in(&mut self.rng, 2) {
            self.at(at_us, Event::Closed(conn));
        } else {
            self.on_closed(conn);
        }
    }

    pub fn on_closed(&mut self, conn: ConnId) {
        let link = self.links.get_mut(&conn).unwrap();
        if link.stalled_until_us > self.now_us && !link.dead {
            let at_us = link.stalled_until_us + 1;
            return self.at(at_us, Event::Closed(conn));
        }
        link.dead = true;
        if let Some(id) = link.mock.take() {
            self.net.disconnect(id);
        }
    }

    pub fn on_reset(&mut self, conn: ConnId, reason: &str) {
        if self.links[&conn].client_open {
            self.end_client_side(conn);
            self.core.handle_disconnected(conn, reason, self.now_us);
        }
    }

    /// Ends a connection; the client is told only if `told`.
    pub fn kill(&mut self, conn: ConnId, told: bool) {
        let link = self.links.get_mut(&conn).unwrap();
        link.dead = true;
        if let Some(id) = link.mock.take() {
            self.net.disconnect(id);
        }
        if told {
            let delay_us = self.latency_us();
            self.later(delay_us, Event::Reset(conn));
        }
    }

    /// The client is told of the end while what it sent is still on its way.
    pub fn cut_late(&mut self, conn: ConnId) {
        self.deafen(conn);
        let delay_us = self.latency_us();
        self.later(delay_us, Event::Reset(conn));
        let at_us = self.links[&conn].last_out_us.max(self.now_us + delay_us) + 3_000_000;
        self.at(at_us, Event::Closed(conn));
    }

    /// No connection is cut at a byte any more.
    pub fn spare(&mut self) {
        self.links.values_mut().for_each(|link| link.passes = usize::MAX);
    }

    /// Answers do not come back any more.
    pub fn deafen(&mut self, conn: ConnId) {
        self.links.get_mut(&conn).unwrap().deaf = true;
    }

    /// Nothing passes for a while; nothing is lost.
    pub fn stall(&mut self, conn: ConnId, for_us: u64) {
        let link = self.links.get_mut(&conn).unwrap();
        if link.stalled_until_us > self.now_us {
            // A longer stall would let bytes overtake those that were put off before.
            return;
        }
        link.stalled_until_us = self.now_us + for_us;
        link.last_in_us = link.last_in_us.max(link.stalled_until_us);
        link.last_out_us = link.last_out_us.max(link.stalled_until_us);
    }
}

/// What follows the header; `None` if that is cut short.
fn answer_body(answer: &[u8], api: ApiKey, version: i16) -> Option<&[u8]> {
    let mut reader = Reader::new(answer);
    ResponseHeader::decode(&mut reader, api, version).ok()?;
    Some(reader.rest())
}

/// Whether the client goes on after such an answer. While it negotiates there is nothing that could go on.
fn is_readable(body: Option<&[u8]>, api: ApiKey, version: i16) -> bool {
    match (api, body) {
        (ApiKey::METADATA, Some(body)) => MetadataResponse::decode_all(body, version).is_ok(),
        (ApiKey::INIT_PRODUCER_ID, Some(body)) => {
            InitProducerIdResponse::decode_all(body, version).is_ok()
        }
        (_, body) => body.is_some(),
    }
}
