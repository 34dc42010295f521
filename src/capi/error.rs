//! Errors: names and descriptions, the calling thread's last error, and error objects.

use std::cell::{Cell, UnsafeCell};
use std::ffi::CString;
use std::os::raw::{c_char, c_int};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error_code::{Row, TABLE};
use super::guard::{guard, guard_or, read_bytes};
use super::structs::rd_kafka_err_desc;
use super::types::{Opaque, RespErr, borrow, into_c, rd_kafka_error_t, take};

thread_local! {
    static LAST_ERROR: Cell<RespErr> = const { Cell::new(RespErr::NO_ERROR) };
    /// Texts for codes that the table doesn't have; the last few stay valid.
    static UNKNOWN_TEXTS: UnsafeCell<UnknownTexts> =
        const { UnsafeCell::new(UnknownTexts { next: 0, slots: [[0; UNKNOWN_TEXT_SIZE]; UNKNOWN_TEXT_COUNT] }) };
}

const UNKNOWN_TEXT_SIZE: usize = 32;
const UNKNOWN_TEXT_COUNT: usize = 8;

struct UnknownTexts {
    next: usize,
    slots: [[c_char; UNKNOWN_TEXT_SIZE]; UNKNOWN_TEXT_COUNT],
}

/// What is behind a `rd_kafka_error_t`.
#[derive(Debug, Clone)]
pub struct ErrorObject {
    /// The error code.
    pub code: RespErr,
    /// Its description; `None`: the code's own.
    pub text: Option<CString>,
    /// The handle can't be used any more.
    pub fatal: bool,
    /// The operation may be tried again.
    pub retriable: bool,
    /// The transaction must be aborted.
    pub txn_requires_abort: bool,
}

impl Opaque for rd_kafka_error_t {
    type Inner = ErrorObject;
}

impl ErrorObject {
    /// An error with a description; NUL bytes in it end it, as in C.
    pub fn new(code: RespErr, text: &str) -> ErrorObject {
        let text = text.split('\0').next().unwrap_or_default();
        let text = if text.is_empty() { None } else { CString::new(text).ok() };
        ErrorObject { code, text, fatal: false, retriable: false, txn_requires_abort: false }
    }

    /// Gives it to C, which destroys it with `rd_kafka_error_destroy()`.
    pub fn into_c(self) -> *mut rd_kafka_error_t {
        into_c(Box::new(self))
    }
}

fn row(code: RespErr) -> Option<&'static Row> {
    let code = i16::try_from(code.0).ok()?;
    TABLE.binary_search_by_key(&code, |row| row.code).ok().map(|index| &TABLE[index])
}

impl RespErr {
    /// The description as Rust text; codes not in the table give `Err-N?`.
    pub fn description(self) -> std::borrow::Cow<'static, str> {
        match row(self).and_then(|row| row.description) {
            Some(text) => text.to_string_lossy(),
            None => format!("Err-{}?", self.0).into(),
        }
    }
}

/// A text made for an unknown code, valid until the thread has made a few more.
fn unknown_text(text: &str) -> *const c_char {
    UNKNOWN_TEXTS.with(|texts| {
        // SAFETY: thread-local, and no other borrow exists: this function doesn't call itself.
        let texts = unsafe { &mut *texts.get() };
        let slot = &mut texts.slots[texts.next % UNKNOWN_TEXT_COUNT];
        texts.next = (texts.next + 1) % UNKNOWN_TEXT_COUNT;
        // SAFETY: the slot has UNKNOWN_TEXT_SIZE writable bytes.
        unsafe { super::guard::write_cstr(slot.as_mut_ptr(), UNKNOWN_TEXT_SIZE, text) };
        slot.as_ptr()
    })
}

pub(super) fn description_ptr(code: RespErr) -> *const c_char {
    match row(code).and_then(|row| row.description) {
        Some(text) => text.as_ptr(),
        None => unknown_text(&format!("Err-{}?", code.0)),
    }
}

fn name_ptr(code: RespErr) -> *const c_char {
    match row(code) {
        Some(row) if row.description.is_some() => row.name.as_ptr(),
        _ => unknown_text(&format!("ERR_{}?", code.0)),
    }
}

/// How many threads may have a last error other than `NO_ERROR`: never less than those that have. A thread that ends
/// with one counts for ever, which costs others a little time.
static THREADS_WITH_ERROR: AtomicUsize = AtomicUsize::new(0);

/// Sets the thread's last error to none. With no error anywhere, which is the rule, that needs no look at the thread's own.
#[inline]
pub fn clear_last_error() {
    // A thread that has an error sees at least its own count.
    if THREADS_WITH_ERROR.load(Ordering::Relaxed) != 0 {
        set_last_error(RespErr::NO_ERROR, 0);
    }
}

/// Sets the thread's last error, and `errno` unless it is 0: what the produce functions do.
pub fn set_last_error(code: RespErr, errno: c_int) {
    let old = LAST_ERROR.with(|last| last.replace(code));
    match (old == RespErr::NO_ERROR, code == RespErr::NO_ERROR) {
        (true, false) => drop(THREADS_WITH_ERROR.fetch_add(1, Ordering::Relaxed)),
        (false, true) => drop(THREADS_WITH_ERROR.fetch_sub(1, Ordering::Relaxed)),
        _ => {}
    }
    if errno != 0 {
        // SAFETY: the C library's own per-thread errno.
        unsafe { *libc::__errno_location() = errno };
    }
}

/// The table as librdkafka lays it out: index = code - first code, with empty rows for codes that
/// don't exist.
fn err_descs() -> &'static [rd_kafka_err_desc] {
    static DESCS: OnceLock<Vec<rd_kafka_err_desc>> = OnceLock::new();
    DESCS.get_or_init(|| {
        let last = TABLE.last().map_or(0, |row| c_int::from(row.code));
        (RespErr::_BEGIN.0..=last)
            .map(|code| match row(RespErr(code)) {
                Some(row) => rd_kafka_err_desc {
                    code: RespErr(code),
                    name: row.name.as_ptr(),
                    desc: row.description.map_or(ptr::null(), |text| text.as_ptr()),
                },
                None => rd_kafka_err_desc {
                    code: RespErr::NO_ERROR,
                    name: ptr::null(),
                    desc: ptr::null(),
                },
            })
            .collect()
    })
}

/// All error codes with names and descriptions, for bindings. Entries without a name are unused.
///
/// @param errdescs Set to the table, which belongs to the library.
/// @param cntp Set to its number of entries.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_get_err_descs(
    errdescs: *mut *const rd_kafka_err_desc,
    cntp: *mut usize,
) {
    guard(|| {
        let descs = err_descs();
        // SAFETY: each pointer is NULL (ignored) or points to the caller's variable.
        unsafe {
            if let Some(out) = errdescs.as_mut() {
                *out = descs.as_ptr();
            }
            if let Some(out) = cntp.as_mut() {
                *out = descs.len();
            }
        }
    })
}

/// Description of an error code, for humans.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_err2str(err: RespErr) -> *const c_char {
    guard(|| description_ptr(err))
}

/// Name of an error code, without RD_KAFKA_RESP_ERR_.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_err2name(err: RespErr) -> *const c_char {
    guard(|| name_ptr(err))
}

/// Error code of the last failed call on this thread, of the functions that say they set it.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_last_error() -> RespErr {
    guard(|| LAST_ERROR.with(Cell::get))
}

/// The error code for an errno value.
///
/// @deprecated Use rd_kafka_last_error().
#[unsafe(no_mangle)]
#[deprecated]
pub extern "C" fn rd_kafka_errno2err(errnox: c_int) -> RespErr {
    guard(|| match errnox {
        libc::EINVAL => RespErr::_INVALID_ARG,
        libc::EBUSY => RespErr::_CONFLICT,
        libc::ENOENT => RespErr::_UNKNOWN_TOPIC,
        libc::ESRCH => RespErr::_UNKNOWN_PARTITION,
        libc::ETIMEDOUT => RespErr::_TIMED_OUT,
        libc::EMSGSIZE => RespErr::MSG_SIZE_TOO_LARGE,
        libc::ENOBUFS => RespErr::_QUEUE_FULL,
        libc::ECANCELED => RespErr::_FATAL,
        _ => RespErr::_FAIL,
    })
}

/// The thread's errno, for languages that can't read it.
///
/// @deprecated Use rd_kafka_last_error().
#[unsafe(no_mangle)]
#[deprecated]
pub extern "C" fn rd_kafka_errno() -> c_int {
    // SAFETY: the C library's own per-thread errno.
    guard(|| unsafe { *libc::__errno_location() })
}

/// Error code of an error object; RD_KAFKA_RESP_ERR_NO_ERROR if error is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_error_code(error: *const rd_kafka_error_t) -> RespErr {
    // SAFETY: NULL or an error object that the caller owns.
    guard(|| unsafe { borrow(error) }.map_or(RespErr::NO_ERROR, |error| error.code))
}

/// Name of an error object's code, or "" if error is NULL.
///
/// The text lives as long as the error object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_error_name(error: *const rd_kafka_error_t) -> *const c_char {
    // SAFETY: NULL or an error object that the caller owns.
    guard(|| unsafe { borrow(error) }.map_or(c"".as_ptr(), |error| name_ptr(error.code)))
}

/// Description of an error object, or "" if error is NULL.
///
/// The text lives as long as the error object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_error_string(error: *const rd_kafka_error_t) -> *const c_char {
    // SAFETY: NULL or an error object that the caller owns.
    guard(|| match unsafe { borrow(error) } {
        None => c"".as_ptr(),
        Some(ErrorObject { text: Some(text), .. }) => text.as_ptr(),
        Some(error) => description_ptr(error.code),
    })
}

/// 1 if the error is fatal: the client instance can't be used any more; otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_error_is_fatal(error: *const rd_kafka_error_t) -> c_int {
    // SAFETY: NULL or an error object that the caller owns.
    guard_or(0, || unsafe { borrow(error) }.is_some_and(|error| error.fatal).into())
}

/// 1 if the operation may be tried again, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_error_is_retriable(error: *const rd_kafka_error_t) -> c_int {
    // SAFETY: NULL or an error object that the caller owns.
    guard_or(0, || unsafe { borrow(error) }.is_some_and(|error| error.retriable).into())
}

/// 1 if the transaction must be aborted with rd_kafka_abort_transaction(), otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_error_txn_requires_abort(
    error: *const rd_kafka_error_t,
) -> c_int {
    // SAFETY: NULL or an error object that the caller owns.
    guard_or(0, || unsafe { borrow(error) }.is_some_and(|error| error.txn_requires_abort).into())
}

/// Destroys an error object; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_error_destroy(error: *mut rd_kafka_error_t) {
    // SAFETY: NULL or an error object that the caller gives back.
    guard(|| drop(unsafe { take(error) }))
}

/// rd_kafka_error_new() after its arguments became text; see `csrc/varargs.c`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rdkafka_oxide_error_new(
    code: RespErr,
    text: *const c_char,
    size: usize,
) -> *mut rd_kafka_error_t {
    guard(|| {
        let is_given = !text.is_null();
        // SAFETY: the shim passes `size` bytes that it formatted.
        let text = unsafe { read_bytes(text.cast(), size) }.unwrap_or_default();
        // The bytes are kept as they are: the description need not be UTF-8, and may be empty.
        let text = if is_given { CString::new(text).ok() } else { None };
        let mut error = ErrorObject::new(code, "");
        error.text = text;
        error.into_c()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn text(text: *const c_char) -> String {
        // SAFETY: all functions here return terminated strings.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }

    #[test]
    fn the_table_is_ascending_so_that_lookups_find_every_row() {
        assert!(TABLE.is_sorted_by(|a, b| a.code < b.code));
        for row in TABLE {
            let name = match row.description {
                Some(_) => row.name.to_string_lossy().into_owned(),
                None => format!("ERR_{}?", row.code),
            };
            assert_eq!(text(rd_kafka_err2name(RespErr(row.code.into()))), name);
        }
    }

    #[test]
    fn unknown_codes_survive_in_their_texts() {
        assert_eq!(text(rd_kafka_err2str(RespErr(-5))), "Err--5?");
        assert_eq!(text(rd_kafka_err2name(RespErr(99_999))), "ERR_99999?");
        assert_eq!(text(rd_kafka_err2str(RespErr::_BEGIN)), "Err--200?");
        let (a, b) = (rd_kafka_err2str(RespErr(-5)), rd_kafka_err2str(RespErr(-6)));
        assert_eq!((text(a), text(b)), ("Err--5?".into(), "Err--6?".into()));
    }

    #[test]
    fn an_error_object_without_text_describes_its_code() {
        let error = ErrorObject::new(RespErr::_QUEUE_FULL, "").into_c();
        // SAFETY: an error object of ours, destroyed once.
        unsafe {
            assert_eq!(text(rd_kafka_error_string(error)), "Local: Queue full");
            assert_eq!(text(rd_kafka_error_name(error)), "_QUEUE_FULL");
            assert_eq!(rd_kafka_error_code(error), RespErr::_QUEUE_FULL);
            rd_kafka_error_destroy(error);
            assert_eq!(text(rd_kafka_error_string(ptr::null())), "");
            assert_eq!(rd_kafka_error_code(ptr::null()), RespErr::NO_ERROR);
            rd_kafka_error_destroy(ptr::null_mut());
        }
    }

    #[test]
    fn a_success_clears_the_threads_own_error_and_no_others() {
        let errors = || {
            set_last_error(RespErr::_QUEUE_FULL, 0);
            set_last_error(RespErr::_STATE, 0);
            let before = rd_kafka_last_error();
            clear_last_error();
            clear_last_error();
            (before, rd_kafka_last_error())
        };
        set_last_error(RespErr::_FAIL, 0);
        let expected = (RespErr::_STATE, RespErr::NO_ERROR);
        assert_eq!(std::thread::scope(|scope| scope.spawn(errors).join().unwrap()), expected);
        assert_eq!(rd_kafka_last_error(), RespErr::_FAIL);
        assert_eq!(errors(), expected);
    }

    #[test]
    fn the_descriptor_array_is_indexed_by_code() {
        let descs = err_descs();
        assert_eq!(descs.len(), 334);
        assert_eq!(descs[200].code, RespErr::NO_ERROR);
        assert_eq!(text(descs[210].name), "MSG_SIZE_TOO_LARGE");
        assert!(descs[298].name.is_null() && descs[0].desc.is_null());
    }
}
