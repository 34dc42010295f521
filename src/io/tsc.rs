//! The time at the price of reading the processor's cycle counter, for produce(): half of what a clock read costs. Used on
//! application threads.
//!
//! The counter is trusted only where the kernel takes its own time from it, and for a millisecond or so: then the clock is
//! read again, which gives a new line through (counter, time). A line's slope is the rate since the reading before, and
//! counts only if it agrees with the rate before that: a suspended machine, or a counter that was set, shows there. A new
//! line begins where the old one is, if that is ahead, and falls back to the clock within its span: lines never step back.
#![cfg(target_arch = "x86_64")]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

/// For how many cycles a line holds: 0.8 ms at 5 GHz, 4 ms at 1 GHz.
const SPAN_CYCLES: u64 = 1 << 22;
/// A clock read that took longer was interrupted: nobody knows which counter belongs to it.
const READ_CYCLES_MAX: u64 = 5_000;
/// Two rates agree if they differ by less than this part.
const RATE_TOLERANCE: u64 = 1_000;
/// Fractional bits of a line's times.
const TIME_BITS: u32 = 12;
/// Fractional bits of a rate.
const RATE_BITS: u32 = 32;

/// Microseconds as a function of the counter. Written by one thread at a time, read under a version (odd: being written).
#[repr(align(128))]
#[derive(Debug)]
pub(super) struct Line {
    version: AtomicU32,
    /// Where the line begins.
    counter: AtomicU64,
    /// Microseconds there, times 2^12.
    time: AtomicU64,
    /// Microseconds per cycle, times 2^32; 0: there is no line.
    slope: AtomicU64,
    /// The last reading, and the rate since the one before (0: unknown).
    read_counter: AtomicU64,
    read_ns: AtomicU64,
    rate: AtomicU64,
}

pub(super) static LINE: Line = Line::new();

/// Whether the kernel's time comes from the cycle counter, so that it is the same on all cores and never stops.
pub(super) fn is_trusted() -> bool {
    static TRUSTED: OnceLock<bool> = OnceLock::new();
    *TRUSTED.get_or_init(|| {
        let name =
            std::fs::read("/sys/devices/system/clocksource/clocksource0/current_clocksource");
        name.is_ok_and(|name| name.trim_ascii() == b"tsc")
    })
}

#[inline]
fn cycles() -> u64 {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// Cycles times slope, as a line's time.
#[inline]
const fn rise(cycles: u64, slope: u64) -> u64 {
    (cycles * slope) >> (RATE_BITS - TIME_BITS)
}

impl Line {
    const fn new() -> Self {
        Self {
            version: AtomicU32::new(0),
            counter: AtomicU64::new(0),
            time: AtomicU64::new(0),
            slope: AtomicU64::new(0),
            read_counter: AtomicU64::new(0),
            read_ns: AtomicU64::new(0),
            rate: AtomicU64::new(0),
        }
    }

    /// Microseconds now. `read_ns` is the clock that it follows.
    #[inline]
    pub(super) fn now_us(&self, read_ns: impl FnOnce() -> u64) -> u64 {
        match self.at(cycles()) {
            Some(time_us) => time_us,
            None => self.read(read_ns),
        }
    }

    /// Microseconds at a counter's value, if the line says.
    #[inline]
    fn at(&self, counter: u64) -> Option<u64> {
        let version = self.version.load(Ordering::Acquire);
        let slope = self.slope.load(Ordering::Relaxed);
        let passed = counter.wrapping_sub(self.counter.load(Ordering::Relaxed));
        let time = self.time.load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        let steady = version & 1 == 0 && self.version.load(Ordering::Relaxed) == version;
        // A counter that was set back, or is behind on this core, has passed by far.
        (steady && slope != 0 && passed < SPAN_CYCLES)
            .then(|| (time + rise(passed, slope)) >> TIME_BITS)
    }

    #[cold]
    fn read(&self, read_ns: impl FnOnce() -> u64) -> u64 {
        let before = cycles();
        let now_ns = read_ns();
        let after = cycles();
        if !is_trusted() || after.wrapping_sub(before) > READ_CYCLES_MAX {
            return now_ns / 1_000;
        }
        let version = self.version.load(Ordering::Relaxed);
        let locked = version & 1 == 0
            && self
                .version
                .compare_exchange(version, version + 1, Ordering::Acquire, Ordering::Relaxed)
                .is_ok();
        if !locked {
            return now_ns / 1_000;
        }
        fence(Ordering::Release);
        let time_us = self.begin(before + (after - before) / 2, now_ns);
        self.version.store(version.wrapping_add(2), Ordering::Release);
        time_us
    }

    /// A new line through a reading; returns its time. By one thread at a time.
    fn begin(&self, counter: u64, now_ns: u64) -> u64 {
        let get = |value: &AtomicU64| value.load(Ordering::Relaxed);
        let set = |value: &AtomicU64, to: u64| value.store(to, Ordering::Relaxed);
        let passed = counter.wrapping_sub(get(&self.read_counter));
        let rate = rate_of(passed, now_ns.saturating_sub(get(&self.read_ns)));
        let old_rate = get(&self.rate);
        if passed < SPAN_CYCLES / 2 {
            // Too close for a rate: another thread was first.
            return self.at_end(counter).max(now_ns / 1_000);
        }
        set(&self.read_counter, counter);
        set(&self.read_ns, now_ns);
        set(&self.rate, rate);
        let true_time = ((u128::from(now_ns) << TIME_BITS) / 1_000) as u64;
        let agrees = rate != 0 && rate.abs_diff(old_rate) <= rate / RATE_TOLERANCE;
        // What is left of an old line may be ahead by a little, or by nothing that can be made up for.
        let ahead = (self.end_time(counter)).saturating_sub(true_time);
        let made_up = (u128::from(ahead) << (RATE_BITS - TIME_BITS)) / u128::from(SPAN_CYCLES);
        let slope = rate.saturating_sub(made_up as u64);
        set(&self.counter, counter);
        set(&self.time, true_time + ahead);
        set(&self.slope, if agrees { slope } else { 0 });
        (true_time + ahead) >> TIME_BITS
    }

    /// Where the line is at a counter's value, or its end if it is over.
    fn end_time(&self, counter: u64) -> u64 {
        let passed = counter.wrapping_sub(self.counter.load(Ordering::Relaxed)).min(SPAN_CYCLES);
        self.time.load(Ordering::Relaxed) + rise(passed, self.slope.load(Ordering::Relaxed))
    }

    fn at_end(&self, counter: u64) -> u64 {
        self.end_time(counter) >> TIME_BITS
    }
}

/// Microseconds per cycle times 2^32; 0 if that isn't a processor's.
fn rate_of(cycles: u64, ns: u64) -> u64 {
    let rate = (u128::from(ns) << RATE_BITS) / 1_000 / u128::from(cycles.max(1));
    // 100 MHz to 20 GHz.
    let plausible = (1u128 << RATE_BITS) / 20_000..(1u128 << RATE_BITS) / 100;
    if plausible.contains(&rate) { rate as u64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three cycles are a nanosecond.
    const STEP: u64 = 6_000_000;

    /// A line after readings of an even clock, the last at `3 * STEP`.
    fn line() -> Line {
        let line = Line::new();
        for i in 1..=3 {
            assert_eq!(line.begin(STEP * i, STEP * i / 3), STEP * i / 3_000);
        }
        line
    }

    #[test]
    fn two_rates_that_agree_make_a_line_of_some_length() {
        let line = line();
        for passed in [0, 3_000, 1_000_000, SPAN_CYCLES - 1] {
            let expected = (3 * STEP + passed) / 3_000;
            assert!(line.at(3 * STEP + passed).unwrap().abs_diff(expected) <= 1);
        }
        assert_eq!(line.at(3 * STEP + SPAN_CYCLES), None);
        assert_eq!(line.at(3 * STEP - 1), None);
    }

    #[test]
    fn rates_that_do_not_agree_end_the_line_until_they_do() {
        let line = line();
        // The clock stood still for 10 ms while the counter went on: a suspended machine.
        let (counter, at_ns) = (3 * STEP + 30_000_000, STEP);
        assert_eq!(line.begin(counter, at_ns), line.at_end(counter).max(at_ns / 1_000));
        assert_eq!(line.at(counter), None);
        line.begin(counter + STEP, at_ns + STEP / 3);
        assert_eq!(line.at(counter + STEP), None);
        line.begin(counter + 2 * STEP, at_ns + 2 * STEP / 3);
        assert!(line.at(counter + 2 * STEP).is_some());
    }

    #[test]
    fn a_line_ahead_of_the_clock_is_met_within_a_span_and_never_steps_back() {
        let line = line();
        // The counter ran fast by 0.05 %: the old line is ahead by a microsecond at its end.
        let counter = 3 * STEP + SPAN_CYCLES;
        let end_us = line.at(3 * STEP + SPAN_CYCLES - 1).unwrap();
        let at_ns = STEP + SPAN_CYCLES / 3 * 9_995 / 10_000;
        let begin_us = line.begin(counter, at_ns);
        assert!(begin_us >= end_us && begin_us >= at_ns / 1_000);
        let later = counter + SPAN_CYCLES - 1;
        let true_us = (at_ns + (SPAN_CYCLES - 1) / 3) / 1_000;
        let later_us = line.at(later).unwrap();
        assert!(later_us.abs_diff(true_us) <= 2, "{later_us} {true_us}");
    }

    #[test]
    fn a_reading_just_after_another_changes_nothing() {
        let line = line();
        let before = (line.counter.load(Ordering::Relaxed), line.slope.load(Ordering::Relaxed));
        line.begin(3 * STEP + 100, STEP + 30);
        let after = (line.counter.load(Ordering::Relaxed), line.slope.load(Ordering::Relaxed));
        assert_eq!(before, after);
    }

    #[test]
    fn implausible_rates_are_none() {
        assert_eq!(
            (rate_of(0, 1_000_000), rate_of(1_000, 1_000_000), rate_of(1 << 40, 1)),
            (0, 0, 0)
        );
        assert!(rate_of(3_000_000, 1_000_000).abs_diff((1 << RATE_BITS) / 3_000) <= 1);
    }
}
