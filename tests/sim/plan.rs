//! What a seed stands for: the shape of the cluster, the settings of the handle, and how hostile the world is.

use rdkafka::cluster::rng::Rng;
use rdkafka::mock::ClusterOptions;
use rdkafka::producer::config::{Details, Idempotence, Settings, TopicSettings};
use rdkafka::record::compress::Codec;

/// First port; broker `id` listens on this plus its id.
pub const PORT_BASE: u16 = 9000;

/// Above [`PORT_BASE`], from here on: ports where no broker listens at first.
pub const PORTS_DEAD: u16 = 100;

/// Partitions that a topic may come to have.
pub const PARTITIONS_MAX: usize = 12;

/// Drawn from the seed before anything happens.
#[derive(Debug)]
pub struct Plan {
    pub seed: u64,
    pub brokers: u32,
    pub partitions: Vec<i32>,
    pub settings: Settings,
    pub topics: Vec<TopicSettings>,
    pub messages: usize,
    pub batch_messages_max: usize,
    pub batch_bytes_max: usize,
    pub value_bytes_max: u64,
    /// Largest batch that the brokers take.
    pub broker_batch_bytes_max: usize,
    /// Bytes that a socket takes before it blocks.
    pub socket_buffer_bytes: usize,
    pub latency_us: u64,
    /// Longest time that a batch is being compressed.
    pub compression_us: u64,
    /// When faults end.
    pub calm_us: u64,
    /// Mean time between faults; 0 for none.
    pub fault_pause_us: u64,
    /// One connection in so many is cut at a random byte; 0 for none.
    pub cut_one_in: u64,
    pub purges: bool,
    /// Kinds of faults that may strike, one bit each.
    pub fault_kinds: u64,
    /// Highest versions that the brokers speak of Produce and Metadata.
    pub versions_max: (i16, i16),
    /// `queue.buffering.max.messages` and `.max.kbytes` in bytes.
    pub queue_messages_max: usize,
    pub queue_bytes_max: u64,
    /// Notices of new data reach the core up to so much later.
    pub notice_delay_us: u64,
    /// The last topic becomes known only then.
    pub late_topic_us: u64,
    /// Epoch of a new producer id.
    pub first_producer_epoch: i16,
    pub ending: Ending,
}

/// How the application ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// When everything is reported.
    Patient,
    /// It purges everything and shuts down then.
    Purge { at_us: u64 },
    /// The handle fails for good then, and is shut down.
    Failure { at_us: u64 },
}

/// One of `choices`.
pub fn pick<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.below(choices.len() as u64) as usize]
}

pub fn one_in(rng: &mut Rng, n: u64) -> bool {
    n > 0 && rng.below(n) == 0
}

impl Plan {
    pub fn draw(seed: u64, rng: &mut Rng) -> Self {
        let brokers = 1 + rng.below(4) as u32;
        let topic_count = 1 + rng.below(2) as usize;
        let named = one_in(rng, 3);
        let latency_us = pick(rng, &[100, 2_000, 50_000]);
        // Small buffers and long ways together would take longer than any timeout.
        let socket_buffers_bytes =
            if latency_us < 10_000 { [100, 1_000] } else { [10_000, 40_000] };
        let fault_pause_us = pick(rng, &[0, 50_000, 300_000, 1_000_000]);
        let mut settings = settings(rng, brokers, named);
        let mut topics: Vec<_> = (0..topic_count).map(|_| topic_settings(rng)).collect();
        if one_in(rng, 2) {
            make_idempotent(rng, &mut settings, &mut topics);
        }
        let mut socket_buffer_bytes =
            pick(rng, &[socket_buffers_bytes[0], socket_buffers_bytes[1], 1_000_000]);
        // The same goes for small buffers and large batches.
        let batches_bytes_max: &[usize] =
            if socket_buffer_bytes <= 1_000 { &[200, 2_000] } else { &[200, 2_000, 100_000] };
        let partitions = (0..topic_count).map(|_| 1 + rng.below(4) as i32).collect();
        let messages = pick(rng, &[20, 100, 300]);
        let batch_messages_max = pick(rng, &[1, 3, 10, 1_000]);
        let batch_bytes_max = pick(rng, batches_bytes_max);
        let value_bytes_max = pick(rng, &[10, 100, 2_000]);
        // A link carries the largest request in a fraction of the time that it may take.
        let batch_bytes = batch_bytes_max
            .min(batch_messages_max * (value_bytes_max as usize + 100))
            + value_bytes_max as usize
            + 200;
        let request_bytes = (batch_bytes * topic_count * PARTITIONS_MAX)
            .min(settings.message_max_bytes.max(batch_bytes));
        while socket_buffer_bytes as u64 * settings.socket_timeout_us / 6
            < latency_us * request_bytes as u64
        {
            socket_buffer_bytes *= 10;
        }
        settings.rebootstrap_trigger_us = rebootstrap_trigger_us(seed);
        let first_producer_epoch = adverse_start(seed, &mut settings);
        Self {
            first_producer_epoch,
            seed,
            brokers,
            partitions,
            settings,
            topics,
            messages,
            batch_messages_max,
            batch_bytes_max,
            value_bytes_max,
            broker_batch_bytes_max: pick(rng, &[600, 2_500, 1_000_000, 1_000_000]),
            socket_buffer_bytes,
            latency_us,
            compression_us: pick(rng, &[1, 2_000, 100_000]),
            calm_us: 1_000_000 + pick(rng, &[2_000_000, 10_000_000, 40_000_000]),
            fault_pause_us,
            cut_one_in: if fault_pause_us == 0 { 0 } else { pick(rng, &[0, 2, 5]) },
            purges: one_in(rng, 3),
            fault_kinds: fault_kinds(rng),
            versions_max: (pick(rng, &[3, 7, 8, 9, 12, 13]), pick(rng, &[1, 4, 8, 9, 12, 13])),
            queue_messages_max: pick(rng, &[10, 100, 100_000, 100_000]),
            queue_bytes_max: pick(rng, &[4_000, 1 << 30, 1 << 30]),
            notice_delay_us: pick(rng, &[0, 0, 3_000]),
            late_topic_us: pick(rng, &[0, 0, 2_000_000]),
            ending: ending(rng),
        }
    }

    pub fn cluster_options(&self) -> ClusterOptions {
        ClusterOptions {
            brokers: self.brokers,
            retention_bytes: u64::MAX,
            max_batch_bytes: self.broker_batch_bytes_max,
            auto_create_topics: false,
            seed: self.seed,
            first_producer_epoch: self.first_producer_epoch,
            ..ClusterOptions::default()
        }
    }

    /// As advertised, and as the application wrote it into `bootstrap.servers`.
    pub fn host(&self) -> &str {
        &self.settings.bootstrap[0].0
    }

    /// No record twice, and all in the order of their calls, whatever is retried.
    pub fn is_idempotent(&self) -> bool {
        self.settings.idempotence.is_some()
    }

    /// Order is promised: one batch of a partition at a time, each acknowledged.
    pub fn keeps_order(&self, topic: usize) -> bool {
        self.settings.in_flight_batches_per_partition_max == 1 && self.topics[topic].acks != 0
    }
}

/// Some seeds meet everything, most just some kinds: else the common ones would hide what the rare ones do alone.
fn fault_kinds(rng: &mut Rng) -> u64 {
    match rng.below(4) {
        0 => u64::MAX,
        1 => rng.next_u64(),
        2 => rng.next_u64() & rng.next_u64() & rng.next_u64(),
        _ => 1 << rng.below(64) | 1 << rng.below(64) | 1 << rng.below(64),
    }
}

fn ending(rng: &mut Rng) -> Ending {
    let at_us = 1_000_000 + rng.below(6_000_000);
    match rng.below(12) {
        0 => Ending::Purge { at_us },
        1 => Ending::Failure { at_us },
        _ => Ending::Patient,
    }
}

fn settings(rng: &mut Rng, brokers: u32, named: bool) -> Settings {
    let host = if named { "kafka.test" } else { "127.0.0.1" };
    let bootstrap_count = 1 + rng.below(u64::from(brokers)) as u16;
    let mut bootstrap: Vec<(String, u16)> =
        (1..=bootstrap_count).map(|id| (host.into(), PORT_BASE + id)).collect();
    if one_in(rng, 4) {
        // Nobody listens there.
        bootstrap.push((host.into(), PORT_BASE + PORTS_DEAD));
    }
    Settings {
        client_id: "sim".into(),
        details: Details::default(),
        bootstrap,
        message_max_bytes: pick(rng, &[3_000, 1_000_000]),
        in_flight_requests_max: pick(rng, &[1, 5, 1_000_000]),
        in_flight_batches_per_partition_max: pick(rng, &[1, 1, 1, 5]),
        metadata_refresh_interval_us: pick(rng, &[0, 1_000_000, 300_000_000]),
        metadata_refresh_fast_interval_us: pick(rng, &[10_000, 100_000]),
        metadata_propagation_max_us: pick(rng, &[0, 30_000_000, 30_000_000]),
        rebootstrap_trigger_us: Some(300_000_000),
        socket_timeout_us: pick(rng, &[1_000_000, 10_000_000]),
        connection_setup_timeout_us: pick(rng, &[1_000_000, 5_000_000]),
        reconnect_backoff_us: pick(rng, &[1_000, 100_000]),
        reconnect_backoff_max_us: pick(rng, &[100_000, 2_000_000]),
        connections_idle_max_us: pick(rng, &[0, 0, 500_000]),
        broker_address_ttl_us: 1_000_000,
        linger_us: pick(rng, &[0, 5_000, 500_000]),
        retries_max: pick(rng, &[0, 2, u32::MAX, u32::MAX]),
        retry_backoff_us: pick(rng, &[1_000, 100_000]),
        retry_backoff_max_us: 1_000_000,
        compression_inline_max_bytes: pick(rng, &[0, 1_000, 8 << 10]),
        address_families: (true, true),
        adaptive: None,
        idempotence: None,
        error_text: |error| format!("error {error}"),
        debug: rdkafka::conf::DebugContexts(0),
        resolve_all: false,
        watch_broker_states: false,
        watch_requests: false,
    }
}

/// `None`: `metadata.recovery.strategy=none`. Drawn apart, so that the other settings are what they were.
fn rebootstrap_trigger_us(seed: u64) -> Option<u64> {
    let mut rng = Rng::new(seed ^ 0x626f_6f74);
    pick(&mut rng, &[None, Some(0), Some(3_000_000), Some(300_000_000), Some(300_000_000)])
}

/// Sequences near 2^31 and epochs near the last, in some seeds. Drawn apart, so that the others are what they were.
fn adverse_start(seed: u64, settings: &mut Settings) -> i16 {
    let mut rng = Rng::new(seed ^ 0x7374_6172);
    // Which partition a message gets is not the core's: this is for what it does beside.
    settings.adaptive = (seed % 8 == 5).then_some(100_000);
    match &mut settings.idempotence {
        Some(idempotence) if seed % 4 == 3 => {
            idempotence.first_sequence = pick(&mut rng, &[0, i32::MAX, i32::MAX - 30]);
            pick(&mut rng, &[0, i16::MAX - 1, i16::MAX])
        }
        _ => 0,
    }
}

/// As `rd_kafka_new` adjusts or demands it.
fn make_idempotent(rng: &mut Rng, settings: &mut Settings, topics: &mut [TopicSettings]) {
    settings.idempotence = Some(Idempotence { gapless: one_in(rng, 6), first_sequence: 0 });
    settings.in_flight_requests_max = settings.in_flight_requests_max.min(5);
    settings.in_flight_batches_per_partition_max = settings.in_flight_requests_max;
    settings.retries_max = settings.retries_max.max(1);
    topics.iter_mut().for_each(|topic| topic.acks = -1);
}

fn topic_settings(rng: &mut Rng) -> TopicSettings {
    TopicSettings {
        acks: pick(rng, &[-1, -1, 1, 0]),
        request_timeout_ms: pick(rng, &[1_000, 30_000]),
        message_timeout_us: pick(rng, &[0, 700_000, 5_000_000, 20_000_000]),
        codec: pick(rng, &[Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd]),
        compression_level: -1,
    }
}
