//! loom's locks and atomics behind the interface of those in `sync.rs`. A wait with a time limit never times out here: a
//! wake-up that does not come is a deadlock, which loom reports. But one of a millisecond at most always does: nobody may
//! need to be woken from it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

pub use loom::sync::atomic::{AtomicBool, AtomicI32, Ordering, fence};

loom::lazy_static! {
    static ref FORWARDING: Mutex<()> = Mutex::new(());
}

pub fn lock_forwarding() -> MutexGuard<'static, ()> {
    FORWARDING.lock()
}

/// loom takes `SeqCst` for `AcqRel` everywhere but in fences. Additions get fences here, so that one of two threads that
/// each add to a word and then load the other's sees the other, as the C++ memory model promises.
macro_rules! atomic_counters {
    ($($name:ident: $ty:ty;)*) => {$(
        #[derive(Debug, Default)]
        pub struct $name(loom::sync::atomic::$name);

        impl $name {
            pub fn new(value: $ty) -> Self {
                Self(loom::sync::atomic::$name::new(value))
            }

            pub fn fetch_add(&self, value: $ty, ordering: Ordering) -> $ty {
                fenced(ordering, || self.0.fetch_add(value, ordering))
            }

            pub fn fetch_sub(&self, value: $ty, ordering: Ordering) -> $ty {
                fenced(ordering, || self.0.fetch_sub(value, ordering))
            }
        }

        impl Deref for $name {
            type Target = loom::sync::atomic::$name;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    )*};
}

atomic_counters! {
    AtomicU64: u64;
    AtomicUsize: usize;
}

fn fenced<T>(ordering: Ordering, operation: impl FnOnce() -> T) -> T {
    if ordering != Ordering::SeqCst {
        return operation();
    }
    fence(Ordering::SeqCst);
    let result = operation();
    fence(Ordering::SeqCst);
    result
}

/// Like `parking_lot::Mutex`.
#[derive(Debug)]
pub struct Mutex<T>(loom::sync::Mutex<T>);

/// Like `parking_lot::MutexGuard`; not held only inside of [`Condvar::wait_for`].
#[derive(Debug)]
pub struct MutexGuard<'a, T> {
    held: Option<loom::sync::MutexGuard<'a, T>>,
    of: &'a Mutex<T>,
}

impl<T> Mutex<T> {
    pub fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { held: Some(self.hold()), of: self }
    }

    fn hold(&self) -> loom::sync::MutexGuard<'_, T> {
        self.0.lock().expect("no thread of a model panics")
    }

    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok().map(|guard| MutexGuard { held: Some(guard), of: self })
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.held.as_ref().expect("held")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.held.as_mut().expect("held")
    }
}

/// Like `parking_lot::WaitTimeoutResult`.
#[derive(Clone, Copy, Debug)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub fn timed_out(self) -> bool {
        self.0
    }
}

/// Waits up to that length pass, whatever happens.
const SHORT: Duration = Duration::from_millis(1);

/// Like `parking_lot::Condvar`.
#[derive(Debug, Default)]
pub struct Condvar(loom::sync::Condvar);

impl Condvar {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    pub fn notify_all(&self) {
        self.0.notify_all();
    }

    pub fn wait_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        timeout: Duration,
    ) -> WaitTimeoutResult {
        let held = guard.held.take().expect("held");
        if timeout <= SHORT {
            drop(held);
            loom::thread::yield_now();
            guard.held = Some(guard.of.hold());
            return WaitTimeoutResult(true);
        }
        guard.held = Some(self.0.wait(held).expect("no thread of a model panics"));
        WaitTimeoutResult(false)
    }

    pub fn wait_while_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
        timeout: Duration,
    ) -> WaitTimeoutResult {
        while condition(guard) {
            if self.wait_for(guard, timeout).timed_out() {
                return WaitTimeoutResult(condition(guard));
            }
        }
        WaitTimeoutResult(false)
    }
}

/// Ends the wait of an IO thread: of a model's one, or of a real one that no model looks at.
#[derive(Clone, Debug)]
pub enum Waker {
    Model(Arc<ModelPoller>),
    Io(crate::io::Waker),
}

impl Waker {
    pub fn wake(&self) {
        match self {
            Waker::Model(poller) => {
                poller.wakes.fetch_add(1, Relaxed);
                *poller.woken.lock() = true;
                poller.changed.notify_one();
            }
            Waker::Io(waker) => waker.wake(),
        }
    }
}

impl From<crate::io::Waker> for Waker {
    fn from(waker: crate::io::Waker) -> Self {
        Waker::Io(waker)
    }
}

/// What a model's IO thread waits on: as with an eventfd, a wake-up before the wait ends it at once.
#[derive(Debug, Default)]
pub struct ModelPoller {
    woken: Mutex<bool>,
    changed: Condvar,
    wakes: std::sync::atomic::AtomicUsize,
}

impl ModelPoller {
    /// How often it was woken.
    pub fn wakes(&self) -> usize {
        self.wakes.load(Relaxed)
    }

    pub fn wait(&self) {
        let mut woken = self.woken.lock();
        self.changed.wait_while_for(&mut woken, |woken| !*woken, Duration::MAX);
        *woken = false;
    }
}
