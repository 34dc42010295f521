//! The requests that came in, for tests that count them. Pure state, run by whoever drives the cluster.

use crate::protocol::ApiKey;
use std::collections::VecDeque;

/// Requests kept; beyond, the oldest are forgotten.
const TRACKED_MAX: usize = 1_000_000;

/// A request that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackedRequest {
    /// The broker it came to.
    pub broker_id: i32,
    /// What it was.
    pub api_key: ApiKey,
    /// When, in the time of whoever drives the cluster.
    pub at_us: u64,
}

/// Requests in the order in which they came.
#[derive(Debug, Default)]
pub struct TrackedRequests(VecDeque<TrackedRequest>);

impl TrackedRequests {
    /// Adds one.
    pub fn push(&mut self, request: TrackedRequest) {
        if self.0.len() >= TRACKED_MAX {
            self.0.pop_front();
        }
        self.0.push_back(request);
    }

    /// All of them.
    pub fn to_vec(&self) -> Vec<TrackedRequest> {
        self.0.iter().copied().collect()
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.0 = VecDeque::new();
    }
}
