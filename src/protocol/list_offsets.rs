//! ListOffsets v1 to v10: the offset at a timestamp, or the first or last one.

use super::error_code::ErrorCode;
use super::message::{api, message};

/// Timestamp that asks for the offset after the last record.
pub const LATEST_TIMESTAMP: i64 = -1;
/// Timestamp that asks for the first offset.
pub const EARLIEST_TIMESTAMP: i64 = -2;

message! {
    /// Asks for offsets.
    pub struct ListOffsetsRequest<'a> {
        /// Node id of a replica, -1 for a consumer.
        replica_id: i32 [0..] = -1;
        /// 1: only committed transactions.
        isolation_level: i8 [2..];
        /// What to look up.
        topics: Vec<ListOffsetsTopic<'a>> [0..];
        /// How long to wait for remote storage.
        timeout_ms: i32 [10..];
    }

    /// Partitions of a topic.
    pub struct ListOffsetsTopic<'a> {
        /// Topic name.
        name: &'a str [0..];
        /// The partitions.
        partitions: Vec<ListOffsetsPartition> [0..];
    }

    /// A partition to look up.
    pub struct ListOffsetsPartition {
        /// Number of the partition.
        partition_index: i32 [0..];
        /// Leader epoch known to the consumer, -1 for none.
        current_leader_epoch: i32 [4..] = -1;
        /// The timestamp, or one of the special ones.
        timestamp: i64 [0..];
    }

    /// The offsets.
    pub struct ListOffsetsResponse<'a> {
        /// How long the client is throttled.
        throttle_time_ms: i32 [2..];
        /// Offsets by topic.
        topics: Vec<ListOffsetsTopicResponse<'a>> [0..];
    }

    /// Offsets of a topic.
    pub struct ListOffsetsTopicResponse<'a> {
        /// Topic name.
        name: &'a str [0..];
        /// Offsets by partition.
        partitions: Vec<ListOffsetsPartitionResponse> [0..];
    }

    /// Offset of a partition.
    pub struct ListOffsetsPartitionResponse {
        /// Number of the partition.
        partition_index: i32 [0..];
        /// Its error.
        error_code: ErrorCode [0..];
        /// Timestamp of the record found, -1 for none.
        timestamp: i64 [1..] = -1;
        /// The offset, -1 for none.
        offset: i64 [1..] = -1;
        /// Its leader epoch, -1 for none.
        leader_epoch: i32 [4..] = -1;
    }
}

api!(LIST_OFFSETS [1..=10]: ListOffsetsRequest<'a>, ListOffsetsResponse<'a>);
