//! When small requests follow each other quickly, the next ones wait a little, so that batches form by themselves although
//! nothing lingers. IO thread; plain arithmetic on the time it is told.
//!
//! The rule: if at least [`BUSY_RECORDS`] records went out within [`WINDOW_US`], and they were small, nothing more is sent until
//! [`WINDOW_US`] after the last request, and what is produced meanwhile wakes nobody. A message alone, or one that is sent when
//! the last is answered, is below that rate and goes at once. Slow links lose nothing that counts: the wait is less than a
//! tenth of a millisecond.

/// The longest that a message is held back, and the time over which the rate is judged.
pub(super) const WINDOW_US: u64 = 80;

/// Records in one window that make holding back worth it: some 60,000 a second.
const BUSY_RECORDS: u64 = 5;

/// In requests that large the cost of each no longer matters.
const SMALL_BYTES: u64 = 1 << 15;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    window_start_us: u64,
    records: u64,
    bytes: u64,
    held_until_us: u64,
}

impl Pacer {
    /// Requests with that much in them are on their way.
    pub(super) fn note_sent(&mut self, records: u64, bytes: u64, now_us: u64) {
        if now_us >= self.window_start_us + WINDOW_US {
            *self = Self { window_start_us: now_us, ..Self::default() };
        }
        self.records += records;
        self.bytes += bytes;
        let held = self.records >= BUSY_RECORDS && self.bytes <= SMALL_BYTES;
        self.held_until_us = if held { now_us + WINDOW_US } else { 0 };
    }

    /// Until when nothing is sent; `None` if it may be now.
    pub(super) fn held_until_us(&self, now_us: u64) -> Option<u64> {
        (self.held_until_us > now_us).then_some(self.held_until_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends one record every `gap_us`, or when the pacer lets it, with what waited; returns the longest wait and the requests.
    fn run(gap_us: u64, count: u64) -> (u64, u64) {
        let (mut pacer, mut waiting) = (Pacer::default(), Vec::new());
        let (mut longest_us, mut requests) = (0, 0);
        for now_us in 1_000_000..1_000_000 + gap_us * count + WINDOW_US {
            let since_us = now_us - 1_000_000;
            if since_us.is_multiple_of(gap_us) && since_us / gap_us < count {
                waiting.push(now_us);
            }
            if !waiting.is_empty() && pacer.held_until_us(now_us).is_none() {
                pacer.note_sent(waiting.len() as u64, 100 * waiting.len() as u64, now_us);
                longest_us = longest_us.max(now_us - waiting[0]);
                waiting.clear();
                requests += 1;
            }
        }
        assert!(waiting.is_empty());
        (longest_us, requests)
    }

    #[test]
    fn below_the_rate_nothing_waits() {
        assert_eq!(run(100, 1_000), (0, 1_000));
        assert_eq!(run(30, 1_000), (0, 1_000));
    }

    #[test]
    fn above_it_a_request_goes_out_for_each_window() {
        let (longest_us, requests) = run(10, 10_000);
        assert!(longest_us <= WINDOW_US);
        assert!((1_150..=1_350).contains(&requests), "{requests}");
    }

    #[test]
    fn large_requests_are_not_held_back() {
        let mut pacer = Pacer::default();
        pacer.note_sent(1_000, SMALL_BYTES + 1, 1_000_000);
        assert_eq!(pacer.held_until_us(1_000_000), None);
        pacer.note_sent(1_000, SMALL_BYTES, 2_000_000);
        assert_eq!(pacer.held_until_us(2_000_000), Some(2_000_000 + WINDOW_US));
        assert_eq!(pacer.held_until_us(2_000_000 + WINDOW_US), None);
    }
}
