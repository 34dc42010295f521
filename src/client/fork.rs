//! Whether this process is a forked child of the one that made a handle. The child has neither the IO thread nor the right to
//! touch the parent's sockets, and its locks may be held by threads that no longer exist: each call checks before it locks.

use std::sync::atomic::{AtomicU32, Ordering};

/// Counts forks on the child's side. A counter because asking the system for the process id costs a system call.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// To be called in each forked child, by a handler that `capi` registers once with `pthread_atfork`. Async-signal-safe.
pub fn enter_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// The generation of this process; a handle keeps the one it was made in.
#[inline]
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}
