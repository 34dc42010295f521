//! The object behind `rd_kafka_t`: a client with what only C needs of it (configuration object, callbacks,
//! logger). C holds one reference; a call that runs callbacks holds another, so that a
//! callback may destroy the handle.

use std::collections::HashSet;
use std::os::raw::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicI32, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::client::{Client, thread_count, wait_destroyed};
use crate::conf::{GlobalConf, parse_broker_list};

use super::background::{Slot, background_count};
use super::callbacks::{DrCb, DrMsgCb, ErrorCb, EventCb, StatsCb, ThrottleCb, callback};
use super::error::set_last_error;
use super::guard::{guard, guard_or, read_cstr, write_cstr};
use super::interceptor_calls::Interceptors;
use super::mock::cluster::MockCluster;
use super::types::{
    ClientType, Opaque, RespErr, into_c, rd_kafka_conf_t, rd_kafka_t, rd_kafka_topic_conf_t, take,
};

/// What is behind a `rd_kafka_t`.
pub struct Handle {
    /// Set once, right after this object's place is known; callbacks may come before.
    pub(super) client: OnceLock<Arc<Client>>,
    /// The configuration in use, completed.
    pub(super) conf: GlobalConf,
    pub(super) callbacks: Callbacks,
    /// Address of the log callback, 0 for none. It may change at any time.
    pub(super) log_cb: AtomicUsize,
    /// Lines above this level are dropped.
    pub(super) log_level: AtomicI32,
    /// Whether log lines go to a queue.
    pub(super) log_queue: bool,
    pub(super) background: Mutex<Slot>,
    pub(super) interceptors: Arc<Interceptors>,
    /// What C sees of the cluster of `test.mock.num.brokers`, made when it is asked for.
    pub(super) mock: OnceLock<MockCluster>,
    pub(super) given: OnceLock<GivenConf>,
}

impl Opaque for rd_kafka_t {
    type Inner = Handle;
}

/// The object that rd_kafka_new() took over. It stays readable as long as the handle lives: there are programs that
/// ask it for properties later (proftpd's mod_kafka), which happens to work in librdkafka.
pub(super) struct GivenConf(usize);

impl GivenConf {
    /// # Safety
    /// `conf` is NULL or an object that its owner gives away.
    pub(super) unsafe fn new(conf: *mut rd_kafka_conf_t) -> GivenConf {
        GivenConf(conf as usize)
    }
}

impl Drop for GivenConf {
    fn drop(&mut self) {
        // SAFETY: nobody else frees it.
        drop(unsafe { take(self.0 as *mut rd_kafka_conf_t) });
    }
}

/// The application's functions, called only on threads inside poll and the like.
pub struct Callbacks {
    pub(super) dr: Option<DrCb>,
    pub(super) dr_msg: Option<DrMsgCb>,
    pub(super) error: Option<ErrorCb>,
    pub(super) throttle: Option<ThrottleCb>,
    pub(super) stats: Option<StatsCb>,
    pub(super) background_event: Option<EventCb>,
    opaque: usize,
}

impl Callbacks {
    /// Those of a configuration.
    pub fn new(conf: &GlobalConf) -> Callbacks {
        // SAFETY: the setters of `conf_callbacks` store functions of these types under these names.
        unsafe {
            Callbacks {
                dr: callback(conf.pointer("dr_cb")),
                dr_msg: callback(conf.pointer("dr_msg_cb")),
                error: callback(conf.pointer("error_cb")),
                throttle: callback(conf.pointer("throttle_cb")),
                stats: callback(conf.pointer("stats_cb")),
                background_event: callback(conf.pointer("background_event_cb")),
                opaque: conf.pointer("opaque"),
            }
        }
    }

    /// What they get as their last argument.
    pub fn opaque(&self) -> *mut c_void {
        self.opaque as *mut c_void
    }
}

impl Handle {
    /// Keeps the configuration object of rd_kafka_new() until the handle is gone.
    pub(super) fn keep_given(&self, given: GivenConf) {
        self.given.get_or_init(|| given);
    }

    /// The client; `None` while rd_kafka_new() is still at work.
    pub fn client(&self) -> Option<&Arc<Client>> {
        self.client.get()
    }

    /// C's pointer.
    pub fn as_c(&self) -> *mut rd_kafka_t {
        (&raw const *self).cast_mut().cast()
    }

    /// Whether this process is a fork of the handle's: then its threads are gone and its locks may be held for ever.
    pub fn is_forked(&self) -> bool {
        self.client().is_some_and(|client| client.shared().is_forked())
    }
}

/// Takes a lock; what a panic under it left behind is used as it is.
pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The handles that C holds, so that destroying one twice is noticed.
static HANDLES: Mutex<Option<HashSet<usize>>> = Mutex::new(None);

/// Gives a new handle to C.
pub fn publish(handle: Arc<Handle>) -> *mut rd_kafka_t {
    let rk = Arc::into_raw(handle).cast_mut().cast::<rd_kafka_t>();
    lock(&HANDLES).get_or_insert_default().insert(rk as usize);
    rk
}

/// Takes a handle back from C; `None` if C doesn't hold it (any more).
pub fn withdraw(rk: *mut rd_kafka_t) -> Option<Arc<Handle>> {
    let held = lock(&HANDLES).as_mut().is_some_and(|handles| handles.remove(&(rk as usize)));
    // SAFETY: it came from `publish`, and is withdrawn once.
    held.then(|| unsafe { Arc::from_raw(rk.cast::<Handle>()) })
}

/// The handle behind C's pointer; `None` for NULL.
///
/// # Safety
/// `rk` is NULL or a handle that isn't destroyed while the borrow lives.
pub unsafe fn handle<'a>(rk: *const rd_kafka_t) -> Option<&'a Handle> {
    // SAFETY: the contract above.
    unsafe { rk.cast::<Handle>().as_ref() }
}

/// The same, kept alive: for calls that run callbacks.
///
/// # Safety
/// `rk` is NULL or a handle that isn't destroyed before this returns.
pub unsafe fn handle_kept(rk: *const rd_kafka_t) -> Option<Arc<Handle>> {
    if rk.is_null() {
        return None;
    }
    let rk = rk.cast::<Handle>();
    // SAFETY: C holds a reference, per the contract above.
    unsafe {
        Arc::increment_strong_count(rk);
        Some(Arc::from_raw(rk))
    }
}

/// The client behind C's pointer; `None` for NULL, and before rd_kafka_new() has returned.
///
/// # Safety
/// As for [`handle`].
pub unsafe fn client<'a>(rk: *const rd_kafka_t) -> Option<&'a Arc<Client>> {
    // SAFETY: the contract above.
    unsafe { handle(rk) }.and_then(Handle::client)
}

/// Name of a client instance. It lives as long as the instance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_name(rk: *const rd_kafka_t) -> *const c_char {
    // SAFETY: NULL or a live handle.
    guard(|| unsafe { client(rk) }.map_or(c"".as_ptr(), |client| client.name_c().as_ptr()))
}

/// What a client instance does: RD_KAFKA_PRODUCER or RD_KAFKA_CONSUMER.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_type(rk: *const rd_kafka_t) -> ClientType {
    let _ = rk;
    guard_or(ClientType::PRODUCER, || ClientType::PRODUCER)
}

/// The pointer set with rd_kafka_conf_set_opaque().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_opaque(rk: *const rd_kafka_t) -> *mut c_void {
    // SAFETY: NULL or a live handle.
    guard(|| unsafe { handle(rk) }.map_or(std::ptr::null_mut(), |rk| rk.callbacks.opaque()))
}

/// The configuration that a client instance uses, to be read only. It lives as long as the instance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_conf(rk: *mut rd_kafka_t) -> *const rd_kafka_conf_t {
    // SAFETY: NULL or a live handle.
    guard(|| unsafe { handle(rk) }.map_or(std::ptr::null(), |rk| (&raw const rk.conf).cast()))
}

/// A copy of the topic configuration that topics get which are made without one. The caller destroys it
/// or gives it to rd_kafka_topic_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_default_topic_conf_dup(
    rk: *mut rd_kafka_t,
) -> *mut rd_kafka_topic_conf_t {
    // SAFETY: NULL or a live handle.
    guard(|| match unsafe { handle(rk) } {
        Some(rk) => {
            let topic = rk.conf.topic_conf().map(|topic| topic.dup()).unwrap_or_default();
            into_c(Box::new(topic))
        }
        None => std::ptr::null_mut(),
    })
}

/// Number of messages and events that wait: for the broker, or for the application to take them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_outq_len(rk: *mut rd_kafka_t) -> c_int {
    guard_or(0, || {
        // SAFETY: NULL or a live handle.
        let length = unsafe { client(rk) }.map_or(0, |client| client.outq_len());
        c_int::try_from(length).unwrap_or(c_int::MAX)
    })
}

/// Adds brokers to bootstrap from: "[protocol://]host[:port]", separated by commas.
///
/// @returns the number of brokers that were understood.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_brokers_add(
    rk: *mut rd_kafka_t,
    brokerlist: *const c_char,
) -> c_int {
    guard_or(0, || {
        // SAFETY: NULL or a live handle; NULL or a terminated string.
        let (handle, list) = unsafe { (handle(rk), read_cstr(brokerlist)) };
        let (Some(handle), Some(list)) = (handle, list) else {
            return 0;
        };
        let Some(client) = handle.client() else {
            return 0;
        };
        let protocol = &client.config().security_protocol;
        let (brokers, problem) = parse_broker_list(&list, protocol);
        if let Some(problem) = problem {
            handle.log(3, "BROKER", &problem);
        }
        let count = c_int::try_from(brokers.len()).unwrap_or(c_int::MAX);
        if !brokers.is_empty() {
            client.add_brokers(brokers.into_iter().map(|at| (at.host, at.port)).collect());
        }
        count
    })
}

/// The fatal error that made a client instance unusable.
///
/// @param errstr Gets its description.
/// @param errstr_size Size of errstr in bytes.
///
/// @returns RD_KAFKA_RESP_ERR_NO_ERROR if there was none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_fatal_error(
    rk: *mut rd_kafka_t,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live handle.
        match unsafe { client(rk) }.and_then(|client| client.shared().fatal_error()) {
            Some((code, reason)) => {
                // SAFETY: NULL or that many writable bytes.
                unsafe { write_cstr(errstr, errstr_size, &reason) };
                RespErr(code)
            }
            None => RespErr::NO_ERROR,
        }
    })
}

/// Raises a fatal error, to test how an application takes it.
///
/// @returns RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS if there was one before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_test_fatal_error(
    rk: *mut rd_kafka_t,
    err: RespErr,
    reason: *const c_char,
) -> RespErr {
    guard(|| {
        // SAFETY: NULL or a live handle; NULL or a terminated string.
        let (client, reason) = unsafe { (client(rk), read_cstr(reason)) };
        let Some(client) = client else {
            return RespErr::_INVALID_ARG;
        };
        let reason = format!("test_fatal_error: {}", reason.unwrap_or_default());
        match client.shared().raise_fatal(err.0, &reason) {
            true => RespErr::NO_ERROR,
            false => RespErr::_PREV_IN_PROGRESS,
        }
    })
}

/// Number of threads that the library runs in this process.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_thread_cnt() -> c_int {
    guard_or(0, || c_int::try_from(thread_count() + background_count()).unwrap_or(c_int::MAX))
}

/// Waits until all client instances of this process are destroyed.
///
/// @returns 0, or -1 if timeout_ms passed before.
#[unsafe(no_mangle)]
pub extern "C" fn rd_kafka_wait_destroyed(timeout_ms: c_int) -> c_int {
    guard(|| {
        // A negative time is over at once.
        if wait_destroyed(timeout_ms.max(0)) {
            return 0;
        }
        set_last_error(RespErr::_TIMED_OUT, libc::ETIMEDOUT);
        -1
    })
}
