//! Who the client is, which brokers it starts from, sizes of messages, metadata, debugging.

use crate::conf::property::{
    Kind, Property, Word, boolean, flags, global, int, one_of, text, unsupported_word, word,
};

const FEATURES: &[Word] = &[
    word(0x1, "gzip"),
    word(0x2, "snappy"),
    unsupported_word(0x4, "ssl", "TLS is not built"),
    unsupported_word(0x8, "sasl", "SASL is not built"),
    unsupported_word(0x10, "regex", "regular expressions are not built"),
    word(0x20, "lz4"),
    unsupported_word(0x40, "sasl_gssapi", "SASL is not built"),
    unsupported_word(0x80, "sasl_plain", "SASL is not built"),
    unsupported_word(0x100, "sasl_scram", "SASL is not built"),
    word(0x200, "plugins"),
    word(0x400, "zstd"),
    unsupported_word(0x800, "sasl_oauthbearer", "SASL is not built"),
    unsupported_word(0x1000, "http", "no HTTP client is built"),
    unsupported_word(0x2000, "oidc", "no HTTP client is built"),
];

const METADATA_RECOVERY_STRATEGY: &[Word] = &[word(0, "none"), word(1, "rebootstrap")];

pub(super) const DEBUG_CONTEXTS: &[Word] = &[
    word(0x1, "generic"),
    word(0x2, "broker"),
    word(0x4, "topic"),
    word(0x8, "metadata"),
    word(0x10, "feature"),
    word(0x20, "queue"),
    word(0x40, "msg"),
    word(0x80, "protocol"),
    word(0x100, "cgrp"),
    word(0x200, "security"),
    word(0x400, "fetch"),
    word(0x800, "interceptor"),
    word(0x1000, "plugin"),
    word(0x2000, "consumer"),
    word(0x4000, "admin"),
    word(0x8000, "eos"),
    word(0x10000, "mock"),
    word(0x20000, "assignor"),
    word(0x40000, "conf"),
    word(0x80000, "telemetry"),
    word(0xfffff, "all"),
];

pub(super) const ROWS: &[Property] = &[
    global("builtin.features", flags(0xffff, FEATURES)).doc(
        "What this build can do. Setting it to a list of features asks for them: the call fails \
         if one is not there.",
    ),
    global("client.id", text(Some("rdkafka")))
        .doc("Name by which brokers know this client in their logs, quotas and metrics."),
    global("client.software.name", text(Some("librdkafka"))).hidden().doc(
        "Name of the client library told to brokers that ask for it (KIP-511). For language \
         bindings.",
    ),
    global("client.software.version", text(None)).hidden().doc(
        "Version of the client library told to brokers that ask for it (KIP-511). For language \
         bindings.",
    ),
    global("metadata.broker.list", text(None)).high().doc(
        "Brokers to start from, as `host[:port]` separated by commas. All others are learned from \
         any one of them that answers.",
    ),
    global("bootstrap.servers", Kind::Alias("metadata.broker.list")).high(),
    global("message.max.bytes", int(1000, 1_000_000_000, 1_000_000)).medium().doc(
        "Largest message a producer takes, and largest produce request it builds. The broker and \
         the topic have limits of their own (`message.max.bytes`, `max.message.bytes`).",
    ),
    global("message.copy.max.bytes", int(0, 1_000_000_000, 65_535)).doc(
        "In librdkafka, the size up to which a payload is copied into the request buffer rather \
         than pointed to.",
    ),
    global("receive.message.max.bytes", int(1000, i32::MAX, 100_000_000)).medium().doc(
        "Largest response accepted from a broker; a larger one closes the connection. Guards \
         against running out of memory when the peer is broken or not Kafka.",
    ),
    global("max.in.flight.requests.per.connection", int(1, 1_000_000, 1_000_000))
        .doc("How many requests may wait for a response on one connection."),
    global("max.in.flight", Kind::Alias("max.in.flight.requests.per.connection")),
    global("metadata.recovery.strategy", one_of(1, METADATA_RECOVERY_STRATEGY)).doc(
        "What to do when every known broker has gone: `rebootstrap` starts again from \
         `bootstrap.servers`, `none` tries them no \
         more than the others (KIP-899).",
    ),
    global("metadata.recovery.rebootstrap.trigger.ms", int(0, i32::MAX, 300_000)).doc(
        "How long metadata may be unobtainable before the client starts again from \
         `bootstrap.servers` (KIP-1102); at least a second.",
    ),
    global("metadata.request.timeout.ms", int(10, 900_000, 10))
        .hidden()
        .deprecated()
        .doc("Not used."),
    global("topic.metadata.refresh.interval.ms", int(-1, 3_600_000, 300_000)).doc(
        "How often metadata is asked for when nothing else calls for it, to notice new brokers, \
         partitions and leaders. -1 turns it off.",
    ),
    global("metadata.max.age.ms", int(1, 86_400_000, 900_000)).doc(
        "How long cached metadata is believed: if set, it is asked for anew at least this often. \
         Three times `topic.metadata.refresh.interval.ms` unless set.",
    ),
    global("topic.metadata.refresh.fast.interval.ms", int(1, 60_000, 100)).doc(
        "First delay between metadata requests while a partition has no known leader; it doubles \
         up to `retry.backoff.max.ms`. `retry.backoff.ms` unless set.",
    ),
    global("topic.metadata.refresh.fast.cnt", int(0, 1000, 10)).deprecated().doc("Not used."),
    global("topic.metadata.refresh.sparse", boolean(true))
        .doc("Ask only for the topics in use rather than for all topics of the cluster."),
    global("topic.metadata.propagation.max.ms", int(0, 3_600_000, 30_000)).doc(
        "How long a topic may be missing from metadata after its first use before it counts as \
         unknown and its messages fail: a new topic takes time to reach every broker.",
    ),
    global("topic.blacklist", Kind::Patterns).doc(
        "Regular expressions, separated by commas, of topics to treat as if the cluster did not \
         have them.",
    ),
    global("debug", flags(0, DEBUG_CONTEXTS))
        .medium()
        .doc("What to log in detail. For a producer `broker,topic,msg` shows most."),
];
