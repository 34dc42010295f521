//! What tests turn about a cluster that runs, as clients see it.

use crate::mock::cluster::Cluster;
use crate::mock::faults::Fault;
use crate::mock::options::ClusterOptions;
use crate::mock::test_support::{BatchBuilder, Client};
use crate::protocol::fetch::{
    FetchPartition, FetchPartitionResponse, FetchRequest, FetchResponse, FetchTopic,
};
use crate::protocol::metadata::{MetadataRequest, MetadataResponse};
use crate::protocol::produce::{ProducePartition, ProduceRequest, ProduceResponse, ProduceTopic};
use crate::protocol::{ApiKey, ErrorCode};

fn client(brokers: u32) -> Client {
    let mut client = Client::with(ClusterOptions { brokers, ..ClusterOptions::default() });
    client.cluster().create_topic("t", 2, 1).expect("created");
    for partition in 0..2 {
        assert!(client.cluster().set_leader("t", partition, 1));
    }
    client
}

fn produce(client: &mut Client, partitions: &[i32]) -> Vec<(ErrorCode, i64)> {
    let batch = BatchBuilder::new().values(&["a", "b"]).build();
    let partitions =
        partitions.iter().map(|&index| ProducePartition { index, records: Some(&batch) });
    let topic = ProduceTopic { name: "t", partitions: partitions.collect(), ..Default::default() };
    let request = ProduceRequest { acks: -1, topics: vec![topic], ..Default::default() };
    let bytes = client.call(&request, 9);
    let response: ProduceResponse<'_> = Client::decode(&bytes, 9);
    response.topics[0].partitions.iter().map(|p| (p.error_code, p.base_offset)).collect()
}

fn fetch(client: &mut Client, offset: i64, look: impl FnOnce(&FetchPartitionResponse<'_>)) {
    let partition =
        FetchPartition { fetch_offset: offset, partition_max_bytes: 1 << 20, ..Default::default() };
    let topic = FetchTopic { topic: "t", partitions: vec![partition], ..Default::default() };
    let request = FetchRequest { max_bytes: 1 << 20, topics: vec![topic], ..Default::default() };
    let bytes = client.call(&request, 11);
    let response: FetchResponse<'_> = Client::decode(&bytes, 11);
    look(&response.topics[0].partitions[0]);
}

fn all_topics() -> MetadataRequest<'static> {
    MetadataRequest { topics: None, ..MetadataRequest::default() }
}

/// Node id and epoch of the leader of partition 0, and the brokers listed.
fn metadata(client: &mut Client) -> ((i32, i32), Vec<i32>) {
    let bytes = client.call(&all_topics(), 9);
    let response: MetadataResponse<'_> = Client::decode(&bytes, 9);
    let partition = &response.topics[0].partitions[0];
    let brokers = response.brokers.iter().map(|broker| broker.node_id).collect();
    ((partition.leader_id, partition.leader_epoch), brokers)
}

#[test]
fn a_partitions_error_leaves_the_others_alone_and_is_used_up() {
    let mut client = client(1);
    let error = ErrorCode::NOT_ENOUGH_REPLICAS;
    let faults = [Fault::error(error), Fault::default(), Fault::error(error)];
    client.cluster().push_partition_faults("t", 1, ApiKey::PRODUCE, faults).expect("pushed");
    assert_eq!(produce(&mut client, &[0, 1]), [(ErrorCode::NONE, 0), (error, -1)]);
    assert_eq!(produce(&mut client, &[0]), [(ErrorCode::NONE, 2)], "not asked for, not used");
    assert_eq!(produce(&mut client, &[1]), [(ErrorCode::NONE, 0)]);
    assert_eq!(produce(&mut client, &[1]), [(error, -1)]);
    assert_eq!(produce(&mut client, &[1]), [(ErrorCode::NONE, 2)]);
    let cluster = client.cluster();
    assert!(cluster.push_partition_faults("t", 9, ApiKey::FETCH, []).is_err());
    let fault = [Fault::error(ErrorCode::OFFSET_OUT_OF_RANGE)];
    cluster.push_partition_faults("t", 0, ApiKey::FETCH, fault).expect("pushed");
    fetch(&mut client, 0, |found| assert_eq!(found.error_code, ErrorCode::OFFSET_OUT_OF_RANGE));
    fetch(&mut client, 0, |found| assert_eq!(found.error_code, ErrorCode::NONE));
}

#[test]
fn a_leader_that_only_the_metadata_knows_is_told_once() {
    let mut client = client(2);
    let (truth, _) = metadata(&mut client);
    client.cluster().push_leader_response("t", 0, 2, 7).expect("pushed");
    client.cluster().push_leader_response("t", 0, -1, 8).expect("pushed");
    assert_eq!(metadata(&mut client).0, (2, 7));
    assert_eq!(metadata(&mut client).0, (-1, 8));
    assert_eq!(metadata(&mut client).0, truth);
    assert_eq!(produce(&mut client, &[0]), [(ErrorCode::NONE, 0)]);
}

#[test]
fn an_error_of_the_metadata_does_not_stop_who_knows_the_leader() {
    let mut client = client(1);
    let set = |cluster: &mut Cluster, error| {
        cluster.topic_mut("t").expect("exists").metadata_error = error;
    };
    set(client.cluster(), ErrorCode::TOPIC_AUTHORIZATION_FAILED);
    let bytes = client.call(&all_topics(), 9);
    let response: MetadataResponse<'_> = Client::decode(&bytes, 9);
    assert_eq!(response.topics[0].error_code, ErrorCode::TOPIC_AUTHORIZATION_FAILED);
    assert!(response.topics[0].partitions.is_empty());
    assert_eq!(produce(&mut client, &[0]), [(ErrorCode::NONE, 0)]);
    set(client.cluster(), ErrorCode::NONE);
    assert_eq!(metadata(&mut client).0.0, 1);
}

#[test]
fn an_unlisted_broker_still_answers() {
    let mut client = client(2);
    client.cluster().broker_mut(1).expect("exists").is_unlisted = true;
    assert_eq!(metadata(&mut client).1, [2]);
    assert_eq!(produce(&mut client, &[0]), [(ErrorCode::NONE, 0)]);
}

#[test]
fn a_leader_sends_consumers_to_the_follower_which_has_its_own_watermarks() {
    let mut client = client(2);
    produce(&mut client, &[0]);
    produce(&mut client, &[0]);
    client.cluster().partition_mut("t", 0).expect("exists").follower = 2;
    fetch(&mut client, 0, |found| {
        assert_eq!((found.error_code, found.preferred_read_replica), (ErrorCode::NONE, 2));
        assert_eq!(found.records.map(<[u8]>::len), Some(0));
    });
    client.connection = client.network.connect(2).expect("broker 2 is up");
    fetch(&mut client, 2, |found| {
        assert_eq!((found.error_code, found.preferred_read_replica), (ErrorCode::NONE, -1));
        assert_eq!((found.log_start_offset, found.high_watermark), (0, 4));
        assert!(found.records.is_some_and(|records| !records.is_empty()));
    });
    let partition = client.cluster().partition_mut("t", 0).expect("exists");
    (partition.follower_start_offset, partition.follower_end_offset) = (Some(1), Some(3));
    fetch(&mut client, 4, |found| {
        assert_eq!(found.error_code, ErrorCode::OFFSET_OUT_OF_RANGE);
        assert_eq!((found.log_start_offset, found.high_watermark), (1, 3));
    });
    client.cluster().partition_mut("t", 0).expect("exists").follower = -1;
    fetch(&mut client, 0, |found| {
        assert_eq!(found.error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER);
    });
}

#[test]
fn a_shorter_round_trip_lets_answers_go_that_wait_for_the_longer_one() {
    let mut client = client(1);
    client.network.set_broker_rtt_us(1, 5_000_000);
    client.now_us = 1_000_000;
    client.send(&all_topics(), 9);
    assert_eq!(client.network.poll_timeout(), Some(6_000_000));
    client.network.set_broker_rtt_us(1, 2_000_000);
    assert_eq!(client.network.poll_timeout(), Some(3_000_000));
    client.now_us = 3_000_000;
    client.network.handle_timeout(client.now_us);
    assert!(client.receive(ApiKey::METADATA, 9).is_some());
}

#[test]
fn a_removed_broker_closes_its_connections() {
    let mut client = client(2);
    assert!(!client.network.remove_broker(9));
    assert!(client.network.remove_broker(1));
    assert!(client.network.closed(client.connection).is_some());
    assert!(client.network.connect(1).is_none());
    client.connection = client.network.connect(2).expect("broker 2 is up");
    assert_eq!(metadata(&mut client).0.0, 2);
    assert_eq!(produce(&mut client, &[0, 1]), [(ErrorCode::NONE, 0), (ErrorCode::NONE, 0)]);
}

#[test]
fn requests_are_noted_down_while_that_is_wanted() {
    let mut client = client(1);
    metadata(&mut client);
    assert!(client.cluster().tracked().is_empty());
    client.cluster().start_tracking();
    client.now_us = 5;
    metadata(&mut client);
    assert!(client.try_call_raw(ApiKey(77), 0, &[]).is_none());
    client.connection = client.network.connect(1).expect("up");
    client.now_us = 7;
    produce(&mut client, &[0]);
    let tracked = client.cluster().tracked();
    let seen: Vec<_> = tracked.iter().map(|t| (t.broker_id, t.api_key, t.at_us)).collect();
    assert_eq!(seen, [(1, ApiKey::METADATA, 5), (1, ApiKey::PRODUCE, 7)]);
    client.cluster().clear_tracked();
    metadata(&mut client);
    assert_eq!(client.cluster().tracked().len(), 1);
    client.cluster().stop_tracking();
    assert!(client.cluster().tracked().is_empty());
}
