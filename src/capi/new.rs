//! Making and destroying client instances.

use std::os::raw::{c_char, c_int};
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicUsize};
use std::sync::{Arc, Mutex, Once, OnceLock};

use crate::client::{Client, DeliveryMode, Hooks, Options, Watched, enter_child};
use crate::conf::property::Scope;
use crate::conf::{DebugContexts, GlobalConf, ProducerConfig, finalize, table, warnings};

use super::conf::new_conf;
use super::conf_hooks::on_conf_destroy;
use super::error::set_last_error;
use super::guard::{guard, write_cstr};
use super::handle::{Callbacks, GivenConf, Handle, publish, withdraw};
use super::interceptor_calls::Interceptors;
use super::log::{log_cb_of, sink};
use super::poll::server;
use super::system_calls::system_calls;
use super::types::{ClientType, EventType, RespErr, borrow, rd_kafka_conf_t, rd_kafka_t};
use super::version::{VERSION, VERSION_TEXT};

const LOG_DEBUG: i32 = 7;

/// Why a client instance can't be made.
struct Refused {
    code: RespErr,
    errno: c_int,
    text: String,
}

impl Refused {
    fn configuration(text: String) -> Refused {
        Refused { code: RespErr::_INVALID_ARG, errno: libc::EINVAL, text }
    }

    fn resource(text: String) -> Refused {
        Refused { code: RespErr::_CRIT_SYS_RESOURCE, errno: libc::EAGAIN, text }
    }
}

unsafe extern "C" fn on_fork_in_child() {
    enter_child();
}

/// Handles notice when they are in a forked child, where nothing of theirs runs.
fn watch_forks() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // SAFETY: the function does nothing but count. It fails only for lack of memory.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(on_fork_in_child)) };
    });
}

/// What becomes of delivery reports, which depends on what the application set.
fn delivery_mode(callbacks: &Callbacks, enabled_events: i32) -> DeliveryMode {
    if callbacks.dr.is_some() || callbacks.dr_msg.is_some() {
        DeliveryMode::Callback
    } else if enabled_events & EventType::DR.0 != 0 {
        DeliveryMode::Event
    } else {
        DeliveryMode::None
    }
}

/// The configuration as the client reads it. Log lines come to the handle's sink whatever their level and
/// destination: both can change at run time.
fn client_config(conf: &GlobalConf) -> ProducerConfig {
    let mut config = ProducerConfig::from_finalized(conf);
    config.log_level = LOG_DEBUG;
    config.log_queue = false;
    config
}

fn new_handle(mut conf: GlobalConf) -> Result<Arc<Handle>, Refused> {
    finalize(&mut conf).map_err(Refused::configuration)?;
    watch_forks();
    let config = client_config(&conf);
    let has_brokers = !config.bootstrap_servers.is_empty() || config.test_mock_num_brokers > 0;
    let bootstrap_error = config.bootstrap_error.clone();
    let callbacks = Callbacks::new(&conf);
    let delivery = delivery_mode(&callbacks, config.enabled_events);
    let error_events = callbacks.error.is_some() || config.enabled_events & EventType::ERROR.0 != 0;
    let throttle_events = callbacks.throttle.is_some();
    let log_level = ProducerConfig::from_finalized(&conf).log_level;
    let handle = Arc::new_cyclic(|handle| Handle {
        interceptors: Arc::new(Interceptors::new(handle.clone(), &config.security_protocol)),
        client: OnceLock::new(),
        callbacks,
        log_cb: AtomicUsize::new(log_cb_of(&conf)),
        log_level: AtomicI32::new(log_level),
        log_queue: conf.flag("log.queue"),
        background: Mutex::default(),
        mock: OnceLock::new(),
        given: OnceLock::new(),
        conf,
    });
    let hooks = call_on_new(&handle);
    let log_sink = Some(sink(Arc::downgrade(&handle)));
    let error_text: fn(i32) -> String = |error| RespErr(error).description().into_owned();
    let error_text = Some(error_text);
    let serve_op = Some(server(Arc::downgrade(&handle)));
    let options = Options {
        delivery,
        error_events,
        throttle_events,
        log_sink,
        serve_op,
        error_text,
        hooks,
        calls: system_calls(&handle.conf),
    };
    let announce = |client: &Arc<Client>| {
        handle.client.get_or_init(|| Arc::clone(client));
    };
    let made = Client::new(config, options, announce);
    // One that on_new() asked for.
    let made = made.inspect_err(|_| {
        handle.stop_background();
        handle.interceptors.on_destroy();
    });
    made.map_err(Refused::resource)?.log_start();
    if let Some(problem) = bootstrap_error {
        handle.log(3, "BROKER", &problem);
    }
    log_configuration(&handle);
    for warning in warnings(&handle.conf, has_brokers) {
        handle.log(warning.level, "CONFWARN", &warning.text);
    }
    if handle.callbacks.background_event.is_some() && handle.background_queue().is_none() {
        handle.interceptors.on_destroy();
        return Err(Refused::resource("Failed to create background thread".to_owned()));
    }
    Ok(handle)
}

/// What `debug` wants to know of a new handle.
fn log_configuration(handle: &Handle) {
    let text =
        |bytes: Option<Vec<u8>>| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    handle.debug(DebugContexts::ALL, "INIT", || {
        let name = handle.client().map(|client| client.name_c().to_string_lossy().into_owned());
        format!(
            "librdkafka v{} ({VERSION:#x}) {} initialized (builtin.features {}, debug {:#x})",
            VERSION_TEXT.trim_end_matches('\0'),
            name.unwrap_or_default(),
            text(handle.conf.get(b"builtin.features")),
            handle.conf.int("debug")
        )
    });
    if !DebugContexts(handle.conf.int("debug")).has(DebugContexts::CONF) {
        return;
    }
    let line = |text: String| handle.debug(DebugContexts::CONF, "CONF", || text);
    line("Client configuration:".to_owned());
    for (name, value) in handle.conf.copied(&[]) {
        let secret =
            table::find(Scope::Global, name.as_bytes()).is_some_and(|(_, row)| row.sensitive);
        let value = if secret { "[redacted]".to_owned() } else { text(value) };
        line(format!("  {name} = {value}"));
    }
}

/// Lets the configuration's interceptors add those of the handle; `None` if there is nothing to call them for.
fn call_on_new(handle: &Arc<Handle>) -> Option<Arc<dyn Hooks>> {
    let interceptors = &handle.interceptors;
    interceptors.on_new(&handle.conf);
    interceptors.freeze();
    let hooks: Arc<dyn Hooks> = Arc::clone(interceptors) as _;
    (hooks.watched() != Watched::default()).then_some(hooks)
}

/// Makes a client instance and starts its threads.
///
/// @param type RD_KAFKA_PRODUCER. There is no RD_KAFKA_CONSUMER yet: NULL, with the reason in errstr.
/// @param conf Its configuration, which the call takes over if it succeeds; NULL: the defaults.
/// @param errstr Gets the reason if it fails.
/// @param errstr_size Size of errstr in bytes.
///
/// @returns the instance, which the caller destroys with rd_kafka_destroy(), or NULL: then errstr and
///          rd_kafka_last_error() tell why, and conf is still the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_new(
    r#type: ClientType,
    conf: *mut rd_kafka_conf_t,
    errstr: *mut c_char,
    errstr_size: usize,
) -> *mut rd_kafka_t {
    guard(|| {
        // SAFETY: NULL or a configuration that only this thread uses.
        let given = unsafe { borrow(conf) };
        let made = match r#type {
            ClientType::PRODUCER => new_handle(given.map_or_else(new_conf, Clone::clone)),
            ClientType::CONSUMER => Err(Refused {
                code: RespErr::_NOT_IMPLEMENTED,
                errno: libc::ENOSYS,
                text: "Consumers aren't supported by this version of librdkafka-oxide".to_owned(),
            }),
            ClientType(other) => {
                Err(Refused::configuration(format!("Unknown client type {other}")))
            }
        };
        match made {
            Ok(handle) => {
                // SAFETY: on success the configuration is ours.
                handle.keep_given(unsafe { GivenConf::new(conf) });
                publish(handle)
            }
            Err(refused) => {
                // SAFETY: NULL or that many writable bytes.
                unsafe { write_cstr(errstr, errstr_size, &refused.text) };
                set_last_error(refused.code, refused.errno);
                ptr::null_mut()
            }
        }
    })
}

/// Destroys a client instance: waits for its threads, not for its messages: those that aren't delivered yet are
/// lost; call rd_kafka_flush() before. Give back topics and queues before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_destroy(rk: *mut rd_kafka_t) {
    // SAFETY: NULL or a handle that the caller gives back.
    guard(|| unsafe { destroy(rk) })
}

/// Destroys a client instance, with flags.
///
/// @param flags RD_KAFKA_DESTROY_F_..
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rd_kafka_destroy_flags(rk: *mut rd_kafka_t, flags: c_int) {
    let _ = flags;
    // SAFETY: NULL or a handle that the caller gives back.
    guard(|| unsafe { destroy(rk) })
}

/// # Safety
/// `rk` is NULL, or was a handle: destroying it again does nothing.
unsafe fn destroy(rk: *mut rd_kafka_t) {
    let Some(handle) = withdraw(rk) else {
        return;
    };
    if handle.is_forked() {
        // Its threads are the parent's, its locks may be held for ever: leave everything as it is.
        std::mem::forget(handle);
        return;
    }
    handle.debug(DebugContexts::ALL, "DESTROY", || "Terminating instance".to_owned());
    if let Some(client) = handle.client() {
        client.destroy();
    }
    handle.debug(DebugContexts::GENERIC, "TERMINATE", || "Internal main thread ended".to_owned());
    handle.stop_background();
    handle.interceptors.on_destroy();
    on_conf_destroy(&handle.conf.hooks);
}
