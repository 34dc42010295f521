//! Settings that few applications change: what each does to the bytes and the times.

use super::*;
use crate::producer::action::Segment;
use crate::producer::config::Details;
use crate::protocol::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use crate::protocol::header::encode_response;
use crate::protocol::metadata::{MetadataRequest, MetadataResponse};
use crate::protocol::{ApiKey, Message, Reader, RequestHeader};

const START_US: u64 = 1_000_000;

/// A core with one broker, which is connected to, and a topic; and the connection.
fn connected(details: Details) -> (Core, ConnId) {
    let mut core = Core::new(Settings { details, ..settings() }, 7, START_US);
    core.handle_topic(TopicId(0), "t", topic_settings(), START_US);
    core.handle_timeout(START_US);
    let conn = loop {
        if let Action::Connect { conn, .. } = core.poll_action().expect("it connects") {
            break conn;
        }
    };
    core.handle_connected(conn, START_US);
    (core, conn)
}

/// The next frame that the core sends: API, version, correlation id, body.
fn next_frame(core: &mut Core) -> (ApiKey, i16, i32, Vec<u8>) {
    loop {
        let Action::Transmit { segments, .. } = core.poll_action().expect("it sends") else {
            continue;
        };
        let Segment::Bytes(frame) = &segments[0] else { panic!("a control request") };
        let mut reader = Reader::new(&frame[4..]);
        let header = RequestHeader::decode(&mut reader).unwrap();
        let body = reader.rest().to_vec();
        return (header.api_key, header.api_version, header.correlation_id, body);
    }
}

fn answer<'a, M: Message<'a>>(core: &mut Core, conn: ConnId, response: &M, version: i16, id: i32) {
    let mut out = Vec::new();
    encode_response(response, version, id, &mut out);
    core.handle_frame(conn, &out[4..], START_US);
}

/// Answers ApiVersions and returns the first metadata request: version, correlation id, body.
fn first_metadata(core: &mut Core, conn: ConnId) -> (i16, i32, Vec<u8>) {
    let (api, version, id, _) = next_frame(core);
    assert_eq!(api, ApiKey::API_VERSIONS);
    answer::<ApiVersionsResponse<'_>>(core, conn, &world::api_versions(), version, id);
    let (api, version, id, body) = next_frame(core);
    assert_eq!(api, ApiKey::METADATA);
    (version, id, body)
}

#[test]
fn brokers_are_told_the_software_of_the_configuration() {
    let software = ("my-binding".to_owned(), "1.2".to_owned());
    let (mut core, _) = connected(Details { software, ..Details::default() });
    let (_, version, _, body) = next_frame(&mut core);
    let request = ApiVersionsRequest::decode_all(&body, version).unwrap();
    assert_eq!(request.client_software_name, "my-binding");
    assert_eq!(request.client_software_version, "1.2");
}

#[test]
fn a_broker_that_does_not_tell_its_versions_in_time_is_left() {
    for (timeout_us, expected_us) in
        [(2 * SECOND_US, 2 * SECOND_US), (90 * SECOND_US, 30 * SECOND_US)]
    {
        let details = Details { api_version_timeout_us: timeout_us, ..Details::default() };
        let (mut core, conn) = connected(details);
        let mut is_closed_at = |now_us| {
            core.handle_timeout(now_us);
            let actions = std::iter::from_fn(|| core.poll_action());
            actions
                .filter(|action| matches!(action, Action::Close { conn: c } if *c == conn))
                .count()
        };
        assert_eq!(is_closed_at(START_US + expected_us - 1), 0);
        assert_eq!(is_closed_at(START_US + expected_us), 1);
    }
}

#[test]
fn topics_are_created_only_where_that_is_allowed() {
    for allowed in [true, false] {
        let details = Details { auto_create_topics: allowed, ..Details::default() };
        let (mut core, conn) = connected(details);
        let (version, _, body) = first_metadata(&mut core, conn);
        let request = MetadataRequest::decode_all(&body, version).unwrap();
        assert_eq!(request.allow_auto_topic_creation, allowed);
    }
}

#[test]
fn a_refresh_of_all_topics_names_none_but_new_ones_are_asked_for_by_name() {
    let (mut core, conn) = connected(Details { all_topics: true, ..Details::default() });
    let (version, id, body) = first_metadata(&mut core, conn);
    let request = MetadataRequest::decode_all(&body, version).unwrap();
    let names: Vec<_> = request.topics.unwrap().iter().map(|topic| topic.name).collect();
    assert_eq!(names, [Some("t")], "a new topic");
    let partition = crate::protocol::metadata::MetadataPartition::default();
    let topic = crate::protocol::metadata::MetadataTopic {
        name: Some("t"),
        partitions: vec![partition],
        ..Default::default()
    };
    let broker = crate::protocol::metadata::MetadataBroker {
        node_id: 0,
        host: "127.0.0.1",
        port: 1,
        rack: None,
    };
    let response =
        MetadataResponse { brokers: vec![broker], topics: vec![topic], ..Default::default() };
    answer(&mut core, conn, &response, version, id);
    core.handle_timeout(START_US + settings().metadata_refresh_interval_us);
    let (_, version, _, body) = next_frame(&mut core);
    assert!(MetadataRequest::decode_all(&body, version).unwrap().topics.is_none());
}

#[test]
fn so_many_requests_wait_behind_the_one_that_is_being_written() {
    for waiting_max in [1, 3] {
        let details = Details { frames_waiting_max: waiting_max, ..Details::default() };
        let mut world =
            World::new(Settings { details, linger_us: 0, ..settings() }, topic_settings(), 9);
        world.run_for(SECOND_US);
        world.blocked = true;
        for partition in 0..9 {
            world.produce(partition);
            world.run_for(1);
        }
        let index = world.core.by_node[&0];
        assert_eq!(world.core.brokers[index].frames_untransmitted(), waiting_max + 1);
    }
}

#[test]
fn a_connection_that_a_broker_closes_is_told_of_unless_that_is_not_wanted() {
    for quiet_close in [false, true] {
        let details = Details { quiet_close, ..Details::default() };
        let mut world = World::new(Settings { details, ..settings() }, topic_settings(), 1);
        world.run_for(SECOND_US);
        world.cut(1);
        world.run_for(0);
        let is_told = world.errors.contains(&local_error::TRANSPORT);
        assert_eq!(is_told, !quiet_close, "{:?}", world.errors);
    }
}
