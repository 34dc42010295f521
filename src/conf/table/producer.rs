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
    global("client.rack", verbatim("")).doc(
        "Where this client is, as brokers' `broker.rack` says it, to fetch from a close replica \
         (KIP-392).",
    ),
    consumer("max.poll.records", int(1, i32::MAX, 500))
        .doc("How many records a share consumer gets from one poll."),
    consumer("share.acknowledgement.mode", text(Some("implicit"))).medium().doc(
        "Whether a share consumer acknowledges by polling again (`implicit`) or record by record \
         (`explicit`).",
    ),
    producer("transactional.id", text(None)).high().doc(
        "Name that a transactional producer keeps over restarts; setting it makes the producer \
         transactional and fences older ones of the same name (KIP-98).",
    ),
    producer("transaction.timeout.ms", int(1000, i32::MAX, 60_000)).medium().doc(
        "How long a transaction may stay open before the coordinator aborts it. Also bounds \
         `message.timeout.ms` and `socket.timeout.ms`.",
    ),
    producer("enable.idempotence", boolean(false)).high().doc(
        "Write each message exactly once and in order, whatever is retried. Requires `acks=all`, \
         at most 5 requests in flight and retries.",
    ),
    producer("enable.gapless.guarantee", boolean(false)).experimental().doc(
        "With `enable.idempotence`, stop with a fatal error when a failed message would leave a \
         gap in the series; messages that expire are not covered.",
    ),
    producer("queue.buffering.max.messages", int(0, i32::MAX, 100_000)).high().doc(
        "How many messages may be waiting for delivery, or for their report to be served; 0 for \
         any number. Producing more fails with queue full.",
    ),
    producer("queue.buffering.max.kbytes", int(1, i32::MAX, 1_048_576)).high().doc(
        "How many kilobytes of messages may be waiting for delivery, or for their report to be \
         served.",
    ),
    producer("queue.buffering.max.ms", float(0.0, 900_000.0, 5.0)).high().doc(
        "How long in milliseconds a message may wait for others to share its batch; fractions are \
         taken. Longer gives fuller batches and better compression, shorter a lower latency.",
    ),
    producer("linger.ms", Kind::Alias("queue.buffering.max.ms")).high(),
    producer("message.send.max.retries", int(0, i32::MAX, i32::MAX))
        .high()
        .doc("How often a failed message is sent again, within its `message.timeout.ms`."),
    producer("retries", Kind::Alias("message.send.max.retries")),
    global("retry.backoff.ms", int(1, 300_000, 100)).medium().doc(
        "Delay before a failed request is sent again; it doubles with each failure up to \
         `retry.backoff.max.ms`.",
    ),
    global("retry.backoff.max.ms", int(1, 300_000, 1000))
        .medium()
        .doc("Longest delay before a failed request is sent again."),
    producer("queue.buffering.backpressure.threshold", int(1, 1_000_000, 1)).doc(
        "How many produce requests may wait behind the one that is being written to a connection \
         before no more are made, so that batches fill up instead.",
    ),
    producer("compression.codec", one_of(0, COMPRESSION_CODEC))
        .medium()
        .doc("How batches are compressed, for topics that say nothing else."),
    producer("compression.type", Kind::Alias("compression.codec")).medium(),
    producer("batch.num.messages", int(1, 1_000_000, 10_000))
        .medium()
        .doc("How many messages a batch may hold."),
    producer("batch.size", int(1, i32::MAX, 1_000_000)).medium().doc(
        "How many bytes a batch may hold, with its framing. A message that is larger travels \
         alone.",
    ),
    producer("delivery.report.only.error", boolean(false)).doc("Report failed messages only."),
    producer("dr_cb", Kind::Pointer).doc(
        "Called with the outcome of each message (`rd_kafka_conf_set_dr_cb()`); `dr_msg_cb` tells \
         more.",
    ),
    producer("dr_msg_cb", Kind::Pointer)
        .doc("Called with the outcome of each message (`rd_kafka_conf_set_dr_msg_cb()`)."),
    producer("sticky.partitioning.linger.ms", int(0, 900_000, 10)).doc(
        "How long keyless messages stay with one partition before another is drawn, so that they \
         share batches (KIP-480). Twice `linger.ms` unless set; 0 draws for each message.",
    ),
    global("client.dns.lookup", one_of(0, CLIENT_DNS_LOOKUP)).doc(
        "`use_all_dns_ips` tries every address of a name; \
         `resolve_canonical_bootstrap_servers_only` replaces each bootstrap server by the \
         canonical names of its addresses, which Kerberos may need.",
    ),
    global("enable.metrics.push", boolean(true))
        .doc("Send client metrics to brokers that subscribe to them (KIP-714)."),
];
