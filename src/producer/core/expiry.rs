//! Messages that end without an acknowledgement: too old, purged, or their partition gone.

use std::sync::Arc;

use super::partition::QueuedBatch;
use super::{BatchSource, Core, PartitionKey, Payload};
use crate::cluster::local_error;
use crate::cluster::planted::{Bug, is_planted};
use crate::producer::action::TopicId;
use crate::producer::batch::Batch;

impl Core {
    /// Fails what waits in a partition for longer than `message.timeout.ms`. What is in flight is left to its request.
    pub(super) fn expire(&mut self, key: PartitionKey, source: &mut impl BatchSource, now_us: u64) {
        let Some(topic) = self.topics.get(key.0 as usize) else { return };
        let timeout_us = topic.settings.message_timeout_us;
        if timeout_us == 0 || now_us < timeout_us {
            return;
        }
        let limit_us = now_us - timeout_us;
        while self.partition(key).and_then(|state| state.oldest_us()).is_some_and(|t| t <= limit_us)
        {
            let Some(state) = self.partition_mut(key) else { return };
            let queued = match state.queue.pop_front() {
                Some(queued) => queued,
                None => {
                    let taken = source.take(TopicId(key.0), key.1);
                    let head = source.head(TopicId(key.0), key.1);
                    let Some(state) = self.partition_mut(key) else { return };
                    state.source = head;
                    let Some(batch) = taken else { continue };
                    state.admit(batch)
                }
            };
            self.expire_batch(key, queued, limit_us);
        }
    }

    /// A batch that was sent before ends as a whole, with its oldest message; another loses only what is too old.
    fn expire_batch(&mut self, key: PartitionKey, mut queued: QueuedBatch, limit_us: u64) {
        let count = queued.batch.count_enqueued_until(limit_us);
        if !queued.batch.is_sealed() && count < queued.batch.count() {
            let (old, rest) = queued.split(count);
            queued = old;
            if !is_planted(Bug::ExpiryForgetsRest)
                && let Some(state) = self.partition_mut(key)
            {
                state.requeue(rest);
            }
        }
        if queued.batch.count() > 0 {
            self.report_failed(key, queued, local_error::MSG_TIMED_OUT);
        }
    }

    /// Fails what waits in a partition that does not exist any more. New data of the source follows by its own notices.
    pub(super) fn fail_partition(&mut self, key: PartitionKey, error: i32) {
        let Some(state) = self.partition_mut(key) else { return };
        state.leader = -1;
        state.ready_on = None;
        for queued in std::mem::take(&mut state.queue) {
            self.report_failed(key, queued, error);
        }
        let Some(state) = self.partition_mut(key) else { return };
        if state.source.is_some() {
            self.failing.push((key, error));
        }
    }

    /// Takes what the source holds for partitions that were failed since the last drain.
    pub(super) fn drain_failing(&mut self, source: &mut impl BatchSource) {
        for (key, error) in std::mem::take(&mut self.failing) {
            self.drain_source(key, source, error);
        }
    }

    fn drain_source(&mut self, key: PartitionKey, source: &mut impl BatchSource, error: i32) {
        while let Some(batch) = source.take(TopicId(key.0), key.1) {
            let queued = match self.partition_mut(key) {
                Some(state) => state.admit(batch),
                None => QueuedBatch::new(Arc::new(batch), 0),
            };
            self.report_failed(key, queued, error);
        }
        let Some(state) = self.partition_mut(key) else { return };
        state.source = None;
        // What came back from a broker meanwhile still expires.
        if !state.has_data() {
            self.disarm_partition(key);
        }
    }

    /// Fails messages: those not sent yet and/or those in flight (`rd_kafka_purge`).
    pub fn handle_purge(
        &mut self,
        queued: bool,
        in_flight: bool,
        source: &mut impl BatchSource,
        _now_us: u64,
    ) {
        if queued {
            for key in self.partition_keys() {
                let Some(state) = self.partition_mut(key) else { continue };
                for batch in std::mem::take(&mut state.queue) {
                    self.report_failed(key, batch, local_error::PURGE_QUEUE);
                }
                self.drain_source(key, source, local_error::PURGE_QUEUE);
            }
        }
        if in_flight {
            for (key, mut batch) in self.take_in_flight() {
                if is_planted(Bug::PurgedForgotten) && batch.attempts > 0 {
                    continue;
                }
                batch.doubt();
                self.report_failed(key, batch, local_error::PURGE_INFLIGHT);
            }
        }
    }

    /// Takes the batches out of all requests in flight; their answers will not matter any more.
    fn take_in_flight(&mut self) -> Vec<(PartitionKey, QueuedBatch)> {
        let mut taken = Vec::new();
        for broker in &mut self.brokers {
            let answered = broker.in_flight.iter_mut().map(|request| &mut request.payload);
            let unanswered = broker.unanswered.iter_mut().map(|request| &mut request.payload);
            for payload in answered.chain(unanswered) {
                let Payload::Produce { batches } = payload else { continue };
                for sent in batches {
                    if is_planted(Bug::PurgedReportedTwice) {
                        taken.extend(sent.queued.clone().map(|queued| (sent.key, queued)));
                        continue;
                    }
                    taken.extend(sent.queued.take().map(|queued| (sent.key, queued)));
                }
            }
        }
        taken
    }

    /// The handle is of no use any more: nothing is sent from now on, what waits is purged. What is in flight may still be
    /// acknowledged.
    pub fn handle_fatal(&mut self, source: &mut impl BatchSource, now_us: u64) {
        self.fatal = true;
        self.note_idempotence(now_us);
        self.handle_purge(true, false, source, now_us);
    }

    /// Gives up everything: each message still held, in flight or not, is reported with `error`.
    pub fn handle_failure(&mut self, error: i32, source: &mut impl BatchSource) {
        for (key, mut batch) in self.take_in_flight() {
            batch.doubt();
            self.report_failed(key, batch, error);
        }
        for key in self.partition_keys() {
            let Some(state) = self.partition_mut(key) else { continue };
            for batch in std::mem::take(&mut state.queue) {
                self.report_failed(key, batch, error);
            }
            self.drain_source(key, source, error);
        }
    }

    /// Messages that the core holds: queued for another attempt, or in flight.
    pub fn held_count(&self) -> usize {
        let queued: usize = self
            .topics
            .iter()
            .flat_map(|topic| &topic.partitions)
            .flat_map(|partition| &partition.queue)
            .map(|queued: &QueuedBatch| count(&queued.batch))
            .sum();
        let in_flight: usize = self
            .brokers
            .iter()
            .flat_map(|broker| {
                let answered = broker.in_flight.iter().map(|request| &request.payload);
                answered.chain(broker.unanswered.iter().map(|request| &request.payload))
            })
            .map(|payload| match payload {
                Payload::Produce { batches } => batches
                    .iter()
                    .filter_map(|sent| sent.queued.as_ref())
                    .map(|queued| count(&queued.batch))
                    .sum(),
                _ => 0,
            })
            .sum();
        queued + in_flight
    }
}

fn count(batch: &Arc<Batch>) -> usize {
    batch.count()
}
