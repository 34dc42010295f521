//! The IO thread's view of the application's side of a handle, implemented by `client`. All methods run on the IO thread.

use crate::producer::action::Notice;
use crate::producer::core::{BatchSource, Core};

/// What the driver needs from the application's side.
pub trait Host: BatchSource + Send {
    /// The thread begins. Called once, before all else.
    fn handle_start(&mut self, _thread_name: &str) {}

    /// The thread ends: all sockets are closed.
    fn handle_end(&mut self, _thread_name: &str) {}

    /// Moves everything the application threads handed in since the last call (commands, partitions with new data) into
    /// the core. Returns false when the handle is to be shut down: the driver then closes all sockets and returns.
    fn poll_input(&mut self, core: &mut Core, now_us: u64) -> bool;

    /// Passes a fact on to the application, by [`Host::finish_notices`] at the latest.
    fn handle_notice(&mut self, notice: Notice, now_us: u64);

    /// These were all the facts for now.
    fn finish_notices(&mut self) {}

    /// When the host itself wants its next [`Host::poll_input`], whatever else happens; `u64::MAX` for never.
    fn next_deadline_us(&self) -> u64 {
        u64::MAX
    }

    /// Whether small requests that follow each other quickly may be held back for less than a millisecond: not where data
    /// lingers for longer anyway, nor while someone waits for the end of it.
    fn may_hold(&self) -> bool {
        false
    }

    /// Whether statistics are kept, so that times inside of a turn matter.
    fn is_measuring(&self) -> bool {
        false
    }

    /// Whether somebody waits for what is still here to be sent, and for nothing else. Asked only while nothing is in flight,
    /// after [`Host::prepare_sleep`].
    fn is_starved(&self) -> bool {
        false
    }

    /// Whether nothing is in flight: said before each [`Host::prepare_sleep`].
    fn note_idle(&mut self, idle: bool) {
        let _ = idle;
    }

    /// The driver is about to wait until `deadline_us` (`u64::MAX`: for ever). Publishes that, so that application threads
    /// whose data is due earlier wake the driver, then looks at the inputs once more: false means there is input, don't wait.
    /// `held`: nothing will be sent before, so that new data is no reason to wake, or not to wait.
    fn prepare_sleep(&mut self, deadline_us: u64, held: bool) -> bool;

    /// The wait is over: application threads need not wake the driver any more.
    fn finish_sleep(&mut self);

    /// The core panicked: every message still held must get its report, and the handle fails from now on.
    fn handle_panic(&mut self, message: &str);
}
