//! OffsetForLeaderEpoch v2 to v4: where a leader epoch ends, to find out whether a log was truncated (KIP-320).

use super::error_code::ErrorCode;
use super::message::{api, message};

message! {
    /// Asks where epochs end.
    pub struct OffsetForLeaderEpochRequest<'a> {
        /// Node id of a replica, -2 when unknown, -1 for a consumer.
        replica_id: i32 [3..] = -2;
        /// What to look up.
        topics: Vec<EpochTopic<'a>> [0..];
    }

    /// Partitions of a topic.
    pub struct EpochTopic<'a> {
        /// Topic name.
        topic: &'a str [0..];
        /// The partitions.
        partitions: Vec<EpochPartition> [0..];
    }

    /// A partition to look up.
    pub struct EpochPartition {
        /// Number of the partition.
        partition: i32 [0..];
        /// Leader epoch known to the consumer, -1 for none.
        current_leader_epoch: i32 [0..] = -1;
        /// The epoch to look up.
        leader_epoch: i32 [0..];
    }

    /// Where the epochs end.
    pub struct OffsetForLeaderEpochResponse<'a> {
        /// How long the client is throttled.
        throttle_time_ms: i32 [0..];
        /// Results by topic.
        topics: Vec<EpochTopicResult<'a>> [0..];
    }

    /// Results of a topic.
    pub struct EpochTopicResult<'a> {
        /// Topic name.
        topic: &'a str [0..];
        /// Results by partition.
        partitions: Vec<EpochPartitionResult> [0..];
    }

    /// Result of a partition.
    pub struct EpochPartitionResult {
        /// Its error.
        error_code: ErrorCode [0..];
        /// Number of the partition.
        partition: i32 [0..];
        /// The epoch found, -1 for none.
        leader_epoch: i32 [0..] = -1;
        /// Offset after it, -1 for none.
        end_offset: i64 [0..] = -1;
    }
}

api!(OFFSET_FOR_LEADER_EPOCH [2..=4]: OffsetForLeaderEpochRequest<'a>, OffsetForLeaderEpochResponse<'a>);
