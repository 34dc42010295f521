//! What is known of one broker: address, connection state, requests in flight, what waits to be sent to it.
//!
//! ```text
//!            wanted            address known            accepted            versions known
//!   Idle ------------> Resolving ----------> Connecting ---------> Negotiating ---------> Up
//!    ^ back-off over       |                     |                     |                  |
//!    +------ Waiting <-----+---------------------+---------------------+------------------+  failure, close
//! ```

use std::collections::VecDeque;

use core::net::SocketAddr;

use super::versions::Versions;
use crate::protocol::ApiKey;
use crate::stats::{QueuedFrame, Traffic};

/// State of a broker's connection; see the diagram above. `C` identifies a connection, `R` a name resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link<C, R> {
    /// Not connected, and nobody wants it to be.
    Idle,
    /// Not before the back-off ends.
    Waiting {
        /// End of the back-off.
        until_us: u64,
    },
    /// The host name is being looked up.
    Resolving(R),
    /// The TCP connection is being made.
    Connecting(C),
    /// Waiting for the answer to ApiVersions.
    Negotiating(C),
    /// Ready for requests.
    Up(C),
}

/// A request that waits for its response.
#[derive(Debug)]
pub struct InFlight<P> {
    /// As sent; responses come in the same order.
    pub correlation_id: i32,
    /// API.
    pub api: ApiKey,
    /// Version spoken.
    pub version: i16,
    /// When it was handed to the driver, then when the kernel had all of it.
    pub sent_us: u64,
    /// When it counts as lost.
    pub deadline_us: u64,
    /// Number of its frame on the connection, from 1.
    pub frame_number: u64,
    /// What the request carries.
    pub payload: P,
}

/// A request that gets no response.
#[derive(Debug)]
pub struct Unanswered<P> {
    /// Number of its frame on the connection, from 1.
    pub frame_number: u64,
    /// When it counts as lost unless its frame is out.
    pub deadline_us: u64,
    /// What the request carries.
    pub payload: P,
}

/// One broker, known by bootstrap address or by node id. `P` is what requests carry, `T` names a partition.
#[derive(Debug)]
pub struct Broker<C, R, P, T> {
    /// Node id, -1 for a bootstrap address that no metadata has named yet.
    pub node_id: i32,
    /// Host as configured or advertised.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The last metadata that named brokers named this one.
    pub told: bool,
    /// Connection state.
    pub link: Link<C, R>,
    /// The connection is to an address of before.
    pub moved: bool,
    /// Looked-up addresses, tried in turn.
    pub addresses: Vec<SocketAddr>,
    /// Which address is next.
    pub next_address: usize,
    /// When the addresses were looked up.
    pub resolved_us: u64,
    /// Failures in a row.
    pub failures: u32,
    /// When the current connection attempt started.
    pub attempt_us: u64,
    /// What it speaks.
    pub versions: Versions,
    /// Requests waiting for responses, oldest first.
    pub in_flight: VecDeque<InFlight<P>>,
    /// Requests that get no response, until their frame is out.
    pub unanswered: VecDeque<Unanswered<P>>,
    /// Next correlation id.
    pub next_correlation_id: i32,
    /// Frames handed to the driver on this connection.
    pub frames: u64,
    /// Frames whose last byte the kernel has.
    pub frames_transmitted: u64,
    /// Partitions with something to send here.
    pub ready: VecDeque<T>,
    /// At this length, what is not ready here any more is looked for and taken out.
    pub ready_len_max: usize,
    /// Listed among the brokers to drain.
    pub listed: bool,
    /// Not before this time (KIP-219).
    pub throttled_until_us: u64,
    /// Last request or response.
    pub active_us: u64,
    /// The state that was last told, as librdkafka names it.
    pub told_state: &'static str,
    /// Requests that were not handed to the kernel whole yet, where somebody wants to know: API, version, correlation id, size.
    pub watched: VecDeque<(i16, i16, i32, usize)>,
    /// The error last told to the application, when, and how often it came again since.
    pub told_error: (String, u64, u32),
    /// What went to it and came from it.
    pub traffic: Traffic,
}

/// A list of what is ready is not searched for stale entries below this length.
pub const READY_LEN_MIN: usize = 64;

impl<C: Copy + PartialEq, R: Copy, P, T> Broker<C, R, P, T> {
    /// A broker nobody has connected to.
    pub fn new(node_id: i32, host: String, port: u16) -> Self {
        Self {
            node_id,
            host,
            port,
            told: false,
            link: Link::Idle,
            moved: false,
            addresses: Vec::new(),
            next_address: 0,
            resolved_us: 0,
            failures: 0,
            attempt_us: 0,
            versions: Versions::default(),
            in_flight: VecDeque::new(),
            unanswered: VecDeque::new(),
            next_correlation_id: 1,
            frames: 0,
            frames_transmitted: 0,
            ready: VecDeque::new(),
            ready_len_max: READY_LEN_MIN,
            listed: false,
            throttled_until_us: 0,
            active_us: 0,
            told_state: "INIT",
            watched: VecDeque::new(),
            told_error: (String::new(), 0, 0),
            traffic: Traffic::default(),
        }
    }

    /// Changes the connection's state.
    pub fn set_link(&mut self, link: Link<C, R>, now_us: u64) {
        self.link = link;
        self.traffic.state_us = now_us;
    }

    /// The connection, once there is one.
    pub fn conn(&self) -> Option<C> {
        match self.link {
            Link::Connecting(conn) | Link::Negotiating(conn) | Link::Up(conn) => Some(conn),
            _ => None,
        }
    }

    /// The connection, if requests can be sent.
    pub fn up(&self) -> Option<C> {
        match self.link {
            Link::Up(conn) => Some(conn),
            _ => None,
        }
    }

    /// Whether it was tried since the last success, in vain so far.
    pub fn is_failing(&self) -> bool {
        self.failures > 0 && self.up().is_none()
    }

    /// Frames that the driver has not yet handed to the kernel.
    pub fn frames_untransmitted(&self) -> u64 {
        self.frames - self.frames_transmitted
    }

    /// Whether nothing is under way on its connection.
    pub fn is_at_rest(&self) -> bool {
        self.in_flight.is_empty() && self.unanswered.is_empty() && self.frames_untransmitted() == 0
    }

    /// `host:port/id`, as logs and statistics name it.
    pub fn name(&self) -> String {
        if self.node_id < 0 {
            format!("{}:{}/bootstrap", self.host, self.port)
        } else {
            format!("{}:{}/{}", self.host, self.port, self.node_id)
        }
    }

    /// The earliest time at which a request counts as lost.
    pub fn request_deadline_us(&self) -> Option<u64> {
        let answered = self.in_flight.iter().map(|request| request.deadline_us);
        answered.chain(self.unanswered.iter().map(|request| request.deadline_us)).min()
    }

    /// Takes correlation id and frame number for the next request.
    pub fn next_frame(&mut self) -> (i32, u64) {
        let correlation_id = self.next_correlation_id;
        self.next_correlation_id = correlation_id.checked_add(1).unwrap_or(1);
        self.frames += 1;
        (correlation_id, self.frames)
    }

    /// The driver gets a frame.
    pub fn note_queued(&mut self, frame: QueuedFrame) {
        self.traffic.queued.push_back(frame);
    }

    /// The kernel has the oldest frame that the driver had.
    pub fn note_transmitted(&mut self, now_us: u64) {
        self.frames_transmitted += 1;
        self.traffic.on_transmitted(now_us);
        let number = self.frames_transmitted;
        // Those that wait for the kernel stand at the end.
        let newest_first = self.in_flight.iter_mut().rev();
        let mut candidates = newest_first.take_while(|request| request.frame_number >= number);
        if let Some(request) = candidates.find(|request| request.frame_number == number) {
            request.sent_us = now_us;
        }
    }

    /// Forgets what belonged to a connection that is gone; returns the requests with "was its frame fully sent".
    pub fn reset_connection(&mut self) -> Vec<(P, bool)> {
        let transmitted = self.frames_transmitted;
        let lost = self
            .in_flight
            .drain(..)
            .map(|request| (request.frame_number, request.payload))
            .chain(self.unanswered.drain(..).map(|request| (request.frame_number, request.payload)))
            .map(|(number, payload)| (payload, number <= transmitted))
            .collect();
        self.traffic.on_gone();
        self.frames = 0;
        self.frames_transmitted = 0;
        self.watched.clear();
        self.moved = false;
        lost
    }
}
