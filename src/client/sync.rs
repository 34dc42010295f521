//! The locks and atomics by which application threads and the IO thread meet. In the library these are the usual ones under
//! their own names; built with `--cfg loom` (`make models`) they are loom's, and `model_tests.rs` runs what uses them through
//! every interleaving that the memory model allows.

#[cfg(not(loom))]
pub use self::real::*;

#[cfg(loom)]
pub use self::model::*;

#[cfg(not(loom))]
mod real {
    pub use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering, fence};

    pub use parking_lot::{Condvar, Mutex, MutexGuard};

    pub use crate::io::Waker;

    static FORWARDING: Mutex<()> = Mutex::new(());

    /// The process's lock for changes of where queues lead.
    pub fn lock_forwarding() -> MutexGuard<'static, ()> {
        FORWARDING.lock()
    }
}

#[cfg(loom)]
#[path = "sync_model.rs"]
#[allow(missing_docs, reason = "as in the libraries that it stands for")]
mod model;
