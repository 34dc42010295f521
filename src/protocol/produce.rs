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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Message;

    #[test]
    fn framing_and_records_together_are_the_request() {
        let partitions = [(0, &b"first batch"[..]), (7, b""), (3, b"third")];
        let framing = partitions
            .map(|(index, records)| FramingPartition { index, records_len_bytes: records.len() });
        let topic = |name, partitions| FramingTopic { name, topic_id: [9; 16], partitions };
        let topics =
            [topic("orders", &framing[..]), topic("empty", &[]), topic("p", &framing[1..])];
        for version in 3..=13 {
            let (mut head, mut cuts) = (b"before".to_vec(), Vec::new());
            let records_len =
                encode_framing(version, Some("tx"), -1, 30_000, &topics, &mut head, &mut cuts);
            let slices = [b"first batch".as_slice(), b"", b"third", b"", b"third"];
            assert_eq!((records_len, cuts.len()), (21, slices.len()));
            let (mut framed, mut from) = (Vec::new(), 6);
            for (cut, records) in cuts.into_iter().zip(slices) {
                framed.extend_from_slice(&head[from..cut]);
                framed.extend_from_slice(records);
                from = cut;
            }
            framed.extend_from_slice(&head[from..]);

            let (name, topic_id) = if version < 13 { ("orders", [0; 16]) } else { ("", [9; 16]) };
            let request = ProduceRequest::decode_all(&framed, version).expect("well-formed");
            assert_eq!((request.transactional_id, request.acks), (Some("tx"), -1));
            assert_eq!(request.timeout_ms, 30_000);
            assert_eq!((request.topics[0].name, request.topics[0].topic_id), (name, topic_id));
            let read: Vec<_> = request.topics[0]
                .partitions
                .iter()
                .map(|partition| (partition.index, partition.records.expect("not null")))
                .collect();
            assert_eq!(read, partitions);
            assert_eq!((request.topics[1].partitions.len(), request.topics.len()), (0, 3));
        }
    }
}
