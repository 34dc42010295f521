//! Events (`rd_kafka_event_t`): what a queue gives to applications that poll it. An event belongs to the
//! application, one thread at a time, until rd_kafka_event_destroy().

use std::ffi::CString;
use std::os::raw::{c_char, c_int, c_void};
use std::ptr;

use crate::client::{Op, ReportBatch};
use crate::conf::DebugContexts;
use crate::producer::batch::Cursor;

use super::error::description_ptr;
use super::event_results::result_name;
use super::guard::{guard, guard_or, write_cstr};
use super::message::MessageObject;
use super::poll::c_text;
use super::structs::rd_kafka_message_t;
use super::topic::topic_ptr;
use super::types::{
    EventType, Opaque, RespErr, borrow, borrow_mut, into_c, rd_kafka_event_t, take,
};

/// What is behind a `rd_kafka_event_t`.
pub enum EventObject {
    /// Delivery reports.
    Reports(Reports),
    /// An error.
    Error {
        /// Its code.
        code: RespErr,
        /// Its description.
        text: CString,
        /// Whether it ended the handle's producing.
        fatal: bool,
    },
    /// A log line.
    Log {
        /// syslog level.
        level: c_int,
        /// Contexts of `debug`.
        contexts: DebugContexts,
        /// Facility.
        facility: CString,
        /// Text.
        text: CString,
    },
    /// Statistics as JSON.
    Stats(CString),
    /// An admin request's answer: not supported.
    Refused {
        /// The answer's type.
        kind: EventType,
        /// The error.
        code: RespErr,
        /// Its description.
        text: CString,
        /// The request's pointer.
        opaque: usize,
    },
}

/// Delivery reports as an event: its messages are made when asked for and then stay in place.
pub struct Reports {
    /// Dropped before the batch that they point into.
    shown: Vec<Box<[MessageObject]>>,
    batch: ReportBatch,
    cursor: Cursor,
    /// Messages of the last block of `shown` that were given out.
    given: usize,
}

/// How many messages are made at once: pointers to them must stay valid, so blocks never move.
const BLOCK: usize = 64;

impl Opaque for rd_kafka_event_t {
    type Inner = EventObject;
}

impl EventObject {
    /// The event of an op; an op that is no event for applications is given back.
    pub fn new(op: Op) -> Result<EventObject, Op> {
        Ok(match op {
            Op::Report(batch) => {
                let (cursor, shown) = (batch.cursor(), Vec::new());
                EventObject::Reports(Reports { shown, batch, cursor, given: 0 })
            }
            Op::Error { error, reason } => {
                EventObject::Error { code: RespErr(error), text: c_text(&reason), fatal: false }
            }
            Op::Fatal { error, reason, .. } => {
                EventObject::Error { code: RespErr(error), text: c_text(&reason), fatal: true }
            }
            Op::Log { level, contexts, facility, text } => {
                let (facility, text) = (c_text(&facility), c_text(&text));
                EventObject::Log { level, contexts, facility, text }
            }
            Op::Stats(json) => EventObject::Stats(c_text(&json)),
            Op::Refused { event_type, error, reason, opaque } => EventObject::Refused {
                kind: EventType(event_type),
                code: RespErr(error),
                text: c_text(&reason),
                opaque,
            },
            other @ Op::Throttle { .. } => return Err(other),
        })
    }

    /// Gives it to C, which destroys it with rd_kafka_event_destroy().
    pub fn into_c(self) -> *mut rd_kafka_event_t {
        into_c(Box::new(self))
    }

    fn kind(&self) -> EventType {
        match self {
            EventObject::Reports(_) => EventType::DR,
            EventObject::Error { .. } => EventType::ERROR,
            EventObject::Log { .. } => EventType::LOG,
            EventObject::Stats(_) => EventType::STATS,
            EventObject::Refused { kind, .. } => *kind,
        }
    }

    fn name(&self) -> *const c_char {
        match self {
            EventObject::Reports(_) => c"DeliveryReport",
            EventObject::Error { .. } => c"Error",
            EventObject::Log { .. } => c"Log",
            EventObject::Stats(_) => c"Stats",
            EventObject::Refused { kind, .. } => result_name(*kind),
        }
        .as_ptr()
    }
}

impl Reports {
    /// Number of messages not given out yet.
    fn remaining(&self) -> usize {
        let waiting = self.shown.last().map_or(0, |block| block.len() - self.given);
        self.batch.count() - self.cursor.index + waiting
    }

    fn next(&mut self) -> *const rd_kafka_message_t {
        if self.shown.last().is_none_or(|block| self.given == block.len()) {
            let rkt = topic_ptr(self.batch.topic());
            let mut block = Vec::with_capacity(BLOCK.min(self.batch.count() - self.cursor.index));
            while block.len() < BLOCK
                && let Some(message) = self.batch.message_at(&mut self.cursor)
            {
                // SAFETY: the batch is dropped after the messages.
                block.push(unsafe { MessageObject::new(&message, rkt) });
            }
            if block.is_empty() {
                return ptr::null();
            }
            self.shown.push(block.into_boxed_slice());
            self.given = 0;
        }
        let message = self.shown.last().and_then(|block| block.get(self.given));
        self.given += 1;
        message.map_or(ptr::null(), MessageObject::as_c)
    }
}

/// Type of an event, RD_KAFKA_EVENT_..; RD_KAFKA_EVENT_NONE for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_type(rkev: *const rd_kafka_event_t) -> EventType {
    guard_or(EventType::NONE, || {
        // SAFETY: NULL or an event that the caller owns.
        unsafe { borrow(rkev) }.map_or(EventType::NONE, EventObject::kind)
    })
}

/// Name of an event's type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_name(rkev: *const rd_kafka_event_t) -> *const c_char {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| unsafe { borrow(rkev) }.map_or(c"(NONE)".as_ptr(), EventObject::name))
}

/// Destroys an event; NULL is allowed. What it gave out isn't valid any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_destroy(rkev: *mut rd_kafka_event_t) {
    // SAFETY: NULL or an event that the caller gives back.
    guard(|| drop(unsafe { take(rkev) }))
}

/// Next message of an event, or NULL if there is none left.
///
/// @returns a message that belongs to the event and lives as long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_message_next(
    rkev: *mut rd_kafka_event_t,
) -> *const rd_kafka_message_t {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| match unsafe { borrow_mut(rkev) } {
        Some(EventObject::Reports(reports)) => reports.next(),
        _ => ptr::null(),
    })
}

/// Next messages of an event, up to size.
///
/// @param rkmessages Gets pointers to messages, which belong to the event and live as long.
///
/// @returns how many there were.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_message_array(
    rkev: *mut rd_kafka_event_t,
    rkmessages: *mut *const rd_kafka_message_t,
    size: usize,
) -> usize {
    guard(|| {
        // SAFETY: NULL or an event that the caller owns.
        let Some(EventObject::Reports(reports)) = (unsafe { borrow_mut(rkev) }) else {
            return 0;
        };
        if rkmessages.is_null() {
            return 0;
        }
        for index in 0..size {
            let message = reports.next();
            if message.is_null() {
                return index;
            }
            // SAFETY: the caller's array has room for `size` pointers.
            unsafe { *rkmessages.add(index) = message };
        }
        size
    })
}

/// Number of messages of an event that weren't given out yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_message_count(rkev: *mut rd_kafka_event_t) -> usize {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| match unsafe { borrow(rkev) } {
        Some(EventObject::Reports(reports)) => reports.remaining(),
        _ => 0,
    })
}

/// Configuration string of an event of type RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH, else NULL.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_event_config_string(rkev: *mut rd_kafka_event_t) -> *const c_char {
    let _ = rkev;
    guard(ptr::null)
}

/// Error code of an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_error(rkev: *mut rd_kafka_event_t) -> RespErr {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| match unsafe { borrow(rkev) } {
        Some(EventObject::Error { code, .. } | EventObject::Refused { code, .. }) => *code,
        _ => RespErr::NO_ERROR,
    })
}

/// Description of an event's error. It lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_error_string(rkev: *mut rd_kafka_event_t) -> *const c_char {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| match unsafe { borrow(rkev) } {
        Some(EventObject::Error { text, .. } | EventObject::Refused { text, .. }) => text.as_ptr(),
        _ => description_ptr(RespErr::NO_ERROR),
    })
}

/// 1 if an event's error is the fatal one, which rd_kafka_fatal_error() also tells; otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_error_is_fatal(rkev: *mut rd_kafka_event_t) -> c_int {
    // SAFETY: NULL or an event that the caller owns.
    guard_or(0, || match unsafe { borrow(rkev) } {
        Some(EventObject::Error { fatal, .. }) => (*fatal).into(),
        _ => 0,
    })
}

/// The pointer that an admin request was made with; NULL for other events.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_opaque(rkev: *mut rd_kafka_event_t) -> *mut c_void {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| match unsafe { borrow(rkev) } {
        Some(EventObject::Refused { opaque, .. }) => *opaque as *mut c_void,
        _ => ptr::null_mut(),
    })
}

/// Takes a log event apart. The strings live as long as the event.
///
/// @param fac Set to the facility.
/// @param str Set to the text.
/// @param level Set to syslog's level.
///
/// @returns 0, or -1 if it isn't a log event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_log(
    rkev: *mut rd_kafka_event_t,
    fac: *mut *const c_char,
    str: *mut *const c_char,
    level: *mut c_int,
) -> c_int {
    guard(|| {
        // SAFETY: NULL or an event that the caller owns.
        let Some(EventObject::Log { level: line_level, facility, text, .. }) =
            (unsafe { borrow(rkev) })
        else {
            return -1;
        };
        // SAFETY: each pointer is NULL (ignored) or points to the caller's variable.
        unsafe {
            if let Some(out) = fac.as_mut() {
                *out = facility.as_ptr();
            }
            if let Some(out) = str.as_mut() {
                *out = text.as_ptr();
            }
            if let Some(out) = level.as_mut() {
                *out = *line_level;
            }
        }
        0
    })
}

/// Writes the debug contexts of a log event, separated by commas.
///
/// @returns 0, or -1 if it isn't a log event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_debug_contexts(
    rkev: *mut rd_kafka_event_t,
    dst: *mut c_char,
    dstsize: usize,
) -> c_int {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| match unsafe { borrow(rkev) } {
        Some(EventObject::Log { contexts, .. }) => {
            // SAFETY: NULL or that many writable bytes.
            unsafe { write_cstr(dst, dstsize, &contexts.names()) };
            0
        }
        _ => -1,
    })
}

/// Statistics of an event as JSON, or NULL if it has none. The text lives as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_event_stats(rkev: *mut rd_kafka_event_t) -> *const c_char {
    // SAFETY: NULL or an event that the caller owns.
    guard(|| match unsafe { borrow(rkev) } {
        Some(EventObject::Stats(json)) => json.as_ptr(),
        _ => ptr::null(),
    })
}
