//! What is told for interceptors: states of connections, requests, responses. Where nobody asked for it, nothing is done.

use super::{Broker, Core, Link};
use crate::cluster::broker::InFlight;
use crate::producer::action::{BrokerState, Notice, RequestSent, ResponseReceived, Segment};

/// The states of a connection, as librdkafka names them.
const fn name_of<C, R>(link: &crate::cluster::broker::Link<C, R>) -> &'static str {
    use crate::cluster::broker::Link;
    match link {
        Link::Idle => "INIT",
        Link::Waiting { .. } => "DOWN",
        Link::Resolving(_) => "TRY_CONNECT",
        Link::Connecting(_) => "CONNECT",
        Link::Negotiating(_) => "APIVERSION_QUERY",
        Link::Up(_) => "UP",
    }
}

impl Core {
    /// Adds a broker, and returns its place.
    pub(super) fn add_broker(&mut self, node_id: i32, host: String, port: u16) -> usize {
        self.brokers.push(Broker::new(node_id, host, port));
        let index = self.brokers.len() - 1;
        self.tell_state(index, "INIT");
        index
    }

    /// The one way to change a connection's state.
    pub(super) fn set_link(&mut self, index: usize, link: Link, now_us: u64) {
        let (from, to) = (name_of(&self.brokers[index].link), name_of(&link));
        let was_connected = self.brokers[index].conn().is_some();
        self.brokers[index].set_link(link, now_us);
        if from == to {
            return;
        }
        if to == "INIT" && was_connected {
            self.tell_state(index, "DOWN");
        } else if to == "CONNECT" && from != "TRY_CONNECT" {
            self.tell_state(index, "TRY_CONNECT");
        }
        self.tell_state(index, to);
    }

    pub(super) fn tell_state(&mut self, index: usize, state: &'static str) {
        let broker = &mut self.brokers[index];
        broker.told_state = state;
        if self.settings.watch_broker_states {
            let (broker_id, port) = (broker.node_id, broker.port);
            let host = broker.host.clone();
            self.notify(Notice::BrokerState(BrokerState { broker_id, host, port, state }));
        }
    }

    /// A frame is about to be handed to the driver.
    pub(super) fn watch_frame(&mut self, index: usize, segments: &[Segment]) {
        if !self.settings.watch_requests {
            return;
        }
        let size = |segment: &Segment| match segment {
            Segment::Bytes(bytes) => bytes.len(),
            Segment::Batch(batch) => batch.wire_len_bytes(),
        };
        let head = match segments.first() {
            Some(Segment::Bytes(bytes)) => bytes.first_chunk::<12>(),
            _ => None,
        };
        // Length, API, version, correlation id.
        let Some(&[_, _, _, _, a, b, c, d, e, f, g, h]) = head else { return };
        self.brokers[index].watched.push_back((
            i16::from_be_bytes([a, b]),
            i16::from_be_bytes([c, d]),
            i32::from_be_bytes([e, f, g, h]),
            segments.iter().map(size).sum(),
        ));
    }

    /// The oldest frame that was not out is out.
    pub(super) fn tell_sent(&mut self, index: usize) {
        let broker = &mut self.brokers[index];
        let Some((api, version, correlation_id, size_bytes)) = broker.watched.pop_front() else {
            return;
        };
        let Some(conn) = broker.conn() else { return };
        let (broker_id, broker) = (broker.node_id, broker.name());
        self.notify(Notice::RequestSent(RequestSent {
            conn,
            socket: -1,
            broker,
            broker_id,
            api,
            version,
            correlation_id,
            size_bytes,
        }));
    }

    /// A request has got its response, of `size_bytes` after `rtt_us`.
    pub(super) fn tell_received<P>(
        &mut self,
        index: usize,
        request: &InFlight<P>,
        size_bytes: usize,
        rtt_us: u64,
    ) {
        if self.settings.watch_requests {
            let received = ResponseReceived {
                broker: self.brokers[index].name(),
                broker_id: self.brokers[index].node_id,
                api: request.api.0,
                version: request.version,
                correlation_id: request.correlation_id,
                size_bytes,
                rtt_us: i64::try_from(rtt_us).unwrap_or(i64::MAX),
                error: 0,
            };
            self.notify(Notice::ResponseReceived(received));
        }
    }

    /// The requests that wait for a response won't get one.
    pub(super) fn tell_lost(&mut self, index: usize, error: i32) {
        if !self.settings.watch_requests {
            return;
        }
        let broker = &self.brokers[index];
        let lost = |request: &InFlight<_>| ResponseReceived {
            broker: broker.name(),
            broker_id: broker.node_id,
            api: request.api.0,
            version: request.version,
            correlation_id: request.correlation_id,
            size_bytes: 0,
            rtt_us: -1,
            error,
        };
        let lost: Vec<ResponseReceived> = broker.in_flight.iter().map(lost).collect();
        lost.into_iter().for_each(|lost| self.notify(Notice::ResponseReceived(lost)));
    }
}
