//! EndTxn v0 to v5: commits or aborts a transaction (KIP-98; v5 bumps the epoch: KIP-890).

use super::error_code::ErrorCode;
use super::message::{api, message};

message! {
    /// Ends the open transaction.
    pub struct EndTxnRequest<'a> {
        /// Transactional id.
        transactional_id: &'a str [0..];
        /// Producer id.
        producer_id: i64 [0..];
        /// Producer epoch.
        producer_epoch: i16 [0..];
        /// Commit, or else abort.
        committed: bool [0..];
    }

    /// The result.
    pub struct EndTxnResponse {
        /// How long the client is throttled.
        throttle_time_ms: i32 [0..];
        /// Error.
        error_code: ErrorCode [0..];
        /// Producer id from here on, -1 on error.
        producer_id: i64 [5..] = -1;
        /// Producer epoch from here on, -1 on error.
        producer_epoch: i16 [5..] = -1;
    }
}

api!(END_TXN [0..=5]: EndTxnRequest<'a>, EndTxnResponse);
