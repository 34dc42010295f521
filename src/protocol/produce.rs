//! Produce v3 to v13: record batches to partition leaders (leader hints: KIP-951; topic ids in v13: KIP-516).
//!
//! The client does not build a [`ProduceRequest`]: [`encode_framing`] writes all but the records and says where each
//! partition's records belong, so that sealed batches go to the socket without a copy.

use super::api_key::ApiKey;
use super::error_code::ErrorCode;
use super::message::{api, message};
use super::wire::Put;

message! {
    /// Records for partitions.
    pub struct ProduceRequest<'a> {
        /// Transactional id of the producer.
        transactional_id: Option<&'a str> [3..];
        /// Acknowledgements asked for: 0, 1 or -1 (all in sync). No response comes for 0.
        acks: i16 [0..];
        /// How long the broker may wait for the replicas.
        timeout_ms: i32 [0..];
        /// Records by topic.
        topics: Vec<ProduceTopic<'a>> [0..];
    }

    /// Records for the partitions of a topic.
    pub struct ProduceTopic<'a> {
        /// Topic name, up to v12.
        name: &'a str [0..=12];
        /// Topic id, from v13.
        topic_id: [u8; 16] [13..];
        /// Records by partition.
        partitions: Vec<ProducePartition<'a>> [0..];
    }

    /// Records for a partition.
    pub struct ProducePartition<'a> {
        /// Number of the partition.
        index: i32 [0..];
        /// One record batch (several for old clients).
        records: Option<&'a [u8]> [0..];
    }

    /// What became of the records.
    pub struct ProduceResponse<'a> {
        /// Results by topic.
        topics: Vec<ProduceTopicResponse<'a>> [0..];
        /// How long the client is throttled.
        throttle_time_ms: i32 [1..];
        /// Addresses of the leaders named in the partitions.
        node_endpoints: Vec<NodeEndpoint<'a>> [10..] tag 0;
    }

    /// Results of a topic.
    pub struct ProduceTopicResponse<'a> {
        /// Topic name, up to v12.
        name: &'a str [0..=12];
        /// Topic id, from v13.
        topic_id: [u8; 16] [13..];
        /// Results by partition.
        partitions: Vec<ProducePartitionResponse<'a>> [0..];
    }

    /// Result of a partition.
    pub struct ProducePartitionResponse<'a> {
        /// Number of the partition.
        index: i32 [0..];
        /// Its error.
        error_code: ErrorCode [0..];
        /// Offset of the first record.
        base_offset: i64 [0..];
        /// Broker's time of the append, -1 unless the topic uses LogAppendTime.
        log_append_time_ms: i64 [2..] = -1;
        /// First offset of the log, -1 when unknown.
        log_start_offset: i64 [5..] = -1;
        /// Records that made the batch fail.
        record_errors: Vec<RecordError<'a>> [8..];
        /// Text common to the failed records.
        error_message: Option<&'a str> [8..];
        /// The leader, when it is not this broker.
        current_leader: LeaderIdAndEpoch [10..] tag 0;
    }

    /// A record that made its batch fail.
    pub struct RecordError<'a> {
        /// Its position in the batch.
        batch_index: i32 [8..];
        /// Why.
        message: Option<&'a str> [8..];
    }

    /// A leader and its epoch, -1 when unknown.
    pub struct LeaderIdAndEpoch {
        /// Node id.
        leader_id: i32 [0..] = -1;
        /// Epoch.
        leader_epoch: i32 [0..] = -1;
    }

    /// Address of a broker.
    pub struct NodeEndpoint<'a> {
        /// Node id.
        node_id: i32 [0..];
        /// Host.
        host: &'a str [0..];
        /// Port.
        port: i32 [0..];
        /// Rack.
        rack: Option<&'a str> [0..];
    }
}

api!(PRODUCE [3..=13]: ProduceRequest<'a>, ProduceResponse<'a>);

/// A topic of a request whose records stand elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct FramingTopic<'a> {
    /// Topic name, used up to v12.
    pub name: &'a str,
    /// Topic id, used from v13.
    pub topic_id: [u8; 16],
    /// Number and records' length of each partition.
    pub partitions: &'a [FramingPartition],
}

/// A partition of a request whose records stand elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct FramingPartition {
    /// Number of the partition.
    pub index: i32,
    /// Length of its record batch.
    pub records_len_bytes: usize,
}

/// Appends the body of a request without the records. One position of `out` is pushed to `cuts` for each partition,
/// in order: its records belong there. Returns the length of all records, which the size of the frame must include.
pub fn encode_framing(
    version: i16,
    transactional_id: Option<&str>,
    acks: i16,
    timeout_ms: i32,
    topics: &[FramingTopic<'_>],
    out: &mut Vec<u8>,
    cuts: &mut Vec<usize>,
) -> usize {
    let flexible = ApiKey::PRODUCE.is_flexible(version);
    let end_struct = |out: &mut Vec<u8>| {
        if flexible {
            out.put_uvarint(0);
        }
    };
    let mut records_len_bytes = 0;
    out.put_nullable_string(transactional_id, flexible);
    out.put_i16(acks);
    out.put_i32(timeout_ms);
    out.put_array_len(Some(topics.len()), flexible);
    for topic in topics {
        if version >= 13 {
            out.extend_from_slice(&topic.topic_id);
        } else {
            out.put_nullable_string(Some(topic.name), flexible);
        }
        out.put_array_len(Some(topic.partitions.len()), flexible);
        for partition in topic.partitions {
            out.put_i32(partition.index);
            out.put_bytes_len(Some(partition.records_len_bytes), flexible);
            cuts.push(out.len());
            records_len_bytes += partition.records_len_bytes;
            end_struct(out);
        }
        end_struct(out);
    }
    end_struct(out);
    records_len_bytes
}
