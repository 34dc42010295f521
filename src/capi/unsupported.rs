//! Functions that are declared so that programs load, and fail with an honest error: their features aren't built
//! yet. Each moves to its own file when it is.

use std::os::raw::c_char;
use std::ptr;

use super::error::ErrorObject;
use super::guard::{guard, write_cstr};
use super::types::{RespErr, rd_kafka_error_t, rd_kafka_queue_t, rd_kafka_t};

/// Queue for SASL events.
///
/// @returns NULL: SASL isn't supported yet.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_queue_get_sasl(rk: *mut rd_kafka_t) -> *mut rd_kafka_queue_t {
    let _ = rk;
    guard(ptr::null_mut)
}

/// Has SASL callbacks served by the background thread.
///
/// @returns an error, which the caller destroys: SASL isn't supported yet.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_sasl_background_callbacks_enable(
    rk: *mut rd_kafka_t,
) -> *mut rd_kafka_error_t {
    let _ = rk;
    guard(|| {
        let text = "No SASL mechanism using callbacks is configured";
        ErrorObject::new(RespErr::_NOT_CONFIGURED, text).into_c()
    })
}

/// Sets user name and password for SASL.
///
/// @returns an error, which the caller destroys: SASL isn't supported yet.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_sasl_set_credentials(
    rk: *mut rd_kafka_t,
    username: *const c_char,
    password: *const c_char,
) -> *mut rd_kafka_error_t {
    let _ = rk;
    guard(|| {
        if username.is_null() || password.is_null() {
            let text = "Username and password are required";
            return ErrorObject::new(RespErr::_INVALID_ARG, text).into_c();
        }
        ErrorObject::new(RespErr::_NOT_IMPLEMENTED, "SASL isn't supported yet").into_c()
    })
}

/// Sets a token for SASL/OAUTHBEARER.
///
/// @returns RD_KAFKA_RESP_ERR__STATE, and the reason in errstr: SASL isn't supported yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_oauthbearer_set_token(
    rk: *mut rd_kafka_t,
    token_value: *const c_char,
    md_lifetime_ms: i64,
    md_principal_name: *const c_char,
    extensions: *mut *const c_char,
    extension_size: usize,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    let _ = (rk, token_value, md_lifetime_ms, md_principal_name, extensions, extension_size);
    guard(|| {
        let text = "SASL/OAUTHBEARER is not the configured authentication mechanism";
        // SAFETY: NULL or that many writable bytes.
        unsafe { write_cstr(errstr, errstr_size, text) };
        RespErr::_STATE
    })
}

/// Tells that no token for SASL/OAUTHBEARER could be got.
///
/// @returns RD_KAFKA_RESP_ERR__STATE: SASL isn't supported yet.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_oauthbearer_set_token_failure(
    rk: *mut rd_kafka_t,
    errstr: *const c_char,
) -> RespErr {
    let _ = (rk, errstr);
    guard(|| RespErr::_STATE)
}
