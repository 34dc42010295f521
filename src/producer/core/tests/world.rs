//! A world in virtual time for the core's tests: scripted brokers that speak the protocol, and an application's side that
//! holds batches. Everything runs in the test's thread.

use std::collections::{BTreeMap, HashMap, VecDeque};

use core::net::SocketAddr;

use super::known_producer::KnownProducer;
use crate::producer::action::{Action, ConnId, Notice, Segment, TopicId};
use crate::producer::adaptive::LoadTable;
use crate::producer::batch::{Batch, FreshChunks, NewMessage};
use crate::producer::compression::Compression;
use crate::producer::config::{Details, Settings, TopicSettings};
use crate::producer::core::{BatchSource, Core, Head};
use crate::producer::report::Report;
use crate::protocol::api_versions::{ApiVersion, ApiVersionsResponse};
use crate::protocol::header::encode_response;
use crate::protocol::metadata::{
    MetadataBroker, MetadataPartition, MetadataRequest, MetadataResponse, MetadataTopic,
};
use crate::protocol::produce::{
    LeaderIdAndEpoch, ProducePartitionResponse, ProduceRequest, ProduceResponse,
    ProduceTopicResponse,
};
use crate::protocol::{ApiKey, ErrorCode, Message, Reader, RequestHeader};
use crate::record::batch::BatchHeader;
use crate::record::compress::{Codec, Compressor};
use crate::record::decompress;
use crate::record::record::{HeaderRef, Records};

/// What a scripted broker does with a produce request's batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Append,
    /// Refuse with this code.
    Refuse(i16),
    /// Append, but answer with this code.
    AppendAndAnswer(i16),
    /// Refuse as not the leader; the new leader comes along.
    Moved(i32, i32),
    /// Take the request and never answer.
    Ignore,
    /// Append, and answer with bytes that are no response.
    AppendAndBabble,
    /// Append, and cut the connection instead of answering.
    AppendAndCut,
    /// Cut the connection, and append nothing.
    Cut,
}

pub fn settings() -> Settings {
    Settings {
        client_id: "test".into(),
        details: Details::default(),
        bootstrap: vec![("127.0.0.1".into(), 1)],
        message_max_bytes: 1_000_000,
        in_flight_requests_max: 1_000,
        in_flight_batches_per_partition_max: 1,
        metadata_refresh_interval_us: 300_000_000,
        metadata_refresh_fast_interval_us: 100_000,
        metadata_propagation_max_us: 30_000_000,
        rebootstrap_trigger_us: Some(300_000_000),
        socket_timeout_us: 60_000_000,
        connection_setup_timeout_us: 30_000_000,
        reconnect_backoff_us: 100_000,
        reconnect_backoff_max_us: 10_000_000,
        connections_idle_max_us: 0,
        broker_address_ttl_us: 1_000_000,
        linger_us: 5_000,
        retries_max: u32::MAX,
        retry_backoff_us: 100_000,
        retry_backoff_max_us: 1_000_000,
        compression_inline_max_bytes: 8 << 10,
        address_families: (true, true),
        adaptive: None,
        idempotence: None,
        error_text: |error| format!("error {error}"),
        debug: crate::conf::DebugContexts(0),
        resolve_all: false,
        watch_broker_states: false,
        watch_requests: false,
    }
}

pub fn topic_settings() -> TopicSettings {
    TopicSettings {
        acks: -1,
        request_timeout_ms: 30_000,
        message_timeout_us: 300_000_000,
        codec: Codec::None,
        compression_level: -1,
    }
}

#[derive(Default)]
pub struct Source(pub BTreeMap<(u32, i32), VecDeque<Batch>>);

impl BatchSource for Source {
    fn head(&self, topic: TopicId, partition: i32) -> Option<Head> {
        let batches = self.0.get(&(topic.0, partition))?;
        let first_enqueued_us = batches.front()?.first_enqueued_us();
        Some(Head { first_enqueued_us, full: batches.len() > 1 })
    }

    fn queued(&self, topic: TopicId, partition: i32) -> usize {
        self.0.get(&(topic.0, partition)).map_or(0, VecDeque::len)
    }

    fn take(&mut self, topic: TopicId, partition: i32) -> Option<Batch> {
        self.0.get_mut(&(topic.0, partition))?.pop_front()
    }
}

pub struct World {
    pub core: Core,
    pub source: Source,
    pub now_us: u64,
    /// Listening ports = node id + 1; false: refuses connections.
    pub up: BTreeMap<u16, bool>,
    pub conns: HashMap<ConnId, u16>,
    /// Leader of each partition of topic `t`.
    pub leaders: Vec<i32>,
    pub epoch: i32,
    /// Numbers of the partitions that metadata names, if not all.
    pub partitions_told: Option<Vec<usize>>,
    pub topic_error: i16,
    /// What each next batch meets; `Append` when empty.
    pub scripts: VecDeque<Script>,
    /// Values appended, by partition.
    pub log: BTreeMap<i32, Vec<String>>,
    pub reports: Vec<Report>,
    pub errors: Vec<i32>,
    pub notices: Vec<String>,
    pub produce_requests: usize,
    pub metadata_requests: usize,
    /// Named in metadata beside the real ones.
    pub extra_brokers: Vec<MetadataBroker<'static>>,
    /// Named in metadata instead of the real ones, by their ports.
    pub ports_told: Option<Vec<u16>>,
    /// From this port on nothing answers, not even with a refusal.
    pub void_from: u16,
    /// These leave questions about metadata without an answer.
    pub mute: Vec<u16>,
    /// The error that metadata answers have as a whole, once.
    pub metadata_error: i16,
    /// Ports that were asked about metadata.
    pub metadata_asked: Vec<u16>,
    /// What metadata responses ask for.
    pub throttle_ms: i32,
    /// Sockets take no more bytes.
    pub blocked: bool,
    /// Batches handed out stay in `compressing`.
    pub holds_compression: bool,
    pub compressing: Vec<Compression>,
    /// Codec numbers of the batches that came.
    pub codecs: Vec<i16>,
    /// Told to the client with each answer to Produce.
    pub throttle_time_ms: i32,
    /// What the brokers know of idempotent producers, by partition.
    pub producers: BTreeMap<i32, KnownProducer>,
    /// The sequenced batches that came: partition, producer id, epoch, first number.
    pub sequenced: Vec<(i32, i64, i16, i32)>,
    /// Answers to InitProducerId, then success.
    pub init_errors: VecDeque<i16>,
    pub next_producer_id: i64,
    pub fatal: Vec<(i32, String)>,
    /// Round trips of brokers that are slower than others, by port.
    pub slow_us: BTreeMap<u16, u64>,
    /// As last told.
    pub load: Option<LoadTable>,
    /// Requests on their way: delivered one round-trip later.
    inbox: VecDeque<(u64, ConnId, Vec<u8>)>,
    partition_count: i32,
    next_message: u64,
}

pub const RTT_US: u64 = 1_000;

impl World {
    pub fn new(settings: Settings, topic: TopicSettings, partitions: usize) -> Self {
        let mut core = Core::new(settings, 7, 1_000_000);
        core.handle_topic(TopicId(0), "t", topic, 1_000_000);
        Self {
            core,
            source: Source::default(),
            now_us: 1_000_000,
            up: BTreeMap::from([(1, true), (2, true)]),
            conns: HashMap::new(),
            leaders: vec![0; partitions],
            epoch: 1,
            partitions_told: None,
            topic_error: 0,
            scripts: VecDeque::new(),
            log: BTreeMap::new(),
            reports: Vec::new(),
            errors: Vec::new(),
            notices: Vec::new(),
            produce_requests: 0,
            metadata_requests: 0,
            extra_brokers: Vec::new(),
            ports_told: None,
            void_from: u16::MAX,
            mute: Vec::new(),
            metadata_error: 0,
            metadata_asked: Vec::new(),
            throttle_ms: 0,
            blocked: false,
            holds_compression: false,
            compressing: Vec::new(),
            codecs: Vec::new(),
            throttle_time_ms: 0,
            producers: BTreeMap::new(),
            sequenced: Vec::new(),
            init_errors: VecDeque::new(),
            next_producer_id: 7_000,
            fatal: Vec::new(),
            slow_us: BTreeMap::new(),
            load: None,
            inbox: VecDeque::new(),
            partition_count: -1,
            next_message: 0,
        }
    }

    /// Appends a message as a batch of its own. Values count up over all partitions.
    pub fn produce(&mut self, partition: i32) {
        let mut batch = Batch::default();
        self.append(&mut batch);
        self.hand_in(partition, batch);
    }

    pub fn append(&mut self, batch: &mut Batch) {
        let value = format!("m{}", self.next_message);
        self.next_message += 1;
        self.append_value(batch, value.as_bytes());
    }

    pub fn append_value(&mut self, batch: &mut Batch, value: &[u8]) {
        batch.append(
            &NewMessage {
                key: None,
                value: Some(value),
                headers: std::iter::empty::<HeaderRef<'_>>(),
                timestamp_ms: 1,
                enqueued_us: self.now_us,
                opaque: 0,
                tag: 0,
                borrowed_value: 0,
            },
            &mut FreshChunks,
        );
    }

    pub fn hand_in(&mut self, partition: i32, batch: Batch) {
        let topic = TopicId(0);
        self.source.0.entry((0, partition)).or_default().push_back(batch);
        if let Some(head) = self.source.head(topic, partition) {
            self.core.handle_ready(topic, partition, head, self.now_us);
        }
    }

    /// Lets virtual time run.
    pub fn run_for(&mut self, duration_us: u64) {
        let end_us = self.now_us + duration_us;
        for _ in 0..1_000_000 {
            self.turn();
            let timer_us = self.core.poll_timeout().unwrap_or(u64::MAX);
            let arrival_us = self.inbox.front().map_or(u64::MAX, |message| message.0);
            let next_us = timer_us.min(arrival_us).max(self.now_us);
            if next_us > end_us {
                self.now_us = end_us;
                return;
            }
            self.now_us = next_us;
        }
        panic!("the core spins at {}", self.now_us);
    }

    fn turn(&mut self) {
        while self.inbox.front().is_some_and(|message| message.0 <= self.now_us) {
            let (_, conn, frame) = self.inbox.pop_front().unwrap();
            self.serve(conn, &frame);
        }
        self.core.handle_timeout(self.now_us);
        self.core.drain(&mut self.source, self.now_us);
        while let Some(action) = self.core.poll_action() {
            self.execute(action);
        }
    }

    fn execute(&mut self, action: Action) {
        match action {
            Action::Resolve { query, port, .. } => {
                let address = SocketAddr::from(([127, 0, 0, 1], port));
                self.core.handle_resolved(query, Ok(vec![address]), self.now_us);
            }
            Action::Connect { conn, address } => {
                if address.port() >= self.void_from {
                } else if self.up.get(&address.port()).copied().unwrap_or(false) {
                    self.conns.insert(conn, address.port());
                    self.core.handle_connected(conn, self.now_us);
                } else {
                    self.core.handle_disconnected(conn, "Connection refused", self.now_us);
                }
            }
            Action::Transmit { .. } if self.blocked => {}
            Action::Transmit { conn, segments } => {
                let mut frame = Vec::new();
                for segment in &segments {
                    match segment {
                        Segment::Bytes(bytes) => frame.extend_from_slice(bytes),
                        Segment::Batch(batch) => (0..)
                            .map_while(|i| batch.wire_slice(i))
                            .for_each(|slice| frame.extend_from_slice(slice)),
                    }
                }
                let size = i32::from_be_bytes(frame[..4].try_into().unwrap());
                assert_eq!(size as usize, frame.len() - 4, "frame size field");
                let port = self.conns.get(&conn).copied().unwrap_or_default();
                let rtt_us = self.slow_us.get(&port).copied().unwrap_or(RTT_US);
                let arrival_us = self.now_us + rtt_us;
                let at = self.inbox.partition_point(|message| message.0 <= arrival_us);
                self.inbox.insert(at, (arrival_us, conn, frame[4..].to_vec()));
                self.core.handle_transmitted(conn, self.now_us);
            }
            Action::Close { conn } => {
                self.conns.remove(&conn);
            }
            Action::Compress(work) if self.holds_compression => self.compressing.push(work),
            Action::Compress(work) => self.finish_compression(work),
            Action::Notify(Notice::Report(report)) => self.reports.push(report),
            Action::Notify(Notice::TopicPartitions { partition_count, .. }) => {
                self.partition_count = partition_count;
            }
            Action::Notify(Notice::TopicLoad { table, .. }) => self.load = table,
            Action::Notify(Notice::Error { error, .. }) => self.errors.push(error),
            Action::Notify(Notice::Fatal { error, reason }) => {
                self.fatal.push((error, reason));
                self.core.handle_fatal(&mut self.source, self.now_us);
            }
            Action::Notify(notice) => self.notices.push(format!("{notice:?}")),
        }
    }

    pub fn finish_compression(&mut self, work: Compression) {
        let records = work.run(&mut Compressor::new());
        self.core.handle_compressed(work.finish(records), self.now_us);
    }

    pub fn cut(&mut self, port: u16) {
        let dead: Vec<_> =
            self.conns.iter().filter(|(_, at)| **at == port).map(|(conn, _)| *conn).collect();
        for conn in dead {
            self.conns.remove(&conn);
            self.core.handle_disconnected(conn, "Connection reset", self.now_us);
        }
    }

    fn serve(&mut self, conn: ConnId, frame: &[u8]) {
        let Some(&port) = self.conns.get(&conn) else { return };
        let mut reader = Reader::new(frame);
        let header = RequestHeader::decode(&mut reader).unwrap();
        let body = reader.rest();
        let (id, version) = (header.correlation_id, header.api_version);
        let mut out = Vec::new();
        match header.api_key {
            ApiKey::API_VERSIONS => encode_response(&api_versions(), version, id, &mut out),
            ApiKey::METADATA if self.mute.contains(&port) => {
                self.metadata_asked.push(port);
                return;
            }
            ApiKey::METADATA => {
                self.metadata_asked.push(port);
                self.serve_metadata(body, version, id, &mut out);
            }
            ApiKey::PRODUCE => {
                if !self.serve_produce(port, body, version, id, &mut out) {
                    return;
                }
            }
            ApiKey::INIT_PRODUCER_ID => self.serve_init_producer_id(version, id, &mut out),
            other => panic!("unexpected {other:?}"),
        }
        if self.conns.contains_key(&conn) {
            self.core.handle_frame(conn, &out[4..], self.now_us);
        }
    }

    fn serve_metadata(&mut self, body: &[u8], version: i16, id: i32, out: &mut Vec<u8>) {
        let request = MetadataRequest::decode_all(body, version).unwrap();
        self.metadata_requests += 1;
        let ports = self.ports_told.clone();
        let brokers = ports
            .unwrap_or_else(|| self.up.keys().copied().collect())
            .into_iter()
            .map(|port| MetadataBroker {
                node_id: i32::from(port) - 1,
                host: "127.0.0.1",
                port: i32::from(port),
                rack: None,
            })
            .chain(self.extra_brokers.iter().cloned())
            .collect();
        let all = || (0..self.leaders.len()).collect();
        let told = self.partitions_told.clone().unwrap_or_else(all).into_iter();
        let partitions = told.map(|number| MetadataPartition {
            partition_index: number as i32,
            leader_id: self.leaders[number],
            leader_epoch: self.epoch,
            ..MetadataPartition::default()
        });
        let partitions: Vec<_> = partitions.collect();
        let topics = request
            .topics
            .unwrap_or_default()
            .iter()
            .map(|topic| MetadataTopic {
                name: topic.name,
                error_code: ErrorCode(self.topic_error),
                partitions: if self.topic_error == 0 { partitions.clone() } else { Vec::new() },
                ..MetadataTopic::default()
            })
            .collect();
        let throttle_time_ms = self.throttle_ms;
        let error_code = ErrorCode(std::mem::take(&mut self.metadata_error));
        let response = MetadataResponse {
            throttle_time_ms,
            brokers,
            topics,
            error_code,
            ..MetadataResponse::default()
        };
        encode_response(&response, version, id, out);
    }

    /// False: no answer.
    fn serve_produce(
        &mut self,
        port: u16,
        body: &[u8],
        version: i16,
        id: i32,
        out: &mut Vec<u8>,
    ) -> bool {
        self.produce_requests += 1;
        let request = ProduceRequest::decode_all(body, version).unwrap();
        let mut partitions = Vec::new();
        let (mut answer, mut cut, mut babble) = (request.acks != 0, false, false);
        for partition in request.topics.iter().flat_map(|topic| &topic.partitions) {
            let records = partition.records.unwrap();
            let mut script = self.scripts.pop_front().unwrap_or(Script::Append);
            if self.leaders[partition.index as usize] != i32::from(port) - 1 {
                script = Script::Refuse(ErrorCode::NOT_LEADER_OR_FOLLOWER.0);
            }
            self.note_sequence(partition.index, records);
            let base_offset = self.log.entry(partition.index).or_default().len() as i64;
            let mut response = ProducePartitionResponse {
                index: partition.index,
                base_offset,
                ..ProducePartitionResponse::default()
            };
            match script {
                Script::Append => self.append_checked(partition.index, records, &mut response),
                Script::Refuse(code) => {
                    response.error_code = ErrorCode(code);
                    response.base_offset = -1;
                }
                Script::AppendAndAnswer(code) => {
                    self.append_records(partition.index, records);
                    response.error_code = ErrorCode(code);
                }
                Script::Moved(leader_id, leader_epoch) => {
                    self.leaders[partition.index as usize] = leader_id;
                    response.error_code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
                    response.base_offset = -1;
                    response.current_leader = LeaderIdAndEpoch { leader_id, leader_epoch };
                }
                Script::Ignore => answer = false,
                Script::AppendAndBabble => {
                    self.append_records(partition.index, records);
                    babble = true;
                }
                Script::Cut => cut = true,
                Script::AppendAndCut => {
                    self.append_records(partition.index, records);
                    cut = true;
                }
            }
            partitions.push(response);
        }
        if cut {
            self.cut(port);
            return false;
        }
        let topics =
            vec![ProduceTopicResponse { name: "t", partitions, ..ProduceTopicResponse::default() }];
        let throttle_time_ms = self.throttle_time_ms;
        let response = ProduceResponse { topics, throttle_time_ms, ..ProduceResponse::default() };
        encode_response(&response, version, id, out);
        if babble {
            out.truncate(9);
            out.extend_from_slice(&[0x7f; 50]);
        }
        answer
    }

    pub(super) fn append_records(&mut self, partition: i32, records: &[u8]) {
        let header = BatchHeader::parse(records).unwrap();
        let offset = self.log.entry(partition).or_default().len() as i64;
        self.producers.entry(partition).or_default().append(&header, offset);
        assert_eq!(header.crc, crc32c::crc32c(&records[21..]));
        let codec = Codec::from_id(header.attributes.codec_id()).unwrap();
        self.codecs.push(codec.id());
        let mut plain = Vec::new();
        decompress(codec, &records[61..], 1 << 24, &mut plain).unwrap();
        let log = self.log.entry(partition).or_default();
        for record in Records::new(&plain) {
            log.push(String::from_utf8(record.unwrap().value.unwrap().to_vec()).unwrap());
        }
    }
}

pub fn api_versions() -> ApiVersionsResponse<'static> {
    let api = |api_key: ApiKey, max_version| ApiVersion {
        api_key: api_key.0,
        min_version: 0,
        max_version,
    };
    ApiVersionsResponse {
        api_keys: vec![
            api(ApiKey::API_VERSIONS, 3),
            api(ApiKey::METADATA, 13),
            api(ApiKey::INIT_PRODUCER_ID, 4),
            ApiVersion { api_key: ApiKey::PRODUCE.0, min_version: 3, max_version: 12 },
        ],
        ..ApiVersionsResponse::default()
    }
}
