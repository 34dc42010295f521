//! Metadata: brokers that are up, topics and the leaders of their partitions. Creates topics on first use.

use super::{Request, Result};
use crate::mock::cluster::{Cluster, Topic};
use crate::protocol::ErrorCode;
use crate::protocol::metadata::{
    MetadataBroker, MetadataPartition, MetadataRequest, MetadataRequestTopic, MetadataResponse,
    MetadataTopic,
};
use std::collections::BTreeMap;

const NO_ID: [u8; 16] = [0; 16];
/// The first version that asks by id.
const BY_ID_VERSION: i16 = 12;

pub(super) fn handle(cluster: &mut Cluster, request: &Request<'_>, out: &mut Vec<u8>) -> Result {
    let metadata: MetadataRequest<'_> = request.decode()?;
    let version = request.header.api_version;
    let all = match &metadata.topics {
        None => true,
        Some(topics) => version == 0 && topics.is_empty(),
    };
    let wanted = metadata.topics.unwrap_or_default();
    let may_create = metadata.allow_auto_topic_creation && request.injected.is_none();
    for name in wanted.iter().filter_map(|topic| topic.name) {
        // Whether that worked is seen below.
        let _ = cluster.topic_or_create(name, may_create);
    }
    let others = match request.injected.is_none() {
        true => leader_responses(cluster, &wanted, all),
        false => LeaderResponses::new(),
    };
    let cluster = &*cluster;
    let mut topics: Vec<MetadataTopic<'_>> = match all {
        true => cluster.topics().iter().map(|topic| describe(cluster, &others, topic)).collect(),
        false => wanted.iter().map(|topic| look_up(cluster, &others, topic, version)).collect(),
    };
    if request.injected.is_error() {
        for topic in &mut topics {
            topic.error_code = request.injected;
            topic.partitions.clear();
        }
    }
    let brokers =
        cluster.brokers().iter().filter(|broker| broker.up && !broker.is_unlisted).map(|broker| {
            MetadataBroker {
                node_id: broker.id,
                host: &broker.host,
                port: i32::from(broker.port),
                rack: broker.rack.as_deref(),
            }
        });
    let response = MetadataResponse {
        brokers: brokers.collect(),
        cluster_id: Some(cluster.id()),
        controller_id: cluster.controller_id(),
        topics,
        error_code: request.injected,
        throttle_time_ms: request.fault.throttle_time_ms,
        ..Default::default()
    };
    request.reply(&response, out)
}

/// By topic id and partition: the leader and epoch to tell of instead of the true ones.
type LeaderResponses = BTreeMap<([u8; 16], i32), (i32, i32)>;

/// What tests want told of the leaders of these topics' partitions; used up by one response.
fn leader_responses(
    cluster: &mut Cluster,
    wanted: &[MetadataRequestTopic<'_>],
    all: bool,
) -> LeaderResponses {
    let mut found = LeaderResponses::new();
    if !cluster.has_leader_responses {
        return found;
    }
    for topic in &mut cluster.topics {
        let is_it = |wanted: &MetadataRequestTopic<'_>| match wanted.name {
            Some(name) => name == topic.name,
            None => wanted.topic_id == topic.id,
        };
        if !all && !wanted.iter().any(is_it) {
            continue;
        }
        for (index, partition) in topic.partitions.iter_mut().enumerate() {
            if let Some(response) = partition.leader_responses.pop_front() {
                found.insert((topic.id, index as i32), response);
            }
        }
    }
    found
}

fn look_up<'a>(
    cluster: &'a Cluster,
    others: &LeaderResponses,
    wanted: &MetadataRequestTopic<'a>,
    version: i16,
) -> MetadataTopic<'a> {
    let refused = |error_code| MetadataTopic {
        error_code,
        name: wanted.name.or((version < BY_ID_VERSION).then_some("")),
        topic_id: wanted.topic_id,
        ..Default::default()
    };
    match wanted.name {
        Some(name) => match cluster.topic(name) {
            Some(topic) => describe(cluster, others, topic),
            None if crate::mock::cluster::is_legal_topic_name(name) => {
                refused(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
            }
            None => refused(ErrorCode::INVALID_TOPIC_EXCEPTION),
        },
        None if version < BY_ID_VERSION || wanted.topic_id == NO_ID => {
            refused(ErrorCode::INVALID_REQUEST)
        }
        None => match cluster.topic_by_id(&wanted.topic_id) {
            Some(topic) => describe(cluster, others, topic),
            None => refused(ErrorCode::UNKNOWN_TOPIC_ID),
        },
    }
}

fn describe<'a>(
    cluster: &Cluster,
    others: &LeaderResponses,
    topic: &'a Topic,
) -> MetadataTopic<'a> {
    let error = if topic.error.is_error() { topic.error } else { topic.metadata_error };
    let is_up = |id: &i32| cluster.broker(*id).is_some_and(|broker| broker.up);
    let partitions = topic.partitions.iter().enumerate().map(|(index, partition)| {
        let own = (partition.leader, partition.leader_epoch);
        let (leader_id, leader_epoch) =
            others.get(&(topic.id, index as i32)).copied().unwrap_or(own);
        let (isr_nodes, offline_replicas) = partition.replicas.iter().partition(|&id| is_up(id));
        MetadataPartition {
            error_code: match leader_id {
                -1 => ErrorCode::LEADER_NOT_AVAILABLE,
                _ => ErrorCode::NONE,
            },
            partition_index: index as i32,
            leader_id,
            leader_epoch,
            replica_nodes: partition.replicas.clone(),
            isr_nodes,
            offline_replicas,
        }
    });
    MetadataTopic {
        error_code: error,
        name: Some(&topic.name),
        topic_id: topic.id,
        partitions: if error.is_error() { Vec::new() } else { partitions.collect() },
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::options::ClusterOptions;
    use crate::mock::test_support::Client;

    fn named<'a>(names: &[&'a str]) -> MetadataRequest<'a> {
        let topic = |&name| MetadataRequestTopic { topic_id: NO_ID, name: Some(name) };
        MetadataRequest { topics: Some(names.iter().map(topic).collect()), ..Default::default() }
    }

    #[test]
    fn a_topic_is_created_on_first_use_with_four_partitions() {
        for version in 0..=13 {
            let mut client = Client::with(ClusterOptions { brokers: 3, ..Default::default() });
            let bytes = client.call(&named(&["new"]), version);
            let response: MetadataResponse<'_> = Client::decode(&bytes, version);
            assert_eq!(response.brokers.len(), 3, "v{version}");
            let topic = &response.topics[0];
            assert_eq!((topic.error_code, topic.name), (ErrorCode::NONE, Some("new")));
            let leaders: Vec<i32> = topic.partitions.iter().map(|p| p.leader_id).collect();
            assert_eq!(leaders, [1, 2, 3, 1]);
        }
    }

    #[test]
    fn a_client_that_forbids_creation_hears_that_the_topic_is_unknown() {
        let mut client = Client::new();
        let request = MetadataRequest { allow_auto_topic_creation: false, ..named(&["new"]) };
        let bytes = client.call(&request, 4);
        let response: MetadataResponse<'_> = Client::decode(&bytes, 4);
        assert_eq!(response.topics[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        assert!(client.cluster().topics().is_empty());
    }

    #[test]
    fn an_illegal_name_is_told_apart() {
        let mut client = Client::new();
        let bytes = client.call(&named(&["a/b"]), 9);
        let response: MetadataResponse<'_> = Client::decode(&bytes, 9);
        assert_eq!(response.topics[0].error_code, ErrorCode::INVALID_TOPIC_EXCEPTION);
        assert_eq!(response.topics[0].name, Some("a/b"));
    }

    #[test]
    fn all_topics_are_a_null_list_or_in_version_0_an_empty_one() {
        let mut client = Client::new();
        client.cluster().create_topic("a", 1, 1).expect("created");
        client.cluster().create_topic("b", 1, 1).expect("created");
        let mut count = |topics, version| {
            let request = MetadataRequest { topics, ..Default::default() };
            let bytes = client.call(&request, version);
            Client::decode::<MetadataResponse<'_>>(&bytes, version).topics.len()
        };
        assert_eq!(count(Some(vec![]), 0), 2);
        assert_eq!(count(Some(vec![]), 1), 0);
        assert_eq!(count(None, 1), 2);
        assert_eq!(count(None, 12), 2);
    }

    #[test]
    fn a_topic_is_found_by_its_id() {
        let mut client = Client::new();
        let topic_id = client.cluster().create_topic("a", 1, 1).expect("created").id;
        let by_id = |topic_id| MetadataRequest {
            topics: Some(vec![MetadataRequestTopic { topic_id, name: None }]),
            ..Default::default()
        };
        let bytes = client.call(&by_id(topic_id), 12);
        let response: MetadataResponse<'_> = Client::decode(&bytes, 12);
        assert_eq!(response.topics[0].name, Some("a"));
        let bytes = client.call(&by_id([9; 16]), 12);
        let response: MetadataResponse<'_> = Client::decode(&bytes, 12);
        assert_eq!(response.topics[0].error_code, ErrorCode::UNKNOWN_TOPIC_ID);
    }

    #[test]
    fn brokers_that_are_down_are_not_listed_and_their_replicas_are_offline() {
        let mut client = Client::with(ClusterOptions { brokers: 3, ..Default::default() });
        client.network.set_broker_up(3, false);
        let bytes = client.call(&named(&["t"]), 9);
        let response: MetadataResponse<'_> = Client::decode(&bytes, 9);
        assert_eq!(response.brokers.len(), 2);
        let partition = &response.topics[0].partitions[0];
        assert_eq!(
            (&partition.isr_nodes[..], &partition.offline_replicas[..]),
            (&[1, 2][..], &[3][..])
        );
    }
}
