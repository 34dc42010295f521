//! Metadata v0 to v13: brokers, topics, partitions and their leaders (topic ids: KIP-516).

use super::error_code::ErrorCode;
use super::message::{api, message};

/// Says that authorized operations were not asked for.
pub const NO_AUTHORIZED_OPERATIONS: i32 = i32::MIN;

message! {
    /// Asks about topics.
    pub struct MetadataRequest<'a> {
        /// The topics; `None` for all (in v0, which cannot say null, an empty list asks for all).
        topics: Option<Vec<MetadataRequestTopic<'a>>> [0..] = Some(Vec::new());
        /// Create missing topics if the broker is set so.
        allow_auto_topic_creation: bool [4..] = true;
        /// Also tell the operations allowed on the cluster.
        include_cluster_authorized_operations: bool [8..=10];
        /// Also tell the operations allowed on each topic.
        include_topic_authorized_operations: bool [8..];
    }

    /// A topic asked about, by name or (v12 on) by id.
    pub struct MetadataRequestTopic<'a> {
        /// Id, zero when asked by name.
        topic_id: [u8; 16] [10..];
        /// Name; may be `None` from v10 on.
        name: Option<&'a str> [0..] = Some("");
    }

    /// The answer.
    pub struct MetadataResponse<'a> {
        /// How long the client is throttled.
        throttle_time_ms: i32 [3..];
        /// All live brokers.
        brokers: Vec<MetadataBroker<'a>> [0..];
        /// Id of the cluster.
        cluster_id: Option<&'a str> [2..];
        /// Node id of the controller, -1 when unknown.
        controller_id: i32 [1..] = -1;
        /// The topics.
        topics: Vec<MetadataTopic<'a>> [0..];
        /// Bit field of the operations allowed on the cluster.
        cluster_authorized_operations: i32 [8..=10] = NO_AUTHORIZED_OPERATIONS;
        /// Top-level error.
        error_code: ErrorCode [13..];
    }

    /// A broker.
    pub struct MetadataBroker<'a> {
        /// Node id.
        node_id: i32 [0..];
        /// Advertised host.
        host: &'a str [0..];
        /// Advertised port.
        port: i32 [0..];
        /// Rack.
        rack: Option<&'a str> [1..];
    }

    /// A topic.
    pub struct MetadataTopic<'a> {
        /// Error of the topic.
        error_code: ErrorCode [0..];
        /// Name; may be `None` from v12 on, for an unknown id.
        name: Option<&'a str> [0..] = Some("");
        /// Id, zero when unknown.
        topic_id: [u8; 16] [10..];
        /// Internal to the cluster.
        is_internal: bool [1..];
        /// The partitions, in any order.
        partitions: Vec<MetadataPartition> [0..];
        /// Bit field of the operations allowed on the topic.
        topic_authorized_operations: i32 [8..] = NO_AUTHORIZED_OPERATIONS;
    }

    /// A partition.
    pub struct MetadataPartition {
        /// Error of the partition.
        error_code: ErrorCode [0..];
        /// Number of the partition.
        partition_index: i32 [0..];
        /// Node id of the leader, -1 for none.
        leader_id: i32 [0..];
        /// Epoch of the leader, -1 when unknown.
        leader_epoch: i32 [7..] = -1;
        /// All replicas.
        replica_nodes: Vec<i32> [0..];
        /// Replicas in sync.
        isr_nodes: Vec<i32> [0..];
        /// Replicas offline.
        offline_replicas: Vec<i32> [5..];
    }
}

api!(METADATA [0..=13]: MetadataRequest<'a>, MetadataResponse<'a>);
