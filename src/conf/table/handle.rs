//! What happens around a handle: statistics, logs, callbacks, version negotiation; then (after the
//! security tables) plugins and the embedded cluster.

use crate::conf::property::{Check, Kind, Property, boolean, checked, global, int, text};

pub(super) const ROWS: &[Property] = &[
    global("statistics.interval.ms", int(0, 86_400_000, 0)).high().doc(""),
    global("enabled_events", int(0, i32::MAX, 0)).doc(""),
    global("error_cb", Kind::Pointer).doc(""),
    global("throttle_cb", Kind::Pointer).doc(""),
    global("stats_cb", Kind::Pointer).doc(""),
    global("log_cb", Kind::Pointer).doc(""),
    global("log_level", int(0, 7, 6)).doc(""),
    global("log.queue", boolean(false)).doc(""),
    global("log.thread.name", boolean(true)).doc(""),
    global("enable.random.seed", boolean(true)).doc(""),
    global("log.connection.close", boolean(true)).doc(""),
    global("background_event_cb", Kind::Pointer).doc(""),
    global("socket_cb", Kind::Pointer).doc(""),
    global("connect_cb", Kind::Pointer).doc(""),
    global("closesocket_cb", Kind::Pointer).doc(""),
    global("open_cb", Kind::Pointer).doc(""),
    global("resolve_cb", Kind::Pointer).doc(""),
    global("opaque", Kind::Pointer).doc(""),
    global("default_topic_conf", Kind::Pointer).doc(""),
    global("internal.termination.signal", int(0, 128, 0)).doc(""),
    global("api.version.request", boolean(true)).high().deprecated().doc(""),
    global("api.version.request.timeout.ms", int(1, 300_000, 10_000)).doc(""),
    global("api.version.fallback.ms", int(0, 604_800_000, 0)).medium().deprecated().doc(""),
    global("broker.version.fallback", checked("0.10.0", Check::BrokerVersion))
        .medium()
        .deprecated()
        .doc(""),
    global("allow.auto.create.topics", boolean(false)).doc(""),
];

pub(super) const EXTENSION_ROWS: &[Property] = &[
    global("plugin.library.paths", text(None))
        .unsupported("interceptor plugins are not built")
        .doc(""),
    global("interceptors", Kind::Internal).doc(""),
    global("test.mock.num.brokers", int(0, 10_000, 0)).hidden().doc(""),
    global("test.mock.broker.rtt", int(0, 3_600_000, 0)).hidden().doc(""),
    global("ut_handle_ProduceResponse", Kind::Pointer).hidden().doc(""),
];
