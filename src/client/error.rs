//! The `rd_kafka_resp_err_t` values that this layer itself returns or reports.

pub use crate::cluster::local_error::{
    MSG_TIMED_OUT, PURGE_QUEUE, TIMED_OUT, UNKNOWN_PARTITION, UNKNOWN_TOPIC,
};

/// No error.
pub const NO_ERROR: i32 = 0;
/// `RD_KAFKA_RESP_ERR__DESTROY`
pub const DESTROY: i32 = -197;
/// `RD_KAFKA_RESP_ERR__INVALID_ARG`
pub const INVALID_ARG: i32 = -186;
/// `RD_KAFKA_RESP_ERR__QUEUE_FULL`
pub const QUEUE_FULL: i32 = -184;
/// `RD_KAFKA_RESP_ERR__STATE`
pub const STATE: i32 = -172;
/// `RD_KAFKA_RESP_ERR__FATAL`
pub const FATAL: i32 = -150;
/// `RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART`
pub const UNKNOWN_TOPIC_OR_PART: i32 = 3;
/// `RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE`
pub const MSG_SIZE_TOO_LARGE: i32 = 10;
/// `RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION`
pub const TOPIC_EXCEPTION: i32 = 17;

/// `RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID`
pub const UNKNOWN_TOPIC_ID: i32 = 100;

/// What produce() returns for a topic that metadata said cannot be produced to: a missing topic is "unknown" to the
/// application, any other error is passed on.
pub fn of_failed_topic(error: i32) -> i32 {
    match error {
        UNKNOWN_TOPIC_OR_PART | TOPIC_EXCEPTION | UNKNOWN_TOPIC_ID => UNKNOWN_TOPIC,
        other => other,
    }
}
