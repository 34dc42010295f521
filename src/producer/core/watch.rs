//! What is told for interceptors and by `debug`: states of connections, requests, responses. Where nobody asked for it, nothing is
//! done.

use super::{Broker, Core, Link, PartitionKey, SentBatch};
use crate::cluster::broker::InFlight;
use crate::conf::DebugContexts;
use crate::producer::action::{BrokerState, Notice, RequestSent, ResponseReceived, Segment};
use crate::protocol::ApiKey;

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
    /// A line of `debug`, if any of `contexts` is on.
    pub(super) fn debug(
        &mut self,
        contexts: DebugContexts,
        facility: &'static str,
        text: impl FnOnce(&Self) -> String,
    ) {
        if self.settings.debug.has(contexts) {
            let text = text(self);
            self.notify(Notice::Debug { contexts, facility, text });
        }
    }

    /// The same about a broker.
    pub(super) fn debug_broker(
        &mut self,
        index: usize,
        contexts: DebugContexts,
        facility: &'static str,
        text: impl FnOnce(&Self) -> String,
    ) {
        self.debug(contexts, facility, |core| {
            format!("{}: {}", core.brokers[index].name(), text(core))
        });
    }

    /// The same about a batch that was written.
    pub(super) fn debug_delivered(&mut self, key: PartitionKey, count: usize) {
        self.debug(DebugContexts::MSG, "MSGSET", |core| {
            let (name, partition) = (&core.topics[key.0 as usize].name, key.1);
            format!("{name} [{partition}]: MessageSet with {count} message(s) delivered")
        });
    }

    /// The same about the batches of a request, on their way out.
    pub(super) fn debug_produce(&mut self, batches: &[SentBatch], version: i16) {
        if !self.settings.debug.has(DebugContexts::MSG) {
            return;
        }
        for sent in batches {
            let Some(batch) = sent.queued.as_ref().map(|queued| &queued.batch) else { continue };
            let (count, len_bytes) = (batch.count(), batch.wire_len_bytes());
            self.debug(DebugContexts::MSG, "PRODUCE", |core| {
                let (name, partition) = (&core.topics[sent.key.0 as usize].name, sent.key.1);
                let what = format!("{count} message(s) ({len_bytes} bytes, ApiVersion {version})");
                format!("{name} [{partition}]: Produce MessageSet with {what}")
            });
        }
    }

    /// Adds a broker, and returns its place.
    pub(super) fn add_broker(&mut self, node_id: i32, host: String, port: u16) -> usize {
        self.brokers.push(Broker::new(node_id, host, port));
        let index = self.brokers.len() - 1;
        self.tell_state(index, "INIT");
        self.debug_broker(index, DebugContexts::BROKER, "BROKER", |_| {
            format!("Added new broker with NodeId {node_id}")
        });
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
        let before = std::mem::replace(&mut self.brokers[index].told_state, state);
        if before != state {
            self.debug_broker(index, DebugContexts::BROKER, "STATE", |_| {
                format!("Broker changed state {before} -> {state}")
            });
        }
        let broker = &self.brokers[index];
        if self.settings.watch_broker_states {
            let (broker_id, port) = (broker.node_id, broker.port);
            let host = broker.host.clone();
            self.notify(Notice::BrokerState(BrokerState { broker_id, host, port, state }));
        }
    }

    /// A frame is about to be handed to the driver.
    pub(super) fn watch_frame(&mut self, index: usize, segments: &[Segment]) {
        if !self.settings.watch_requests && !self.settings.debug.has(DebugContexts::PROTOCOL) {
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
        let conn = broker.conn();
        self.debug_broker(index, DebugContexts::PROTOCOL, "SEND", |_| {
            let name = ApiKey(api).name().unwrap_or("Unknown");
            let what = format!("v{version}, {size_bytes} bytes @ 0, CorrId {correlation_id}");
            format!("Sent {name}Request ({what})")
        });
        let Some(conn) = conn.filter(|_| self.settings.watch_requests) else { return };
        let broker = &self.brokers[index];
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
        self.debug_broker(index, DebugContexts::PROTOCOL, "RECV", |_| {
            let name = request.api.name().unwrap_or("Unknown");
            let (version, id) = (request.version, request.correlation_id);
            let rtt_ms = rtt_us as f64 / 1_000.0;
            let what = format!("v{version}, {size_bytes} bytes, CorrId {id}, rtt {rtt_ms:.2}ms");
            format!("Received {name}Response ({what})")
        });
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
