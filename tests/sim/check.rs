//! What must hold for each seed: while it runs, and at its end against the brokers' logs.

use crate::app::{Message, Told};
use crate::faults::topic_name;
use crate::world::World;
use rdkafka::mock::log::StoredBatch;
use rdkafka::producer::action::ConnId;
use rdkafka::producer::report::Persistence;
use rdkafka::record::batch::BatchHeader;
use rdkafka::record::compress::Codec;
use rdkafka::record::decompress::decompress;
use rdkafka::record::record::Records;
use std::collections::{BTreeMap, BTreeSet};

/// `RD_KAFKA_RESP_ERR__PURGE_INFLIGHT`, `RD_KAFKA_RESP_ERR__DESTROY`: given up while nobody knew yet.
const GIVEN_UP: &[i32] = &[-151, -197];
/// Reports come no later than this after a message's timeout.
const LATE_US: u64 = 1_000_000;
/// NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT, NETWORK_EXCEPTION, NOT_ENOUGH_REPLICAS (and _AFTER_APPEND), KAFKA_STORAGE_ERROR:
/// with retries without end no message ends so.
const PASSING: &[i32] = &[6, 7, 13, 19, 20, 56];
/// `RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE`
const TOO_LARGE: i32 = 10;
const BATCH_HEADER_LEN_BYTES: usize = 61;

/// A record in a log.
#[derive(Debug)]
pub struct Stored {
    number: usize,
    key: Option<Vec<u8>>,
    value: Vec<u8>,
    header: Option<Vec<u8>>,
    timestamp_ms: i64,
}

impl World {
    /// A batch leaves: its messages are in the order of their calls, none was reported, and where order is promised all
    /// calls before them are settled. No other broker may still write what came before with the same producer id.
    pub fn check_batch_sent(&mut self, conn: ConnId, numbers: &[usize]) {
        let messages = &self.app.messages;
        let first = &messages[numbers[0]];
        let key = (first.topic as u32, first.partition);
        let settled = self.app.settled.get(&key).copied().unwrap_or(0);
        let mut wrong = None;
        for (index, &number) in numbers.iter().enumerate() {
            let message = &messages[number];
            if !message.told.is_empty() {
                wrong = Some(format!("m{number} is sent after its report"));
            } else if (message.topic as u32, message.partition) != key {
                wrong = Some(format!("m{number} is in a batch of another partition"));
            } else if index > 0 && message.place <= messages[numbers[index - 1]].place {
                wrong = Some(format!("m{number} is out of order in its batch"));
            }
        }
        if self.plan.keeps_order(first.topic) && first.place > settled {
            let earlier = self.app.calls[&key][settled];
            wrong = Some(format!("m{} is sent while m{earlier} is not settled", numbers[0]));
        }
        let elsewhere = self
            .links
            .iter()
            .filter(|(other, _)| self.plan.is_idempotent() && **other != conn)
            .flat_map(|(_, link)| link.unanswered())
            .map(|number| &messages[number])
            .any(|other| (other.topic as u32, other.partition) == key && other.told.is_empty());
        if elsewhere {
            wrong = Some(format!("m{} is sent while another broker has its partition", numbers[0]));
        }
        if let Some(wrong) = wrong {
            self.violate(wrong);
        }
    }

    /// Told once, in time, and no more doubt than there is.
    pub fn check_report(&mut self, numbers: &[usize]) {
        for &number in numbers {
            let message = &self.app.messages[number];
            let told = message.told[message.told.len() - 1];
            let settings = &self.plan.topics[message.topic];
            let wrong = if message.told.len() > 1 {
                Some("is reported twice")
            } else if settings.message_timeout_us > 0
                && told.at_us
                    > message.enqueued_us
                        + settings.message_timeout_us
                        + LATE_US
                        + self.suspended_us
            {
                Some("is reported too late")
            } else if message.is_spoiled {
                None
            } else {
                doubt(told, message.doubts, message.successes)
                    .or_else(|| self.gave_up_early(told, message, numbers.len()))
            };
            if let Some(wrong) = wrong {
                self.violate(format!("m{number} {wrong}"));
            }
        }
    }

    /// What else could have been tried.
    fn gave_up_early(&self, told: Told, message: &Message, count: usize) -> Option<&'static str> {
        let by_topic = self.app.topic_errors.contains(&(message.topic as u32, told.error));
        if self.closed || by_topic {
            return None;
        }
        if PASSING.contains(&told.error) && self.plan.settings.retries_max == u32::MAX {
            return Some("failed though another attempt might have helped");
        }
        // A batch in doubt keeps its numbers, so it must stay whole.
        let divisible = count > 1 && (message.doubts == 0 || !self.plan.is_idempotent());
        (told.error == TOO_LARGE && divisible).then_some("failed though its batch could be split")
    }

    /// What the core and the open batches hold is what was accepted and not reported; the budget agrees.
    pub fn check_held(&mut self) {
        let held = self.core.held_count() + self.app.waiting_count();
        let outstanding = self.app.outstanding();
        if held != outstanding {
            self.violate(format!("{held} messages held, but {outstanding} not reported"));
        }
        if let Some(wrong) = self.app.serve() {
            self.violate(wrong);
        }
    }

    /// The statistics agree with what the core holds and with what was delivered.
    pub fn check_statistics(&mut self) {
        let roll = self.now_us.is_multiple_of(2);
        let mut statistics = self.core.statistics(roll, self.now_us);
        statistics.sum_up();
        let partitions = || statistics.topics.iter().flat_map(|topic| &topic.partitions);
        let held: u64 = partitions().map(|told| told.msgs_inflight + told.xmit_msgq_cnt).sum();
        if held != self.core.held_count() as u64 {
            let really = self.core.held_count();
            self.violate(format!("statistics tell of {held} messages held, not {really}"));
        }
        let told = self.app.messages.iter().flat_map(|message| &message.told);
        let delivered = told.filter(|told| told.error == 0).count() as u64;
        if statistics.txmsgs < delivered {
            let sent = statistics.txmsgs;
            self.violate(format!("statistics tell of {sent} messages sent, {delivered} arrived"));
        }
    }

    /// The end of a seed.
    pub fn check_end(&mut self) {
        // What a connection that died unnoticed has taken may be in a log without anybody having been told.
        for conn in self.links.keys().copied().collect::<Vec<_>>() {
            self.end_client_side(conn);
        }
        self.check_held();
        self.check_statistics();
        let mut wrong = Vec::new();
        let silent = self.app.messages.iter().position(|message| message.told.is_empty());
        if let Some(number) = silent {
            wrong.push(format!("m{number} was never reported"));
        }
        if self.app.messages.len() < self.plan.messages && !self.closed {
            wrong.push("a topic never became known".to_owned());
        }
        for &number in &self.epilogue {
            let told = self.app.messages[number].told.first();
            if told.is_some_and(|told| told.error != 0) && !self.closed {
                wrong.push(format!("m{number} failed though nothing was wrong any more"));
            }
        }
        let keys: Vec<(u32, i32)> = self.app.calls.keys().copied().collect();
        for (topic, partition) in keys {
            self.check_partition(topic as usize, partition, &mut wrong);
        }
        for what in wrong {
            self.violate(what);
        }
    }

    fn check_partition(&self, topic: usize, partition: i32, wrong: &mut Vec<String>) {
        let log = self.read_log(topic, partition);
        let archived: Vec<(i64, &Stored)> = self
            .archived
            .iter()
            .filter(|(t, p, ..)| (*t, *p) == (topic, partition))
            .map(|(.., offset, stored)| (*offset, stored))
            .collect();
        // Their first copies may be gone with a log of before, and others arrive long after.
        let lost: BTreeSet<usize> = archived.iter().map(|(_, stored)| stored.number).collect();
        let mut copies: BTreeMap<usize, usize> = BTreeMap::new();
        let mut last_place = None;
        let idempotent = self.plan.is_idempotent()
            && !self.amnesia.contains(&(topic, partition))
            && !self.app.spoiled.contains(&(topic as u32, partition));
        for (_, stored) in &log {
            let Some(message) = self.app.messages.get(stored.number) else {
                wrong.push(format!("the log holds m{}, which nobody produced", stored.number));
                continue;
            };
            let count = copies.entry(stored.number).or_default();
            *count += 1;
            let delivered = message.told.iter().any(|told| told.error == 0);
            if *count > 1 && idempotent {
                wrong.push(format!("m{} is in the log twice", stored.number));
            }
            let is_first = *count == 1 && !lost.contains(&stored.number);
            // One that failed in doubt may still arrive, from wherever the network has kept it.
            if delivered && (idempotent && *count == 1 || is_first && self.plan.keeps_order(topic))
            {
                if last_place.is_some_and(|last| message.place < last) {
                    wrong.push(format!("m{} is out of order in the log", stored.number));
                }
                last_place = Some(message.place);
            }
        }
        for (_, stored) in &archived {
            *copies.entry(stored.number).or_default() += 1;
        }
        let everything: Vec<(i64, &Stored)> =
            log.iter().map(|(offset, stored)| (*offset, stored)).chain(archived).collect();
        for &number in self.app.calls.get(&(topic as u32, partition)).into_iter().flatten() {
            let count = copies.get(&number).copied().unwrap_or(0);
            self.check_message(number, count, &everything, wrong);
        }
    }

    /// A message's report against what is, or was, in the log.
    fn check_message(
        &self,
        number: usize,
        count: usize,
        everything: &[(i64, &Stored)],
        wrong: &mut Vec<String>,
    ) {
        let message = &self.app.messages[number];
        let Some(&told) = message.told.first() else { return };
        // Whoever was told that a batch is not there, which is, uses its numbers again: what follows is wrong too.
        if self.app.spoiled.contains(&(message.topic as u32, message.partition)) {
            return;
        }
        let (doubts, successes, repeats) = (message.doubts, message.successes, message.repeats);
        if count > doubts + successes + repeats {
            wrong.push(format!(
                "m{number}: {count} times in the log, {doubts} doubtful and {successes} good attempts"
            ));
        }
        if told.persistence == Persistence::NotPersisted && count > 0 {
            wrong.push(format!("m{number} is reported as not persisted, but is in the log"));
        }
        if told.error == 0 && self.plan.topics[message.topic].acks != 0 {
            let equal = everything.iter().any(|(offset, stored)| {
                // A broker may know of a duplicate, but not where it is.
                (*offset == told.offset || told.offset == -1 && self.plan.is_idempotent())
                    && stored.number == number
                    && stored.key == message.key
                    && stored.value == message.value
                    && stored.header == message.header
                    && stored.timestamp_ms == message.timestamp_ms
            });
            if !equal {
                wrong.push(format!("m{number} is not what offset {} holds", told.offset));
            }
        }
    }

    /// All records of a partition with their offsets.
    fn read_log(&self, topic: usize, partition: i32) -> Vec<(i64, Stored)> {
        let mut log = Vec::new();
        // It may have been created again with fewer partitions.
        if let Some(partition) = self.net.cluster().partition(&topic_name(topic), partition) {
            for batch in partition.log.batches() {
                assert_eq!(batch.base_offset, log.len() as i64, "the brokers keep everything");
                read_batch(batch, &mut log);
            }
        }
        log
    }

    /// Batches leave a log, but not what is known about it.
    pub fn archive<'a>(
        &mut self,
        topic: usize,
        partition: i32,
        batches: impl IntoIterator<Item = &'a StoredBatch>,
    ) {
        self.amnesia.insert((topic, partition));
        let mut records = Vec::new();
        batches.into_iter().for_each(|batch| read_batch(batch, &mut records));
        let records =
            records.into_iter().map(|(offset, stored)| (topic, partition, offset, stored));
        self.archived.extend(records);
    }
}

fn read_batch(batch: &StoredBatch, log: &mut Vec<(i64, Stored)>) {
    let header = BatchHeader::parse(&batch.bytes).unwrap();
    let codec = Codec::from_id(header.attributes.0 & 7).unwrap();
    let mut records = Vec::new();
    decompress(codec, &batch.bytes[BATCH_HEADER_LEN_BYTES..], 1 << 24, &mut records).unwrap();
    for (offset, record) in (batch.base_offset..).zip(Records::new(&records)) {
        let record = record.unwrap();
        let value = record.value.unwrap().to_vec();
        let digits = value.split(|&byte| byte == b';').next().unwrap();
        let stored = Stored {
            number: std::str::from_utf8(digits).unwrap().parse().unwrap(),
            key: record.key.map(<[u8]>::to_vec),
            header: record.headers.clone().next().map(|(_, value)| value.unwrap().to_vec()),
            timestamp_ms: header.base_timestamp + record.timestamp_delta,
            value,
        };
        log.push((offset, stored));
    }
}

/// What is wrong with the persistence that was told, given how the attempts ended.
fn doubt(told: Told, doubts: usize, successes: usize) -> Option<&'static str> {
    match told.persistence {
        Persistence::NotPersisted if doubts + successes > 0 => {
            Some("is reported as not persisted, but an attempt may have been")
        }
        Persistence::PossiblyPersisted if doubts == 0 && !GIVEN_UP.contains(&told.error) => {
            Some("is reported as possibly persisted, but no attempt can have been")
        }
        Persistence::Persisted if successes == 0 => {
            Some("is reported as persisted without an answer")
        }
        Persistence::Persisted | Persistence::PossiblyPersisted | Persistence::NotPersisted => None,
    }
}
