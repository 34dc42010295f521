//! The state of a cluster: brokers, topics, partitions and their leaders, producer ids, and what was counted.
//!
//! Handlers change it on behalf of clients, tests turn its controls. Pure state: no sockets, no clock; its randomness
//! comes from the seed. Run by whoever drives the [`super::Network`].

use super::controls::CoordinatorKind;
use super::faults::{Fault, Faults};
use super::log::PartitionLog;
use super::options::ClusterOptions;
use super::tracking::TrackedRequests;
use super::validate::Validator;
use crate::protocol::{ApiKey, ErrorCode};
use std::collections::{BTreeMap, VecDeque};

/// Topics that a cluster holds.
const TOPICS_MAX: usize = 10_000;
/// Partitions of one topic.
pub(super) const PARTITIONS_MAX: u32 = 10_000;
/// Longest name of a topic.
const TOPIC_NAME_LEN_MAX: usize = 249;

/// A broker.
#[derive(Debug)]
pub struct Broker {
    /// Node id.
    pub id: i32,
    /// Advertised host.
    pub host: String,
    /// Advertised port.
    pub port: u16,
    /// Rack.
    pub rack: Option<String>,
    /// Whether it takes connections; [`super::Network::set_broker_up`] changes it.
    pub up: bool,
    /// Whether Metadata leaves it out, although it answers.
    pub is_unlisted: bool,
    /// Delay of its responses; [`super::Network::set_broker_rtt_us`] changes it.
    pub rtt_us: u64,
    /// Faults of requests to this broker; used up before those of the cluster.
    pub faults: Faults,
}

impl Broker {
    pub(super) fn new(id: i32, rtt_us: u64) -> Self {
        Self {
            id,
            host: "127.0.0.1".to_owned(),
            port: 0,
            rack: None,
            up: true,
            is_unlisted: false,
            rtt_us,
            faults: Faults::default(),
        }
    }
}

/// A partition.
#[derive(Debug)]
pub struct Partition {
    /// Node id of the leader, -1 for none.
    pub leader: i32,
    /// Counts the leaders.
    pub leader_epoch: i32,
    /// Node ids of the replicas.
    pub replicas: Vec<i32>,
    /// The replica that consumers should rather fetch from, -1 for none.
    pub follower: i32,
    /// First offset that the follower has, if not the leader's.
    pub follower_start_offset: Option<i64>,
    /// The follower's high watermark, if not the leader's.
    pub follower_end_offset: Option<i64>,
    /// Faults of this partition's part of requests.
    pub faults: Faults,
    /// What the next Metadata responses tell of the leader: node id and epoch.
    pub(super) leader_responses: VecDeque<(i32, i32)>,
    /// Its records.
    pub log: PartitionLog,
}

/// A topic.
#[derive(Debug)]
pub struct Topic {
    /// Name.
    pub name: String,
    /// Id.
    pub id: [u8; 16],
    /// The error that all requests for it get.
    pub error: ErrorCode,
    /// The error that Metadata requests for it get.
    pub metadata_error: ErrorCode,
    /// Partitions, by number.
    pub partitions: Vec<Partition>,
}

impl Topic {
    /// A partition.
    pub fn partition(&self, index: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index).ok()?)
    }
}

/// What the brokers have done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests handled.
    pub requests: u64,
    /// Produce requests among them.
    pub produce_requests: u64,
    /// Batches appended.
    pub batches: u64,
    /// Records in these.
    pub records: u64,
    /// Bytes of these, headers included.
    pub bytes: u64,
    /// Batches that came again and were recognised.
    pub duplicates: u64,
    /// Batches refused for their checksum.
    pub crc_errors: u64,
    /// Batches refused for any reason.
    pub refused: u64,
}

/// The cluster.
#[derive(Debug)]
pub struct Cluster {
    /// How it was set up.
    pub options: ClusterOptions,
    /// What was done so far.
    pub counters: Counters,
    id: String,
    pub(super) brokers: Vec<Broker>,
    pub(super) controller_id: i32,
    pub(super) topics: Vec<Topic>,
    topic_by_name: BTreeMap<String, usize>,
    topic_by_id: BTreeMap<[u8; 16], usize>,
    faults: Faults,
    api_versions: BTreeMap<ApiKey, Option<(i16, i16)>>,
    pub(super) coordinators: BTreeMap<(CoordinatorKind, String), i32>,
    pub(super) tracked: Option<TrackedRequests>,
    /// Whether a partition ever had faults or leader responses of its own: until then nobody looks for them.
    pub(super) has_partition_faults: bool,
    pub(super) has_leader_responses: bool,
    producer_epochs: BTreeMap<i64, i16>,
    random: Random,
    pub(super) validator: Validator,
    pub(super) appended: bool,
}

impl Cluster {
    /// A cluster without topics. Brokers have no port until [`Cluster::set_broker_address`].
    pub fn new(options: ClusterOptions) -> Self {
        let mut random = Random(options.seed);
        let brokers = (1..=options.brokers.max(1) as i32).map(|id| Broker::new(id, options.rtt_us));
        Self {
            brokers: brokers.collect(),
            id: format!("mockCluster{:016x}", random.next()),
            controller_id: 1,
            counters: Counters::default(),
            topics: Vec::new(),
            topic_by_name: BTreeMap::new(),
            topic_by_id: BTreeMap::new(),
            faults: Faults::default(),
            api_versions: BTreeMap::new(),
            coordinators: BTreeMap::new(),
            tracked: None,
            has_partition_faults: false,
            has_leader_responses: false,
            producer_epochs: BTreeMap::new(),
            random,
            validator: Validator::new(options.validation, options.max_batch_bytes),
            appended: false,
            options,
        }
    }

    /// Cluster id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Node id of the controller.
    pub fn controller_id(&self) -> i32 {
        self.controller_id
    }

    /// All brokers, up or down.
    pub fn brokers(&self) -> &[Broker] {
        &self.brokers
    }

    /// One broker.
    pub fn broker(&self, id: i32) -> Option<&Broker> {
        self.brokers.iter().find(|broker| broker.id == id)
    }

    /// One broker, to change it.
    pub fn broker_mut(&mut self, id: i32) -> Option<&mut Broker> {
        self.brokers.iter_mut().find(|broker| broker.id == id)
    }

    /// Sets what the cluster advertises as a broker's address.
    pub fn set_broker_address(&mut self, id: i32, host: &str, port: u16) {
        if let Some(broker) = self.broker_mut(id) {
            broker.host = host.to_owned();
            broker.port = port;
        }
    }

    /// All topics, in the order of their creation.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The topic of that name.
    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topic_by_name.get(name).map(|&index| &self.topics[index])
    }

    /// The topic of that id.
    pub fn topic_by_id(&self, id: &[u8; 16]) -> Option<&Topic> {
        self.topic_by_id.get(id).map(|&index| &self.topics[index])
    }

    /// The topic of that name, to change it.
    pub fn topic_mut(&mut self, name: &str) -> Option<&mut Topic> {
        self.topic_by_name.get(name).map(|&index| &mut self.topics[index])
    }

    /// A partition.
    pub fn partition(&self, topic: &str, index: i32) -> Option<&Partition> {
        self.topic(topic)?.partition(index)
    }

    /// A partition, to change it.
    pub fn partition_mut(&mut self, topic: &str, index: i32) -> Option<&mut Partition> {
        self.topic_mut(topic)?.partitions.get_mut(usize::try_from(index).ok()?)
    }

    /// Creates a topic.
    pub fn create_topic(
        &mut self,
        name: &str,
        partitions: u32,
        replication_factor: u32,
    ) -> Result<&Topic, ErrorCode> {
        if !is_legal_topic_name(name) {
            return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
        }
        if self.topic_by_name.contains_key(name) {
            return Err(ErrorCode::TOPIC_ALREADY_EXISTS);
        }
        if self.topics.len() >= TOPICS_MAX {
            return Err(ErrorCode::POLICY_VIOLATION);
        }
        if partitions == 0 || partitions > PARTITIONS_MAX {
            return Err(ErrorCode::INVALID_PARTITIONS);
        }
        let index = self.topics.len();
        let partitions =
            (0..partitions as usize).map(|p| self.new_partition(index + p, replication_factor));
        let partitions = partitions.collect();
        let id = self.random.uuid();
        let (error, metadata_error) = (ErrorCode::NONE, ErrorCode::NONE);
        self.topics.push(Topic { name: name.to_owned(), id, error, metadata_error, partitions });
        self.topic_by_name.insert(name.to_owned(), index);
        self.topic_by_id.insert(id, index);
        Ok(&self.topics[index])
    }

    /// Adds partitions, up to `partitions` in all.
    pub fn grow_topic(&mut self, name: &str, partitions: u32) -> Result<(), ErrorCode> {
        let index = *self.topic_by_name.get(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let count = self.topics[index].partitions.len();
        if partitions > PARTITIONS_MAX || (partitions as usize) < count {
            return Err(ErrorCode::INVALID_PARTITIONS);
        }
        for number in count..partitions as usize {
            let partition = self.new_partition(index + number, self.options.replication_factor);
            self.topics[index].partitions.push(partition);
        }
        Ok(())
    }

    /// Deletes a topic; returns what it was. Created again under that name it has another id and empty logs.
    pub fn delete_topic(&mut self, name: &str) -> Option<Topic> {
        let index = self.topic_by_name.get(name).copied()?;
        let deleted = self.topics.remove(index);
        self.topic_by_name = (0..).zip(&self.topics).map(|(i, t)| (t.name.clone(), i)).collect();
        self.topic_by_id = (0..).zip(&self.topics).map(|(i, t)| (t.id, i)).collect();
        Some(deleted)
    }

    /// The topic, created if need be and `may_create`.
    pub(super) fn topic_or_create(
        &mut self,
        name: &str,
        may_create: bool,
    ) -> Result<&Topic, ErrorCode> {
        if let Some(&index) = self.topic_by_name.get(name) {
            return Ok(&self.topics[index]);
        }
        if !is_legal_topic_name(name) {
            return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
        }
        if !may_create || !self.options.auto_create_topics {
            return Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        }
        self.create_topic(name, self.options.default_partitions, self.options.replication_factor)
    }

    /// Moves the leadership of a partition (to no one: -1). Returns whether there is such a partition and broker.
    pub fn set_leader(&mut self, topic: &str, partition: i32, leader: i32) -> bool {
        if leader != -1 && self.broker(leader).is_none() {
            return false;
        }
        let Some(partition) = self.partition_mut(topic, partition) else { return false };
        partition.leader = leader;
        partition.leader_epoch = partition.leader_epoch.saturating_add(1);
        if leader != -1 && !partition.replicas.contains(&leader) {
            partition.replicas.push(leader);
        }
        true
    }

    /// Adds faults for the next requests of that API to any broker.
    pub fn push_faults(&mut self, api_key: ApiKey, faults: impl IntoIterator<Item = Fault>) {
        self.faults.push(api_key, faults);
    }

    /// Drops the cluster's faults of that API.
    pub fn clear_faults(&mut self, api_key: ApiKey) {
        self.faults.clear(api_key);
    }

    /// Limits the advertised versions of an API, or hides it with `None`.
    pub fn set_api_versions(&mut self, api_key: ApiKey, versions: Option<(i16, i16)>) {
        self.api_versions.insert(api_key, versions);
    }

    /// What a test has set for an API: `None` if nothing, `Some(None)` if it is hidden.
    pub(super) fn api_versions_set(&self, api_key: ApiKey) -> Option<Option<(i16, i16)>> {
        self.api_versions.get(&api_key).copied()
    }

    pub(super) fn next_fault(&mut self, broker_id: i32, api_key: ApiKey) -> Option<Fault> {
        let own = self.broker_mut(broker_id).and_then(|broker| broker.faults.next(api_key));
        own.or_else(|| self.faults.next(api_key))
    }

    /// A producer id that was not given out yet, with epoch 0.
    pub(super) fn new_producer_id(&mut self) -> (i64, i16) {
        let id = (self.random.next() >> 16) as i64;
        if self.producer_epochs.contains_key(&id) {
            return self.new_producer_id();
        }
        let epoch = self.options.first_producer_epoch;
        self.producer_epochs.insert(id, epoch);
        (id, epoch)
    }

    /// The current epoch of a producer id that was given out.
    pub fn producer_epoch(&self, producer_id: i64) -> Option<i16> {
        self.producer_epochs.get(&producer_id).copied()
    }

    /// Sets the epoch of a producer id, known or not.
    pub fn set_producer_epoch(&mut self, producer_id: i64, epoch: i16) {
        self.producer_epochs.insert(producer_id, epoch);
    }

    /// Node ids of the replicas of the partition at that position: one broker after the other, beginning with another
    /// one at each position. Fewer if there are fewer brokers.
    pub(super) fn replicas(&self, position: usize, replication_factor: u32) -> Vec<i32> {
        let count = self.brokers.len();
        (0..count.min(replication_factor.max(1) as usize))
            .map(|replica| self.brokers[(position + replica) % count].id)
            .collect()
    }

    fn new_partition(&self, position: usize, replication_factor: u32) -> Partition {
        let replicas = self.replicas(position, replication_factor);
        Partition {
            leader: replicas.first().copied().unwrap_or(-1),
            leader_epoch: 0,
            replicas,
            follower: -1,
            follower_start_offset: None,
            follower_end_offset: None,
            faults: Faults::default(),
            leader_responses: VecDeque::new(),
            log: PartitionLog::new(self.options.retention_bytes),
        }
    }
}

pub(super) fn is_legal_topic_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty()
        && name.len() <= TOPIC_NAME_LEN_MAX
        && name != "."
        && name != ".."
        && name.bytes().all(legal)
}

/// SplitMix64: small, and the same sequence for the same seed everywhere.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A version 4 UUID.
    fn uuid(&mut self) -> [u8; 16] {
        let mut id = (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes();
        id[6] = id[6] & 0x0f | 0x40;
        id[8] = id[8] & 0x3f | 0x80;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(brokers: u32) -> Cluster {
        Cluster::new(ClusterOptions { brokers, ..ClusterOptions::default() })
    }

    #[test]
    fn leaders_rotate_over_the_brokers_and_replicas_are_distinct() {
        let mut cluster = cluster(3);
        let topic = cluster.create_topic("t", 6, 2).expect("created");
        let leaders: Vec<i32> = topic.partitions.iter().map(|p| p.leader).collect();
        assert_eq!(leaders, [1, 2, 3, 1, 2, 3]);
        assert!(topic.partitions.iter().all(|p| p.replicas.len() == 2));
        assert_eq!(topic.partitions[2].replicas, [3, 1]);
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let ids = |seed| {
            let mut cluster = Cluster::new(ClusterOptions { seed, ..ClusterOptions::default() });
            let topic = cluster.create_topic("t", 1, 1).expect("created").id;
            (cluster.id().to_owned(), topic, cluster.new_producer_id())
        };
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn illegal_names_and_counts_are_refused() {
        let mut cluster = cluster(1);
        for name in ["", ".", "..", "a/b", "a b", &"x".repeat(250)] {
            assert_eq!(
                cluster.create_topic(name, 1, 1).err(),
                Some(ErrorCode::INVALID_TOPIC_EXCEPTION),
                "{name}"
            );
        }
        assert_eq!(cluster.create_topic("t", 0, 1).err(), Some(ErrorCode::INVALID_PARTITIONS));
        assert!(cluster.create_topic("t", 1, 1).is_ok());
        assert_eq!(cluster.create_topic("t", 1, 1).err(), Some(ErrorCode::TOPIC_ALREADY_EXISTS));
    }

    #[test]
    fn a_moved_leader_has_a_new_epoch_and_is_a_replica() {
        let mut cluster = cluster(3);
        cluster.create_topic("t", 1, 1).expect("created");
        assert!(cluster.set_leader("t", 0, 2));
        let partition = cluster.partition("t", 0).expect("exists");
        assert_eq!((partition.leader, partition.leader_epoch), (2, 1));
        assert!(partition.replicas.contains(&2));
        assert!(!cluster.set_leader("t", 0, 9));
        assert!(!cluster.set_leader("t", 1, 1));
    }

    #[test]
    fn a_topic_created_again_is_another_one() {
        let mut cluster = cluster(1);
        for name in ["s", "t", "u"] {
            cluster.create_topic(name, 1, 1).expect("created");
        }
        let old = cluster.delete_topic("t").expect("was there");
        assert!(cluster.topic("t").is_none() && cluster.topic_by_id(&old.id).is_none());
        assert!(cluster.delete_topic("t").is_none());
        let new_id = cluster.create_topic("t", 2, 1).expect("created").id;
        assert_ne!(new_id, old.id);
        for name in ["s", "t", "u"] {
            let topic = cluster.topic(name).expect("exists");
            assert_eq!(topic.name, name);
            assert_eq!(cluster.topic_by_id(&topic.id).expect("exists").name, name);
        }
    }

    #[test]
    fn a_topic_grows_but_never_shrinks() {
        let mut cluster = cluster(1);
        cluster.create_topic("t", 2, 1).expect("created");
        assert_eq!(cluster.grow_topic("t", 5), Ok(()));
        assert_eq!(cluster.topic("t").expect("exists").partitions.len(), 5);
        assert_eq!(cluster.grow_topic("t", 1), Err(ErrorCode::INVALID_PARTITIONS));
    }
}
