//! What the IO thread waits on, and the waker that ends such a wait from any other thread.

use std::io;
use std::sync::Arc;

use mio::{Poll, Token};

/// The waker's token; connections use their ids, which start low.
pub(super) const WAKER_TOKEN: Token = Token(usize::MAX);

/// Ends the IO thread's wait. Cheap to clone; usable from any thread, also after the IO thread ended.
#[derive(Clone, Debug)]
pub struct Waker(Arc<mio::Waker>);

impl Waker {
    /// The wait that is going on, or the next one, returns at once. One system call.
    pub fn wake(&self) {
        // It fails only if the descriptor is gone, and then there is no one to wake.
        let _ = self.0.wake();
    }
}

/// What an IO thread waits on: made before the thread, so that its waker can be handed out first.
#[derive(Debug)]
pub struct Poller {
    pub(super) poll: Poll,
    waker: Waker,
}

impl Poller {
    /// Costs two descriptors, released when the IO thread ends and the last waker is dropped.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker(Arc::new(mio::Waker::new(poll.registry(), WAKER_TOKEN)?));
        Ok(Self { poll, waker })
    }

    /// Wakes the thread that will wait here.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_wake_before_the_wait_is_not_lost_and_counts_once() {
        let mut poller = Poller::new().unwrap();
        let mut events = mio::Events::with_capacity(4);
        poller.waker().wake();
        poller.waker().wake();
        poller.poll.poll(&mut events, Some(Duration::from_secs(5))).unwrap();
        assert_eq!(events.iter().count(), 1);
        poller.poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!(events.iter().count(), 0);
    }
}
