//! Models: what application threads and the IO thread share, run by loom through every interleaving (some with a bound on
//! preemptions, which each names). A wake-up that is lost is a deadlock, and loom reports it. `make models` builds and runs them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use loom::thread;

use super::budget::{Amount, Budget};
use super::inbox::{Command, Completion, Inbox, Inputs, Ready};
use super::intake::{BatchLimits, PartitionIntake, Pushed};
use super::queue::{Op, Queue};
use super::sync::{ModelPoller, Waker};
use crate::producer::action::TopicId;
use crate::producer::batch::{FreshChunks, NewMessage};

const FOREVER: Duration = Duration::MAX;
const LIMITS: BatchLimits = BatchLimits { size_bytes: 10_000, messages: 2 };

/// Runs `body` through the interleavings with at most `preemptions` switches away from a thread that could go on.
fn explore(preemptions: Option<usize>, body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = 10_000;
    builder.check(body);
}

/// An inbox with the IO thread's side of it.
struct Io {
    inbox: Arc<Inbox>,
    poller: Arc<ModelPoller>,
    sleeps: usize,
}

impl Io {
    fn new(linger_us: u64) -> Self {
        let poller = Arc::new(ModelPoller::default());
        let inbox = Arc::new(Inbox::new(Waker::Model(Arc::clone(&poller)), linger_us));
        Self { inbox, poller, sleeps: 0 }
    }

    /// What `io::driver` does between two turns, then what the next turn begins with.
    fn next_inputs(&mut self, deadline_us: u64) -> Inputs {
        self.sleep(deadline_us, false)
    }

    /// As [`Io::next_inputs`], with data `held` back until then.
    fn sleep(&mut self, deadline_us: u64, held: bool) -> Inputs {
        self.sleeps += 1;
        if self.inbox.prepare_sleep(deadline_us, held) {
            self.poller.wait();
        }
        self.inbox.finish_sleep();
        let mut inputs = Inputs::default();
        self.inbox.swap(&mut inputs);
        inputs
    }
}

fn push(intake: &PartitionIntake, opaque: usize) -> Pushed {
    let message = NewMessage {
        key: None,
        value: Some(b"v"),
        headers: std::iter::empty(),
        timestamp_ms: 0,
        enqueued_us: 1,
        opaque,
        tag: 0,
        borrowed_value: 0,
    };
    intake.push(&message, 36, LIMITS, &mut FreshChunks)
}

fn take_all(intake: &PartitionIntake, taken: &mut Vec<usize>) {
    while let Some(batch) = intake.take() {
        taken.extend(batch.messages().map(|view| view.opaque));
    }
}

fn stats(text: &str) -> Op {
    Op::Stats(text.to_owned())
}

#[test]
fn the_io_thread_hears_of_every_input_however_many_threads_bring_it() {
    explore(Some(3), || {
        let mut io = Io::new(0);
        for partition in 0..2 {
            let inbox = Arc::clone(&io.inbox);
            thread::spawn(move || inbox.notice_partition(TopicId(0), partition, 5, true));
        }
        let mut heard = 0;
        while heard < 2 {
            heard += io.next_inputs(u64::MAX).ready.len();
        }
        assert!(io.poller.wakes() <= io.sleeps, "woken in vain");
    });
}

#[test]
fn input_that_is_due_before_the_io_thread_wakes_by_itself_wakes_it() {
    explore(None, || {
        let mut io = Io::new(10);
        let inbox = Arc::clone(&io.inbox);
        thread::spawn(move || inbox.notice_partition(TopicId(0), 0, 5, false));
        // Due at 15.
        assert_eq!(io.next_inputs(16).ready, [Ready::Partition(TopicId(0), 0)]);
    });
}

#[test]
fn a_flush_is_heard_and_ends_the_lingering_of_what_comes_with_it() {
    explore(Some(3), || {
        let mut io = Io::new(1_000_000);
        let inbox = Arc::clone(&io.inbox);
        thread::spawn(move || {
            inbox.command(Command::Flush(true));
            inbox.notice_partition(TopicId(0), 0, 5, false);
        });
        let (mut flushes, mut ready) = (0, 0);
        while flushes + ready < 2 {
            let inputs = io.next_inputs(100);
            flushes += inputs.commands.len();
            ready += inputs.ready.len();
        }
    });
}

#[test]
fn a_command_ends_a_sleep_that_holds_data_back() {
    explore(Some(3), || {
        let mut io = Io::new(0);
        let inbox = Arc::clone(&io.inbox);
        thread::spawn(move || {
            inbox.notice_partition(TopicId(0), 0, 5, true);
            inbox.command(Command::Flush(true));
        });
        while io.sleep(500, true).commands.is_empty() {}
    });
}

#[test]
fn data_that_came_while_it_was_held_back_is_heard_of_when_that_ends() {
    explore(Some(3), || {
        let mut io = Io::new(0);
        let inbox = Arc::clone(&io.inbox);
        thread::spawn(move || inbox.notice_partition(TopicId(0), 0, 5, true));
        // The sleep that holds data back ends by itself: it is the next one that must not miss anything.
        io.inbox.prepare_sleep(500, true);
        io.inbox.finish_sleep();
        assert_eq!(io.sleep(u64::MAX, false).ready.len(), 1);
    });
}

#[test]
fn a_command_that_waits_for_its_end_gets_it_even_from_a_closed_inbox() {
    explore(Some(3), || {
        let io = Io::new(0);
        let inbox = Arc::clone(&io.inbox);
        let application = thread::spawn(move || {
            let done = Arc::<Completion>::default();
            let purge =
                Command::Purge { queued: true, in_flight: true, done: Some(Arc::clone(&done)) };
            inbox.command(purge);
            assert!(done.wait(FOREVER));
        });
        let finish = |inputs: Inputs| {
            for command in inputs.commands {
                if let Command::Purge { done: Some(done), .. } = command {
                    done.complete();
                }
            }
        };
        let mut last = Inputs::default();
        io.inbox.swap(&mut last);
        finish(last);
        let mut last = Inputs::default();
        io.inbox.close(&mut last);
        finish(last);
        application.join().unwrap();
    });
}

/// A thread that finds no room is seen by the IO thread before that sleeps, or sees that it sleeps and wakes it.
#[test]
fn who_waits_for_room_is_heard_of_by_an_io_thread_that_sleeps_with_nothing_in_flight() {
    explore(Some(3), || {
        let io = Io::new(1_000_000);
        let budget = Arc::new(Budget::new(1, 100));
        assert!(budget.try_acquire(1));
        let waiter = {
            let (inbox, budget) = (Arc::clone(&io.inbox), Arc::clone(&budget));
            thread::spawn(move || {
                let hurry = || {
                    if inbox.is_idle_asleep() {
                        inbox.wake();
                    }
                    false
                };
                assert!(budget.acquire_by(|| budget.try_acquire(1), FOREVER, hurry));
            })
        };
        io.inbox.note_idle(true);
        if io.inbox.prepare_sleep(5_000_000, false) && !budget.is_waited_for() {
            io.poller.wait();
            assert!(budget.is_waited_for());
        }
        io.inbox.finish_sleep();
        // It was sent, answered and served.
        budget.release(Amount { messages: 1, bytes: 1 });
        waiter.join().unwrap();
    });
}

/// The whole way in: what is pushed is taken by a thread that looks only at what it was told of.
#[test]
fn no_message_stays_in_a_partition_unheard_of() {
    explore(Some(2), || {
        let mut io = Io::new(0);
        let intake = Arc::new(PartitionIntake::default());
        for thread in 0..2 {
            let (inbox, intake) = (Arc::clone(&io.inbox), Arc::clone(&intake));
            thread::spawn(move || {
                for i in 0..2 {
                    if let Pushed::Ready(head) = push(&intake, thread * 10 + i) {
                        let first_us = head.first_enqueued_us;
                        inbox.notice_partition(TopicId(0), 0, first_us, head.full);
                    }
                }
            });
        }
        let mut taken = Vec::new();
        while taken.len() < 4 {
            if !io.next_inputs(u64::MAX).ready.is_empty() {
                take_all(&intake, &mut taken);
            }
        }
        let own = |thread| taken.iter().copied().filter(move |opaque| opaque / 10 == thread);
        assert!(own(0).eq([0, 1]) && own(1).eq([10, 11]), "{taken:?}");
    });
}

#[test]
fn a_message_is_refused_by_a_closed_partition_or_handed_out_once() {
    explore(Some(3), || {
        let intake = Arc::new(PartitionIntake::default());
        let producer = {
            let intake = Arc::clone(&intake);
            thread::spawn(move || (0..3).filter(|&i| push(&intake, i) != Pushed::Refused).count())
        };
        let mut taken = Vec::new();
        taken.extend(intake.take().iter().flat_map(|batch| batch.messages().map(|v| v.opaque)));
        for batch in intake.close() {
            taken.extend(batch.messages().map(|view| view.opaque));
        }
        let accepted = producer.join().unwrap();
        assert!(intake.take().is_none());
        assert!(taken.iter().copied().eq(0..accepted), "{taken:?} of {accepted}");
    });
}

#[test]
fn the_budget_never_lets_in_more_than_its_limit_and_loses_nothing() {
    explore(Some(3), || {
        let budget = Arc::new(Budget::new(1, 100));
        let inside = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (budget, inside) = (Arc::clone(&budget), Arc::clone(&inside));
                thread::spawn(move || {
                    if budget.try_acquire(60) {
                        assert_eq!(inside.fetch_add(1, Relaxed), 0);
                        inside.fetch_sub(1, Relaxed);
                        budget.release(Amount { messages: 1, bytes: 60 });
                    }
                })
            })
            .collect();
        let held = budget.held();
        assert!(held.messages <= 1 && held.bytes <= 60, "{held:?}");
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(budget.held(), Amount::default());
        assert!(budget.try_acquire(100));
    });
}

#[test]
fn who_waits_for_room_gets_it_when_it_is_released() {
    explore(Some(3), || {
        let budget = Arc::new(Budget::new(1, 100));
        assert!(budget.try_acquire(1));
        let waiter = {
            let budget = Arc::clone(&budget);
            thread::spawn(move || {
                assert!(budget.acquire(1, FOREVER, || false));
                budget.release(Amount { messages: 1, bytes: 1 });
            })
        };
        budget.release(Amount { messages: 1, bytes: 1 });
        assert!(budget.wait_empty(FOREVER));
        waiter.join().unwrap();
    });
}

/// The callback after that message may take for ever: neither another message nor the end of serving helps.
#[test]
fn who_waits_for_room_gets_it_when_one_message_is_served() {
    explore(Some(3), || {
        let budget = Arc::new(Budget::new(1, 100));
        assert!(budget.try_acquire(60));
        let waiter = {
            let budget = Arc::clone(&budget);
            thread::spawn(move || assert!(budget.acquire(50, FOREVER, || false)))
        };
        assert!(budget.begin_serving());
        budget.serve(Amount { messages: 1, bytes: 60 });
        waiter.join().unwrap();
        assert_eq!(budget.held(), Amount { messages: 1, bytes: 50 });
        budget.end_serving();
    });
}

/// A waiter that began before anybody served must hear that somebody does now.
#[test]
fn who_waits_for_room_gets_it_though_not_every_message_served_is_told_of() {
    explore(Some(2), || {
        let budget = Arc::new(Budget::new(32, 1_000));
        (0..32).for_each(|_| assert!(budget.try_acquire(10)));
        let waiter = {
            let budget = Arc::clone(&budget);
            thread::spawn(move || assert!(budget.acquire(700, FOREVER, || false)))
        };
        assert!(budget.begin_serving());
        budget.serve(Amount { messages: 1, bytes: 10 });
        budget.serve(Amount { messages: 1, bytes: 10 });
        waiter.join().unwrap();
        budget.end_serving();
    });
}

#[test]
fn who_waits_for_an_empty_queue_hears_of_the_end_of_serving() {
    explore(Some(3), || {
        let budget = Arc::new(Budget::new(2, 100));
        assert!(budget.try_acquire(1) && budget.try_acquire(1));
        let waiter = {
            let budget = Arc::clone(&budget);
            thread::spawn(move || assert!(budget.wait_empty(FOREVER)))
        };
        assert!(budget.begin_serving());
        budget.serve(Amount { messages: 1, bytes: 1 });
        budget.serve(Amount { messages: 1, bytes: 1 });
        budget.end_serving();
        assert!(budget.begin_serving());
        waiter.join().unwrap();
    });
}

#[test]
fn events_that_come_together_reach_all_threads_that_wait() {
    explore(Some(2), || {
        let queue = Queue::new();
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || assert!(queue.pop(-1).is_some()))
            })
            .collect();
        queue.push_all(&mut vec![stats("a"), stats("b")]);
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        assert!(queue.is_empty());
    });
}

#[test]
fn every_event_reaches_one_of_the_threads_that_wait() {
    explore(Some(2), || {
        let queue = Queue::new();
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || assert!(queue.pop(-1).is_some()))
            })
            .collect();
        queue.push(stats("a"));
        queue.push(stats("b"));
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        assert!(queue.is_empty());
    });
}

#[test]
fn an_event_is_not_lost_to_a_yield() {
    explore(Some(2), || {
        let queue = Queue::new();
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || usize::from(queue.pop(-1).is_some()))
            })
            .collect();
        queue.push(stats("a"));
        queue.yield_now();
        let served: usize = waiters.into_iter().map(|waiter| waiter.join().unwrap()).sum();
        assert_eq!(served, 1);
    });
}

#[test]
fn an_event_is_not_lost_while_queues_are_chained() {
    explore(Some(3), || {
        let (first, second, third) = (Queue::new(), Queue::new(), Queue::new());
        assert!(first.forward(Some(&second)));
        let io = {
            let first = Arc::clone(&first);
            thread::spawn(move || first.push(stats("a")))
        };
        assert!(second.forward(Some(&third)));
        assert!(third.pop(-1).is_some());
        io.join().unwrap();
    });
}

#[test]
fn a_wait_follows_its_queue_to_another() {
    explore(Some(3), || {
        let (from, to) = (Queue::new(), Queue::new());
        let waiter = {
            let from = Arc::clone(&from);
            thread::spawn(move || assert!(from.pop(-1).is_some()))
        };
        assert!(from.forward(Some(&to)));
        to.push(stats("a"));
        waiter.join().unwrap();
    });
}

#[test]
fn two_queues_are_never_forwarded_to_each_other() {
    explore(Some(3), || {
        let (a, b) = (Queue::new(), Queue::new());
        let other = {
            let (a, b) = (Arc::clone(&a), Arc::clone(&b));
            thread::spawn(move || b.forward(Some(&a)))
        };
        let forwarded = a.forward(Some(&b));
        assert!(forwarded != other.join().unwrap());
        a.push(stats("a"));
        assert_eq!((a.len(), b.len()), (1, 1));
        // Their counts of each other.
        a.close();
        b.close();
    });
}

#[test]
fn a_closed_queue_ends_its_waits() {
    explore(Some(3), || {
        let queue = Queue::new();
        let waiter = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.pop(-1).is_none())
        };
        queue.close();
        assert!(waiter.join().unwrap());
    });
}
