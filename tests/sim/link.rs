//! Connections between the core and the mock brokers: bytes arrive late and in pieces, stop at any byte, or never come.

use crate::plan::one_in;
use crate::world::World;
use rdkafka::mock::ConnectionId;
use rdkafka::producer::action::{ConnId, ResolveId};
use rdkafka::producer::compression::Compression;
use rdkafka::protocol::produce::ProduceResponse;
use rdkafka::protocol::{ApiKey, ErrorCode, Message as _};
use std::collections::VecDeque;

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
    BrokerUp(i32),
    /// A batch is compressed by now.
    Compress(Compression),
    App,
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
    messages: Vec<usize>,
}

#[derive(Debug, Default)]
pub struct Link {
    mock: Option<ConnectionId>,
    /// The client has not closed it and was not told of its end.
    client_open: bool,
    /// Nothing passes any more.
    dead: bool,
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
}

impl World {
    /// The client wants to connect.
    pub fn connect(&mut self, conn: ConnId, broker: i32) {
        let cut = one_in(&mut self.rng, self.plan.cut_one_in) && !self.calm;
        let passes = if cut { self.rng.below(6_000) as usize } else { usize::MAX };
        self.links.insert(conn, Link { client_open: true, passes, ..Link::default() });
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
                self.links.get_mut(&conn).unwrap().mock = Some(id);
                self.core.handle_connected(conn, self.now_us);
            }
            None => self.on_reset(conn, "Connection refused"),
        }
    }

    /// The client sends a frame.
    pub fn transmit(&mut self, conn: ConnId, bytes: &[u8], messages: Vec<usize>) {
        let i16_at = |at: usize| i16::from_be_bytes(bytes[at..at + 2].try_into().unwrap());
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
            messages,
        });
        self.write_socket(conn);
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
        self.write_socket(conn);
    }

    fn cut(&mut self, conn: ConnId) {
        let told = !one_in(&mut self.rng, 4);
        self.log(format!("{conn:?} ends{}", if told { "" } else { " unnoticed" }));
        self.kill(conn, told);
    }

    /// What the brokers want to send.
    pub fn serve_broker(&mut self) {
        while let Some(id) = self.net.poll_connection() {
            let Some(&conn) = self.by_mock.get(&id) else { continue };
            let bytes = self.net.poll_output(id, self.now_us);
            let at_us = self.now_us + 1 + self.rng.below(self.plan.latency_us);
            let link = self.links.get_mut(&conn).unwrap();
            link.last_in_us = at_us.max(link.last_in_us + 1);
            let at_us = link.last_in_us;
            if !bytes.is_empty() {
                self.at(at_us, Event::ToClient(conn, bytes));
            }
            if self.net.closed(id).is_some() {
                self.net.disconnect(id);
                self.links.get_mut(&conn).unwrap().mock = None;
                self.at(at_us + 1, Event::Reset(conn));
            }
        }
    }

    pub fn on_bytes_to_client(&mut self, conn: ConnId, bytes: Vec<u8>) {
        let link = &self.links[&conn];
        if !link.is_open() {
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
            let end = 4 + i32::from_be_bytes(*size) as usize;
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
        let Some(frame) = link.frames.iter_mut().find(|frame| !frame.answered) else { return };
        let correlation_id = i32::from_be_bytes(answer[..4].try_into().unwrap());
        assert_eq!(correlation_id, frame.correlation_id, "the simulator lost count of answers");
        frame.answered = true;
        if frame.api != ApiKey::PRODUCE {
            return;
        }
        let header_bytes = if frame.version >= 9 { 5 } else { 4 };
        let response = ProduceResponse::decode_all(&answer[header_bytes..], frame.version).unwrap();
        for &number in &frame.messages {
            let message = &mut self.app.messages[number];
            let name = crate::faults::topic_name(message.topic);
            let answer = response
                .topics
                .iter()
                .filter(|topic| topic.name == name)
                .flat_map(|topic| &topic.partitions)
                .find(|partition| partition.index == message.partition)
                .expect("an answer for each partition");
            match answer.error_code {
                ErrorCode::NONE => message.successes += 1,
                // An offset says that it was appended all the same.
                code if answer.base_offset >= 0 || crate::faults::AMBIGUOUS.contains(&code) => {
                    message.doubts += 1;
                }
                _ => {}
            }
        }
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
        if !self.links.get(&conn).is_some_and(|link| link.client_open) {
            return self.violate(format!("{conn:?} closed, but it is not open"));
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
