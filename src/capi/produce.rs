//! Produce calls: C's arguments become a client's message. On the producing thread; the first function is the hot
//! path.

use std::os::raw::{c_int, c_void};
use std::sync::Arc;

use crate::client::{Message, Topic};
use crate::producer::headers::Headers;

use super::error::{ErrorObject, clear_last_error, set_last_error};
use super::guard::{guard, guard_or};
use super::handle::{Handle, handle};
use super::produce_args::{Field, HeadersArg, ProduceArgs, Refused, TopicArg};
use super::structs::{rd_kafka_message_t, rd_kafka_vu_t};
use super::types::{RespErr, borrow, rd_kafka_error_t, rd_kafka_t, rd_kafka_topic_t, take};

const MSG_F_FREE: c_int = 0x1;
const MSG_F_COPY: c_int = 0x2;
const MSG_F_BLOCK: c_int = 0x4;
const MSG_F_PARTITION: c_int = 0x8;

/// A message in C's terms, without headers.
struct Plain {
    partition: i32,
    msgflags: c_int,
    value: Field,
    key: Field,
    opaque: *mut c_void,
}

impl Plain {
    /// Produces it. If that works and the flags say so, the value is free()d: its bytes were copied.
    ///
    /// # Safety
    /// Key and value are as `Field::bytes` wants them.
    #[inline]
    unsafe fn produce(
        &self,
        topic: &Topic,
        timestamp_ms: i64,
        headers: Option<&Headers>,
    ) -> Result<(), RespErr> {
        // SAFETY: the contract above.
        let (value, key) = unsafe { (self.value.bytes()?, self.key.bytes()?) };
        let message = Message {
            partition: self.partition,
            key,
            value,
            headers: std::iter::empty(),
            timestamp_ms,
            opaque: self.opaque as usize,
            // Neither copied nor given to us: the report shows the application's own pointer.
            borrowed_value: match self.msgflags & (MSG_F_COPY | MSG_F_FREE) {
                // Not the slice's: that of an empty value is no address of the application's.
                0 => value.map_or(0, |_| self.value.address() as usize),
                _ => 0,
            },
            block: self.msgflags & MSG_F_BLOCK != 0,
        };
        match headers {
            None => topic.produce(&message),
            Some(headers) => topic.produce(&with_headers(&message, headers)),
        }
        .map_err(RespErr)?;
        if self.msgflags & (MSG_F_COPY | MSG_F_FREE) == MSG_F_FREE {
            // SAFETY: with this flag the value is the C library's memory (or NULL), given to us on success, empty or not.
            unsafe { libc::free(self.value.address().cast_mut()) };
        }
        Ok(())
    }
}

fn with_headers<'a>(
    message: &Message<'a>,
    headers: &'a Headers,
) -> Message<'a, impl Iterator<Item = crate::record::record::HeaderRef<'a>> + Clone> {
    Message {
        partition: message.partition,
        key: message.key,
        value: message.value,
        headers: headers.iter(),
        timestamp_ms: message.timestamp_ms,
        opaque: message.opaque,
        borrowed_value: message.borrowed_value,
        block: message.block,
    }
}

/// The errno that goes with a produce call's error.
fn errno_of(code: RespErr) -> c_int {
    match code {
        RespErr::_QUEUE_FULL => libc::ENOBUFS,
        RespErr::MSG_SIZE_TOO_LARGE => libc::EMSGSIZE,
        RespErr::_UNKNOWN_PARTITION => libc::ESRCH,
        RespErr::_UNKNOWN_TOPIC => libc::ENOENT,
        RespErr::_FATAL => libc::ECANCELED,
        RespErr::_STATE => libc::ENOEXEC,
        _ => libc::EINVAL,
    }
}

/// Produces a message: puts it into the queue, from where it is sent in the background.
///
/// @param rkt Topic.
/// @param partition Partition, or RD_KAFKA_PARTITION_UA: the topic's partitioner chooses.
/// @param msgflags RD_KAFKA_MSG_F_..; with neither RD_KAFKA_MSG_F_COPY nor RD_KAFKA_MSG_F_FREE the delivery report shows
///                 the payload's own address.
/// @param payload Value, or NULL.
/// @param len Size of the value in bytes.
/// @param key Key, or NULL; copied.
/// @param keylen Size of the key in bytes.
/// @param msg_opaque For the delivery report.
///
/// @returns 0, or -1: then errno and rd_kafka_last_error() tell why, and the payload is still the caller's.
///  - ENOBUFS, RD_KAFKA_RESP_ERR__QUEUE_FULL: the queue is full: "queue.buffering.max.messages", "queue.buffering.max.kbytes"
///  - EMSGSIZE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: the message is larger than "message.max.bytes"
///  - ESRCH, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: the topic has no such partition
///  - ENOENT, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC: the cluster has no such topic
///  - ECANCELED, RD_KAFKA_RESP_ERR__FATAL: see rd_kafka_fatal_error()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_produce(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    msgflags: c_int,
    payload: *mut c_void,
    len: usize,
    key: *const c_void,
    keylen: usize,
    msg_opaque: *mut c_void,
) -> c_int {
    guard(move || {
        let (value, key) = (Field::new(payload, len), Field::new(key, keylen));
        let message = Plain { partition, msgflags, value, key, opaque: msg_opaque };
        // SAFETY: NULL or a live topic handle.
        let result = match unsafe { borrow(rkt) } {
            // SAFETY: the caller's pointers, as documented.
            Some(topic) => unsafe { message.produce(topic, 0, None) },
            None => Err(RespErr::_INVALID_ARG),
        };
        match result {
            Ok(()) => {
                clear_last_error();
                0
            }
            Err(code) => {
                set_last_error(code, errno_of(code));
                -1
            }
        }
    })
}

/// Produces several messages to one topic.
///
/// @param partition Partition for all, or RD_KAFKA_PARTITION_UA: the topic's partitioner chooses.
/// @param msgflags RD_KAFKA_MSG_F_..; RD_KAFKA_MSG_F_PARTITION: the partition is that of each message.
/// @param rkmessages Messages: payload, len, key, key_len, _private (the opaque) are read, err is set.
/// @param message_cnt Their number.
///
/// @returns how many are in the queue now; the others have their err set and their payload is still the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_produce_batch(
    rkt: *mut rd_kafka_topic_t,
    partition: i32,
    msgflags: c_int,
    rkmessages: *mut rd_kafka_message_t,
    message_cnt: c_int,
) -> c_int {
    guard_or(0, || {
        let count = usize::try_from(message_cnt).unwrap_or(0);
        if rkmessages.is_null() || count == 0 {
            return 0;
        }
        // SAFETY: the caller's array has `message_cnt` messages.
        let messages = unsafe { std::slice::from_raw_parts_mut(rkmessages, count) };
        // SAFETY: NULL or a live topic handle.
        match unsafe { borrow(rkt) } {
            // SAFETY: the messages' pointers are as documented.
            Some(topic) => unsafe { produce_batch(topic, partition, msgflags, messages) },
            None => {
                messages.iter_mut().for_each(|message| message.err = RespErr::_INVALID_ARG);
                0
            }
        }
    })
}

/// # Safety
/// The messages' payload and key are as `Field::bytes` wants them.
unsafe fn produce_batch(
    topic: &Topic,
    partition: i32,
    msgflags: c_int,
    messages: &mut [rd_kafka_message_t],
) -> c_int {
    let mut good = 0;
    // What one message met, all after it would: they must not overtake it.
    let mut all_err = RespErr::NO_ERROR;
    for message in messages {
        if all_err != RespErr::NO_ERROR {
            message.err = all_err;
            continue;
        }
        let plain = Plain {
            partition: match msgflags & MSG_F_PARTITION {
                0 => partition,
                _ => message.partition,
            },
            msgflags,
            value: Field::new(message.payload, message.len),
            key: Field::new(message.key, message.key_len),
            opaque: message._private,
        };
        // SAFETY: the contract above.
        message.err = match unsafe { plain.produce(topic, 0, None) } {
            Ok(()) => {
                good += 1;
                RespErr::NO_ERROR
            }
            Err(code) => {
                if code == RespErr::_FATAL {
                    set_last_error(code, errno_of(code));
                }
                if matches!(code, RespErr::_QUEUE_FULL | RespErr::_FATAL) {
                    all_err = code;
                }
                code
            }
        };
    }
    good
}

/// Why a message with gathered arguments wasn't produced.
enum Failed {
    /// An argument is wrong.
    Argument(Refused),
    /// The client didn't take the message.
    Produce(RespErr),
}

impl Failed {
    fn code(&self) -> RespErr {
        match self {
            Failed::Argument(refused) => refused.code,
            Failed::Produce(code) => *code,
        }
    }
}

/// Produces a message from gathered arguments.
///
/// # Safety
/// As for [`ProduceArgs::gather`].
unsafe fn produce_arguments(handle: &Handle, arguments: &[rd_kafka_vu_t]) -> Result<(), Failed> {
    // SAFETY: the contract above.
    let args = unsafe { ProduceArgs::gather(arguments) }.map_err(Failed::Argument)?;
    let by_name: Arc<Topic>;
    let no_topic = || {
        let text = "Topic name or object required".to_owned();
        Failed::Argument(Refused { code: RespErr::_INVALID_ARG, text })
    };
    let topic: &Topic = match args.topic {
        TopicArg::Missing => return Err(no_topic()),
        TopicArg::Name(name) => {
            let name = name.to_str().ok();
            match name.and_then(|name| handle.client()?.topic(name)) {
                Some(known) => known,
                None => {
                    by_name = match name.map(|name| handle.topic(name, None)) {
                        Some(Ok(made)) => made,
                        // In a forked child.
                        Some(Err(RespErr::_STATE)) => {
                            return Err(Failed::Produce(RespErr::_STATE));
                        }
                        _ => {
                            set_last_error(RespErr::_INVALID_ARG, libc::EINVAL);
                            return Err(no_topic());
                        }
                    };
                    &by_name
                }
            }
        }
        // SAFETY: a live topic handle, per the contract above.
        TopicArg::Handle(rkt) => unsafe { borrow(rkt) }.ok_or_else(no_topic)?,
    };
    let (value, key) = (args.value, args.key);
    let message = Plain {
        partition: args.partition,
        msgflags: args.msgflags,
        value,
        key,
        opaque: args.opaque,
    };
    // SAFETY: the contract above.
    unsafe {
        message.produce(topic, args.timestamp_ms, args.headers.list()).map_err(|code| {
            if code == RespErr::_FATAL {
                set_last_error(code, errno_of(code));
            }
            Failed::Produce(code)
        })?;
        if let HeadersArg::Application(list) = args.headers {
            // It was copied; on success it is ours.
            drop(take(list));
        }
    }
    Ok(())
}

/// Produces a message given as an array of arguments. It needs a topic, by name or handle.
///
/// @param vus Arguments.
/// @param cnt Their number.
///
/// @returns NULL, or an error, which the caller destroys; then payload and headers are still the caller's. Its codes are those
///          of rd_kafka_produce(), RD_KAFKA_RESP_ERR__INVALID_ARG and RD_KAFKA_RESP_ERR__CONFLICT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_produceva(
    rk: *mut rd_kafka_t,
    vus: *const rd_kafka_vu_t,
    cnt: usize,
) -> *mut rd_kafka_error_t {
    guard(|| {
        // SAFETY: NULL or a live handle.
        let Some(handle) = (unsafe { handle(rk) }) else {
            return ErrorObject::new(RespErr::_INVALID_ARG, "No client instance").into_c();
        };
        // SAFETY: the caller's array.
        let arguments = unsafe { arguments(vus, cnt) };
        // SAFETY: the caller's arguments, as documented.
        match unsafe { produce_arguments(handle, arguments) } {
            Ok(()) => std::ptr::null_mut(),
            Err(failed) => error_object(handle, failed).into_c(),
        }
    })
}

/// rd_kafka_producev() after its arguments were gathered; see `csrc/varargs.c`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rdkafka_oxide_producev(
    rk: *mut rd_kafka_t,
    vus: *const rd_kafka_vu_t,
    cnt: usize,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live handle.
        let Some(handle) = (unsafe { handle(rk) }) else {
            return RespErr::_INVALID_ARG;
        };
        // SAFETY: the shim's array, with the caller's arguments.
        unsafe {
            match produce_arguments(handle, arguments(vus, cnt)) {
                Ok(()) => RespErr::NO_ERROR,
                Err(failed) => failed.code(),
            }
        }
    })
}

/// # Safety
/// `vus` is NULL or an array of `cnt` arguments that outlives the returned slice.
unsafe fn arguments<'a>(vus: *const rd_kafka_vu_t, cnt: usize) -> &'a [rd_kafka_vu_t] {
    if vus.is_null() || isize::try_from(cnt.saturating_mul(size_of::<rd_kafka_vu_t>())).is_err() {
        return &[];
    }
    // SAFETY: the contract above, and the size fits.
    unsafe { std::slice::from_raw_parts(vus, cnt) }
}

fn error_object(handle: &Handle, failed: Failed) -> ErrorObject {
    let code = match failed {
        Failed::Argument(refused) => return ErrorObject::new(refused.code, &refused.text),
        Failed::Produce(code) => code,
    };
    let fatal = handle.client().and_then(|client| client.shared().fatal_error());
    if let (RespErr::_FATAL, Some((cause, reason))) = (code, fatal) {
        let text =
            format!("Producing not allowed since a previous fatal error was raised: {reason}");
        return ErrorObject { fatal: true, ..ErrorObject::new(RespErr(cause), &text) };
    }
    let what = match code {
        RespErr::_UNKNOWN_PARTITION | RespErr::_UNKNOWN_TOPIC => "enqueue",
        _ => "produce",
    };
    ErrorObject::new(code, &format!("Failed to {what} message: {}", code.description()))
}
