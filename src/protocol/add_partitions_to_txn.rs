//! AddPartitionsToTxn v0 to v3: tells the coordinator which partitions a transaction writes to (KIP-98).
//!
//! v4 and later are for brokers (batched verification, KIP-890); a client that speaks transactions v1 stops at v3.

use super::error_code::ErrorCode;
use super::message::{api, message};

message! {
    /// Adds partitions to the open transaction.
    pub struct AddPartitionsToTxnRequest<'a> {
        /// Transactional id.
        transactional_id: &'a str [0..];
        /// Producer id.
        producer_id: i64 [0..];
        /// Producer epoch.
        producer_epoch: i16 [0..];
        /// The partitions.
        topics: Vec<TxnTopic<'a>> [0..];
    }

    /// Partitions of a topic.
    pub struct TxnTopic<'a> {
        /// Topic name.
        name: &'a str [0..];
        /// The partitions.
        partitions: Vec<i32> [0..];
    }

    /// The result.
    pub struct AddPartitionsToTxnResponse<'a> {
        /// How long the client is throttled.
        throttle_time_ms: i32 [0..];
        /// Results by topic.
        results: Vec<TxnTopicResult<'a>> [0..];
    }

    /// Results of a topic.
    pub struct TxnTopicResult<'a> {
        /// Topic name.
        name: &'a str [0..];
        /// Results by partition.
        results: Vec<TxnPartitionResult> [0..];
    }

    /// Result of a partition.
    pub struct TxnPartitionResult {
        /// Number of the partition.
        partition_index: i32 [0..];
        /// Its error.
        error_code: ErrorCode [0..];
    }
}

api!(ADD_PARTITIONS_TO_TXN [0..=3]: AddPartitionsToTxnRequest<'a>, AddPartitionsToTxnResponse<'a>);
