//! Topic properties.

use crate::conf::property::{
    Check, Kind, Property, Word, boolean, checked, int, int_or, one_of, text, topic,
    topic_consumer, topic_producer, word,
};

const ACKS_WORDS: &[Word] = &[word(-1, "all")];

const QUEUING_STRATEGY: &[Word] = &[word(0, "fifo"), word(1, "lifo")];

const COMPRESSION_CODEC: &[Word] = &[
    word(0, "none"),
    word(1, "gzip"),
    word(2, "snappy"),
    word(3, "lz4"),
    word(4, "zstd"),
    word(5, "inherit"),
];

const AUTO_OFFSET_RESET: &[Word] = &[
    word(-2, "smallest"),
    word(-2, "earliest"),
    word(-2, "beginning"),
    word(-1, "largest"),
    word(-1, "latest"),
    word(-1, "end"),
    word(-1001, "error"),
];

const OFFSET_STORE_METHOD: &[Word] = &[word(1, "file"), word(2, "broker")];

pub(super) const ROWS: &[Property] = &[
    topic_producer("request.required.acks", int_or(-1, 1000, -1, ACKS_WORDS)).high().doc(""),
    topic_producer("acks", Kind::Alias("request.required.acks")).high(),
    topic_producer("request.timeout.ms", int(1, 900_000, 30_000)).medium().doc(""),
    topic_producer("message.timeout.ms", int(0, i32::MAX, 300_000)).high().doc(""),
    topic_producer("delivery.timeout.ms", Kind::Alias("message.timeout.ms")).high(),
    topic_producer("queuing.strategy", one_of(0, QUEUING_STRATEGY))
        .deprecated()
        .experimental()
        .doc(""),
    topic_producer("produce.offset.report", boolean(false)).deprecated().doc(""),
    topic_producer("partitioner", checked("consistent_random", Check::Partitioner)).high().doc(""),
    topic_producer("partitioner_cb", Kind::Pointer).doc(""),
    topic_producer("msg_order_cmp", Kind::Pointer).deprecated().experimental().doc(""),
    topic("opaque", Kind::Pointer).doc(""),
    topic_producer("compression.codec", one_of(5, COMPRESSION_CODEC)).high().doc(""),
    topic_producer("compression.type", Kind::Alias("compression.codec")).high(),
    topic_producer("compression.level", int(-1, 12, -1)).medium().doc(""),
    topic_consumer("auto.commit.enable", boolean(true)).deprecated().doc(""),
    topic_consumer("enable.auto.commit", Kind::Alias("auto.commit.enable")),
    topic_consumer("auto.commit.interval.ms", int(10, 86_400_000, 60_000)).high().doc(""),
    topic_consumer("auto.offset.reset", one_of(-1, AUTO_OFFSET_RESET)).high().doc(""),
    topic_consumer("offset.store.path", text(Some("."))).deprecated().doc(""),
    topic_consumer("offset.store.sync.interval.ms", int(-1, 86_400_000, -1)).deprecated().doc(""),
    topic_consumer("offset.store.method", one_of(2, OFFSET_STORE_METHOD)).deprecated().doc(""),
    topic_consumer("consume.callback.max.messages", int(0, 1_000_000, 0)).doc(""),
];
