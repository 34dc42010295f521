//! ListOffsets: the first and last offset of a partition, or that of a time.

use super::{Request, Result, partition_error};
use crate::mock::cluster::{Cluster, Partition, Topic};
use crate::mock::log::OffsetAt;
use crate::mock::validate::record_at_timestamp;
use crate::protocol::ErrorCode;
use crate::protocol::list_offsets::{
    EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, ListOffsetsPartition, ListOffsetsPartitionResponse,
    ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse,
};

/// Asks for the record with the highest timestamp (KIP-734).
const MAX_TIMESTAMP: i64 = -3;
/// Asks for the first offset on the broker's own disk (KIP-405): here, the first one.
const EARLIEST_LOCAL_TIMESTAMP: i64 = -4;

pub(super) fn handle(cluster: &mut Cluster, request: &Request<'_>, out: &mut Vec<u8>) -> Result {
    let wanted: ListOffsetsRequest<'_> = request.decode()?;
    let named = wanted.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| (topic.name, partition.partition_index))
    });
    let request = &request.with_partition_errors(cluster, named);
    let topics = wanted.topics.iter().map(|topic| {
        let known = cluster.topic(topic.name);
        let partitions = topic.partitions.iter().map(|wanted| look_up(request, known, wanted));
        ListOffsetsTopicResponse { name: topic.name, partitions: partitions.collect() }
    });
    request.reply(&ListOffsetsResponse { topics: topics.collect(), ..Default::default() }, out)
}

fn look_up(
    request: &Request<'_>,
    topic: Option<&Topic>,
    wanted: &ListOffsetsPartition,
) -> ListOffsetsPartitionResponse {
    let partition_index = wanted.partition_index;
    let error_code = partition_error(request, topic, partition_index, wanted.current_leader_epoch);
    let refused =
        ListOffsetsPartitionResponse { partition_index, error_code, ..Default::default() };
    if error_code.is_error() {
        return refused;
    }
    let Some(partition) = topic.and_then(|t| t.partition(partition_index)) else {
        return ListOffsetsPartitionResponse {
            error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            ..refused
        };
    };
    match offset_at(partition, wanted.timestamp) {
        Some(found) => ListOffsetsPartitionResponse {
            timestamp: found.timestamp_ms,
            offset: found.offset,
            leader_epoch: partition.leader_epoch,
            ..refused
        },
        None => refused,
    }
}

fn offset_at(partition: &Partition, timestamp_ms: i64) -> Option<OffsetAt> {
    let log = &partition.log;
    match timestamp_ms {
        LATEST_TIMESTAMP => Some(OffsetAt { offset: log.end_offset(), timestamp_ms: -1 }),
        EARLIEST_TIMESTAMP | EARLIEST_LOCAL_TIMESTAMP => {
            Some(OffsetAt { offset: log.start_offset(), timestamp_ms: -1 })
        }
        MAX_TIMESTAMP => log.max_timestamp(),
        _ => {
            let batch = log.batch_at_timestamp(timestamp_ms)?;
            let (delta, timestamp_ms) = record_at_timestamp(&batch.bytes, timestamp_ms)?;
            Some(OffsetAt { offset: batch.base_offset + i64::from(delta), timestamp_ms })
        }
    }
}
