//! The locks and atomics by which application threads and the IO thread meet. In the library these are the usual ones under
//! their own names; built with `--cfg loom` they are loom's, and models run what uses them
//! through every interleaving that the memory model allows.

#[cfg(not(loom))]
pub use self::real::*;

#[cfg(loom)]
pub use self::model::*;

#[cfg(not(loom))]
mod real {
    pub use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering, fence};

    pub use parking_lot::{Condvar, Mutex, MutexGuard};

    pub use crate::io::Waker;
}

#[cfg(loom)]
#[path = "sync_model.rs"]
#[allow(missing_docs, reason = "as in the libraries that it stands for")]
mod model;
