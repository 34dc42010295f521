//! The core's settings out of an application's configuration.

use crate::conf::{AddressFamily, Compression, ProducerConfig, TopicConfig};
use crate::producer::config::{Details, Idempotence, Settings, TopicSettings};
use crate::record::compress::Codec;

/// Compressed within some ten microseconds: what a hand-over and two wake-ups cost.
const COMPRESSION_INLINE_MAX_BYTES: usize = 8 << 10;

const fn us(ms: u64) -> u64 {
    ms.saturating_mul(1_000)
}

/// The order within a partition holds through retries only if one batch at a time is on its way. More are sent where nothing is
/// retried, where brokers see to the order (idempotence), or where the application says how many requests it wants in flight.
fn in_flight_batches_max(config: &ProducerConfig) -> usize {
    let ordered = config.retries > 0 && !config.max_in_flight_is_set && !config.enable_idempotence;
    if ordered { 1 } else { config.max_in_flight as usize }
}

/// What `rd_kafka_version_str()` says, for brokers (KIP-511).
const SOFTWARE_VERSION: &str = concat!("2.16.0-librdkafka-oxide-", env!("CARGO_PKG_VERSION"));

fn details(config: &ProducerConfig) -> Details {
    let version = config.client_software_version.clone();
    Details {
        software: (
            config.client_software_name.clone(),
            version.unwrap_or_else(|| SOFTWARE_VERSION.to_owned()),
        ),
        api_version_timeout_us: us(config.api_version_request_timeout_ms),
        frames_waiting_max: u64::from(config.queue_buffering_backpressure_threshold),
        all_topics: !config.topic_metadata_refresh_sparse,
        auto_create_topics: config.allow_auto_create_topics,
        quiet_close: !config.log_connection_close,
    }
}

/// How often metadata is asked for anew; 0 for never. What is older than `metadata.max.age.ms` is not believed, so it bounds
/// the interval; alone, it is one.
fn metadata_refresh_interval_ms(config: &ProducerConfig) -> u64 {
    let bound_ms = config.metadata_max_age_is_set.then_some(config.metadata_max_age_ms);
    let interval_ms = config.topic_metadata_refresh_interval_ms;
    bound_ms.into_iter().chain(interval_ms).min().unwrap_or(0)
}

/// A handle's.
pub fn settings(config: &ProducerConfig) -> Settings {
    Settings {
        client_id: config.client_id.clone(),
        details: details(config),
        bootstrap: config
            .bootstrap_servers
            .iter()
            .map(|address| (address.host.clone(), address.port))
            .collect(),
        message_max_bytes: config.message_max_bytes,
        in_flight_requests_max: config.max_in_flight as usize,
        in_flight_batches_per_partition_max: in_flight_batches_max(config),
        metadata_refresh_interval_us: us(metadata_refresh_interval_ms(config)),
        metadata_refresh_fast_interval_us: us(config.topic_metadata_refresh_fast_interval_ms),
        metadata_propagation_max_us: us(config.topic_metadata_propagation_max_ms),
        rebootstrap_trigger_us: config
            .metadata_recovery_rebootstrap
            .then_some(us(config.metadata_recovery_rebootstrap_trigger_ms)),
        socket_timeout_us: us(config.socket_timeout_ms),
        connection_setup_timeout_us: us(config.socket_connection_setup_timeout_ms),
        reconnect_backoff_us: us(config.reconnect_backoff_ms),
        reconnect_backoff_max_us: us(config.reconnect_backoff_max_ms),
        connections_idle_max_us: us(config.connections_max_idle_ms),
        broker_address_ttl_us: us(config.broker_address_ttl_ms),
        linger_us: config.linger_us,
        retries_max: config.retries,
        retry_backoff_us: us(config.retry_backoff_ms),
        retry_backoff_max_us: us(config.retry_backoff_max_ms),
        compression_inline_max_bytes: COMPRESSION_INLINE_MAX_BYTES,
        address_families: (
            config.broker_address_family != AddressFamily::V6,
            config.broker_address_family != AddressFamily::V4,
        ),
        adaptive: config
            .adaptive_partitioning
            .then(|| us(config.partitioner_availability_timeout_ms)),
        idempotence: config
            .enable_idempotence
            .then_some(Idempotence { gapless: config.enable_gapless_guarantee, first_sequence: 0 }),
        error_text: |error| format!("Err-{error}?"),
        debug: config.debug,
        resolve_all: false,
        watch_broker_states: false,
        watch_requests: false,
    }
}

/// A topic's.
pub fn topic_settings(config: &TopicConfig) -> TopicSettings {
    TopicSettings {
        acks: config.request_required_acks,
        request_timeout_ms: i32::try_from(config.request_timeout_ms).unwrap_or(i32::MAX),
        message_timeout_us: us(config.message_timeout_ms),
        codec: match config.compression {
            Compression::None => Codec::None,
            Compression::Gzip => Codec::Gzip,
            Compression::Snappy => Codec::Snappy,
            Compression::Lz4 => Codec::Lz4,
            Compression::Zstd => Codec::Zstd,
        },
        compression_level: config.compression_level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_batch_at_a_time_unless_nothing_is_retried_or_the_application_says_more() {
        let in_flight = |max_in_flight, max_in_flight_is_set, retries| {
            let base = ProducerConfig::default();
            let config = ProducerConfig { max_in_flight, max_in_flight_is_set, retries, ..base };
            settings(&config).in_flight_batches_per_partition_max
        };
        assert_eq!(in_flight(1_000_000, false, 5), 1);
        assert_eq!(in_flight(7, true, 5), 7);
        assert_eq!(in_flight(1_000_000, false, 0), 1_000_000);
    }

    #[test]
    fn metadata_is_refreshed_at_the_shorter_of_its_interval_and_its_age() {
        let interval_ms = |interval_ms, age_ms, age_is_set| {
            let config = ProducerConfig {
                topic_metadata_refresh_interval_ms: interval_ms,
                metadata_max_age_ms: age_ms,
                metadata_max_age_is_set: age_is_set,
                ..ProducerConfig::default()
            };
            settings(&config).metadata_refresh_interval_us / 1_000
        };
        assert_eq!(interval_ms(Some(300), 900, false), 300);
        assert_eq!(interval_ms(Some(300), 200, true), 200);
        assert_eq!(interval_ms(Some(300), 400, true), 300);
        assert_eq!(interval_ms(None, 900_000, false), 0);
        assert_eq!(interval_ms(None, 200, true), 200);
    }

    #[test]
    fn details_come_from_their_properties() {
        let usual = settings(&ProducerConfig::default()).details;
        let default = Details::default();
        assert_eq!(usual.software.0, "librdkafka");
        assert!(usual.software.1.starts_with("2.16.0-librdkafka-oxide-"));
        assert_eq!(usual.api_version_timeout_us, default.api_version_timeout_us);
        assert_eq!(usual.frames_waiting_max, default.frames_waiting_max);
        assert_eq!((usual.all_topics, default.all_topics), (false, false));
        assert_eq!((usual.auto_create_topics, default.auto_create_topics), (true, true));
        assert_eq!((usual.quiet_close, default.quiet_close), (false, false));
        let config = ProducerConfig {
            client_software_version: Some("7".to_owned()),
            api_version_request_timeout_ms: 3,
            queue_buffering_backpressure_threshold: 9,
            topic_metadata_refresh_sparse: false,
            allow_auto_create_topics: false,
            log_connection_close: false,
            ..ProducerConfig::default()
        };
        let details = settings(&config).details;
        assert_eq!(details.software.1, "7");
        assert_eq!((details.api_version_timeout_us, details.frames_waiting_max), (3_000, 9));
        assert!(details.all_topics && !details.auto_create_topics && details.quiet_close);
    }

    #[test]
    fn milliseconds_become_microseconds_and_never_stays_zero() {
        let config = ProducerConfig {
            topic_metadata_refresh_interval_ms: None,
            broker_address_family: AddressFamily::V4,
            ..ProducerConfig::default()
        };
        let settings = settings(&config);
        assert_eq!(settings.metadata_refresh_interval_us, 0);
        assert_eq!(settings.linger_us, 5_000);
        assert_eq!(settings.socket_timeout_us, 60_000_000);
        assert_eq!(settings.address_families, (true, false));
        assert_eq!(topic_settings(&config.default_topic).message_timeout_us, 300_000_000);
    }
}
