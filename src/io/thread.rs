//! Starting threads. Ours carry a name and block all signals, so that the application's handlers run on its own threads.

use std::cell::Cell;
use std::io;
use std::thread::{Builder, JoinHandle};

thread_local! {
    static IS_IO: Cell<bool> = const { Cell::new(false) };
}

/// From now on this thread is one that drives a handle.
pub(super) fn become_io_thread() {
    IS_IO.set(true);
}

/// Whether the calling thread drives a handle. The application's code runs there too (`log_cb`, hooks of queues): what it waits
/// for there may have to come from this very thread, so it must not wait.
pub fn is_io_thread() -> bool {
    IS_IO.get()
}

/// Starts a thread; `name` is cut at 15 bytes by the system.
pub fn spawn<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let builder = Builder::new().name(name.replace('\0', "?"));
    // The new thread inherits the mask: a mask set by itself would leave a window in which it takes signals.
    with_signals_blocked(|| builder.spawn(body))
}

/// Signals that report a fault of the very instruction being run. They stay open: blocking them would not avert the fault,
/// only keep the application's crash handler from seeing it.
const FAULTS: [libc::c_int; 5] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP];

/// Runs `body` with all signals blocked on this thread, then restores its mask.
fn with_signals_blocked<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: a zeroed sigset_t is a valid value to hand to sigfillset, which overwrites it; all pointers are to locals
    // that outlive the calls, and pthread_sigmask touches only the calling thread's mask.
    let saved = unsafe {
        let mut blocked: libc::sigset_t = std::mem::zeroed();
        let mut saved: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut blocked);
        for fault in FAULTS {
            libc::sigdelset(&raw mut blocked, fault);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const blocked, &raw mut saved);
        saved
    };
    let result = body();
    // SAFETY: `saved` was filled in by pthread_sigmask above; a null pointer for the old mask is allowed.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const saved, std::ptr::null_mut());
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `SigBlk` mask of the calling thread.
    fn blocked_signals() -> u64 {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap()
    }

    #[test]
    fn a_spawned_thread_has_a_name_and_blocks_signals() {
        let before = blocked_signals();
        let spawned = spawn("rdk:main", || {
            (blocked_signals(), std::fs::read_to_string("/proc/thread-self/comm").unwrap())
        });
        let (blocked, name) = spawned.unwrap().join().unwrap();
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGUSR1, libc::SIGCHLD, libc::SIGPIPE] {
            assert_ne!(blocked & (1 << (signal - 1)), 0, "signal {signal}");
        }
        assert_eq!(blocked & (1 << (libc::SIGSEGV - 1)), 0);
        assert_eq!(name.trim(), "rdk:main");
        assert_eq!(blocked_signals(), before);
    }
}
