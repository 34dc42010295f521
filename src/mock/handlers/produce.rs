//! Produce: checks each batch as a broker does, appends it, and tells where (leader hints: KIP-951).

use super::{Reply, Request, Result, endpoints, leader_hint, partition_error};
use crate::mock::cluster::Cluster;
use crate::mock::faults::Fault;
use crate::mock::log::Appended;
use crate::mock::network::Malformed;
use crate::mock::validate::Refusal;
use crate::protocol::ErrorCode;
use crate::protocol::produce::{
    ProducePartition, ProducePartitionResponse, ProduceRequest, ProduceResponse, ProduceTopic,
    ProduceTopicResponse,
};

/// The first version that names topics by id.
const TOPIC_ID_VERSION: i16 = 13;

pub(super) fn handle(cluster: &mut Cluster, request: &Request<'_>, out: &mut Vec<u8>) -> Result {
    let produce: ProduceRequest<'_> = request.decode()?;
    cluster.counters.produce_requests += 1;
    let refused = refuse_all(&produce);
    let by_name = |t: &ProduceTopic<'_>| topic_name(cluster, t, request.header.api_version);
    let names: Vec<_> = produce.topics.iter().map(by_name).collect();
    let named = produce.topics.iter().zip(&names).flat_map(|(topic, name)| {
        let indexes = topic.partitions.iter().map(|partition| partition.index);
        indexes.filter_map(|index| Some((name.as_deref().ok()?, index)))
    });
    let request = &request.with_partition_errors(cluster, named);
    let mut topics = Vec::with_capacity(produce.topics.len());
    for (topic, name) in produce.topics.iter().zip(&names) {
        let partitions = topic.partitions.iter().map(|partition| {
            let appended = match (refused, name) {
                (Some(refusal), _) => Err(refusal),
                (None, Ok(name)) => append(cluster, request, name, partition),
                (None, Err(error)) => Err(Refusal::plain(*error)),
            };
            let mut response = respond(cluster, name.as_deref().ok(), partition.index, appended);
            if let Fault { appends: true, error, .. } = request.fault
                && response.error_code.is_none()
            {
                // As a broker that appended and then lost the leadership: error and offset.
                response.error_code = error;
            }
            response
        });
        topics.push(ProduceTopicResponse {
            name: topic.name,
            topic_id: topic.topic_id,
            partitions: partitions.collect(),
        });
    }
    if produce.acks == 0 {
        let failed = topics.iter().flat_map(|t| &t.partitions).any(|p| p.error_code.is_error());
        // Closing is the only way to tell a client that wants no answer.
        return match failed {
            true => Err(Malformed("produce with acks=0 failed")),
            false => Ok(Reply::Silent),
        };
    }
    let hints = topics.iter().flat_map(|t| &t.partitions).map(|p| p.current_leader.clone());
    let node_endpoints = endpoints(cluster, hints);
    let throttle_time_ms = request.fault.throttle_time_ms;
    request.reply(&ProduceResponse { topics, throttle_time_ms, node_endpoints }, out)
}

/// What speaks against the request as a whole.
fn refuse_all(produce: &ProduceRequest<'_>) -> Option<Refusal> {
    if !(-1..=1).contains(&produce.acks) {
        return Some(Refusal::plain(ErrorCode::INVALID_REQUIRED_ACKS));
    }
    let message = "transactions are not supported";
    produce.transactional_id.map(|_| Refusal { error: ErrorCode::INVALID_TXN_STATE, message })
}

fn topic_name(
    cluster: &Cluster,
    topic: &ProduceTopic<'_>,
    version: i16,
) -> std::result::Result<String, ErrorCode> {
    if version < TOPIC_ID_VERSION {
        return Ok(topic.name.to_owned());
    }
    let known = cluster.topic_by_id(&topic.topic_id).ok_or(ErrorCode::UNKNOWN_TOPIC_ID)?;
    Ok(known.name.clone())
}

fn append(
    cluster: &mut Cluster,
    request: &Request<'_>,
    topic: &str,
    produced: &ProducePartition<'_>,
) -> std::result::Result<Appended, Refusal> {
    let error = partition_error(request, cluster.topic(topic), produced.index, -1);
    if error.is_error() {
        return Err(Refusal::plain(error));
    }
    let Some(records) = produced.records else {
        return Err(Refusal::plain(ErrorCode::INVALID_RECORD));
    };
    let checked = cluster.validator.check(records, request.header.api_version);
    let header = match checked {
        Ok(header) => header,
        Err(refusal) => {
            cluster.counters.refused += 1;
            cluster.counters.crc_errors += u64::from(refusal.is_checksum());
            return Err(refusal);
        }
    };
    let Some(partition) = cluster.partition_mut(topic, produced.index) else {
        return Err(Refusal::plain(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    };
    let appended = partition.log.append(&header, records, partition.leader_epoch);
    let counters = &mut cluster.counters;
    match appended {
        Ok(Appended::New(_)) => {
            counters.batches += 1;
            counters.records += header.record_count as u64;
            counters.bytes += records.len() as u64;
            cluster.appended = true;
        }
        Ok(Appended::Duplicate(_)) => counters.duplicates += 1,
        Err(_) => counters.refused += 1,
    }
    appended.map_err(Refusal::plain)
}

fn respond<'a>(
    cluster: &Cluster,
    topic: Option<&str>,
    index: i32,
    appended: std::result::Result<Appended, Refusal>,
) -> ProducePartitionResponse<'a> {
    let topic = topic.and_then(|topic| cluster.topic(topic));
    let partition = topic.and_then(|topic| topic.partition(index));
    match appended {
        Ok(appended) => ProducePartitionResponse {
            index,
            base_offset: appended.base_offset(),
            log_start_offset: partition.map_or(-1, |partition| partition.log.start_offset()),
            ..Default::default()
        },
        Err(refusal) => ProducePartitionResponse {
            index,
            error_code: refusal.error,
            base_offset: -1,
            error_message: (!refusal.message.is_empty()).then_some(refusal.message),
            current_leader: leader_hint(topic, index, refusal.error),
            ..Default::default()
        },
    }
}
