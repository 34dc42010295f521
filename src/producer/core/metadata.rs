//! Metadata: when to ask, whom, about what, and what follows from the answer (brokers, leaders, partition counts).

use super::connection::LOG_WARNING;
use super::partition::Partition;
use super::search::{BROKERS_MAX, SLOW_ATTEMPT_US, is_tried_for_long};
use super::{Broker, Core, Link, PartitionKey, Payload, Timer};
use crate::cluster::{backoff, local_error};
use crate::conf::DebugContexts;
use crate::producer::action::{Action, Notice, TopicId};
use crate::producer::question::Cluster;
use crate::protocol::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataTopic,
};
use crate::protocol::{ApiKey, ErrorCode, Message};

/// So many answers in a row with an older leader epoch are believed.
const OLDER_TOLD_MAX: u32 = 3;

/// More partitions than a topic has: librdkafka's limit, too.
pub(super) const PARTITIONS_MAX: usize = 100_000;

/// More partitions than all topics have together.
pub(super) const ALL_PARTITIONS_MAX: usize = 1_000_000;

/// The state of asking.
#[derive(Debug, Default)]
pub(super) struct Refresh {
    in_flight: bool,
    wanted: bool,
    /// Ask about brokers and every topic, not just those marked.
    full: bool,
    last_us: Option<u64>,
    /// Something never asked about: no need to wait since the last time.
    urgent: bool,
    /// When to ask again about topics that are known to be missing, or whose leaders cannot be reached.
    again_us: Option<u64>,
    /// Answers in a row that left something waiting for a leader that cannot be reached.
    unreachable_count: u32,
    /// Partitions of all topics.
    pub partition_count: usize,
}

impl Refresh {
    pub fn is_wanted(&self) -> bool {
        self.wanted
    }
}

impl Core {
    /// Asks for metadata soon: at once if the last time was long enough ago.
    pub(super) fn want_metadata(&mut self, now_us: u64, full: bool) {
        self.refresh.wanted = true;
        self.refresh.full |= full;
        if self.refresh.in_flight {
            return;
        }
        let pause_us = self.settings.metadata_refresh_fast_interval_us;
        let at_us = self.refresh.last_us.map_or(now_us, |last_us| last_us + pause_us);
        self.timers.arm_earlier(Timer::Metadata, at_us.max(now_us));
    }

    /// Asks for metadata about something new.
    pub(super) fn want_metadata_at_once(&mut self, now_us: u64) {
        self.refresh.wanted = true;
        self.refresh.urgent = true;
        self.timers.arm_earlier(Timer::Metadata, now_us);
    }

    /// Asks for metadata, from any broker; makes a connection if there is none.
    pub(super) fn send_metadata(&mut self, now_us: u64) {
        self.look_for_staleness(now_us);
        if !self.refresh.wanted || self.refresh.in_flight {
            self.arm_staleness(now_us);
            return;
        }
        let pause_us = self.settings.metadata_refresh_fast_interval_us;
        if let Some(at_us) = self.refresh.last_us.map(|last| last + pause_us)
            && at_us > now_us
            && !self.refresh.urgent
        {
            self.timers.arm_earlier(Timer::Metadata, at_us);
            return;
        }
        self.expect_metadata(now_us);
        if let Some(index) = self.metadata_broker(now_us) {
            self.send_metadata_to(index, now_us);
        }
    }

    fn look_for_staleness(&mut self, now_us: u64) {
        let interval_us = self.settings.metadata_refresh_interval_us;
        let refresh = &mut self.refresh;
        if interval_us > 0 && refresh.last_us.is_some_and(|last| now_us >= last + interval_us) {
            refresh.wanted = true;
            refresh.full = true;
        }
        if refresh.again_us.is_some_and(|at_us| now_us >= at_us) {
            refresh.again_us = None;
            self.mark_unreachable_leaders(now_us);
            self.refresh.wanted |= self.topics.iter().any(|topic| topic.refresh);
        }
    }

    /// The timer may have fired for something else, which came earlier.
    fn arm_staleness(&mut self, now_us: u64) {
        let interval_us = self.settings.metadata_refresh_interval_us;
        let stale_us = self.refresh.last_us.filter(|_| interval_us > 0).map(|us| us + interval_us);
        if let Some(at_us) = [stale_us, self.refresh.again_us].into_iter().flatten().min()
            && at_us > now_us
        {
            self.timers.arm_earlier(Timer::Metadata, at_us);
        }
    }

    fn send_metadata_to(&mut self, index: usize, now_us: u64) {
        let Some(version) = self.version_for(index, ApiKey::METADATA, 1..=13) else {
            let text = "Broker speaks no version of Metadata that we do";
            self.close_link(index, local_error::UNSUPPORTED_FEATURE, text, now_us);
            return;
        };
        let full = std::mem::take(&mut self.refresh.full);
        self.refresh.wanted = false;
        self.refresh.urgent = false;
        self.refresh.in_flight = true;
        self.refresh.last_us = Some(now_us);
        self.timers.disarm(Timer::Metadata);
        let is_any_new = self.topics.iter().any(|topic| topic.refresh);
        let asked: Vec<u32> = (0u32..)
            .zip(&self.topics)
            .filter(|(_, topic)| full || topic.refresh)
            .map(|(id, _)| id)
            .collect();
        let names: Vec<String> =
            asked.iter().map(|&id| self.topics[id as usize].name.clone()).collect();
        // Only a topic that is asked for by its name is created.
        let all = full && self.settings.details.all_topics && !is_any_new;
        let named = |name| MetadataRequestTopic { name, ..MetadataRequestTopic::default() };
        let topics = names.iter().map(|name| named(Some(name.as_str())));
        let request = MetadataRequest {
            topics: (!all).then(|| topics.collect()),
            allow_auto_topic_creation: self.settings.details.auto_create_topics,
            ..MetadataRequest::default()
        };
        let payload = Payload::Metadata { topics: asked };
        let timeout_us = self.settings.socket_timeout_us;
        self.send_request(index, &request, version, timeout_us, payload, now_us);
        self.debug_broker(index, DebugContexts::METADATA, "METADATA", |_| {
            format!("Request metadata for {} topic(s): {}", names.len(), names.join(", "))
        });
    }

    /// The answer on its way, if any, is not waited for.
    pub(super) fn abandon_metadata(&mut self) {
        self.refresh.in_flight = false;
    }

    pub(super) fn on_metadata_lost(&mut self, index: usize, topics: &[u32], now_us: u64) {
        self.on_metadata_unanswered(index, now_us);
        self.refresh.in_flight = false;
        for &id in topics {
            self.topics[id as usize].refresh = true;
        }
        self.want_metadata(now_us, true);
    }

    pub(super) fn on_metadata(
        &mut self,
        index: usize,
        body: &[u8],
        version: i16,
        asked: &[u32],
        now_us: u64,
    ) {
        self.refresh.in_flight = false;
        let response = match MetadataResponse::decode_all(body, version) {
            Ok(response) => response,
            Err(error) => {
                self.on_metadata_lost(index, asked, now_us);
                let text = format!("MetadataResponse could not be read: {error}");
                self.close_link(index, local_error::BAD_MSG, &text, now_us);
                return;
            }
        };
        self.throttle(index, response.throttle_time_ms, now_us);
        if response.error_code.is_error() {
            self.on_metadata_lost(index, asked, now_us);
            if response.error_code == ErrorCode::REBOOTSTRAP_REQUIRED {
                self.rebootstrap("a broker asks for it", now_us);
            }
            return;
        }
        if !response.brokers.is_empty() {
            self.on_metadata_answered();
        }
        self.debug_broker(index, DebugContexts::METADATA, "METADATA", |_| {
            let (brokers, topics) = (response.brokers.len(), response.topics.len());
            format!("{brokers} brokers, {topics} topics")
        });
        self.learn_cluster(&response, now_us);
        for &id in asked {
            self.topics[id as usize].refresh = false;
        }
        let mut answered = vec![false; self.topics.len()];
        for topic in &response.topics {
            if let Some(&id) = topic.name.and_then(|name| self.by_name.get(name)) {
                answered[id as usize] = true;
                self.learn_topic(id, topic, now_us);
            }
        }
        for &id in asked {
            if !answered[id as usize] {
                self.on_topic_missing(id, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, now_us);
            }
        }
        if self.settings.metadata_refresh_interval_us > 0 {
            let at_us = now_us + self.settings.metadata_refresh_interval_us;
            self.timers.arm_earlier(Timer::Metadata, at_us);
        }
        self.look_for_unreachable_leaders(now_us);
        if self.refresh.urgent {
            self.want_metadata_at_once(now_us);
        } else if self.refresh.wanted {
            self.want_metadata(now_us, false);
        }
    }

    /// While something waits for leaders that cannot be reached, asks again, ever less often: another may have taken over
    /// long before the connection is tried once more.
    fn look_for_unreachable_leaders(&mut self, now_us: u64) {
        let found = self.mark_unreachable_leaders(now_us);
        if !found {
            self.refresh.unreachable_count = 0;
            return;
        }
        self.refresh.unreachable_count = self.refresh.unreachable_count.saturating_add(1);
        let delay_us = backoff::delay_us(
            self.refresh.unreachable_count,
            self.settings.metadata_refresh_fast_interval_us,
            self.settings.retry_backoff_max_us,
            (80, 120),
            &mut self.rng,
        );
        self.ask_again_at(now_us + delay_us);
    }

    /// Whether something waits for leaders that cannot be reached; their topics are asked about the next time.
    fn mark_unreachable_leaders(&mut self, now_us: u64) -> bool {
        let mut found = false;
        for (index, broker) in self.brokers.iter().enumerate() {
            if !broker.is_failing() && !is_tried_for_long(broker, now_us) {
                continue;
            }
            for &(topic, number) in &broker.ready {
                let Some(topic) = self.topics.get_mut(topic as usize) else { continue };
                let partition =
                    usize::try_from(number).ok().and_then(|at| topic.partitions.get(at));
                if partition.is_some_and(|state| state.ready_on == Some(index)) {
                    topic.refresh = true;
                    found = true;
                }
            }
        }
        found
    }

    /// Something waits for a leader from now on. If that one cannot be reached, there may be another.
    pub(super) fn doubt_leader(&mut self, key: PartitionKey, index: usize, now_us: u64) {
        if !self.brokers[index].is_failing() {
            // Looked at again when it should be there.
            self.ask_again_at(now_us + SLOW_ATTEMPT_US);
        } else if self.refresh.unreachable_count == 0 {
            self.topics[key.0 as usize].refresh = true;
            self.want_metadata(now_us, false);
        }
    }

    fn ask_again_at(&mut self, at_us: u64) {
        self.refresh.again_us = Some(self.refresh.again_us.map_or(at_us, |again| again.min(at_us)));
        self.timers.arm_earlier(Timer::Metadata, at_us);
    }

    pub(super) fn learn_cluster(&mut self, told: &MetadataResponse<'_>, now_us: u64) {
        self.learn_brokers(&told.brokers, now_us);
        let cluster = Cluster {
            id: told.cluster_id.map(str::to_owned),
            controller_id: told.controller_id,
            broker_ids: told
                .brokers
                .iter()
                .map(|broker| broker.node_id)
                .take(BROKERS_MAX)
                .collect(),
        };
        if self.cluster.as_ref() != Some(&cluster) {
            self.cluster = Some(cluster.clone());
            self.notify(Notice::Cluster(cluster));
        }
    }

    /// A broker may come back under another address. Who answers at the old one may be another broker now, so the connection is
    /// given up as soon as nothing waits for an answer there.
    pub(super) fn move_broker(&mut self, index: usize, host: &str, port: u16, now_us: u64) {
        let broker = &mut self.brokers[index];
        if broker.host != host || broker.port != port {
            let old_host = std::mem::replace(&mut broker.host, host.to_owned());
            let old_port = std::mem::replace(&mut broker.port, port);
            self.doubt_address(index);
            self.leave_old_address(index, now_us);
            self.keep_bootstrap(old_host, old_port);
        }
    }

    /// The next connection is to be a new one, where the broker is now.
    pub(super) fn doubt_address(&mut self, index: usize) {
        let broker = &mut self.brokers[index];
        broker.addresses.clear();
        broker.next_address = 0;
        broker.moved = !matches!(broker.link, Link::Idle | Link::Waiting { .. });
    }

    /// What the application has configured stays, whatever brokers were found there: when all others are gone, somebody may answer.
    fn keep_bootstrap(&mut self, host: String, port: u16) {
        let known = |broker: &Broker| broker.host == host && broker.port == port;
        let configured = self.settings.bootstrap.iter().any(|(h, p)| *h == host && *p == port);
        if configured && !self.brokers.iter().any(known) {
            self.add_broker(-1, host, port);
        }
    }

    fn learn_topic(&mut self, id: u32, told: &MetadataTopic<'_>, now_us: u64) {
        if told.error_code.is_error() || told.partitions.is_empty() {
            let error = match told.error_code {
                ErrorCode::NONE => ErrorCode::LEADER_NOT_AVAILABLE,
                error => error,
            };
            self.on_topic_missing(id, error, now_us);
            return;
        }
        if !self.is_believable(id, told.partitions.len()) {
            self.on_topic_unbelievable(id, told.partitions.len(), now_us);
            return;
        }
        let mut numbers: Vec<i32> =
            told.partitions.iter().map(|told| told.partition_index).collect();
        numbers.sort_unstable();
        numbers.dedup();
        // Partitions are numbered from 0 without gaps: a number beyond the count does not make us reserve anything.
        let count = numbers.len();
        let topic = &mut self.topics[id as usize];
        let recreated = topic.uuid != told.topic_id && topic.uuid != [0; 16];
        topic.uuid = told.topic_id;
        topic.misses = 0;
        topic.metadata_us = Some(now_us);
        let was_failed = std::mem::take(&mut topic.failed);
        let old_count = topic.partitions.len();
        if count > old_count {
            topic.partitions.resize_with(count, Partition::new);
            self.refresh.partition_count += count - old_count;
        }
        if count != old_count || was_failed {
            self.debug(DebugContexts::TOPIC, "PARTCNT", |core| {
                let name = &core.topics[id as usize].name;
                format!("Topic {name} partition count changed from {old_count} to {count}")
            });
            self.notify(Notice::TopicPartitions {
                topic: TopicId(id),
                partition_count: count as i32,
            });
        }
        for number in count..old_count {
            self.fail_partition((id, number as i32), local_error::UNKNOWN_PARTITION);
        }
        // What waits in a partition that the answer leaves out waits for another answer.
        let mut leaderless = (0..count as i32).any(|number| {
            let waiting = self.partition((id, number)).is_some_and(Partition::has_data);
            waiting && numbers.binary_search(&number).is_err()
        });
        for partition in &told.partitions {
            let key = (id, partition.partition_index);
            let waiting = self.partition(key).is_some_and(Partition::has_data);
            leaderless |= partition.leader_id < 0 && waiting;
            self.learn_leader(key, partition.leader_id, partition.leader_epoch, recreated, now_us);
            if waiting {
                // The leader may be the same, but its address new; or still unknown, then we must ask again.
                self.evaluate(key, now_us);
            }
        }
        if leaderless {
            self.topics[id as usize].refresh = true;
            self.want_metadata(now_us, false);
        }
    }

    /// Each partition costs memory, here and where its messages wait: whoever answers does not decide how much.
    fn is_believable(&self, id: u32, count: usize) -> bool {
        let more = count.saturating_sub(self.topics[id as usize].partitions.len());
        count <= PARTITIONS_MAX && self.refresh.partition_count + more <= ALL_PARTITIONS_MAX
    }

    /// What is known of the topic stays, and another answer may tell more.
    fn on_topic_unbelievable(&mut self, id: u32, count: usize, now_us: u64) {
        let name = &self.topics[id as usize].name;
        let text = format!("Metadata of topic {name} ignored: too many partitions ({count})");
        self.log(LOG_WARNING, "METADATA", text);
        self.topics[id as usize].refresh = true;
        self.ask_again_about(id, now_us);
    }

    pub(super) fn learn_leader(
        &mut self,
        key: PartitionKey,
        leader: i32,
        epoch: i32,
        recreated: bool,
        now_us: u64,
    ) {
        let Some(state) = self.partition_mut(key) else { return };
        // A broker that lags behind tells of an older leader (KIP-320). But when all tell of it again and again, the topic was
        // created anew by a cluster that has no topic ids, or whoever told of the younger one was wrong.
        if epoch >= 0 && epoch < state.leader_epoch && !recreated {
            state.older_told += 1;
            if state.older_told < OLDER_TOLD_MAX {
                return;
            }
        }
        state.older_told = 0;
        if recreated && let Some(state) = self.partition_mut(key) {
            state.sequences.forget_known();
        }
        let Some(state) = self.partition(key) else { return };
        let available = leader >= 0;
        if available != (state.leader >= 0) {
            self.notify(Notice::PartitionAvailable {
                topic: TopicId(key.0),
                partition: key.1,
                available,
            });
        }
        self.set_leader(key, leader, epoch, now_us);
    }

    /// The cluster does not (yet) have a topic, or can't say.
    fn on_topic_missing(&mut self, id: u32, error: ErrorCode, now_us: u64) {
        let topic = &mut self.topics[id as usize];
        let missing_since_us = topic.wanted_us;
        let propagating =
            now_us.saturating_sub(missing_since_us) < self.settings.metadata_propagation_max_us;
        let transient = matches!(
            error,
            ErrorCode::LEADER_NOT_AVAILABLE | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        ) || error.is_retriable();
        let gone = error == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        topic.refresh = true;
        if transient && (propagating || !gone) {
            self.want_metadata(now_us, false);
            return;
        }
        // The reports have the broker's code; produce() itself returns `_UNKNOWN_TOPIC` from then on.
        let code = i32::from(error.0);
        if !topic.failed {
            topic.failed = true;
            self.notify(Notice::TopicFailed { topic: TopicId(id), error: code });
        }
        for number in 0..self.topics[id as usize].partitions.len() as i32 {
            self.fail_partition((id, number), code);
        }
        // It may be created later.
        self.ask_again_about(id, now_us);
    }

    /// Asks again about a topic, ever less often. Answers to what others asked meanwhile do not count.
    fn ask_again_about(&mut self, id: u32, now_us: u64) {
        let pause_us = self.settings.metadata_refresh_fast_interval_us.max(100_000);
        let topic = &mut self.topics[id as usize];
        if now_us >= topic.again_us {
            topic.misses = topic.misses.saturating_add(1);
            let pause_us = pause_us.saturating_mul(1 << topic.misses.min(16)).min(300_000_000);
            topic.again_us = now_us + pause_us;
        }
        let at_us = topic.again_us;
        self.ask_again_at(at_us);
    }

    /// Drops everything the handle has towards brokers: the driver is about to close all sockets.
    pub fn handle_shutdown(&mut self) {
        for index in 0..self.brokers.len() {
            if let Some(conn) = self.brokers[index].conn() {
                self.actions.push_back(Action::Close { conn });
            }
            self.brokers[index].link = Link::Idle;
        }
        self.by_conn.clear();
        self.by_resolve.clear();
    }
}
