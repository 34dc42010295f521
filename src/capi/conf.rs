//! Configuration objects: `rd_kafka_conf_t`. Used by one application thread at a time, until
//! rd_kafka_new() takes the object over.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};
use std::ptr;

use libc::FILE as CFile;

use crate::conf::property::{Kind, Scope};
use crate::conf::{GlobalConf, SetError, SetErrorCode, TopicConf, docs, table};

use super::conf_hooks::{Setting, copy, on_conf_destroy};
use super::guard::{guard, read_bytes, write_cstr};
use super::log::rd_kafka_log_print;
use super::types::{
    ConfRes, Opaque, borrow, borrow_mut, into_c, rd_kafka_conf_t, rd_kafka_topic_conf_t, take,
};

impl Opaque for rd_kafka_conf_t {
    type Inner = GlobalConf;
}

/// socket() whose descriptor no child process inherits: the default of `socket_cb`.
unsafe extern "C" fn default_socket_cb(
    domain: c_int,
    kind: c_int,
    protocol: c_int,
    _opaque: *mut c_void,
) -> c_int {
    // SAFETY: no memory is involved.
    unsafe { libc::socket(domain, kind | libc::SOCK_CLOEXEC, protocol) }
}

/// open() whose descriptor no child process inherits: the default of `open_cb`.
unsafe extern "C" fn default_open_cb(
    pathname: *const c_char,
    flags: c_int,
    mode: libc::mode_t,
    _opaque: *mut c_void,
) -> c_int {
    // SAFETY: the caller gives a terminated path.
    unsafe { libc::open(pathname, flags | libc::O_CLOEXEC, mode) }
}

/// A configuration with everything at its default, default callbacks included.
pub(super) fn new_conf() -> GlobalConf {
    let mut conf = GlobalConf::new();
    conf.set_default_pointer("socket_cb", default_socket_cb as *const () as usize);
    conf.set_default_pointer("open_cb", default_open_cb as *const () as usize);
    conf.set_default_pointer("log_cb", rd_kafka_log_print as *const () as usize);
    conf
}

/// A C string's bytes; None for NULL.
///
/// # Safety
/// `text` is NULL or a terminated string that outlives the returned value.
pub(super) unsafe fn cstr_bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not NULL, and terminated per the contract above.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// Gives a C caller the result of setting a property.
///
/// # Safety
/// `errstr` is NULL or points to `errstr_size` writable bytes.
pub(super) unsafe fn report(
    result: Result<(), SetError>,
    errstr: *mut c_char,
    errstr_size: usize,
) -> ConfRes {
    let Err(error) = result else { return ConfRes::OK };
    // SAFETY: the contract above.
    unsafe { write_cstr(errstr, errstr_size, &error.message) };
    match error.code {
        SetErrorCode::Unknown => ConfRes::UNKNOWN,
        SetErrorCode::Invalid => ConfRes::INVALID,
    }
}

/// Gives a C caller a value: as much as fits, and the size it needs.
///
/// # Safety
/// `dest` is NULL or points to `*dest_size` writable bytes; `dest_size` is NULL or points to a
/// variable.
pub(super) unsafe fn give_value(
    value: Option<&[u8]>,
    is_flags: bool,
    dest: *mut c_char,
    dest_size: *mut usize,
) -> ConfRes {
    let Some(value) = value else { return ConfRes::UNKNOWN };
    // SAFETY: NULL or valid per the contract above.
    let Some(size) = (unsafe { dest_size.as_mut() }) else { return ConfRes::INVALID };
    if !dest.is_null() && *size > 0 {
        let count = value.len().min(*size - 1);
        // SAFETY: `count + 1 <= *dest_size` bytes are writable at `dest`.
        unsafe {
            ptr::copy_nonoverlapping(value.as_ptr(), dest.cast::<u8>(), count);
            *dest.add(count) = 0;
        }
    }
    // librdkafka counts the terminator of a set of flags twice when only asked for the size.
    *size = value.len() + 1 + usize::from(is_flags && dest.is_null());
    ConfRes::OK
}

pub(super) fn is_flags(scope: Scope, name: &[u8]) -> bool {
    table::find(scope, name).is_some_and(|(_, row)| matches!(row.kind, Kind::Flags { .. }))
}

/// A copy of `bytes` as a C string that free() takes; NULL when memory is out.
fn malloc_cstr(bytes: &[u8]) -> *const c_char {
    // SAFETY: malloc gives NULL or as many writable bytes as asked for, which are then written.
    unsafe {
        let copy = libc::malloc(bytes.len() + 1).cast::<u8>();
        if !copy.is_null() {
            ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len());
            *copy.add(bytes.len()) = 0;
        }
        copy.cast()
    }
}

/// Gives a C caller an array of names and values.
///
/// # Safety
/// `cntp` is NULL or points to a variable.
pub(super) unsafe fn give_pairs(
    pairs: &[(&'static str, Vec<u8>)],
    cntp: *mut usize,
) -> *mut *const c_char {
    let count = pairs.len() * 2;
    // SAFETY: calloc gives NULL or `count` pointers' worth of zeroed memory; one more, so that an
    // empty array isn't NULL.
    let array =
        unsafe { libc::calloc(count + 1, size_of::<*const c_char>()) }.cast::<*const c_char>();
    // SAFETY: NULL or valid per the contract above.
    if let Some(cnt) = unsafe { cntp.as_mut() } {
        *cnt = if array.is_null() { 0 } else { count };
    }
    if !array.is_null() {
        for (index, (name, value)) in pairs.iter().enumerate() {
            // SAFETY: two slots for each pair.
            unsafe {
                *array.add(index * 2) = malloc_cstr(name.as_bytes());
                *array.add(index * 2 + 1) = malloc_cstr(value);
            }
        }
    }
    array
}

/// Makes a configuration with all properties at their defaults.
///
/// Give it to rd_kafka_new(), or destroy it with rd_kafka_conf_destroy().
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_conf_new() -> *mut rd_kafka_conf_t {
    guard(|| into_c(Box::new(new_conf())))
}

/// Destroys a configuration that rd_kafka_new() didn't take.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_destroy(conf: *mut rd_kafka_conf_t) {
    guard(|| {
        // SAFETY: the caller gives the object back.
        if let Some(conf) = unsafe { take(conf) } {
            on_conf_destroy(&conf.hooks);
        }
    })
}

/// Makes a copy of a configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_dup(conf: *const rd_kafka_conf_t) -> *mut rd_kafka_conf_t {
    // SAFETY: NULL or an object of ours.
    guard(|| unsafe { copy(conf, &[], (0, ptr::null_mut())) })
}

/// Makes a copy of a configuration without the properties whose names start with a prefix.
///
/// @param filter_cnt Number of prefixes in \p filter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_dup_filter(
    conf: *const rd_kafka_conf_t,
    filter_cnt: usize,
    filter: *mut *const c_char,
) -> *mut rd_kafka_conf_t {
    guard(|| {
        let given = if filter.is_null() { 0 } else { filter_cnt };
        // SAFETY: the caller gives `filter_cnt` terminated strings.
        let prefix = |index| unsafe { cstr_bytes(*filter.add(index)) };
        let filters: Vec<&[u8]> = (0..given).filter_map(prefix).collect();
        // SAFETY: NULL or an object of ours.
        unsafe { copy(conf, &filters, (given, filter)) }
    })
}

/// Sets a property.
///
/// A property of topics goes to the default topic configuration, which rd_kafka_topic_new() uses
/// where it is given none. CONFIGURATION.md lists all properties.
///
/// @param value New value; NULL or empty puts a string back to its default.
/// @param errstr Gets a description of the failure, if not NULL.
///
/// @returns RD_KAFKA_CONF_OK, RD_KAFKA_CONF_UNKNOWN if there is no such property, or
///          RD_KAFKA_CONF_INVALID if it doesn't take the value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set(
    conf: *mut rd_kafka_conf_t,
    name: *const c_char,
    value: *const c_char,
    errstr: *mut c_char,
    errstr_size: usize,
) -> ConfRes {
    guard(|| {
        // SAFETY: NULL or an object of ours, and terminated strings.
        if let Some(done) = unsafe { before_set(conf, name, value, errstr, errstr_size) } {
            return done;
        }
        // SAFETY: as above.
        let (conf, name, value) =
            unsafe { (borrow_mut(conf), cstr_bytes(name), cstr_bytes(value)) };
        let result = match (conf, name) {
            (Some(conf), Some(name)) => {
                if table::find(Scope::Global, name).is_none() {
                    // librdkafka leaves this text behind even if the topic configuration then
                    // takes the property.
                    let text = SetError::unknown(name).message;
                    // SAFETY: the caller's buffer.
                    unsafe { write_cstr(errstr, errstr_size, &text) };
                }
                conf.set_bytes(name, value)
            }
            (None, _) => Err(SetError {
                code: SetErrorCode::Invalid,
                message: "No configuration object".to_string(),
            }),
            (_, None) => Err(SetError::unknown(b"(null)")),
        };
        // SAFETY: the caller's buffer.
        unsafe { report(result, errstr, errstr_size) }
    })
}

/// What interceptors and plugins do about a property that is being set. `None`: it is to be stored.
///
/// # Safety
/// As for rd_kafka_conf_set().
unsafe fn before_set(
    conf: *mut rd_kafka_conf_t,
    name: *const c_char,
    value: *const c_char,
    errstr: *mut c_char,
    errstr_size: usize,
) -> Option<ConfRes> {
    if conf.is_null() || name.is_null() {
        return None;
    }
    // SAFETY: not NULL, terminated per the contract above.
    let name = unsafe { CStr::from_ptr(name) };
    // SAFETY: as above.
    let value = (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) });
    let errstr_size = if errstr.is_null() { 0 } else { errstr_size };
    let value = value.filter(|value| !value.is_empty());
    let setting = Setting { conf, name, value, errstr, errstr_size };
    // SAFETY: the contract above.
    unsafe { setting.before() }
}

/// Tells a property's value.
///
/// A property of topics is looked up in the default topic configuration.
///
/// @param dest Gets the value, cut to fit; NULL to ask for the size only.
/// @param dest_size Size of \p dest; becomes the size the value needs, terminator included.
///
/// @returns RD_KAFKA_CONF_OK, or RD_KAFKA_CONF_UNKNOWN if there is no such property or it has no
///          value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_get(
    conf: *const rd_kafka_conf_t,
    name: *const c_char,
    dest: *mut c_char,
    dest_size: *mut usize,
) -> ConfRes {
    guard(|| {
        // SAFETY: NULL or an object of ours, and a terminated string.
        let (Some(conf), Some(name)) = (unsafe { (borrow(conf), cstr_bytes(name)) }) else {
            return ConfRes::UNKNOWN;
        };
        let value = conf.get(name);
        let flags = is_flags(Scope::Global, name);
        // SAFETY: the caller's buffer and variable.
        unsafe { give_value(value.as_deref(), flags, dest, dest_size) }
    })
}

/// Lists all properties that have a value: names and values in turn.
///
/// @param cntp Set to the number of elements: twice the number of properties.
///
/// @returns An array to give to rd_kafka_conf_dump_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_dump(
    conf: *mut rd_kafka_conf_t,
    cntp: *mut usize,
) -> *mut *const c_char {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        let pairs = unsafe { borrow(conf.cast_const()) }.map(GlobalConf::dump).unwrap_or_default();
        // SAFETY: the caller's variable.
        unsafe { give_pairs(&pairs, cntp) }
    })
}

/// Frees the array of rd_kafka_conf_dump() or rd_kafka_topic_conf_dump().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_dump_free(arr: *mut *const c_char, cnt: usize) {
    guard(|| {
        if arr.is_null() {
            return;
        }
        for index in 0..cnt {
            // SAFETY: the array has `cnt` elements, each NULL or from malloc.
            unsafe { libc::free((*arr.add(index)).cast_mut().cast()) };
        }
        // SAFETY: from calloc.
        unsafe { libc::free(arr.cast()) };
    })
}

/// Prints all properties with their ranges, defaults and descriptions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_properties_show(fp: *mut CFile) {
    guard(|| {
        let text = docs::properties_text();
        if !fp.is_null() {
            // SAFETY: an open stream, and as many bytes as the text has.
            unsafe { libc::fwrite(text.as_ptr().cast(), 1, text.len(), fp) };
        }
    })
}

/// Sets the configuration of topics that are given none, and takes it over.
///
/// Topic properties set on \p conf before are lost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_default_topic_conf(
    conf: *mut rd_kafka_conf_t,
    tconf: *mut rd_kafka_topic_conf_t,
) {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        let Some(conf) = (unsafe { borrow_mut(conf) }) else { return };
        let current = conf.topic_conf().map_or(ptr::null(), ptr::from_ref);
        // Given its own object, it would own it twice.
        if tconf.is_null() || tconf.cast::<TopicConf>().cast_const() != current {
            // SAFETY: the caller hands its object over.
            conf.set_topic_conf(unsafe { take(tconf) });
        }
    })
}

/// The default topic configuration, or NULL. It stays with \p conf, and changes to it count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_get_default_topic_conf(
    conf: *mut rd_kafka_conf_t,
) -> *mut rd_kafka_topic_conf_t {
    // SAFETY: NULL or an object of ours.
    guard(|| match unsafe { borrow_mut(conf) }.and_then(GlobalConf::topic_conf_mut) {
        Some(topic) => ptr::from_mut(topic).cast(),
        None => ptr::null_mut(),
    })
}

/// Chooses the events that are queued for rd_kafka_queue_poll() rather than given to callbacks.
///
/// @param events RD_KAFKA_EVENT_.. values, or'ed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_events(conf: *mut rd_kafka_conf_t, events: c_int) {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        if let Some(conf) = unsafe { borrow_mut(conf) } {
            // A negative mask names no event: left alone, there is no way to tell the caller.
            let _ = conf.set("enabled_events", &events.to_string());
        }
    })
}

/// Sets the pointer that callbacks get as their last argument, and rd_kafka_opaque() returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_opaque(conf: *mut rd_kafka_conf_t, opaque: *mut c_void) {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        if let Some(conf) = unsafe { borrow_mut(conf) } {
            conf.set_pointer("opaque", opaque as usize);
        }
    })
}

/// Sets the pointer that OpenSSL's engine gets. Not supported: it is kept, and nothing uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_engine_callback_data(
    conf: *mut rd_kafka_conf_t,
    callback_data: *mut c_void,
) {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        if let Some(conf) = unsafe { borrow_mut(conf) } {
            conf.set_pointer("ssl_engine_callback_data", callback_data as usize);
        }
    })
}

/// Gives SASL callbacks a queue of their own. Not supported yet: there is no SASL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_enable_sasl_queue(
    conf: *mut rd_kafka_conf_t,
    enable: c_int,
) {
    guard(|| {
        // SAFETY: NULL or an object of ours.
        if let Some(conf) = unsafe { borrow_mut(conf) } {
            // Booleans always parse.
            let _ = conf.set("enable_sasl_queue", if enable != 0 { "true" } else { "false" });
        }
    })
}

/// Sets a certificate or key from memory.
///
/// TLS is not built into this version.
///
/// @returns RD_KAFKA_CONF_INVALID, with a description in \p errstr.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf_set_ssl_cert(
    _conf: *mut rd_kafka_conf_t,
    _cert_type: super::types::CertType,
    _cert_enc: super::types::CertEnc,
    buffer: *const c_void,
    size: usize,
    errstr: *mut c_char,
    errstr_size: usize,
) -> ConfRes {
    guard(|| {
        // SAFETY: the caller's buffers.
        unsafe {
            // Taking a certificate away is possible: there is none.
            if read_bytes(buffer, size).is_some_and(<[u8]>::is_empty) && buffer.is_null() {
                return ConfRes::OK;
            }
            write_cstr(errstr, errstr_size, "librdkafka-oxide is not built with TLS support");
        }
        ConfRes::INVALID
    })
}
