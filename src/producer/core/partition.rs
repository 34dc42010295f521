//! One partition as the IO thread sees it: batches that wait to be sent again, what is in flight, and whether the next
//! batch may go.
//!
//! Order: every batch gets an ascending number when it is first taken from the source. Batches that come back wait in `queue`
//! by that number, ahead of the source, and go out again only when nothing with a higher number is in flight. Batches that are
//! being compressed wait there too, and hold up those behind them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::sequence::{Sequence, Sequences};
use super::{Core, Head, Link, PartitionKey, Timer, TopicId};
use crate::cluster::broker::READY_LEN_MIN;
use crate::cluster::planted::{Bug, is_planted};
use crate::producer::batch::Batch;
use crate::stats::PartitionCounters;

/// Whether a batch is at the driver's to be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not, or not yet known.
    Idle,
    /// To be handed out when there is room.
    Wanted,
    /// Handed out.
    Running,
}

/// A batch taken from the source.
#[derive(Clone, Debug)]
pub(super) struct QueuedBatch {
    pub batch: Arc<Batch>,
    pub packing: Packing,
    /// Place in the partition's order.
    pub order: u64,
    /// Number of its last message within the partition, from 1.
    pub last_msgid: u64,
    /// Failed attempts so far.
    pub attempts: u32,
    /// Some attempt may have reached the log.
    pub possibly_persisted: bool,
    /// Some attempt with its present numbers may have, and no answer has settled it.
    pub in_doubt: bool,
    /// Numbers of its records, of an idempotent producer; none before it is sealed.
    pub sequence: Option<Sequence>,
    /// Error of the last attempt, 0 before the first.
    pub last_error: i32,
    /// Node id of the broker last sent to.
    pub broker_id: i32,
}

#[derive(Debug)]
pub(super) struct Partition {
    /// Node id, -1 for none.
    pub leader: i32,
    pub leader_epoch: i32,
    /// Answers in a row that told an older epoch.
    pub older_told: u32,
    /// Batches to be sent before anything from the source, by order.
    pub queue: VecDeque<QueuedBatch>,
    /// The application wants nothing sent for now.
    pub paused: bool,
    /// Not before this time.
    pub retry_us: u64,
    pub in_flight: usize,
    /// Order of the youngest batch ever sent that is still in flight.
    pub in_flight_order_max: u64,
    /// Node id of the broker that has what is in flight.
    pub in_flight_node_id: i32,
    pub next_order: u64,
    /// Numbers of an idempotent producer.
    pub sequences: Sequences,
    /// What the source holds, as far as known.
    pub source: Option<Head>,
    /// The request it last had a batch in.
    pub round: u64,
    /// The broker in whose ready list this partition stands.
    pub ready_on: Option<usize>,
    /// It stands in the list of those that may have something to compress.
    pub listed_ahead: bool,
    /// Messages taken from the source so far.
    pub taken_messages: u64,
    pub counters: PartitionCounters,
}

impl Partition {
    pub fn new() -> Self {
        Self {
            leader: -1,
            leader_epoch: -1,
            older_told: 0,
            queue: VecDeque::new(),
            paused: false,
            retry_us: 0,
            in_flight: 0,
            in_flight_order_max: 0,
            in_flight_node_id: -1,
            next_order: 1,
            sequences: Sequences::default(),
            source: None,
            round: 0,
            ready_on: None,
            listed_ahead: false,
            taken_messages: 0,
            counters: PartitionCounters::default(),
        }
    }

    /// Whether anything waits here.
    pub fn has_data(&self) -> bool {
        !self.queue.is_empty() || self.source.is_some()
    }

    /// When the oldest waiting message was produced.
    pub fn oldest_us(&self) -> Option<u64> {
        let queued = self.queue.front().map(|queued| queued.batch.first_enqueued_us());
        queued.or(self.source.map(|head| head.first_enqueued_us))
    }

    /// When the next batch may be sent as far as this partition is concerned; `None` while something in flight must be
    /// answered first, or nothing waits.
    pub fn sendable_us(&self, in_flight_max: usize, linger_us: u64) -> Option<u64> {
        if self.in_flight >= in_flight_max {
            return None;
        }
        if let Some(front) = self.queue.front() {
            if front.packing != Packing::Idle {
                return None;
            }
            let overtaken = self.in_flight > 0 && front.order <= self.in_flight_order_max;
            let overtaken = overtaken && !is_planted(Bug::RetryBesideYounger);
            return (!overtaken).then_some(self.retry_us);
        }
        let head = self.source?;
        Some(if head.full { 0 } else { head.first_enqueued_us.saturating_add(linger_us) })
    }

    /// Gives a batch that was just taken from the source its place.
    pub fn admit(&mut self, batch: Batch) -> QueuedBatch {
        let order = self.next_order;
        self.next_order += 1;
        self.taken_messages += batch.count() as u64;
        QueuedBatch { last_msgid: self.taken_messages, ..QueuedBatch::new(Arc::new(batch), order) }
    }

    /// Puts a batch back in its place.
    pub fn requeue(&mut self, queued: QueuedBatch) {
        let at = self.queue.partition_point(|other| other.order < queued.order);
        self.queue.insert(at, queued);
    }
}

impl Core {
    pub(super) fn linger_us(&self) -> u64 {
        if self.flushing || self.hurrying { 0 } else { self.settings.linger_us }
    }

    /// Batches of a partition that may be in flight at once.
    pub(super) fn in_flight_batches_max(&self, key: PartitionKey, now_us: u64) -> usize {
        let acks = self.topics.get(key.0 as usize).map_or(-1, |topic| topic.settings.acks);
        let per_partition_max = self.settings.in_flight_batches_per_partition_max;
        match acks {
            _ if self.fatal => 0,
            _ if self.partition(key).is_some_and(|state| state.paused) => 0,
            0 => usize::MAX,
            _ => per_partition_max.min(self.sequenced_in_flight_max(key, now_us)),
        }
    }

    /// Nothing of the partition is sent while it is paused; what is in flight is answered, and what waits may expire.
    pub fn handle_pause(&mut self, topic: TopicId, partition: i32, paused: bool, now_us: u64) {
        let key = (topic.0, partition);
        if let Some(state) = self.partition_mut(key) {
            state.paused = paused;
            self.evaluate(key, now_us);
        }
    }

    /// Looks at a partition after anything about it changed: lists it with its leader if it can send, sets its timer.
    pub(super) fn evaluate(&mut self, key: PartitionKey, now_us: u64) {
        self.settle_sequence(key, now_us);
        let (linger_us, in_flight_max) =
            (self.linger_us(), self.in_flight_batches_max(key, now_us));
        let Some(topic) = self.topics.get(key.0 as usize) else { return };
        let timeout_us = topic.settings.message_timeout_us;
        let Some(state) = self.partition(key) else { return };
        if !state.has_data() {
            self.timers.disarm(Timer::Partition(key.0, key.1));
            return;
        }
        let sendable_us = state.sendable_us(in_flight_max, linger_us);
        let untimed = is_planted(Bug::RetryTimerLost) && !state.queue.is_empty();
        let expires_us = match (timeout_us, state.oldest_us()) {
            _ if is_planted(Bug::ExpiryTimerLost) && state.leader < 0 => u64::MAX,
            (1.., Some(oldest_us)) => oldest_us.saturating_add(timeout_us),
            _ => u64::MAX,
        };
        if self.may_look_ahead(key) {
            self.list_ahead(key);
        }
        let mut timer_us = expires_us;
        match sendable_us {
            Some(at_us) if at_us <= now_us => self.list_ready(key, now_us),
            Some(_) if untimed => {}
            Some(at_us) => timer_us = timer_us.min(at_us),
            None => {}
        }
        if timer_us == u64::MAX {
            self.timers.disarm(Timer::Partition(key.0, key.1));
        } else {
            self.timers.arm(Timer::Partition(key.0, key.1), timer_us);
        }
    }

    /// Puts a partition that can send on its leader's list, or asks who the leader is.
    fn list_ready(&mut self, key: PartitionKey, now_us: u64) {
        let Some(state) = self.partition(key) else { return };
        if state.ready_on.is_some() {
            return;
        }
        let Some(&index) = self.by_node.get(&state.leader) else {
            if let Some(topic) = self.topics.get_mut(key.0 as usize) {
                topic.refresh = true;
            }
            self.want_metadata(now_us, false);
            return;
        };
        if self.brokers[index].ready.len() >= self.brokers[index].ready_len_max {
            self.drop_stale_ready(index);
        }
        if let Some(state) = self.partition_mut(key) {
            state.ready_on = Some(index);
        }
        self.brokers[index].ready.push_back(key);
        match self.brokers[index].link {
            Link::Up(_) => self.list_for_drain(index),
            _ => {
                self.ensure_connected(index, now_us);
                self.doubt_leader(key, index, now_us);
            }
        }
    }

    /// Takes out of a broker's list what went elsewhere since, and what stands there twice. Nobody pops the list of one that cannot
    /// be reached. The length at which that is done again doubles what is left: it costs little for each entry.
    pub(super) fn drop_stale_ready(&mut self, index: usize) {
        let mut ready = std::mem::take(&mut self.brokers[index].ready);
        ready.retain(|&key| {
            let state = self.partition_mut(key).filter(|state| state.ready_on == Some(index));
            // Whatever else stands there for it is one too many.
            state.is_some_and(|state| state.ready_on.take().is_some())
        });
        for &key in &ready {
            if let Some(state) = self.partition_mut(key) {
                state.ready_on = Some(index);
            }
        }
        let broker = &mut self.brokers[index];
        broker.ready_len_max = READY_LEN_MIN.max(2 * ready.len());
        broker.ready = ready;
    }

    /// A partition has another leader: what waits goes there.
    pub(super) fn set_leader(&mut self, key: PartitionKey, leader: i32, epoch: i32, now_us: u64) {
        let Some(state) = self.partition_mut(key) else { return };
        if is_planted(Bug::LeaderIgnored) && state.leader >= 0 {
            return;
        }
        let changed = state.leader != leader;
        state.leader = leader;
        state.leader_epoch = epoch;
        if changed {
            // The entry in the old leader's list is stale now: whoever pops it sees that, or `drop_stale_ready`.
            state.ready_on = None;
            if !is_planted(Bug::TwoLeaders) {
                state.sequences.forget_known();
            }
            state.retry_us = state.retry_us.min(now_us);
            self.evaluate(key, now_us);
        }
    }
}
