//! Event queues: where the IO thread leaves what the application is to be told, and where application threads wait for it.
//! A delivery report is one event per finished batch. No callback or destructor runs with a queue's lock held.

use std::cell::Cell;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::deadline::Deadline;
use super::reports::ReportBatch;
use super::sync::{Condvar, Mutex, MutexGuard, lock_forwarding};
use crate::conf::DebugContexts;
use crate::io::thread::is_io_thread;

/// An event.
#[derive(Debug)]
pub enum Op {
    /// A finished batch.
    Report(ReportBatch),
    /// A client-level error.
    Error {
        /// `rd_kafka_resp_err_t`
        error: i32,
        /// Text.
        reason: String,
    },
    /// The fatal error: callbacks are told `RD_KAFKA_RESP_ERR__FATAL` and all of the text, events give the error itself.
    Fatal {
        /// `rd_kafka_resp_err_t`
        error: i32,
        /// What `rd_kafka_fatal_error()` says too.
        reason: String,
        /// With the error's description before it.
        text: String,
    },
    /// A log line, where `log.queue` asks for it here.
    Log {
        /// syslog level.
        level: i32,
        /// Contexts of `debug` that it belongs to.
        contexts: DebugContexts,
        /// Facility.
        facility: String,
        /// Text.
        text: String,
    },
    /// A broker slows us down.
    Throttle {
        /// Its name.
        broker: String,
        /// Its node id.
        broker_id: i32,
        /// For how long.
        throttle_ms: i32,
    },
    /// Statistics as JSON.
    Stats(String),
    /// The answer to a request that isn't supported.
    Refused {
        /// `RD_KAFKA_EVENT_..` of the answer.
        event_type: i32,
        /// `rd_kafka_resp_err_t`
        error: i32,
        /// Text.
        reason: String,
        /// The request's pointer.
        opaque: usize,
    },
}

impl Op {
    /// Whether there is something left to serve after a partial serving.
    pub fn is_unfinished(&self) -> bool {
        matches!(self, Op::Report(batch) if batch.remaining() > 0)
    }
}

/// Called when a queue gets something to serve (`rd_kafka_queue_io_event_enable`, `_cb_event_enable`).
pub type Hook = Arc<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct HookState {
    hook: Option<Hook>,
    /// Call it once until the queue is served, not for each event.
    once: bool,
    called: bool,
}

#[derive(Default)]
struct State {
    ops: VecDeque<Op>,
    forward: Option<Arc<Queue>>,
    hook: HookState,
    waiters: usize,
    /// Looks for events so far.
    looks: u64,
    yield_wanted: bool,
    closed: bool,
}

impl State {
    /// The hook, if it is to be called now.
    fn due_hook(&mut self) -> Option<Hook> {
        if self.hook.once && std::mem::replace(&mut self.hook.called, true) {
            return None;
        }
        self.hook.hook.clone()
    }
}

/// See the module. What C knows as `rd_kafka_queue_t`.
#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

/// Whether a queue is being served, by [`Queue::looks`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Looks {
    /// How often somebody looked for events.
    pub count: u64,
    /// Threads that wait for events.
    pub waiters: usize,
}

thread_local! {
    static YIELD: Cell<bool> = const { Cell::new(false) };
    /// Calls of [`Queue::serve`] that run on this thread.
    static SERVE_DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread runs a [`Queue::serve`], hence a callback of the application.
pub(super) fn is_serving_here() -> bool {
    SERVE_DEPTH.get() > 0
}

/// Counts in [`SERVE_DEPTH`] while it lives.
struct ServeDepth;

impl ServeDepth {
    fn enter() -> Self {
        SERVE_DEPTH.set(SERVE_DEPTH.get() + 1);
        Self
    }
}

impl Drop for ServeDepth {
    fn drop(&mut self) {
        SERVE_DEPTH.set(SERVE_DEPTH.get() - 1);
    }
}

/// Calls of [`request_yield`] by all threads: one that doesn't change says that none came, without a look at [`YIELD`].
static YIELD_CALLS: AtomicUsize = AtomicUsize::new(0);

/// Makes the [`Queue::serve`] that runs on this thread return after the current callback (`rd_kafka_yield`).
pub fn request_yield() {
    YIELD.set(true);
    YIELD_CALLS.fetch_add(1, Ordering::Relaxed);
}

/// Tells whether this thread called [`request_yield`]: what is asked after every message.
#[derive(Debug)]
pub struct YieldWatch(usize);

impl YieldWatch {
    /// Nothing was called yet.
    pub fn new() -> Self {
        Self(YIELD_CALLS.load(Ordering::Relaxed))
    }

    /// Whether this thread's serving is to end.
    #[inline]
    pub fn is_requested(&mut self) -> bool {
        // A thread sees at least its own calls.
        let calls = YIELD_CALLS.load(Ordering::Relaxed);
        calls != std::mem::replace(&mut self.0, calls) && yield_requested()
    }
}

impl Default for YieldWatch {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether [`request_yield`] was called since this thread's last serving began.
pub fn yield_requested() -> bool {
    YIELD.get()
}

impl Queue {
    /// An empty queue.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The queue that this one's events end up in, which may be itself; `None` if they pass `other` on the way.
    fn destination_beside(self: &Arc<Self>, other: &Arc<Queue>) -> Option<Arc<Queue>> {
        let mut queue = Arc::clone(self);
        while !Arc::ptr_eq(&queue, other) {
            let next = queue.state.lock().forward.clone();
            match next {
                Some(next) => queue = next,
                None => return Some(queue),
            }
        }
        None
    }

    /// Runs `body` on the state of the queue that this one's events end up in.
    fn with_destination<R>(&self, body: impl FnOnce(&Queue, MutexGuard<'_, State>) -> R) -> R {
        let mut forward: Option<Arc<Queue>> = None;
        loop {
            let queue = forward.as_deref().unwrap_or(self);
            let state = queue.state.lock();
            // Looked at with the lock that `body` gets: a queue forwarded in between would keep the event for itself.
            let Some(next) = state.forward.clone() else { return body(queue, state) };
            drop(state);
            forward = Some(next);
        }
    }

    /// Adds an event at the end; drops it if the queue is closed.
    pub fn push(&self, op: Op) {
        self.insert(op, false);
    }

    /// Adds events at the end, in order, and leaves `ops` empty: whoever waits is woken once for all of them.
    pub fn push_all(&self, ops: &mut Vec<Op>) {
        if ops.is_empty() {
            return;
        }
        let count = ops.len();
        let (hooks, refused) = self.with_destination(|queue, mut state| {
            if state.closed {
                return (Vec::new(), std::mem::take(ops));
            }
            state.ops.extend(ops.drain(..));
            for _ in 0..state.waiters.min(count) {
                queue.changed.notify_one();
            }
            ((0..count).map_while(|_| state.due_hook()).collect(), Vec::new())
        });
        drop(refused);
        hooks.iter().for_each(|hook| hook());
    }

    fn insert(&self, op: Op, at_front: bool) {
        let (hook, refused) = self.with_destination(|queue, mut state| {
            if state.closed {
                return (None, Some(op));
            }
            if at_front {
                state.ops.push_front(op);
            } else {
                state.ops.push_back(op);
            }
            if state.waiters > 0 {
                queue.changed.notify_one();
            }
            (if at_front { None } else { state.due_hook() }, None)
        });
        drop(refused);
        if let Some(hook) = hook {
            hook();
        }
    }

    /// Takes the next event, waiting up to `timeout_ms` (negative: for ever) for one. `None` on time-out, or when
    /// [`Queue::yield_now`] was called.
    pub fn pop(&self, timeout_ms: i32) -> Option<Op> {
        // A callback on the thread that fills queues would wait in vain.
        let wait = timeout_ms != 0 && !is_io_thread();
        self.pop_until(&Deadline::after_ms(timeout_ms), wait)
    }

    fn pop_until(&self, deadline: &Deadline, wait: bool) -> Option<Op> {
        const SLICE: Duration = Duration::from_secs(3600);
        loop {
            let waited = self.with_destination(|queue, mut state| {
                state.hook.called = false;
                state.looks += 1;
                if std::mem::take(&mut state.yield_wanted) {
                    return ControlFlow::Break(None);
                }
                if let Some(op) = state.ops.pop_front() {
                    return ControlFlow::Break(Some(op));
                }
                let left = if wait { deadline.remaining(SLICE) } else { Duration::ZERO };
                if left.is_zero() || state.closed {
                    return ControlFlow::Break(None);
                }
                state.waiters += 1;
                queue.changed.wait_for(&mut state, left);
                state.waiters -= 1;
                // The queue may have been forwarded meanwhile: look again from the start.
                ControlFlow::Continue(())
            });
            if let ControlFlow::Break(result) = waited {
                return result;
            }
        }
    }

    /// Passes the events that are there to `serve`, waiting up to `timeout_ms` (negative: for ever) for the first. Events
    /// that arrive meanwhile are left for the next call. Ends early when `serve` breaks, or a callback asked for it with
    /// [`request_yield`]; what is left of a partly served event then goes back to the front. Returns the number of
    /// events served. May be called from inside `serve`.
    pub fn serve(
        &self,
        timeout_ms: i32,
        serve: &mut dyn FnMut(&mut Op) -> ControlFlow<()>,
    ) -> usize {
        YIELD.set(false);
        let _depth = ServeDepth::enter();
        let mut served = 0;
        let Some(mut op) = self.pop(timeout_ms) else { return 0 };
        let mut waiting = self.len();
        loop {
            served += 1;
            let flow = serve(&mut op);
            if op.is_unfinished() && (flow.is_break() || yield_requested()) {
                self.insert(op, true);
                return served;
            }
            drop(op);
            if flow.is_break() || yield_requested() || waiting == 0 {
                return served;
            }
            waiting -= 1;
            match self.pop(0) {
                Some(next) => op = next,
                None => return served,
            }
        }
    }

    /// Makes one waiting or future [`Queue::pop`] return without an event (`rd_kafka_queue_yield`).
    pub fn yield_now(&self) {
        let hook = self.with_destination(|queue, mut state| {
            if state.closed {
                return None;
            }
            state.yield_wanted = true;
            queue.changed.notify_all();
            if state.ops.is_empty() { state.due_hook() } else { None }
        });
        if let Some(hook) = hook {
            hook();
        }
    }

    /// Number of events, those of the queue that it is forwarded to if it is.
    pub fn len(&self) -> usize {
        self.with_destination(|_, state| state.ops.len())
    }

    /// Whether an event that waits is such a one, as for [`Queue::len`].
    pub(super) fn any(&self, is_wanted: impl FnMut(&Op) -> bool) -> bool {
        self.with_destination(|_, state| state.ops.iter().any(is_wanted))
    }

    /// Who looks for events, at the queue that this one is forwarded to if it is.
    pub(super) fn looks(&self) -> Looks {
        self.with_destination(|_, state| Looks { count: state.looks, waiters: state.waiters })
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sends this queue's events, those waiting included, to `destination`; `None` ends that. Refused if it would
    /// make a circle.
    pub fn forward(self: &Arc<Self>, destination: Option<&Arc<Queue>>) -> bool {
        let Some(destination) = destination else {
            self.state.lock().forward = None;
            return true;
        };
        // One at a time: two queues that are forwarded to each other at once would not see the circle.
        let forwarding = lock_forwarding();
        let Some(last) = destination.destination_beside(self) else { return false };
        let hook = {
            let mut state = self.state.lock();
            let mut target = last.state.lock();
            let moved = !state.ops.is_empty() && !target.closed;
            target.ops.append(&mut state.ops);
            state.forward = Some(Arc::clone(destination));
            if moved { target.due_hook() } else { None }
        };
        drop(forwarding);
        self.changed.notify_all();
        last.changed.notify_all();
        if let Some(hook) = hook {
            hook();
        }
        true
    }

    /// Whether its events go to another queue.
    pub fn is_forwarded(&self) -> bool {
        self.state.lock().forward.is_some()
    }

    /// Sets what is called when there is something to serve: for each event, or with `once` only for the first since the
    /// queue was last looked at. It runs on the thread that adds the event and must not block.
    pub fn set_hook(&self, hook: Option<Hook>, once: bool) {
        let old = {
            let mut state = self.state.lock();
            std::mem::replace(&mut state.hook, HookState { hook, once, called: false })
        };
        drop(old);
    }

    /// Whether [`Queue::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Drops all events, now and in future, and ends all waits.
    pub fn close(&self) {
        let (ops, forward) = {
            let mut state = self.state.lock();
            state.closed = true;
            (std::mem::take(&mut state.ops), state.forward.take())
        };
        self.changed.notify_all();
        drop((ops, forward));
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
