//! API keys: numbers, names, and the version from which each uses the flexible encoding (KIP-482).

use super::message::Version;
use std::fmt;

/// The number of an API. Unknown numbers survive as themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiKey(pub i16);

/// One row: key, Kafka's name, first flexible version (`i16::MAX` for none).
struct Row {
    key: ApiKey,
    name: &'static str,
    flexible_from: i16,
}

macro_rules! api_keys {
    ($($konst:ident = $key:literal, $name:literal, $flexible_from:expr;)*) => {
        impl ApiKey {
            $(
                #[doc = $name]
                pub const $konst: Self = Self($key);
            )*
        }

        const ROWS: &[Row] = &[
            $(Row { key: ApiKey::$konst, name: $name, flexible_from: $flexible_from },)*
        ];
    };
}

const NEVER: i16 = i16::MAX;

api_keys! {
    PRODUCE = 0, "Produce", 9;
    FETCH = 1, "Fetch", 12;
    LIST_OFFSETS = 2, "ListOffsets", 6;
    METADATA = 3, "Metadata", 9;
    OFFSET_COMMIT = 8, "OffsetCommit", 8;
    OFFSET_FETCH = 9, "OffsetFetch", 6;
    FIND_COORDINATOR = 10, "FindCoordinator", 3;
    JOIN_GROUP = 11, "JoinGroup", 6;
    HEARTBEAT = 12, "Heartbeat", 4;
    LEAVE_GROUP = 13, "LeaveGroup", 4;
    SYNC_GROUP = 14, "SyncGroup", 4;
    DESCRIBE_GROUPS = 15, "DescribeGroups", 5;
    LIST_GROUPS = 16, "ListGroups", 3;
    SASL_HANDSHAKE = 17, "SaslHandshake", NEVER;
    API_VERSIONS = 18, "ApiVersions", 3;
    CREATE_TOPICS = 19, "CreateTopics", 5;
    DELETE_TOPICS = 20, "DeleteTopics", 4;
    DELETE_RECORDS = 21, "DeleteRecords", 2;
    INIT_PRODUCER_ID = 22, "InitProducerId", 2;
    OFFSET_FOR_LEADER_EPOCH = 23, "OffsetForLeaderEpoch", 4;
    ADD_PARTITIONS_TO_TXN = 24, "AddPartitionsToTxn", 3;
    ADD_OFFSETS_TO_TXN = 25, "AddOffsetsToTxn", 3;
    END_TXN = 26, "EndTxn", 3;
    TXN_OFFSET_COMMIT = 28, "TxnOffsetCommit", 3;
    SASL_AUTHENTICATE = 36, "SaslAuthenticate", 2;
    CREATE_PARTITIONS = 37, "CreatePartitions", 2;
    GET_TELEMETRY_SUBSCRIPTIONS = 71, "GetTelemetrySubscriptions", 0;
    PUSH_TELEMETRY = 72, "PushTelemetry", 0;
}

impl ApiKey {
    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.key == self)
    }

    /// Kafka's name of the API.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name)
    }

    /// Whether messages of that version use compact lengths and tagged fields.
    pub fn is_flexible(self, version: i16) -> bool {
        self.row().is_some_and(|row| version >= row.flexible_from)
    }

    /// The encoding of that version.
    pub fn version(self, number: i16) -> Version {
        Version { number, flexible: self.is_flexible(number) }
    }

    /// Version of the request header: 2 carries tagged fields.
    pub fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// Version of the response header: 1 carries tagged fields. That of ApiVersions is always 0, because the client
    /// cannot know yet what the broker speaks.
    pub fn response_header_version(self, version: i16) -> i16 {
        i16::from(self != Self::API_VERSIONS && self.is_flexible(version))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "ApiKey-{}", self.0),
        }
    }
}
