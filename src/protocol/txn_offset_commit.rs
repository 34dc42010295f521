//! TxnOffsetCommit v0 to v4: a group's offsets, committed with the transaction (KIP-98, group metadata: KIP-447).

use super::error_code::ErrorCode;
use super::message::{api, message};

message! {
    /// Commits offsets in the open transaction.
    pub struct TxnOffsetCommitRequest<'a> {
        /// Transactional id.
        transactional_id: &'a str [0..];
        /// The group.
        group_id: &'a str [0..];
        /// Producer id.
        producer_id: i64 [0..];
        /// Producer epoch.
        producer_epoch: i16 [0..];
        /// Generation of the group, -1 for none.
        generation_id: i32 [3..] = -1;
        /// Member of the group.
        member_id: &'a str [3..];
        /// Static member of the group.
        group_instance_id: Option<&'a str> [3..];
        /// The offsets.
        topics: Vec<TxnOffsetTopic<'a>> [0..];
    }

    /// Offsets of a topic.
    pub struct TxnOffsetTopic<'a> {
        /// Topic name.
        name: &'a str [0..];
        /// Offsets by partition.
        partitions: Vec<TxnOffsetPartition<'a>> [0..];
    }

    /// Offset of a partition.
    pub struct TxnOffsetPartition<'a> {
        /// Number of the partition.
        partition_index: i32 [0..];
        /// The next offset to consume.
        committed_offset: i64 [0..];
        /// Leader epoch of the last record consumed, -1 for none.
        committed_leader_epoch: i32 [2..] = -1;
        /// Free text.
        committed_metadata: Option<&'a str> [0..] = Some("");
    }

    /// The result.
    pub struct TxnOffsetCommitResponse<'a> {
        /// How long the client is throttled.
        throttle_time_ms: i32 [0..];
        /// Results by topic.
        topics: Vec<TxnOffsetTopicResult<'a>> [0..];
    }

    /// Results of a topic.
    pub struct TxnOffsetTopicResult<'a> {
        /// Topic name.
        name: &'a str [0..];
        /// Results by partition.
        partitions: Vec<TxnOffsetPartitionResult> [0..];
    }

    /// Result of a partition.
    pub struct TxnOffsetPartitionResult {
        /// Number of the partition.
        partition_index: i32 [0..];
        /// Its error.
        error_code: ErrorCode [0..];
    }
}

api!(TXN_OFFSET_COMMIT [0..=4]: TxnOffsetCommitRequest<'a>, TxnOffsetCommitResponse<'a>);
