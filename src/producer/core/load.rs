//! How busy the partitions are, for producing threads that prefer short queues (`partitioner.adaptive.partitioning.enable`). Looked
//! at every few milliseconds while anything waits or is in flight, and once more after that.

use super::{BatchSource, Core, Link, Timer};
use crate::producer::action::{Notice, TopicId};
use crate::producer::adaptive::{LoadTable, PartitionLoad};

/// Time between two looks.
const LOOK_EVERY_US: u64 = 5_000;

/// More of it for each partition, so that many don't keep the thread busy.
const LOOK_REST_US: u64 = 1;

/// When to look.
#[derive(Debug, Default)]
pub(super) struct Loads {
    next_us: u64,
    /// The last look found something.
    busy: bool,
}

impl Core {
    /// Something changed: looks, if it is time to, else sees to it that there is a look in time.
    pub(super) fn drain_loads(&mut self, source: &impl BatchSource, now_us: u64) {
        if self.settings.adaptive.is_none() {
            return;
        }
        if now_us < self.loads.next_us {
            return;
        }
        let was_busy = self.loads.busy;
        self.loads.busy = false;
        let mut looked_at = 0;
        for id in 0..self.topics.len() as u32 {
            looked_at += self.topics[id as usize].partitions.len() as u64;
            self.look_at_topic(id, source, now_us);
        }
        if self.loads.busy || was_busy {
            self.loads.next_us = now_us + LOOK_EVERY_US + looked_at * LOOK_REST_US;
            self.timers.arm(Timer::Loads, self.loads.next_us);
        }
    }

    fn look_at_topic(&mut self, id: u32, source: &impl BatchSource, now_us: u64) {
        let Some(topic) = self.topics.get(id as usize) else { return };
        if topic.partitions.len() < 2 {
            return;
        }
        let mut loads = Vec::with_capacity(topic.partitions.len());
        for (partition, state) in (0..).zip(&topic.partitions) {
            let waiting = match state.source {
                Some(_) => source.queued(TopicId(id), partition),
                None => 0,
            };
            loads.push(PartitionLoad {
                queued: (waiting + state.queue.len() + state.in_flight) as u32,
                available: self.takes_batches(state.leader, now_us),
            });
        }
        let busy = loads.iter().any(|load| load.queued > 0);
        let table = LoadTable::new(&loads);
        self.loads.busy |= busy;
        let topic = &mut self.topics[id as usize];
        if table != topic.load {
            topic.load.clone_from(&table);
            self.notify(Notice::TopicLoad { topic: TopicId(id), table });
        }
    }

    /// Whether a leader is known that has nothing to do, or did some of it within the timeout.
    fn takes_batches(&self, leader: i32, now_us: u64) -> bool {
        let timeout_us = self.settings.adaptive.unwrap_or(0);
        let Some(&index) = self.by_node.get(&leader) else { return false };
        let broker = &self.brokers[index];
        let outstanding = !broker.ready.is_empty() || !broker.in_flight.is_empty();
        let since_us = broker.active_us.max(match broker.link {
            Link::Up(_) | Link::Idle => broker.active_us,
            _ => broker.attempt_us,
        });
        timeout_us == 0 || !outstanding || now_us.saturating_sub(since_us) <= timeout_us
    }
}
