//! What produce() does when the queue is full: fails, or waits for room (`RD_KAFKA_MSG_F_BLOCK`), at most `max.block.ms`. On
//! producing threads, off the hot path.
//!
//! A thread that waits here can't poll. If it is the only one that would, no report is ever served and no room comes, unless
//! `block.serve.reports.ms` lets it serve the main queue itself once nobody else did for so long. What is called back then
//! runs inside produce(). A produce() in there does not wait: the messages whose reports are being served keep their room
//! until their callbacks return, so it might wait for itself.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::time::Duration;

use super::deadline::Deadline;
use super::error;
use super::queue::{Looks, Op, is_serving_here};
use super::shared::{DeliveryMode, Shared};
use super::topic::Topic;
use crate::io::thread::is_io_thread;

/// Serves one event by the application's callbacks.
pub type ServeOp = Box<dyn Fn(&mut Op) -> ControlFlow<()> + Send + Sync>;

/// How often a thread that waits for room looks whether the handle ended.
pub(super) const BLOCK_SLICE: Duration = Duration::from_secs(3600);

/// How often one that waits for memory looks: the IO thread gives some back without a word.
pub(super) const MEMORY_SLICE: Duration = Duration::from_millis(10);

/// For how long a waiting thread that serves waits for an event: room may come by other ways.
const SERVE_SLICE: Duration = Duration::from_millis(10);

/// How long others must not have served, at least, once they were seen to.
const OTHERS_SLICE: Duration = Duration::from_millis(1);

/// When the waits of one call end: they have `max.block.ms` together, which begins with the first.
#[derive(Default)]
pub(super) struct BlockEnd(Option<Deadline>);

thread_local! {
    /// This thread serves from inside a produce() that waits.
    static SERVES_WAITING: Cell<bool> = const { Cell::new(false) };
}

/// Sets [`SERVES_WAITING`] while it lives, panics of callbacks included.
struct ServesWaiting;

impl ServesWaiting {
    fn begin() -> Self {
        SERVES_WAITING.set(true);
        Self
    }
}

impl Drop for ServesWaiting {
    fn drop(&mut self) {
        SERVES_WAITING.set(false);
    }
}

/// Watches whether others serve the main queue, and does so in their place.
struct StandIn<'a> {
    shared: &'a Shared,
    serve: &'a ServeOp,
    after: Duration,
    looks: Looks,
    /// Since when nobody looked.
    quiet_since_us: u64,
    /// Others were seen to look, not this thread since.
    others_serve: bool,
}

impl<'a> StandIn<'a> {
    /// `None` if the application did not ask for it, or takes no callbacks.
    fn new(shared: &'a Shared) -> Option<Self> {
        let after = Duration::from_millis(shared.config.block_serve_reports_ms?);
        let serve = shared.serve_op.as_ref()?;
        (shared.delivery == DeliveryMode::Callback).then(|| Self {
            shared,
            serve,
            after,
            looks: shared.queue.looks(),
            quiet_since_us: shared.clock.now_us(),
            others_serve: false,
        })
    }

    /// How long to wait before the next [`StandIn::serve_if_quiet`].
    fn wait(&self) -> Duration {
        let quiet_us = self.shared.clock.now_us().saturating_sub(self.quiet_since_us);
        let after = if self.others_serve { self.after.max(OTHERS_SLICE) } else { self.after };
        after.saturating_sub(Duration::from_micros(quiet_us))
    }

    fn serve_if_quiet(&mut self, left: Duration) {
        let looks = self.shared.queue.looks();
        let serving = self.shared.budget.is_serving() && !is_serving_here();
        if looks.waiters > 0 || looks.count != self.looks.count || serving {
            self.looks = looks;
            self.others_serve = true;
            self.quiet_since_us = self.shared.clock.now_us();
        } else if self.wait().is_zero() {
            let _serves = ServesWaiting::begin();
            // Rounded up, so as not to turn in circles.
            let wait_ms = left.min(SERVE_SLICE).as_micros().div_ceil(1_000) as i32;
            self.shared.queue.serve(wait_ms, &mut |op| (self.serve)(op));
            self.looks = self.shared.queue.looks();
            self.others_serve = false;
        }
    }
}

impl Topic {
    /// Waits until `acquire` is true, if `block`, till `end`. It is asked again whenever something was released, and each
    /// `slice`.
    #[cold]
    pub(super) fn wait_for_room(
        &self,
        block: bool,
        slice: Duration,
        end: &mut BlockEnd,
        mut acquire: impl FnMut() -> bool,
    ) -> Result<(), i32> {
        if !block || SERVES_WAITING.get() || is_io_thread() {
            return Err(error::QUEUE_FULL);
        }
        let shared = &*self.shared;
        let deadline = end.0.get_or_insert_with(|| Deadline::after_ms(shared.max_block_ms));
        let mut stand_in = StandIn::new(shared);
        loop {
            let left = deadline.remaining(BLOCK_SLICE);
            let wait = stand_in.as_ref().map_or(left, |stand_in| left.min(stand_in.wait()));
            let give_up = || {
                shared.hurry();
                shared.check().is_err()
            };
            if shared.budget.acquire_by(&mut acquire, wait.min(slice), give_up) {
                return Ok(());
            }
            shared.check()?;
            if left.is_zero() {
                return Err(error::QUEUE_FULL);
            }
            if let Some(stand_in) = &mut stand_in {
                stand_in.serve_if_quiet(left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::Options;
    use super::super::test_support::shared;
    use super::*;

    #[test]
    fn who_may_serve_at_once_leaves_time_between_looks_while_others_do() {
        let serve_op: ServeOp = Box::new(|_| ControlFlow::Continue(()));
        let options = Options {
            delivery: DeliveryMode::Callback,
            serve_op: Some(serve_op),
            ..Options::default()
        };
        let shared = shared(&[("block.serve.reports.ms", "0")], options);
        let mut stand_in = StandIn::new(&shared).unwrap();
        assert_eq!(stand_in.wait(), Duration::ZERO);
        assert!(shared.queue.pop(0).is_none());
        stand_in.serve_if_quiet(Duration::ZERO);
        // As if no time had passed since.
        stand_in.quiet_since_us = u64::MAX;
        assert_eq!(stand_in.wait(), OTHERS_SLICE);
        shared.queue.push(Op::Stats(String::new()));
        stand_in.quiet_since_us = 0;
        stand_in.others_serve = false;
        stand_in.serve_if_quiet(Duration::ZERO);
        assert!(shared.queue.is_empty(), "others ceased to");
        assert_eq!(stand_in.wait(), Duration::ZERO);
    }
}
