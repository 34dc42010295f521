//! Calling interceptors: those of a handle, on whatever thread does what they watch. While rd_kafka_new() is at work the
//! chains grow under a lock; from then on they stay as they are and need none.

use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_void};
use std::sync::{Mutex, OnceLock, Weak};

use crate::client::{Hooks, Outgoing, ReportBatch, Topic, Watched};
use crate::conf::GlobalConf;
use crate::conf::hooks::{Chain, Method};
use crate::producer::action::{BrokerState, RequestSent, ResponseReceived};

use super::callbacks::callback;
use super::guard::guard_or;
use super::handle::{Handle, lock};
use super::message::MessageObject;
use super::poll::c_text;
use super::structs::rd_kafka_message_t;
use super::topic::topic_ptr;
use super::types::{RespErr, ThreadType, rd_kafka_conf_t, rd_kafka_t};

const LOG_WARNING: i32 = 4;

type OnNew = unsafe extern "C" fn(
    *mut rd_kafka_t,
    *const rd_kafka_conf_t,
    *mut c_void,
    errstr: *mut c_char,
    errstr_size: usize,
) -> RespErr;
type OnDestroy = unsafe extern "C" fn(*mut rd_kafka_t, *mut c_void) -> RespErr;
type OnMessage =
    unsafe extern "C" fn(*mut rd_kafka_t, *mut rd_kafka_message_t, *mut c_void) -> RespErr;
type OnRequestSent = unsafe extern "C" fn(
    *mut rd_kafka_t,
    sockfd: c_int,
    brokername: *const c_char,
    brokerid: i32,
    api_key: i16,
    api_version: i16,
    corr_id: i32,
    size: usize,
    *mut c_void,
) -> RespErr;
type OnResponseReceived = unsafe extern "C" fn(
    *mut rd_kafka_t,
    sockfd: c_int,
    brokername: *const c_char,
    brokerid: i32,
    api_key: i16,
    api_version: i16,
    corr_id: i32,
    size: usize,
    rtt: i64,
    err: RespErr,
    *mut c_void,
) -> RespErr;
type OnThread =
    unsafe extern "C" fn(*mut rd_kafka_t, ThreadType, name: *const c_char, *mut c_void) -> RespErr;
type OnBrokerState = unsafe extern "C" fn(
    *mut rd_kafka_t,
    broker_id: i32,
    secproto: *const c_char,
    name: *const c_char,
    port: c_int,
    state: *const c_char,
    *mut c_void,
) -> RespErr;

/// A handle's interceptors, by what they watch. Those of consumers are kept and never called.
#[derive(Debug, Default)]
pub struct Chains {
    pub(super) destroy: Chain,
    pub(super) send: Chain,
    pub(super) acknowledgement: Chain,
    pub(super) consume: Chain,
    pub(super) commit: Chain,
    pub(super) request_sent: Chain,
    pub(super) response_received: Chain,
    pub(super) thread_start: Chain,
    pub(super) thread_exit: Chain,
    pub(super) broker_state: Chain,
}

/// See the module.
pub struct Interceptors {
    handle: Weak<Handle>,
    /// The security protocol's name.
    protocol: CString,
    growing: Mutex<Chains>,
    chains: OnceLock<Chains>,
}

impl Interceptors {
    /// None yet, of the handle that is being made.
    pub fn new(handle: Weak<Handle>, protocol: &str) -> Interceptors {
        let (growing, chains) = (Mutex::default(), OnceLock::new());
        Interceptors { handle, protocol: c_text(protocol), growing, chains }
    }

    /// Adds a function to one of the chains.
    pub fn add(&self, method: Method, chain: impl Fn(&mut Chains) -> &mut Chain) -> RespErr {
        let mut growing = lock(&self.growing);
        if self.chains.get().is_some() {
            // librdkafka ends the program.
            return RespErr::_STATE;
        }
        match chain(&mut growing).add(method) {
            true => RespErr::NO_ERROR,
            false => RespErr::_CONFLICT,
        }
    }

    /// No more are added.
    pub fn freeze(&self) {
        let mut growing = lock(&self.growing);
        self.chains.get_or_init(|| std::mem::take(&mut growing));
    }

    fn chain(&self, chain: impl Fn(&Chains) -> &Chain) -> &[Method] {
        self.chains.get().map_or(&[], |chains| chain(chains).methods())
    }

    fn rk(&self) -> *mut rd_kafka_t {
        self.handle.as_ptr().cast_mut().cast()
    }

    /// Calls each function of a chain; a failure is logged, and the next is called all the same.
    fn run(&self, chain: &[Method], what: &str, about: &str, call: impl Fn(&Method) -> RespErr) {
        for method in chain {
            let err = guard_or(RespErr::_FAIL, || call(method));
            if err != RespErr::NO_ERROR {
                self.log_failure(method, what, about, err);
            }
        }
    }

    #[cold]
    fn log_failure(&self, method: &Method, what: &str, about: &str, err: RespErr) {
        if let Some(handle) = self.handle.upgrade() {
            let name = method.name.to_string_lossy();
            let text = format!("Interceptor {name} failed {what}{about}: {}", err.description());
            handle.log(LOG_WARNING, "ICFAIL", &text);
        }
    }

    fn run_for_message(
        &self,
        chain: &[Method],
        what: &str,
        topic: &Topic,
        message: &MessageObject,
    ) {
        let (rk, shown) = (self.rk(), message.as_c().cast_mut());
        // SAFETY: the message is there, and this thread's.
        let public = unsafe { &*shown };
        for method in chain {
            // SAFETY: chains hold functions of the types that they were added with; the application's function is
            // given what it is documented to be given.
            let err = guard_or(RespErr::_FAIL, || unsafe {
                callback::<OnMessage>(method.function)
                    .map_or(RespErr::NO_ERROR, |f| f(rk, shown, method.opaque as *mut c_void))
            });
            if err != RespErr::NO_ERROR {
                let (partition, offset) = (public.partition, public.offset);
                let name = topic.name();
                let about = format!(" for message on {name} [{partition}] @ {offset}");
                self.log_failure(method, what, &about, err);
            }
        }
    }

    /// A new handle: lets the configuration's interceptors add those of the handle.
    pub fn on_new(&self, handles: &GlobalConf) {
        let conf: *const rd_kafka_conf_t = (&raw const *handles).cast();
        for method in handles.hooks.on_new.methods() {
            let mut errstr = [0 as c_char; 512];
            // SAFETY: as in `run_for_message`.
            let err = guard_or(RespErr::_FAIL, || unsafe {
                callback::<OnNew>(method.function).map_or(RespErr::NO_ERROR, |f| {
                    let opaque = method.opaque as *mut c_void;
                    f(self.rk(), conf, opaque, errstr.as_mut_ptr(), errstr.len())
                })
            });
            if err != RespErr::NO_ERROR
                && let Some(handle) = self.handle.upgrade()
            {
                errstr[errstr.len() - 1] = 0;
                // SAFETY: terminated.
                let why = unsafe { CStr::from_ptr(errstr.as_ptr()) }.to_string_lossy();
                let (name, err) = (method.name.to_string_lossy(), err.description());
                let text = format!("Interceptor {name} failed on_new: {err}: {why}");
                handle.log(LOG_WARNING, "ICFAIL", &text);
            }
        }
    }

    /// The handle is about to end.
    pub fn on_destroy(&self) {
        // SAFETY: as in `run_for_message`.
        self.run(self.chain(|c| &c.destroy), "on_destroy", "", |method| unsafe {
            callback::<OnDestroy>(method.function)
                .map_or(RespErr::NO_ERROR, |f| f(self.rk(), method.opaque as *mut c_void))
        });
    }

    /// A thread begins or ends.
    pub fn on_thread(&self, starts: bool, kind: ThreadType, name: &str) {
        let (chain, what) = match starts {
            true => (self.chain(|c| &c.thread_start), "on_thread_start"),
            false => (self.chain(|c| &c.thread_exit), "on_thread_exit"),
        };
        if chain.is_empty() {
            return;
        }
        let name = c_text(name);
        // SAFETY: as in `run_for_message`.
        self.run(chain, what, "", |method| unsafe {
            let opaque = method.opaque as *mut c_void;
            callback::<OnThread>(method.function)
                .map_or(RespErr::NO_ERROR, |f| f(self.rk(), kind, name.as_ptr(), opaque))
        });
    }
}

impl Hooks for Interceptors {
    fn watched(&self) -> Watched {
        let some = |chain: &[Method]| !chain.is_empty();
        let acknowledgements = some(self.chain(|c| &c.acknowledgement));
        Watched {
            sends: acknowledgements || some(self.chain(|c| &c.send)),
            acknowledgements,
            requests: some(self.chain(|c| &c.request_sent))
                || some(self.chain(|c| &c.response_received)),
            broker_states: some(self.chain(|c| &c.broker_state)),
            threads: some(self.chain(|c| &c.thread_start)) || some(self.chain(|c| &c.thread_exit)),
        }
    }

    fn on_send(&self, topic: &Topic, message: &mut Outgoing<'_>) {
        let chain = self.chain(|c| &c.send);
        if !chain.is_empty() {
            let mut object = MessageObject::outgoing(message, topic_ptr(topic), 0);
            self.run_for_message(chain, "on_send", topic, &object);
            message.headers = object.take_headers();
        }
    }

    fn on_unsent(&self, topic: &Topic, message: &mut Outgoing<'_>, error: i32) {
        let object = MessageObject::outgoing(message, topic_ptr(topic), error);
        let chain = self.chain(|c| &c.acknowledgement);
        self.run_for_message(chain, "on_acknowledgement", topic, &object);
    }

    fn on_acknowledgement(&self, batch: &ReportBatch) {
        let chain = self.chain(|c| &c.acknowledgement);
        let mut cursor = batch.cursor();
        while let Some(message) = batch.message_at(&mut cursor) {
            // SAFETY: the batch outlives the message.
            let object = unsafe { MessageObject::new(&message, topic_ptr(batch.topic())) };
            self.run_for_message(chain, "on_acknowledgement", batch.topic(), &object);
        }
    }

    fn on_request_sent(&self, sent: &RequestSent) {
        let broker = c_text(&sent.broker);
        // SAFETY: as in `run_for_message`.
        self.run(self.chain(|c| &c.request_sent), "on_request_sent", "", |method| unsafe {
            callback::<OnRequestSent>(method.function).map_or(RespErr::NO_ERROR, |f| {
                f(
                    self.rk(),
                    sent.socket,
                    broker.as_ptr(),
                    sent.broker_id,
                    sent.api,
                    sent.version,
                    sent.correlation_id,
                    sent.size_bytes,
                    method.opaque as *mut c_void,
                )
            })
        });
    }

    fn on_response_received(&self, received: &ResponseReceived) {
        let broker = c_text(&received.broker);
        let chain = self.chain(|c| &c.response_received);
        // SAFETY: as in `run_for_message`.
        self.run(chain, "on_response_received", "", |method| unsafe {
            callback::<OnResponseReceived>(method.function).map_or(RespErr::NO_ERROR, |f| {
                f(
                    self.rk(),
                    -1,
                    broker.as_ptr(),
                    received.broker_id,
                    received.api,
                    received.version,
                    received.correlation_id,
                    received.size_bytes,
                    received.rtt_us,
                    RespErr(received.error),
                    method.opaque as *mut c_void,
                )
            })
        });
    }

    fn on_broker_state(&self, told: &BrokerState) {
        let (host, state) = (c_text(&told.host), c_text(told.state));
        let chain = self.chain(|c| &c.broker_state);
        // SAFETY: as in `run_for_message`.
        self.run(chain, "on_broker_state_change", "", |method| unsafe {
            callback::<OnBrokerState>(method.function).map_or(RespErr::NO_ERROR, |f| {
                f(
                    self.rk(),
                    told.broker_id,
                    self.protocol.as_ptr(),
                    host.as_ptr(),
                    told.port.into(),
                    state.as_ptr(),
                    method.opaque as *mut c_void,
                )
            })
        });
    }

    fn on_thread_start(&self, name: &str) {
        self.on_thread(true, ThreadType::MAIN, name);
    }

    fn on_thread_exit(&self, name: &str) {
        self.on_thread(false, ThreadType::MAIN, name);
    }
}
