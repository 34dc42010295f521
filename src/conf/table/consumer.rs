//! Consumer groups and fetching. Accepted so that one configuration can serve both kinds of client.

use crate::conf::property::{
    Kind, Property, Word, boolean, consumer, int, one_of, text, verbatim, word,
};

const GROUP_PROTOCOL: &[Word] = &[word(0, "classic"), word(1, "consumer")];

const OFFSET_STORE_METHOD: &[Word] = &[word(0, "none"), word(1, "file"), word(2, "broker")];

const ISOLATION_LEVEL: &[Word] = &[word(0, "read_uncommitted"), word(1, "read_committed")];

pub(super) const ROWS: &[Property] = &[
    consumer("group.id", text(None)).high().doc(""),
    consumer("group.instance.id", text(None)).medium().doc(""),
    consumer("partition.assignment.strategy", text(Some("range,roundrobin"))).medium().doc(""),
    consumer("session.timeout.ms", int(1, 3_600_000, 45_000)).high().doc(""),
    consumer("heartbeat.interval.ms", int(1, 3_600_000, 3000)).doc(""),
    consumer("group.protocol.type", verbatim("consumer")).doc(""),
    consumer("group.protocol", one_of(0, GROUP_PROTOCOL)).high().doc(""),
    consumer("group.remote.assignor", text(None)).medium().doc(""),
    consumer("coordinator.query.interval.ms", int(1, 3_600_000, 600_000)).doc(""),
    consumer("max.poll.interval.ms", int(1, 86_400_000, 300_000)).high().doc(""),
    consumer("enable.auto.commit", boolean(true)).high().doc(""),
    consumer("auto.commit.interval.ms", int(0, 86_400_000, 5000)).medium().doc(""),
    consumer("enable.auto.offset.store", boolean(true)).high().doc(""),
    consumer("queued.min.messages", int(1, 10_000_000, 100_000)).medium().doc(""),
    consumer("queued.max.messages.kbytes", int(1, 2_097_151, 65_536)).medium().doc(""),
    consumer("fetch.wait.max.ms", int(0, 300_000, 500)).doc(""),
    consumer("fetch.queue.backoff.ms", int(0, 300_000, 1000)).medium().doc(""),
    consumer("fetch.message.max.bytes", int(1, 1_000_000_000, 1_048_576)).medium().doc(""),
    consumer("max.partition.fetch.bytes", Kind::Alias("fetch.message.max.bytes")).medium(),
    consumer("fetch.max.bytes", int(0, 2_147_483_135, 52_428_800)).medium().doc(""),
    consumer("fetch.min.bytes", int(0, i32::MAX, 1)).doc(""),
    consumer("fetch.error.backoff.ms", int(0, 300_000, 500)).medium().doc(""),
    consumer("offset.store.method", one_of(2, OFFSET_STORE_METHOD)).deprecated().doc(""),
    consumer("isolation.level", one_of(1, ISOLATION_LEVEL)).high().doc(""),
    consumer("consume_cb", Kind::Pointer).doc(""),
    consumer("rebalance_cb", Kind::Pointer).doc(""),
    consumer("offset_commit_cb", Kind::Pointer).doc(""),
    consumer("enable.partition.eof", boolean(false)).doc(""),
    consumer("check.crcs", boolean(false)).medium().doc(""),
];
