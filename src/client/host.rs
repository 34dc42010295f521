//! The IO thread's [`Host`]: hands the application's inputs to the core and the core's facts to the application. All of it runs
//! on the IO thread; only queues, budget, intakes and the inbox are met by other threads.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::error;
use super::inbox::{Command, Completion, Inputs, Ready, Reply};
use super::intake::PartitionIntake;
use super::queue::Op;
use super::reports::ReportBatch;
use super::settings::topic_settings;
use super::shared::{DeliveryMode, Shared};
use super::statistics::{Reporter, report};
use super::topic::{PARTITION_UNASSIGNED, Topic};
use crate::io::host::Host;
use crate::producer::action::{Notice, TopicId};
use crate::producer::batch::Batch;
use crate::producer::core::{BatchSource, Core, Head};
use crate::producer::question::QuestionId;
use crate::producer::report::{Persistence, Report};

/// See the module.
#[derive(Debug)]
pub struct ClientHost {
    shared: Arc<Shared>,
    /// Signalled when interceptors know of the thread.
    pub(super) started: Option<Arc<Completion>>,
    /// By their ids.
    topics: Vec<Arc<Topic>>,
    inputs: Inputs,
    /// Reports that are to go to the queue together: who waits for them is woken once.
    reports: RefCell<Vec<Op>>,
    /// Purges whose reports the driver passes on by the end of this turn.
    purges: Vec<Arc<Completion>>,
    /// Questions without an answer yet.
    questions: Vec<(QuestionId, Arc<Reply>)>,
    questions_asked: u64,
    /// Topics with un-assigned messages.
    waiting: BTreeSet<TopicId>,
    /// When the first un-assigned message expires.
    unassigned_due_us: u64,
    statistics: Reporter,
    /// The handle is being destroyed: outcomes are for interceptors alone.
    ending: bool,
}

impl ClientHost {
    /// Of a handle without topics yet.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            statistics: Reporter::new(&shared),
            started: None,
            shared,
            topics: Vec::new(),
            inputs: Inputs::default(),
            reports: RefCell::default(),
            purges: Vec::new(),
            questions: Vec::new(),
            questions_asked: 0,
            waiting: BTreeSet::new(),
            unassigned_due_us: u64::MAX,
            ending: false,
        }
    }

    fn topic(&self, topic: TopicId) -> Option<&Arc<Topic>> {
        self.topics.get(topic.0 as usize)
    }

    /// Tells the application of a finished batch, or just settles it if nobody wants to know.
    fn report(&self, mut report: Report, now_us: u64) {
        let Some(topic) = self.topic(report.topic) else { return };
        if self.ending {
            report.error = error::DESTROY;
        }
        let wanted = !self.ending
            && self.shared.delivery != DeliveryMode::None
            && (report.error != 0 || !self.shared.config.delivery_report_only_error);
        let batch = ReportBatch::new(Arc::clone(topic), report, now_us);
        if let Some(hooks) = self.shared.hooks().filter(|_| self.shared.watched.acknowledgements) {
            hooks.on_acknowledgement(&batch);
        }
        if wanted {
            self.reports.borrow_mut().push(Op::Report(batch));
        }
    }

    /// Hands the collected reports to the application.
    fn pass_reports(&self) {
        // Taken out, because the queue may call a hook of the application.
        let mut reports = self.reports.take();
        self.shared.queue.push_all(&mut reports);
        self.reports.replace(reports);
    }

    /// Reports messages that never reached the core.
    fn fail(&self, topic: TopicId, partition: i32, batch: Batch, error: i32, now_us: u64) {
        let report = Report {
            topic,
            partition,
            batch: Arc::new(batch),
            base_offset: -1,
            error,
            persistence: Persistence::NotPersisted,
            broker_id: -1,
            log_append_time_ms: -1,
        };
        self.report(report, now_us);
    }

    fn fail_unassigned(
        &self,
        topic: TopicId,
        batches: impl IntoIterator<Item = Batch>,
        error: i32,
        now_us: u64,
    ) {
        for batch in batches {
            self.fail(topic, PARTITION_UNASSIGNED, batch, error, now_us);
        }
    }

    fn on_command(&mut self, command: Command, core: &mut Core, now_us: u64) -> bool {
        match command {
            Command::Topic(topic) => {
                core.handle_topic(topic.id, topic.name(), topic_settings(topic.config()), now_us);
                self.topics.push(topic);
            }
            Command::Brokers(addresses) => core.handle_brokers_added(addresses, now_us),
            Command::Pause { topic, partition, paused } => {
                core.handle_pause(topic, partition, paused, now_us);
            }
            Command::Flush(flushing) => core.handle_flush(flushing, now_us),
            Command::Purge { queued, in_flight, done } => {
                core.handle_purge(queued, in_flight, self, now_us);
                if queued {
                    self.purge_unassigned(now_us);
                }
                self.purges.extend(done);
            }
            Command::Ask { question, deadline_us, reply } => {
                self.questions_asked += 1;
                let id = QuestionId(self.questions_asked);
                self.questions.push((id, reply));
                core.handle_question(id, question, deadline_us, now_us);
            }
            Command::Report(reply) => {
                reply.give(report(core, &self.shared, &self.topics, false, now_us));
            }
            Command::Fatal => {
                core.handle_fatal(self, now_us);
                self.purge_unassigned(now_us);
            }
            Command::Shutdown => return false,
        }
        true
    }

    fn emit_statistics(&self, core: &mut Core, now_us: u64) {
        self.pass_reports();
        let statistics = report(core, &self.shared, &self.topics, true, now_us);
        self.shared.queue.push(Op::Stats(statistics.to_json()));
    }

    fn purge_unassigned(&self, now_us: u64) {
        for topic in &self.topics {
            let batches = topic.take_unassigned();
            self.fail_unassigned(topic.id, batches, error::PURGE_QUEUE, now_us);
        }
    }

    fn on_ready(&mut self, ready: Ready, core: &mut Core, now_us: u64) {
        match ready {
            Ready::Partition(topic, partition) => {
                // Looked at again, because the core may have taken what was told.
                if let Some(head) = self.head(topic, partition) {
                    core.handle_ready(topic, partition, head, now_us);
                }
            }
            Ready::Unassigned(id) => {
                let Some(topic) = self.topic(id) else { return };
                self.unassigned_due_us = self.unassigned_due_us.min(topic.unassigned_due_us());
                self.waiting.insert(id);
            }
        }
    }

    /// Fails the un-assigned messages that expired.
    fn expire_unassigned(&mut self, now_us: u64) {
        let mut due_us = u64::MAX;
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|&id: &TopicId| {
            let Some(topic) = self.topic(id) else { return false };
            let expired = topic.take_expired(now_us);
            self.fail_unassigned(id, expired, error::MSG_TIMED_OUT, now_us);
            due_us = due_us.min(topic.unassigned_due_us());
            topic.has_unassigned()
        });
        self.waiting = waiting;
        self.unassigned_due_us = due_us;
    }

    fn on_partition_count(&mut self, id: TopicId, count: i32, now_us: u64) {
        let Some(topic) = self.topic(id) else { return };
        let assigned = topic.assign(count, now_us);
        for partition in assigned.ready {
            let head = topic.intake(partition).and_then(|intake| intake.head(topic.limits()));
            if let Some(head) = head {
                // As a notice, because the core is not at hand here.
                self.shared.inbox.notice_partition(
                    id,
                    partition,
                    head.first_enqueued_us,
                    head.full,
                );
            }
        }
        let topic_waits = topic.has_unassigned();
        self.fail_unassigned(id, assigned.unknown_partition, error::UNKNOWN_PARTITION, now_us);
        if !topic_waits {
            self.forget_waiting(id);
        }
    }

    /// A topic has no un-assigned messages any more: they must not wake the thread when they would have expired.
    fn forget_waiting(&mut self, id: TopicId) {
        self.waiting.remove(&id);
        if self.waiting.is_empty() {
            self.unassigned_due_us = u64::MAX;
        }
    }

    fn tell_hooks(&self, notice: &Notice) {
        match (self.shared.hooks(), notice) {
            (Some(hooks), Notice::BrokerState(state)) => hooks.on_broker_state(state),
            (Some(hooks), Notice::RequestSent(sent)) => hooks.on_request_sent(sent),
            (Some(hooks), Notice::ResponseReceived(got)) => hooks.on_response_received(got),
            _ => {}
        }
    }

    /// Ends what is outstanding, for interceptors only: each message that they saw gets its outcome.
    fn fail_all_unreported(&mut self, core: &mut Core, now_us: u64) {
        self.ending = true;
        core.handle_purge(true, true, self, now_us);
        self.drain_topic_commands();
        for topic in &self.topics {
            for (partition, batch) in topic.close(error::DESTROY) {
                self.fail(topic.id, partition, batch, error::DESTROY, now_us);
            }
        }
    }

    fn complete_purges(&mut self) {
        self.pass_reports();
        self.purges.drain(..).for_each(|done| done.complete());
    }

    /// Takes every message out of the intakes for good; `report` says whether the application is told.
    fn close(&mut self, error: i32, report: bool, now_us: u64) {
        self.shared.block(error);
        self.drain_topic_commands();
        for topic in &self.topics {
            for (partition, batch) in topic.close(error) {
                if report {
                    self.fail(topic.id, partition, batch, error, now_us);
                }
            }
        }
        self.complete_purges();
        self.questions.drain(..).for_each(|(_, reply)| reply.give(Err(error)));
    }

    /// Topics and purges that were handed in but never seen by the core.
    fn drain_topic_commands(&mut self) {
        self.shared.inbox.close(&mut self.inputs);
        for command in self.inputs.commands.drain(..) {
            match command {
                Command::Topic(topic) => self.topics.push(topic),
                Command::Purge { done, .. } => self.purges.extend(done),
                other => other.refuse(),
            }
        }
    }
}

impl BatchSource for ClientHost {
    fn head(&self, topic: TopicId, partition: i32) -> Option<Head> {
        let topic = self.topic(topic)?;
        topic.intake(partition)?.head(topic.limits())
    }

    fn queued(&self, topic: TopicId, partition: i32) -> usize {
        let intake = self.topic(topic).and_then(|topic| topic.intake(partition));
        intake.map_or(0, PartitionIntake::queued)
    }

    fn take(&mut self, topic: TopicId, partition: i32) -> Option<Batch> {
        self.topic(topic)?.intake(partition)?.take()
    }
}

impl Host for ClientHost {
    fn poll_input(&mut self, core: &mut Core, now_us: u64) -> bool {
        self.complete_purges();
        let mut inputs = std::mem::take(&mut self.inputs);
        self.shared.inbox.swap(&mut inputs);
        let mut goes_on = true;
        for command in inputs.commands.drain(..) {
            goes_on &= self.on_command(command, core, now_us);
        }
        for ready in inputs.ready.drain(..) {
            self.on_ready(ready, core, now_us);
        }
        self.inputs = inputs;
        if now_us >= self.unassigned_due_us {
            self.expire_unassigned(now_us);
        }
        if self.statistics.is_due(now_us) {
            self.emit_statistics(core, now_us);
        }
        if !goes_on {
            if self.shared.watched.acknowledgements {
                self.fail_all_unreported(core, now_us);
            }
            self.close(error::DESTROY, false, now_us);
        }
        self.pass_reports();
        goes_on
    }

    fn handle_notice(&mut self, notice: Notice, now_us: u64) {
        if !matches!(notice, Notice::Report(_)) {
            // Other events may follow, and keep their place.
            self.pass_reports();
        }
        match notice {
            Notice::Report(report) => self.report(report, now_us),
            Notice::TopicPartitions { topic, partition_count } => {
                self.on_partition_count(topic, partition_count, now_us);
            }
            Notice::TopicFailed { topic, error } => {
                if let Some(failed) = self.topic(topic) {
                    let batches = failed.fail(error);
                    self.fail_unassigned(topic, batches, error, now_us);
                    self.forget_waiting(topic);
                }
            }
            Notice::TopicLoad { topic, table } => {
                if let Some(topic) = self.topic(topic) {
                    topic.sticky.set_load(table);
                }
            }
            Notice::PartitionAvailable { topic, partition, available } => {
                if let Some(intake) = self.topic(topic).and_then(|topic| topic.intake(partition)) {
                    intake.set_available(available);
                }
            }
            Notice::Error { error, reason } => self.shared.error_event(error, reason),
            Notice::Fatal { error, reason } => {
                self.shared.raise_fatal(error, &reason);
            }
            Notice::Log { level, facility, text } => self.shared.log(level, facility, &text),
            Notice::Debug { contexts, facility, text } => {
                self.shared.debug(contexts, facility, &text);
            }
            Notice::Cluster(cluster) => self.shared.cluster.learn(cluster),
            Notice::BrokerState(_) | Notice::RequestSent(_) | Notice::ResponseReceived(_) => {
                self.tell_hooks(&notice);
            }
            Notice::Answer { id, answer } => {
                let asked = self.questions.iter().position(|(asked, _)| *asked == id);
                if let Some(place) = asked {
                    self.questions.swap_remove(place).1.give(answer);
                }
            }
            Notice::Throttle { broker, broker_id, throttle_ms } => {
                self.shared.throttle_event(broker, broker_id, throttle_ms);
            }
        }
    }

    fn finish_notices(&mut self) {
        self.pass_reports();
    }

    fn next_deadline_us(&self) -> u64 {
        self.unassigned_due_us.min(self.statistics.due_us())
    }

    fn is_measuring(&self) -> bool {
        self.shared.statistics_interval_us > 0
    }

    fn may_hold(&self) -> bool {
        self.shared.inbox.may_hold()
    }

    fn is_starved(&self) -> bool {
        self.shared.budget.is_waited_for() && self.shared.only_sending_makes_room()
    }

    fn note_idle(&mut self, idle: bool) {
        self.shared.inbox.note_idle(idle);
    }

    fn prepare_sleep(&mut self, deadline_us: u64, held: bool) -> bool {
        self.complete_purges();
        self.shared.inbox.prepare_sleep(deadline_us, held)
    }

    fn finish_sleep(&mut self) {
        self.shared.inbox.finish_sleep();
    }

    fn handle_start(&mut self, thread_name: &str) {
        if let Some(hooks) = self.shared.hooks() {
            hooks.on_thread_start(thread_name);
        }
        if let Some(started) = self.started.take() {
            started.complete();
        }
    }

    fn handle_end(&mut self, thread_name: &str) {
        if let Some(hooks) = self.shared.hooks() {
            hooks.on_thread_exit(thread_name);
        }
    }

    fn handle_panic(&mut self, message: &str) {
        self.shared.raise_fatal(error::FATAL, &format!("IO thread failed: {message}"));
        let now_us = self.shared.clock.now_us();
        self.close(error::FATAL, true, now_us);
    }
}

impl Drop for ClientHost {
    fn drop(&mut self) {
        // Commands that came after the last look must not keep anyone waiting.
        self.close(error::DESTROY, false, 0);
        self.shared.inbox.finish_sleep();
    }
}
