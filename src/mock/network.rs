//! The edge of the cluster: connections to its brokers as streams of bytes, time as a parameter.
//!
//! | in | out |
//! |---|---|
//! | [`Network::connect`], [`Network::disconnect`] | [`Network::poll_connection`]: who has bytes to send or was closed |
//! | [`Network::input`] + [`Network::handle_input`], or [`Network::handle_bytes`] | [`Network::output`] + [`Network::handle_sent`], or [`Network::poll_output`] |
//! | [`Network::handle_timeout`] | [`Network::poll_timeout`]: when to call it |
//!
//! After each call in, poll connections until there are none, then the timeout. Nothing here blocks or reads a clock.

use super::cluster::Cluster;
use super::connection::{Answer, Answers, Connection, Waiting};
use super::handlers::{self, Arrival, Outcome};
use super::options::ClusterOptions;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A connection; never given out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Why a broker closed a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// A cluster and the connections to it.
#[derive(Debug)]
pub struct Network {
    cluster: Cluster,
    connections: BTreeMap<ConnectionId, Connection>,
    next_id: u64,
    announced: VecDeque<ConnectionId>,
    in_line: BTreeSet<ConnectionId>,
    response: Vec<u8>,
}

impl Network {
    /// A cluster that nobody is connected to.
    pub fn new(options: ClusterOptions) -> Self {
        Self {
            cluster: Cluster::new(options),
            connections: BTreeMap::new(),
            next_id: 0,
            announced: VecDeque::new(),
            in_line: BTreeSet::new(),
            response: Vec::new(),
        }
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The cluster and its controls.
    pub fn cluster_mut(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    /// Takes a connection, if that broker is up.
    pub fn connect(&mut self, broker_id: i32) -> Option<ConnectionId> {
        if !self.cluster.broker(broker_id)?.up {
            return None;
        }
        let id = ConnectionId(self.next_id);
        self.next_id += 1;
        self.connections.insert(id, Connection::new(broker_id));
        Some(id)
    }

    /// Forgets a connection: the client closed it, or the driver acted on [`Network::is_closed`].
    pub fn disconnect(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
        self.in_line.remove(&id);
    }

    /// Takes a broker down (its connections are closed) or up again. Leaders stay what they are.
    pub fn set_broker_up(&mut self, broker_id: i32, up: bool) {
        let Some(broker) = self.cluster.broker_mut(broker_id) else { return };
        broker.up = up;
        if up {
            return;
        }
        let to_it = self.connections.iter().filter(|(_, c)| c.broker_id == broker_id);
        for id in to_it.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.close(id, Malformed("broker goes down"));
        }
    }

    /// Sets the delay of a broker's responses, of those that wait too: a shorter one lets them go earlier. Call
    /// [`Network::handle_timeout`] afterwards if [`Network::poll_timeout`] has come.
    pub fn set_broker_rtt_us(&mut self, broker_id: i32, rtt_us: u64) {
        let Some(broker) = self.cluster.broker_mut(broker_id) else { return };
        let before_us = std::mem::replace(&mut broker.rtt_us, rtt_us);
        for connection in self.connections.values_mut().filter(|c| c.broker_id == broker_id) {
            for answer in connection.answers.line_mut() {
                let us = match answer {
                    Answer::Ready { due_us, .. } => due_us,
                    Answer::Waiting(waiting) => &mut waiting.delay_us,
                };
                *us = us.saturating_sub(before_us).saturating_add(rtt_us);
            }
        }
    }

    /// Takes a broker out of the cluster for good: its connections are closed, its partitions get other leaders.
    /// Returns whether there was one.
    pub fn remove_broker(&mut self, broker_id: i32) -> bool {
        let is_there = self.cluster.broker(broker_id).is_some();
        self.set_broker_up(broker_id, false);
        self.cluster.remove_broker(broker_id);
        is_there
    }

    /// Where to put bytes received; empty while the connection should not be read from.
    pub fn input(&mut self, id: ConnectionId) -> &mut [u8] {
        match self.connections.get_mut(&id) {
            Some(c) if c.closed.is_none() && !c.answers.is_full() => c.input.space(),
            _ => &mut [],
        }
    }

    /// Handles `len` bytes put into [`Network::input`].
    pub fn handle_input(&mut self, id: ConnectionId, len: usize, now_us: u64) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.input.received(len);
            self.pump(id, now_us);
        }
    }

    /// Handles received bytes and returns how many were taken: all, unless the connection was closed or has too many
    /// answers in line.
    pub fn handle_bytes(&mut self, id: ConnectionId, bytes: &[u8], now_us: u64) -> usize {
        let mut taken = 0;
        while taken < bytes.len() {
            let space = self.input(id);
            let len = space.len().min(bytes.len() - taken);
            if len == 0 {
                break;
            }
            space[..len].copy_from_slice(&bytes[taken..taken + len]);
            taken += len;
            self.handle_input(id, len, now_us);
        }
        taken
    }

    /// A connection that has bytes to send or was closed since it was last returned here.
    pub fn poll_connection(&mut self) -> Option<ConnectionId> {
        loop {
            let id = self.announced.pop_front()?;
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.announced = false;
                return Some(id);
            }
        }
    }

    /// Bytes to send.
    pub fn output(&self, id: ConnectionId) -> &[u8] {
        self.connections.get(&id).map_or(&[], |connection| connection.answers.unsent())
    }

    /// Takes note that the first `len` bytes of [`Network::output`] were sent.
    pub fn handle_sent(&mut self, id: ConnectionId, len: usize, now_us: u64) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let was_full = connection.answers.is_full();
        connection.answers.consume(len);
        if was_full && !connection.answers.is_full() {
            self.pump(id, now_us);
        }
    }

    /// All bytes to send, counted as sent.
    pub fn poll_output(&mut self, id: ConnectionId, now_us: u64) -> Vec<u8> {
        let output = self.output(id).to_vec();
        self.handle_sent(id, output.len(), now_us);
        output
    }

    /// Whether the broker closed the connection, and why. What it had to send is lost.
    pub fn closed(&self, id: ConnectionId) -> Option<Malformed> {
        self.connections.get(&id)?.closed
    }

    /// When [`Network::handle_timeout`] is to be called.
    pub fn poll_timeout(&self) -> Option<u64> {
        self.in_line.iter().filter_map(|id| self.connections.get(id)?.answers.deadline_us()).min()
    }

    /// Sends what has become due, and answers what has waited long enough.
    pub fn handle_timeout(&mut self, now_us: u64) {
        self.retry_waiting(now_us);
        for id in self.in_line.iter().copied().collect::<Vec<_>>() {
            self.pump(id, now_us);
        }
    }

    /// Handles whole requests as long as there is room for answers.
    fn pump(&mut self, id: ConnectionId, now_us: u64) {
        while let Some(connection) = self.connections.get_mut(&id) {
            if connection.closed.is_some() || connection.answers.is_full() {
                break;
            }
            let frame = match connection.input.frame(self.cluster.options.max_request_bytes) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(malformed) => return self.close(id, malformed),
            };
            let len = frame.len();
            let arrival = Arrival { broker_id: connection.broker_id, now_us };
            self.response.clear();
            let outcome = handlers::handle(&mut self.cluster, arrival, frame, &mut self.response);
            let answers = &mut connection.answers;
            match outcome {
                Outcome::Respond { delay_us } => {
                    answers.push(now_us.saturating_add(delay_us), now_us, &self.response);
                }
                Outcome::Silent => {}
                Outcome::Wait { deadline_us, delay_us } => {
                    let frame = frame.to_vec();
                    answers.push_waiting(Waiting { frame, deadline_us, delay_us });
                }
                Outcome::Close(malformed) => return self.close(id, malformed),
            }
            connection.input.consume_frame(len);
        }
        self.settle(id, now_us);
        if std::mem::take(&mut self.cluster.appended) && !self.in_line.is_empty() {
            self.retry_waiting(now_us);
        }
    }

    /// Moves what is due to the output and keeps the books on the connection.
    fn settle(&mut self, id: ConnectionId, now_us: u64) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.answers.advance(now_us);
        if connection.answers.is_waiting() {
            self.in_line.insert(id);
        } else {
            self.in_line.remove(&id);
        }
        if !connection.answers.unsent().is_empty() {
            self.announce(id);
        }
    }

    fn announce(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id)
            && !std::mem::replace(&mut connection.announced, true)
        {
            self.announced.push_back(id);
        }
    }

    fn close(&mut self, id: ConnectionId, reason: Malformed) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.closed = Some(reason);
            connection.answers = Answers::default();
            self.in_line.remove(&id);
            self.announce(id);
        }
    }

    /// Works out again the answers that wait for data.
    fn retry_waiting(&mut self, now_us: u64) {
        for id in self.in_line.iter().copied().collect::<Vec<_>>() {
            let Some(connection) = self.connections.get_mut(&id) else { continue };
            let arrival = Arrival { broker_id: connection.broker_id, now_us };
            for answer in connection.answers.line_mut() {
                let Answer::Waiting(waiting) = answer else { continue };
                self.response.clear();
                let expired = now_us >= waiting.deadline_us;
                if handlers::retry(
                    &mut self.cluster,
                    arrival,
                    &waiting.frame,
                    expired,
                    &mut self.response,
                ) {
                    let due_us = now_us.saturating_add(waiting.delay_us);
                    *answer = Answer::Ready { due_us, bytes: self.response.clone() };
                }
            }
            self.settle(id, now_us);
        }
    }
}
