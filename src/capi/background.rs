//! The background thread of a handle: serves the background queue, for applications that set a
//! background event callback or forward queues there. Started when first needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use crate::client::{Op, Queue};
use crate::io::thread;

use super::event::EventObject;
use super::handle::{Handle, lock};
use super::poll::serve;
use super::types::ThreadType;

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Number of background threads.
pub fn background_count() -> usize {
    COUNT.load(Ordering::Relaxed)
}

/// A running background thread and its queue.
pub struct Background {
    queue: Arc<Queue>,
    thread: JoinHandle<()>,
}

impl Handle {
    /// The background queue; its thread is started if it isn't yet. `None` if that fails.
    pub(super) fn background_queue(&self) -> Option<Arc<Queue>> {
        let mut background = lock(&self.background);
        if let Some(background) = &*background {
            return Some(Arc::clone(&background.queue));
        }
        let queue = Queue::new();
        let address = self.as_c() as usize;
        let thread = {
            let queue = Arc::clone(&queue);
            thread::spawn("rdk:bg", move || run(&queue, address)).ok()?
        };
        *background = Some(Background { queue: Arc::clone(&queue), thread });
        Some(queue)
    }

    /// Ends the thread, and waits for that unless it is the caller.
    pub(super) fn stop_background(&self) {
        let Some(background) = lock(&self.background).take() else {
            return;
        };
        background.queue.close();
        if background.thread.thread().id() != std::thread::current().id() {
            // A panic there was already reported by its guard.
            let _ = background.thread.join();
        }
    }
}

fn run(queue: &Queue, address: usize) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    tell_interceptors(address, true);
    while !queue.is_closed() {
        if let Some(op) = queue.pop(-1) {
            super::guard::guard(|| dispatch(queue, op, address));
        }
    }
    tell_interceptors(address, false);
    COUNT.fetch_sub(1, Ordering::Relaxed);
}

fn tell_interceptors(address: usize, starts: bool) {
    // SAFETY: as in `dispatch`.
    if let Some(handle) = unsafe { super::handle::handle_kept(address as *mut _) } {
        handle.interceptors.on_thread(starts, ThreadType::BACKGROUND, "background");
    }
}

fn dispatch(queue: &Queue, op: Op, address: usize) {
    let rk = address as *mut super::types::rd_kafka_t;
    // SAFETY: the handle lives at least until `stop_background` has joined this thread, or until the
    // callback that destroys it returns.
    let Some(handle) = (unsafe { super::handle::handle_kept(rk) }) else {
        return;
    };
    let Some(callback) = handle.callbacks.background_event else {
        return serve_all(queue, &handle, op);
    };
    match EventObject::new(op) {
        // SAFETY: the application's function, given what it is documented to be given: the event is its.
        Ok(event) => unsafe { callback(rk, event.into_c(), handle.callbacks.opaque()) },
        Err(op) => serve_all(queue, &handle, op),
    }
}

/// By the callback for its type, as rd_kafka_poll() does: without a background callback a program that forwards
/// its main queue here is called from this thread. One that yields is called again for what it left.
fn serve_all(queue: &Queue, handle: &Handle, mut op: Op) {
    while serve(handle, &mut op).is_break() && op.is_unfinished() && !queue.is_closed() {}
}
