//! Exponential back-off with jitter (KIP-580), for retries and reconnects.

use super::rng::Rng;

/// The delay before try `failures + 1`: `base_us` doubled for each failure after the first, up to `max_us`, then jittered
/// within `low_percent..=high_percent` of itself, never beyond `max_us`.
pub fn delay_us(
    failures: u32,
    base_us: u64,
    max_us: u64,
    jitter_percent: (u64, u64),
    rng: &mut Rng,
) -> u64 {
    let doublings = failures.saturating_sub(1).min(32);
    let nominal_us = base_us.saturating_mul(1 << doublings).min(max_us);
    let (low, high) = jitter_percent;
    let percent = low + rng.below(high - low + 1);
    (nominal_us.saturating_mul(percent) / 100).min(max_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_limit_within_their_jitter() {
        let mut rng = Rng::new(1);
        for failures in 0..100 {
            let delay = delay_us(failures, 100_000, 1_000_000, (80, 120), &mut rng);
            let nominal = (100_000u64 << failures.saturating_sub(1).min(20)).min(1_000_000);
            assert!(delay >= nominal * 8 / 10 && delay <= (nominal * 12 / 10).min(1_000_000));
        }
        assert_eq!(delay_us(5, 0, 0, (80, 120), &mut rng), 0);
    }
}
