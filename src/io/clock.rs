//! The clock: monotonic microseconds for every decision and duration, wall-clock milliseconds for time stamps. Used on the
//! IO thread and, at the edges, on application threads; nothing below `io` reads a clock.
#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the clocks")]

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Added to every reading, so that 0 can mean "never".
const START_US: u64 = 1_000_000;

static ORIGIN: OnceLock<Instant> = OnceLock::new();

/// Reads the time. A cheap copy; all clocks of a process agree.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// The process's clock, which starts when it is first asked for.
    pub fn new() -> Self {
        Self { origin: *ORIGIN.get_or_init(Instant::now) }
    }

    /// Microseconds (CLOCK_MONOTONIC) since an arbitrary start; always more than 0.
    #[inline]
    pub fn now_us(&self) -> u64 {
        let elapsed = self.origin.elapsed();
        START_US + elapsed.as_secs() * 1_000_000 + u64::from(elapsed.subsec_micros())
    }

    /// Like [`Clock::now_us`], give or take some microseconds, hence not quite monotonic across threads, and mostly without
    /// asking the system: for every message.
    #[inline]
    pub fn now_us_cheap(&self) -> u64 {
        #[cfg(target_arch = "x86_64")]
        return super::tsc::LINE.now_us(|| {
            let elapsed = self.origin.elapsed();
            START_US * 1_000 + elapsed.as_secs() * 1_000_000_000 + u64::from(elapsed.subsec_nanos())
        });
        #[cfg(not(target_arch = "x86_64"))]
        self.now_us()
    }

    /// Milliseconds since 1970 as the system's clock has it.
    #[inline]
    pub fn wall_ms(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_clocks_agree_and_never_go_back() {
        let (a, b) = (Clock::new(), Clock::new());
        let mut last_us = 1;
        for _ in 0..1_000 {
            let (first_us, second_us) = (a.now_us(), b.now_us());
            assert!(last_us <= first_us && first_us <= second_us);
            last_us = second_us;
        }
    }

    #[test]
    fn the_cheap_time_is_about_the_true_one() {
        let clock = Clock::new();
        let start_us = clock.now_us();
        let mut before_us = start_us;
        while before_us < start_us + 30_000 {
            before_us = clock.now_us();
            let cheap_us = clock.now_us_cheap();
            let after_us = clock.now_us();
            assert!(cheap_us + 10 >= before_us && cheap_us <= after_us + 10, "{cheap_us}");
        }
    }

    #[test]
    fn wall_time_is_in_milliseconds() {
        let year_2020_ms = 1_577_836_800_000;
        assert!(Clock::new().wall_ms() > year_2020_ms);
        assert!(Clock::new().wall_ms() < 10 * year_2020_ms);
    }
}
