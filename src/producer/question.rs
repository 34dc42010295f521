//! What an application may ask the cluster beside producing: one request, and its answer as it came. Plain data: the core
//! carries it, the thread that asked reads the answer.

/// Identifies a question within a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuestionId(pub u64);

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Metadata (protocol message `Metadata`), from any broker.
    Metadata(Topics),
    /// Offsets of partitions (`ListOffsets`), from their leader.
    Offsets {
        /// Node id of the leader.
        leader: i32,
        /// Topic, partition, and time stamp or `EARLIEST_TIMESTAMP`, `LATEST_TIMESTAMP`.
        partitions: Vec<(String, i32, i64)>,
    },
}

/// Which topics metadata is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topics {
    /// All that the cluster has.
    All,
    /// Those that the handle knows.
    Known,
    /// One, which the broker may create if it is set so.
    One(String),
}

/// What the brokers last said of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// Its id; old brokers don't tell.
    pub id: Option<String>,
    /// Node id of the controller, -1 when unknown.
    pub controller_id: i32,
    /// Node ids of its brokers.
    pub broker_ids: Vec<i32>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Version of the response.
    pub version: i16,
    /// The response without its header.
    pub body: Vec<u8>,
    /// Node id of the broker that answered, -1 for a bootstrap address.
    pub broker_id: i32,
    /// Its name.
    pub broker: String,
}
