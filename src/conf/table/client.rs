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
    unsupported_word(0x200, "plugins", "interceptor plugins are not built"),
    word(0x400, "zstd"),
    unsupported_word(0x800, "sasl_oauthbearer", "SASL is not built"),
    unsupported_word(0x1000, "http", "no HTTP client is built"),
    unsupported_word(0x2000, "oidc", "no HTTP client is built"),
];

const METADATA_RECOVERY_STRATEGY: &[Word] = &[word(0, "none"), word(1, "rebootstrap")];

const DEBUG_CONTEXTS: &[Word] = &[
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
    global("builtin.features", flags(0xffff, FEATURES)).doc(""),
    global("client.id", text(Some("rdkafka"))).doc(""),
    global("client.software.name", text(Some("librdkafka"))).hidden().doc(""),
    global("client.software.version", text(None)).hidden().doc(""),
    global("metadata.broker.list", text(None)).high().doc(""),
    global("bootstrap.servers", Kind::Alias("metadata.broker.list")).high(),
    global("message.max.bytes", int(1000, 1_000_000_000, 1_000_000)).medium().doc(""),
    global("message.copy.max.bytes", int(0, 1_000_000_000, 65_535)).doc(""),
    global("receive.message.max.bytes", int(1000, i32::MAX, 100_000_000)).medium().doc(""),
    global("max.in.flight.requests.per.connection", int(1, 1_000_000, 1_000_000)).doc(""),
    global("max.in.flight", Kind::Alias("max.in.flight.requests.per.connection")),
    global("metadata.recovery.strategy", one_of(1, METADATA_RECOVERY_STRATEGY)).doc(""),
    global("metadata.recovery.rebootstrap.trigger.ms", int(0, i32::MAX, 300_000)).doc(""),
    global("metadata.request.timeout.ms", int(10, 900_000, 10)).hidden().deprecated().doc(""),
    global("topic.metadata.refresh.interval.ms", int(-1, 3_600_000, 300_000)).doc(""),
    global("metadata.max.age.ms", int(1, 86_400_000, 900_000)).doc(""),
    global("topic.metadata.refresh.fast.interval.ms", int(1, 60_000, 100)).doc(""),
    global("topic.metadata.refresh.fast.cnt", int(0, 1000, 10)).deprecated().doc(""),
    global("topic.metadata.refresh.sparse", boolean(true)).doc(""),
    global("topic.metadata.propagation.max.ms", int(0, 3_600_000, 30_000)).doc(""),
    global("topic.blacklist", Kind::Patterns).doc(""),
    global("debug", flags(0, DEBUG_CONTEXTS)).medium().doc(""),
];
