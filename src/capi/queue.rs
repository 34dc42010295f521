//! Queues (`rd_kafka_queue_t`): each object holds a reference to a queue of the client and to its handle.

use std::os::raw::{c_int, c_void};
use std::ptr;
use std::sync::Arc;

use crate::client::Queue;

use super::event::EventObject;
use super::guard::{guard, guard_or, read_bytes};
use super::handle::{Handle, handle, handle_kept};
use super::poll::serve;
use super::types::{Opaque, borrow, into_c, rd_kafka_event_t, rd_kafka_queue_t, rd_kafka_t, take};

/// What is behind a `rd_kafka_queue_t`.
pub struct QueueObject {
    pub(super) queue: Arc<Queue>,
    handle: Arc<Handle>,
}

impl Opaque for rd_kafka_queue_t {
    type Inner = QueueObject;
}

impl QueueObject {
    /// Whether this process is a fork of the queue's, where nothing is served.
    pub(super) fn is_forked(&self) -> bool {
        self.handle.is_forked()
    }
}

/// A queue of `rk`, chosen by `queue`, as a new object; NULL if there is none.
///
/// # Safety
/// `rk` is NULL or a live handle.
unsafe fn queue_object(
    rk: *mut rd_kafka_t,
    queue: impl FnOnce(&Handle) -> Option<Arc<Queue>>,
) -> *mut rd_kafka_queue_t {
    // SAFETY: the contract above.
    let Some(handle) = (unsafe { handle_kept(rk) }) else {
        return ptr::null_mut();
    };
    match queue(&handle) {
        Some(queue) => into_c(Box::new(QueueObject { queue, handle })),
        None => ptr::null_mut(),
    }
}

/// A queue that may be used here: not in a forked child, where its lock may be held for ever.
///
/// # Safety
/// `rkqu` is NULL or a live queue.
unsafe fn usable<'a>(rkqu: *mut rd_kafka_queue_t) -> Option<&'a QueueObject> {
    // SAFETY: the contract above.
    unsafe { borrow(rkqu) }.filter(|queue| !queue.handle.is_forked())
}

/// Makes a queue, to which other queues can be forwarded. The caller destroys it with
/// rd_kafka_queue_destroy().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_new(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
    // SAFETY: NULL or a live handle.
    guard(|| unsafe { queue_object(rk, |_| Some(Queue::new())) })
}

/// Gives back a queue; NULL is allowed. The main queue itself lives on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_destroy(rkqu: *mut rd_kafka_queue_t) {
    // SAFETY: NULL or a queue that the caller gives back.
    guard(|| match unsafe { take(rkqu) } {
        // Its locks may be held for ever in a forked child: leave it alone.
        Some(queue) if queue.handle.is_forked() => std::mem::forget(queue),
        queue => drop(queue),
    })
}

/// The main queue: what rd_kafka_poll() serves. The caller gives it back with rd_kafka_queue_destroy().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_get_main(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
    // SAFETY: NULL or a live handle.
    guard(|| unsafe {
        queue_object(rk, |handle| handle.client().map(|client| Arc::clone(client.queue())))
    })
}

/// The background queue: the background thread serves it by the background event callback. The caller
/// gives it back with rd_kafka_queue_destroy().
///
/// @returns NULL if the thread can't be started.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_get_background(
    rk: *mut rd_kafka_t,
) -> *mut rd_kafka_queue_t {
    // SAFETY: NULL or a live handle.
    guard(|| unsafe {
        match handle(rk) {
            Some(handle) if !handle.is_forked() => queue_object(rk, Handle::background_queue),
            _ => ptr::null_mut(),
        }
    })
}

/// Sends a queue's events, those waiting included, to another queue.
///
/// @param dst Queue, or NULL to end that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_forward(
    src: *mut rd_kafka_queue_t,
    dst: *mut rd_kafka_queue_t,
) {
    guard(|| {
        // SAFETY: NULL or live queues.
        if let (Some(src), dst) = unsafe { (usable(src), borrow(dst)) } {
            src.queue.forward(dst.map(|dst| &dst.queue));
        }
    })
}

/// Number of events in a queue.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_length(rkqu: *mut rd_kafka_queue_t) -> usize {
    // SAFETY: NULL or a live queue.
    guard(|| unsafe { usable(rkqu) }.map_or(0, |queue| queue.queue.len()))
}

/// Takes the next event out of a queue.
///
/// @param timeout_ms How long to wait for one; 0: not at all, -1: as long as it takes.
///
/// @returns the event, which the caller destroys with rd_kafka_event_destroy(), or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_poll(
    rkqu: *mut rd_kafka_queue_t,
    timeout_ms: c_int,
) -> *mut rd_kafka_event_t {
    guard(|| {
        // SAFETY: NULL or a live queue.
        let Some(object) = (unsafe { usable(rkqu) }) else {
            return ptr::null_mut();
        };
        // A callback may give the queue back.
        let (queue, handle) = (Arc::clone(&object.queue), Arc::clone(&object.handle));
        while let Some(op) = queue.pop(timeout_ms) {
            match EventObject::new(op) {
                Ok(event) => return event.into_c(),
                // What is no event has a callback, or is dropped.
                Err(mut op) => drop(serve(&handle, &mut op)),
            }
        }
        ptr::null_mut()
    })
}

/// Serves a queue's events by their callbacks, as rd_kafka_poll() does for the main queue.
///
/// @returns the number of events served.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_poll_callback(
    rkqu: *mut rd_kafka_queue_t,
    timeout_ms: c_int,
) -> c_int {
    guard_or(0, || {
        // SAFETY: NULL or a live queue.
        let Some(object) = (unsafe { usable(rkqu) }) else {
            return 0;
        };
        let (queue, handle) = (Arc::clone(&object.queue), Arc::clone(&object.handle));
        let served = queue.serve(timeout_ms, &mut |op| serve(&handle, op));
        c_int::try_from(served).unwrap_or(c_int::MAX)
    })
}

/// Makes one call that polls this queue, waiting or future, return without an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_yield(rkqu: *mut rd_kafka_queue_t) {
    guard(|| {
        // SAFETY: NULL or a live queue.
        if let Some(queue) = unsafe { usable(rkqu) } {
            queue.queue.yield_now();
        }
    })
}

/// Writes bytes to a file descriptor when a queue gets something to poll, so that a program can wait for it
/// together with other descriptors. Poll the queue until it is empty then.
///
/// @param fd Descriptor, non-blocking best; -1 ends that.
/// @param payload Bytes to write; copied.
/// @param size Their number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_io_event_enable(
    rkqu: *mut rd_kafka_queue_t,
    fd: c_int,
    payload: *const c_void,
    size: usize,
) {
    guard(|| {
        // SAFETY: NULL or a live queue; NULL or that many readable bytes.
        let (queue, payload) = unsafe { (usable(rkqu), read_bytes(payload, size)) };
        let Some(queue) = queue else {
            return;
        };
        if fd == -1 {
            queue.queue.set_hook(None, true);
            return;
        }
        let payload: Box<[u8]> = payload.unwrap_or_default().into();
        let write = move || {
            // SAFETY: the bytes live as long as the hook. A descriptor that takes none has the reader's
            // attention already, or is closed.
            unsafe { libc::write(fd, payload.as_ptr().cast(), payload.len()) };
        };
        queue.queue.set_hook(Some(Arc::new(write)), true);
    })
}

/// Calls a function when a queue gets something to poll. It runs on an internal thread and must not block or
/// use the queue.
///
/// @param event_cb Function; NULL ends that.
/// @param qev_opaque Its last argument.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_queue_cb_event_enable(
    rkqu: *mut rd_kafka_queue_t,
    event_cb: Option<unsafe extern "C" fn(rk: *mut rd_kafka_t, qev_opaque: *mut c_void)>,
    qev_opaque: *mut c_void,
) {
    guard(|| {
        // SAFETY: NULL or a live queue.
        let Some(queue) = (unsafe { usable(rkqu) }) else {
            return;
        };
        let Some(event_cb) = event_cb else {
            queue.queue.set_hook(None, true);
            return;
        };
        let (rk, qev_opaque) = (queue.handle.as_c() as usize, qev_opaque as usize);
        let call = move || {
            // SAFETY: the application's function, given what it is documented to be given.
            unsafe { event_cb(rk as *mut rd_kafka_t, qev_opaque as *mut c_void) };
        };
        queue.queue.set_hook(Some(Arc::new(call)), true);
    })
}
