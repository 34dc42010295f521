//! Topic handles (`rd_kafka_topic_t`): C's pointer is the address of a client's topic in its `Arc`, the same for each
//! handle of a topic, and C holds one reference for each rd_kafka_topic_new().

use std::os::raw::{c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use crate::client::{CustomPartitioner, Topic, TopicOptions};
use crate::conf::{TopicConf, TopicConfig};

use super::callbacks::{PartitionerCb, callback};
use super::error::set_last_error;
use super::guard::{guard, guard_or};
use super::handle::{Handle, handle};
use super::types::{
    Opaque, RespErr, borrow, rd_kafka_t, rd_kafka_topic_conf_t, rd_kafka_topic_t, take,
};

impl Opaque for rd_kafka_topic_t {
    type Inner = Topic;
}

const LOG_ERR: i32 = 3;

/// C's pointer for a topic; no reference goes with it.
pub fn topic_ptr(topic: &Topic) -> *mut rd_kafka_topic_t {
    (&raw const *topic).cast_mut().cast()
}

/// The application's partitioner, if a topic configuration has one.
fn custom_partitioner(config: &TopicConfig) -> Option<CustomPartitioner> {
    // SAFETY: rd_kafka_topic_conf_set_partitioner_cb() stores functions of this type under this name.
    let partitioner = unsafe { callback::<PartitionerCb>(config.partitioner_cb) }?;
    let opaque = config.opaque;
    Some(Box::new(move |topic, key, partition_count, msg_opaque| {
        let (data, len) = key.map_or((ptr::null(), 0), |key| (key.as_ptr().cast(), key.len()));
        let (opaque, msg_opaque) = (opaque as *mut c_void, msg_opaque as *mut c_void);
        // SAFETY: the application's function, given what it is documented to be given.
        unsafe { partitioner(topic_ptr(topic), data, len, partition_count, opaque, msg_opaque) }
    }))
}

impl Handle {
    /// The topic of that name, made with `conf` (or the default) if the handle doesn't know it.
    pub(super) fn topic(
        &self,
        name: &str,
        conf: Option<&TopicConf>,
    ) -> Result<Arc<Topic>, RespErr> {
        let client = self.client().ok_or(RespErr::_STATE)?;
        if let Some(topic) = client.topic(name) {
            return Ok(Arc::clone(topic));
        }
        let config = match conf {
            None => client.config().default_topic.clone(),
            Some(conf) => TopicConfig::resolve(&self.conf, conf).map_err(|why| {
                let text =
                    format!("Incompatible configuration settings for topic \"{name}\": {why}");
                self.log(LOG_ERR, "TOPICCONF", &text);
                RespErr::_INVALID_ARG
            })?,
        };
        let partitioner = custom_partitioner(&config);
        let options = || TopicOptions { config, partitioner };
        client.topic_or_create(name, options).cloned().map_err(RespErr)
    }
}

/// Makes a handle of a topic. Handles of one topic are equal; each is given back for itself.
///
/// @param topic Topic name, up to 512 bytes.
/// @param conf Its configuration, which the call takes over in any case; NULL: the client instance's default. Ignored if
///             the topic is known already.
///
/// @returns the handle, which the caller gives back with rd_kafka_topic_destroy(), or NULL: rd_kafka_last_error()
///          tells why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_new(
    rk: *mut rd_kafka_t,
    topic: *const c_char,
    conf: *mut rd_kafka_topic_conf_t,
) -> *mut rd_kafka_topic_t {
    guard(|| {
        // SAFETY: NULL or a live handle; NULL or a configuration given to us.
        let (handle, conf) = unsafe { (handle(rk), take(conf)) };
        // SAFETY: NULL or a terminated string.
        let made = match (handle, unsafe { name_str(topic) }) {
            (Some(handle), Some(name)) => handle.topic(name, conf.as_deref()),
            _ => Err(RespErr::_INVALID_ARG),
        };
        match made {
            Ok(topic) => Arc::into_raw(topic).cast_mut().cast(),
            Err(code) => {
                set_last_error(code, libc::EINVAL);
                ptr::null_mut()
            }
        }
    })
}

/// A topic name; `None` for NULL and for what no topic can be called.
///
/// # Safety
/// `name` is NULL or a terminated string that outlives the returned value.
pub(super) unsafe fn name_str<'a>(name: *const c_char) -> Option<&'a str> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the contract above.
    unsafe { std::ffi::CStr::from_ptr(name) }.to_str().ok()
}

/// Gives back a topic handle; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_destroy(rkt: *mut rd_kafka_topic_t) {
    guard(|| {
        // SAFETY: NULL or a topic handle.
        let Some(topic) = (unsafe { borrow(rkt) }) else {
            return;
        };
        // In a forked child the last reference must not end what the parent's threads were using.
        if !topic.shared().is_forked() {
            // SAFETY: the caller gives back a reference that it got from rd_kafka_topic_new().
            drop(unsafe { Arc::from_raw(rkt.cast::<Topic>()) });
        }
    })
}

/// Name of a topic. It lives as long as the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_name(rkt: *const rd_kafka_topic_t) -> *const c_char {
    // SAFETY: NULL or a live topic handle.
    guard(|| unsafe { borrow(rkt) }.map_or(ptr::null(), |topic| topic.name_c().as_ptr()))
}

/// The pointer set with rd_kafka_topic_conf_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_opaque(rkt: *const rd_kafka_topic_t) -> *mut c_void {
    // SAFETY: NULL or a live topic handle.
    guard(|| unsafe { borrow(rkt) }.map_or(ptr::null_mut(), |topic| topic.opaque() as *mut c_void))
}

/// 1 if a partition exists and has a leader, otherwise 0. For partitioners.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_topic_partition_available(
    rkt: *const rd_kafka_topic_t,
    partition: i32,
) -> c_int {
    guard_or(0, || {
        // SAFETY: NULL or a live topic handle.
        unsafe { borrow(rkt) }.is_some_and(|topic| topic.is_available(partition)).into()
    })
}
