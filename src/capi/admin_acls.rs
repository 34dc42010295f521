//! Access control entries and filters of admin requests: objects in memory, checked as they are made.

use std::ffi::{CStr, CString};
use std::ops::Range;
use std::os::raw::{c_char, c_int};
use std::ptr;

use super::admin::{destroy_array, invalid, owned};
use super::guard::{guard, guard_or};
use super::types::{
    AclOperation, AclPermissionType, Opaque, PatternType, ResourceType, borrow, into_c,
    rd_kafka_AclBinding_t, rd_kafka_AclBindingFilter_t, rd_kafka_error_t, take,
};

/// What is behind a `rd_kafka_AclBinding_t`, and a filter, which is the same.
pub struct AclBinding {
    restype: ResourceType,
    name: Option<CString>,
    pattern: PatternType,
    principal: Option<CString>,
    host: Option<CString>,
    operation: AclOperation,
    permission: AclPermissionType,
}

impl Opaque for rd_kafka_AclBinding_t {
    type Inner = AclBinding;
}

impl AclBinding {
    /// What is wrong with a binding, or with a filter, where anything may be "any".
    fn problem(&self, filter: bool) -> Option<&'static str> {
        const UNKNOWN: c_int = 0;
        const ANY: c_int = 1;
        let allowed = |value: c_int, valid: Range<c_int>| {
            value > UNKNOWN && valid.contains(&value) && (filter || value != ANY)
        };
        let pattern_fits = allowed(self.pattern.0, 0..PatternType::COUNT)
            && (filter || self.pattern != PatternType::MATCH);
        match self {
            _ if !filter && self.name.is_none() => Some("Invalid resource name"),
            _ if !filter && self.principal.is_none() => Some("Invalid principal"),
            _ if !filter && self.host.is_none() => Some("Invalid host"),
            _ if !allowed(self.restype.0, 0..ResourceType::COUNT) => Some("Invalid resource type"),
            _ if !pattern_fits => Some("Invalid resource pattern type"),
            _ if !allowed(self.operation.0, 0..AclOperation::COUNT) => Some("Invalid operation"),
            _ if !allowed(self.permission.0, 0..AclPermissionType::COUNT) => {
                Some("Invalid permission type")
            }
            _ => None,
        }
    }

    /// # Safety
    /// `errstr` is NULL or has `size` writable bytes.
    unsafe fn into_c(
        self,
        filter: bool,
        (errstr, size): (*mut c_char, usize),
    ) -> *mut rd_kafka_AclBinding_t {
        match self.problem(filter) {
            Some(text) => {
                // SAFETY: the contract above.
                unsafe { invalid(errstr, size, text) };
                ptr::null_mut()
            }
            None => into_c(Box::new(self)),
        }
    }
}

/// Makes an access control entry.
///
/// @returns a binding, which the caller destroys; NULL, and the reason in errstr, if an argument isn't allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_new(
    restype: ResourceType,
    name: *const c_char,
    resource_pattern_type: PatternType,
    principal: *const c_char,
    host: *const c_char,
    operation: AclOperation,
    permission_type: AclPermissionType,
    errstr: *mut c_char,
    errstr_size: usize,
) -> *mut rd_kafka_AclBinding_t {
    // SAFETY: NULL or terminated strings; NULL or that many writable bytes.
    guard(|| unsafe {
        let binding = AclBinding {
            restype,
            name: owned(name),
            pattern: resource_pattern_type,
            principal: owned(principal),
            host: owned(host),
            operation,
            permission: permission_type,
        };
        binding.into_c(false, (errstr, errstr_size))
    })
}

/// Makes a filter for access control entries; NULL matches any name, principal or host.
///
/// @returns a filter, which the caller destroys with rd_kafka_AclBinding_destroy(); NULL, and the reason in
///          errstr, if an argument isn't allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBindingFilter_new(
    restype: ResourceType,
    name: *const c_char,
    resource_pattern_type: PatternType,
    principal: *const c_char,
    host: *const c_char,
    operation: AclOperation,
    permission_type: AclPermissionType,
    errstr: *mut c_char,
    errstr_size: usize,
) -> *mut rd_kafka_AclBindingFilter_t {
    // SAFETY: NULL or terminated strings; NULL or that many writable bytes.
    guard(|| unsafe {
        let filter = AclBinding {
            restype,
            name: owned(name),
            pattern: resource_pattern_type,
            principal: owned(principal),
            host: owned(host),
            operation,
            permission: permission_type,
        };
        filter.into_c(true, (errstr, errstr_size))
    })
}

/// Destroys a binding or a filter; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_destroy(acl_binding: *mut rd_kafka_AclBinding_t) {
    // SAFETY: NULL or an object that the caller gives back.
    guard(|| drop(unsafe { take(acl_binding) }))
}

/// Destroys the bindings of an array, not the array.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_destroy_array(
    acl_bindings: *mut *mut rd_kafka_AclBinding_t,
    acl_bindings_cnt: usize,
) {
    // SAFETY: as documented.
    guard(|| unsafe { destroy_array(acl_bindings, acl_bindings_cnt) })
}

/// Type of a binding's resource.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_restype(
    acl: *const rd_kafka_AclBinding_t,
) -> ResourceType {
    guard_or(ResourceType::UNKNOWN, || {
        // SAFETY: NULL or a live binding.
        unsafe { borrow(acl) }.map_or(ResourceType::UNKNOWN, |acl| acl.restype)
    })
}

fn text_ptr(text: Option<&CStr>) -> *const c_char {
    text.map_or(ptr::null(), CStr::as_ptr)
}

/// Name of a binding's resource. It lives as long as the binding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_name(
    acl: *const rd_kafka_AclBinding_t,
) -> *const c_char {
    // SAFETY: NULL or a live binding.
    guard(|| text_ptr(unsafe { borrow(acl) }.and_then(|acl| acl.name.as_deref())))
}

/// Principal of a binding. It lives as long as the binding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_principal(
    acl: *const rd_kafka_AclBinding_t,
) -> *const c_char {
    // SAFETY: NULL or a live binding.
    guard(|| text_ptr(unsafe { borrow(acl) }.and_then(|acl| acl.principal.as_deref())))
}

/// Host of a binding. It lives as long as the binding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_host(
    acl: *const rd_kafka_AclBinding_t,
) -> *const c_char {
    // SAFETY: NULL or a live binding.
    guard(|| text_ptr(unsafe { borrow(acl) }.and_then(|acl| acl.host.as_deref())))
}

/// Operation of a binding.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_operation(
    acl: *const rd_kafka_AclBinding_t,
) -> AclOperation {
    guard_or(AclOperation::UNKNOWN, || {
        // SAFETY: NULL or a live binding.
        unsafe { borrow(acl) }.map_or(AclOperation::UNKNOWN, |acl| acl.operation)
    })
}

/// Whether a binding allows or denies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_permission_type(
    acl: *const rd_kafka_AclBinding_t,
) -> AclPermissionType {
    guard_or(AclPermissionType::UNKNOWN, || {
        // SAFETY: NULL or a live binding.
        unsafe { borrow(acl) }.map_or(AclPermissionType::UNKNOWN, |acl| acl.permission)
    })
}

/// How a binding's resource name is compared.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_AclBinding_resource_pattern_type(
    acl: *const rd_kafka_AclBinding_t,
) -> PatternType {
    guard_or(PatternType::UNKNOWN, || {
        // SAFETY: NULL or a live binding.
        unsafe { borrow(acl) }.map_or(PatternType::UNKNOWN, |acl| acl.pattern)
    })
}

/// The broker's error for a binding: NULL for what the application made.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_AclBinding_error(
    acl: *const rd_kafka_AclBinding_t,
) -> *const rd_kafka_error_t {
    let _ = acl;
    guard(ptr::null)
}
