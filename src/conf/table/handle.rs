//! What happens around a handle: statistics, logs, callbacks, version negotiation; then (after the
//! security tables) plugins and the embedded cluster.

use crate::conf::property::{Check, Kind, Property, boolean, checked, global, int, text};

pub(super) const ROWS: &[Property] = &[
    global("statistics.interval.ms", int(0, 86_400_000, 0)).high().doc(
        "How often the statistics callback is called or the statistics event made; 0 for never.",
    ),
    global("enabled_events", int(0, i32::MAX, 0)).doc(
        "Mask of the events that are queued for the application rather than given to callbacks; \
         see `rd_kafka_conf_set_events()`.",
    ),
    global("error_cb", Kind::Pointer).doc(
        "Called with errors that concern the client as a whole (`rd_kafka_conf_set_error_cb()`).",
    ),
    global("throttle_cb", Kind::Pointer).doc(
        "Called when a broker has slowed this client down (`rd_kafka_conf_set_throttle_cb()`).",
    ),
    global("stats_cb", Kind::Pointer)
        .doc("Called with statistics as JSON (`rd_kafka_conf_set_stats_cb()`)."),
    global("log_cb", Kind::Pointer).doc(
        "Called with each log line (`rd_kafka_conf_set_log_cb()`). By default lines go to \
         standard error.",
    ),
    global("log_level", int(0, 7, 6)).doc(
        "Least severe syslog level that is logged: 0 emergencies only, 6 informational, 7 debug.",
    ),
    global("log.queue", boolean(false)).doc(
        "Put log lines on a queue (`rd_kafka_set_log_queue()`) for the application to serve, \
         instead of calling `log_cb` from any thread.",
    ),
    global("log.thread.name", boolean(true)).doc("Name the internal thread in each log line."),
    global("enable.random.seed", boolean(true))
        .doc("In librdkafka, let the first `rd_kafka_new()` call `srand()`."),
    global("log.connection.close", boolean(true)).doc(
        "Log when a broker closes a connection. Worth turning off where brokers close idle ones \
         often.",
    ),
    global("background_event_cb", Kind::Pointer).doc(
        "Called on a thread of its own with the events of the background queue \
         (`rd_kafka_conf_set_background_event_cb()`).",
    ),
    global("socket_cb", Kind::Pointer)
        .doc("Makes sockets in place of `socket()` (`rd_kafka_conf_set_socket_cb()`)."),
    global("connect_cb", Kind::Pointer)
        .doc("Connects sockets in place of `connect()` (`rd_kafka_conf_set_connect_cb()`)."),
    global("closesocket_cb", Kind::Pointer)
        .doc("Closes sockets in place of `close()` (`rd_kafka_conf_set_closesocket_cb()`)."),
    global("open_cb", Kind::Pointer)
        .doc("Opens files in place of `open()` (`rd_kafka_conf_set_open_cb()`)."),
    global("resolve_cb", Kind::Pointer)
        .doc("Looks names up in place of `getaddrinfo()` (`rd_kafka_conf_set_resolve_cb()`)."),
    global("opaque", Kind::Pointer)
        .doc("The application's pointer handed to its callbacks (`rd_kafka_conf_set_opaque()`)."),
    global("default_topic_conf", Kind::Pointer).doc(
        "Configuration of topics that are given none of their own \
         (`rd_kafka_conf_set_default_topic_conf()`).",
    ),
    global("internal.termination.signal", int(0, 128, 0)).doc(
        "In librdkafka, a signal used to wake threads when a handle is destroyed; 0 for none.",
    ),
    global("api.version.request", boolean(true))
        .high()
        .deprecated()
        .doc("Ask each broker which protocol versions it speaks."),
    global("api.version.request.timeout.ms", int(1, 300_000, 10_000))
        .doc("How long the question about protocol versions may take."),
    global("api.version.fallback.ms", int(0, 604_800_000, 0)).medium().deprecated().doc(
        "In librdkafka, how long a broker that failed the version question is spoken to as \
         `broker.version.fallback`.",
    ),
    global("broker.version.fallback", checked("0.10.0", Check::BrokerVersion))
        .medium()
        .deprecated()
        .doc(
            "In librdkafka, the version assumed of brokers too old (before 0.10) to tell which \
         protocol versions they speak.",
        ),
    global("allow.auto.create.topics", boolean(false)).doc(
        "Ask brokers to create a topic that does not exist, which they do if \
         `auto.create.topics.enable` is set there. Shown as false until a handle is made: \
         producers then take true, consumers false.",
    ),
];

pub(super) const EXTENSION_ROWS: &[Property] = &[
    global("plugin.library.paths", text(None)).doc(
        "Interceptor libraries to load, separated by semicolons. They are loaded when this is set.",
    ),
    global("interceptors", Kind::Internal)
        .doc("Interceptors added by the application or by plugins."),
    global("test.mock.num.brokers", int(0, 10_000, 0)).hidden().doc(
        "Start an embedded cluster of so many brokers in this process and use it in place of \
         `bootstrap.servers`. For trying out and testing.",
    ),
    global("test.mock.broker.rtt", int(0, 3_600_000, 0))
        .hidden()
        .doc("How many milliseconds the embedded cluster's brokers take to answer."),
    global("ut_handle_ProduceResponse", Kind::Pointer)
        .hidden()
        .doc("Hook of librdkafka's own tests."),
];
