//! FindCoordinator v0 to v6: the broker that coordinates a group or a transactional id (batched from v4: KIP-699).

use super::error_code::ErrorCode;
use super::message::{api, message};

/// Key type of a consumer group.
pub const KEY_TYPE_GROUP: i8 = 0;
/// Key type of a transactional id.
pub const KEY_TYPE_TRANSACTION: i8 = 1;

message! {
    /// Asks for coordinators.
    pub struct FindCoordinatorRequest<'a> {
        /// The key, up to v3.
        key: &'a str [0..=3];
        /// What the key is.
        key_type: i8 [1..];
        /// The keys, from v4.
        coordinator_keys: Vec<&'a str> [4..];
    }

    /// The coordinators; up to v3 the one asked for stands in the response itself.
    pub struct FindCoordinatorResponse<'a> {
        /// How long the client is throttled.
        throttle_time_ms: i32 [1..];
        /// Error, up to v3.
        error_code: ErrorCode [0..=3];
        /// Its text, up to v3.
        error_message: Option<&'a str> [1..=3];
        /// Node id, up to v3.
        node_id: i32 [0..=3];
        /// Host, up to v3.
        host: &'a str [0..=3];
        /// Port, up to v3.
        port: i32 [0..=3];
        /// The coordinators, from v4.
        coordinators: Vec<Coordinator<'a>> [4..];
    }

    /// A coordinator.
    pub struct Coordinator<'a> {
        /// The key.
        key: &'a str [4..];
        /// Node id.
        node_id: i32 [4..];
        /// Host.
        host: &'a str [4..];
        /// Port.
        port: i32 [4..];
        /// Error.
        error_code: ErrorCode [4..];
        /// Its text.
        error_message: Option<&'a str> [4..];
    }
}

api!(FIND_COORDINATOR [0..=6]: FindCoordinatorRequest<'a>, FindCoordinatorResponse<'a>);
