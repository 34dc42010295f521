//! Fetch v4 to v18: records from partition leaders (sessions: KIP-227, rack awareness: KIP-392, topic ids: KIP-516).

use super::error_code::ErrorCode;
use super::message::{api, message};
use super::produce::{LeaderIdAndEpoch, NodeEndpoint};

message! {
    /// Asks for records.
    pub struct FetchRequest<'a> {
        /// Cluster id, if the fetcher is a replica.
        cluster_id: Option<&'a str> [12..] tag 0;
        /// Node id of a replica, -1 for a consumer.
        replica_id: i32 [0..=14] = -1;
        /// State of a replica.
        replica_state: ReplicaState [15..] tag 1;
        /// How long to wait for `min_bytes`.
        max_wait_ms: i32 [0..];
        /// The fewest bytes worth answering with.
        min_bytes: i32 [0..];
        /// The most bytes of the response.
        max_bytes: i32 [3..] = i32::MAX;
        /// 1: only committed transactions.
        isolation_level: i8 [4..];
        /// Fetch session, 0 for none.
        session_id: i32 [7..];
        /// Its epoch, -1 for no session.
        session_epoch: i32 [7..] = -1;
        /// What to fetch.
        topics: Vec<FetchTopic<'a>> [0..];
        /// What to drop from the session.
        forgotten_topics: Vec<ForgottenTopic<'a>> [7..];
        /// Rack of the consumer.
        rack_id: &'a str [11..];
    }

    /// State of a replica.
    pub struct ReplicaState {
        /// Node id, -1 for a consumer.
        replica_id: i32 [15..] = -1;
        /// Its epoch.
        replica_epoch: i64 [15..] = -1;
    }

    /// Partitions of a topic to fetch.
    pub struct FetchTopic<'a> {
        /// Topic name, up to v12.
        topic: &'a str [0..=12];
        /// Topic id, from v13.
        topic_id: [u8; 16] [13..];
        /// The partitions.
        partitions: Vec<FetchPartition> [0..];
    }

    /// A partition to fetch.
    pub struct FetchPartition {
        /// Number of the partition.
        partition: i32 [0..];
        /// Leader epoch known to the consumer, -1 for none.
        current_leader_epoch: i32 [9..] = -1;
        /// First offset wanted.
        fetch_offset: i64 [0..];
        /// Epoch of the last record fetched, -1 for none.
        last_fetched_epoch: i32 [12..] = -1;
        /// First offset of a replica's log, -1 from a consumer.
        log_start_offset: i64 [5..] = -1;
        /// The most bytes from this partition.
        partition_max_bytes: i32 [0..];
        /// Directory of a replica.
        replica_directory_id: [u8; 16] [17..] tag 0;
        /// High watermark known to a replica.
        high_watermark: i64 [18..] tag 1 = i64::MAX;
    }

    /// Partitions to drop from the session.
    pub struct ForgottenTopic<'a> {
        /// Topic name, up to v12.
        topic: &'a str [7..=12];
        /// Topic id, from v13.
        topic_id: [u8; 16] [13..];
        /// The partitions.
        partitions: Vec<i32> [7..];
    }

    /// The records.
    pub struct FetchResponse<'a> {
        /// How long the client is throttled.
        throttle_time_ms: i32 [1..];
        /// Top-level error.
        error_code: ErrorCode [7..];
        /// Fetch session, 0 for none.
        session_id: i32 [7..];
        /// Records by topic.
        topics: Vec<FetchTopicResponse<'a>> [0..];
        /// Addresses of the leaders named in the partitions.
        node_endpoints: Vec<NodeEndpoint<'a>> [16..] tag 0;
    }

    /// Records of a topic.
    pub struct FetchTopicResponse<'a> {
        /// Topic name, up to v12.
        topic: &'a str [0..=12];
        /// Topic id, from v13.
        topic_id: [u8; 16] [13..];
        /// Records by partition.
        partitions: Vec<FetchPartitionResponse<'a>> [0..];
    }

    /// Records of a partition.
    pub struct FetchPartitionResponse<'a> {
        /// Number of the partition.
        partition_index: i32 [0..];
        /// Its error.
        error_code: ErrorCode [0..];
        /// Offset after the last committed record.
        high_watermark: i64 [0..];
        /// Offset of the first open transaction.
        last_stable_offset: i64 [4..] = -1;
        /// First offset of the log.
        log_start_offset: i64 [5..] = -1;
        /// Where the consumer's log diverges.
        diverging_epoch: EpochEndOffset [12..] tag 0;
        /// The leader, when it is not this broker.
        current_leader: LeaderIdAndEpoch [12..] tag 1;
        /// Snapshot to fetch instead.
        snapshot_id: SnapshotId [12..] tag 2;
        /// Aborted transactions in the records.
        aborted_transactions: Option<Vec<AbortedTransaction>> [4..] = Some(Vec::new());
        /// Replica to fetch from instead, -1 for none.
        preferred_read_replica: i32 [11..] = -1;
        /// Record batches.
        records: Option<&'a [u8]> [0..];
    }

    /// An epoch and its end.
    pub struct EpochEndOffset {
        /// Epoch.
        epoch: i32 [12..] = -1;
        /// Offset after it.
        end_offset: i64 [12..] = -1;
    }

    /// A snapshot.
    pub struct SnapshotId {
        /// Offset after it.
        end_offset: i64 [0..] = -1;
        /// Epoch.
        epoch: i32 [0..] = -1;
    }

    /// An aborted transaction.
    pub struct AbortedTransaction {
        /// Its producer.
        producer_id: i64 [4..];
        /// Its first offset.
        first_offset: i64 [4..];
    }
}

api!(FETCH [4..=18]: FetchRequest<'a>, FetchResponse<'a>);
