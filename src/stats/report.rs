//! The report as it is written: librdkafka's structure, names and order (its STATISTICS.md). What only consumers have is
//! there with the value that librdkafka gives for a producer.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::requests::RequestCounts;
use super::window::WindowReport;

/// librdkafka's offset of which nothing is known.
const OFFSET_INVALID: i64 = -1001;

/// An object whose keys come out of its values.
trait Named {
    fn name(&self) -> String;
}

fn by_name<T: Named + Serialize, S: Serializer>(
    list: &[T],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(list.len()))?;
    for value in list {
        map.serialize_entry(&value.name(), value)?;
    }
    map.end()
}

/// All of it.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are those of librdkafka's STATISTICS.md")]
pub struct Statistics {
    pub name: String,
    pub client_id: String,
    pub r#type: &'static str,
    /// The handle's clock.
    pub ts: u64,
    /// Seconds since 1970.
    pub time: i64,
    /// Microseconds.
    pub age: u64,
    pub replyq: usize,
    pub msg_cnt: u64,
    pub msg_size: u64,
    pub msg_max: u64,
    pub msg_size_max: u64,
    /// About consumers.
    pub simple_cnt: u32,
    pub metadata_cache_cnt: usize,
    #[serde(serialize_with = "by_name")]
    pub brokers: Vec<BrokerReport>,
    #[serde(serialize_with = "by_name")]
    pub topics: Vec<TopicReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eos: Option<IdempotenceReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fatal: Option<FatalReport>,
    pub tx: u64,
    pub tx_bytes: u64,
    pub rx: u64,
    pub rx_bytes: u64,
    pub txmsgs: u64,
    pub txmsg_bytes: u64,
    /// About consumers.
    pub rxmsgs: u64,
    /// About consumers.
    pub rxmsg_bytes: u64,
}

impl Statistics {
    /// Fills in the totals.
    pub fn sum_up(&mut self) {
        self.tx = self.brokers.iter().map(|broker| broker.tx).sum();
        self.tx_bytes = self.brokers.iter().map(|broker| broker.txbytes).sum();
        self.rx = self.brokers.iter().map(|broker| broker.rx).sum();
        self.rx_bytes = self.brokers.iter().map(|broker| broker.rxbytes).sum();
        let partitions = || self.topics.iter().flat_map(|topic| &topic.partitions);
        self.txmsgs = partitions().map(|partition| partition.txmsgs).sum();
        self.txmsg_bytes = partitions().map(|partition| partition.txbytes).sum();
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        // Numbers and strings in structures: nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A broker.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are those of librdkafka's STATISTICS.md")]
pub struct BrokerReport {
    pub name: String,
    pub nodeid: i32,
    pub nodename: String,
    pub source: &'static str,
    pub state: &'static str,
    pub stateage: u64,
    pub outbuf_cnt: usize,
    pub outbuf_msg_cnt: usize,
    pub waitresp_cnt: usize,
    pub waitresp_msg_cnt: usize,
    pub tx: u64,
    pub txbytes: u64,
    pub txerrs: u64,
    pub txretries: u64,
    pub txidle: i64,
    pub req_timeouts: u64,
    pub rx: u64,
    pub rxbytes: u64,
    pub rxerrs: u64,
    pub rxcorriderrs: u64,
    /// About consumers.
    pub rxpartial: u64,
    pub rxidle: i64,
    /// About consumers.
    pub zbuf_grow: u64,
    /// Of no use in librdkafka either.
    pub buf_grow: u64,
    /// A broker has no thread here that could wake up.
    pub wakeups: u64,
    pub connects: u64,
    pub disconnects: u64,
    pub int_latency: WindowReport,
    pub outbuf_latency: WindowReport,
    pub rtt: WindowReport,
    pub throttle: WindowReport,
    pub req: RequestCounts,
    #[serde(serialize_with = "by_name")]
    pub toppars: Vec<PartitionRef>,
}

impl Named for BrokerReport {
    fn name(&self) -> String {
        self.name.clone()
    }
}

/// A partition that a broker leads.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are those of librdkafka's STATISTICS.md")]
pub struct PartitionRef {
    pub topic: String,
    pub partition: i32,
}

impl Named for PartitionRef {
    fn name(&self) -> String {
        format!("{}-{}", self.topic, self.partition)
    }
}

/// A topic.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are those of librdkafka's STATISTICS.md")]
pub struct TopicReport {
    pub topic: String,
    /// Milliseconds.
    pub age: u64,
    /// Milliseconds.
    pub metadata_age: u64,
    pub batchsize: WindowReport,
    pub batchcnt: WindowReport,
    #[serde(serialize_with = "by_name")]
    pub partitions: Vec<PartitionReport>,
    /// For `rd_kafka_dump()`.
    #[serde(skip)]
    pub state: &'static str,
}

impl Named for TopicReport {
    fn name(&self) -> String {
        self.topic.clone()
    }
}

/// A partition; -1 is where messages wait for the partition count.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of librdkafka's STATISTICS.md")]
pub struct PartitionReport {
    pub partition: i32,
    pub broker: i32,
    pub leader: i32,
    pub desired: bool,
    pub unknown: bool,
    /// Not taken by the core yet.
    pub msgq_cnt: u64,
    /// Bytes of their values, as the queue's limits count.
    pub msgq_bytes: u64,
    /// Taken, and waiting to be sent (again).
    pub xmit_msgq_cnt: u64,
    pub xmit_msgq_bytes: u64,
    pub fetchq_cnt: u64,
    pub fetchq_size: u64,
    pub fetch_state: &'static str,
    pub query_offset: i64,
    pub next_offset: i64,
    pub app_offset: i64,
    pub stored_offset: i64,
    pub stored_leader_epoch: i32,
    /// librdkafka's misspelling, kept beside the right one.
    pub commited_offset: i64,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub eof_offset: i64,
    pub lo_offset: i64,
    pub hi_offset: i64,
    pub ls_offset: i64,
    pub consumer_lag: i64,
    pub consumer_lag_stored: i64,
    pub leader_epoch: i32,
    pub txmsgs: u64,
    pub txbytes: u64,
    pub rxmsgs: u64,
    pub rxbytes: u64,
    pub msgs: u64,
    pub rx_ver_drops: u64,
    pub msgs_inflight: u64,
    pub next_ack_seq: i32,
    pub next_err_seq: i32,
    pub acked_msgid: u64,
}

impl PartitionReport {
    /// A partition of which nothing is known.
    pub fn new(partition: i32) -> Self {
        Self {
            partition,
            broker: -1,
            leader: -1,
            desired: false,
            unknown: false,
            msgq_cnt: 0,
            msgq_bytes: 0,
            xmit_msgq_cnt: 0,
            xmit_msgq_bytes: 0,
            fetchq_cnt: 0,
            fetchq_size: 0,
            fetch_state: "none",
            query_offset: OFFSET_INVALID,
            next_offset: 0,
            app_offset: OFFSET_INVALID,
            stored_offset: OFFSET_INVALID,
            stored_leader_epoch: -1,
            commited_offset: OFFSET_INVALID,
            committed_offset: OFFSET_INVALID,
            committed_leader_epoch: -1,
            eof_offset: OFFSET_INVALID,
            lo_offset: OFFSET_INVALID,
            hi_offset: OFFSET_INVALID,
            ls_offset: OFFSET_INVALID,
            consumer_lag: -1,
            consumer_lag_stored: -1,
            leader_epoch: -1,
            txmsgs: 0,
            txbytes: 0,
            rxmsgs: 0,
            rxbytes: 0,
            msgs: 0,
            rx_ver_drops: 0,
            msgs_inflight: 0,
            next_ack_seq: 0,
            next_err_seq: 0,
            acked_msgid: 0,
        }
    }
}

impl Named for PartitionReport {
    fn name(&self) -> String {
        self.partition.to_string()
    }
}

/// An idempotent producer.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of librdkafka's STATISTICS.md")]
pub struct IdempotenceReport {
    pub idemp_state: &'static str,
    /// Milliseconds.
    pub idemp_stateage: u64,
    pub txn_state: &'static str,
    /// Milliseconds.
    pub txn_stateage: u64,
    pub txn_may_enq: bool,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub epoch_cnt: u64,
}

/// A fatal error.
#[derive(Clone, Debug, Serialize)]
pub struct FatalReport {
    /// What it is.
    pub error: String,
    /// Why.
    pub reason: String,
    /// How often one was raised: the first stays.
    pub cnt: u32,
}
