//! Plugins: libraries that `plugin.library.paths` names. Loading one calls its conf_init(), which adds interceptors. Runs on
//! the application's thread that sets the property.

use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

use super::callbacks::{ConfInit, callback};
use super::conf_hooks::Setting;
use super::guard::{guard_or, write_cstr};
use super::types::{ConfRes, RespErr, borrow, borrow_mut};

/// The property that names plugins.
pub const PLUGIN_PATHS: &str = "plugin.library.paths";

const EXTENSION: &str = ".so";

/// A library that dlopen() gave.
struct Loaded(usize);

impl Drop for Loaded {
    fn drop(&mut self) {
        // SAFETY: closed once; nothing of it is called any more.
        unsafe { libc::dlclose(self.0 as *mut c_void) };
    }
}

fn dl_error() -> String {
    // SAFETY: NULL or a terminated string, which stays until this thread's next call.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() {
            return "No error returned from dlerror()".to_owned();
        }
        CStr::from_ptr(text).to_string_lossy().replace('\n', ".")
    }
}

fn open_exactly(path: &CStr) -> Result<Loaded, String> {
    // SAFETY: a terminated path. What the library's constructors do is the application's choice.
    let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    match library.is_null() {
        true => Err(format!("dlopen() failed: {}", dl_error())),
        false => Ok(Loaded(library as usize)),
    }
}

/// Opens a library, or the one whose name has the system's extension.
fn open(path: &CStr) -> Result<Loaded, String> {
    let failed = match open_exactly(path) {
        Ok(library) => return Ok(library),
        Err(failed) => failed,
    };
    let name = path.to_bytes();
    let file = name.rsplit(|&byte| byte == b'/').next().unwrap_or(name);
    let dot = file.iter().rposition(|&byte| byte == b'.');
    if dot.is_some_and(|dot| dot + EXTENSION.len() >= file.len()) {
        return Err(failed);
    }
    CString::new([name, EXTENSION.as_bytes()].concat())
        .map_or(Err(failed), |path| open_exactly(&path))
}

impl Setting<'_> {
    /// # Safety
    /// The caller's buffer is as it should be.
    unsafe fn error(&self, text: &str) {
        // SAFETY: the contract above.
        unsafe { write_cstr(self.errstr, self.errstr_size, text) };
    }

    /// Adds " (plugin ..)" to an error, if there is room.
    ///
    /// # Safety
    /// The caller's buffer is as it should be, with a terminated text in it.
    unsafe fn name_plugin(&self, path: &CStr) {
        if self.errstr.is_null() || self.errstr_size == 0 {
            return;
        }
        // SAFETY: the contract above.
        let text = unsafe { CStr::from_ptr(self.errstr) }.to_string_lossy().into_owned();
        let path = path.to_string_lossy();
        if text.len() + "(plugin )".len() + path.len() < self.errstr_size {
            // SAFETY: the contract above.
            unsafe { self.error(&format!("{text} (plugin {path})")) };
        }
    }

    /// # Safety
    /// As for [`load_plugins`].
    unsafe fn load_plugin(&self, path: &CStr) -> Result<(), RespErr> {
        // SAFETY: the contract above; borrows for the moment.
        unsafe {
            if borrow(self.conf).is_none_or(|conf| conf.hooks.plugins.iter().any(|p| **p == *path))
            {
                self.error(&format!("Ignoring duplicate plugin {}", path.to_string_lossy()));
                return Ok(());
            }
            let library = open(path).map_err(|text| {
                self.error(&text);
                RespErr::_FS
            })?;
            let conf_init = libc::dlsym(library.0 as *mut c_void, c"conf_init".as_ptr());
            // The symbol is the function that plugins are documented to have.
            let Some(conf_init) = callback::<ConfInit>(conf_init as usize) else {
                self.error(&format!("Failed to load symbol \"conf_init\": {}", dl_error()));
                return Err(RespErr::_INVALID_ARG);
            };
            let mut opaque: *mut c_void = ptr::null_mut();
            // Kept before it is called, and if it fails: it may have added interceptors.
            if let Some(conf) = borrow_mut(self.conf) {
                conf.hooks.libraries.push(Arc::new(library));
            }
            let err = guard_or(RespErr::_FAIL, || {
                conf_init(self.conf, &raw mut opaque, self.errstr, self.errstr_size)
            });
            if err != RespErr::NO_ERROR {
                return Err(err);
            }
            if let Some(conf) = borrow_mut(self.conf) {
                conf.hooks.plugins.push(path.to_owned());
            }
        }
        Ok(())
    }
}

/// Loads the plugins that a value of `plugin.library.paths` names, in place of those before.
///
/// # Safety
/// As for `Setting::before`.
pub unsafe fn load_plugins(setting: &Setting<'_>) -> Result<(), ConfRes> {
    // SAFETY: the contract above.
    unsafe {
        if let Some(conf) = borrow_mut(setting.conf) {
            conf.hooks.plugins.clear();
        }
        let mut own = [0 as c_char; 1];
        let setting = match setting.errstr.is_null() {
            true => Setting { errstr: own.as_mut_ptr(), errstr_size: 1, ..*setting },
            false => *setting,
        };
        let paths = setting.value.map_or(&[][..], CStr::to_bytes).trim_ascii_start();
        // A semicolon at the end names nothing more.
        let paths = paths.strip_suffix(b";").unwrap_or(paths);
        if paths.is_empty() {
            return Ok(());
        }
        for path in paths.split(|&byte| byte == b';') {
            let Ok(path) = CString::new(path) else { continue };
            if setting.load_plugin(&path).is_err() {
                setting.name_plugin(&path);
                if let Some(conf) = borrow_mut(setting.conf) {
                    conf.hooks.plugins.clear();
                }
                return Err(ConfRes::INVALID);
            }
        }
    }
    Ok(())
}
