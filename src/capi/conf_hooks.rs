//! Calling the interceptors of a configuration. They may use the object while they are called, so no borrow of it is held
//! then. Runs on the application's thread that owns the configuration.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_void};
use std::ptr;

use crate::conf::hooks::{Chain, Hooks};
use crate::conf::property::{Kind, Scope};
use crate::conf::{GlobalConf, table};

use super::callbacks::{OnConfDestroy, OnConfDup, OnConfSet, callback};
use super::conf::rd_kafka_conf_set;
use super::guard::guard_or;
use super::plugins::{PLUGIN_PATHS, load_plugins};
use super::types::{ConfRes, RespErr, borrow, borrow_mut, into_c, rd_kafka_conf_t};

/// A property that is being set: the object, name, value, and the caller's buffer for an error.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub(super) conf: *mut rd_kafka_conf_t,
    pub(super) name: &'a CStr,
    pub(super) value: Option<&'a CStr>,
    pub(super) errstr: *mut c_char,
    pub(super) errstr_size: usize,
}

impl Setting<'_> {
    /// Asks the interceptors; UNKNOWN: none of them took it.
    ///
    /// # Safety
    /// `conf` is a live object that nobody else uses now, and isn't borrowed; `errstr` has `errstr_size` writable bytes.
    unsafe fn offer(&self, name: &CStr) -> ConfRes {
        // SAFETY: the contract above; a borrow for the moment.
        let chain = unsafe { borrow(self.conf) }.map(|conf| conf.hooks.on_conf_set.clone());
        let value = self.value.map_or(ptr::null(), CStr::as_ptr);
        for method in chain.unwrap_or_default().methods() {
            // SAFETY: a function of this type was added; it is given what it is documented to be given.
            let result = guard_or(ConfRes::INVALID, || unsafe {
                callback::<OnConfSet>(method.function).map_or(ConfRes::UNKNOWN, |f| {
                    let opaque = method.opaque as *mut c_void;
                    f(self.conf, name.as_ptr(), value, self.errstr, self.errstr_size, opaque)
                })
            });
            if result == ConfRes::UNKNOWN {
                continue;
            }
            if result == ConfRes::OK {
                // SAFETY: the contract above.
                if let Some(conf) = unsafe { borrow_mut(self.conf) } {
                    conf.hooks.taken.push((name.to_owned(), self.value.map(CStr::to_owned)));
                }
            }
            return result;
        }
        ConfRes::UNKNOWN
    }

    /// What comes before a value is stored: interceptors, and the loading of plugins. `None`: store it.
    ///
    /// # Safety
    /// As for [`Setting::offer`].
    pub unsafe fn before(&self) -> Option<ConfRes> {
        let found = table::find(Scope::Global, self.name.to_bytes()).map(|(_, row)| row);
        // SAFETY: the contract above.
        let watched = unsafe { borrow(self.conf) }?.hooks.on_conf_set.methods().len();
        if watched > 0 {
            // As librdkafka: by the name given, by that which it stands for, and when the value is about to be stored.
            let mut names = vec![Cow::Borrowed(self.name)];
            if let Some(row) = found {
                let own = CString::new(row.name).unwrap_or_default();
                if own.as_c_str() != self.name {
                    names.push(Cow::Owned(own.clone()));
                }
                let takes_null = matches!(row.kind, Kind::Text { .. } | Kind::Patterns);
                let is_text = !matches!(row.kind, Kind::Pointer | Kind::Internal);
                if is_text && (takes_null || self.value.is_some()) {
                    names.push(Cow::Owned(own));
                }
            }
            for name in names {
                // SAFETY: the contract above.
                let result = unsafe { self.offer(&name) };
                if result != ConfRes::UNKNOWN {
                    return Some(result);
                }
            }
        }
        if found.is_some_and(|row| row.name == PLUGIN_PATHS) {
            // SAFETY: the contract above.
            return unsafe { load_plugins(self) }.err();
        }
        None
    }
}

/// A copy of a configuration in which interceptors have their say. NULL if memory is out.
///
/// # Safety
/// `old` is a live object that nobody changes; `filters` were made of the `filter_cnt` strings at `filter`.
pub unsafe fn copy(
    old: *const rd_kafka_conf_t,
    filters: &[&[u8]],
    (filter_cnt, filter): (usize, *mut *const c_char),
) -> *mut rd_kafka_conf_t {
    // SAFETY: the contract above.
    let Some(from) = (unsafe { borrow(old) }) else { return ptr::null_mut() };
    if !from.hooks.concern_copies() {
        return into_c(Box::new(from.dup_filter(filters)));
    }
    // Default callbacks alone: everything begins with nothing.
    let new: *mut rd_kafka_conf_t = into_c(Box::new(from.dup_filter(&[b""])));
    for method in from.hooks.on_conf_dup.methods() {
        // SAFETY: a function of this type was added; it is given what it is documented to be given. Failures don't count.
        guard_or(RespErr::_FAIL, || unsafe {
            callback::<OnConfDup>(method.function).map_or(RespErr::NO_ERROR, |f| {
                f(new, old, filter_cnt, filter, method.opaque as *mut c_void)
            })
        });
    }
    let copied = from.copied(filters);
    let after_plugins = place(PLUGIN_PATHS);
    let (first, rest): (Vec<_>, Vec<_>) =
        copied.into_iter().partition(|(name, _)| place(name) <= after_plugins);
    // SAFETY: the contract above; `new` is ours.
    unsafe {
        copy_properties(new, from, first);
        set_taken_again(new, from, filters);
        copy_properties(new, from, rest);
        if let Some(new) = borrow_mut(new)
            && let Some(topic) = from.dup_filter(filters).topic_conf()
        {
            new.set_topic_conf(Some(Box::new(topic.clone())));
        }
    }
    new
}

fn place(name: &str) -> usize {
    table::find(Scope::Global, name.as_bytes()).map_or(0, |(index, _)| index)
}

/// # Safety
/// `new` is a live object of ours, not borrowed.
unsafe fn copy_properties(
    new: *mut rd_kafka_conf_t,
    from: &GlobalConf,
    properties: Vec<(&'static str, Option<Vec<u8>>)>,
) {
    for (name, text) in properties {
        let c_name = CString::new(name).unwrap_or_default();
        let text = text.and_then(|text| CString::new(text).ok());
        let is_pointer = table::find(Scope::Global, name.as_bytes())
            .is_some_and(|(_, row)| matches!(row.kind, Kind::Pointer));
        let (value, errstr) = (text.as_deref(), ptr::null_mut());
        let setting = Setting { conf: new, name: &c_name, value, errstr, errstr_size: 0 };
        // SAFETY: the contract above.
        unsafe {
            if !is_pointer && setting.offer(&c_name) != ConfRes::UNKNOWN {
                continue;
            }
            if name == PLUGIN_PATHS && load_plugins(&setting).is_err() {
                continue;
            }
            if let Some(new) = borrow_mut(new) {
                new.copy_property(from, name);
            }
        }
    }
}

/// # Safety
/// As for [`copy_properties`].
unsafe fn set_taken_again(new: *mut rd_kafka_conf_t, from: &GlobalConf, filters: &[&[u8]]) {
    for (name, value) in &from.hooks.taken {
        if !filters.iter().any(|filter| name.to_bytes().starts_with(filter)) {
            let value = value.as_deref().map_or(ptr::null(), CStr::as_ptr);
            // SAFETY: the contract above.
            unsafe { rd_kafka_conf_set(new, name.as_ptr(), value, ptr::null_mut(), 0) };
        }
    }
}

/// A configuration, or the handle that took it over, ends.
pub fn on_conf_destroy(hooks: &Hooks) {
    let chain: &Chain = &hooks.on_conf_destroy;
    for method in chain.methods() {
        // SAFETY: a function of this type was added. What it returns doesn't count.
        guard_or(RespErr::_FAIL, || unsafe {
            callback::<OnConfDestroy>(method.function)
                .map_or(RespErr::NO_ERROR, |f| f(method.opaque as *mut c_void))
        });
    }
}
