//! Produce as a client sees it.

use crate::mock::cluster::Counters;
use crate::mock::faults::Fault;
use crate::mock::options::ClusterOptions;
use crate::mock::test_support::{BatchBuilder, Client};
use crate::protocol::produce::{
    ProducePartition, ProducePartitionResponse, ProduceRequest, ProduceResponse, ProduceTopic,
};
use crate::protocol::{ApiKey, ErrorCode};

/// A client of three brokers whose topic "t" has three partitions, one led by each.
fn client() -> Client {
    let mut client = Client::with(ClusterOptions { brokers: 3, ..Default::default() });
    client.cluster().create_topic("t", 3, 1).expect("created");
    client
}

fn request<'a>(topic: &'a str, index: i32, records: &'a [u8]) -> ProduceRequest<'a> {
    let partitions = vec![ProducePartition { index, records: Some(records) }];
    let topics = vec![ProduceTopic { name: topic, topic_id: [0; 16], partitions }];
    ProduceRequest { acks: -1, timeout_ms: 1000, topics, ..Default::default() }
}

/// Error code and base offset of a request's only partition.
fn produce(client: &mut Client, request: &ProduceRequest<'_>) -> (ErrorCode, i64) {
    let bytes = client.call(request, 9);
    let response: ProduceResponse<'_> = Client::decode(&bytes, 9);
    let partition = &response.topics[0].partitions[0];
    (partition.error_code, partition.base_offset)
}

#[test]
fn every_version_appends_and_tells_the_offset() {
    let mut client = client();
    let batch = BatchBuilder::new().values(&["a", "b"]).build();
    let topic_id = client.cluster().topic("t").expect("exists").id;
    for (round, version) in (3..=13).enumerate() {
        let mut request = request("t", 0, &batch);
        request.topics[0].topic_id = topic_id;
        let bytes = client.call(&request, version);
        let response: ProduceResponse<'_> = Client::decode(&bytes, version);
        let partition = &response.topics[0].partitions[0];
        assert_eq!(partition.error_code, ErrorCode::NONE, "v{version}");
        assert_eq!(partition.base_offset, round as i64 * 2);
    }
    let counters = client.cluster().counters;
    assert_eq!((counters.batches, counters.records), (11, 22));
    assert_eq!(counters.bytes, 11 * batch.len() as u64);
}

#[test]
fn the_wrong_broker_names_the_leader_from_version_10_on() {
    let mut client = client();
    client.cluster().set_broker_address(2, "there", 9092);
    let batch = BatchBuilder::new().values(&["a"]).build();
    for version in [9, 10] {
        let bytes = client.call(&request("t", 1, &batch), version);
        let response: ProduceResponse<'_> = Client::decode(&bytes, version);
        let partition = &response.topics[0].partitions[0];
        assert_eq!(partition.error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER);
        let expected = if version == 10 { (2, 0) } else { (-1, -1) };
        let leader = &partition.current_leader;
        assert_eq!((leader.leader_id, leader.leader_epoch), expected);
        let endpoints: Vec<_> = response.node_endpoints.iter().map(|e| (e.host, e.port)).collect();
        assert_eq!(endpoints, if version == 10 { vec![("there", 9092)] } else { vec![] });
    }
}

#[test]
fn what_cannot_be_appended_is_refused_with_its_code() {
    let mut client = client();
    let batch = BatchBuilder::new().values(&["a"]).build();
    let error = |client: &mut Client, request: &ProduceRequest<'_>| produce(client, request).0;
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(error(&mut client, &request("missing", 0, &batch)), unknown);
    assert_eq!(error(&mut client, &request("t", 3, &batch)), unknown);
    assert_eq!(error(&mut client, &request("t", -1, &batch)), unknown);
    assert_eq!(error(&mut client, &request("t", 0, &[])), ErrorCode::INVALID_RECORD);
    let acks = ProduceRequest { acks: 2, ..request("t", 0, &batch) };
    assert_eq!(error(&mut client, &acks), ErrorCode::INVALID_REQUIRED_ACKS);
    let txn = ProduceRequest { transactional_id: Some("x"), ..request("t", 0, &batch) };
    assert_eq!(error(&mut client, &txn), ErrorCode::INVALID_TXN_STATE);
    let mut damaged = batch.clone();
    damaged[40] ^= 1;
    assert_eq!(error(&mut client, &request("t", 0, &damaged)), ErrorCode::CORRUPT_MESSAGE);
    let counters = client.cluster().counters;
    assert_eq!(counters, Counters { crc_errors: 1, refused: 2, batches: 0, ..counters });
    client.cluster().topic_mut("t").expect("exists").error = ErrorCode::POLICY_VIOLATION;
    assert_eq!(error(&mut client, &request("t", 0, &batch)), ErrorCode::POLICY_VIOLATION);
}

#[test]
fn one_bad_partition_does_not_spoil_the_others() {
    let mut client = client();
    let batch = BatchBuilder::new().values(&["a"]).build();
    let mut request = request("t", 0, &batch);
    request.topics[0].partitions.push(ProducePartition { index: 1, records: Some(&batch) });
    let bytes = client.call(&request, 9);
    let response: ProduceResponse<'_> = Client::decode(&bytes, 9);
    let codes =
        response.topics[0].partitions.iter().map(|p: &ProducePartitionResponse<'_>| p.error_code);
    assert!(codes.eq([ErrorCode::NONE, ErrorCode::NOT_LEADER_OR_FOLLOWER]));
}

#[test]
fn acks_0_has_no_answer_and_a_failure_closes_the_connection() {
    let mut client = client();
    let batch = BatchBuilder::new().values(&["a"]).build();
    let unanswered = ProduceRequest { acks: 0, ..request("t", 0, &batch) };
    client.send(&unanswered, 9);
    assert_eq!(client.receive(ApiKey::PRODUCE, 9), None);
    assert_eq!(client.network.closed(client.connection), None);
    assert_eq!(client.cluster().counters.records, 1);
    client.send(&ProduceRequest { acks: 0, ..request("t", 1, &batch) }, 9);
    assert!(client.network.closed(client.connection).is_some());
}

#[test]
fn a_duplicate_is_acknowledged_at_its_first_offset_and_stored_once() {
    let mut client = client();
    let first = BatchBuilder::new().values(&["a", "b"]).producer(5, 0, 0).build();
    let second = BatchBuilder::new().values(&["c"]).producer(5, 0, 2).build();
    assert_eq!(produce(&mut client, &request("t", 0, &first)), (ErrorCode::NONE, 0));
    assert_eq!(produce(&mut client, &request("t", 0, &second)), (ErrorCode::NONE, 2));
    assert_eq!(produce(&mut client, &request("t", 0, &first)), (ErrorCode::NONE, 0));
    let counters = client.cluster().counters;
    assert_eq!((counters.records, counters.duplicates), (3, 1));
}

#[test]
fn injected_errors_and_disconnects_come_in_their_order() {
    let mut client = client();
    let batch = BatchBuilder::new().values(&["a"]).build();
    let timed_out = Fault::error(ErrorCode::REQUEST_TIMED_OUT);
    client.cluster().push_faults(ApiKey::PRODUCE, [timed_out, Fault::disconnect()]);
    let own = Fault::error(ErrorCode::NOT_ENOUGH_REPLICAS);
    client.cluster().broker_mut(1).expect("exists").faults.push(ApiKey::PRODUCE, [own]);
    let request = request("t", 0, &batch);
    assert_eq!(produce(&mut client, &request).0, ErrorCode::NOT_ENOUGH_REPLICAS);
    assert_eq!(produce(&mut client, &request).0, ErrorCode::REQUEST_TIMED_OUT);
    client.send(&request, 9);
    assert!(client.network.closed(client.connection).is_some());
    assert_eq!(client.cluster().counters.records, 0);
}
