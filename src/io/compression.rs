//! Compression beside the IO thread. Helper threads are started only when work piles up, share one queue, and end after some
//! idle seconds; with little to do the IO thread compresses itself, because a hand-over costs two wake-ups. The results
//! come back in any order; the core sorts that out.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::thread;
use super::waker::Waker;
use crate::producer::compression::{Compressed, Compression};
use crate::record::compress::Compressor;

/// More than a few would only take the application's own processors away.
const THREADS_MAX: usize = 4;
/// What the IO thread does itself in one turn while there are no helpers: about as long as a thread takes to start.
const OWN_WORK_MAX_BYTES: usize = 64 << 10;
const IDLE: Duration = Duration::from_secs(5);
/// How long the end of a handle waits for batches that are being compressed.
const JOIN_MAX: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Compression>,
    results: Vec<Compressed>,
    threads: usize,
    idle_threads: usize,
    closed: bool,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    work_added: Condvar,
    thread_ended: Condvar,
    waker: Waker,
    idle: Duration,
}

/// The IO thread's end. Dropping it ends the helper threads.
#[derive(Debug)]
pub(super) struct CompressionPool {
    shared: Arc<Shared>,
    own: Compressor,
    /// Asked for in this turn.
    asked: Vec<Compression>,
    /// Handed over and not back yet.
    handed_over: usize,
    threads: Vec<JoinHandle<()>>,
    threads_max: usize,
}

impl CompressionPool {
    /// Starts nothing yet. `waker` wakes the IO thread when there are results.
    pub(super) fn new(waker: Waker) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_limits(waker, processors.min(THREADS_MAX), IDLE)
    }

    fn with_limits(waker: Waker, threads_max: usize, idle: Duration) -> Self {
        let (work_added, thread_ended) = (Condvar::new(), Condvar::new());
        let state = Mutex::default();
        Self {
            shared: Arc::new(Shared { state, work_added, thread_ended, waker, idle }),
            own: Compressor::new(),
            asked: Vec::new(),
            handed_over: 0,
            threads: Vec::new(),
            threads_max,
        }
    }

    /// Takes note of a batch to be compressed.
    pub(super) fn ask(&mut self, work: Compression) {
        self.asked.push(work);
    }

    /// Gives what was asked for to the helpers, if it is much or if there are any already.
    pub(super) fn hand_over(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let len_bytes: usize = self.asked.iter().map(Compression::len_bytes).sum();
        let mut state = self.shared.state.lock();
        if state.threads == 0 && len_bytes <= OWN_WORK_MAX_BYTES {
            return;
        }
        let queued = state.queue.len() + self.asked.len();
        while state.idle_threads < queued && state.threads < self.threads_max {
            let Ok(thread) = start_thread(&self.shared) else { break };
            self.threads.retain(|thread| !thread.is_finished());
            self.threads.push(thread);
            state.threads += 1;
            // It will find work before it idles.
            if state.threads >= queued {
                break;
            }
        }
        if state.threads > 0 {
            self.handed_over += self.asked.len();
            let idle = state.idle_threads.min(self.asked.len());
            state.queue.extend(self.asked.drain(..));
            drop(state);
            for _ in 0..idle {
                self.shared.work_added.notify_one();
            }
        }
    }

    /// Does what was not handed over, and passes on what the helpers have done. Returns whether there was anything.
    pub(super) fn finish(&mut self, mut done: impl FnMut(Compressed)) -> bool {
        let mut any = !self.asked.is_empty();
        for work in self.asked.drain(..) {
            done(compress(work, &mut self.own));
        }
        if self.handed_over > 0 {
            let results = std::mem::take(&mut self.shared.state.lock().results);
            self.handed_over -= results.len();
            any |= !results.is_empty();
            results.into_iter().for_each(done);
        }
        any
    }
}

impl Drop for CompressionPool {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.closed = true;
        state.queue.clear();
        self.shared.work_added.notify_all();
        let running = |state: &mut State| state.threads > 0;
        let waited = self.shared.thread_ended.wait_while_for(&mut state, running, JOIN_MAX);
        drop(state);
        if !waited.timed_out() {
            // The host may unload the library next: no thread of ours may be left in it.
            self.threads.drain(..).for_each(|thread| drop(thread.join()));
        }
    }
}

fn start_thread(shared: &Arc<Shared>) -> io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    thread::spawn("rdk:compress", move || help(&shared))
}

/// The helper thread.
fn help(shared: &Shared) {
    let mut compressor = Compressor::new();
    let mut state = shared.state.lock();
    while !state.closed {
        if let Some(work) = state.queue.pop_front() {
            drop(state);
            let done = compress(work, &mut compressor);
            state = shared.state.lock();
            state.results.push(done);
            // The IO thread takes all that it finds: it need be woken for the first only.
            if state.results.len() == 1 && !state.closed {
                drop(state);
                shared.waker.wake();
                state = shared.state.lock();
            }
            continue;
        }
        state.idle_threads += 1;
        let waited = shared.work_added.wait_for(&mut state, shared.idle);
        state.idle_threads -= 1;
        if waited.timed_out() && state.queue.is_empty() {
            break;
        }
    }
    state.threads -= 1;
    shared.thread_ended.notify_all();
}

/// A batch that makes a codec panic goes out as it is.
fn compress(work: Compression, compressor: &mut Compressor) -> Compressed {
    let records = catch_unwind(AssertUnwindSafe(|| work.run(compressor)));
    if records.is_err() {
        *compressor = Compressor::new();
    }
    work.finish(records.ok().flatten())
}

#[cfg(test)]
#[path = "compression_tests.rs"]
mod tests;
