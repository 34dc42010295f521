//! When a wait of an application thread ends.

use std::time::{Duration, Instant};

/// A wait's end; `None` is never.
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// `timeout_ms` from now, as librdkafka's functions take it: negative is never.
    #[expect(clippy::disallowed_methods, reason = "waits of application threads need the clock")]
    pub(crate) fn after_ms(timeout_ms: i32) -> Self {
        let timeout_ms = u64::try_from(timeout_ms).ok();
        Self(timeout_ms.map(|ms| Instant::now() + Duration::from_millis(ms)))
    }

    /// What is left, to be given to such a function again.
    #[expect(clippy::disallowed_methods, reason = "waits of application threads need the clock")]
    pub(crate) fn remaining_ms(&self) -> i32 {
        self.0.map_or(-1, |end| {
            let left_ms = end.saturating_duration_since(Instant::now()).as_millis();
            i32::try_from(left_ms).unwrap_or(i32::MAX)
        })
    }

    /// Time left, at most `cap`.
    #[expect(clippy::disallowed_methods, reason = "waits of application threads need the clock")]
    pub(crate) fn remaining(&self, cap: Duration) -> Duration {
        match self.0 {
            None => cap,
            Some(end) => end.saturating_duration_since(Instant::now()).min(cap),
        }
    }
}
