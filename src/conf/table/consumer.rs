//! Consumer groups and fetching. Accepted so that one configuration can serve both kinds of client.

use crate::conf::property::{
    Kind, Property, Word, boolean, consumer, int, one_of, text, verbatim, word,
};

const GROUP_PROTOCOL: &[Word] = &[word(0, "classic"), word(1, "consumer")];

const OFFSET_STORE_METHOD: &[Word] = &[word(0, "none"), word(1, "file"), word(2, "broker")];

const ISOLATION_LEVEL: &[Word] = &[word(0, "read_uncommitted"), word(1, "read_committed")];

pub(super) const ROWS: &[Property] = &[
    consumer("group.id", text(None)).high().doc("Consumer group to belong to."),
    consumer("group.instance.id", text(None)).medium().doc(
        "Name of this member within its group, kept over restarts, so that restarting does not \
         rebalance (KIP-345).",
    ),
    consumer("partition.assignment.strategy", text(Some("range,roundrobin"))).medium().doc(
        "How the classic protocol's group leader shares out partitions, in order of preference: \
         range, roundrobin, cooperative-sticky.",
    ),
    consumer("session.timeout.ms", int(1, 3_600_000, 45_000))
        .high()
        .doc("How long a member of a classic group may be silent before it is thought dead."),
    consumer("heartbeat.interval.ms", int(1, 3_600_000, 3000))
        .doc("How often a member of a classic group shows that it is alive."),
    consumer("group.protocol.type", verbatim("consumer"))
        .doc("Kind of classic group; only `consumer` has a meaning."),
    consumer("group.protocol", one_of(0, GROUP_PROTOCOL))
        .high()
        .doc("Which group protocol to use: `classic`, or `consumer` of KIP-848."),
    consumer("group.remote.assignor", text(None)).medium().doc(
        "Which of the broker's assignors shares out partitions under `group.protocol=consumer`; \
         the broker's choice when not set.",
    ),
    consumer("coordinator.query.interval.ms", int(1, 3_600_000, 600_000))
        .doc("How often to ask which broker coordinates the group."),
    consumer("max.poll.interval.ms", int(1, 86_400_000, 300_000)).high().doc(
        "Longest time between calls that consume before the member is thought stuck and leaves \
         its group (KIP-62).",
    ),
    consumer("enable.auto.commit", boolean(true))
        .high()
        .doc("Commit stored offsets in the background."),
    consumer("auto.commit.interval.ms", int(0, 86_400_000, 5000))
        .medium()
        .doc("How often stored offsets are committed; 0 for never."),
    consumer("enable.auto.offset.store", boolean(true))
        .high()
        .doc("Store the offset of each message as it is handed to the application."),
    consumer("queued.min.messages", int(1, 10_000_000, 100_000))
        .medium()
        .doc("How many messages of each partition to keep fetched ahead."),
    consumer("queued.max.messages.kbytes", int(1, 2_097_151, 65_536))
        .medium()
        .doc("How many kilobytes to keep fetched ahead at most."),
    consumer("fetch.wait.max.ms", int(0, 300_000, 500))
        .doc("How long a broker may wait for `fetch.min.bytes` before it answers a fetch."),
    consumer("fetch.queue.backoff.ms", int(0, 300_000, 1000))
        .medium()
        .doc("How long to hold a fetch back once enough is fetched ahead."),
    consumer("fetch.message.max.bytes", int(1, 1_000_000_000, 1_048_576)).medium().doc(
        "How many bytes of a partition to ask for in one fetch; more when a message turns out \
         larger.",
    ),
    consumer("max.partition.fetch.bytes", Kind::Alias("fetch.message.max.bytes")).medium(),
    consumer("fetch.max.bytes", int(0, 2_147_483_135, 52_428_800))
        .medium()
        .doc("How many bytes one fetch may bring in all."),
    consumer("fetch.min.bytes", int(0, i32::MAX, 1)).doc(
        "How many bytes a broker collects before it answers a fetch, within `fetch.wait.max.ms`.",
    ),
    consumer("fetch.error.backoff.ms", int(0, 300_000, 500))
        .medium()
        .doc("How long to hold a partition's next fetch back after an error."),
    consumer("offset.store.method", one_of(2, OFFSET_STORE_METHOD))
        .deprecated()
        .doc("Where committed offsets are kept; `broker` is the only one that lasts."),
    consumer("isolation.level", one_of(1, ISOLATION_LEVEL)).high().doc(
        "Whether messages of open and aborted transactions are seen (`read_uncommitted`) or not \
         (`read_committed`).",
    ),
    consumer("consume_cb", Kind::Pointer)
        .doc("Called with each message (`rd_kafka_conf_set_consume_cb()`)."),
    consumer("rebalance_cb", Kind::Pointer).doc(
        "Called when the group's partitions are shared out anew \
         (`rd_kafka_conf_set_rebalance_cb()`).",
    ),
    consumer("offset_commit_cb", Kind::Pointer)
        .doc("Called with the outcome of offset commits (`rd_kafka_conf_set_offset_commit_cb()`)."),
    consumer("enable.partition.eof", boolean(false))
        .doc("Tell the application each time the end of a partition is reached."),
    consumer("check.crcs", boolean(false)).medium().doc("Verify the checksum of what is fetched."),
];
