//! How many messages and value bytes a handle holds (`queue.buffering.max.messages`, `.max.kbytes`): acquired by produce(),
//! released when the delivery report was served. As in librdkafka a message counts its value's length, not its key's.
//!
//! Monotonic counters, one written by producing threads and two by serving threads, on a cache line of each side: what is
//! held is their difference. Of the serving threads one at a time counts without atomic additions, in a counter of its
//! own. All pack (messages, bytes) into one word, so one atomic operation moves both: a carry from
//! the bytes into the messages is the same on both sides once the difference is taken. Producing threads look at the
//! other side's line only when what they last saw of it is not enough.
//!
//! Who waits is woken when something was released. Not for each message that is served, though: while a thread serves, it
//! tells of many at a time, and waiters look by themselves every millisecond. Hence serving needs no fence either.

use std::time::{Duration, Instant};

use super::CacheAligned;
use super::sync::{AtomicBool, AtomicU64, AtomicUsize, Condvar, Mutex, Ordering, fence};

/// Messages and value bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Messages.
    pub messages: u64,
    /// Bytes of their values.
    pub bytes: u64,
}

#[derive(Debug, Default)]
struct Acquired {
    total: AtomicU64,
    /// The other side's counter as last seen: never more than it is, so what is held is never underestimated.
    released_seen: AtomicU64,
}

#[derive(Debug, Default)]
struct Released {
    /// By anybody.
    total: AtomicU64,
    /// Beside `total`: by whoever set `serving`.
    served: AtomicU64,
    serving: AtomicBool,
    waiters: AtomicUsize,
    /// Messages served that waiters were not told of.
    untold: AtomicU64,
}

impl Released {
    /// All that was released. Never more than it is, and never less than a thread knows of.
    fn sum(&self) -> u64 {
        let total = self.total.load(Ordering::SeqCst);
        total.wrapping_add(self.served.load(Ordering::SeqCst))
    }
}

/// See the module.
#[derive(Debug)]
pub struct Budget {
    acquired: CacheAligned<Acquired>,
    released: CacheAligned<Released>,
    limit: Amount,
    /// Bits of a counter that count bytes; the others count messages.
    bytes_bits: u32,
    lock: Mutex<()>,
    changed: Condvar,
}

/// Fewest bits that the message count gets if both limits are huge: 2^26 messages and 2^38 bytes (256 GiB).
const MESSAGES_BITS_MIN: u32 = 26;

/// How often a waiter looks while somebody serves.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Waiters are told when this part of the limit was served, or so many messages.
const TOLD_PART: u64 = 16;
const TOLD_MESSAGES_MAX: u64 = 256;

impl Budget {
    /// A budget of `messages_max` messages (0: no limit) with values of `bytes_max` bytes together. Limits that together
    /// need more than 64 bits are cut to 2^26 messages and 2^38 bytes.
    pub fn new(messages_max: usize, bytes_max: u64) -> Self {
        let wanted = if messages_max == 0 { u64::MAX } else { messages_max as u64 };
        let bits = |value: u64| u64::BITS - value.leading_zeros();
        let bytes_bits = bits(bytes_max).clamp(1, u64::BITS - bits(wanted).min(MESSAGES_BITS_MIN));
        let messages_limit = u64::MAX >> bytes_bits;
        Self {
            acquired: CacheAligned::default(),
            released: CacheAligned::default(),
            limit: Amount {
                messages: wanted.min(messages_limit),
                bytes: bytes_max.min((1 << bytes_bits) - 1),
            },
            bytes_bits,
            lock: Mutex::new(()),
            changed: Condvar::new(),
        }
    }

    #[inline]
    fn pack(&self, amount: Amount) -> u64 {
        (amount.messages << self.bytes_bits).wrapping_add(amount.bytes)
    }

    #[inline]
    fn unpack(&self, packed: u64) -> Amount {
        Amount { messages: packed >> self.bytes_bits, bytes: packed & ((1 << self.bytes_bits) - 1) }
    }

    #[inline]
    fn fits(&self, held: Amount, bytes: u64) -> bool {
        held.messages < self.limit.messages
            && self.limit.bytes.checked_sub(held.bytes).is_some_and(|left| bytes <= left)
    }

    /// Acquires one message of `bytes` bytes; false if that would exceed a limit.
    ///
    /// What was last seen of the other side never goes back, and the total grows only by an exchange that was checked
    /// against what was seen since the total was read. So `total - seen` is within the limits at all times, and its two
    /// parts unpack cleanly, unless the total has changed: then the exchange fails.
    #[inline]
    pub fn try_acquire(&self, bytes: usize) -> bool {
        let bytes = bytes as u64;
        let one = self.pack(Amount { messages: 1, bytes });
        loop {
            let total = self.acquired.total.load(Ordering::Acquire);
            let seen = self.acquired.released_seen.load(Ordering::Acquire);
            if self.fits(self.unpack(total.wrapping_sub(seen)), bytes) {
                let exchanged = self.acquired.total.compare_exchange_weak(
                    total,
                    total.wrapping_add(one),
                    Ordering::AcqRel,
                    Ordering::Relaxed,
                );
                if exchanged.is_ok() {
                    return true;
                }
            } else if self.acquired.total.load(Ordering::Acquire) == total && !self.look_again(seen)
            {
                return false;
            }
        }
    }

    /// Looks at the other side's counter; false if it is what was seen before.
    #[cold]
    fn look_again(&self, seen: u64) -> bool {
        let now = self.released.sum();
        // Only forward: another thread may have seen more meanwhile.
        let _ = self.acquired.released_seen.compare_exchange(
            seen,
            now,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
        now != seen
    }

    /// Like [`Budget::try_acquire`], waiting until the message fits, at most `wait`.
    pub fn acquire(&self, bytes: usize, wait: Duration, give_up: impl Fn() -> bool) -> bool {
        self.acquire_by(|| self.try_acquire(bytes), wait, give_up)
    }

    /// Waits until `acquire` is true, at most `wait`. It is tried again whenever something was released.
    pub fn acquire_by(
        &self,
        mut acquire: impl FnMut() -> bool,
        wait: Duration,
        give_up: impl Fn() -> bool,
    ) -> bool {
        let mut acquired = acquire();
        if !acquired {
            self.wait_until(wait, || {
                acquired = acquire();
                acquired || give_up()
            });
        }
        acquired
    }

    /// Whether somebody waits here.
    pub fn is_waited_for(&self) -> bool {
        fence(Ordering::SeqCst);
        self.released.waiters.load(Ordering::SeqCst) != 0
    }

    /// Wakes all that wait here, if anybody does.
    pub fn notify_waiters(&self) {
        if self.is_waited_for() {
            self.notify();
        }
    }

    /// Gives back.
    #[inline]
    pub fn release(&self, amount: Amount) {
        if amount.messages == 0 {
            return;
        }
        // SeqCst pairs with `wait_until`: either this sees the waiter, or the waiter sees the new total.
        self.released.total.fetch_add(self.pack(amount), Ordering::SeqCst);
        if self.released.waiters.load(Ordering::SeqCst) != 0 {
            self.notify();
        }
    }

    /// Claims [`Budget::serve`] until [`Budget::end_serving`]; false while somebody else has it.
    pub fn begin_serving(&self) -> bool {
        let begins = !self.released.serving.swap(true, Ordering::SeqCst);
        // Pairs with `wait_until`: either the waiter sees that somebody serves, or the first message served sees the waiter.
        fence(Ordering::SeqCst);
        if begins {
            self.released.untold.store(u64::MAX, Ordering::Relaxed);
        }
        begins
    }

    /// Whether somebody has claimed [`Budget::serve`].
    pub fn is_serving(&self) -> bool {
        self.released.serving.load(Ordering::SeqCst)
    }

    /// Gives back, for who claimed it: without an atomic addition, message by message.
    #[inline]
    pub fn serve(&self, amount: Amount) {
        let served = self.released.served.load(Ordering::Relaxed);
        let served = served.wrapping_add(self.pack(amount));
        self.released.served.store(served, Ordering::Release);
        // Who begins to wait just now may miss this, and be missed, but looks again: it sees that somebody serves.
        if self.released.waiters.load(Ordering::Relaxed) != 0 {
            self.tell_served(amount.messages);
        }
    }

    /// Tells waiters of the first that is served, so that they see that somebody serves, then of many at a time.
    #[cold]
    fn tell_served(&self, messages: u64) {
        let untold = self.released.untold.load(Ordering::Relaxed).saturating_add(messages);
        let told = untold >= (self.limit.messages / TOLD_PART).min(TOLD_MESSAGES_MAX);
        self.released.untold.store(if told { 0 } else { untold }, Ordering::Relaxed);
        if told {
            self.notify();
        }
    }

    /// Ends the claim.
    pub fn end_serving(&self) {
        self.released.serving.store(false, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if self.released.waiters.load(Ordering::SeqCst) != 0 {
            self.notify();
        }
    }

    /// Wakes all that wait here, to look again.
    #[cold]
    pub fn notify(&self) {
        // Locked once, so that a waiter which looked before the change is already waiting.
        drop(self.lock.lock());
        self.changed.notify_all();
    }

    /// What is held now.
    pub fn held(&self) -> Amount {
        loop {
            let total = self.acquired.total.load(Ordering::SeqCst);
            let released = self.released.sum();
            // Both belong together if the one did not change while the other was read.
            if self.acquired.total.load(Ordering::SeqCst) == total {
                return self.unpack(total.wrapping_sub(released));
            }
        }
    }

    /// The limits in force.
    pub fn limit(&self) -> Amount {
        self.limit
    }

    /// Waits until nothing is held, at most `wait`. True if so.
    pub fn wait_empty(&self, wait: Duration) -> bool {
        self.wait_until(wait, || self.held().messages == 0)
    }

    #[expect(clippy::disallowed_methods, reason = "waits of application threads need the clock")]
    fn wait_until(&self, wait: Duration, mut done: impl FnMut() -> bool) -> bool {
        let end = Instant::now().checked_add(wait);
        let mut guard = self.lock.lock();
        self.released.waiters.fetch_add(1, Ordering::SeqCst);
        let mut is_done = done();
        while !is_done {
            let left = end.map_or(wait, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            let serving = self.released.serving.load(Ordering::SeqCst);
            let slice = if serving { left.min(LOOK_EVERY) } else { left };
            self.changed.wait_for(&mut guard, slice);
            is_done = done();
        }
        self.released.waiters.fetch_sub(1, Ordering::SeqCst);
        is_done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOREVER: Duration = Duration::from_secs(60);

    fn one(bytes: u64) -> Amount {
        Amount { messages: 1, bytes }
    }

    #[test]
    fn exactly_the_limits_fit() {
        let budget = Budget::new(3, 100);
        assert!(budget.try_acquire(60) && budget.try_acquire(40));
        assert!(!budget.try_acquire(1));
        assert!(budget.try_acquire(0));
        assert!(!budget.try_acquire(0));
        assert_eq!(budget.held(), Amount { messages: 3, bytes: 100 });
        budget.release(one(40));
        assert!(!budget.try_acquire(41) && budget.try_acquire(40));
    }

    #[test]
    fn counters_that_wrap_around_stay_exact() {
        let budget = Budget::new(5, 1 << 40);
        for round in 0..100_000u64 {
            assert!(budget.try_acquire(1 << 39) && budget.try_acquire(1 << 39), "{round}");
            assert!(!budget.try_acquire(1));
            budget.release(Amount { messages: 2, bytes: 1 << 40 });
            assert_eq!(budget.held(), Amount::default());
        }
    }

    #[test]
    fn no_message_limit_and_huge_limits_are_kept_or_cut_as_documented() {
        let budget = Budget::new(0, 1 << 30);
        assert_eq!(budget.limit(), Amount { messages: (1 << 33) - 1, bytes: 1 << 30 });
        let budget = Budget::new(i32::MAX as usize, (i32::MAX as u64) * 1024);
        assert_eq!(budget.limit(), Amount { messages: (1 << 26) - 1, bytes: (1 << 38) - 1 });
        let budget = Budget::new(10_000_000, (i32::MAX as u64) * 1024);
        assert_eq!(budget.limit(), Amount { messages: 10_000_000, bytes: (1 << 40) - 1 });
        let budget = Budget::new(1, u64::MAX);
        assert!(budget.try_acquire(7) && !budget.try_acquire(0));
    }

    #[test]
    fn threads_never_exceed_the_limit_and_nothing_is_lost() {
        let budget = Budget::new(10, 1_000);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|worker| {
                    let budget = &budget;
                    scope.spawn(move || {
                        for i in 0..20_000u64 {
                            let bytes = (i * 37 + worker) % 200;
                            assert!(budget.acquire(bytes as usize, FOREVER, || false));
                            budget.release(one(bytes));
                        }
                    })
                })
                .collect();
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let held = budget.held();
                    assert!(held.messages <= 10 && held.bytes <= 1_000, "{held:?}");
                    std::thread::yield_now();
                }
            });
            workers.into_iter().for_each(|worker| worker.join().unwrap());
            done.store(true, Ordering::Relaxed);
        });
        assert_eq!(budget.held(), Amount::default());
    }

    #[test]
    fn one_at_a_time_serves_and_what_it_served_counts_at_once() {
        let budget = Budget::new(3, 100);
        (0..3).for_each(|_| assert!(budget.try_acquire(10)));
        assert!(budget.begin_serving() && !budget.begin_serving());
        budget.serve(one(10));
        assert_eq!(budget.held(), Amount { messages: 2, bytes: 20 });
        budget.release(one(10));
        assert!(budget.try_acquire(80) && budget.try_acquire(10) && !budget.try_acquire(0));
        budget.end_serving();
        assert!(budget.begin_serving());
        budget.serve(Amount { messages: 3, bytes: 100 });
        assert_eq!(budget.held(), Amount::default());
    }

    #[test]
    fn threads_that_wait_for_what_is_served_never_exceed_the_limit() {
        const EACH: u64 = 20_000;
        let budget = Budget::new(4, 1_000);
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let (budget, sender) = (&budget, sender.clone());
                scope.spawn(move || {
                    for i in 0..EACH {
                        assert!(budget.acquire((i % 200) as usize, FOREVER, || false));
                        sender.send(i % 200).unwrap();
                    }
                });
            }
            assert!(budget.begin_serving());
            for _ in 0..2 * EACH {
                let bytes = receiver.recv().unwrap();
                let held = budget.held();
                assert!(held.messages <= 4 && held.bytes <= 1_000, "{held:?}");
                budget.serve(one(bytes));
            }
            budget.end_serving();
        });
        assert_eq!(budget.held(), Amount::default());
    }

    #[test]
    fn a_waiter_gets_what_is_served_though_more_is_not_told_of() {
        let budget = Budget::new(100_000, 1 << 20);
        (0..100_000).for_each(|_| assert!(budget.try_acquire(1)));
        std::thread::scope(|scope| {
            let waiters: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| assert!(budget.acquire(1, FOREVER, || false))))
                .collect();
            while budget.released.waiters.load(Ordering::SeqCst) < 3 {
                std::thread::yield_now();
            }
            assert!(budget.begin_serving());
            (0..3).for_each(|_| budget.serve(one(1)));
            // Serving goes on, for as long as the application's callback takes.
            waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
            budget.end_serving();
        });
        assert_eq!(budget.held(), Amount { messages: 100_000, bytes: 100_000 });
    }

    #[test]
    fn a_waiter_gets_what_is_released_and_gives_up_at_its_deadline() {
        let budget = Budget::new(1, 100);
        assert!(budget.try_acquire(10));
        assert!(!budget.acquire(10, Duration::from_millis(5), || false));
        assert!(!budget.wait_empty(Duration::from_millis(5)));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(10));
                budget.release(one(10));
            });
            assert!(budget.acquire(10, FOREVER, || false));
        });
        budget.release(one(10));
        assert!(budget.wait_empty(Duration::ZERO));
    }
}
