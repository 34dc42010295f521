//! Questions of the application (`rd_kafka_metadata()` and the like), in one seed of eight: each is answered once, by its deadline.

use std::collections::BTreeMap;

use crate::faults::topic_name;
use crate::plan::{Plan, one_in, pick};
use crate::world::World;
use rdkafka::cluster::rng::Rng;
use rdkafka::producer::question::{Answer, Question, QuestionId, Topics};
use rdkafka::protocol::Message;
use rdkafka::protocol::metadata::MetadataResponse;

/// What was asked and not answered yet.
#[derive(Debug)]
pub struct Questions {
    /// Of its own, so that the other seeds are what they are without questions.
    rng: Rng,
    asks: bool,
    asked: u64,
    /// Deadline, the time spent suspended when it was asked, and whether metadata was asked for.
    open: BTreeMap<u64, (u64, u64, bool)>,
}

impl Questions {
    pub fn new(plan: &Plan) -> Self {
        let rng = Rng::new(plan.seed ^ 0x0061_736b);
        Self { rng, asks: plan.seed % 8 == 5, asked: 0, open: BTreeMap::new() }
    }
}

impl World {
    /// The application may ask something.
    pub fn ask(&mut self) {
        let questions = &mut self.questions;
        if !questions.asks || !one_in(&mut questions.rng, 8) {
            return;
        }
        questions.asked += 1;
        let rng = &mut questions.rng;
        let wait_us = pick(rng, &[0, 20_000, 1_000_000, 30_000_000]);
        let question = match rng.below(4) {
            0 => Question::Metadata(Topics::All),
            1 => Question::Metadata(Topics::Known),
            2 => Question::Metadata(Topics::One(topic_name(rng.below(3) as usize))),
            _ => Question::Offsets {
                leader: rng.below(6) as i32,
                partitions: vec![(topic_name(0), rng.below(4) as i32, -1)],
            },
        };
        let (id, deadline_us) = (questions.asked, self.now_us + wait_us);
        let is_metadata = matches!(question, Question::Metadata(_));
        questions.open.insert(id, (deadline_us, self.suspended_us, is_metadata));
        self.log(format!("question {id}: {question:?}"));
        self.count("question asked");
        self.core.handle_question(QuestionId(id), question, deadline_us, self.now_us);
    }

    pub fn on_answer(&mut self, id: QuestionId, answer: &Result<Answer, i32>) {
        match (self.questions.open.remove(&id.0), answer) {
            (None, _) => self.violate(format!("question {} was answered twice", id.0)),
            (Some((.., true)), Ok(answer)) => {
                self.count("question answered");
                // What is spoiled on the way may be anything.
                let readable = MetadataResponse::decode_all(&answer.body, answer.version).is_ok();
                self.log(format!("answer {} from {}, readable: {readable}", id.0, answer.broker));
            }
            (Some(_), answer) => self.log(format!("answer {}: {:?}", id.0, answer.as_ref().err())),
        }
    }

    /// Nobody waits longer than was said.
    pub fn look_for_overdue_questions(&mut self) {
        let (now_us, suspended_us) = (self.now_us, self.suspended_us);
        let overdue = self.questions.open.iter().find(|(_, (deadline_us, before_us, _))| {
            now_us > deadline_us + (suspended_us - before_us)
        });
        if let Some((&id, _)) = overdue {
            self.violate(format!("question {id} was not answered in time"));
        }
    }
}
