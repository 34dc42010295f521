//! A window: the values since the last report, as a histogram of two significant digits.

use hdrhistogram::Histogram;
use serde::Serialize;

/// Digits that a percentile keeps, as in librdkafka.
const SIGNIFICANT_DIGITS: u8 = 2;

/// What a window held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WindowReport {
    /// Smallest value.
    pub min: u64,
    /// Largest value.
    pub max: u64,
    /// Mean.
    pub avg: u64,
    /// Sum.
    pub sum: u64,
    /// Standard deviation.
    pub stddev: u64,
    /// Percentiles.
    pub p50: u64,
    #[expect(missing_docs, reason = "see p50")]
    pub p75: u64,
    #[expect(missing_docs, reason = "see p50")]
    pub p90: u64,
    #[expect(missing_docs, reason = "see p50")]
    pub p95: u64,
    #[expect(missing_docs, reason = "see p50")]
    pub p99: u64,
    #[expect(missing_docs, reason = "see p50")]
    pub p99_99: u64,
    /// Values that the histogram had no place for: it grows instead, so there are none.
    pub outofrange: u64,
    /// Bytes of the histogram.
    pub hdrsize: u64,
    /// Number of values.
    pub cnt: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Window {
    /// Made when the first value comes.
    histogram: Option<Histogram<u32>>,
    min: u64,
    max: u64,
    sum: u64,
    count: u64,
}

impl Window {
    /// Adds a value.
    pub fn record(&mut self, value: u64) {
        self.record_each(std::iter::once(value));
    }

    /// Adds many values, cheaply if neighbours are much alike: the histogram gets those that it can't tell apart together.
    pub fn record_each(&mut self, values: impl Iterator<Item = u64>) {
        if self.histogram.is_none() {
            self.histogram = Histogram::new(SIGNIFICANT_DIGITS).ok();
        }
        let Some(histogram) = &mut self.histogram else { return };
        let (mut lowest, mut highest, mut alike) = (0, 0, 0u32);
        for value in values {
            if alike == 0 || value < lowest || value > highest || alike == u32::MAX {
                if alike > 0 {
                    // It grows as needed; beyond that there is nothing to tell.
                    let _ = histogram.record_n(lowest, alike);
                }
                lowest = histogram.lowest_equivalent(value);
                highest = histogram.highest_equivalent(value);
                alike = 0;
            }
            alike += 1;
            self.min = if self.count == 0 { value } else { self.min.min(value) };
            self.max = self.max.max(value);
            self.sum = self.sum.saturating_add(value);
            self.count += 1;
        }
        if alike > 0 {
            let _ = histogram.record_n(lowest, alike);
        }
    }

    /// What it holds; with `roll` it is empty afterwards.
    pub fn report(&mut self, roll: bool) -> WindowReport {
        let Some(histogram) = &mut self.histogram else { return WindowReport::default() };
        let counts_bytes = histogram.distinct_values() * size_of::<u32>();
        let mut report = WindowReport {
            hdrsize: (size_of::<Histogram<u32>>() + counts_bytes) as u64,
            ..WindowReport::default()
        };
        if let Some(avg) = self.sum.checked_div(self.count) {
            // A bucket's upper end may lie beyond the largest value.
            let at = |quantile: f64| histogram.value_at_quantile(quantile).min(self.max);
            report = WindowReport {
                min: self.min,
                max: self.max,
                avg,
                sum: self.sum,
                stddev: histogram.stdev() as u64,
                p50: at(0.50),
                p75: at(0.75),
                p90: at(0.90),
                p95: at(0.95),
                p99: at(0.99),
                p99_99: at(0.9999),
                cnt: self.count,
                ..report
            };
        }
        if roll {
            histogram.reset();
            (self.min, self.max, self.sum, self.count) = (0, 0, 0, 0);
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unused_window_is_all_zero() {
        assert_eq!(Window::default().report(true), WindowReport::default());
    }

    #[test]
    fn percentiles_are_those_of_the_values_within_two_digits() {
        let mut window = Window::default();
        (1..=10_000).for_each(|value| window.record(value));
        let report = window.report(false);
        assert_eq!(
            (report.min, report.max, report.sum, report.cnt),
            (1, 10_000, 50_005_000, 10_000)
        );
        assert_eq!(report.avg, 5_000);
        let near = |got: u64, want: u64| got.abs_diff(want) * 100 <= want;
        for (got, want) in [
            (report.p50, 5_000),
            (report.p75, 7_500),
            (report.p90, 9_000),
            (report.p95, 9_500),
            (report.p99, 9_900),
            (report.p99_99, 9_999),
            (report.stddev, 2_887),
        ] {
            assert!(near(got, want), "{got} is not near {want}");
        }
        assert!(report.hdrsize > 0 && report.p99_99 <= report.max);
        assert_eq!(window.report(true), report, "looking does not empty it");
        let after = window.report(true);
        assert_eq!((after.cnt, after.max, after.p99, after.sum), (0, 0, 0, 0));
    }

    #[test]
    fn the_smallest_value_is_found_also_when_it_is_zero_and_came_later() {
        let mut window = Window::default();
        window.record_each([7, 7, 7].into_iter());
        window.record(0);
        let report = window.report(true);
        assert_eq!((report.min, report.max, report.cnt, report.avg), (0, 7, 4, 5));
    }

    #[test]
    fn huge_values_neither_panic_nor_get_lost() {
        let mut window = Window::default();
        window.record_each([u64::MAX, u64::MAX, 1].into_iter());
        let report = window.report(true);
        assert_eq!((report.max, report.cnt, report.sum), (u64::MAX, 3, u64::MAX));
    }

    #[test]
    fn values_given_together_count_as_if_given_one_by_one() {
        let values = || (0..5_000u64).map(|i| (i * 7_919) % 1_000 + i / 3);
        let (mut together, mut apart) = (Window::default(), Window::default());
        together.record_each(values());
        values().for_each(|value| apart.record(value));
        assert_eq!(together.report(true), apart.report(true));
    }
}
