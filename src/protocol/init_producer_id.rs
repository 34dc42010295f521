//! InitProducerId v0 to v5: producer id and epoch for idempotence and transactions (KIP-98, epoch bump: KIP-360).

use super::error_code::ErrorCode;
use super::message::{api, message};

message! {
    /// Asks for a producer id, or for a bump of its epoch.
    pub struct InitProducerIdRequest<'a> {
        /// Transactional id; `None` for idempotence only.
        transactional_id: Option<&'a str> [0..];
        /// Transactions open longer are aborted. Ignored without a transactional id.
        transaction_timeout_ms: i32 [0..];
        /// The producer id to bump, -1 for none.
        producer_id: i64 [3..] = -1;
        /// Its epoch, -1 for none.
        producer_epoch: i16 [3..] = -1;
    }

    /// The producer id.
    pub struct InitProducerIdResponse {
        /// How long the client is throttled.
        throttle_time_ms: i32 [0..];
        /// Error.
        error_code: ErrorCode [0..];
        /// Producer id, -1 on error.
        producer_id: i64 [0..] = -1;
        /// Epoch.
        producer_epoch: i16 [0..];
    }
}

api!(INIT_PRODUCER_ID [0..=5]: InitProducerIdRequest<'a>, InitProducerIdResponse);
