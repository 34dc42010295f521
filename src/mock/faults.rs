//! Errors and delays that a test puts in the way of requests: a queue for each API key, used up one by one.

use crate::protocol::{ApiKey, ErrorCode};
use std::collections::{BTreeMap, VecDeque};

/// What is to happen to a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// The error to answer; `NONE` to handle the request as usual.
    pub error: ErrorCode,
    /// How much later to answer, in microseconds.
    pub delay_us: u64,
    /// Close the connection instead of answering.
    pub disconnect: bool,
    /// Produce: append, and answer the error all the same.
    pub appends: bool,
    /// Produce and Metadata: ask the client to be left alone for that long.
    pub throttle_time_ms: i32,
}

impl Fault {
    /// Answer with that error.
    pub fn error(error: ErrorCode) -> Self {
        Self { error, ..Self::default() }
    }

    /// Append what is produced, and answer with that error all the same.
    pub fn error_after_append(error: ErrorCode) -> Self {
        Self { error, appends: true, ..Self::default() }
    }

    /// Answer as usual, and ask to be left alone for that long.
    pub fn throttle_ms(throttle_time_ms: i32) -> Self {
        Self { throttle_time_ms, ..Self::default() }
    }

    /// Answer that much later.
    pub fn delay_us(delay_us: u64) -> Self {
        Self { delay_us, ..Self::default() }
    }

    /// Close the connection.
    pub fn disconnect() -> Self {
        Self { disconnect: true, ..Self::default() }
    }
}

/// Faults to come, of the cluster or of one broker.
#[derive(Debug, Default)]
pub struct Faults {
    by_api: BTreeMap<ApiKey, VecDeque<Fault>>,
}

impl Faults {
    /// Adds faults for the next requests of that API.
    pub fn push(&mut self, api_key: ApiKey, faults: impl IntoIterator<Item = Fault>) {
        self.by_api.entry(api_key).or_default().extend(faults);
    }

    /// The fault of this request, if any.
    pub fn next(&mut self, api_key: ApiKey) -> Option<Fault> {
        self.by_api.get_mut(&api_key)?.pop_front()
    }

    /// Faults left for that API.
    pub fn remaining(&self, api_key: ApiKey) -> usize {
        self.by_api.get(&api_key).map_or(0, VecDeque::len)
    }

    /// Drops the faults of that API.
    pub fn clear(&mut self, api_key: ApiKey) {
        self.by_api.remove(&api_key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_used_up_in_order_and_only_by_their_api() {
        let mut faults = Faults::default();
        let error = Fault::error(ErrorCode::REQUEST_TIMED_OUT);
        faults.push(ApiKey::PRODUCE, [error, Fault::disconnect()]);
        assert_eq!(faults.next(ApiKey::METADATA), None);
        assert_eq!(faults.next(ApiKey::PRODUCE), Some(error));
        assert_eq!(faults.remaining(ApiKey::PRODUCE), 1);
        assert_eq!(faults.next(ApiKey::PRODUCE), Some(Fault::disconnect()));
        assert_eq!(faults.next(ApiKey::PRODUCE), None);
    }
}
