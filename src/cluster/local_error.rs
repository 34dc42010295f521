//! Client-side error codes the core reports, with the values of `rd_kafka_resp_err_t`.

/// The connection failed.
pub const TRANSPORT: i32 = -195;
/// A host name could not be resolved.
pub const RESOLVE: i32 = -193;
/// The message was not delivered within `message.timeout.ms`.
pub const MSG_TIMED_OUT: i32 = -192;
/// The partition does not exist.
pub const UNKNOWN_PARTITION: i32 = -190;
/// The topic does not exist.
pub const UNKNOWN_TOPIC: i32 = -188;
/// No broker can be reached.
pub const ALL_BROKERS_DOWN: i32 = -187;
/// A request was not answered in time.
pub const TIMED_OUT: i32 = -185;
/// A response could not be understood.
pub const BAD_MSG: i32 = -199;
/// The message was compressed badly.
pub const BAD_COMPRESSION: i32 = -198;
/// Purged while queued.
pub const PURGE_QUEUE: i32 = -152;
/// Purged while in flight.
pub const PURGE_INFLIGHT: i32 = -151;
/// Going on would leave a gap.
pub const GAPLESS_GUARANTEE: i32 = -148;
/// A newer producer has taken over.
pub const FENCED: i32 = -144;
/// The broker is too old for what was asked.
pub const UNSUPPORTED_FEATURE: i32 = -165;
