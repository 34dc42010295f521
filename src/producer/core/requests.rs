//! Requests and responses of a connection: framing, correlation, timeouts, and who handles which answer.

use super::{Core, Payload, Timer};
use crate::cluster::planted::{Bug, is_planted};
use crate::cluster::{broker, local_error};
use crate::producer::action::{Action, Notice, Segment};
use crate::protocol::header::encode_request;
use crate::protocol::{ApiKey, Message, Reader, ResponseHeader};
use crate::stats::QueuedFrame;

impl Core {
    /// Sends a control request (its whole frame in one segment).
    pub(super) fn send_request<'a, M: Message<'a>>(
        &mut self,
        index: usize,
        request: &M,
        version: i16,
        timeout_us: u64,
        payload: Payload,
        now_us: u64,
    ) {
        let (correlation_id, frame_number) = self.brokers[index].next_frame();
        let mut frame = Vec::with_capacity(256);
        let client_id = Some(self.settings.client_id.as_str());
        encode_request(request, version, correlation_id, client_id, &mut frame);
        let request = broker::InFlight {
            correlation_id,
            api: M::API,
            version,
            sent_us: now_us,
            deadline_us: now_us + timeout_us,
            frame_number,
            payload,
        };
        self.expect_response(index, request);
        self.transmit(index, vec![Segment::Bytes(frame)], (M::API, 0), now_us);
    }

    pub(super) fn expect_response(&mut self, index: usize, request: broker::InFlight<Payload>) {
        self.timers.arm_earlier(Timer::Request(index), request.deadline_us);
        self.brokers[index].in_flight.push_back(request);
    }

    /// Hands a frame to the driver; `what` is its API and how many messages it has.
    pub(super) fn transmit(
        &mut self,
        index: usize,
        segments: Vec<Segment>,
        what: (ApiKey, usize),
        now_us: u64,
    ) {
        let len_bytes = segments.iter().map(Segment::len_bytes).sum();
        let (ApiKey(api_key), messages) = what;
        let frame = QueuedFrame { api_key, len_bytes, messages, queued_us: now_us };
        // Before anything can be measured there.
        self.make_windows(index);
        self.brokers[index].note_queued(frame);
        self.brokers[index].active_us = now_us;
        if let Some(conn) = self.brokers[index].conn() {
            self.watch_frame(index, &segments);
            self.actions.push_back(Action::Transmit { conn, segments });
        }
    }

    pub(super) fn on_transmitted(&mut self, index: usize, now_us: u64) {
        self.tell_sent(index);
        let broker = &mut self.brokers[index];
        broker.note_transmitted(now_us);
        let transmitted = broker.frames_transmitted;
        let is_out = |request: &broker::Unanswered<_>| request.frame_number <= transmitted;
        while let Some(request) = self.brokers[index].unanswered.pop_front_if(|r| is_out(r)) {
            self.on_unanswered_sent(index, request.payload, now_us);
            self.rest_request_timer(index);
        }
        if !self.brokers[index].ready.is_empty() && !is_planted(Bug::WakeUpLost) {
            self.list_for_drain(index);
        }
        self.leave_old_address(index, now_us);
    }

    /// With no request left nobody need wake for its deadline.
    fn rest_request_timer(&mut self, index: usize) {
        let broker = &self.brokers[index];
        if broker.in_flight.is_empty() && broker.unanswered.is_empty() {
            self.timers.disarm(Timer::Request(index));
        }
    }

    pub(super) fn on_frame(&mut self, index: usize, frame: &[u8], now_us: u64) {
        self.brokers[index].active_us = now_us;
        self.brokers[index].traffic.on_received(frame.len(), now_us);
        let Some(request) = self.brokers[index].in_flight.pop_front() else {
            self.brokers[index].traffic.rx_unmatched += 1;
            self.close_link(index, local_error::BAD_MSG, "Response to no request", now_us);
            return;
        };
        self.rest_request_timer(index);
        let mut reader = Reader::new(frame);
        let header = ResponseHeader::decode(&mut reader, request.api, request.version);
        if !header.is_ok_and(|header| header.correlation_id == request.correlation_id) {
            // Its outcome is unknown, as that of everything else on this connection.
            self.brokers[index].in_flight.push_front(request);
            self.brokers[index].traffic.rx_unmatched += 1;
            let text = "Response does not belong to the oldest request";
            self.close_link(index, local_error::BAD_MSG, text, now_us);
            return;
        }
        self.brokers[index].traffic.on_answered(request.sent_us, now_us);
        let rtt_us = now_us.saturating_sub(request.sent_us);
        self.tell_received(index, &request, frame.len().saturating_sub(4), rtt_us);
        let body = reader.rest();
        if !matches!(request.payload, Payload::ApiVersions) {
            // Only an answer shows that the broker is of use: one that greets and hangs up is backed off from.
            self.brokers[index].failures = 0;
        }
        if self.brokers[index].up().is_some() && !self.brokers[index].ready.is_empty() {
            self.list_for_drain(index);
        }
        match request.payload {
            Payload::ApiVersions => self.on_api_versions(index, body, request.version, now_us),
            Payload::Metadata { topics } => {
                self.on_metadata(index, body, request.version, &topics, now_us);
            }
            Payload::ProducerId { broker } => {
                self.on_producer_id(index, body, request.version, &broker, now_us);
            }
            Payload::Question { id } => {
                self.on_answer(index, id, (request.api, request.version), body, now_us);
            }
            Payload::Produce { batches } => {
                self.on_produce_response(index, body, request.version, batches, now_us);
            }
        }
        self.leave_old_address(index, now_us);
    }

    /// A connection died with this request unanswered. `transmitted`: the broker may have seen all of it.
    pub(super) fn on_request_lost(
        &mut self,
        index: usize,
        payload: Payload,
        transmitted: bool,
        error: i32,
        now_us: u64,
    ) {
        match payload {
            Payload::ApiVersions => {}
            Payload::Metadata { topics } => self.on_metadata_lost(index, &topics, now_us),
            Payload::ProducerId { broker } => self.on_producer_id_failed(&broker, error, now_us),
            Payload::Question { id } => self.on_question_lost(id, now_us),
            Payload::Produce { batches } => {
                for sent in batches {
                    self.on_batch_lost(sent, transmitted, error, now_us);
                }
            }
        }
    }

    /// Asks the broker to be left alone for a while (KIP-219).
    pub(super) fn throttle(&mut self, index: usize, throttle_ms: i32, now_us: u64) {
        self.measure_throttle(index, throttle_ms);
        if throttle_ms <= 0 {
            self.tell_throttle(index, throttle_ms);
            return;
        }
        // What a broker may ask for is bounded: for longer, it had better close the connection.
        let pause_us = (throttle_ms as u64 * 1_000).min(self.settings.socket_timeout_us);
        // Answers to requests sent before may ask for less: the longest pause counts.
        let until_us = self.brokers[index].throttled_until_us.max(now_us + pause_us);
        self.brokers[index].throttled_until_us = until_us;
        self.timers.arm(Timer::Throttle(index), until_us);
        self.tell_throttle(index, throttle_ms);
    }

    /// Tells the application of a pause that is asked for, and of the first answer without one after that.
    fn tell_throttle(&mut self, index: usize, throttle_ms: i32) {
        if throttle_ms <= 0 && !self.throttle_told {
            return;
        }
        self.throttle_told = throttle_ms > 0;
        let broker = &self.brokers[index];
        // Its address alone, as librdkafka's callback gets it.
        let (broker, broker_id) = (format!("{}:{}", broker.host, broker.port), broker.node_id);
        let throttle_ms = throttle_ms.max(0);
        self.notify(Notice::Throttle { broker, broker_id, throttle_ms });
    }

    pub(super) fn produce_version(&self, index: usize) -> Option<i16> {
        self.version_for(index, ApiKey::PRODUCE, 3..=12)
    }
}
