//! Tests of the IO thread's host, with a core but without the thread.

use std::sync::Arc;
use std::time::Duration;

use super::budget::Amount;
use super::error;
use super::host::ClientHost;
use super::inbox::{Command, Completion};
use super::queue::Op;
use super::reports::ReportBatch;
use super::settings::settings;
use super::shared::{DeliveryMode, Options, Shared};
use super::test_support::{shared, to_partition, topic};
use super::topic::Topic;
use crate::io::host::Host;
use crate::producer::action::{Notice, TopicId};
use crate::producer::core::{BatchSource, Core};
use crate::producer::report::{Persistence, Report};

struct Rig {
    shared: Arc<Shared>,
    topic: Arc<Topic>,
    host: ClientHost,
    core: Core,
}

fn rig(extra: &[(&str, &str)], options: Options) -> Rig {
    let mut all = vec![("message.timeout.ms", "1000")];
    all.extend(extra);
    let shared = shared(&all, options);
    let topic = topic(&shared, 0, None);
    let core = Core::new(settings(shared.config()), 1, shared.clock.now_us());
    let host = ClientHost::new(Arc::clone(&shared));
    shared.inbox.command(Command::Topic(Arc::clone(&topic)));
    Rig { shared, topic, host, core }
}

fn callbacks() -> Options {
    Options { delivery: DeliveryMode::Callback, ..Options::default() }
}

impl Rig {
    fn turn(&mut self, now_us: u64) -> bool {
        self.host.poll_input(&mut self.core, now_us)
    }

    fn produce(&self, partition: i32, count: usize) {
        (0..count).for_each(|i| self.topic.produce(&to_partition(partition, b"value", i)).unwrap());
    }

    /// Opaques and the first message's (partition, error) of the next event, which is a report.
    fn report(&self) -> (Vec<usize>, i32, i32) {
        let Some(Op::Report(mut batch)) = self.shared.queue.pop(0) else { panic!("no report") };
        let mut first = None;
        let mut opaques = Vec::new();
        while let Some(message) = batch.next_message() {
            first.get_or_insert((message.partition, message.error));
            opaques.push(message.opaque);
        }
        let (partition, error) = first.unwrap();
        (opaques, partition, error)
    }

    fn held(&self) -> u64 {
        self.shared.budget.held().messages
    }

    fn delivered(&mut self, batch: crate::producer::batch::Batch, error: i32) {
        let report = Report {
            topic: TopicId(0),
            partition: 0,
            batch: Arc::new(batch),
            base_offset: if error == 0 { 1_000 } else { -1 },
            error,
            persistence: Persistence::Persisted,
            broker_id: 2,
            log_append_time_ms: -1,
        };
        self.host.handle_notice(Notice::Report(report), self.shared.clock.now_us());
        self.host.finish_notices();
    }

    fn partitions(&mut self, partition_count: i32) {
        let notice = Notice::TopicPartitions { topic: TopicId(0), partition_count };
        self.host.handle_notice(notice, self.shared.clock.now_us());
        self.host.finish_notices();
    }
}

#[test]
fn messages_of_an_unknown_topic_expire_without_the_core() {
    let mut rig = rig(&[], callbacks());
    rig.produce(5, 3);
    let now_us = rig.shared.clock.now_us();
    assert!(rig.turn(now_us));
    let due_us = rig.host.next_deadline_us();
    assert!(due_us > now_us && due_us <= now_us + 1_000_000);
    // Due for the first message, by some microseconds not for the others perhaps.
    rig.turn(due_us - 1);
    assert!(rig.shared.queue.is_empty());
    rig.turn(due_us + 1_000_000);
    assert_eq!(rig.report(), (vec![0, 1, 2], 5, error::MSG_TIMED_OUT));
    assert_eq!((rig.held(), rig.host.next_deadline_us()), (0, u64::MAX));
}

#[test]
fn partitioned_messages_reach_the_core_through_notices() {
    let mut rig = rig(&[], callbacks());
    rig.produce(1, 3);
    rig.produce(9, 2);
    let now_us = rig.shared.clock.now_us();
    rig.turn(now_us);
    rig.partitions(4);
    assert_eq!(rig.report(), (vec![0, 1], 9, error::UNKNOWN_PARTITION));
    assert!(!rig.host.prepare_sleep(u64::MAX, false), "the notices are input");
    rig.host.finish_sleep();
    rig.turn(now_us);
    assert!(rig.host.prepare_sleep(u64::MAX, false));
    assert_eq!(rig.host.take(TopicId(0), 1).unwrap().count(), 3);
    assert!(rig.host.take(TopicId(0), 0).is_none() && rig.host.head(TopicId(7), 0).is_none());
}

#[test]
fn a_failed_topic_reports_what_waits() {
    let mut rig = rig(&[], callbacks());
    rig.produce(-1, 2);
    rig.turn(1);
    rig.host.handle_notice(Notice::TopicFailed { topic: TopicId(0), error: 29 }, 1);
    rig.host.finish_notices();
    assert_eq!(rig.report(), (vec![0, 1], -1, 29));
}

#[test]
fn a_purge_takes_unassigned_messages_and_completes_within_the_turn() {
    let mut rig = rig(&[], callbacks());
    rig.produce(-1, 2);
    rig.turn(1);
    let done = Arc::new(Completion::default());
    let command = Command::Purge { queued: true, in_flight: true, done: Some(Arc::clone(&done)) };
    rig.shared.inbox.command(command);
    rig.turn(1);
    assert!(!done.wait(Duration::ZERO), "the core's reports are not passed on yet");
    rig.host.prepare_sleep(u64::MAX, false);
    assert!(done.wait(Duration::ZERO));
    assert_eq!(rig.report(), (vec![0, 1], -1, error::PURGE_QUEUE));
}

#[test]
fn budget_is_released_message_by_message_and_memory_at_the_end() {
    let mut rig = rig(&[], callbacks());
    rig.turn(1);
    rig.partitions(1);
    rig.produce(0, 5);
    let batch = rig.host.take(TopicId(0), 0).unwrap();
    rig.delivered(batch, 0);
    let Some(Op::Report(mut batch)) = rig.shared.queue.pop(0) else { panic!() };
    for i in 0..3 {
        let message = batch.next_message().unwrap();
        assert_eq!((message.opaque, message.offset, message.broker_id), (i, 1_000 + i as i64, 2));
        assert_eq!(rig.held(), 5 - i as u64);
    }
    assert_eq!((batch.remaining(), rig.shared.pool.kept_bytes()), (2, 0));
    drop(batch);
    assert_eq!(rig.shared.budget.held(), Amount::default());
    assert_eq!(rig.shared.pool.kept_bytes(), 1_024);
}

#[test]
fn a_partly_served_report_goes_on_where_it_stopped() {
    let mut rig = rig(&[], callbacks());
    rig.turn(1);
    rig.partitions(1);
    rig.produce(0, 5);
    let batch = rig.host.take(TopicId(0), 0).unwrap();
    rig.delivered(batch, 0);
    rig.shared.queue.push(Op::Stats("after".to_owned()));
    let mut seen = Vec::new();
    for _ in 0..3 {
        rig.shared.queue.serve(0, &mut |op| {
            if let Op::Report(batch) = op {
                while let Some(message) = batch.next_message() {
                    seen.push(message.opaque);
                    if seen.len().is_multiple_of(2) {
                        super::queue::request_yield();
                        return std::ops::ControlFlow::Break(());
                    }
                }
            }
            std::ops::ControlFlow::Continue(())
        });
    }
    assert_eq!((seen, rig.held(), rig.shared.queue.len()), (vec![0, 1, 2, 3, 4], 0, 0));
}

#[test]
fn reports_that_nobody_wants_are_settled_at_once() {
    let only_errors = [("delivery.report.only.error", "true")];
    for (settings, options, error, wanted) in [
        (&[][..], Options::default(), 0, false),
        (&[][..], Options::default(), 7, false),
        (&only_errors[..], callbacks(), 0, false),
        (&only_errors[..], callbacks(), 7, true),
    ] {
        let mut rig = rig(settings, options);
        rig.turn(1);
        rig.partitions(1);
        rig.produce(0, 5);
        let batch = rig.host.take(TopicId(0), 0).unwrap();
        rig.delivered(batch, error);
        assert_eq!((rig.shared.queue.len(), rig.held()), if wanted { (1, 5) } else { (0, 0) });
    }
}

#[test]
fn messages_of_an_event_can_be_read_twice_and_failures_have_no_offset() {
    let mut rig = rig(&[], callbacks());
    rig.turn(1);
    rig.partitions(1);
    rig.produce(0, 3);
    let batch = rig.host.take(TopicId(0), 0).unwrap();
    rig.delivered(batch, 7);
    let Some(Op::Report(batch)) = rig.shared.queue.pop(0) else { panic!() };
    let read = |batch: &ReportBatch| {
        let mut cursor = crate::producer::batch::Cursor::default();
        let mut all = Vec::new();
        while let Some(message) = batch.message_at(&mut cursor) {
            assert!(message.latency_us >= 0);
            all.push((message.opaque, message.offset, message.error));
        }
        all
    };
    assert_eq!(read(&batch), [(0, -1001, 7), (1, -1001, 7), (2, -1001, 7)]);
    assert_eq!((read(&batch).len(), rig.held()), (3, 3));
}

#[test]
fn after_a_panic_every_message_is_reported_and_none_is_taken() {
    let mut rig = rig(&[], Options { error_events: true, ..callbacks() });
    rig.turn(1);
    rig.partitions(1);
    rig.produce(0, 2);
    let other = topic(&rig.shared, 1, None);
    rig.shared.inbox.command(Command::Topic(Arc::clone(&other)));
    other.produce(&to_partition(3, b"v", 9)).unwrap();
    let done = Arc::new(Completion::default());
    let purge = Command::Purge { queued: true, in_flight: false, done: Some(Arc::clone(&done)) };
    rig.shared.inbox.command(purge);
    rig.host.handle_panic("index out of bounds");
    assert!(done.wait(Duration::ZERO));
    assert_eq!(rig.shared.fatal_error().unwrap().0, error::FATAL);
    let Some(Op::Fatal { error, text, .. }) = rig.shared.queue.pop(0) else { panic!() };
    assert!(error == error::FATAL && text.contains("index out of bounds"));
    assert_eq!(rig.report(), (vec![0, 1], 0, error::FATAL));
    assert_eq!(rig.report(), (vec![9], 3, error::FATAL));
    assert_eq!(rig.topic.produce(&to_partition(0, b"v", 0)), Err(error::FATAL));
    assert_eq!(rig.held(), 0);
}

#[test]
fn shutdown_drops_what_waits_without_reports() {
    let mut rig = rig(&[], callbacks());
    rig.turn(1);
    rig.partitions(1);
    rig.produce(0, 2);
    rig.shared.inbox.command(Command::Shutdown);
    assert!(!rig.turn(1));
    assert!(rig.shared.queue.is_empty());
    assert_eq!(rig.topic.produce(&to_partition(0, b"v", 0)), Err(error::DESTROY));
}

#[test]
fn only_reports_of_the_handle_itself_are_room_to_come() {
    let mut rigs = [rig(&[], callbacks()), rig(&[], callbacks())];
    let [rig, other] = &mut rigs;
    for rig in [&mut *rig, &mut *other] {
        rig.turn(1);
        rig.partitions(1);
        rig.produce(0, 1);
    }
    assert!(rig.shared.queue.forward(Some(&other.shared.queue)));
    rig.shared.queue.push(Op::Stats(String::new()));
    assert!(rig.shared.only_sending_makes_room() && other.shared.only_sending_makes_room());
    let batch = other.host.take(TopicId(0), 0).unwrap();
    other.delivered(batch, 0);
    assert!(rig.shared.only_sending_makes_room() && !other.shared.only_sending_makes_room());
    let batch = rig.host.take(TopicId(0), 0).unwrap();
    rig.delivered(batch, 0);
    assert!(!rig.shared.only_sending_makes_room());
    drop(std::iter::from_fn(|| other.shared.queue.pop(0)).collect::<Vec<_>>());
    assert!(rig.shared.only_sending_makes_room() && other.shared.only_sending_makes_room());
}
