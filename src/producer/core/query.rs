//! The application's questions to the cluster: each waits for a broker, is sent once (again if the connection is lost),
//! and ends with an answer or at its deadline. Production goes on beside them.

use super::{Core, Payload, Timer};
use crate::cluster::local_error;
use crate::producer::action::Notice;
use crate::producer::question::{Answer, Question, QuestionId, Topics};
use crate::protocol::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};
use crate::protocol::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use crate::protocol::{ApiKey, Message};

/// While a question waits for a connection, another broker is tried after this long.
const SLOW_ATTEMPT_US: u64 = 1_000_000;

/// A question without an answer.
#[derive(Debug)]
pub(super) struct Query {
    id: QuestionId,
    question: Question,
    deadline_us: u64,
    sent: bool,
}

impl Core {
    /// The application asks; the answer is a [`Notice::Answer`], at `deadline_us` at the latest.
    pub fn handle_question(
        &mut self,
        id: QuestionId,
        question: Question,
        deadline_us: u64,
        now_us: u64,
    ) {
        self.queries.push(Query { id, question, deadline_us, sent: false });
        self.send_queries(now_us);
    }

    /// Sends what waits as far as there are brokers for it; ends what waited too long.
    pub(super) fn send_queries(&mut self, now_us: u64) {
        if self.queries.is_empty() {
            return;
        }
        self.expire_queries(now_us);
        // By their ids: one that no broker can be asked ends at once, and the others move up.
        let waiting = self.queries.iter().filter(|query| !query.sent).map(|query| query.id);
        for id in waiting.collect::<Vec<_>>() {
            let Some(place) = self.queries.iter().position(|query| query.id == id) else {
                continue;
            };
            let leader = match self.queries[place].question {
                Question::Metadata(_) => None,
                Question::Offsets { leader, .. } => Some(leader),
            };
            match leader {
                None => match self.least_busy_broker() {
                    Some(index) => self.send_query(place, index, now_us),
                    None => drop(self.connect_any(now_us)),
                },
                Some(leader) => match self.by_node.get(&leader).copied() {
                    Some(index) if self.brokers[index].up().is_some() => {
                        self.send_query(place, index, now_us);
                    }
                    Some(index) => self.ensure_connected(index, now_us),
                    None => self.want_metadata(now_us, true),
                },
            }
        }
        let retry_us = now_us + SLOW_ATTEMPT_US;
        let due = self.queries.iter().map(|query| {
            if query.sent { query.deadline_us } else { query.deadline_us.min(retry_us) }
        });
        match due.min() {
            Some(at_us) => self.timers.arm(Timer::Query, at_us),
            None => self.timers.disarm(Timer::Query),
        }
    }

    fn expire_queries(&mut self, now_us: u64) {
        for query in
            self.queries.extract_if(.., |query| query.deadline_us <= now_us).collect::<Vec<_>>()
        {
            let error = if query.sent { local_error::TIMED_OUT } else { local_error::TRANSPORT };
            self.notify(Notice::Answer { id: query.id, answer: Err(error) });
        }
    }

    fn send_query(&mut self, place: usize, index: usize, now_us: u64) {
        let (id, question) = (self.queries[place].id, self.queries[place].question.clone());
        self.queries[place].sent = true;
        let payload = Payload::Question { id };
        // Longer than the question may wait: a late answer is dropped, and no reason to hang up.
        let timeout_us = self.settings.socket_timeout_us;
        let sent = match question {
            Question::Metadata(topics) => {
                let names = self.names_of(&topics);
                let request = MetadataRequest {
                    topics: names
                        .as_ref()
                        .map(|names| names.iter().map(|name| metadata_topic(name)).collect()),
                    allow_auto_topic_creation: topics != Topics::All,
                    ..MetadataRequest::default()
                };
                // In version 0 no list means all, and an empty one too.
                self.version_for(index, ApiKey::METADATA, 1..=12).map(|version| {
                    self.send_request(index, &request, version, timeout_us, payload, now_us);
                })
            }
            Question::Offsets { partitions, .. } => {
                let request = ListOffsetsRequest {
                    topics: partitions.iter().map(offsets_topic).collect(),
                    ..ListOffsetsRequest::default()
                };
                self.version_for(index, ApiKey::LIST_OFFSETS, 1..=7).map(|version| {
                    self.send_request(index, &request, version, timeout_us, payload, now_us);
                })
            }
        };
        if sent.is_none() {
            self.answer(id, Err(local_error::UNSUPPORTED_FEATURE));
        }
    }

    /// `None`: all.
    fn names_of(&self, topics: &Topics) -> Option<Vec<String>> {
        match topics {
            Topics::All => None,
            Topics::Known => Some(self.topics.iter().map(|topic| topic.name.clone()).collect()),
            Topics::One(name) => Some(vec![name.clone()]),
        }
    }

    pub(super) fn on_answer(
        &mut self,
        index: usize,
        id: QuestionId,
        (api, version): (ApiKey, i16),
        body: &[u8],
        now_us: u64,
    ) {
        let metadata = match api {
            ApiKey::METADATA => MetadataResponse::decode_all(body, version).map(Some),
            _ => ListOffsetsResponse::decode_all(body, version).map(|_| None),
        };
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(error) => {
                self.on_question_lost(id, now_us);
                let text = format!("Answer to a question could not be read: {error}");
                self.close_link(index, local_error::BAD_MSG, &text, now_us);
                return;
            }
        };
        let broker = &self.brokers[index];
        let answer = Answer {
            version,
            body: body.to_vec(),
            broker_id: broker.node_id,
            broker: broker.name(),
        };
        if let Some(response) = metadata {
            self.learn_cluster(&response, now_us);
        }
        self.answer(id, Ok(answer));
        self.send_queries(now_us);
    }

    fn answer(&mut self, id: QuestionId, answer: Result<Answer, i32>) {
        let count = self.queries.len();
        self.queries.retain(|query| query.id != id);
        // One that timed out has had its answer.
        if self.queries.len() < count {
            self.notify(Notice::Answer { id, answer });
        }
    }

    pub(super) fn on_question_lost(&mut self, id: QuestionId, now_us: u64) {
        if let Some(query) = self.queries.iter_mut().find(|query| query.id == id) {
            query.sent = false;
            // Not at once: the connection that is closing must not be chosen again.
            self.timers.arm_earlier(Timer::Query, now_us + 1_000);
        }
    }
}

fn metadata_topic(name: &str) -> MetadataRequestTopic<'_> {
    MetadataRequestTopic { name: Some(name), ..MetadataRequestTopic::default() }
}

fn offsets_topic((topic, partition, timestamp): &(String, i32, i64)) -> ListOffsetsTopic<'_> {
    ListOffsetsTopic {
        name: topic,
        partitions: vec![ListOffsetsPartition {
            partition_index: *partition,
            timestamp: *timestamp,
            ..ListOffsetsPartition::default()
        }],
    }
}
