//! Serving events by callbacks: poll, flush and what else runs the application's functions. On the
//! application's thread, with no lock held.

use std::ffi::CString;
use std::ops::ControlFlow;
use std::os::raw::{c_char, c_int};
use std::ptr;
use std::sync::{Arc, Weak};

use crate::client::{Client, Op, ReportBatch, ServeOp, YieldWatch, request_yield};

use super::guard::{guard, guard_or};
use super::handle::{Handle, client, handle_kept};
use super::memory::strdup_bytes;
use super::message::{MessageObject, payload_ptr};
use super::topic::topic_ptr;
use super::types::{RespErr, rd_kafka_t};

const LOG_ERR: i32 = 3;
const LOG_WARNING: i32 = 4;

/// Serves one event by the callback for it. A report whose callback yields is left half served.
pub fn serve(handle: &Handle, op: &mut Op) -> ControlFlow<()> {
    match op {
        Op::Report(reports) => return serve_report(handle, reports),
        Op::Error { error, reason } => serve_error(handle, *error, reason),
        Op::Fatal { text, .. } => serve_error(handle, crate::client::error::FATAL, text),
        Op::Log { level, facility, text, .. } => handle.call_log_cb(*level, facility, text),
        Op::Throttle { broker, broker_id, throttle_ms } => {
            serve_throttle(handle, broker, *broker_id, *throttle_ms);
        }
        Op::Stats(json) => serve_stats(handle, json),
        // For rd_kafka_queue_poll() only: there is no callback for it.
        Op::Refused { .. } => {}
    }
    ControlFlow::Continue(())
}

/// Serves events for a produce call that waits. After the handle's end nothing is served.
pub fn server(handle: Weak<Handle>) -> ServeOp {
    Box::new(move |op| match handle.upgrade() {
        Some(handle) => serve(&handle, op),
        None => ControlFlow::Break(()),
    })
}

fn serve_report(handle: &Handle, reports: &mut ReportBatch) -> ControlFlow<()> {
    let (rk, opaque) = (handle.as_c(), handle.callbacks.opaque());
    let rkt = topic_ptr(reports.topic());
    if handle.callbacks.dr_msg.is_none() && handle.callbacks.dr.is_none() {
        if reports.remaining() > 0 {
            let text = format!(
                "Dropped {} delivery reports of topic {}: flush() or poll() should not be called \
                 when EVENT_DR is enabled",
                reports.remaining(),
                reports.topic().name()
            );
            handle.log(LOG_WARNING, "DRDROP", &text);
        }
        return ControlFlow::Continue(());
    }
    let mut yields = YieldWatch::new();
    let mut object: Option<MessageObject> = None;
    while let Some(message) = reports.next_message() {
        if let Some(dr_msg_cb) = handle.callbacks.dr_msg {
            // SAFETY: the message ends before the report moves on.
            let shown = unsafe {
                match &mut object {
                    Some(object) => object.show(&message),
                    None => object = Some(MessageObject::new(&message, rkt)),
                }
                object.as_ref().map_or(ptr::null(), MessageObject::as_c)
            };
            // SAFETY: the application's function, given what it is documented to be given.
            unsafe { dr_msg_cb(rk, shown, opaque) };
        } else if let Some(dr_cb) = handle.callbacks.dr {
            let len = message.value.map_or(0, <[u8]>::len);
            let (err, msg_opaque) = (RespErr(message.error), message.opaque as *mut _);
            // SAFETY: as above.
            unsafe { dr_cb(rk, payload_ptr(&message), len, err, opaque, msg_opaque) };
        }
        if yields.is_requested() {
            return ControlFlow::Break(());
        }
    }
    ControlFlow::Continue(())
}

fn serve_error(handle: &Handle, error: i32, reason: &str) {
    match handle.callbacks.error {
        Some(error_cb) => {
            let text = c_text(reason);
            // SAFETY: the application's function, given what it is documented to be given.
            unsafe { error_cb(handle.as_c(), error, text.as_ptr(), handle.callbacks.opaque()) }
        }
        None => {
            let name = handle.client().map(|client| client.name_c().to_string_lossy());
            let text = format!("{}: {reason}", name.unwrap_or_default());
            handle.log(LOG_ERR, "ERROR", &text);
        }
    }
}

fn serve_throttle(handle: &Handle, broker: &str, broker_id: i32, throttle_ms: i32) {
    if let Some(throttle_cb) = handle.callbacks.throttle {
        let (rk, name, opaque) = (handle.as_c(), c_text(broker), handle.callbacks.opaque());
        // SAFETY: the application's function, given what it is documented to be given.
        unsafe { throttle_cb(rk, name.as_ptr(), broker_id, throttle_ms, opaque) }
    }
}

/// The callback may keep the text, which it then frees: so it is the C library's memory.
fn serve_stats(handle: &Handle, json: &str) {
    let Some(stats_cb) = handle.callbacks.stats else {
        return;
    };
    let text: *mut c_char = strdup_bytes(json.as_bytes());
    if text.is_null() {
        return;
    }
    // SAFETY: the application's function, given what it is documented to be given; freed unless kept.
    unsafe {
        if stats_cb(handle.as_c(), text, json.len(), handle.callbacks.opaque()) != 1 {
            libc::free(text.cast());
        }
    }
}

pub(super) fn c_text(text: &str) -> CString {
    let text = text.split('\0').next().unwrap_or_default();
    CString::new(text).unwrap_or_default()
}

/// Serves a client instance's events by their callbacks: delivery reports, errors, statistics and so on.
///
/// Call it at regular intervals. Not from a thread that takes events with rd_kafka_queue_poll().
///
/// @param timeout_ms How long to wait for the first event; 0: not at all, -1: as long as it takes.
///
/// @returns the number of events served.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_poll(rk: *mut rd_kafka_t, timeout_ms: c_int) -> c_int {
    guard_or(0, || {
        // SAFETY: NULL or a live handle.
        let Some((handle, client)) = (unsafe { kept_with_client(rk) }) else {
            return 0;
        };
        let served = client.poll(timeout_ms, &mut |op| serve(&handle, op));
        c_int::try_from(served).unwrap_or(c_int::MAX)
    })
}

/// Called from a callback: makes the rd_kafka_poll(), or the like, that runs it return soon. What is
/// not served yet is served by the next call.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_yield(rk: *mut rd_kafka_t) {
    let _ = rk;
    guard(request_yield)
}

/// Waits until all messages are delivered or failed and their reports served. Meanwhile messages don't
/// linger. Serves events like rd_kafka_poll(), unless delivery reports are taken as events: then another
/// thread must take them.
///
/// @param timeout_ms How long to wait; -1: as long as it takes.
///
/// @returns RD_KAFKA_RESP_ERR__TIMED_OUT if there are outstanding messages still.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_flush(rk: *mut rd_kafka_t, timeout_ms: c_int) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live handle.
        let Some((handle, client)) = (unsafe { kept_with_client(rk) }) else {
            return RespErr::_INVALID_ARG;
        };
        RespErr(client.flush(timeout_ms, &mut |op| serve(&handle, op)))
    })
}

/// Fails outstanding messages with RD_KAFKA_RESP_ERR__PURGE_QUEUE or RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
/// their delivery reports are to be served as usual.
///
/// @param purge_flags RD_KAFKA_PURGE_F_..: which messages, and whether to wait until that is done.
///
/// @returns RD_KAFKA_RESP_ERR__INVALID_ARG for unknown flags.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_purge(rk: *mut rd_kafka_t, purge_flags: c_int) -> RespErr {
    // SAFETY: NULL or a live handle.
    guard(|| match unsafe { client(rk) } {
        Some(client) => RespErr(client.purge(purge_flags)),
        None => RespErr::_INVALID_ARG,
    })
}

/// A handle and its client, kept alive whatever callbacks do.
///
/// # Safety
/// `rk` is NULL or a live handle.
unsafe fn kept_with_client(rk: *mut rd_kafka_t) -> Option<(Arc<Handle>, Arc<Client>)> {
    // SAFETY: the contract above.
    let handle = unsafe { handle_kept(rk) }?;
    let client = Arc::clone(handle.client()?);
    Some((handle, client))
}
