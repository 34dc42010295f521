//! The application's hold on an IO thread: starts it and waits for its end.

use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::connection::IoOptions;
use super::driver;
use super::host::Host;
use super::thread;
use super::waker::Poller;
use crate::producer::core::Core;

/// A running IO thread. Dropping this leaves the thread alone; it ends when its host's `poll_input` returns false.
#[derive(Debug)]
pub struct IoThread {
    thread: JoinHandle<()>,
    /// Nothing is ever sent: the thread's end closes the channel.
    ended: Receiver<()>,
    process_id: u32,
}

impl IoThread {
    /// Starts the thread. `poller.waker()`, taken before, wakes it.
    pub fn start<H: Host + 'static>(
        name: &str,
        poller: Poller,
        core: Core,
        host: H,
        options: IoOptions,
    ) -> io::Result<Self> {
        let (alive, ended) = bounded(0);
        let thread = thread::spawn(name, move || {
            let _alive: crossbeam_channel::Sender<()> = alive;
            thread::become_io_thread();
            driver::run(core, host, poller, options);
        })?;
        Ok(Self { thread, ended, process_id: std::process::id() })
    }

    /// The process in which the thread runs. In a forked child of it there is no thread.
    pub fn process_id(&self) -> u32 {
        self.process_id
    }

    /// Waits for the thread's end, `timeout` at most. False: it still runs, or is not of this process, and is left alone.
    pub fn join(self, timeout: Duration) -> bool {
        if self.process_id != std::process::id()
            || self.thread.thread().id() == std::thread::current().id()
            || self.ended.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout)
        {
            return false;
        }
        self.thread.join().is_ok()
    }
}
