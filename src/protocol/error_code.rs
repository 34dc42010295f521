//! Error codes of brokers: one table of number, Kafka's name, and what a client may do about it.

use super::message::{Version, Wire};
use super::wire::{Put, Reader, Result};
use std::fmt;

/// An error code of a broker. Codes that are not in the table survive as themselves.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(pub i16);

/// One row: code, Kafka's name, whether trying again may help, whether the metadata that led here is stale.
struct Row {
    code: ErrorCode,
    name: &'static str,
    retriable: bool,
    refresh_metadata: bool,
}

macro_rules! error_codes {
    ($($name:ident = $code:literal $($retry:ident)* ;)*) => {
        #[allow(missing_docs)]
        impl ErrorCode {
            $(pub const $name: Self = Self($code);)*
        }

        const ROWS: &[Row] = &[$(Row {
            code: ErrorCode::$name,
            name: stringify!($name),
            retriable: has_flag(&[$(stringify!($retry)),*], b"retriable"),
            refresh_metadata: has_flag(&[$(stringify!($retry)),*], b"refresh"),
        },)*];
    };
}

const fn has_flag(flags: &[&str], wanted: &[u8]) -> bool {
    let mut index = 0;
    while index < flags.len() {
        // Flags differ in their third letter.
        if flags[index].as_bytes()[2] == wanted[2] {
            return true;
        }
        index += 1;
    }
    false
}

// Ascending, for the binary search. `retriable` and `refresh` follow the class of Java's exception
// (RetriableException, InvalidMetadataException).
error_codes! {
    UNKNOWN_SERVER_ERROR = -1;
    NONE = 0;
    OFFSET_OUT_OF_RANGE = 1;
    CORRUPT_MESSAGE = 2 retriable;
    UNKNOWN_TOPIC_OR_PARTITION = 3 retriable refresh;
    INVALID_FETCH_SIZE = 4;
    LEADER_NOT_AVAILABLE = 5 retriable refresh;
    NOT_LEADER_OR_FOLLOWER = 6 retriable refresh;
    REQUEST_TIMED_OUT = 7 retriable;
    BROKER_NOT_AVAILABLE = 8;
    REPLICA_NOT_AVAILABLE = 9 retriable refresh;
    MESSAGE_TOO_LARGE = 10;
    STALE_CONTROLLER_EPOCH = 11;
    OFFSET_METADATA_TOO_LARGE = 12;
    NETWORK_EXCEPTION = 13 retriable refresh;
    COORDINATOR_LOAD_IN_PROGRESS = 14 retriable;
    COORDINATOR_NOT_AVAILABLE = 15 retriable;
    NOT_COORDINATOR = 16 retriable;
    INVALID_TOPIC_EXCEPTION = 17;
    RECORD_LIST_TOO_LARGE = 18;
    NOT_ENOUGH_REPLICAS = 19 retriable;
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20 retriable;
    INVALID_REQUIRED_ACKS = 21;
    ILLEGAL_GENERATION = 22;
    INCONSISTENT_GROUP_PROTOCOL = 23;
    INVALID_GROUP_ID = 24;
    UNKNOWN_MEMBER_ID = 25;
    INVALID_SESSION_TIMEOUT = 26;
    REBALANCE_IN_PROGRESS = 27;
    INVALID_COMMIT_OFFSET_SIZE = 28;
    TOPIC_AUTHORIZATION_FAILED = 29;
    GROUP_AUTHORIZATION_FAILED = 30;
    CLUSTER_AUTHORIZATION_FAILED = 31;
    INVALID_TIMESTAMP = 32;
    UNSUPPORTED_SASL_MECHANISM = 33;
    ILLEGAL_SASL_STATE = 34;
    UNSUPPORTED_VERSION = 35;
    TOPIC_ALREADY_EXISTS = 36;
    INVALID_PARTITIONS = 37;
    INVALID_REPLICATION_FACTOR = 38;
    INVALID_REPLICA_ASSIGNMENT = 39;
    INVALID_CONFIG = 40;
    NOT_CONTROLLER = 41 retriable;
    INVALID_REQUEST = 42;
    UNSUPPORTED_FOR_MESSAGE_FORMAT = 43;
    POLICY_VIOLATION = 44;
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
    DUPLICATE_SEQUENCE_NUMBER = 46;
    INVALID_PRODUCER_EPOCH = 47;
    INVALID_TXN_STATE = 48;
    INVALID_PRODUCER_ID_MAPPING = 49;
    INVALID_TRANSACTION_TIMEOUT = 50;
    CONCURRENT_TRANSACTIONS = 51;
    TRANSACTION_COORDINATOR_FENCED = 52;
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
    SECURITY_DISABLED = 54;
    OPERATION_NOT_ATTEMPTED = 55;
    KAFKA_STORAGE_ERROR = 56 retriable refresh;
    LOG_DIR_NOT_FOUND = 57;
    SASL_AUTHENTICATION_FAILED = 58;
    UNKNOWN_PRODUCER_ID = 59;
    REASSIGNMENT_IN_PROGRESS = 60;
    DELEGATION_TOKEN_AUTH_DISABLED = 61;
    DELEGATION_TOKEN_NOT_FOUND = 62;
    DELEGATION_TOKEN_OWNER_MISMATCH = 63;
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64;
    DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65;
    DELEGATION_TOKEN_EXPIRED = 66;
    INVALID_PRINCIPAL_TYPE = 67;
    NON_EMPTY_GROUP = 68;
    GROUP_ID_NOT_FOUND = 69;
    FETCH_SESSION_ID_NOT_FOUND = 70 retriable;
    INVALID_FETCH_SESSION_EPOCH = 71 retriable;
    LISTENER_NOT_FOUND = 72 retriable refresh;
    TOPIC_DELETION_DISABLED = 73;
    FENCED_LEADER_EPOCH = 74 retriable refresh;
    UNKNOWN_LEADER_EPOCH = 75 retriable;
    UNSUPPORTED_COMPRESSION_TYPE = 76;
    STALE_BROKER_EPOCH = 77;
    OFFSET_NOT_AVAILABLE = 78 retriable;
    MEMBER_ID_REQUIRED = 79;
    PREFERRED_LEADER_NOT_AVAILABLE = 80 retriable refresh;
    GROUP_MAX_SIZE_REACHED = 81;
    FENCED_INSTANCE_ID = 82;
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83 retriable refresh;
    ELECTION_NOT_NEEDED = 84 retriable;
    NO_REASSIGNMENT_IN_PROGRESS = 85;
    GROUP_SUBSCRIBED_TO_TOPIC = 86;
    INVALID_RECORD = 87;
    UNSTABLE_OFFSET_COMMIT = 88 retriable;
    THROTTLING_QUOTA_EXCEEDED = 89 retriable;
    PRODUCER_FENCED = 90;
    RESOURCE_NOT_FOUND = 91;
    DUPLICATE_RESOURCE = 92;
    UNACCEPTABLE_CREDENTIAL = 93;
    INCONSISTENT_VOTER_SET = 94;
    INVALID_UPDATE_VERSION = 95;
    FEATURE_UPDATE_FAILED = 96;
    PRINCIPAL_DESERIALIZATION_FAILURE = 97;
    SNAPSHOT_NOT_FOUND = 98;
    POSITION_OUT_OF_RANGE = 99;
    UNKNOWN_TOPIC_ID = 100 retriable refresh;
    DUPLICATE_BROKER_REGISTRATION = 101;
    BROKER_ID_NOT_REGISTERED = 102;
    INCONSISTENT_TOPIC_ID = 103 retriable refresh;
    INCONSISTENT_CLUSTER_ID = 104;
    TRANSACTIONAL_ID_NOT_FOUND = 105;
    FETCH_SESSION_TOPIC_ID_ERROR = 106 retriable;
    INELIGIBLE_REPLICA = 107;
    NEW_LEADER_ELECTED = 108;
    OFFSET_MOVED_TO_TIERED_STORAGE = 109;
    FENCED_MEMBER_EPOCH = 110;
    UNRELEASED_INSTANCE_ID = 111;
    UNSUPPORTED_ASSIGNOR = 112;
    STALE_MEMBER_EPOCH = 113;
    MISMATCHED_ENDPOINT_TYPE = 114;
    UNSUPPORTED_ENDPOINT_TYPE = 115;
    UNKNOWN_CONTROLLER_ID = 116;
    UNKNOWN_SUBSCRIPTION_ID = 117;
    TELEMETRY_TOO_LARGE = 118;
    INVALID_REGISTRATION = 119;
    TRANSACTION_ABORTABLE = 120;
    INVALID_RECORD_STATE = 121;
    SHARE_SESSION_NOT_FOUND = 122 retriable;
    INVALID_SHARE_SESSION_EPOCH = 123 retriable;
    FENCED_STATE_EPOCH = 124;
    INVALID_VOTER_KEY = 125;
    DUPLICATE_VOTER = 126;
    VOTER_NOT_FOUND = 127;
    INVALID_REGULAR_EXPRESSION = 128;
    REBOOTSTRAP_REQUIRED = 129;
    STREAMS_INVALID_TOPOLOGY = 130;
    STREAMS_INVALID_TOPOLOGY_EPOCH = 131;
    STREAMS_TOPOLOGY_FENCED = 132;
    SHARE_SESSION_LIMIT_REACHED = 133 retriable;
}

impl ErrorCode {
    fn row(self) -> Option<&'static Row> {
        ROWS.binary_search_by_key(&self, |row| row.code).ok().map(|index| &ROWS[index])
    }

    /// True for "no error".
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// True for an error.
    pub const fn is_error(self) -> bool {
        self.0 != 0
    }

    /// Kafka's name of the code.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name)
    }

    /// Whether the same request may succeed later. False for unknown codes.
    pub fn is_retriable(self) -> bool {
        self.row().is_some_and(|row| row.retriable)
    }

    /// Whether the error says that the metadata the request was based on is stale.
    pub fn wants_metadata_refresh(self) -> bool {
        self.row().is_some_and(|row| row.refresh_metadata)
    }

    /// All known codes, ascending.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.code)
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "Err-{}", self.0),
        }
    }
}

impl<'a> Wire<'a> for ErrorCode {
    fn write(&self, out: &mut Vec<u8>, _: Version) {
        out.put_i16(self.0);
    }

    fn read(reader: &mut Reader<'a>, _: Version) -> Result<Self> {
        reader.i16().map(Self)
    }

    fn min_len_bytes(_: Version) -> usize {
        2
    }

    #[cfg(test)]
    fn sample(sampler: &mut super::sample::Sampler, version: Version) -> Self {
        let _ = version;
        Self(sampler.i16())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ascends_so_that_every_code_is_found() {
        assert!(ROWS.is_sorted_by(|a, b| a.code < b.code));
        for row in ROWS {
            assert_eq!(row.code.name(), Some(row.name));
        }
    }

    #[test]
    fn codes_tell_whether_to_retry_and_whether_metadata_is_stale() {
        assert!(ErrorCode::NOT_LEADER_OR_FOLLOWER.is_retriable());
        assert!(ErrorCode::NOT_LEADER_OR_FOLLOWER.wants_metadata_refresh());
        assert!(ErrorCode::REQUEST_TIMED_OUT.is_retriable());
        assert!(!ErrorCode::REQUEST_TIMED_OUT.wants_metadata_refresh());
        assert!(!ErrorCode::MESSAGE_TOO_LARGE.is_retriable());
        assert!(!ErrorCode::NONE.is_retriable() && ErrorCode::NONE.is_none());
    }

    #[test]
    fn an_unknown_code_survives_as_itself() {
        let code = ErrorCode(12345);
        assert_eq!((code.0, code.name(), code.is_retriable()), (12345, None, false));
        assert_eq!(code.to_string(), "Err-12345");
    }
}
