//! Reports of how a handle fares: when they are due, and the client's half of what is in them. On the IO thread.

use std::sync::Arc;

use super::shared::Shared;
use super::topic::{PARTITION_UNASSIGNED, Topic};
use crate::producer::core::Core;
use crate::stats::{FatalReport, PartitionReport, Statistics};

/// When reports are due (`statistics.interval.ms`).
#[derive(Debug)]
pub struct Reporter {
    interval_us: u64,
    due_us: u64,
}

impl Reporter {
    /// The first report is due an interval from now; none ever is if nobody wants them.
    pub fn new(shared: &Shared) -> Self {
        let interval_us = shared.statistics_interval_us;
        let due_us = match interval_us {
            0 => u64::MAX,
            interval_us => shared.clock.now_us().saturating_add(interval_us),
        };
        Self { interval_us, due_us }
    }

    /// When the next one is due; `u64::MAX` for never.
    pub fn due_us(&self) -> u64 {
        self.due_us
    }

    /// Whether one is due now; then the next one is an interval later.
    pub fn is_due(&mut self, now_us: u64) -> bool {
        if now_us < self.due_us {
            return false;
        }
        let next_us = self.due_us.saturating_add(self.interval_us);
        // After a long pause one report is enough.
        self.due_us =
            if next_us > now_us { next_us } else { now_us.saturating_add(self.interval_us) };
        true
    }
}

/// The whole report; with `roll` percentiles begin anew.
pub fn report(
    core: &mut Core,
    shared: &Shared,
    topics: &[Arc<Topic>],
    roll: bool,
    now_us: u64,
) -> Statistics {
    let mut statistics = core.statistics(roll, now_us);
    let config = shared.config();
    let held = shared.budget.held();
    statistics.name = shared.name().to_string_lossy().into_owned();
    statistics.client_id.clone_from(&config.client_id);
    statistics.time = shared.wall_ms(now_us).div_euclid(1_000);
    statistics.replyq = shared.queue.len();
    statistics.msg_cnt = held.messages;
    statistics.msg_size = held.bytes;
    statistics.msg_max = config.queue_buffering_max_messages as u64;
    statistics.msg_size_max = config.queue_buffering_max_bytes;
    for (told, topic) in statistics.topics.iter_mut().zip(topics) {
        for partition in &mut told.partitions {
            let index = u32::try_from(partition.partition).ok();
            let Some(intake) = index.and_then(|index| topic.partitions.peek(index)) else {
                continue;
            };
            let (messages, bytes) = intake.waiting();
            partition.msgq_cnt = messages;
            partition.msgq_bytes = bytes;
            partition.msgs += messages;
        }
        let (messages, bytes, ever) = topic.unassigned.lock().waiting();
        told.partitions.push(PartitionReport {
            msgq_cnt: messages,
            msgq_bytes: bytes,
            msgs: ever,
            ..PartitionReport::new(PARTITION_UNASSIGNED)
        });
    }
    statistics.fatal = shared.fatal_error().map(|(error, reason)| FatalReport {
        error: (shared.error_text)(error),
        reason,
        cnt: 1,
    });
    statistics.sum_up();
    statistics
}
