//! Fetch: batches from the logs, waiting for `min_bytes` up to `max_wait_ms`. No fetch sessions (id 0 is answered).

use super::{Reply, Request, Result, endpoints, leader_hint, partition_error};
use crate::mock::cluster::{Cluster, Partition, Topic};
use crate::protocol::ErrorCode;
use crate::protocol::fetch::{
    FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, FetchTopic,
    FetchTopicResponse,
};
use std::ops::Range;

/// The first version that names topics by id.
const TOPIC_ID_VERSION: i16 = 13;
/// The first version that can send a consumer to another replica (KIP-392).
const PREFERRED_REPLICA_VERSION: i16 = 11;
/// Most record bytes of a response, whatever the client asks for.
const RESPONSE_BYTES_MAX: usize = 50 * 1024 * 1024;

pub(super) fn handle(cluster: &mut Cluster, request: &Request<'_>, out: &mut Vec<u8>) -> Result {
    let fetch: FetchRequest<'_> = request.decode()?;
    let version = request.header.api_version;
    let names = fetch.topics.iter().map(|topic| find(cluster, topic, version));
    let names: Vec<_> = names.map(|topic| topic.map(|topic| topic.name.clone())).collect();
    let named = fetch.topics.iter().zip(&names).flat_map(|(topic, name)| {
        let indexes = topic.partitions.iter().map(|wanted| wanted.partition);
        indexes.filter_map(|index| Some((name.as_deref()?, index)))
    });
    let request = &request.with_partition_errors(cluster, named);
    if must_wait(cluster, request, &fetch) {
        let max_wait_us = fetch.max_wait_ms.max(0) as u64 * 1000;
        return Ok(Reply::Wait { deadline_us: request.arrival.now_us.saturating_add(max_wait_us) });
    }
    let mut reader = LogReader {
        max_bytes: (fetch.max_bytes.max(0) as usize).min(RESPONSE_BYTES_MAX),
        data: Vec::new(),
    };
    let mut found = Vec::with_capacity(fetch.topics.len());
    for topic in &fetch.topics {
        let known = find(cluster, topic, request.header.api_version);
        let ranges = topic.partitions.iter().map(|wanted| reader.read(request, known, wanted));
        found.push(ranges.collect::<Vec<_>>());
    }
    let topics = fetch.topics.iter().zip(found).map(|(topic, found)| {
        let known = find(cluster, topic, request.header.api_version);
        let partitions = topic.partitions.iter().zip(found);
        FetchTopicResponse {
            topic: topic.topic,
            topic_id: topic.topic_id,
            partitions: partitions
                .map(|(wanted, found)| respond(request, known, wanted, found, &reader.data))
                .collect(),
        }
    });
    let topics: Vec<_> = topics.collect();
    let hints = topics.iter().flat_map(|t| &t.partitions).map(|p| p.current_leader.clone());
    let node_endpoints = endpoints(cluster, hints);
    let error_code = request.injected;
    request.reply(&FetchResponse { error_code, topics, node_endpoints, ..Default::default() }, out)
}

fn find<'a>(cluster: &'a Cluster, topic: &FetchTopic<'_>, version: i16) -> Option<&'a Topic> {
    if version < TOPIC_ID_VERSION {
        cluster.topic(topic.topic)
    } else {
        cluster.topic_by_id(&topic.topic_id)
    }
}

/// What a partition's request comes to: an error, or where in the response its records are.
type Found = std::result::Result<Range<usize>, ErrorCode>;

/// Whether there is too little to answer with, and nothing to complain of.
fn must_wait(cluster: &Cluster, request: &Request<'_>, fetch: &FetchRequest<'_>) -> bool {
    if request.expired || fetch.max_wait_ms <= 0 {
        return false;
    }
    let min_bytes = fetch.min_bytes.max(0) as usize;
    let mut bytes = 0;
    for topic in &fetch.topics {
        let known = find(cluster, topic, request.header.api_version);
        for wanted in &topic.partitions {
            match check(request, known, wanted) {
                Ok(partition) if preferred(request, partition) != -1 => return false,
                Ok(partition) => {
                    bytes += partition.log.readable_bytes(wanted.fetch_offset, min_bytes);
                }
                Err(_) => return false,
            }
        }
    }
    bytes < min_bytes
}

fn check<'a>(
    request: &Request<'_>,
    topic: Option<&'a Topic>,
    wanted: &FetchPartition,
) -> std::result::Result<&'a Partition, ErrorCode> {
    if topic.is_none()
        && request.injected.is_none()
        && request.header.api_version >= TOPIC_ID_VERSION
    {
        return Err(ErrorCode::UNKNOWN_TOPIC_ID);
    }
    let error = partition_error(request, topic, wanted.partition, wanted.current_leader_epoch);
    if error.is_error() {
        return Err(error);
    }
    let partition = topic.and_then(|topic| topic.partition(wanted.partition));
    let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let (start, end) = watermarks(request, partition);
    if (start..=end).contains(&wanted.fetch_offset) {
        Ok(partition)
    } else {
        Err(ErrorCode::OFFSET_OUT_OF_RANGE)
    }
}

/// First and next offset, as the broker that was asked knows them: a follower may have been given its own.
fn watermarks(request: &Request<'_>, partition: &Partition) -> (i64, i64) {
    let (start, end) = (partition.log.start_offset(), partition.log.end_offset());
    if partition.leader == request.arrival.broker_id {
        return (start, end);
    }
    let own_start = partition.follower_start_offset.unwrap_or(start);
    (own_start, partition.follower_end_offset.unwrap_or(end))
}

/// The replica that the leader sends consumers to, -1 for none.
fn preferred(request: &Request<'_>, partition: &Partition) -> i32 {
    let knows_replicas = request.header.api_version >= PREFERRED_REPLICA_VERSION;
    let broker_id = request.arrival.broker_id;
    let is_leader = partition.leader == broker_id && partition.follower != broker_id;
    if knows_replicas && is_leader { partition.follower } else { -1 }
}

/// Gathers the records of a response.
struct LogReader {
    max_bytes: usize,
    data: Vec<u8>,
}

impl LogReader {
    fn read(
        &mut self,
        request: &Request<'_>,
        topic: Option<&Topic>,
        wanted: &FetchPartition,
    ) -> Found {
        let partition = check(request, topic, wanted)?;
        let start = self.data.len();
        // The other replica has the records.
        if preferred(request, partition) != -1 {
            return Ok(start..start);
        }
        let room = self.max_bytes.saturating_sub(start);
        let limit = room.min(wanted.partition_max_bytes.max(0) as usize);
        partition.log.read(wanted.fetch_offset, limit, start == 0, &mut self.data);
        Ok(start..self.data.len())
    }
}

fn respond<'a>(
    request: &Request<'_>,
    topic: Option<&Topic>,
    wanted: &FetchPartition,
    found: Found,
    data: &'a [u8],
) -> FetchPartitionResponse<'a> {
    let index = wanted.partition;
    let mut response = FetchPartitionResponse {
        partition_index: index,
        high_watermark: -1,
        records: Some(&[]),
        ..Default::default()
    };
    if let Some(partition) = topic.and_then(|topic| topic.partition(index)) {
        let (start, end) = watermarks(request, partition);
        response.high_watermark = end;
        response.last_stable_offset = end;
        response.log_start_offset = start;
        if found.is_ok() {
            response.preferred_read_replica = preferred(request, partition);
        }
    }
    match found {
        Ok(range) => response.records = data.get(range),
        Err(error) => {
            response.error_code = error;
            response.current_leader = leader_hint(topic, index, error);
        }
    }
    response
}
