//! Statistics: what is measured when a request is formed, and the report of the core's half. The rest (queues that
//! the application fills, names, the wall clock) is added by its driver's host.

use std::collections::HashMap;

use super::partition::Partition;
use super::{Broker, Core, Link, PartitionKey, Payload, SentBatch, Topic};
use crate::stats::{
    BrokerReport, BrokerWindows, IdempotenceReport, PartitionRef, PartitionReport, Statistics,
    TopicReport, WindowReport,
};

/// The idempotent producer's state by librdkafka's name, and since when.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdempotenceState {
    name: &'static str,
    since_us: u64,
    assignments: u64,
}

impl Default for IdempotenceState {
    fn default() -> Self {
        Self { name: "Init", since_us: 0, assignments: 0 }
    }
}

impl IdempotenceState {
    pub fn count_assignment(&mut self) {
        self.assignments += 1;
    }
}

/// Microseconds since, -1 for never.
fn idle_us(since_us: Option<u64>, now_us: u64) -> i64 {
    since_us.map_or(-1, |since_us| now_us.saturating_sub(since_us) as i64)
}

fn age_ms(since_us: u64, now_us: u64) -> u64 {
    now_us.saturating_sub(since_us) / 1_000
}

fn state_name(link: Link) -> &'static str {
    match link {
        Link::Idle => "INIT",
        Link::Waiting { .. } => "DOWN",
        Link::Resolving(_) => "TRY_CONNECT",
        Link::Connecting(_) => "CONNECT",
        Link::Negotiating(_) => "APIVERSION_QUERY",
        Link::Up(_) => "UP",
    }
}

fn messages_of(payload: &Payload) -> usize {
    let Payload::Produce { batches } = payload else { return 0 };
    batches.iter().filter_map(|sent| Some(sent.queued.as_ref()?.batch.count())).sum()
}

impl Core {
    /// From now on windows are kept, so that a report has percentiles.
    pub fn enable_statistics(&mut self) {
        self.measuring = true;
    }

    /// Sees to it that a broker has windows where they are wanted.
    pub(super) fn make_windows(&mut self, index: usize) {
        if self.measuring {
            self.brokers[index].traffic.windows.get_or_insert_default();
        }
    }

    fn windows(&mut self, index: usize) -> Option<&mut BrokerWindows> {
        self.brokers[index].traffic.windows.as_deref_mut()
    }

    pub(super) fn measure_throttle(&mut self, index: usize, throttle_ms: i32) {
        if let (Ok(ms @ 1..), Some(windows)) = (u64::try_from(throttle_ms), self.windows(index)) {
            windows.throttle_ms.record(ms);
        }
    }

    /// Counts what a produce request takes along; returns its number of messages.
    pub(super) fn note_produce(
        &mut self,
        index: usize,
        batches: &[SentBatch],
        now_us: u64,
    ) -> usize {
        let mut messages = 0;
        let mut again = false;
        for sent in batches {
            let Some(queued) = &sent.queued else { continue };
            let count = queued.batch.count();
            let mut len_bytes = queued.batch.values_len_bytes();
            messages += count;
            again |= queued.attempts > 0;
            if self.measuring {
                len_bytes += self.measure_batch(index, sent, now_us);
            }
            if let Some(state) = self.partition_mut(sent.key) {
                state.counters.tx_messages += count as u64;
                state.counters.tx_bytes += len_bytes as u64;
            }
        }
        self.brokers[index].traffic.tx_retries += u64::from(again);
        messages
    }

    /// How long each message waited; returns the bytes of their keys.
    fn measure_batch(&mut self, index: usize, sent: &SentBatch, now_us: u64) -> usize {
        let Some(queued) = &sent.queued else { return 0 };
        let (bytes, count) = (queued.batch.wire_len_bytes(), queued.batch.count());
        let windows = self.topics[sent.key.0 as usize].windows.get_or_insert_default();
        windows.batch_bytes.record(bytes as u64);
        windows.batch_messages.record(count as u64);
        let Some(windows) = self.windows(index) else { return 0 };
        let mut keys_len_bytes = 0;
        windows.int_latency_us.record_each(queued.batch.messages().map(|message| {
            keys_len_bytes += message.record.key.map_or(0, <[u8]>::len);
            now_us.saturating_sub(message.enqueued_us)
        }));
        keys_len_bytes
    }

    /// Notes when the state of the idempotent producer changes.
    pub(super) fn note_idempotence(&mut self, now_us: u64) {
        let producer = &self.producer;
        let up = || self.brokers.iter().any(|broker| broker.up().is_some());
        let name = match () {
            () if self.fatal => "FatalError",
            () if producer.has_ids() => "Assigned",
            () if producer.is_asked() => "WaitPID",
            () if up() => "RequestPID",
            () => "WaitTransport",
        };
        if name != self.idempotence.name {
            self.idempotence.name = name;
            self.idempotence.since_us = now_us;
        }
    }

    /// The core's half of a report; with `roll` the windows are empty afterwards.
    pub fn statistics(&mut self, roll: bool, now_us: u64) -> Statistics {
        let mut in_flight: HashMap<PartitionKey, usize> = HashMap::new();
        for broker in &self.brokers {
            let answered = broker.in_flight.iter().map(|request| &request.payload);
            let unanswered = broker.unanswered.iter().map(|request| &request.payload);
            for payload in answered.chain(unanswered) {
                let Payload::Produce { batches } = payload else { continue };
                for sent in batches {
                    let count = sent.queued.as_ref().map_or(0, |queued| queued.batch.count());
                    *in_flight.entry(sent.key).or_default() += count;
                }
            }
        }
        let known = |topic: &&Topic| topic.metadata_us.is_some() && !topic.failed;
        let mut statistics = Statistics {
            r#type: "producer",
            ts: now_us,
            age: now_us.saturating_sub(self.created_us),
            metadata_cache_cnt: self.topics.iter().filter(known).count(),
            eos: self.idempotence_report(now_us),
            ..Statistics::default()
        };
        let mut brokers: Vec<_> =
            self.brokers.iter_mut().map(|broker| broker_report(broker, roll, now_us)).collect();
        for (id, topic) in (0u32..).zip(&mut self.topics) {
            let mut report = topic_report(topic, roll, now_us);
            for (number, state) in (0i32..).zip(&topic.partitions) {
                let place = self.by_node.get(&state.leader);
                let count = in_flight.get(&(id, number)).copied().unwrap_or(0);
                let broker = place.map_or(-1, |_| state.leader);
                report.partitions.push(partition_report(number, state, broker, count));
                if let Some(broker) = place.and_then(|&index| brokers.get_mut(index)) {
                    let topic = topic.name.clone();
                    broker.toppars.push(PartitionRef { topic, partition: number });
                }
            }
            statistics.topics.push(report);
        }
        statistics.brokers = brokers;
        statistics
    }

    fn idempotence_report(&mut self, now_us: u64) -> Option<IdempotenceReport> {
        if !self.is_idempotent() {
            return None;
        }
        self.note_idempotence(now_us);
        let (producer_id, producer_epoch) = self.producer.id_and_epoch();
        Some(IdempotenceReport {
            idemp_state: self.idempotence.name,
            idemp_stateage: age_ms(self.idempotence.since_us, now_us),
            txn_state: "Init",
            txn_stateage: age_ms(self.created_us, now_us),
            txn_may_enq: false,
            producer_id,
            producer_epoch,
            epoch_cnt: self.idempotence.assignments,
        })
    }
}

fn broker_report(broker: &mut Broker, roll: bool, now_us: u64) -> BrokerReport {
    let sent = |request: &&crate::cluster::broker::InFlight<Payload>| {
        request.frame_number <= broker.frames_transmitted
    };
    let waiting: Vec<_> = broker.in_flight.iter().filter(sent).collect();
    let (waitresp_cnt, waitresp_msg_cnt) =
        (waiting.len(), waiting.iter().map(|request| messages_of(&request.payload)).sum());
    let is_up = broker.up().is_some();
    let name = broker.name();
    let traffic = &mut broker.traffic;
    let mut report = BrokerReport {
        name,
        nodeid: broker.node_id,
        nodename: format!("{}:{}", broker.host, broker.port),
        source: if broker.node_id < 0 { "configured" } else { "learned" },
        state: state_name(broker.link),
        stateage: match traffic.state_us {
            0 => 0,
            since_us => now_us.saturating_sub(since_us),
        },
        outbuf_cnt: traffic.queued.len(),
        outbuf_msg_cnt: traffic.queued_messages(),
        waitresp_cnt,
        waitresp_msg_cnt,
        tx: traffic.tx,
        txbytes: traffic.tx_bytes,
        txerrs: traffic.tx_errors,
        txretries: traffic.tx_retries,
        txidle: idle_us(traffic.sent_us.filter(|_| is_up), now_us),
        req_timeouts: traffic.request_timeouts,
        rx: traffic.rx,
        rxbytes: traffic.rx_bytes,
        rxerrs: traffic.rx_errors,
        rxcorriderrs: traffic.rx_unmatched,
        rxidle: idle_us(traffic.received_us.filter(|_| is_up), now_us),
        connects: traffic.connects,
        disconnects: traffic.disconnects,
        req: traffic.requests.clone(),
        ..BrokerReport::default()
    };
    if let Some(windows) = &mut traffic.windows {
        report.int_latency = windows.int_latency_us.report(roll);
        report.outbuf_latency = windows.outbuf_latency_us.report(roll);
        report.rtt = windows.rtt_us.report(roll);
        report.throttle = windows.throttle_ms.report(roll);
    }
    report
}

fn topic_report(topic: &mut Topic, roll: bool, now_us: u64) -> TopicReport {
    let (batchsize, batchcnt) = match &mut topic.windows {
        Some(windows) => (windows.batch_bytes.report(roll), windows.batch_messages.report(roll)),
        None => (WindowReport::default(), WindowReport::default()),
    };
    TopicReport {
        topic: topic.name.clone(),
        age: age_ms(topic.wanted_us, now_us),
        metadata_age: topic.metadata_us.map_or(0, |told_us| age_ms(told_us, now_us)),
        batchsize,
        batchcnt,
        partitions: Vec::with_capacity(topic.partitions.len() + 1),
        state: match topic.metadata_us {
            _ if topic.failed => "notexists",
            Some(_) => "exists",
            None => "unknown",
        },
    }
}

fn partition_report(
    number: i32,
    state: &Partition,
    broker: i32,
    in_flight_messages: usize,
) -> PartitionReport {
    let queued = || state.queue.iter().map(|queued| &queued.batch);
    PartitionReport {
        broker,
        leader: state.leader,
        leader_epoch: state.leader_epoch,
        xmit_msgq_cnt: queued().map(|batch| batch.count() as u64).sum(),
        xmit_msgq_bytes: queued().map(|batch| batch.values_len_bytes() as u64).sum(),
        txmsgs: state.counters.tx_messages,
        txbytes: state.counters.tx_bytes,
        msgs: state.taken_messages,
        msgs_inflight: in_flight_messages as u64,
        next_ack_seq: state.counters.next_ack_seq,
        next_err_seq: state.counters.next_err_seq,
        acked_msgid: state.counters.acked_msgid,
        ..PartitionReport::new(number)
    }
}
