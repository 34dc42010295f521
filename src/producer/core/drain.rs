//! Forming produce requests: which batches go to a broker now, sealed, compressed, framed.

use std::sync::Arc;

use super::partition::QueuedBatch;
use super::sequence::Sequence;
use super::{BatchSource, Core, PartitionKey, Payload, SentBatch, Timer};
use crate::cluster::broker;
use crate::cluster::local_error;
use crate::cluster::planted::{Bug, is_planted};
use crate::producer::action::{Segment, TopicId};
use crate::producer::batch::{Batch, FreshChunks, Sealing};
use crate::producer::compression::compress;
use crate::protocol::header::{begin_frame, end_frame};
use crate::protocol::produce::{FramingPartition, FramingTopic, encode_framing};
use crate::protocol::{ApiKey, RequestHeader};
use crate::record::compress::Codec;

impl Core {
    /// Forms requests from what is ready and may be sent now.
    pub fn drain(&mut self, source: &mut impl BatchSource, now_us: u64) {
        self.drain_failing(source);
        for key in std::mem::take(&mut self.due) {
            self.expire(key, source, now_us);
            self.evaluate(key, now_us);
        }
        for _ in 0..self.to_drain.len() {
            let Some(index) = self.to_drain.pop_front() else { break };
            while self.may_send(index, now_us) && self.drain_request(index, source, now_us) {}
            self.brokers[index].listed = false;
        }
        self.drain_ahead(source, now_us);
        self.drain_loads(source, now_us);
        self.hurrying = false;
    }

    fn may_send(&self, index: usize, now_us: u64) -> bool {
        let broker = &self.brokers[index];
        broker.up().is_some()
            && !broker.moved
            && !broker.ready.is_empty()
            // The one being written and those that may wait behind it: what comes later had better fill its batch.
            && broker.frames_untransmitted() <= self.settings.details.frames_waiting_max
            && broker.in_flight.len() < self.settings.in_flight_requests_max
            && broker.throttled_until_us <= now_us
    }

    /// Sends one request of as many batches as fit; false when there was none.
    fn drain_request(&mut self, index: usize, source: &mut impl BatchSource, now_us: u64) -> bool {
        let Some(version) = self.produce_version(index) else {
            let text = "Broker speaks no version of Produce that we do";
            self.close_link(index, local_error::UNSUPPORTED_FEATURE, text, now_us);
            return false;
        };
        let mut batches: Vec<SentBatch> = Vec::new();
        let mut len_bytes = 0;
        self.round += 1;
        // Partitions seen in this round go to the back: everyone gets a turn.
        for _ in 0..self.brokers[index].ready.len() {
            let Some(&key) = self.brokers[index].ready.front() else { break };
            if let Some(first) = batches.first()
                && !self.same_request(first.key.0, key.0)
            {
                break;
            }
            self.brokers[index].ready.pop_front();
            if self.partition(key).is_some_and(|state| state.round == self.round) {
                // A request holds one batch of a partition.
                self.brokers[index].ready.push_back(key);
                continue;
            }
            let Some(queued) = self.take_batch(index, key, source, now_us) else { continue };
            let batch_len_bytes = queued.batch.wire_len_bytes();
            if !batches.is_empty() && len_bytes + batch_len_bytes > self.settings.message_max_bytes
            {
                self.put_back(index, key, queued);
                break;
            }
            len_bytes += batch_len_bytes;
            self.mark_in_flight(key, &queued, source, now_us);
            batches.push(SentBatch { key, queued: Some(queued) });
        }
        if batches.is_empty() {
            return false;
        }
        batches.sort_by_key(|sent| sent.key);
        self.send_produce(index, version, batches, now_us);
        true
    }

    /// A request has one `acks` and one timeout.
    fn same_request(&self, a: u32, b: u32) -> bool {
        let (a, b) = (&self.topics[a as usize].settings, &self.topics[b as usize].settings);
        a.acks == b.acks && a.request_timeout_ms == b.request_timeout_ms
    }

    /// The next batch of a partition, sealed; `None` if it may not send after all.
    fn take_batch(
        &mut self,
        index: usize,
        key: PartitionKey,
        source: &mut impl BatchSource,
        now_us: u64,
    ) -> Option<QueuedBatch> {
        let (linger_us, in_flight_max) =
            (self.linger_us(), self.in_flight_batches_max(key, now_us));
        let node_id = self.brokers[index].node_id;
        let state = self.partition_mut(key)?;
        if state.ready_on != Some(index) {
            return None;
        }
        state.ready_on = None;
        if state.leader != node_id {
            self.evaluate(key, now_us);
            return None;
        }
        self.expire(key, source, now_us);
        let state = self.partition_mut(key)?;
        let sendable = state.sendable_us(in_flight_max, linger_us).is_some_and(|at| at <= now_us);
        if !sendable {
            self.evaluate(key, now_us);
            return None;
        }
        let passed_over = is_planted(Bug::YoungerFirst) && state.source.is_some();
        let mut queued = match state.queue.pop_front_if(|_| !passed_over) {
            Some(queued) => queued,
            None => {
                let batch = source.take(TopicId(key.0), key.1)?;
                state.admit(batch)
            }
        };
        if self.wants_compression(key.0, &queued) {
            self.put_off(key, queued, source, now_us);
            return None;
        }
        queued.broker_id = node_id;
        self.prepare(key, queued)
    }

    /// Numbers and seals a batch that is not yet, or that must be anew.
    fn prepare(&mut self, key: PartitionKey, mut queued: QueuedBatch) -> Option<QueuedBatch> {
        let unnumbered = self.is_idempotent() && queued.sequence.is_none();
        if unnumbered && self.number(key, &mut queued).is_none() {
            self.partition_mut(key)?.requeue(queued);
            return None;
        }
        if !unnumbered && queued.batch.is_sealed() {
            return Some(queued);
        }
        if Arc::get_mut(&mut queued.batch).is_none() {
            // The driver still holds what was sent before.
            let (copy, _) = queued.batch.split_at(queued.batch.count(), &mut FreshChunks);
            queued.batch = Arc::new(copy);
        }
        if let Some(batch) = Arc::get_mut(&mut queued.batch) {
            self.seal(key.0, batch, queued.sequence);
        }
        Some(queued)
    }

    fn put_back(&mut self, index: usize, key: PartitionKey, queued: QueuedBatch) {
        if let Some(state) = self.partition_mut(key) {
            state.requeue(queued);
            state.ready_on = Some(index);
            self.brokers[index].ready.push_front(key);
        }
    }

    fn mark_in_flight(
        &mut self,
        key: PartitionKey,
        queued: &QueuedBatch,
        source: &mut impl BatchSource,
        now_us: u64,
    ) {
        let round = self.round;
        self.batches_in_flight += 1;
        if let Some(state) = self.partition_mut(key) {
            state.in_flight += 1;
            state.in_flight_node_id = queued.broker_id;
            state.in_flight_order_max = state.in_flight_order_max.max(queued.order);
            state.round = round;
            state.source = source.head(TopicId(key.0), key.1);
            self.evaluate(key, now_us);
        }
    }

    /// Writes the header; compresses first what was too small to be handed out for that.
    fn seal(&mut self, topic: u32, batch: &mut Batch, sequence: Option<Sequence>) {
        let settings = &self.topics[topic as usize].settings;
        if settings.codec != Codec::None && !batch.is_packed() {
            let (codec, level) = (settings.codec, settings.compression_level);
            batch.pack(compress(batch, codec, level, &mut self.compressor));
        }
        let mut sealing = Sealing::plain();
        if let Some(Sequence { ids, base }) = sequence {
            (sealing.producer_id, sealing.producer_epoch) = (ids.id, ids.epoch);
            sealing.base_sequence = base;
        }
        batch.seal(sealing);
    }

    fn send_produce(&mut self, index: usize, version: i16, batches: Vec<SentBatch>, now_us: u64) {
        let settings = self.topics[batches[0].key.0 as usize].settings.clone();
        let (correlation_id, frame_number) = self.brokers[index].next_frame();
        let segments = self.frame_produce(version, correlation_id, &settings, &batches);
        let messages = self.note_produce(index, &batches, now_us);
        self.debug_produce(&batches, version);
        let payload = Payload::Produce { batches };
        let deadline_us = self.produce_deadline_us(&payload, now_us);
        if settings.acks == 0 {
            let request = broker::Unanswered { frame_number, deadline_us, payload };
            self.timers.arm_earlier(Timer::Request(index), deadline_us);
            self.brokers[index].unanswered.push_back(request);
        } else {
            let request = broker::InFlight {
                correlation_id,
                api: ApiKey::PRODUCE,
                version,
                sent_us: now_us,
                deadline_us,
                frame_number,
                payload,
            };
            self.expect_response(index, request);
        }
        self.transmit(index, segments, (ApiKey::PRODUCE, messages), now_us);
    }

    /// The socket timeout, or the rest of the first message's life if that is shorter.
    fn produce_deadline_us(&self, payload: &Payload, now_us: u64) -> u64 {
        let mut deadline_us = now_us.saturating_add(self.settings.socket_timeout_us);
        if let Payload::Produce { batches } = payload {
            for sent in batches {
                let timeout_us = self.topics[sent.key.0 as usize].settings.message_timeout_us;
                if let (1.., Some(queued)) = (timeout_us, &sent.queued) {
                    let expires_us = queued.batch.first_enqueued_us().saturating_add(timeout_us);
                    deadline_us = deadline_us.min(expires_us);
                }
            }
        }
        // A grace of a millisecond: never a deadline that has already passed.
        deadline_us.max(now_us + 1_000)
    }

    fn frame_produce(
        &self,
        version: i16,
        correlation_id: i32,
        settings: &crate::producer::config::TopicSettings,
        batches: &[SentBatch],
    ) -> Vec<Segment> {
        let sealed: Vec<&Arc<Batch>> =
            batches.iter().filter_map(|sent| Some(&sent.queued.as_ref()?.batch)).collect();
        let partitions: Vec<FramingPartition> = batches
            .iter()
            .zip(&sealed)
            .map(|(sent, batch)| FramingPartition {
                index: sent.key.1,
                records_len_bytes: batch.wire_len_bytes(),
            })
            .collect();
        let mut topics: Vec<FramingTopic<'_>> = Vec::new();
        let mut from = 0;
        for group in batches.chunk_by(|a, b| a.key.0 == b.key.0) {
            let topic = &self.topics[group[0].key.0 as usize];
            topics.push(FramingTopic {
                name: &topic.name,
                topic_id: topic.uuid,
                partitions: &partitions[from..from + group.len()],
            });
            from += group.len();
        }
        let mut frame = Vec::with_capacity(128 + 16 * batches.len());
        let mut cuts = Vec::with_capacity(batches.len());
        let start = begin_frame(&mut frame);
        RequestHeader {
            api_key: ApiKey::PRODUCE,
            api_version: version,
            correlation_id,
            client_id: Some(&self.settings.client_id),
        }
        .encode(&mut frame);
        let (acks, timeout_ms) = (settings.acks, settings.request_timeout_ms);
        let records_len_bytes =
            encode_framing(version, None, acks, timeout_ms, &topics, &mut frame, &mut cuts);
        end_frame(&mut frame, start, records_len_bytes);
        interleave(&frame, &cuts, &sealed)
    }

    /// The partition's timer, whatever it was armed for.
    pub(super) fn disarm_partition(&mut self, key: PartitionKey) {
        self.timers.disarm(Timer::Partition(key.0, key.1));
    }
}

/// The frame as segments: framing bytes up to each cut, then the batch that belongs there.
fn interleave(frame: &[u8], cuts: &[usize], batches: &[&Arc<Batch>]) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(2 * cuts.len() + 1);
    let mut from = 0;
    for (&cut, &batch) in cuts.iter().zip(batches) {
        segments.push(Segment::Bytes(frame[from..cut].to_vec()));
        segments.push(Segment::Batch(Arc::clone(batch)));
        from = cut;
    }
    if from < frame.len() {
        segments.push(Segment::Bytes(frame[from..].to_vec()));
    }
    segments
}
