//! Fetch and ListOffsets as a client sees them.

use crate::mock::faults::Fault;
use crate::mock::test_support::{BatchBuilder, Client};
use crate::protocol::fetch::{FetchPartition, FetchRequest, FetchResponse, FetchTopic};
use crate::protocol::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};
use crate::protocol::produce::{ProducePartition, ProduceRequest, ProduceTopic};
use crate::protocol::{ApiKey, ErrorCode};
use crate::record::BatchHeader;

fn client() -> Client {
    let mut client = Client::new();
    client.cluster().create_topic("t", 1, 1).expect("created");
    client
}

fn append(client: &mut Client, batch: &[u8]) {
    let header = BatchHeader::parse(batch).expect("header");
    let partition = client.cluster().partition_mut("t", 0).expect("exists");
    partition.log.append(&header, batch, 0).expect("appended");
}

fn fetch(offset: i64) -> FetchRequest<'static> {
    let partition = FetchPartition {
        partition: 0,
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    let topic = FetchTopic { topic: "t", partitions: vec![partition], ..Default::default() };
    FetchRequest { max_wait_ms: 500, min_bytes: 1, topics: vec![topic], ..Default::default() }
}

#[test]
fn every_version_returns_the_batches_from_the_offset_on() {
    let mut client = client();
    let batch = BatchBuilder::new().values(&["a", "b"]).build();
    append(&mut client, &batch);
    append(&mut client, &batch);
    let topic_id = client.cluster().topic("t").expect("exists").id;
    for version in 4..=16 {
        let mut request = fetch(3);
        request.topics[0].topic_id = topic_id;
        let bytes = client.call(&request, version);
        let response: FetchResponse<'_> = Client::decode(&bytes, version);
        let partition = &response.topics[0].partitions[0];
        assert_eq!((partition.error_code, partition.high_watermark), (ErrorCode::NONE, 4));
        let records = partition.records.expect("records");
        assert_eq!(records.len(), batch.len(), "v{version}");
        assert_eq!(BatchHeader::parse(records).expect("header").base_offset, 2);
    }
}

#[test]
fn a_fetch_at_the_end_waits_and_is_answered_by_the_next_produce() {
    let mut client = client();
    client.send(&fetch(0), 11);
    assert_eq!(client.receive(ApiKey::FETCH, 11), None);
    assert_eq!(client.network.poll_timeout(), Some(500_000));
    let batch = BatchBuilder::new().values(&["a"]).build();
    let partitions = vec![ProducePartition { index: 0, records: Some(&batch) }];
    let topics = vec![ProduceTopic { name: "t", topic_id: [0; 16], partitions }];
    let mut producer = client.network.connect(1).expect("up");
    std::mem::swap(&mut producer, &mut client.connection);
    client.call(&ProduceRequest { acks: 1, topics, ..Default::default() }, 9);
    client.connection = producer;
    let bytes = client.receive(ApiKey::FETCH, 11).expect("answered");
    let response: FetchResponse<'_> = Client::decode(&bytes, 11);
    assert_eq!(response.topics[0].partitions[0].records.map(<[u8]>::len), Some(batch.len()));
    assert_eq!(client.network.poll_timeout(), None);
}

#[test]
fn a_fetch_is_answered_empty_at_its_deadline() {
    let mut client = client();
    client.send(&fetch(0), 11);
    client.network.handle_timeout(499_999);
    assert_eq!(client.receive(ApiKey::FETCH, 11), None);
    client.network.handle_timeout(500_000);
    let bytes = client.receive(ApiKey::FETCH, 11).expect("answered");
    let response: FetchResponse<'_> = Client::decode(&bytes, 11);
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NONE);
    assert_eq!(response.topics[0].partitions[0].records, Some(&[][..]));
}

#[test]
fn errors_are_answered_at_once() {
    let mut client = client();
    let mut error = |request: FetchRequest<'_>| {
        let bytes = client.call(&request, 11);
        let response: FetchResponse<'_> = Client::decode(&bytes, 11);
        response.topics[0].partitions[0].error_code
    };
    assert_eq!(error(fetch(1)), ErrorCode::OFFSET_OUT_OF_RANGE);
    assert_eq!(error(fetch(-5)), ErrorCode::OFFSET_OUT_OF_RANGE);
    let mut unknown = fetch(0);
    unknown.topics[0].topic = "missing";
    assert_eq!(error(unknown), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let mut epoch = fetch(0);
    epoch.topics[0].partitions[0].current_leader_epoch = 1;
    assert_eq!(error(epoch), ErrorCode::UNKNOWN_LEADER_EPOCH);
    client.cluster().set_leader("t", 0, -1);
    let bytes = client.call(&fetch(0), 12);
    let response: FetchResponse<'_> = Client::decode(&bytes, 12);
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER);
}

#[test]
fn a_round_trip_time_delays_every_answer_and_keeps_their_order() {
    let mut client = client();
    client.cluster().broker_mut(1).expect("exists").rtt_us = 1000;
    client.cluster().push_faults(ApiKey::FETCH, [Fault::delay_us(5000)]);
    let request = FetchRequest { max_wait_ms: 0, ..fetch(0) };
    client.send(&request, 11);
    client.now_us = 100;
    client.send(&request, 11);
    assert_eq!(client.network.poll_timeout(), Some(6000));
    client.network.handle_timeout(5999);
    assert_eq!(client.receive(ApiKey::FETCH, 11), None);
    client.network.handle_timeout(6000);
    let bytes = client.network.poll_output(client.connection, 6000);
    let first = 4 + i32::from_be_bytes(bytes[..4].try_into().expect("size")) as usize;
    assert_eq!(bytes.len(), first * 2, "both, the second was due earlier");
}

#[test]
fn a_client_that_never_reads_is_not_read_from_without_end() {
    let mut client = client();
    client.cluster().broker_mut(1).expect("exists").rtt_us = 1000;
    let mut bytes = Vec::new();
    for _ in 0..100_000 {
        crate::protocol::header::encode_request(&fetch(9), 11, 1, None, &mut bytes);
    }
    let taken = client.network.handle_bytes(client.connection, &bytes, 0);
    assert!(taken < bytes.len(), "took everything");
    assert!(client.network.input(client.connection).is_empty());
    client.network.handle_timeout(1000);
    client.network.poll_output(client.connection, 1000);
    assert!(!client.network.input(client.connection).is_empty());
}

fn offset_of(client: &mut Client, timestamp: i64) -> (i64, i64) {
    let partitions = vec![ListOffsetsPartition { timestamp, ..Default::default() }];
    let topics = vec![ListOffsetsTopic { name: "t", partitions }];
    let request = ListOffsetsRequest { topics, ..Default::default() };
    let mut found = None;
    for version in 1..=8 {
        let bytes = client.call(&request, version);
        let response: ListOffsetsResponse<'_> = Client::decode(&bytes, version);
        let partition = &response.topics[0].partitions[0];
        assert_eq!(partition.error_code, ErrorCode::NONE);
        let this = (partition.offset, partition.timestamp);
        assert_eq!(*found.get_or_insert(this), this, "v{version}");
    }
    found.expect("asked")
}

#[test]
fn offsets_are_found_by_end_and_by_time() {
    let mut client = client();
    assert_eq!(offset_of(&mut client, -1), (0, -1));
    let batch = BatchBuilder::new().at(1000, "a").at(3000, "b").at(2000, "c").build();
    append(&mut client, &batch);
    append(&mut client, &BatchBuilder::new().at(4000, "d").build());
    assert_eq!(offset_of(&mut client, -1), (4, -1));
    assert_eq!(offset_of(&mut client, -2), (0, -1));
    assert_eq!(offset_of(&mut client, 1001), (1, 3000));
    assert_eq!(offset_of(&mut client, 3001), (3, 4000));
    assert_eq!(offset_of(&mut client, 4001), (-1, -1));
}
