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

/// The background thread of a handle's life.
#[derive(Default)]
pub enum Slot {
    /// Nobody asked for it yet.
    #[default]
    Unused,
    /// It runs.
    Running(Background),
    /// The handle ends: there will be none any more.
    Stopped,
}

impl Handle {
    /// The background queue; its thread is started if it isn't yet. `None` if that fails. While the handle ends: a queue that
    /// takes nothing.
    pub(super) fn background_queue(&self) -> Option<Arc<Queue>> {
        let mut background = lock(&self.background);
        match &*background {
            Slot::Unused => {}
            Slot::Running(background) => return Some(Arc::clone(&background.queue)),
            Slot::Stopped => {
                let queue = Queue::new();
                queue.close();
                return Some(queue);
            }
        }
        let queue = Queue::new();
        // SAFETY: a handle lives in an `Arc`, and this one is alive. The thread keeps it: a callback may destroy it.
        let kept = unsafe { super::handle::handle_kept(self.as_c()) }?;
        let thread = {
            let queue = Arc::clone(&queue);
            thread::spawn("rdk:bg", move || run(&queue, &kept)).ok()?
        };
        *background = Slot::Running(Background { queue: Arc::clone(&queue), thread });
        Some(queue)
    }

    /// Ends the thread, and waits for that unless it is the caller.
    pub(super) fn stop_background(&self) {
        let was = std::mem::replace(&mut *lock(&self.background), Slot::Stopped);
        let Slot::Running(background) = was else { return };
        background.queue.close();
        if background.thread.thread().id() != std::thread::current().id() {
            // A panic there was already reported by its guard.
            let _ = background.thread.join();
        }
    }
}

fn run(queue: &Queue, handle: &Arc<Handle>) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    handle.interceptors.on_thread(true, ThreadType::BACKGROUND, "background");
    while !queue.is_closed() {
        if let Some(op) = queue.pop(-1) {
            super::guard::guard(|| dispatch(queue, op, handle));
        }
    }
    handle.interceptors.on_thread(false, ThreadType::BACKGROUND, "background");
    COUNT.fetch_sub(1, Ordering::Relaxed);
}

fn dispatch(queue: &Queue, op: Op, handle: &Handle) {
    let Some(callback) = handle.callbacks.background_event else {
        return serve_all(queue, handle, op);
    };
    match EventObject::new(op) {
        // SAFETY: the application's function, given what it is documented to be given: the event is its.
        Ok(event) => unsafe { callback(handle.as_c(), event.into_c(), handle.callbacks.opaque()) },
        Err(op) => serve_all(queue, handle, op),
    }
}

/// By the callback for its type, as rd_kafka_poll() does: without a background callback a program that forwards
/// its main queue here is called from this thread. One that yields is called again for what it left.
fn serve_all(queue: &Queue, handle: &Handle, mut op: Op) {
    while serve(handle, &mut op).is_break() && op.is_unfinished() && !queue.is_closed() {}
}
