//! The cluster behind sockets: [`MockServer`] starts the one thread that runs all brokers, hands it controls, and stops
//! it. This file runs on the caller's threads; `server_io` is what runs on that thread.

use super::faults::Fault;
use super::network::Network;
use super::options::MockOptions;
use super::server_io::{Driver, Shared};
use crate::protocol::ApiKey;
use crossbeam_channel::{Sender, bounded, unbounded};
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

/// Something to do with the cluster, on its thread, and what to tell the caller once sockets have followed.
pub(super) type Command = Box<dyn FnOnce(&mut Network) -> Done + Send>;
/// Tells the caller.
pub(super) type Done = Box<dyn FnOnce() + Send>;

/// A running cluster on loopback sockets. Stopping or dropping it closes all connections and joins its thread.
#[derive(Debug)]
pub struct MockServer {
    commands: Sender<Command>,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    bootstrap_servers: String,
}

impl MockServer {
    /// Opens a listener for each broker on 127.0.0.1 and starts the thread.
    pub fn start(options: &MockOptions) -> io::Result<Self> {
        let (commands, inbox) = unbounded();
        let (driver, shared) = Driver::new(Network::new(options.into()), inbox)?;
        let bootstrap_servers = driver.addresses().join(",");
        let thread = with_signals_blocked(|| {
            let builder = std::thread::Builder::new().name("rdk:mock".to_owned());
            builder.spawn(move || driver.run())
        })?;
        Ok(Self { commands, shared, thread: Mutex::new(Some(thread)), bootstrap_servers })
    }

    /// `host:port` of all brokers, for `bootstrap.servers`.
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// Ends the thread; from then on nothing can be done with the cluster any more.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        self.shared.wake();
        if let Some(thread) = self.thread.lock().take() {
            // A panic over there was already reported by the panic hook.
            let _ = thread.join();
        }
    }

    /// Runs `f` on the cluster's thread and waits for the result, and until listeners and connections are as it left
    /// them; `None` if that thread is gone.
    pub fn call<R: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Network) -> R + Send + 'static,
    ) -> Option<R> {
        let (reply, result) = bounded(1);
        let command = Box::new(move |network: &mut Network| -> Done {
            let result = f(network);
            Box::new(move || {
                // The caller waits: it is there to receive.
                let _ = reply.send(result);
            })
        });
        self.commands.send(command).ok()?;
        self.shared.wake();
        result.recv().ok()
    }

    /// Takes a broker down: its connections are closed and new ones refused.
    pub fn set_broker_down(&self, broker_id: i32) {
        self.call(move |network| network.set_broker_up(broker_id, false));
    }

    /// Takes a broker up again, on the same port.
    pub fn set_broker_up(&self, broker_id: i32) {
        self.call(move |network| network.set_broker_up(broker_id, true));
    }

    /// Sets the delay of a broker's responses.
    pub fn set_broker_rtt_ms(&self, broker_id: i32, rtt_ms: u32) {
        self.call(move |network| network.set_broker_rtt_us(broker_id, u64::from(rtt_ms) * 1000));
    }

    /// Creates a topic; false if that failed.
    pub fn create_topic(&self, name: &str, partitions: u32, replication_factor: u32) -> bool {
        let name = name.to_owned();
        let create = move |network: &mut Network| {
            network.cluster_mut().create_topic(&name, partitions, replication_factor).is_ok()
        };
        self.call(create).unwrap_or(false)
    }

    /// Moves the leadership of a partition; false if there is no such partition or broker.
    pub fn set_leader(&self, topic: &str, partition: i32, leader: i32) -> bool {
        let topic = topic.to_owned();
        self.call(move |network| network.cluster_mut().set_leader(&topic, partition, leader))
            .unwrap_or(false)
    }

    /// Adds faults for the next requests of that API to any broker.
    pub fn push_faults(&self, api_key: ApiKey, faults: Vec<Fault>) {
        self.call(move |network| network.cluster_mut().push_faults(api_key, faults));
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The signals that end a program which runs a cluster: SIGTERM and SIGINT, blocked so that they can be waited for.
#[derive(Clone, Copy)]
pub struct StopSignals(libc::sigset_t);

impl StopSignals {
    /// Blocks them in this thread and in all that it starts from now on.
    pub fn block() -> io::Result<Self> {
        let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: sigemptyset initialises `set`, the others take it initialised.
        let (error, set) = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), libc::SIGTERM);
            libc::sigaddset(set.as_mut_ptr(), libc::SIGINT);
            let block = libc::SIG_BLOCK;
            let error = libc::pthread_sigmask(block, set.as_ptr(), std::ptr::null_mut());
            (error, set.assume_init())
        };
        if error == 0 { Ok(Self(set)) } else { Err(io::Error::from_raw_os_error(error)) }
    }

    /// Waits for one of them.
    pub fn wait(&self) {
        let mut signal = 0;
        // SAFETY: both pointers are to live values.
        unsafe { libc::sigwait(&raw const self.0, &raw mut signal) };
    }
}

/// Runs `f`, which starts a thread, with all signals blocked, so that none is ever delivered to the new thread.
fn with_signals_blocked<R>(f: impl FnOnce() -> R) -> R {
    let mut all = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    let mut previous = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset initialises `all`; pthread_sigmask reads it, initialises `previous`, and changes nothing but
    // the calling thread's mask.
    let blocked = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), previous.as_mut_ptr()) == 0
    };
    let result = f();
    if blocked {
        // SAFETY: `previous` was initialised by the call above, which succeeded.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, previous.as_ptr(), std::ptr::null_mut());
        }
    }
    result
}
