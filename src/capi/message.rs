//! Messages as delivery reports show them (`rd_kafka_message_t`): read back from their batch's bytes, one
//! at a time, on the thread that serves the report.
//!
//! C gets a pointer to the first field of a [`MessageObject`]; the accessors go from there to the rest. A
//! message lives as long as the callback or the event that shows it.

use std::os::raw::{c_char, c_void};
use std::ptr;

use crate::client::{Delivered, Outgoing, TimestampType as DeliveredTimestampType};
use crate::producer::headers::Headers;
use crate::producer::report::Persistence;
use crate::record::record::Headers as RecordHeaders;

use super::error::description_ptr;
use super::guard::{guard, guard_or};
use super::structs::rd_kafka_message_t;
use super::types::{
    MsgStatus, RespErr, TimestampType, into_c, rd_kafka_headers_t, rd_kafka_topic_t, take,
};

const OFFSET_INVALID: i64 = -1001;

/// A message of a report.
#[repr(C)]
pub struct MessageObject {
    /// What C sees; first, so that C's pointer is a pointer to the whole.
    public: rd_kafka_message_t,
    timestamp_ms: i64,
    timestamp_type: TimestampType,
    latency_us: i64,
    status: MsgStatus,
    broker_id: i32,
    headers: LazyHeaders,
}

/// A message's headers become a list only when asked for.
enum LazyHeaders {
    /// Still in the record; there is at least one.
    InRecord(RecordHeaders<'static>),
    /// A list of ours.
    List(*mut rd_kafka_headers_t),
    /// The record has none, or the application took the list.
    None,
}

impl MessageObject {
    /// A message of a report.
    ///
    /// # Safety
    /// The report, whose bytes the message points into, outlives it.
    #[inline]
    pub unsafe fn new(message: &Delivered<'_>, rkt: *mut rd_kafka_topic_t) -> MessageObject {
        let failed = message.error != 0;
        let (timestamp_ms, timestamp_type) = match message.timestamp_type {
            _ if failed => (-1, TimestampType::NOT_AVAILABLE),
            DeliveredTimestampType::CreateTime => {
                (message.timestamp_ms, TimestampType::CREATE_TIME)
            }
            DeliveredTimestampType::LogAppendTime => {
                (message.timestamp_ms, TimestampType::LOG_APPEND_TIME)
            }
        };
        MessageObject {
            public: rd_kafka_message_t {
                err: RespErr(message.error),
                rkt,
                partition: message.partition,
                payload: payload_ptr(message),
                len: message.value.map_or(0, <[u8]>::len),
                key: bytes_ptr(message.key),
                key_len: message.key.map_or(0, <[u8]>::len),
                offset: if failed { OFFSET_INVALID } else { message.offset },
                _private: message.opaque as *mut c_void,
            },
            timestamp_ms,
            timestamp_type,
            latency_us: message.latency_us,
            status: match message.persistence {
                Persistence::NotPersisted => MsgStatus::NOT_PERSISTED,
                Persistence::PossiblyPersisted => MsgStatus::POSSIBLY_PERSISTED,
                Persistence::Persisted => MsgStatus::PERSISTED,
            },
            broker_id: message.broker_id,
            // SAFETY: the contract above.
            headers: unsafe { LazyHeaders::of(message) },
        }
    }

    /// A message that is being produced, or isn't after all: for interceptors.
    pub fn outgoing(
        message: &mut Outgoing<'_>,
        rkt: *mut rd_kafka_topic_t,
        error: i32,
    ) -> MessageObject {
        let headers = std::mem::take(&mut message.headers);
        MessageObject {
            public: rd_kafka_message_t {
                err: RespErr(error),
                rkt,
                partition: message.partition,
                payload: bytes_ptr(message.value),
                len: message.value.map_or(0, <[u8]>::len),
                key: bytes_ptr(message.key),
                key_len: message.key.map_or(0, <[u8]>::len),
                offset: OFFSET_INVALID,
                _private: message.opaque as *mut c_void,
            },
            timestamp_ms: if error == 0 { message.timestamp_ms } else { -1 },
            timestamp_type: match error {
                0 => TimestampType::CREATE_TIME,
                _ => TimestampType::NOT_AVAILABLE,
            },
            latency_us: 0,
            status: MsgStatus::NOT_PERSISTED,
            broker_id: -1,
            headers: match headers.is_empty() {
                false => LazyHeaders::List(into_c(Box::new(headers))),
                true => LazyHeaders::None,
            },
        }
    }

    /// What headers it has now, taken out.
    pub fn take_headers(&mut self) -> Headers {
        let list = self.headers();
        self.headers.forget();
        // SAFETY: NULL or a list that only this message had.
        unsafe { take(list) }.map_or_else(Headers::default, |headers| *headers)
    }

    /// Shows another message of the same report.
    ///
    /// # Safety
    /// As for [`MessageObject::new`].
    #[inline]
    pub unsafe fn show(&mut self, message: &Delivered<'_>) {
        let public = &mut self.public;
        public.partition = message.partition;
        public.payload = payload_ptr(message);
        public.len = message.value.map_or(0, <[u8]>::len);
        public.key = bytes_ptr(message.key);
        public.key_len = message.key.map_or(0, <[u8]>::len);
        public._private = message.opaque as *mut c_void;
        // What the application may have changed: the headers.
        if message.error == 0 {
            public.offset = message.offset;
            self.timestamp_ms = message.timestamp_ms;
        }
        self.latency_us = message.latency_us;
        if !matches!(self.headers, LazyHeaders::None) || message.headers.len() != 0 {
            // SAFETY: the contract above.
            self.headers = unsafe { LazyHeaders::of(message) };
        }
    }

    /// What C is given. It stays valid while the object isn't moved.
    #[inline]
    pub fn as_c(&self) -> *const rd_kafka_message_t {
        &raw const self.public
    }

    /// The list of headers, made now if it isn't yet; NULL if there is none.
    fn headers(&mut self) -> *mut rd_kafka_headers_t {
        if let LazyHeaders::InRecord(headers) = &self.headers {
            let headers: Headers = headers.clone().collect();
            self.headers = LazyHeaders::List(into_c(Box::new(headers)));
        }
        match self.headers {
            LazyHeaders::List(list) => list,
            _ => ptr::null_mut(),
        }
    }
}

impl LazyHeaders {
    /// # Safety
    /// The message's bytes outlive this.
    unsafe fn of(message: &Delivered<'_>) -> LazyHeaders {
        match message.headers.len() {
            0 => LazyHeaders::None,
            // SAFETY: the contract above; the list that may be made of them is a copy.
            _ => LazyHeaders::InRecord(unsafe {
                std::mem::transmute::<RecordHeaders<'_>, RecordHeaders<'static>>(
                    message.headers.clone(),
                )
            }),
        }
    }

    /// Leaves no headers; the list is then the caller's.
    fn forget(&mut self) {
        if let LazyHeaders::List(list) = self {
            *list = ptr::null_mut();
        }
        *self = LazyHeaders::None;
    }
}

impl Drop for LazyHeaders {
    fn drop(&mut self) {
        if let LazyHeaders::List(list) = self
            && !list.is_null()
        {
            // SAFETY: a list that only this message has: detaching takes it out of here.
            drop(unsafe { take(*list) });
        }
    }
}

/// Where the application finds a message's value: its own bytes if we didn't copy them for it.
#[inline]
pub fn payload_ptr(message: &Delivered<'_>) -> *mut c_void {
    match message.borrowed_value {
        0 => bytes_ptr(message.value),
        address => address as *mut c_void,
    }
}

#[inline]
fn bytes_ptr(bytes: Option<&[u8]>) -> *mut c_void {
    bytes.map_or(ptr::null_mut(), |bytes| bytes.as_ptr().cast_mut().cast())
}

/// The whole behind C's pointer; `None` for NULL.
///
/// # Safety
/// `message` is NULL or came from [`MessageObject::as_c`] and is used by this thread only.
unsafe fn whole<'a>(message: *const rd_kafka_message_t) -> Option<&'a mut MessageObject> {
    // SAFETY: the contract above; the public part is the first field of a `repr(C)` struct.
    unsafe { message.cast_mut().cast::<MessageObject>().as_mut() }
}

/// Destroys a message that the application owns. Those in reports aren't: for them, and for NULL,
/// this does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_message_destroy(rkmessage: *mut rd_kafka_message_t) {
    let _ = rkmessage;
    guard(|| ())
}

/// Description of a message's error, or NULL if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_message_errstr(
    rkmessage: *const rd_kafka_message_t,
) -> *const c_char {
    // SAFETY: NULL or a message, the application's own or a report's.
    guard(|| match unsafe { rkmessage.as_ref() } {
        Some(message) if message.err != RespErr::NO_ERROR => description_ptr(message.err),
        _ => ptr::null(),
    })
}

/// What the broker said about the error of a message in a report, or NULL if it said nothing.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_message_produce_errstr(
    rkmessage: *const rd_kafka_message_t,
) -> *const c_char {
    let _ = rkmessage;
    guard(ptr::null)
}

/// Timestamp of a message in milliseconds since 1970-01-01 UTC, or -1 if it isn't known.
///
/// @param tstype Set to who made the timestamp; may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_message_timestamp(
    rkmessage: *const rd_kafka_message_t,
    tstype: *mut TimestampType,
) -> i64 {
    guard(|| {
        // SAFETY: NULL or a report's message.
        let (timestamp_ms, timestamp_type) = match unsafe { whole(rkmessage) } {
            Some(message) => (message.timestamp_ms, message.timestamp_type),
            None => (-1, TimestampType::NOT_AVAILABLE),
        };
        // SAFETY: NULL or the caller's variable.
        if let Some(out) = unsafe { tstype.as_mut() } {
            *out = timestamp_type;
        }
        timestamp_ms
    })
}

/// Microseconds from produce to the end of delivery, or -1 if that isn't known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_message_latency(rkmessage: *const rd_kafka_message_t) -> i64 {
    // SAFETY: NULL or a report's message.
    guard(|| unsafe { whole(rkmessage) }.map_or(-1, |message| message.latency_us))
}

/// Id of the broker that the message was produced to, or -1 if there was none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_message_broker_id(rkmessage: *const rd_kafka_message_t) -> i32 {
    // SAFETY: NULL or a report's message.
    guard(|| unsafe { whole(rkmessage) }.map_or(-1, |message| message.broker_id))
}

/// Whether the message is in the partition's log.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_message_status(
    rkmessage: *const rd_kafka_message_t,
) -> MsgStatus {
    guard_or(MsgStatus::POSSIBLY_PERSISTED, || {
        // SAFETY: NULL or a report's message.
        unsafe { whole(rkmessage) }.map_or(MsgStatus::NOT_PERSISTED, |message| message.status)
    })
}

/// Headers of a message.
///
/// @param hdrsp Set to the message's header list, which belongs to the message and lives as long.
///
/// @returns RD_KAFKA_RESP_ERR__NOENT if the message has no headers; hdrsp is then left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_message_headers(
    rkmessage: *const rd_kafka_message_t,
    hdrsp: *mut *mut rd_kafka_headers_t,
) -> RespErr {
    // SAFETY: NULL or a report's message; NULL or the caller's variable.
    guard(|| match unsafe { (whole(rkmessage), hdrsp.as_mut()) } {
        (Some(message), Some(out)) => {
            let list = message.headers();
            if list.is_null() {
                return RespErr::_NOENT;
            }
            *out = list;
            RespErr::NO_ERROR
        }
        _ => RespErr::_INVALID_ARG,
    })
}

/// Takes the headers out of a message: the caller destroys them with rd_kafka_headers_destroy().
///
/// @returns as rd_kafka_message_headers().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_message_detach_headers(
    rkmessage: *mut rd_kafka_message_t,
    hdrsp: *mut *mut rd_kafka_headers_t,
) -> RespErr {
    // SAFETY: as for `rd_kafka_message_headers`.
    guard(|| unsafe {
        let err = rd_kafka_message_headers(rkmessage, hdrsp);
        if err == RespErr::NO_ERROR
            && let Some(message) = whole(rkmessage)
        {
            message.headers.forget();
        }
        err
    })
}

/// Replaces a message's headers. The old list is destroyed, the new one belongs to the message.
///
/// @param hdrs New headers, or NULL for none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_message_set_headers(
    rkmessage: *mut rd_kafka_message_t,
    hdrs: *mut rd_kafka_headers_t,
) {
    guard(|| {
        // SAFETY: NULL or a report's message.
        let Some(message) = (unsafe { whole(rkmessage) }) else {
            return;
        };
        if matches!(message.headers, LazyHeaders::List(list) if list == hdrs) {
            message.headers.forget();
        }
        message.headers = match hdrs.is_null() {
            true => LazyHeaders::None,
            false => LazyHeaders::List(hdrs),
        };
    })
}

/// Leader epoch of a consumed message; a produced one has none.
///
/// @returns -1
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_message_leader_epoch(rkmessage: *const rd_kafka_message_t) -> i32 {
    let _ = rkmessage;
    guard_or(-1, || -1)
}

/// How often a message was given to share consumers; a produced one never.
///
/// @returns 0
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_message_delivery_count(rkmessage: *const rd_kafka_message_t) -> i16 {
    let _ = rkmessage;
    guard_or(0, || 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::batch::{Batch, FreshChunks, NewMessage};
    use crate::record::record::RecordView;

    fn batch() -> Batch {
        let mut batch = Batch::default();
        for index in 0..3_usize {
            let headers = [(&b"n"[..], Some(&b"v"[..]))];
            let message = NewMessage {
                key: None,
                value: Some(b"value"),
                headers: headers.into_iter().take(index % 2),
                timestamp_ms: 1_000 + index as i64,
                enqueued_us: 1,
                opaque: index,
                tag: 99,
                borrowed_value: 0,
            };
            batch.append(&message, &mut FreshChunks);
        }
        batch
    }

    fn delivered<'a>(record: &RecordView<'a>, error: i32) -> Delivered<'a> {
        Delivered {
            key: record.key,
            value: record.value,
            headers: record.headers.clone(),
            borrowed_value: 0,
            opaque: 5,
            partition: 4,
            offset: 11,
            error,
            persistence: Persistence::Persisted,
            broker_id: 7,
            timestamp_ms: 1_001,
            timestamp_type: DeliveredTimestampType::CreateTime,
            latency_us: 77,
        }
    }

    fn object(batch: &Batch, index: usize, error: i32) -> MessageObject {
        let view = batch.messages().nth(index).unwrap();
        // SAFETY: the tests keep the batch.
        unsafe { MessageObject::new(&delivered(&view.record, error), ptr::null_mut()) }
    }

    #[test]
    fn a_delivered_message_tells_where_it_is() {
        let batch = batch();
        let object = object(&batch, 1, 0);
        let message = &object.public;
        assert_eq!((message.err, message.partition, message.offset), (RespErr::NO_ERROR, 4, 11));
        assert_eq!((message.len, message.key_len, message._private as usize), (5, 0, 5));
        assert!(message.key.is_null());
        let mut kind = TimestampType::NOT_AVAILABLE;
        // SAFETY: a message of ours and a local variable.
        let timestamp_ms = unsafe { rd_kafka_message_timestamp(object.as_c(), &raw mut kind) };
        assert_eq!((timestamp_ms, kind), (1_001, TimestampType::CREATE_TIME));
    }

    #[test]
    fn a_failed_message_has_no_offset_and_no_time() {
        let batch = batch();
        let object = object(&batch, 0, RespErr::_MSG_TIMED_OUT.0);
        assert_eq!(object.public.offset, OFFSET_INVALID);
        // SAFETY: a message of ours; NULL is allowed.
        unsafe {
            assert_eq!(rd_kafka_message_timestamp(object.as_c(), ptr::null_mut()), -1);
            assert!(!rd_kafka_message_errstr(object.as_c()).is_null());
        }
    }

    #[test]
    fn a_value_that_was_not_copied_for_the_application_is_its_own() {
        let batch = batch();
        let view = batch.messages().next().unwrap();
        let message = Delivered { borrowed_value: 0x1234, ..delivered(&view.record, 0) };
        assert_eq!(payload_ptr(&message) as usize, 0x1234);
    }

    #[test]
    fn headers_are_made_once_and_can_be_taken() {
        let batch = batch();
        let (without, with) = (object(&batch, 0, 0), object(&batch, 1, 0));
        let mut list = ptr::null_mut();
        let mut again = ptr::null_mut();
        // SAFETY: messages of ours and local variables; the list is destroyed once.
        unsafe {
            let none = rd_kafka_message_headers(without.as_c(), &raw mut list);
            assert_eq!((none, list.is_null()), (RespErr::_NOENT, true));
            let with = with.as_c().cast_mut();
            assert_eq!(rd_kafka_message_headers(with, &raw mut list), RespErr::NO_ERROR);
            assert_eq!(rd_kafka_message_detach_headers(with, &raw mut again), RespErr::NO_ERROR);
            assert_eq!(list, again);
            assert_eq!(rd_kafka_message_headers(with, &raw mut again), RespErr::_NOENT);
            let headers = take(list).unwrap();
            assert_eq!(headers.last_named(b"n").unwrap().value(), Some(&b"v"[..]));
        }
    }
}
