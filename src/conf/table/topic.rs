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
    topic_producer("request.required.acks", int_or(-1, 1000, -1, ACKS_WORDS)).high().doc(
        "How many replicas must have a batch before the broker answers: 0 doesn't wait for any \
         answer, 1 the leader, -1 (`all`) every in-sync replica.",
    ),
    topic_producer("acks", Kind::Alias("request.required.acks")).high(),
    topic_producer("request.timeout.ms", int(1, 900_000, 30_000)).medium().doc(
        "How long the broker may wait for the other replicas before it answers a produce request.",
    ),
    topic_producer("message.timeout.ms", int(0, i32::MAX, 300_000)).high().doc(
        "How long a message may take from the call that produces it, all retries included, before \
         it fails; 0 for ever.",
    ),
    topic_producer("delivery.timeout.ms", Kind::Alias("message.timeout.ms")).high(),
    topic_producer("queuing.strategy", one_of(0, QUEUING_STRATEGY)).deprecated().experimental().doc(
        "In librdkafka, whether the oldest (`fifo`) or the newest (`lifo`) message is sent first.",
    ),
    topic_producer("produce.offset.report", boolean(false)).deprecated().doc(
        "Not used: offsets are always reported.",
    ),
    topic_producer("partitioner", checked("consistent_random", Check::Partitioner)).high().doc(
        "How a message without explicit partition gets one: `random`; `consistent` and \
         `consistent_random` (CRC32 of the key); `murmur2` and `murmur2_random` (as the Java \
         producer); `fnv1a` and `fnv1a_random` (as Sarama). The `_random` ones spread messages \
         without key, the others put them into one partition. `round_robin`, which librdkafka does \
         not have, takes the available partitions in turn and ignores keys (KIP-369).",
    ),
    topic_producer("partitioner_cb", Kind::Pointer).doc(
        "Chooses the partition of each message (`rd_kafka_topic_conf_set_partitioner_cb()`).",
    ),
    topic_producer("msg_order_cmp", Kind::Pointer).deprecated().experimental().doc(
        "In librdkafka, orders messages that wait (`rd_kafka_topic_conf_set_msg_order_cmp()`).",
    ),
    topic("opaque", Kind::Pointer).doc(
        "The application's pointer for this topic, handed to its partitioner \
         (`rd_kafka_topic_conf_set_opaque()`).",
    ),
    topic_producer("compression.codec", one_of(5, COMPRESSION_CODEC)).high().doc(
        "How batches of this topic are compressed; `inherit` takes the global setting.",
    ),
    topic_producer("compression.type", Kind::Alias("compression.codec")).high(),
    topic_producer("compression.level", int(-1, 12, -1)).medium().doc(
        "How hard to compress: 0 to 9 for gzip, 0 to 12 for lz4, 1 to 12 for zstd, without \
         meaning for snappy; -1 for the codec's default. More costs more CPU.",
    ),
    topic_consumer("auto.commit.enable", boolean(true)).deprecated().doc(
        "For the legacy simple consumer: commit offsets in the background.",
    ),
    topic_consumer("enable.auto.commit", Kind::Alias("auto.commit.enable")),
    topic_consumer("auto.commit.interval.ms", int(10, 86_400_000, 60_000)).high().doc(
        "For the legacy simple consumer: how often offsets are committed.",
    ),
    topic_consumer("auto.offset.reset", one_of(-1, AUTO_OFFSET_RESET)).high().doc(
        "Where to start when there is no committed offset or it is out of range: at the \
         beginning, at the end, or with an error.",
    ),
    topic_consumer("offset.store.path", text(Some("."))).deprecated().doc(
        "File or directory for offsets kept in files.",
    ),
    topic_consumer("offset.store.sync.interval.ms", int(-1, 86_400_000, -1)).deprecated().doc(
        "How often the offset file is synced to disk; -1 for never, 0 after each write.",
    ),
    topic_consumer("offset.store.method", one_of(2, OFFSET_STORE_METHOD)).deprecated().doc(
        "For the legacy simple consumer: where offsets are kept.",
    ),
    topic_consumer("consume.callback.max.messages", int(0, 1_000_000, 0)).doc(
        "How many messages one call of `rd_kafka_consume_callback()` hands over; 0 for any \
         number.",
    ),
];
