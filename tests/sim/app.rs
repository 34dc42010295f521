//! The application: what it produced, the open ends of its batches, and what it was told about each message.

use crate::plan::{Plan, one_in};
use rdkafka::client::budget::{Amount, Budget};
use rdkafka::cluster::rng::Rng;
use rdkafka::producer::action::TopicId;
use rdkafka::producer::batch::{Batch, FreshChunks, NewMessage};
use rdkafka::producer::core::{BatchSource, Head};
use rdkafka::producer::report::{Persistence, Report};
use rdkafka::record::record::HeaderRef;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What the application was told about a message.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub error: i32,
    pub persistence: Persistence,
    pub offset: i64,
    pub at_us: u64,
}

/// A message that was accepted. Its number is its opaque and the start of its value.
#[derive(Debug)]
pub struct Message {
    pub topic: usize,
    pub partition: i32,
    /// Place among the calls for its partition.
    pub place: usize,
    pub key: Option<Vec<u8>>,
    pub value: Vec<u8>,
    pub header: Option<Vec<u8>>,
    pub timestamp_ms: i64,
    pub enqueued_us: u64,
    pub told: Vec<Told>,
    /// Attempts that a broker may have appended without our knowing.
    pub doubts: usize,
    /// Attempts that a broker acknowledged.
    pub successes: usize,
    /// Attempts that the network made up.
    pub repeats: usize,
    /// An answer about it was garbled: what it is told may be wrong.
    pub is_spoiled: bool,
}

#[derive(Debug, Default)]
pub struct App {
    pub messages: Vec<Message>,
    /// Message numbers of each partition in the order of the calls.
    pub calls: BTreeMap<(u32, i32), Vec<usize>>,
    /// How many of these, from the first on, the application was told about.
    pub settled: BTreeMap<(u32, i32), usize>,
    pub reported: usize,
    /// Partition counts as told by the core.
    pub partitions: BTreeMap<u32, i32>,
    /// Topics that failed as a whole, and with what.
    pub topic_errors: BTreeSet<(u32, i32)>,
    /// Partitions to tell the core about.
    pub ready: Vec<(u32, i32)>,
    /// Partitions about which answers were garbled.
    pub spoiled: BTreeSet<(u32, i32)>,
    /// What the wall clock is off by.
    pub wall_offset_ms: i64,
    /// Calls that were refused because a limit was met.
    pub refused: usize,
    /// Messages and bytes of reports that were not served yet.
    unserved: Amount,
    held: Amount,
    budget: Option<Budget>,
    waiting: BTreeMap<(u32, i32), VecDeque<Batch>>,
    batch_messages_max: usize,
    batch_bytes_max: usize,
}

impl App {
    pub fn new(plan: &Plan) -> Self {
        Self {
            batch_messages_max: plan.batch_messages_max,
            batch_bytes_max: plan.batch_bytes_max,
            budget: Some(Budget::new(plan.queue_messages_max, plan.queue_bytes_max)),
            ..Self::default()
        }
    }

    fn is_full(&self, batch: &Batch) -> bool {
        batch.count() >= self.batch_messages_max
            || batch.records_len_bytes() >= self.batch_bytes_max
    }

    /// Produces a message; returns its number if it is accepted.
    pub fn produce(
        &mut self,
        (topic, partition): (u32, i32),
        rng: &mut Rng,
        value_bytes_max: u64,
        now_us: u64,
    ) -> Option<usize> {
        let key = (topic, partition);
        let number = self.messages.len();
        let mut value = format!("{number};").into_bytes();
        for _ in 0..rng.below(value_bytes_max) {
            value.push(b'a' + rng.below(26) as u8);
        }
        if !self.budget.as_ref().unwrap().try_acquire(value.len()) {
            self.refused += 1;
            return None;
        }
        self.held.messages += 1;
        self.held.bytes += value.len() as u64;
        let calls = self.calls.entry(key).or_default();
        let message = Message {
            topic: topic as usize,
            partition,
            place: calls.len(),
            key: one_in(rng, 2).then(|| number.to_be_bytes().to_vec()),
            value,
            header: one_in(rng, 4).then(|| vec![7; rng.below(9) as usize]),
            timestamp_ms: 1_700_000_000_000 + self.wall_offset_ms + rng.below(10_000) as i64,
            enqueued_us: now_us,
            told: Vec::new(),
            doubts: 0,
            successes: 0,
            repeats: 0,
            is_spoiled: false,
        };
        calls.push(number);
        self.append(key, &message, number);
        self.messages.push(message);
        Some(number)
    }

    /// Serves reports: their budget is free again. Tells what is wrong with it.
    pub fn serve(&mut self) -> Option<String> {
        let budget = self.budget.as_ref().unwrap();
        let served = std::mem::take(&mut self.unserved);
        budget.release(served);
        let (held, limit) = (budget.held(), budget.limit());
        if held != self.held || held.messages > limit.messages || held.bytes > limit.bytes {
            return Some(format!(
                "the budget holds {held:?} of {limit:?}, but should {:?}",
                self.held
            ));
        }
        None
    }

    /// Messages that were accepted and not reported yet.
    pub fn outstanding(&self) -> usize {
        self.messages.len() - self.reported.min(self.messages.len())
    }

    fn append(&mut self, key: (u32, i32), message: &Message, number: usize) {
        let mut batches = self.waiting.remove(&key).unwrap_or_default();
        let was_empty = batches.is_empty();
        if batches.back().is_none_or(|batch| self.is_full(batch)) {
            batches.push_back(Batch::default());
        }
        let batch = batches.back_mut().unwrap();
        let header =
            message.header.as_deref().map(|value| (b"h".as_slice(), Some(value)) as HeaderRef<'_>);
        let new = NewMessage {
            key: message.key.as_deref(),
            value: Some(&message.value),
            headers: header.into_iter(),
            timestamp_ms: message.timestamp_ms,
            enqueued_us: message.enqueued_us,
            opaque: number,
            tag: 0,
            borrowed_value: 0,
        };
        batch.append(&new, &mut FreshChunks);
        if was_empty || self.is_full(batches.back().unwrap()) {
            self.ready.push(key);
        }
        self.waiting.insert(key, batches);
    }

    /// Takes a report; returns the messages' numbers.
    pub fn on_report(&mut self, report: &Report, now_us: u64) -> Vec<usize> {
        let mut numbers = Vec::new();
        for view in report.batch.messages() {
            let number = view.opaque;
            let offset = match report.base_offset {
                -1 => -1,
                base => base + view.index as i64,
            };
            self.messages[number].told.push(Told {
                error: report.error,
                persistence: report.persistence,
                offset,
                at_us: now_us,
            });
            self.reported += 1;
            self.held.bytes -= self.messages[number].value.len() as u64;
            numbers.push(number);
        }
        self.held.messages -= numbers.len() as u64;
        // As the client does it.
        self.unserved.messages += report.batch.count() as u64;
        self.unserved.bytes += report.batch.values_len_bytes() as u64;
        self.settle((report.topic.0, report.partition));
        numbers
    }

    fn settle(&mut self, key: (u32, i32)) {
        let Some(calls) = self.calls.get(&key) else { return };
        let settled = self.settled.entry(key).or_default();
        while calls.get(*settled).is_some_and(|&number| !self.messages[number].told.is_empty()) {
            *settled += 1;
        }
    }

    pub fn waiting_count(&self) -> usize {
        self.waiting.values().flatten().map(Batch::count).sum()
    }
}

impl BatchSource for App {
    fn head(&self, topic: TopicId, partition: i32) -> Option<Head> {
        let batches = self.waiting.get(&(topic.0, partition))?;
        let first = batches.front()?;
        let full = batches.len() > 1 || self.is_full(first);
        Some(Head { first_enqueued_us: first.first_enqueued_us(), full })
    }

    fn take(&mut self, topic: TopicId, partition: i32) -> Option<Batch> {
        self.waiting.get_mut(&(topic.0, partition))?.pop_front()
    }
}
