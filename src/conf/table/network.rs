//! Sockets, name resolution, connection set-up and reconnecting.

use crate::conf::property::{Property, Word, boolean, global, int, one_of, word};

const BROKER_ADDRESS_FAMILY: &[Word] = &[word(0, "any"), word(2, "v4"), word(10, "v6")];

pub(super) const ROWS: &[Property] = &[
    global("socket.timeout.ms", int(10, 300_000, 60_000)).doc(
        "How long a request may take before it fails. A produce request is given less when its \
         oldest message has less time left.",
    ),
    global("socket.blocking.max.ms", int(1, 60_000, 1000)).deprecated().doc("Not used."),
    global("socket.send.buffer.bytes", int(0, 100_000_000, 0))
        .doc("Size of the kernel's send buffer (SO_SNDBUF); 0 leaves the system's default."),
    global("socket.receive.buffer.bytes", int(0, 100_000_000, 0))
        .doc("Size of the kernel's receive buffer (SO_RCVBUF); 0 leaves the system's default."),
    global("socket.keepalive.enable", boolean(false))
        .doc("Let the kernel probe idle connections (SO_KEEPALIVE)."),
    global("socket.nagle.disable", boolean(true)).doc("Send small requests at once (TCP_NODELAY)."),
    global("socket.max.fails", int(0, 1_000_000, 1)).doc(
        "How many requests may time out on a connection before it is closed and made anew; 0 for \
         any number. A response that comes after its request was given up can only confuse, so 1 \
         is best.",
    ),
    global("broker.address.ttl", int(0, 86_400_000, 1000)).doc(
        "How long, in milliseconds, a resolved broker address is reused before the name is looked \
         up again.",
    ),
    global("broker.address.family", one_of(0, BROKER_ADDRESS_FAMILY))
        .doc("Which addresses of a broker to use: IPv4, IPv6 or both."),
    global("socket.connection.setup.timeout.ms", int(1000, i32::MAX, 30_000))
        .medium()
        .doc("How long connecting may take, with TLS, SASL and version negotiation."),
    global("connections.max.idle.ms", int(0, i32::MAX, 0)).medium().doc(
        "Close a connection that has carried nothing for so long; 0 for never. Just under four \
         minutes when the brokers' names contain `azure` and it is not set.",
    ),
    global("enable.sparse.connections", boolean(true))
        .medium()
        .hidden()
        .doc("Connect only to the brokers that are needed rather than to all."),
    global("reconnect.backoff.jitter.ms", int(0, 3_600_000, 0))
        .deprecated()
        .doc("Not used; see `reconnect.backoff.ms` and `reconnect.backoff.max.ms`."),
    global("reconnect.backoff.ms", int(0, 3_600_000, 100)).medium().doc(
        "Delay before the first attempt to reconnect; it doubles with each failure up to \
         `reconnect.backoff.max.ms`, and is varied at random by -25 % to +50 %. 0 reconnects at \
         once.",
    ),
    global("reconnect.backoff.max.ms", int(0, 3_600_000, 10_000))
        .medium()
        .doc("Longest delay between attempts to reconnect."),
];
