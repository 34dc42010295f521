//! What a mock cluster can be set to. Plain data.

/// How closely a broker looks at a produced batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validation {
    /// Header, checksum, and every record (compressed ones too), as a real broker does.
    #[default]
    Full,
    /// Header and checksum: a sink for measuring clients.
    Crc,
}

/// Settings of the cluster itself.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Brokers, with node ids from 1 on.
    pub brokers: u32,
    /// Partitions of a topic created on first use.
    pub default_partitions: u32,
    /// Replicas of each partition; no more than there are brokers.
    pub replication_factor: u32,
    /// Bytes of record batches kept for each partition; the oldest go first. 0 keeps nothing.
    pub retention_bytes: u64,
    /// Largest batch that a partition takes (`max.message.bytes` of a topic).
    pub max_batch_bytes: usize,
    /// Largest request; a connection that announces a larger one is closed.
    pub max_request_bytes: usize,
    /// Delay of every response, until a broker is given its own.
    pub rtt_us: u64,
    /// How closely batches are checked.
    pub validation: Validation,
    /// Whether an idempotent producer that shows its id gets it back with the next epoch, as in librdkafka's mock.
    /// Otherwise it gets a new id, as from Apache Kafka.
    pub bumps_producer_epoch: bool,
    /// Epoch that new producer ids begin with: 0, but for tests of what follows the last.
    pub first_producer_epoch: i16,
    /// Whether topics are created on first use.
    pub auto_create_topics: bool,
    /// Source of all randomness.
    pub seed: u64,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            brokers: 1,
            default_partitions: 4,
            replication_factor: 3,
            retention_bytes: 5 * 1024 * 1024,
            max_batch_bytes: 1_048_588,
            max_request_bytes: 100 * 1024 * 1024,
            rtt_us: 0,
            validation: Validation::Full,
            bumps_producer_epoch: true,
            first_producer_epoch: 0,
            auto_create_topics: true,
            seed: 0,
        }
    }
}

/// Settings of a cluster behind sockets.
#[derive(Clone, Debug)]
pub struct MockOptions {
    /// Brokers, with node ids from 1 on.
    pub brokers: u32,
    /// Delay of every response.
    pub rtt_ms: u32,
    /// Partitions of a topic created on first use.
    pub default_partitions: u32,
    /// Bytes of record batches kept for each partition. 0 keeps nothing.
    pub retention_bytes: u64,
    /// Largest batch that a partition takes.
    pub max_batch_bytes: usize,
    /// How closely batches are checked.
    pub validation: Validation,
}

impl Default for MockOptions {
    fn default() -> Self {
        let cluster = ClusterOptions::default();
        Self {
            brokers: cluster.brokers,
            rtt_ms: 0,
            default_partitions: cluster.default_partitions,
            retention_bytes: cluster.retention_bytes,
            max_batch_bytes: cluster.max_batch_bytes,
            validation: cluster.validation,
        }
    }
}

impl From<&MockOptions> for ClusterOptions {
    fn from(options: &MockOptions) -> Self {
        Self {
            brokers: options.brokers,
            default_partitions: options.default_partitions,
            retention_bytes: options.retention_bytes,
            max_batch_bytes: options.max_batch_bytes,
            rtt_us: u64::from(options.rtt_ms) * 1000,
            validation: options.validation,
            ..Self::default()
        }
    }
}
