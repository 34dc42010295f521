//! Configuration resources and entries of admin requests: objects in memory.

use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int};
use std::ptr;

use super::admin::{destroy_array, none, owned};
use super::error::ErrorObject;
use super::guard::{guard, guard_or};
use super::types::{
    AlterConfigOpType, ConfigSource, Opaque, ResourceType, RespErr, borrow, borrow_mut, into_c,
    rd_kafka_ConfigEntry_t, rd_kafka_ConfigResource_t, rd_kafka_error_t, take,
};

/// What is behind a `rd_kafka_ConfigEntry_t`.
pub struct ConfigEntry {
    name: CString,
    value: Option<CString>,
}

/// What is behind a `rd_kafka_ConfigResource_t`.
pub struct ConfigResource {
    kind: ResourceType,
    name: CString,
    /// The entries, as C gets them.
    entries: Vec<*mut rd_kafka_ConfigEntry_t>,
}

impl Opaque for rd_kafka_ConfigEntry_t {
    type Inner = ConfigEntry;
}

impl Opaque for rd_kafka_ConfigResource_t {
    type Inner = ConfigResource;
}

impl ConfigResource {
    fn add(&mut self, name: CString, value: Option<CString>) {
        self.entries.push(into_c(Box::new(ConfigEntry { name, value })));
    }
}

impl Drop for ConfigResource {
    fn drop(&mut self) {
        // SAFETY: our own entries, each taken back once.
        self.entries.drain(..).for_each(|entry| drop(unsafe { take(entry) }));
    }
}

fn text_ptr(text: Option<&CStr>) -> *const c_char {
    text.map_or(ptr::null(), CStr::as_ptr)
}

/// Name of an entry. It lives as long as the entry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigEntry_name(
    entry: *const rd_kafka_ConfigEntry_t,
) -> *const c_char {
    // SAFETY: NULL or a live entry.
    guard(|| text_ptr(unsafe { borrow(entry) }.map(|entry| entry.name.as_c_str())))
}

/// Value of an entry, NULL if it has none. It lives as long as the entry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigEntry_value(
    entry: *const rd_kafka_ConfigEntry_t,
) -> *const c_char {
    // SAFETY: NULL or a live entry.
    guard(|| text_ptr(unsafe { borrow(entry) }.and_then(|entry| entry.value.as_deref())))
}

/// Where an entry comes from: unknown for what the application made.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConfigEntry_source(
    entry: *const rd_kafka_ConfigEntry_t,
) -> ConfigSource {
    let _ = entry;
    guard_or(ConfigSource::UNKNOWN, || ConfigSource::UNKNOWN)
}

/// 1 if the broker says that an entry can't be changed; 0 for what the application made.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConfigEntry_is_read_only(entry: *const rd_kafka_ConfigEntry_t) -> c_int {
    let _ = entry;
    guard(|| 0)
}

/// 1 if the broker says that an entry has its default; 0 for what the application made.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConfigEntry_is_default(entry: *const rd_kafka_ConfigEntry_t) -> c_int {
    let _ = entry;
    guard(|| 0)
}

/// 1 if the broker says that an entry is secret; 0 for what the application made.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConfigEntry_is_sensitive(entry: *const rd_kafka_ConfigEntry_t) -> c_int {
    let _ = entry;
    guard(|| 0)
}

/// 1 if an entry is a synonym of another; 0 for what the application made.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConfigEntry_is_synonym(entry: *const rd_kafka_ConfigEntry_t) -> c_int {
    let _ = entry;
    guard(|| 0)
}

/// Synonyms of an entry: what the application made has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigEntry_synonyms(
    entry: *const rd_kafka_ConfigEntry_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_ConfigEntry_t {
    let _ = entry;
    guard(|| {
        // SAFETY: NULL or the caller's variable.
        unsafe { none(cntp) };
        ptr::null_mut()
    })
}

/// Makes a resource.
///
/// @returns a resource, which the caller destroys; NULL without a name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigResource_new(
    restype: ResourceType,
    resname: *const c_char,
) -> *mut rd_kafka_ConfigResource_t {
    // SAFETY: NULL or a terminated string.
    guard(|| match unsafe { owned(resname) } {
        Some(name) if restype.0 >= 0 && !name.is_empty() => {
            into_c(Box::new(ConfigResource { kind: restype, name, entries: Vec::new() }))
        }
        _ => ptr::null_mut(),
    })
}

/// Destroys a resource and its entries; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigResource_destroy(config: *mut rd_kafka_ConfigResource_t) {
    // SAFETY: NULL or a resource that the caller gives back.
    guard(|| drop(unsafe { take(config) }))
}

/// Destroys the resources of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigResource_destroy_array(
    config: *mut *mut rd_kafka_ConfigResource_t,
    config_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(config, config_cnt) })
}

/// Adds an entry to a resource.
///
/// @returns RD_KAFKA_RESP_ERR__INVALID_ARG without a name or a value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigResource_set_config(
    config: *mut rd_kafka_ConfigResource_t,
    name: *const c_char,
    value: *const c_char,
) -> RespErr {
    // SAFETY: NULL, a live resource, terminated strings.
    guard(|| match unsafe { (borrow_mut(config), owned(name), owned(value)) } {
        (Some(config), Some(name), Some(value)) if !name.is_empty() => {
            config.add(name, Some(value));
            RespErr::NO_ERROR
        }
        _ => RespErr::_INVALID_ARG,
    })
}

/// Adds an entry that says how a value is to be changed.
///
/// @returns NULL, or an error that the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigResource_add_incremental_config(
    config: *mut rd_kafka_ConfigResource_t,
    name: *const c_char,
    op_type: AlterConfigOpType,
    value: *const c_char,
) -> *mut rd_kafka_error_t {
    guard(|| {
        // SAFETY: NULL, a live resource, terminated strings.
        let (config, name, value) = unsafe { (borrow_mut(config), owned(name), owned(value)) };
        let problem = match (&config, &name) {
            _ if !(0..AlterConfigOpType::COUNT).contains(&op_type.0) => {
                "Invalid alter config operation type"
            }
            (_, None) => "Config name is required",
            (_, Some(name)) if name.is_empty() => "Config name mustn't be empty",
            _ if op_type != AlterConfigOpType::DELETE && value.is_none() => {
                "Config value is required"
            }
            (None, _) => "Config resource is required",
            _ => {
                if let (Some(config), Some(name)) = (config, name) {
                    config.add(name, value);
                }
                return ptr::null_mut();
            }
        };
        ErrorObject::new(RespErr::_INVALID_ARG, problem).into_c()
    })
}

/// Entries of a resource. They live as long as the resource, the array until an entry is added.
///
/// @returns NULL if there are none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigResource_configs(
    config: *const rd_kafka_ConfigResource_t,
    cntp: *mut usize,
) -> *mut *const rd_kafka_ConfigEntry_t {
    guard(|| {
        // SAFETY: NULL or a live resource; NULL or the caller's variable.
        let (config, count) = unsafe { (borrow(config), cntp.as_mut()) };
        let entries = config.map_or(&[][..], |config| &config.entries);
        if let Some(count) = count {
            *count = entries.len();
        }
        match entries.is_empty() {
            true => ptr::null_mut(),
            false => entries.as_ptr().cast_mut().cast(),
        }
    })
}

/// Type of a resource.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigResource_type(
    config: *const rd_kafka_ConfigResource_t,
) -> ResourceType {
    guard_or(ResourceType::UNKNOWN, || {
        // SAFETY: NULL or a live resource.
        unsafe { borrow(config) }.map_or(ResourceType::UNKNOWN, |config| config.kind)
    })
}

/// Name of a resource. It lives as long as the resource.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_ConfigResource_name(
    config: *const rd_kafka_ConfigResource_t,
) -> *const c_char {
    // SAFETY: NULL or a live resource.
    guard(|| text_ptr(unsafe { borrow(config) }.map(|config| config.name.as_c_str())))
}

/// The broker's error for a resource: none for what the application made.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConfigResource_error(
    config: *const rd_kafka_ConfigResource_t,
) -> RespErr {
    let _ = config;
    guard(|| RespErr::NO_ERROR)
}

/// The broker's error text for a resource: NULL for what the application made.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_ConfigResource_error_string(
    config: *const rd_kafka_ConfigResource_t,
) -> *const c_char {
    let _ = config;
    guard(ptr::null)
}
