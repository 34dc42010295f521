//! What C sees of our types: opaque handles, and integers where the header has enums.
//!
//! An enum value from C may be any integer, and an unlisted value in a Rust `enum` is undefined
//! behaviour; so signatures name the transparent integers below, which cbindgen renames to the
//! enums of `enums.rs`.

use std::os::raw::c_int;

/// A C handle, and the Rust value behind it.
pub trait Opaque: Sized {
    /// What the handle points to.
    type Inner;
}

/// Declares opaque handles; the header's prelude has their `typedef`s. (cbindgen doesn't see
/// through the macro, which is the purpose.)
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[allow(non_camel_case_types)]
        #[repr(C)]
        pub struct $name {
            _opaque: [u8; 0],
            // Neither Send, Sync nor Unpin: C decides what may be done with what is behind it.
            _marker: std::marker::PhantomData<(*mut u8, std::marker::PhantomPinned)>,
        }
    )*};
}

handles! {
    /// A client instance.
    rd_kafka_t;
    /// A topic handle of a client instance.
    rd_kafka_topic_t;
    /// A configuration.
    rd_kafka_conf_t;
    /// A topic's configuration.
    rd_kafka_topic_conf_t;
    /// A queue of events.
    rd_kafka_queue_t;
    /// An event.
    rd_kafka_event_t;
    /// An error with its description.
    rd_kafka_error_t;
    /// A list of message headers.
    rd_kafka_headers_t;
    /// A 128-bit identifier.
    rd_kafka_Uuid_t;
    /// A consumer group's metadata.
    rd_kafka_consumer_group_metadata_t;
}

/// Gives an inner value to C.
pub fn into_c<T: Opaque>(inner: Box<T::Inner>) -> *mut T {
    Box::into_raw(inner).cast()
}

/// Looks at what is behind a handle; `None` for NULL.
///
/// # Safety
/// `handle` is NULL or came from [`into_c`] of the same type and wasn't taken back; nobody
/// changes the value while the borrow lives.
pub unsafe fn borrow<'a, T: Opaque>(handle: *const T) -> Option<&'a T::Inner> {
    // SAFETY: the contract above.
    unsafe { handle.cast::<T::Inner>().as_ref() }
}

/// Like [`borrow`], to change it.
///
/// # Safety
/// As for [`borrow`], and nobody else looks at the value while the borrow lives.
pub unsafe fn borrow_mut<'a, T: Opaque>(handle: *mut T) -> Option<&'a mut T::Inner> {
    // SAFETY: the contract above.
    unsafe { handle.cast::<T::Inner>().as_mut() }
}

/// Takes a value back from C; `None` for NULL.
///
/// # Safety
/// `handle` is NULL or came from [`into_c`] of the same type, and C doesn't use it any more.
pub unsafe fn take<T: Opaque>(handle: *mut T) -> Option<Box<T::Inner>> {
    if handle.is_null() {
        return None;
    }
    // SAFETY: the contract above.
    Some(unsafe { Box::from_raw(handle.cast::<T::Inner>()) })
}

/// Declares a C integer with named values.
macro_rules! c_ints {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $number:expr;)* })*) => {$(
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct $name(pub c_int);

        impl $name {
            $($(#[$value_doc])* pub const $value: $name = $name($number);)*
        }
    )*};
}

c_ints! {
    /// `rd_kafka_resp_err_t`: an error code, the broker's (positive) or ours (negative). Codes that
    /// no table names survive as themselves. The named values are in `error_code.rs`.
    RespErr {}
    /// `rd_kafka_type_t`
    ClientType {
        /// Produces messages.
        PRODUCER = 0;
        /// Consumes messages.
        CONSUMER = 1;
    }
    /// `rd_kafka_timestamp_type_t`
    TimestampType {
        /// No timestamp.
        NOT_AVAILABLE = 0;
        /// Set by the producer.
        CREATE_TIME = 1;
        /// Set by the broker.
        LOG_APPEND_TIME = 2;
    }
    /// `rd_kafka_msg_status_t`
    MsgStatus {
        /// Never sent, or known not to be written.
        NOT_PERSISTED = 0;
        /// Sent, outcome unknown.
        POSSIBLY_PERSISTED = 1;
        /// Acknowledged.
        PERSISTED = 2;
    }
    /// `rd_kafka_conf_res_t`
    ConfRes {
        /// Unknown property.
        UNKNOWN = -2;
        /// Value not accepted.
        INVALID = -1;
        /// Done.
        OK = 0;
    }
    /// `rd_kafka_vtype_t`
    VType {
        /// End of the arguments.
        END = 0;
        /// `const char *`: topic name.
        TOPIC = 1;
        /// `rd_kafka_topic_t *`.
        RKT = 2;
        /// `int32_t`.
        PARTITION = 3;
        /// `void *, size_t`.
        VALUE = 4;
        /// `void *, size_t`.
        KEY = 5;
        /// `void *`.
        OPAQUE = 6;
        /// `int`: `RD_KAFKA_MSG_F_*`.
        MSGFLAGS = 7;
        /// `int64_t`: milliseconds since 1970.
        TIMESTAMP = 8;
        /// `const char *, const void *, ssize_t`.
        HEADER = 9;
        /// `rd_kafka_headers_t *`.
        HEADERS = 10;
    }
    /// `rd_kafka_cert_type_t`
    CertType {}
    /// `rd_kafka_cert_enc_t`
    CertEnc {}
    /// `rd_kafka_thread_type_t`
    ThreadType {}
    /// `rd_kafka_event_type_t`
    EventType {
        /// No event.
        NONE = 0;
        /// Delivery reports.
        DR = 0x1;
        /// A consumed message.
        FETCH = 0x2;
        /// A log line.
        LOG = 0x4;
        /// An error.
        ERROR = 0x8;
        /// Statistics.
        STATS = 0x40;
    }
}
