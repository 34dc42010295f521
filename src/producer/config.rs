//! The settings the core works by, resolved by the application's side from its configuration. Plain data.

use crate::conf::DebugContexts;
use crate::record::compress::Codec;

/// Settings of a handle.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `client.id`
    pub client_id: String,
    /// `bootstrap.servers`, as (host, port).
    pub bootstrap: Vec<(String, u16)>,
    /// What few applications change.
    pub details: Details,
    /// `message.max.bytes`: also bounds a produce request.
    pub message_max_bytes: usize,
    /// `max.in.flight.requests.per.connection`
    pub in_flight_requests_max: usize,
    /// Batches of one partition in flight at once; 1 keeps the order through retries.
    pub in_flight_batches_per_partition_max: usize,
    /// `topic.metadata.refresh.interval.ms`, 0 for never
    pub metadata_refresh_interval_us: u64,
    /// `topic.metadata.refresh.fast.interval.ms` = `retry.backoff.ms` of metadata
    pub metadata_refresh_fast_interval_us: u64,
    /// `topic.metadata.propagation.max.ms`
    pub metadata_propagation_max_us: u64,
    /// `metadata.recovery.rebootstrap.trigger.ms`, unless `metadata.recovery.strategy=none`.
    pub rebootstrap_trigger_us: Option<u64>,
    /// `socket.timeout.ms`
    pub socket_timeout_us: u64,
    /// `socket.connection.setup.timeout.ms`
    pub connection_setup_timeout_us: u64,
    /// `reconnect.backoff.ms`
    pub reconnect_backoff_us: u64,
    /// `reconnect.backoff.max.ms`
    pub reconnect_backoff_max_us: u64,
    /// `connections.max.idle.ms`, 0 for never
    pub connections_idle_max_us: u64,
    /// `broker.address.ttl`
    pub broker_address_ttl_us: u64,
    /// `linger.ms`
    pub linger_us: u64,
    /// `retries`
    pub retries_max: u32,
    /// `retry.backoff.ms`
    pub retry_backoff_us: u64,
    /// `retry.backoff.max.ms`
    pub retry_backoff_max_us: u64,
    /// Batches with fewer bytes of records are compressed when they are sealed: not worth an action.
    pub compression_inline_max_bytes: usize,
    /// `broker.address.family`: accept IPv4, IPv6 addresses
    pub address_families: (bool, bool),
    /// `partitioner.adaptive.partitioning.enable`: `partitioner.availability.timeout.ms`, 0 for never
    pub adaptive: Option<u64>,
    /// `enable.idempotence`
    pub idempotence: Option<Idempotence>,
    /// Describes an `rd_kafka_resp_err_t` value.
    pub error_text: fn(i32) -> String,
    /// `debug`
    pub debug: DebugContexts,
    /// Addresses written as text are to be looked up too.
    pub resolve_all: bool,
    /// Tell the states of brokers' connections.
    pub watch_broker_states: bool,
    /// Tell of each request and response.
    pub watch_requests: bool,
}

/// Settings that few applications change; the default is what a configuration without them gives.
#[derive(Clone, Debug)]
pub struct Details {
    /// `client.software.name` and `client.software.version`, as brokers are told them (KIP-511).
    pub software: (String, String),
    /// `api.version.request.timeout.ms`
    pub api_version_timeout_us: u64,
    /// `queue.buffering.backpressure.threshold`: produce requests that wait behind the one being written.
    pub frames_waiting_max: u64,
    /// `topic.metadata.refresh.sparse=false`: refreshes ask for the topics of the whole cluster.
    pub all_topics: bool,
    /// `allow.auto.create.topics`
    pub auto_create_topics: bool,
    /// `log.connection.close=false`: that a broker has closed a connection is neither logged nor told.
    pub quiet_close: bool,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            software: ("librdkafka".into(), env!("CARGO_PKG_VERSION").into()),
            api_version_timeout_us: 10_000_000,
            frames_waiting_max: 1,
            all_topics: false,
            auto_create_topics: true,
            quiet_close: false,
        }
    }
}

/// Settings of an idempotent producer.
#[derive(Clone, Copy, Debug)]
pub struct Idempotence {
    /// `enable.gapless.guarantee`
    pub gapless: bool,
    /// Number of a partition's first record under a new producer id: 0, but for tests of what follows 2^31.
    pub first_sequence: i32,
}

/// Settings of a topic.
#[derive(Clone, Debug)]
pub struct TopicSettings {
    /// `acks`: 0, 1 or -1 (other values as given)
    pub acks: i16,
    /// `request.timeout.ms`
    pub request_timeout_ms: i32,
    /// `message.timeout.ms`, 0 for never
    pub message_timeout_us: u64,
    /// `compression.codec`
    pub codec: Codec,
    /// `compression.level`, -1 for the codec's default
    pub compression_level: i32,
}
