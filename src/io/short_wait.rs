//! Waits shorter than a millisecond, the unit of `mio`'s. IO thread.

use std::io;
use std::num::NonZeroU64;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};

/// How late the system may end a wait of this thread, so as to end several at once. Its default is 50 us.
const TIMER_SLACK_NS: NonZeroU64 = NonZeroU64::new(5_000).expect("not zero");

/// Makes the calling thread's waits end when they should. A system that refuses is just less exact.
pub(super) fn set_timer_slack() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_current_timer_slack(Some(TIMER_SLACK_NS));
}

/// Waits until `set` (of descriptors) has something to tell, `timeout` at most. False: it has not.
pub(super) fn wait(set: impl AsFd, timeout: Duration) -> io::Result<bool> {
    let timeout = Timespec::try_from(timeout).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut fds = [PollFd::new(&set, PollFlags::IN)];
    Ok(rustix::event::poll(&mut fds, Some(&timeout))? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Poller;

    #[test]
    fn a_wake_ends_the_wait_and_nothing_else_makes_it_true() {
        let poller = Poller::new().unwrap();
        assert!(!wait(poller.poll.registry(), Duration::from_micros(100)).unwrap());
        poller.waker().wake();
        assert!(wait(poller.poll.registry(), Duration::from_secs(60)).unwrap());
    }
}
