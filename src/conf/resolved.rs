//! A configuration in the form the rest of the library reads: typed fields named after their properties, units last.
//! Plain data, made once per handle or topic, then shared.

use super::brokers::{BrokerAddress, parse_broker_list};
use super::finalize::{finalize, finalize_topic};
use super::set::{GlobalConf, TopicConf};
use super::table;

/// `broker.address.family`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFamily {
    /// Both.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// `compression.codec`, with the number the record batch header uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not compressed.
    None = 0,
    /// gzip.
    Gzip = 1,
    /// snappy.
    Snappy = 2,
    /// LZ4 frames.
    Lz4 = 3,
    /// zstd.
    Zstd = 4,
}

/// `partitioner`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partitioner {
    /// Random.
    Random,
    /// CRC32 of the key; keyless messages go to one partition.
    Consistent,
    /// CRC32 of the key; messages with a null or empty key go to any partition. The default.
    ConsistentRandom,
    /// Java's murmur2 of the key; null keys go to one partition.
    Murmur2,
    /// Java's murmur2 of the key; null keys go to any partition.
    Murmur2Random,
    /// FNV-1a of the key; null keys go to one partition.
    Fnv1a,
    /// FNV-1a of the key; null keys go to any partition.
    Fnv1aRandom,
    /// Each in turn, whatever the key.
    RoundRobin,
}

/// `debug`: a set of contexts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DebugContexts(pub i32);

impl DebugContexts {
    /// Handles as a whole.
    pub const GENERIC: DebugContexts = DebugContexts(0x1);
    /// Broker connections.
    pub const BROKER: DebugContexts = DebugContexts(0x2);
    /// Topics and partitions.
    pub const TOPIC: DebugContexts = DebugContexts(0x4);
    /// Metadata.
    pub const METADATA: DebugContexts = DebugContexts(0x8);
    /// Features of brokers.
    pub const FEATURE: DebugContexts = DebugContexts(0x10);
    /// Queues.
    pub const QUEUE: DebugContexts = DebugContexts(0x20);
    /// Messages.
    pub const MSG: DebugContexts = DebugContexts(0x40);
    /// Requests and responses.
    pub const PROTOCOL: DebugContexts = DebugContexts(0x80);
    /// TLS and SASL.
    pub const SECURITY: DebugContexts = DebugContexts(0x200);
    /// Interceptors.
    pub const INTERCEPTOR: DebugContexts = DebugContexts(0x800);
    /// Idempotence and transactions.
    pub const EOS: DebugContexts = DebugContexts(0x8000);
    /// The embedded cluster.
    pub const MOCK: DebugContexts = DebugContexts(0x10000);
    /// The configuration.
    pub const CONF: DebugContexts = DebugContexts(0x40000);

    /// All of them.
    pub const ALL: DebugContexts = DebugContexts(0xfffff);

    /// Their names, separated by commas.
    pub fn names(self) -> String {
        let names = table::debug_contexts().filter(|(bit, _)| self.0 & bit != 0);
        names.map(|(_, name)| name).collect::<Vec<_>>().join(",")
    }

    /// Whether any of `contexts` is on.
    pub fn has(self, contexts: DebugContexts) -> bool {
        self.0 & contexts.0 != 0
    }
}

/// A producer's global configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerConfig {
    /// `client.id`.
    pub client_id: String,
    /// `client.software.name`, safe for ApiVersions v3 (KIP-511).
    pub client_software_name: String,
    /// `client.software.version`, the same; None until the handle fills in its own.
    pub client_software_version: Option<String>,
    /// `bootstrap.servers`.
    pub bootstrap_servers: Vec<BrokerAddress>,
    /// What was wrong with `bootstrap.servers`, for the log (facility `BROKER`).
    pub bootstrap_error: Option<String>,
    /// `security.protocol`, as its lower-case word.
    pub security_protocol: String,
    /// `message.max.bytes`.
    pub message_max_bytes: usize,
    /// `receive.message.max.bytes`.
    pub receive_message_max_bytes: usize,
    /// `max.in.flight.requests.per.connection`.
    pub max_in_flight: u32,
    /// Whether the application set it.
    pub max_in_flight_is_set: bool,

    /// `metadata.max.age.ms`.
    pub metadata_max_age_ms: u64,
    /// Whether the application set it.
    pub metadata_max_age_is_set: bool,
    /// `topic.metadata.refresh.interval.ms`; None: no periodic refresh.
    pub topic_metadata_refresh_interval_ms: Option<u64>,
    /// `topic.metadata.refresh.fast.interval.ms`.
    pub topic_metadata_refresh_fast_interval_ms: u64,
    /// `topic.metadata.propagation.max.ms`.
    pub topic_metadata_propagation_max_ms: u64,
    /// `topic.metadata.refresh.sparse`.
    pub topic_metadata_refresh_sparse: bool,
    /// `metadata.recovery.strategy=rebootstrap`.
    pub metadata_recovery_rebootstrap: bool,
    /// `metadata.recovery.rebootstrap.trigger.ms`.
    pub metadata_recovery_rebootstrap_trigger_ms: u64,
    /// `topic.blacklist`, unparsed.
    pub topic_blacklist: Option<String>,
    /// `allow.auto.create.topics`.
    pub allow_auto_create_topics: bool,

    /// `socket.timeout.ms`.
    pub socket_timeout_ms: u64,
    /// `socket.connection.setup.timeout.ms`.
    pub socket_connection_setup_timeout_ms: u64,
    /// `socket.send.buffer.bytes`; 0: the system's default.
    pub socket_send_buffer_bytes: usize,
    /// `socket.receive.buffer.bytes`; 0: the system's default.
    pub socket_receive_buffer_bytes: usize,
    /// `socket.keepalive.enable`.
    pub socket_keepalive_enable: bool,
    /// `socket.nagle.disable`.
    pub socket_nagle_disable: bool,
    /// `socket.max.fails`; 0: never disconnect for timed-out requests.
    pub socket_max_fails: u32,
    /// `broker.address.ttl`.
    pub broker_address_ttl_ms: u64,
    /// `broker.address.family`.
    pub broker_address_family: AddressFamily,
    /// `client.dns.lookup=resolve_canonical_bootstrap_servers_only`.
    pub client_dns_lookup_canonical: bool,
    /// `connections.max.idle.ms`; 0: never.
    pub connections_max_idle_ms: u64,
    /// `reconnect.backoff.ms`.
    pub reconnect_backoff_ms: u64,
    /// `reconnect.backoff.max.ms`.
    pub reconnect_backoff_max_ms: u64,
    /// `api.version.request.timeout.ms`.
    pub api_version_request_timeout_ms: u64,
    /// `api.version.request`.
    pub api_version_request: bool,
    /// `broker.version.fallback`.
    pub broker_version_fallback: String,

    /// `enable.idempotence`.
    pub enable_idempotence: bool,
    /// `enable.gapless.guarantee`.
    pub enable_gapless_guarantee: bool,
    /// `transactional.id`.
    pub transactional_id: Option<String>,
    /// `transaction.timeout.ms`.
    pub transaction_timeout_ms: u64,
    /// `queue.buffering.max.messages`; 0: no limit.
    pub queue_buffering_max_messages: usize,
    /// `queue.buffering.max.kbytes`, in bytes.
    pub queue_buffering_max_bytes: u64,
    /// `queue.buffering.max.ms` (`linger.ms`), in microseconds.
    pub linger_us: u64,
    /// `message.send.max.retries`.
    pub retries: u32,
    /// `retry.backoff.ms`.
    pub retry_backoff_ms: u64,
    /// `retry.backoff.max.ms`.
    pub retry_backoff_max_ms: u64,
    /// `queue.buffering.backpressure.threshold`.
    pub queue_buffering_backpressure_threshold: u32,
    /// `compression.codec`.
    pub compression: Compression,
    /// `batch.num.messages`.
    pub batch_num_messages: usize,
    /// `batch.size`.
    pub batch_size_bytes: usize,
    /// `delivery.report.only.error`.
    pub delivery_report_only_error: bool,
    /// `sticky.partitioning.linger.ms`; 0: no sticky partitioning.
    pub sticky_partitioning_linger_ms: u64,

    /// `max.block.ms`; None: for ever.
    pub max_block_ms: Option<u64>,
    /// `block.serve.reports.ms`; None: never.
    pub block_serve_reports_ms: Option<u64>,

    /// `buffer.memory`; None: no limit.
    pub buffer_memory_bytes: Option<usize>,
    /// `partitioner.adaptive.partitioning.enable`.
    pub adaptive_partitioning: bool,
    /// `partitioner.availability.timeout.ms`; 0: never.
    pub partitioner_availability_timeout_ms: u64,

    /// `statistics.interval.ms`; 0: none.
    pub statistics_interval_ms: u64,
    /// `enabled_events`: a mask of RD_KAFKA_EVENT_.. values.
    pub enabled_events: i32,
    /// `log_level`, 7 when any debug context is on.
    pub log_level: i32,
    /// `debug`.
    pub debug: DebugContexts,
    /// `log.queue`.
    pub log_queue: bool,
    /// `log.thread.name`.
    pub log_thread_name: bool,
    /// `log.connection.close`.
    pub log_connection_close: bool,
    /// `enable.metrics.push`.
    pub enable_metrics_push: bool,
    /// `test.mock.num.brokers`; 0: no embedded cluster.
    pub test_mock_num_brokers: usize,
    /// `test.mock.broker.rtt`.
    pub test_mock_broker_rtt_ms: u64,

    /// The topics' configuration where an application gives none.
    pub default_topic: TopicConfig,
}

/// A topic's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicConfig {
    /// `request.required.acks`.
    pub request_required_acks: i16,
    /// `request.timeout.ms`.
    pub request_timeout_ms: u64,
    /// `message.timeout.ms`; 0: messages never time out.
    pub message_timeout_ms: u64,
    /// `queuing.strategy=lifo`.
    pub queuing_lifo: bool,
    /// `partitioner`; a `partitioner_cb` goes before it.
    pub partitioner: Partitioner,
    /// `compression.codec`, the global one where it says `inherit`.
    pub compression: Compression,
    /// `compression.level` cut to the codec's range; -1: the codec's default.
    pub compression_level: i32,
    /// `partitioner_cb`, 0 when none.
    pub partitioner_cb: usize,
    /// `opaque`.
    pub opaque: usize,
}

/// Ranges in the table keep these values from being negative where that has no meaning.
fn ms(value: i32) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn count(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

fn size(value: i32) -> usize {
    usize::try_from(value).unwrap_or(0)
}

fn compression(value: i32) -> Compression {
    match value {
        1 => Compression::Gzip,
        2 => Compression::Snappy,
        3 => Compression::Lz4,
        4 => Compression::Zstd,
        _ => Compression::None,
    }
}

fn partitioner(name: &str) -> Partitioner {
    match name {
        "random" => Partitioner::Random,
        "consistent" => Partitioner::Consistent,
        "murmur2" => Partitioner::Murmur2,
        "murmur2_random" => Partitioner::Murmur2Random,
        "fnv1a" => Partitioner::Fnv1a,
        "fnv1a_random" => Partitioner::Fnv1aRandom,
        "round_robin" => Partitioner::RoundRobin,
        _ => Partitioner::ConsistentRandom,
    }
}

/// The level a codec is given: what is above its range is cut, what has no meaning for it is the default.
fn compression_level(codec: Compression, level: i32) -> i32 {
    match codec {
        Compression::Gzip => level.min(9),
        Compression::Lz4 => level.min(12),
        Compression::Zstd => level.min(22),
        Compression::None | Compression::Snappy => -1,
    }
}

impl Default for ProducerConfig {
    /// What an untouched configuration resolves to.
    fn default() -> Self {
        let mut conf = GlobalConf::new();
        // Defaults never conflict; a test holds it.
        let _ = finalize(&mut conf);
        ProducerConfig::from_finalized(&conf)
    }
}

impl ProducerConfig {
    /// Checks a configuration as `rd_kafka_new` does and gives its typed form.
    pub fn resolve(conf: &GlobalConf) -> Result<ProducerConfig, String> {
        let mut conf = conf.clone();
        finalize(&mut conf)?;
        Ok(ProducerConfig::from_finalized(&conf))
    }

    /// The typed form of a configuration that [`finalize`] has accepted.
    pub fn from_finalized(conf: &GlobalConf) -> ProducerConfig {
        let int = |name: &str| conf.int(name);
        let flag = |name: &str| conf.flag(name);
        let text = |name: &str| conf.text(name).unwrap_or_default();
        let protocol = String::from_utf8(conf.get(b"security.protocol").unwrap_or_default());
        let protocol = protocol.unwrap_or_default();
        let (bootstrap_servers, bootstrap_error) =
            parse_broker_list(&text("bootstrap.servers"), &protocol);
        let refresh_ms = int("topic.metadata.refresh.interval.ms");
        let debug = DebugContexts(int("debug"));
        ProducerConfig {
            client_id: text("client.id"),
            client_software_name: text("client.software.name"),
            client_software_version: conf.text("client.software.version"),
            bootstrap_servers,
            bootstrap_error,
            security_protocol: protocol,
            message_max_bytes: size(int("message.max.bytes")),
            receive_message_max_bytes: size(int("receive.message.max.bytes")),
            max_in_flight: count(int("max.in.flight")),
            max_in_flight_is_set: conf.is_modified("max.in.flight"),
            metadata_max_age_ms: ms(int("metadata.max.age.ms")),
            metadata_max_age_is_set: conf.is_modified("metadata.max.age.ms"),
            topic_metadata_refresh_interval_ms: (refresh_ms > 0).then(|| ms(refresh_ms)),
            topic_metadata_refresh_fast_interval_ms: ms(int(
                "topic.metadata.refresh.fast.interval.ms",
            )),
            topic_metadata_propagation_max_ms: ms(int("topic.metadata.propagation.max.ms")),
            topic_metadata_refresh_sparse: flag("topic.metadata.refresh.sparse"),
            metadata_recovery_rebootstrap: int("metadata.recovery.strategy") == 1,
            metadata_recovery_rebootstrap_trigger_ms: ms(int(
                "metadata.recovery.rebootstrap.trigger.ms",
            )),
            topic_blacklist: conf.text("topic.blacklist"),
            allow_auto_create_topics: flag("allow.auto.create.topics"),
            socket_timeout_ms: ms(int("socket.timeout.ms")),
            socket_connection_setup_timeout_ms: ms(int("socket.connection.setup.timeout.ms")),
            socket_send_buffer_bytes: size(int("socket.send.buffer.bytes")),
            socket_receive_buffer_bytes: size(int("socket.receive.buffer.bytes")),
            socket_keepalive_enable: flag("socket.keepalive.enable"),
            socket_nagle_disable: flag("socket.nagle.disable"),
            socket_max_fails: count(int("socket.max.fails")),
            broker_address_ttl_ms: ms(int("broker.address.ttl")),
            broker_address_family: match int("broker.address.family") {
                2 => AddressFamily::V4,
                10 => AddressFamily::V6,
                _ => AddressFamily::Any,
            },
            client_dns_lookup_canonical: int("client.dns.lookup") == 1,
            connections_max_idle_ms: ms(int("connections.max.idle.ms")),
            reconnect_backoff_ms: ms(int("reconnect.backoff.ms")),
            reconnect_backoff_max_ms: ms(int("reconnect.backoff.max.ms")),
            api_version_request_timeout_ms: ms(int("api.version.request.timeout.ms")),
            api_version_request: flag("api.version.request"),
            broker_version_fallback: text("broker.version.fallback"),
            enable_idempotence: flag("enable.idempotence"),
            enable_gapless_guarantee: flag("enable.gapless.guarantee"),
            transactional_id: conf.text("transactional.id"),
            transaction_timeout_ms: ms(int("transaction.timeout.ms")),
            queue_buffering_max_messages: size(int("queue.buffering.max.messages")),
            queue_buffering_max_bytes: ms(int("queue.buffering.max.kbytes")) * 1024,
            linger_us: (conf.float("linger.ms") * 1000.0) as u64,
            retries: count(int("retries")),
            retry_backoff_ms: ms(int("retry.backoff.ms")),
            retry_backoff_max_ms: ms(int("retry.backoff.max.ms")),
            queue_buffering_backpressure_threshold: count(int(
                "queue.buffering.backpressure.threshold",
            )),
            compression: compression(int("compression.codec")),
            batch_num_messages: size(int("batch.num.messages")),
            batch_size_bytes: size(int("batch.size")),
            delivery_report_only_error: flag("delivery.report.only.error"),
            sticky_partitioning_linger_ms: ms(int("sticky.partitioning.linger.ms")),
            max_block_ms: u64::try_from(int("max.block.ms")).ok(),
            block_serve_reports_ms: u64::try_from(int("block.serve.reports.ms")).ok(),
            buffer_memory_bytes: Some(size(int("buffer.memory"))).filter(|&bytes| bytes > 0),
            adaptive_partitioning: flag("partitioner.adaptive.partitioning.enable"),
            partitioner_availability_timeout_ms: ms(int("partitioner.availability.timeout.ms")),
            statistics_interval_ms: ms(int("statistics.interval.ms")),
            enabled_events: int("enabled_events"),
            log_level: if debug.0 != 0 { 7 } else { int("log_level") },
            debug,
            log_queue: flag("log.queue"),
            log_thread_name: flag("log.thread.name"),
            log_connection_close: flag("log.connection.close"),
            enable_metrics_push: flag("enable.metrics.push"),
            test_mock_num_brokers: size(int("test.mock.num.brokers")),
            test_mock_broker_rtt_ms: ms(int("test.mock.broker.rtt")),
            default_topic: match conf.topic_conf() {
                Some(topic) => TopicConfig::from_finalized(conf, topic),
                None => TopicConfig::from_finalized(conf, &TopicConf::new()),
            },
        }
    }
}

impl TopicConfig {
    /// Checks a topic's configuration as `rd_kafka_topic_new` does and gives its typed form. `conf` is the handle's
    /// finalized configuration.
    pub fn resolve(conf: &GlobalConf, topic: &TopicConf) -> Result<TopicConfig, String> {
        let mut topic = topic.clone();
        finalize_topic(conf, &mut topic)?;
        Ok(TopicConfig::from_finalized(conf, &topic))
    }

    fn from_finalized(conf: &GlobalConf, topic: &TopicConf) -> TopicConfig {
        const INHERIT: i32 = 5;
        let codec = match topic.int("compression.codec") {
            INHERIT => compression(conf.int("compression.codec")),
            own => compression(own),
        };
        TopicConfig {
            request_required_acks: i16::try_from(topic.int("acks")).unwrap_or(-1),
            request_timeout_ms: ms(topic.int("request.timeout.ms")),
            message_timeout_ms: ms(topic.int("message.timeout.ms")),
            queuing_lifo: topic.int("queuing.strategy") == 1,
            partitioner: partitioner(&topic.text("partitioner").unwrap_or_default()),
            compression: codec,
            compression_level: compression_level(codec, topic.int("compression.level")),
            partitioner_cb: topic.pointer("partitioner_cb"),
            opaque: topic.pointer("opaque"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(settings: &[(&str, &str)]) -> ProducerConfig {
        let mut conf = GlobalConf::new();
        for (name, value) in settings {
            conf.set(name, value).unwrap();
        }
        ProducerConfig::resolve(&conf).unwrap()
    }

    #[test]
    fn defaults_resolve_to_librdkafkas() {
        assert!(ProducerConfig::resolve(&GlobalConf::new()).is_ok());
        let config = ProducerConfig::default();
        assert_eq!(config.client_id, "rdkafka");
        assert_eq!(config.linger_us, 5000);
        assert_eq!(config.queue_buffering_max_bytes, 1 << 30);
        assert_eq!(config.queue_buffering_max_messages, 100_000);
        assert_eq!(config.max_in_flight, 1_000_000);
        assert!(!config.max_in_flight_is_set && config.allow_auto_create_topics);
        assert_eq!(config.sticky_partitioning_linger_ms, 10);
        assert_eq!(config.metadata_max_age_ms, 900_000);
        assert_eq!(config.log_level, 6);
        assert_eq!(config.default_topic.request_required_acks, -1);
        assert_eq!(config.default_topic.message_timeout_ms, 300_000);
        assert_eq!(config.default_topic.partitioner, Partitioner::ConsistentRandom);
        assert_eq!(config.default_topic.compression, Compression::None);
    }

    #[test]
    fn a_topics_codec_goes_before_the_global_one_and_levels_are_cut_to_it() {
        let config = resolved(&[("compression.type", "lz4"), ("compression.level", "12")]);
        assert_eq!(config.compression, Compression::Lz4);
        assert_eq!(config.default_topic.compression, Compression::Lz4);
        assert_eq!(config.default_topic.compression_level, 12);
        let config = resolved(&[
            ("compression.type", "lz4"),
            ("topic.compression.type", "gzip"),
            ("compression.level", "12"),
        ]);
        assert_eq!(config.default_topic.compression, Compression::Gzip);
        assert_eq!(config.default_topic.compression_level, 9);
    }

    #[test]
    fn debug_contexts_raise_the_log_level() {
        let config = resolved(&[("debug", "msg,broker")]);
        assert_eq!(config.log_level, 7);
        assert!(config.debug.has(DebugContexts::MSG) && !config.debug.has(DebugContexts::TOPIC));
    }

    #[test]
    fn brokers_before_one_that_is_wrong_are_kept() {
        let config = resolved(&[("bootstrap.servers", "a:1,ssl://b")]);
        assert_eq!(config.bootstrap_servers.len(), 1);
        assert!(config.bootstrap_error.is_some());
    }

    #[test]
    fn a_linger_below_a_millisecond_survives() {
        assert_eq!(resolved(&[("linger.ms", "0.5")]).linger_us, 500);
        assert_eq!(resolved(&[("linger.ms", "nan")]).linger_us, 0);
    }
}
