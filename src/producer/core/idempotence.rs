//! The idempotent producer: getting a producer id, what answers mean for a partition's sequence, fatal errors.
//!
//! A fatal error is raised only where nothing can help: the cluster refuses producer ids, or the application wants no gap
//! (`enable.gapless.guarantee`) and there is one. Anything else begins the partition's sequence anew.

use super::connection::LOG_WARNING;
use super::outcome::Failure;
use super::partition::QueuedBatch;
use super::sequence::{ProducerIds, Restart};
use super::{Broker, Core, PartitionKey, Payload, Timer};
use crate::cluster::planted::{Bug, is_planted};
use crate::cluster::{backoff, local_error};
use crate::conf::DebugContexts;
use crate::producer::action::Notice;
use crate::producer::report::Persistence;
use crate::protocol::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use crate::protocol::produce::ProducePartitionResponse;
use crate::protocol::{ApiKey, ErrorCode, Message};

/// The handle's producer id.
#[derive(Debug, Default)]
pub(super) struct Producer {
    ids: Option<ProducerIds>,
    asked: bool,
    failures: u32,
    not_before_us: u64,
}

impl Producer {
    pub fn has_ids(&self) -> bool {
        self.ids.is_some()
    }

    pub fn is_asked(&self) -> bool {
        self.asked
    }

    /// -1 for none.
    pub fn id_and_epoch(&self) -> (i64, i16) {
        self.ids.map_or((-1, -1), |ids| (ids.id, ids.epoch))
    }
}

impl Core {
    pub(super) fn is_idempotent(&self) -> bool {
        self.settings.idempotence.is_some()
    }

    /// Asks any broker for a producer id if one is needed.
    pub(super) fn ask_producer_id(&mut self, now_us: u64) {
        let producer = &self.producer;
        if !self.is_idempotent() || producer.ids.is_some() || producer.asked || self.fatal {
            return;
        }
        if now_us < producer.not_before_us {
            self.timers.arm(Timer::ProducerId, producer.not_before_us);
            return;
        }
        let up = |(_, broker): &(usize, &Broker)| broker.up().is_some();
        let up_count = self.brokers.iter().enumerate().filter(up).count();
        let able = self.brokers.iter().enumerate().filter(up).filter_map(|(index, broker)| {
            let version = broker.versions.pick(ApiKey::INIT_PRODUCER_ID, 0..=4)?;
            Some((broker.in_flight.len(), index, version))
        });
        match able.min() {
            Some((_, index, version)) => self.send_init_producer_id(index, version, now_us),
            None if up_count == 0 => drop(self.connect_any(now_us)),
            None => self.raise_fatal(
                local_error::UNSUPPORTED_FEATURE,
                format!(
                    "Idempotent producer not supported by any of the {up_count} connected broker(s): \
                     requires Apache Kafka broker version >= 0.11.0"
                ),
            ),
        }
    }

    fn send_init_producer_id(&mut self, index: usize, version: i16, now_us: u64) {
        self.producer.asked = true;
        self.note_idempotence(now_us);
        let request = InitProducerIdRequest {
            transaction_timeout_ms: -1,
            producer_id: -1,
            producer_epoch: -1,
            ..InitProducerIdRequest::default()
        };
        let payload = Payload::ProducerId { broker: self.brokers[index].name() };
        let timeout_us = self.settings.socket_timeout_us;
        self.send_request(index, &request, version, timeout_us, payload, now_us);
    }

    pub(super) fn on_producer_id(
        &mut self,
        index: usize,
        body: &[u8],
        version: i16,
        broker: &str,
        now_us: u64,
    ) {
        let response = match InitProducerIdResponse::decode_all(body, version) {
            Ok(response) => response,
            Err(error) => {
                self.on_producer_id_failed(broker, local_error::BAD_MSG, now_us);
                let text = format!("InitProducerIdResponse could not be read: {error}");
                self.close_link(index, local_error::BAD_MSG, &text, now_us);
                return;
            }
        };
        self.throttle(index, response.throttle_time_ms, now_us);
        let ids = ProducerIds { id: response.producer_id, epoch: response.producer_epoch };
        if response.error_code.is_error() {
            self.on_producer_id_failed(broker, i32::from(response.error_code.0), now_us);
        } else if ids.id < 0 || ids.epoch < 0 {
            self.on_producer_id_failed(broker, local_error::BAD_MSG, now_us);
        } else {
            self.producer = Producer { ids: Some(ids), ..Producer::default() };
            self.debug(DebugContexts::EOS, "GETPID", |_| {
                let ProducerIds { id, epoch } = ids;
                format!("Acquired PID{{Id:{id},Epoch:{epoch}}} from broker {broker}")
            });
            self.idempotence.count_assignment();
            self.note_idempotence(now_us);
            for key in self.partition_keys() {
                self.evaluate(key, now_us);
            }
        }
    }

    pub(super) fn on_producer_id_failed(&mut self, broker: &str, error: i32, now_us: u64) {
        let text = (self.settings.error_text)(error);
        let reason = format!("Failed to acquire idempotence PID from broker {broker}: {text}");
        let code = ErrorCode(i16::try_from(error).unwrap_or(i16::MIN));
        self.producer.asked = false;
        self.note_idempotence(now_us);
        match code {
            ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::PRODUCER_FENCED => {
                let reason = format!("Producer fenced by newer instance: {reason}");
                self.raise_fatal(local_error::FENCED, reason);
            }
            ErrorCode::CLUSTER_AUTHORIZATION_FAILED
            | ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
            | ErrorCode::INVALID_TRANSACTION_TIMEOUT => self.raise_fatal(error, reason),
            _ if is_planted(Bug::RetriableIsFatal) => self.raise_fatal(error, reason),
            _ => {
                self.log(LOG_WARNING, "GETPID", format!("{reason}: retrying"));
                let producer = &mut self.producer;
                producer.failures += 1;
                let delay_us = backoff::delay_us(
                    producer.failures,
                    self.settings.retry_backoff_us,
                    self.settings.retry_backoff_max_us,
                    (80, 120),
                    &mut self.rng,
                );
                producer.not_before_us = now_us + delay_us.max(1_000);
                self.timers.arm(Timer::ProducerId, producer.not_before_us);
            }
        }
    }

    /// Nothing can be produced any more; the application's side purges what waits.
    pub(super) fn raise_fatal(&mut self, error: i32, reason: String) {
        if !self.fatal {
            self.fatal = true;
            self.notify(Notice::Fatal { error, reason });
        }
    }

    /// Batches of a partition that may be in flight because of the sequence.
    pub(super) fn sequenced_in_flight_max(&self, key: PartitionKey, now_us: u64) -> usize {
        match self.partition(key) {
            Some(state) if self.is_idempotent() => {
                state.sequenced_in_flight_max(self.producer.ids, now_us)
            }
            _ => usize::MAX,
        }
    }

    /// Begins a partition's sequence anew if that is due.
    pub(super) fn settle_sequence(&mut self, key: PartitionKey, now_us: u64) {
        let spent = self.partition_mut(key).and_then(|state| state.restart_sequence());
        if let (Some(spent), Some(ids)) = (spent, self.producer.ids)
            && spent.id == ids.id
        {
            self.producer.ids = None;
            self.ask_producer_id(now_us);
            self.note_idempotence(now_us);
        }
    }

    /// Numbers a batch that is about to be sealed; `None` without a producer id.
    pub(super) fn number(&mut self, key: PartitionKey, queued: &mut QueuedBatch) -> Option<()> {
        let producer = self.producer.ids;
        let first = self.settings.idempotence.map_or(0, |settings| settings.first_sequence);
        let sequences = &mut self.partition_mut(key)?.sequences;
        if !sequences.has_ids() {
            sequences.adopt(producer?, first);
        }
        queued.sequence = Some(sequences.assign(queued.batch.count())?);
        Some(())
    }

    /// An answer that concerns the sequence. Gives the batch back if the answer is about something else.
    pub(super) fn on_sequence_answer(
        &mut self,
        key: PartitionKey,
        queued: QueuedBatch,
        answer: &ProducePartitionResponse<'_>,
        now_us: u64,
    ) -> Option<QueuedBatch> {
        let restart = match answer.error_code {
            ErrorCode::DUPLICATE_SEQUENCE_NUMBER => {
                // It is there, but the broker has forgotten where.
                self.on_written(key, &queued, now_us);
                self.report(key, queued, 0, Persistence::Persisted, answer.base_offset, -1);
                self.leave_flight(key, now_us);
                return None;
            }
            ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER | ErrorCode::UNKNOWN_PRODUCER_ID => {
                Restart::NextEpoch
            }
            ErrorCode::INVALID_PRODUCER_EPOCH
            | ErrorCode::PRODUCER_FENCED
            | ErrorCode::INVALID_PRODUCER_ID_MAPPING => Restart::NewProducer,
            _ => return Some(queued),
        };
        let fatal = self.fatal;
        let Some(state) = self.partition_mut(key) else { return Some(queued) };
        // After a fatal error nothing is sent again.
        if !fatal && state.follows_a_failed_one(&queued) {
            state.requeue(queued);
            self.leave_flight(key, now_us);
            return None;
        }
        // Every older batch is settled, so this answer is about the batch itself. Unless an earlier attempt is in doubt it is
        // certainly not written, and can have new numbers.
        state.sequences.want_restart(restart);
        self.log_restart(key, &queued, answer.error_code);
        let failure = Failure {
            error: i32::from(answer.error_code.0),
            possibly_persisted: false,
            retriable: !queued.in_doubt || is_planted(Bug::DoubtRetriedAnew),
            at_once: queued.attempts == 0,
        };
        self.fail_attempt(key, queued, failure, now_us);
        None
    }

    fn log_restart(&mut self, key: PartitionKey, queued: &QueuedBatch, code: ErrorCode) {
        let what = self.describe_request(key, queued, i32::from(code.0));
        let doubt = if queued.in_doubt { "possibly persisted before" } else { "not persisted" };
        self.log(LOG_WARNING, "IDEMP", format!("{what}: {doubt}: sequence begins anew"));
    }

    /// "ProduceRequest for .. failed: ..", as librdkafka puts it.
    fn describe_request(&self, key: PartitionKey, queued: &QueuedBatch, error: i32) -> String {
        let (ids, base) = queued
            .sequence
            .map_or((String::new(), -1), |sequence| (sequence.ids.text(), sequence.base));
        format!(
            "ProduceRequest for {} [{}] with {} message(s) failed: {} (broker {} {ids}, base seq {base})",
            self.topics[key.0 as usize].name,
            key.1,
            queued.batch.count(),
            (self.settings.error_text)(error),
            queued.broker_id,
        )
    }

    /// The broker has a batch, and so knows the producer.
    pub(super) fn on_written(&mut self, key: PartitionKey, queued: &QueuedBatch, now_us: u64) {
        if let Some(state) = self.partition_mut(key) {
            state.sequences.acknowledged(now_us);
            if let Some(sequence) = queued.sequence {
                let next_seq = sequence.after(queued.batch.count()).base;
                state.counters.on_acknowledged(queued.last_msgid, next_seq);
            }
        }
    }

    /// A batch is refused for good: a gap, which some applications do not want.
    pub(super) fn on_refused(&mut self, key: PartitionKey, queued: &QueuedBatch, error: i32) {
        if self.settings.idempotence.is_some_and(|settings| settings.gapless) {
            let what = self.describe_request(key, queued, error);
            let reason = format!("{what}: unable to satisfy gap-less guarantee");
            self.raise_fatal(local_error::GAPLESS_GUARANTEE, reason);
        }
    }
}
