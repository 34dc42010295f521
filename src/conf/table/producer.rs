//! Producing: idempotence and transactions (KIP-98), queue limits, batching, retries, delivery reports.

use crate::conf::property::{
    Kind, Property, Word, boolean, consumer, float, global, int, one_of, producer, text, verbatim,
    word,
};

const COMPRESSION_CODEC: &[Word] =
    &[word(0, "none"), word(1, "gzip"), word(2, "snappy"), word(3, "lz4"), word(4, "zstd")];

const CLIENT_DNS_LOOKUP: &[Word] =
    &[word(0, "use_all_dns_ips"), word(1, "resolve_canonical_bootstrap_servers_only")];

pub(super) const ROWS: &[Property] = &[
    global("client.rack", verbatim("")).doc(""),
    consumer("max.poll.records", int(1, i32::MAX, 500)).doc(""),
    consumer("share.acknowledgement.mode", text(Some("implicit"))).medium().doc(""),
    producer("transactional.id", text(None)).high().doc(""),
    producer("transaction.timeout.ms", int(1000, i32::MAX, 60_000)).medium().doc(""),
    producer("enable.idempotence", boolean(false)).high().doc(""),
    producer("enable.gapless.guarantee", boolean(false)).experimental().doc(""),
    producer("queue.buffering.max.messages", int(0, i32::MAX, 100_000)).high().doc(""),
    producer("queue.buffering.max.kbytes", int(1, i32::MAX, 1_048_576)).high().doc(""),
    producer("queue.buffering.max.ms", float(0.0, 900_000.0, 5.0)).high().doc(""),
    producer("linger.ms", Kind::Alias("queue.buffering.max.ms")).high(),
    producer("message.send.max.retries", int(0, i32::MAX, i32::MAX)).high().doc(""),
    producer("retries", Kind::Alias("message.send.max.retries")),
    global("retry.backoff.ms", int(1, 300_000, 100)).medium().doc(""),
    global("retry.backoff.max.ms", int(1, 300_000, 1000)).medium().doc(""),
    producer("queue.buffering.backpressure.threshold", int(1, 1_000_000, 1)).doc(""),
    producer("compression.codec", one_of(0, COMPRESSION_CODEC)).medium().doc(""),
    producer("compression.type", Kind::Alias("compression.codec")).medium(),
    producer("batch.num.messages", int(1, 1_000_000, 10_000)).medium().doc(""),
    producer("batch.size", int(1, i32::MAX, 1_000_000)).medium().doc(""),
    producer("delivery.report.only.error", boolean(false)).doc(""),
    producer("dr_cb", Kind::Pointer).doc(""),
    producer("dr_msg_cb", Kind::Pointer).doc(""),
    producer("sticky.partitioning.linger.ms", int(0, 900_000, 10)).doc(""),
    global("client.dns.lookup", one_of(0, CLIENT_DNS_LOOKUP)).doc(""),
    global("enable.metrics.push", boolean(true)).doc(""),
];
