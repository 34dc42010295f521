//! Log lines: to the application's callback, to a queue, or to stderr. Runs on whatever thread logs.

use std::borrow::Cow;
use std::ffi::CString;
use std::os::raw::{c_char, c_int};
use std::sync::Weak;
use std::sync::atomic::Ordering;

use crate::client::{LogSink, Op};
use crate::conf::{DebugContexts, GlobalConf};
use crate::io::clock::Clock;

use super::callbacks::{LogCb, callback};
use super::guard::{guard, read_cstr};
use super::handle::{Handle, client, handle};
use super::types::{RespErr, borrow, rd_kafka_queue_t, rd_kafka_t};

/// Address of the log callback in a configuration: stderr unless the application set another, or none.
pub fn log_cb_of(conf: &GlobalConf) -> usize {
    let default: LogCb = rd_kafka_log_print;
    if conf.is_modified("log_cb") { conf.pointer("log_cb") } else { default as usize }
}

/// Where a client's log lines go. Those after the handle's end are dropped.
pub fn sink(handle: Weak<Handle>) -> LogSink {
    Box::new(move |level, contexts, facility, text| {
        if let Some(handle) = handle.upgrade() {
            handle.log_in(level, contexts, facility, text);
        }
    })
}

/// Which thread logs, as librdkafka tells it: our threads by their names, others are the application's.
fn thread_name() -> String {
    let thread = std::thread::current();
    let name = thread.name().and_then(|name| name.strip_prefix("rdk:")).unwrap_or("app");
    name.to_owned()
}

fn c_text(text: &str) -> CString {
    let text = text.split('\0').next().unwrap_or_default();
    CString::new(text).unwrap_or_default()
}

impl Handle {
    /// Logs a line, if the log level lets it through.
    pub(super) fn log(&self, level: i32, facility: &str, text: &str) {
        self.log_in(level, DebugContexts(0), facility, text);
    }

    /// Logs a line of `debug`, if any of its contexts is on.
    pub(super) fn debug(
        &self,
        contexts: DebugContexts,
        facility: &str,
        text: impl FnOnce() -> String,
    ) {
        const LOG_DEBUG: i32 = 7;
        if DebugContexts(self.conf.int("debug")).has(contexts) {
            self.log_in(LOG_DEBUG, contexts, facility, &text());
        }
    }

    fn log_in(&self, level: i32, contexts: DebugContexts, facility: &str, text: &str) {
        if level > self.log_level.load(Ordering::Relaxed) {
            return;
        }
        let text: Cow<'_, str> = match self.conf.flag("log.thread.name") {
            true => format!("[thrd:{}]: {text}", thread_name()).into(),
            false => text.into(),
        };
        if self.log_queue
            && let Some(client) = self.client()
        {
            let (facility, text) = (facility.to_owned(), text.into_owned());
            client.log_queue().push(Op::Log { level, contexts, facility, text });
            return;
        }
        self.call_log_cb(level, facility, &text);
    }

    /// Gives a line to the log callback.
    pub(super) fn call_log_cb(&self, level: i32, facility: &str, text: &str) {
        // SAFETY: only `LogCb`s are stored here.
        let Some(log_cb) = (unsafe { callback::<LogCb>(self.log_cb.load(Ordering::Acquire)) })
        else {
            return;
        };
        let (facility, text) = (c_text(facility), c_text(text));
        // SAFETY: the application's function (or ours), given what it is documented to be given.
        unsafe { log_cb(self.as_c(), level, facility.as_ptr(), text.as_ptr()) }
    }
}

/// Sets the function that gets log lines, instead of the configuration's; NULL: none.
///
/// @deprecated Use rd_kafka_conf_set_log_cb().
#[unsafe(no_mangle)]
#[deprecated]
pub unsafe extern "C" fn rd_kafka_set_logger(
    rk: *mut rd_kafka_t,
    func: Option<
        unsafe extern "C" fn(
            rk: *const rd_kafka_t,
            level: c_int,
            fac: *const c_char,
            buf: *const c_char,
        ),
    >,
) {
    guard(|| {
        // SAFETY: NULL or a live handle.
        if let Some(handle) = unsafe { handle(rk) } {
            handle.log_cb.store(func.map_or(0, |func| func as usize), Ordering::Release);
        }
    })
}

/// Sets the level (of syslog: 0 emergency .. 7 debug) up to which lines are logged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_set_log_level(rk: *mut rd_kafka_t, level: c_int) {
    guard(|| {
        // SAFETY: NULL or a live handle.
        if let Some(handle) = unsafe { handle(rk) } {
            handle.log_level.store(level, Ordering::Relaxed);
        }
    })
}

/// Sends log lines to a queue. The property "log.queue" must be true.
///
/// @param rkqu Queue, or NULL for the main queue.
///
/// @returns RD_KAFKA_RESP_ERR__NOT_CONFIGURED if "log.queue" is false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_set_log_queue(
    rk: *mut rd_kafka_t,
    rkqu: *mut rd_kafka_queue_t,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live handle; NULL or a live queue.
        let (Some(handle), queue) = (unsafe { (handle(rk), borrow(rkqu)) }) else {
            return RespErr::_INVALID_ARG;
        };
        let Some(client) = handle.client().filter(|_| handle.log_queue) else {
            return RespErr::_NOT_CONFIGURED;
        };
        if handle.is_forked() {
            return RespErr::_STATE;
        }
        let destination = queue.map_or(client.queue(), |queue| &queue.queue);
        client.log_queue().forward(Some(destination));
        RespErr::NO_ERROR
    })
}

/// Logs to stderr: what is used if no other function is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_log_print(
    rk: *const rd_kafka_t,
    level: c_int,
    fac: *const c_char,
    buf: *const c_char,
) {
    guard(|| {
        // SAFETY: NULL or a live handle; NULL or terminated strings.
        let (name, fac, buf) = unsafe { (name(rk), read_cstr(fac), read_cstr(buf)) };
        let now_ms = Clock::new().wall_ms();
        let line = format!(
            "%{level}|{}.{:03}|{}|{name}| {}\n",
            now_ms.div_euclid(1000),
            now_ms.rem_euclid(1000),
            fac.unwrap_or_default(),
            buf.unwrap_or_default()
        );
        // One write, so that lines of several threads don't mix. Nowhere to complain if it fails.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    })
}

/// Logs to syslog.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_log_syslog(
    rk: *const rd_kafka_t,
    level: c_int,
    fac: *const c_char,
    buf: *const c_char,
) {
    guard(|| {
        // SAFETY: NULL or a live handle; NULL or terminated strings.
        let (name, fac, buf) = unsafe { (name(rk), read_cstr(fac), read_cstr(buf)) };
        let line =
            c_text(&format!("{}: {name}: {}", fac.unwrap_or_default(), buf.unwrap_or_default()));
        // SAFETY: the format takes one string.
        unsafe { libc::syslog(level, c"%s".as_ptr(), line.as_ptr()) }
    })
}

/// A handle's name as text; empty for NULL.
///
/// # Safety
/// `rk` is NULL or a live handle.
unsafe fn name<'a>(rk: *const rd_kafka_t) -> Cow<'a, str> {
    // SAFETY: the contract above.
    unsafe { client(rk) }.map_or(Cow::Borrowed(""), |client| client.name_c().to_string_lossy())
}
