//! What a test changes about a cluster that runs: topics and records that go, brokers that come and go, leaders and
//! followers, coordinators, request tracking. Faults are in [`super::faults`], the rest of a cluster's controls
//! in [`super::cluster`].
//!
//! Pure state, run by whoever drives the [`super::Network`].

use super::cluster::{Broker, Cluster, PARTITIONS_MAX, Partition};
use super::faults::Fault;
use super::tracking::{TrackedRequest, TrackedRequests};
use crate::protocol::{ApiKey, ErrorCode};

/// What a coordinator is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoordinatorKind {
    /// A consumer group.
    Group,
    /// A transactional producer.
    Transaction,
}

impl CoordinatorKind {
    /// The kind of a FindCoordinator request's key type.
    pub fn from_key_type(key_type: i8) -> Option<Self> {
        match key_type {
            0 => Some(Self::Group),
            1 => Some(Self::Transaction),
            _ => None,
        }
    }
}

impl Cluster {
    /// A partition; a topic that does not exist is created with just enough partitions.
    pub fn partition_or_create(
        &mut self,
        topic: &str,
        partition: i32,
    ) -> Result<&mut Partition, ErrorCode> {
        let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        let count = u32::try_from(partition).map_err(|_| unknown)?.saturating_add(1);
        if self.topic(topic).is_none() {
            let factor = self.options.replication_factor;
            self.create_topic(topic, count.min(PARTITIONS_MAX), factor)?;
        }
        self.partition_mut(topic, partition).ok_or(unknown)
    }

    /// Adds a broker without an address. Partitions are assigned anew, so that it gets its share.
    pub fn add_broker(&mut self, id: i32) -> Result<(), ErrorCode> {
        if id < 0 || self.broker(id).is_some() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        self.brokers.push(Broker::new(id, self.options.rtt_us));
        self.assign_partitions();
        Ok(())
    }

    /// Forgets a broker; its partitions and coordinators go to others. [`super::Network::remove_broker`] also closes
    /// its connections.
    pub(super) fn remove_broker(&mut self, id: i32) {
        self.brokers.retain(|broker| broker.id != id);
        self.coordinators.retain(|_, broker_id| *broker_id != id);
        self.assign_partitions();
    }

    fn assign_partitions(&mut self) {
        for topic in 0..self.topics.len() {
            for index in 0..self.topics[topic].partitions.len() {
                let factor = self.topics[topic].partitions[index].replicas.len() as u32;
                let replicas = self.replicas(topic + index, factor);
                let leader = replicas.first().copied().unwrap_or(-1);
                let partition = &mut self.topics[topic].partitions[index];
                partition.replicas = replicas;
                if partition.leader != leader {
                    partition.leader = leader;
                    partition.leader_epoch = partition.leader_epoch.saturating_add(1);
                }
            }
        }
    }

    /// Sets what Metadata tells of the controller.
    pub fn set_controller_id(&mut self, id: i32) {
        self.controller_id = id;
    }

    /// Makes a broker, which need not exist, the coordinator of a key.
    pub fn set_coordinator(&mut self, kind: CoordinatorKind, key: &str, broker_id: i32) {
        self.coordinators.insert((kind, key.to_owned()), broker_id);
    }

    /// The coordinator of a key: the one that was set, else one of the brokers that are up.
    pub fn coordinator(&self, kind: CoordinatorKind, key: &str) -> Option<&Broker> {
        if let Some(id) = self.coordinators.get(&(kind, key.to_owned())) {
            return self.broker(*id);
        }
        let up: Vec<&Broker> = self.brokers().iter().filter(|broker| broker.up).collect();
        let hash = key.bytes().fold(0usize, |hash, b| hash.wrapping_mul(31).wrapping_add(b.into()));
        up.get(hash.checked_rem(up.len())?).copied()
    }

    /// Has the next Metadata response that describes the partition tell of another leader than it has.
    pub fn push_leader_response(
        &mut self,
        topic: &str,
        partition: i32,
        leader: i32,
        leader_epoch: i32,
    ) -> Result<(), ErrorCode> {
        let partition = self.partition_or_create(topic, partition)?;
        partition.leader_responses.push_back((leader, leader_epoch));
        self.has_leader_responses = true;
        Ok(())
    }

    /// Adds faults for that partition's part of the next requests; only their errors count.
    pub fn push_partition_faults(
        &mut self,
        topic: &str,
        partition: i32,
        api_key: ApiKey,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Result<(), ErrorCode> {
        self.partition_or_create(topic, partition)?.faults.push(api_key, faults);
        self.has_partition_faults = true;
        Ok(())
    }

    /// Begins to note down the requests that come in.
    pub fn start_tracking(&mut self) {
        self.tracked = Some(TrackedRequests::default());
    }

    /// Forgets the requests noted down, and notes no more.
    pub fn stop_tracking(&mut self) {
        self.tracked = None;
    }

    /// Forgets the requests noted down.
    pub fn clear_tracked(&mut self) {
        if let Some(tracked) = &mut self.tracked {
            tracked.clear();
        }
    }

    /// The requests noted down.
    pub fn tracked(&self) -> Vec<TrackedRequest> {
        self.tracked.as_ref().map_or_else(Vec::new, TrackedRequests::to_vec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::options::ClusterOptions;

    fn cluster(brokers: u32) -> Cluster {
        Cluster::new(ClusterOptions { brokers, ..ClusterOptions::default() })
    }

    #[test]
    fn brokers_that_come_and_go_take_and_leave_partitions() {
        let mut cluster = cluster(1);
        cluster.create_topic("t", 4, 1).expect("created");
        assert!(cluster.add_broker(1).is_err(), "it exists");
        assert!(cluster.add_broker(-1).is_err());
        cluster.add_broker(7).expect("added");
        let leaders = |cluster: &Cluster| -> Vec<(i32, i32)> {
            let topic = cluster.topic("t").expect("exists");
            topic.partitions.iter().map(|p| (p.leader, p.leader_epoch)).collect()
        };
        assert_eq!(leaders(&cluster), [(1, 0), (7, 1), (1, 0), (7, 1)]);
        cluster.remove_broker(1);
        assert_eq!(leaders(&cluster), [(7, 1), (7, 1), (7, 1), (7, 1)]);
        cluster.remove_broker(7);
        assert!(leaders(&cluster).iter().all(|&(leader, _)| leader == -1));
        cluster.create_topic("later", 2, 3).expect("created, without a leader");
        assert_eq!(cluster.partition("later", 1).map(|p| p.leader), Some(-1));
    }

    #[test]
    fn a_coordinator_that_was_set_goes_with_its_broker() {
        let mut cluster = cluster(3);
        cluster.set_coordinator(CoordinatorKind::Transaction, "t", 2);
        let id = |cluster: &Cluster, kind| cluster.coordinator(kind, "t").map(|broker| broker.id);
        assert_eq!(id(&cluster, CoordinatorKind::Transaction), Some(2));
        assert!(id(&cluster, CoordinatorKind::Group).is_some());
        cluster.remove_broker(2);
        assert!(id(&cluster, CoordinatorKind::Transaction).is_some_and(|id| id != 2));
        cluster.set_coordinator(CoordinatorKind::Group, "t", 99);
        assert_eq!(id(&cluster, CoordinatorKind::Group), None);
    }
}
