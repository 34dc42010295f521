//! AddOffsetsToTxn v0 to v4: tells the coordinator that a transaction commits a group's offsets (KIP-98).

use super::error_code::ErrorCode;
use super::message::{api, message};

message! {
    /// Adds a group to the open transaction.
    pub struct AddOffsetsToTxnRequest<'a> {
        /// Transactional id.
        transactional_id: &'a str [0..];
        /// Producer id.
        producer_id: i64 [0..];
        /// Producer epoch.
        producer_epoch: i16 [0..];
        /// The group.
        group_id: &'a str [0..];
    }

    /// The result.
    pub struct AddOffsetsToTxnResponse {
        /// How long the client is throttled.
        throttle_time_ms: i32 [0..];
        /// Error.
        error_code: ErrorCode [0..];
    }
}

api!(ADD_OFFSETS_TO_TXN [0..=4]: AddOffsetsToTxnRequest<'a>, AddOffsetsToTxnResponse);
