//! What any client of a cluster needs, sans-IO: brokers and their connections' state, requests in flight, versions,
//! back-off, timers. Runs wherever the core runs: on the IO thread or in the simulator.

pub mod backoff;
pub mod broker;
pub mod local_error;
pub mod planted;
pub mod rng;
pub mod timers;
pub mod versions;
