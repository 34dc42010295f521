//! What application threads hand to the IO thread, and how they wake it.
//!
//! No wake-up is lost, and none is made in vain: the IO thread publishes until when it sleeps (0: it is awake), then looks
//! at the inputs once more. An application thread adds its input, then looks at what was published. With a full fence
//! between the two steps on both sides, at least one of them sees the other: either the IO thread sees the input and does
//! not sleep, or the application thread sees the sleep, and of several such threads the one that resets it makes the
//! system call. Input that is not due before the IO thread wakes anyway needs no wake-up at all. For less than a millisecond
//! the IO thread may sleep without sending whatever comes: then new data waits for the end of that, and commands only wake it.

use std::sync::Arc;
use std::time::Duration;

use super::CacheAligned;
use super::error;
use super::sync::{AtomicBool, AtomicU64, Condvar, Mutex, Ordering, Waker, fence};
use super::topic::Topic;
use crate::producer::action::TopicId;
use crate::producer::question::{Answer, Question};
use crate::stats::Statistics;

/// Something changed in a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// A partition's head changed.
    Partition(TopicId, i32),
    /// Messages wait for the topic's partition count.
    Unassigned(TopicId),
}

/// A request of the application.
#[derive(Debug)]
pub enum Command {
    /// A new topic; ids ascend by one.
    Topic(Arc<Topic>),
    /// More bootstrap brokers.
    Brokers(Vec<(String, u16)>),
    /// Nothing of a partition is to be sent, or it is again.
    Pause {
        /// Its topic.
        topic: TopicId,
        /// Its number.
        partition: i32,
        /// Whether it pauses.
        paused: bool,
    },
    /// Flushing begins or ends.
    Flush(bool),
    /// Fail messages.
    Purge {
        /// Those not sent yet.
        queued: bool,
        /// Those in flight.
        in_flight: bool,
        /// Signalled when their reports are on the queue.
        done: Option<Arc<Completion>>,
    },
    /// Ask the cluster.
    Ask {
        /// What.
        question: Question,
        /// Until when.
        deadline_us: u64,
        /// Gets the answer.
        reply: Arc<Reply>,
    },
    /// Tell how things stand.
    Report(Arc<Reply<Statistics>>),
    /// A fatal error was raised: nothing is sent any more.
    Fatal,
    /// End the thread.
    Shutdown,
}

impl Command {
    /// Nobody will see it: whoever waits for it need not.
    pub fn refuse(self) {
        match self {
            Command::Purge { done: Some(done), .. } => done.complete(),
            Command::Ask { reply, .. } => reply.give(Err(error::DESTROY)),
            _ => {}
        }
    }
}

/// Takes an answer, that to a question unless said otherwise, to the thread that asked.
#[derive(Debug)]
pub struct Reply<T = Result<Answer, i32>> {
    answer: Mutex<Option<T>>,
    changed: Condvar,
}

impl<T> Default for Reply<T> {
    fn default() -> Self {
        Self { answer: Mutex::new(None), changed: Condvar::default() }
    }
}

impl<T> Reply<T> {
    /// Gives the answer.
    pub fn give(&self, answer: T) {
        self.answer.lock().get_or_insert(answer);
        self.changed.notify_all();
    }

    /// Waits for the answer, `wait` at most.
    pub fn wait(&self, wait: Duration) -> Option<T> {
        let mut answer = self.answer.lock();
        self.changed.wait_while_for(&mut answer, |answer| answer.is_none(), wait);
        answer.take()
    }
}

/// Signals once.
#[derive(Debug, Default)]
pub struct Completion {
    done: Mutex<bool>,
    changed: Condvar,
}

impl Completion {
    /// Signals.
    pub fn complete(&self) {
        *self.done.lock() = true;
        self.changed.notify_all();
    }

    /// Waits for the signal, `wait` at most.
    pub fn wait(&self, wait: Duration) -> bool {
        let mut done = self.done.lock();
        self.changed.wait_while_for(&mut done, |done| !*done, wait);
        *done
    }
}

/// Inputs since the IO thread last looked.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Topics with news.
    pub ready: Vec<Ready>,
    /// Commands, in order.
    pub commands: Vec<Command>,
}

#[derive(Debug, Default)]
struct Pending {
    inputs: Inputs,
    /// Nobody looks any more.
    closed: bool,
}

/// The IO thread's sleep, as it publishes it.
#[derive(Debug, Default)]
struct Sleep {
    /// When it ends; 0 while the thread is awake.
    until_us: AtomicU64,
    /// Until when data does not matter. Stored before `until_us` and read after it, hence never older.
    held_until_us: AtomicU64,
    /// Nothing is in flight. Stored before `until_us`.
    idle: AtomicBool,
}

/// Data that lingers for so long forms its batches without being held back.
const LINGER_HELD_MAX_US: u64 = 1_000;

/// See the module.
#[derive(Debug)]
pub struct Inbox {
    pending: CacheAligned<Mutex<Pending>>,
    sleep: CacheAligned<Sleep>,
    linger_us: u64,
    flushing: AtomicBool,
    waker: Waker,
}

impl Inbox {
    /// For the IO thread that `waker` wakes.
    pub fn new(waker: impl Into<Waker>, linger_us: u64) -> Self {
        Self {
            pending: CacheAligned::default(),
            sleep: CacheAligned::default(),
            linger_us,
            flushing: AtomicBool::new(false),
            waker: waker.into(),
        }
    }

    /// A partition's head changed; its batch is to be sent now if `full`, else when it lingered since `first_enqueued_us`.
    #[cold]
    pub fn notice_partition(
        &self,
        topic: TopicId,
        partition: i32,
        first_enqueued_us: u64,
        full: bool,
    ) {
        self.pending.lock().inputs.ready.push(Ready::Partition(topic, partition));
        if self.flushing.load(Ordering::Relaxed) {
            self.wake_before(0, false);
        } else {
            let lingered_us = first_enqueued_us.saturating_add(self.linger_us);
            self.wake_before(if full { 0 } else { lingered_us }, true);
        }
    }

    /// A topic's queue of un-assigned messages has its first message, which expires at `due_us`.
    #[cold]
    pub fn notice_unassigned(&self, topic: TopicId, due_us: u64) {
        self.pending.lock().inputs.ready.push(Ready::Unassigned(topic));
        self.wake_before(due_us, false);
    }

    /// Hands in a command.
    pub fn command(&self, command: Command) {
        if let Command::Flush(flushing) = command {
            self.flushing.store(flushing, Ordering::Relaxed);
        }
        {
            let mut pending = self.pending.lock();
            if !pending.closed {
                pending.inputs.commands.push(command);
            } else {
                command.refuse();
            }
        }
        self.wake_before(0, false);
    }

    /// Wakes the IO thread if it sleeps longer than until `due_us`, or what may be `held` is held back.
    fn wake_before(&self, mut due_us: u64, held: bool) {
        fence(Ordering::SeqCst);
        let until_us = self.sleep.until_us.load(Ordering::SeqCst);
        if held {
            due_us = due_us.max(self.sleep.held_until_us.load(Ordering::SeqCst));
        }
        if until_us > due_us
            && self
                .sleep
                .until_us
                .compare_exchange(until_us, 0, Ordering::SeqCst, Ordering::Relaxed)
                .is_ok()
        {
            self.waker.wake();
        }
    }

    /// Whether the IO thread sleeps while nothing is in flight.
    pub fn is_idle_asleep(&self) -> bool {
        fence(Ordering::SeqCst);
        self.sleep.until_us.load(Ordering::SeqCst) > 0 && self.sleep.idle.load(Ordering::SeqCst)
    }

    /// Wakes the IO thread if it sleeps.
    pub fn wake(&self) {
        self.wake_before(0, false);
    }

    /// IO thread: whether anything is in flight, before it sleeps.
    pub fn note_idle(&self, idle: bool) {
        self.sleep.idle.store(idle, Ordering::SeqCst);
    }

    /// IO thread: whether data may be held back for a moment.
    pub fn may_hold(&self) -> bool {
        self.linger_us < LINGER_HELD_MAX_US && !self.flushing.load(Ordering::Relaxed)
    }

    /// IO thread: exchanges the inputs for empty `fresh` ones.
    pub fn swap(&self, fresh: &mut Inputs) {
        std::mem::swap(&mut self.pending.lock().inputs, fresh);
    }

    /// IO thread: looks for the last time. Commands that come later are dropped.
    pub fn close(&self, last: &mut Inputs) {
        let mut pending = self.pending.lock();
        pending.closed = true;
        std::mem::swap(&mut pending.inputs, last);
    }

    /// IO thread: publishes that it is about to sleep until `deadline_us`, and whether data is `held` back until then.
    /// False: there is input, don't.
    pub fn prepare_sleep(&self, deadline_us: u64, held: bool) -> bool {
        let held_until_us = if held { deadline_us } else { 0 };
        self.sleep.held_until_us.store(held_until_us, Ordering::SeqCst);
        self.sleep.until_us.store(deadline_us.max(1), Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let inputs = &self.pending.lock().inputs;
        (held || inputs.ready.is_empty()) && inputs.commands.is_empty()
    }

    /// IO thread: it is awake.
    pub fn finish_sleep(&self) {
        self.sleep.until_us.store(0, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Poller;

    fn inbox(linger_us: u64) -> Inbox {
        Inbox::new(Poller::new().unwrap().waker(), linger_us)
    }

    fn sleeps(inbox: &Inbox) -> bool {
        inbox.sleep.until_us.load(Ordering::SeqCst) != 0
    }

    #[test]
    fn only_data_that_is_due_earlier_wakes() {
        let inbox = inbox(1_000);
        for (deadline_us, full, wakes) in [
            (5_999, false, false),
            (6_001, false, true),
            (100, true, true),
            (u64::MAX, false, true),
        ] {
            assert!(inbox.prepare_sleep(deadline_us, false));
            inbox.notice_partition(TopicId(0), 1, 5_000, full);
            assert_eq!(!sleeps(&inbox), wakes, "{deadline_us} {full}");
            let mut inputs = Inputs::default();
            inbox.swap(&mut inputs);
            assert_eq!(inputs.ready, [Ready::Partition(TopicId(0), 1)]);
        }
    }

    #[test]
    fn input_that_came_before_the_sleep_prevents_it() {
        let inbox = inbox(0);
        inbox.command(Command::Flush(true));
        assert!(!inbox.prepare_sleep(u64::MAX, false));
        inbox.finish_sleep();
        inbox.swap(&mut Inputs::default());
        assert!(inbox.prepare_sleep(u64::MAX, false));
    }

    #[test]
    fn while_flushing_nothing_lingers() {
        let inbox = inbox(1_000_000);
        inbox.command(Command::Flush(true));
        inbox.swap(&mut Inputs::default());
        assert!(inbox.prepare_sleep(1_000, false));
        inbox.notice_partition(TopicId(0), 0, 900, false);
        assert!(!sleeps(&inbox));
    }

    #[test]
    fn while_data_is_held_back_only_commands_wake() {
        let inbox = inbox(0);
        assert!(inbox.may_hold());
        inbox.notice_partition(TopicId(0), 0, 900, false);
        assert!(inbox.prepare_sleep(1_100, true), "data is no reason to stay awake");
        inbox.notice_partition(TopicId(0), 1, 1_000, false);
        inbox.notice_partition(TopicId(0), 1, 1_000, true);
        assert!(sleeps(&inbox));
        inbox.command(Command::Flush(true));
        assert!(!sleeps(&inbox) && !inbox.may_hold());
        assert!(!inbox.prepare_sleep(1_100, true), "a command is");
        inbox.swap(&mut Inputs::default());
        // The end of holding back: what was published then must not keep data from waking.
        inbox.command(Command::Flush(false));
        inbox.swap(&mut Inputs::default());
        assert!(inbox.prepare_sleep(1_100, true));
        inbox.finish_sleep();
        assert!(inbox.prepare_sleep(u64::MAX, false));
        inbox.notice_partition(TopicId(0), 2, 1_050, false);
        assert!(!sleeps(&inbox));
    }

    #[test]
    fn data_that_lingers_is_not_held_back() {
        assert!(inbox(999).may_hold() && !inbox(1_000).may_hold());
    }

    #[test]
    fn a_completion_signals_and_times_out() {
        let completion = Completion::default();
        assert!(!completion.wait(Duration::from_millis(2)));
        std::thread::scope(|scope| {
            scope.spawn(|| completion.complete());
            assert!(completion.wait(Duration::from_secs(60)));
        });
    }
}
