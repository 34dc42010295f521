//! What becomes of a batch that was sent: reported, retried in its place, split, or failed.

use std::sync::Arc;

use super::partition::{Packing, QueuedBatch};
use super::search::Places;
use super::{Core, PartitionKey, Payload, SentBatch};
use crate::cluster::planted::{Bug, is_planted};
use crate::cluster::{backoff, local_error};
use crate::producer::action::{Notice, TopicId};
use crate::producer::batch::FreshChunks;
use crate::producer::report::{Persistence, Report};
use crate::protocol::produce::{ProducePartitionResponse, ProduceResponse};
use crate::protocol::{ErrorCode, Message};

/// What a failed attempt says about the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    /// `rd_kafka_resp_err_t` value.
    pub error: i32,
    /// The broker may have appended the batch all the same.
    pub possibly_persisted: bool,
    /// Trying again may help.
    pub retriable: bool,
    /// Do not wait before that.
    pub at_once: bool,
}

impl QueuedBatch {
    pub(super) fn new(batch: Arc<crate::producer::batch::Batch>, order: u64) -> Self {
        Self {
            batch,
            packing: Packing::Idle,
            order,
            last_msgid: 0,
            attempts: 0,
            possibly_persisted: false,
            in_doubt: false,
            sequence: None,
            last_error: 0,
            broker_id: -1,
        }
    }

    /// From now on nobody knows whether it was written.
    pub(super) fn doubt(&mut self) {
        self.possibly_persisted = true;
        self.in_doubt = true;
    }

    /// The first `count` messages and the others, unsealed, in the same place.
    pub(super) fn split(&self, count: usize) -> (Self, Self) {
        let (head, tail) = self.batch.split_at(count, &mut FreshChunks);
        let sequence = self.sequence.map(|sequence| sequence.after(head.count()));
        let with = |batch| Self { batch: Arc::new(batch), packing: Packing::Idle, ..self.clone() };
        let last_msgid = self.last_msgid.saturating_sub(tail.count() as u64);
        (Self { last_msgid, ..with(head) }, Self { sequence, ..with(tail) })
    }

    /// What is known about a batch that was never acknowledged.
    fn persistence(&self) -> Persistence {
        if self.possibly_persisted {
            Persistence::PossiblyPersisted
        } else {
            Persistence::NotPersisted
        }
    }
}

/// Whether an error leaves open that the batch is in the log. A broker that appended it and then could not wait for the other
/// replicas, because it leads no more, names the offset beside the error.
fn may_be_written(answer: &ProducePartitionResponse<'_>) -> bool {
    if is_planted(Bug::UnsureIsNotPersisted) {
        return false;
    }
    answer.base_offset >= 0
        || matches!(
            answer.error_code,
            ErrorCode::REQUEST_TIMED_OUT
                | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
                | ErrorCode::UNKNOWN_SERVER_ERROR
        )
}

impl Core {
    pub(super) fn on_produce_response(
        &mut self,
        index: usize,
        body: &[u8],
        version: i16,
        batches: Vec<SentBatch>,
        now_us: u64,
    ) {
        let response = match ProduceResponse::decode_all(body, version) {
            Ok(response) => response,
            Err(error) => {
                for sent in batches {
                    self.on_batch_garbled(sent, now_us);
                }
                let text = format!("ProduceResponse could not be read: {error}");
                self.close_link(index, local_error::BAD_MSG, &text, now_us);
                return;
            }
        };
        self.throttle(index, response.throttle_time_ms, now_us);
        self.learn_endpoints(&response, now_us);
        // Brokers answer in any order, and a request may have had thousands of partitions.
        let mut answers: Vec<_> = response
            .topics
            .iter()
            .flat_map(|topic| {
                topic.partitions.iter().map(|answer| ((topic.name, answer.index), answer))
            })
            .collect();
        answers.sort_by_key(|&(named, _)| named);
        for sent in batches {
            let wanted = (self.topics[sent.key.0 as usize].name.as_str(), sent.key.1);
            let at = answers.partition_point(|&(named, _)| named < wanted);
            let alike = |at: &usize| answers[*at].0.1 == wanted.1;
            let mistaken = is_planted(Bug::AnswerMismatched);
            let at = (0..answers.len()).find(|at| mistaken && alike(at)).unwrap_or(at);
            match answers.get(at) {
                Some(&(named, answer)) if named == wanted || mistaken => {
                    self.on_batch_answer(sent, answer, now_us);
                }
                _ => self.on_batch_garbled(sent, now_us),
            }
        }
    }

    /// Addresses of new leaders that come along with NOT_LEADER (KIP-951).
    fn learn_endpoints(&mut self, response: &ProduceResponse<'_>, now_us: u64) {
        let mut places = Places::default();
        for node in &response.node_endpoints {
            self.learn_broker(node.node_id, node.host, node.port, &mut places, now_us);
        }
    }

    fn on_batch_answer(
        &mut self,
        sent: SentBatch,
        answer: &ProducePartitionResponse<'_>,
        now_us: u64,
    ) {
        let key = sent.key;
        let code = answer.error_code;
        let Some(queued) = sent.queued else {
            if !is_planted(Bug::PurgedHoldsItsPlace) {
                self.leave_flight(key, now_us);
            }
            return;
        };
        if code.is_none() {
            self.debug_delivered(key, queued.batch.count());
            self.on_written(key, &queued, now_us);
            let wrong = is_planted(Bug::WrongOffset) && queued.attempts > 0;
            self.report(
                key,
                queued,
                0,
                Persistence::Persisted,
                answer.base_offset + i64::from(wrong),
                answer.log_append_time_ms,
            );
            self.leave_flight(key, now_us);
            return;
        }
        if code.wants_metadata_refresh() {
            self.topics[key.0 as usize].refresh = true;
            self.want_metadata(now_us, false);
        }
        let queued = match queued.sequence {
            None => queued,
            Some(_) => match self.on_sequence_answer(key, queued, answer, now_us) {
                Some(queued) => queued,
                None => return,
            },
        };
        let too_large =
            matches!(code, ErrorCode::MESSAGE_TOO_LARGE | ErrorCode::RECORD_LIST_TOO_LARGE);
        // Parts of a batch that is in doubt would not be recognised as written before.
        let divisible = queued.sequence.is_none() || !queued.in_doubt;
        let divisible = divisible && !is_planted(Bug::TooLargeIsFinal);
        if too_large && divisible && queued.batch.count() > 1 && !self.fatal {
            self.split(key, &queued);
            self.leave_flight(key, now_us);
            return;
        }
        let told = &answer.current_leader;
        let epoch_known = self.partition(key).map_or(-1, |state| state.leader_epoch);
        let new_leader = told.leader_id >= 0 && told.leader_epoch > epoch_known;
        self.fail_attempt(
            key,
            queued,
            Failure {
                error: i32::from(code.0),
                possibly_persisted: may_be_written(answer),
                retriable: code.is_retriable()
                    && !(is_planted(Bug::RetriableIsFinal)
                        && code == ErrorCode::NOT_LEADER_OR_FOLLOWER),
                at_once: new_leader,
            },
            now_us,
        );
        if new_leader {
            self.learn_leader(key, told.leader_id, told.leader_epoch, false, now_us);
        }
    }

    /// The connection died before the answer.
    pub(super) fn on_batch_lost(
        &mut self,
        sent: SentBatch,
        transmitted: bool,
        error: i32,
        now_us: u64,
    ) {
        self.topics[sent.key.0 as usize].refresh = true;
        match sent.queued {
            Some(queued) => {
                let by_timeout = error == local_error::TIMED_OUT;
                let denied = is_planted(Bug::TimedOutIsNotPersisted) && by_timeout
                    || is_planted(Bug::LostIsNotPersisted) && !by_timeout;
                let failure = Failure {
                    error,
                    possibly_persisted: transmitted && !denied,
                    retriable: true,
                    at_once: false,
                };
                self.fail_attempt(sent.key, queued, failure, now_us);
            }
            None => self.leave_flight(sent.key, now_us),
        }
    }

    /// The broker answered, but nobody can tell what. A broker that talks nonsense may append every time: no
    /// retry, unless it would recognise the batch.
    pub(super) fn on_batch_garbled(&mut self, sent: SentBatch, now_us: u64) {
        match sent.queued {
            Some(queued) => {
                let failure = Failure {
                    error: local_error::BAD_MSG,
                    possibly_persisted: true,
                    retriable: queued.sequence.is_some(),
                    at_once: false,
                };
                self.fail_attempt(sent.key, queued, failure, now_us);
            }
            None => self.leave_flight(sent.key, now_us),
        }
    }

    /// A request without acknowledgement is out: that is all there is to know.
    pub(super) fn on_unanswered_sent(&mut self, index: usize, payload: Payload, now_us: u64) {
        let Payload::Produce { batches } = payload else { return };
        // With nothing ever answered, taking a request is all that shows a broker to be of use.
        self.brokers[index].failures = 0;
        for sent in batches {
            if let Some(queued) = sent.queued {
                let status = Persistence::PossiblyPersisted;
                self.report(sent.key, queued, 0, status, -1, -1);
            }
            self.leave_flight(sent.key, now_us);
        }
    }

    pub(super) fn fail_attempt(
        &mut self,
        key: PartitionKey,
        mut queued: QueuedBatch,
        failure: Failure,
        now_us: u64,
    ) {
        queued.attempts += 1;
        if failure.possibly_persisted {
            queued.doubt();
        }
        queued.last_error = failure.error;
        if self.fatal || !failure.retriable || queued.attempts > self.settings.retries_max {
            self.on_refused(key, &queued, failure.error);
            let persistence = queued.persistence();
            if is_planted(Bug::ResentAfterReport)
                && queued.in_doubt
                && let Some(state) = self.partition_mut(key)
            {
                state.requeue(queued.clone());
            }
            self.report(key, queued, failure.error, persistence, -1, -1);
        } else {
            let delay_us = if failure.at_once {
                0
            } else {
                backoff::delay_us(
                    queued.attempts,
                    self.settings.retry_backoff_us,
                    self.settings.retry_backoff_max_us,
                    (80, 120),
                    &mut self.rng,
                )
            };
            if let Some(state) = self.partition_mut(key) {
                state.retry_us = state.retry_us.max(now_us + delay_us);
                state.requeue(queued);
            }
        }
        self.leave_flight(key, now_us);
    }

    /// One batch less in flight; the partition may go on.
    pub(super) fn leave_flight(&mut self, key: PartitionKey, now_us: u64) {
        self.batches_in_flight = self.batches_in_flight.saturating_sub(1);
        if let Some(state) = self.partition_mut(key) {
            state.in_flight = state.in_flight.saturating_sub(1);
            if state.in_flight == 0 {
                state.in_flight_order_max = 0;
            }
        }
        self.evaluate(key, now_us);
    }

    /// The broker finds the batch too large: two halves take its place.
    fn split(&mut self, key: PartitionKey, queued: &QueuedBatch) {
        let half = queued.batch.count() / 2;
        let (head, tail) = queued.split(half);
        if let Some(state) = self.partition_mut(key) {
            let (head, tail) =
                if is_planted(Bug::SplitSwapped) { (tail, head) } else { (head, tail) };
            // Both keep the order number: the tail goes in first, so that the head stands before it.
            state.requeue(tail);
            state.requeue(head);
        }
    }

    /// Ends a batch: the application will be told.
    pub(super) fn report(
        &mut self,
        key: PartitionKey,
        queued: QueuedBatch,
        error: i32,
        persistence: Persistence,
        base_offset: i64,
        log_append_time_ms: i64,
    ) {
        if persistence != Persistence::Persisted
            && let Some(state) = self.partition_mut(key)
        {
            if let Some(sequence) = queued.sequence {
                state.counters.next_err_seq = sequence.after(queued.batch.count()).base;
            }
            state.sequences.lose(&queued);
        }
        if is_planted(Bug::ReportDropped) && queued.attempts > 1 && error != 0 {
            return;
        }
        self.notify(Notice::Report(Report {
            topic: TopicId(key.0),
            partition: key.1,
            broker_id: queued.broker_id,
            batch: queued.batch,
            base_offset,
            error,
            persistence,
            log_append_time_ms,
        }));
    }

    /// Ends a batch that will not be sent (again).
    pub(super) fn report_failed(&mut self, key: PartitionKey, queued: QueuedBatch, error: i32) {
        let persistence = queued.persistence();
        self.report(key, queued, error, persistence, -1, -1);
    }
}
