//! Fetch: batches from the logs, waiting for `min_bytes` up to `max_wait_ms`. No fetch sessions (id 0 is answered).

use super::{Reply, Request, Result, endpoints, leader_hint, partition_error};
use crate::mock::cluster::{Cluster, Topic};
use crate::mock::log::PartitionLog;
use crate::protocol::ErrorCode;
use crate::protocol::fetch::{
    FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, FetchTopic,
    FetchTopicResponse,
};
use std::ops::Range;

/// The first version that names topics by id.
const TOPIC_ID_VERSION: i16 = 13;
/// Most record bytes of a response, whatever the client asks for.
const RESPONSE_BYTES_MAX: usize = 50 * 1024 * 1024;

pub(super) fn handle(cluster: &mut Cluster, request: &Request<'_>, out: &mut Vec<u8>) -> Result {
    let fetch: FetchRequest<'_> = request.decode()?;
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
                .map(|(wanted, found)| respond(known, wanted.partition, found, &reader.data))
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
                Ok(log) => bytes += log.readable_bytes(wanted.fetch_offset, min_bytes),
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
) -> std::result::Result<&'a PartitionLog, ErrorCode> {
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
    let log = topic.and_then(|topic| topic.partition(wanted.partition));
    let log = &log.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?.log;
    if (log.start_offset()..=log.end_offset()).contains(&wanted.fetch_offset) {
        Ok(log)
    } else {
        Err(ErrorCode::OFFSET_OUT_OF_RANGE)
    }
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
        let log = check(request, topic, wanted)?;
        let start = self.data.len();
        let room = self.max_bytes.saturating_sub(start);
        let limit = room.min(wanted.partition_max_bytes.max(0) as usize);
        log.read(wanted.fetch_offset, limit, start == 0, &mut self.data);
        Ok(start..self.data.len())
    }
}

fn respond<'a>(
    topic: Option<&Topic>,
    index: i32,
    found: Found,
    data: &'a [u8],
) -> FetchPartitionResponse<'a> {
    let mut response = FetchPartitionResponse {
        partition_index: index,
        high_watermark: -1,
        records: Some(&[]),
        ..Default::default()
    };
    if let Some(partition) = topic.and_then(|topic| topic.partition(index)) {
        response.high_watermark = partition.log.end_offset();
        response.last_stable_offset = partition.log.end_offset();
        response.log_start_offset = partition.log.start_offset();
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
