//! Options of admin requests: checked when set, as far as the request that they are for has them.

use std::os::raw::{c_char, c_int, c_void};
use std::ptr;

use super::admin::invalid;
use super::error::ErrorObject;
use super::guard::guard;
use super::types::{
    AdminOp, GroupState, GroupType, IsolationLevel, Opaque, RespErr, borrow_mut, into_c,
    rd_kafka_AdminOptions_t, rd_kafka_error_t, rd_kafka_t, take,
};

/// What is behind a `rd_kafka_AdminOptions_t`.
pub struct AdminOptions {
    for_api: AdminOp,
    opaque: usize,
}

impl Opaque for rd_kafka_AdminOptions_t {
    type Inner = AdminOptions;
}

const TIMEOUT_MAX_MS: c_int = 3_600_000;

// The requests that have an option.
const WAITING: &[AdminOp] = &[
    AdminOp::CREATETOPICS,
    AdminOp::DELETETOPICS,
    AdminOp::CREATEPARTITIONS,
    AdminOp::DELETERECORDS,
    AdminOp::LISTOFFSETS,
    AdminOp::ELECTLEADERS,
];
const CHANGING: &[AdminOp] = &[
    AdminOp::CREATETOPICS,
    AdminOp::CREATEPARTITIONS,
    AdminOp::ALTERCONFIGS,
    AdminOp::INCREMENTALALTERCONFIGS,
];
const OFFSETS: &[AdminOp] = &[AdminOp::LISTCONSUMERGROUPOFFSETS];
const DESCRIBING: &[AdminOp] =
    &[AdminOp::DESCRIBECONSUMERGROUPS, AdminOp::DESCRIBECLUSTER, AdminOp::DESCRIBETOPICS];

impl AdminOptions {
    /// The pointer for the request's event.
    pub fn opaque(&self) -> usize {
        self.opaque
    }

    /// Whether an option that only these requests have can be set.
    fn check(&self, option: &str, only: &[AdminOp]) -> Result<(), String> {
        match only.is_empty() || self.for_api == AdminOp::ANY || only.contains(&self.for_api) {
            true => Ok(()),
            false => Err(format!("\"{option}\" is not supported for this operation")),
        }
    }

    fn check_int(
        &self,
        option: &str,
        only: &[AdminOp],
        (min, max): (c_int, c_int),
        value: c_int,
    ) -> Result<(), String> {
        self.check(option, only)?;
        if (min..=max).contains(&value) {
            return Ok(());
        }
        Err(format!("Invalid value type for \"{option}\": expecting integer in range {min}..{max}"))
    }
}

/// # Safety
/// `options` is NULL or live; `errstr` is NULL or has `size` writable bytes.
unsafe fn checked(
    options: *mut rd_kafka_AdminOptions_t,
    (errstr, size): (*mut c_char, usize),
    check: impl FnOnce(&AdminOptions) -> Result<(), String>,
) -> RespErr {
    // SAFETY: the contract above.
    match unsafe { borrow_mut(options) }.map(|options| check(options)) {
        Some(Ok(())) => RespErr::NO_ERROR,
        // SAFETY: the contract above.
        Some(Err(text)) => unsafe { invalid(errstr, size, &text) },
        // SAFETY: the contract above.
        None => unsafe { invalid(errstr, size, "Options are required") },
    }
}

/// # Safety
/// As for `checked`.
unsafe fn checked_object(
    options: *mut rd_kafka_AdminOptions_t,
    check: impl FnOnce(&AdminOptions) -> Result<(), String>,
) -> *mut rd_kafka_error_t {
    // SAFETY: the contract above.
    match unsafe { borrow_mut(options) }.map(|options| check(options)) {
        Some(Ok(())) => ptr::null_mut(),
        Some(Err(text)) => ErrorObject::new(RespErr::_INVALID_ARG, &text).into_c(),
        None => ErrorObject::new(RespErr::_INVALID_ARG, "Options are required").into_c(),
    }
}

/// Each value at most once, and within `valid`.
///
/// # Safety
/// `values` is NULL or has `count` elements.
unsafe fn check_set<T: Copy>(
    values: *const T,
    count: usize,
    check: impl Fn(T) -> Result<c_int, &'static str>,
    duplicate: &str,
) -> Result<(), String> {
    let mut seen = 0u64;
    for index in 0..if values.is_null() { 0 } else { count } {
        // SAFETY: the contract above.
        let bit = 1 << check(unsafe { *values.add(index) })?;
        if seen & bit != 0 {
            return Err(duplicate.into());
        }
        seen |= bit;
    }
    Ok(())
}

fn group_state(state: GroupState) -> Result<c_int, &'static str> {
    match state.0 {
        0..GroupState::COUNT => Ok(state.0),
        _ => Err("Invalid group state value"),
    }
}

fn group_type(kind: GroupType) -> Result<c_int, &'static str> {
    match kind.0 {
        0 => Err("UNKNOWN type is not allowed"),
        1..GroupType::COUNT => Ok(kind.0),
        _ => Err("Only a valid type is allowed"),
    }
}

/// Makes options for an admin request.
///
/// @param for_api The request they are for, or RD_KAFKA_ADMIN_OP_ANY.
///
/// @returns options, which the caller destroys; NULL for an unknown request.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_AdminOptions_new(
    rk: *mut rd_kafka_t,
    for_api: AdminOp,
) -> *mut rd_kafka_AdminOptions_t {
    let _ = rk;
    guard(|| match for_api.0 {
        0..AdminOp::COUNT => into_c(Box::new(AdminOptions { for_api, opaque: 0 })),
        _ => ptr::null_mut(),
    })
}

/// Destroys options; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_destroy(options: *mut rd_kafka_AdminOptions_t) {
    // SAFETY: NULL or options that the caller gives back.
    guard(|| drop(unsafe { take(options) }))
}

/// How long the whole request may take, lookup of brokers included: 0..3600000 ms.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_request_timeout(
    options: *mut rd_kafka_AdminOptions_t,
    timeout_ms: c_int,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked(options, (errstr, errstr_size), |options| {
            options.check_int("request_timeout", &[], (0, TIMEOUT_MAX_MS), timeout_ms)
        })
    })
}

/// How long the brokers may take until an operation is done everywhere: -1..3600000 ms.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_operation_timeout(
    options: *mut rd_kafka_AdminOptions_t,
    timeout_ms: c_int,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked(options, (errstr, errstr_size), |options| {
            options.check_int("operation_timeout", WAITING, (-1, TIMEOUT_MAX_MS), timeout_ms)
        })
    })
}

/// Whether the brokers only check the request (1) or carry it out (0).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_validate_only(
    options: *mut rd_kafka_AdminOptions_t,
    true_or_false: c_int,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked(options, (errstr, errstr_size), |options| {
            options.check_int("validate_only", CHANGING, (0, 1), true_or_false)
        })
    })
}

/// The broker to send the request to, where that is not given by what it asks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_broker(
    options: *mut rd_kafka_AdminOptions_t,
    broker_id: i32,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked(options, (errstr, errstr_size), |options| {
            options.check_int("broker", &[], (0, c_int::MAX), broker_id)
        })
    })
}

/// Whether only offsets below those of open transactions are wanted.
///
/// @returns NULL, or an error that the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_require_stable_offsets(
    options: *mut rd_kafka_AdminOptions_t,
    true_or_false: c_int,
) -> *mut rd_kafka_error_t {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked_object(options, |options| {
            options.check_int("require_stable_offsets", OFFSETS, (0, 1), true_or_false)
        })
    })
}

/// Whether the answer shall tell what the client may do.
///
/// @returns NULL, or an error that the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_include_authorized_operations(
    options: *mut rd_kafka_AdminOptions_t,
    true_or_false: c_int,
) -> *mut rd_kafka_error_t {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked_object(options, |options| {
            options.check_int("include_authorized_operations", DESCRIBING, (0, 1), true_or_false)
        })
    })
}

/// Only groups in these states are wanted.
///
/// @returns NULL, or an error that the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_match_consumer_group_states(
    options: *mut rd_kafka_AdminOptions_t,
    consumer_group_states: *const GroupState,
    consumer_group_states_cnt: usize,
) -> *mut rd_kafka_error_t {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked_object(options, |options| {
            let (states, count) = (consumer_group_states, consumer_group_states_cnt);
            check_set(states, count, group_state, "Duplicate states not allowed")?;
            options.check("match_consumer_group_states", &[AdminOp::LISTCONSUMERGROUPS])
        })
    })
}

/// Only groups of these types are wanted.
///
/// @returns NULL, or an error that the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_match_consumer_group_types(
    options: *mut rd_kafka_AdminOptions_t,
    consumer_group_types: *const GroupType,
    consumer_group_types_cnt: usize,
) -> *mut rd_kafka_error_t {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked_object(options, |options| {
            let (types, count) = (consumer_group_types, consumer_group_types_cnt);
            check_set(types, count, group_type, "Duplicate types not allowed")?;
            options.check("match_consumer_group_types", &[AdminOp::LISTCONSUMERGROUPS])
        })
    })
}

/// Whether records of open transactions count.
///
/// @returns NULL, or an error that the caller destroys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_isolation_level(
    options: *mut rd_kafka_AdminOptions_t,
    value: IsolationLevel,
) -> *mut rd_kafka_error_t {
    // SAFETY: as documented.
    guard(|| unsafe {
        checked_object(options, |options| {
            options.check_int("isolation_level", &[AdminOp::LISTOFFSETS], (0, 1), value.0)
        })
    })
}

/// Sets the pointer that rd_kafka_event_opaque() gives for the request's event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AdminOptions_set_opaque(
    options: *mut rd_kafka_AdminOptions_t,
    ev_opaque: *mut c_void,
) {
    guard(|| {
        // SAFETY: NULL or live options.
        if let Some(options) = unsafe { borrow_mut(options) } {
            options.opaque = ev_opaque as usize;
        }
    })
}
