//! From a request's bytes to an answer: one file for each API key, and the table of what the brokers speak.
//!
//! Handlers see the cluster and the request, never the connection. Run by whoever drives the [`super::Network`].

mod api_versions;
mod fetch;
mod find_coordinator;
mod init_producer_id;
mod list_offsets;
mod metadata;
mod produce;

use super::cluster::{Broker, Cluster, Topic};
use super::faults::Fault;
use super::network::Malformed;
use super::tracking::TrackedRequest;
use crate::protocol::header::encode_response;
use crate::protocol::produce::{LeaderIdAndEpoch, NodeEndpoint};
use crate::protocol::{ApiKey, DecodeError, ErrorCode, Message, Reader, RequestHeader};

/// Where and when a request came in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) broker_id: i32,
    pub(super) now_us: u64,
}

/// What is to happen with a request's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The response was written; it leaves after the delay.
    Respond { delay_us: u64 },
    /// There is no response.
    Silent,
    /// Try [`retry`] when data arrive, and at the deadline; the response leaves after the delay.
    Wait { deadline_us: u64, delay_us: u64 },
    /// The client broke the protocol, or a test wants the connection closed.
    Close(Malformed),
}

/// What a handler decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    /// The response was written.
    Written,
    /// There is no response.
    Silent,
    /// Later.
    Wait { deadline_us: u64 },
}

/// An error closes the connection.
type Result = std::result::Result<Reply, Malformed>;

impl From<DecodeError> for Malformed {
    fn from(error: DecodeError) -> Self {
        Self(error.what)
    }
}

/// A request whose header was read.
#[derive(Clone, Debug)]
struct Request<'a> {
    arrival: Arrival,
    header: RequestHeader<'a>,
    body: &'a [u8],
    /// An error that a test wants answered.
    injected: ErrorCode,
    /// The rest of what a test wants.
    fault: Fault,
    /// A request that waited and must be answered now.
    expired: bool,
    /// What a test wants answered for single partitions; few or none.
    partition_errors: Vec<(String, i32, ErrorCode)>,
}

impl<'a> Request<'a> {
    /// The body; nothing may follow it.
    fn decode<M: Message<'a>>(&self) -> std::result::Result<M, Malformed> {
        Ok(M::decode_all(self.body, self.header.api_version)?)
    }

    /// The request with the errors that tests have put in the way of these partitions, which are used up.
    fn with_partition_errors<'t>(
        &self,
        cluster: &mut Cluster,
        partitions: impl Iterator<Item = (&'t str, i32)>,
    ) -> Self {
        let mut request = self.clone();
        if cluster.has_partition_faults {
            for (topic, index) in partitions {
                let partition = cluster.partition_mut(topic, index);
                let fault = partition.and_then(|p| p.faults.next(request.header.api_key));
                if let Some(fault) = fault.filter(|fault| fault.error.is_error()) {
                    request.partition_errors.push((topic.to_owned(), index, fault.error));
                }
            }
        }
        request
    }

    /// The error that a test wants answered for a partition.
    fn injected_for(&self, topic: Option<&Topic>, index: i32) -> ErrorCode {
        if self.injected.is_error() {
            return self.injected;
        }
        let wanted = |(name, partition, _): &&(String, i32, ErrorCode)| {
            *partition == index && topic.is_some_and(|topic| topic.name == *name)
        };
        self.partition_errors.iter().find(wanted).map_or(ErrorCode::NONE, |found| found.2)
    }

    /// Writes the response.
    fn reply<'r, M: Message<'r>>(&self, response: &M, out: &mut Vec<u8>) -> Result {
        encode_response(response, self.header.api_version, self.header.correlation_id, out);
        Ok(Reply::Written)
    }
}

/// What the brokers speak of an API.
struct Api {
    key: ApiKey,
    /// The lowest version advertised.
    min_advertised: i16,
    /// The lowest version handled.
    min: i16,
    /// The highest version.
    max: i16,
    handle: fn(&mut Cluster, &Request<'_>, &mut Vec<u8>) -> Result,
}

macro_rules! api {
    ($key:ident, $advertised:literal, $min:literal ..= $max:literal, $module:ident) => {
        Api {
            key: ApiKey::$key,
            min_advertised: $advertised,
            min: $min,
            max: $max,
            handle: $module::handle,
        }
    };
}

/// Ascending by key. Versions that are advertised but not handled are there for librdkafka, which concludes from them
/// what a broker can do but never uses them; Apache Kafka 4 does the same.
const APIS: &[Api] = &[
    api!(PRODUCE, 0, 3..=13, produce),
    api!(FETCH, 4, 4..=16, fetch),
    api!(LIST_OFFSETS, 1, 1..=8, list_offsets),
    api!(METADATA, 0, 0..=13, metadata),
    api!(FIND_COORDINATOR, 0, 0..=6, find_coordinator),
    api!(API_VERSIONS, 0, 0..=4, api_versions),
    api!(INIT_PRODUCER_ID, 0, 0..=5, init_producer_id),
];

/// Whether the brokers handle that API at all.
pub fn is_implemented(api_key: ApiKey) -> bool {
    APIS.iter().any(|api| api.key == api_key)
}

/// The APIs as a broker of this cluster advertises them: key, lowest and highest version.
fn advertised(cluster: &Cluster) -> impl Iterator<Item = (ApiKey, i16, i16)> {
    APIS.iter().filter_map(|api| {
        let (min, max) = advertised_versions(cluster, api)?;
        Some((api.key, min, max))
    })
}

fn advertised_versions(cluster: &Cluster, api: &Api) -> Option<(i16, i16)> {
    match cluster.api_versions_set(api.key) {
        None => Some((api.min_advertised, api.max)),
        Some(None) => None,
        Some(Some((min, max))) => {
            let (min, max) = (min.max(api.min_advertised), max.min(api.max));
            (min <= max).then_some((min, max))
        }
    }
}

/// The handler of a request, if the brokers speak that version.
fn api_of(cluster: &Cluster, header: &RequestHeader<'_>) -> Option<&'static Api> {
    let version = header.api_version;
    let api = APIS.iter().find(|api| api.key == header.api_key)?;
    let (min, max) = advertised_versions(cluster, api)?;
    (min.max(api.min)..=max).contains(&version).then_some(api)
}

/// Handles a request: its bytes without the size. The response is appended to `out`.
pub(super) fn handle(
    cluster: &mut Cluster,
    arrival: Arrival,
    frame: &[u8],
    out: &mut Vec<u8>,
) -> Outcome {
    cluster.counters.requests += 1;
    try_handle(cluster, arrival, frame, out).unwrap_or_else(Outcome::Close)
}

fn try_handle(
    cluster: &mut Cluster,
    arrival: Arrival,
    frame: &[u8],
    out: &mut Vec<u8>,
) -> std::result::Result<Outcome, Malformed> {
    let rtt_us = cluster.broker(arrival.broker_id).map_or(0, |broker| broker.rtt_us);
    if let Some((correlation_id, ApiKey::API_VERSIONS)) = unknown_version(cluster, frame) {
        track(cluster, arrival, ApiKey::API_VERSIONS);
        api_versions::refuse_version(cluster, correlation_id, out);
        return Ok(Outcome::Respond { delay_us: rtt_us });
    }
    let mut reader = Reader::new(frame);
    let header = RequestHeader::decode(&mut reader)?;
    let api = api_of(cluster, &header).ok_or(Malformed("unsupported API or version"))?;
    track(cluster, arrival, header.api_key);
    let fault = cluster.next_fault(arrival.broker_id, header.api_key).unwrap_or_default();
    if fault.disconnect {
        return Err(Malformed("injected disconnect"));
    }
    let body = reader.rest();
    let injected = if fault.appends { ErrorCode::NONE } else { fault.error };
    let partition_errors = Vec::new();
    let request =
        Request { arrival, header, body, injected, fault, expired: false, partition_errors };
    let delay_us = rtt_us.saturating_add(fault.delay_us);
    Ok(match (api.handle)(cluster, &request, out)? {
        Reply::Written => Outcome::Respond { delay_us },
        Reply::Silent => Outcome::Silent,
        Reply::Wait { deadline_us } => Outcome::Wait { deadline_us, delay_us },
    })
}

fn track(cluster: &mut Cluster, arrival: Arrival, api_key: ApiKey) {
    if let Some(tracked) = &mut cluster.tracked {
        let Arrival { broker_id, now_us: at_us } = arrival;
        tracked.push(TrackedRequest { broker_id, api_key, at_us });
    }
}

/// Correlation id and key of a request in a version that is not spoken; what follows these in its header is unknown.
fn unknown_version(cluster: &Cluster, frame: &[u8]) -> Option<(i32, ApiKey)> {
    let mut reader = Reader::new(frame);
    let api_key = ApiKey(reader.i16().ok()?);
    let api_version = reader.i16().ok()?;
    let correlation_id = reader.i32().ok()?;
    let header = RequestHeader { api_key, api_version, correlation_id, client_id: None };
    api_of(cluster, &header).is_none().then_some((correlation_id, api_key))
}

/// Handles a request that waited once more; true if the response was written.
pub(super) fn retry(
    cluster: &mut Cluster,
    arrival: Arrival,
    frame: &[u8],
    expired: bool,
    out: &mut Vec<u8>,
) -> bool {
    let mut reader = Reader::new(frame);
    let Ok(header) = RequestHeader::decode(&mut reader) else { return false };
    let Some(api) = APIS.iter().find(|api| api.key == header.api_key) else { return false };
    let body = reader.rest();
    let (injected, fault) = (ErrorCode::NONE, Fault::default());
    let partition_errors = Vec::new();
    let request = Request { arrival, header, body, injected, fault, expired, partition_errors };
    matches!((api.handle)(cluster, &request, out), Ok(Reply::Written))
}

/// What a request for a partition gets before anything else is looked at: the injected error, or that of the topic, or
/// that the partition is unknown, led by another, or led in another epoch (-1 matches any).
fn partition_error(
    request: &Request<'_>,
    topic: Option<&Topic>,
    index: i32,
    leader_epoch: i32,
) -> ErrorCode {
    let injected = request.injected_for(topic, index);
    if injected.is_error() {
        return injected;
    }
    let Some(topic) = topic else { return ErrorCode::UNKNOWN_TOPIC_OR_PARTITION };
    if topic.error.is_error() {
        return topic.error;
    }
    let Some(partition) = topic.partition(index) else {
        return ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    };
    let broker_id = request.arrival.broker_id;
    let may_fetch = request.header.api_key == ApiKey::FETCH && partition.follower == broker_id;
    if partition.leader != broker_id && !may_fetch {
        return ErrorCode::NOT_LEADER_OR_FOLLOWER;
    }
    match leader_epoch {
        -1 => ErrorCode::NONE,
        epoch if epoch < partition.leader_epoch => ErrorCode::FENCED_LEADER_EPOCH,
        epoch if epoch > partition.leader_epoch => ErrorCode::UNKNOWN_LEADER_EPOCH,
        _ => ErrorCode::NONE,
    }
}

/// Who leads a partition, for a client that asked the wrong broker.
fn leader_hint(topic: Option<&Topic>, index: i32, error: ErrorCode) -> LeaderIdAndEpoch {
    let partition = topic.and_then(|topic| topic.partition(index));
    match partition {
        Some(partition) if error == ErrorCode::NOT_LEADER_OR_FOLLOWER => {
            LeaderIdAndEpoch { leader_id: partition.leader, leader_epoch: partition.leader_epoch }
        }
        _ => LeaderIdAndEpoch::default(),
    }
}

/// Addresses of the brokers hinted at, each once.
fn endpoints<'a>(
    cluster: &'a Cluster,
    hints: impl Iterator<Item = LeaderIdAndEpoch>,
) -> Vec<NodeEndpoint<'a>> {
    let mut ids: Vec<i32> = hints.map(|hint| hint.leader_id).filter(|&id| id >= 0).collect();
    ids.sort_unstable();
    ids.dedup();
    let endpoint = |broker: &'a Broker| NodeEndpoint {
        node_id: broker.id,
        host: &broker.host,
        port: i32::from(broker.port),
        rack: broker.rack.as_deref(),
    };
    ids.iter().filter_map(|&id| cluster.broker(id)).map(endpoint).collect()
}

#[cfg(test)]
mod controls_tests;
#[cfg(test)]
mod fetch_tests;
#[cfg(test)]
mod produce_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::test_support::Client;

    #[test]
    fn the_table_ascends() {
        assert!(APIS.is_sorted_by(|a, b| a.key < b.key));
        assert!(APIS.iter().all(|api| api.min_advertised <= api.min && api.min <= api.max));
    }

    #[test]
    fn an_unknown_api_or_version_and_garbage_close_the_connection() {
        assert!(Client::new().try_call_raw(ApiKey(77), 0, &[]).is_none());
        assert!(Client::new().try_call_raw(ApiKey::PRODUCE, 2, &[]).is_none());
        assert!(Client::new().try_call_raw(ApiKey::PRODUCE, 9, &[0xff; 40]).is_none());
        assert!(Client::new().try_call_raw(ApiKey::METADATA, 9, &[]).is_none());
    }

    #[test]
    fn bytes_after_the_message_close_the_connection() {
        assert!(Client::new().try_call_raw(ApiKey::API_VERSIONS, 0, &[]).is_some());
        assert!(Client::new().try_call_raw(ApiKey::API_VERSIONS, 0, &[0]).is_none());
    }
}
