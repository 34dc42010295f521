//! Sockets, name resolution, connection set-up and reconnecting.

use crate::conf::property::{Property, Word, boolean, global, int, one_of, word};

const BROKER_ADDRESS_FAMILY: &[Word] = &[word(0, "any"), word(2, "v4"), word(10, "v6")];

pub(super) const ROWS: &[Property] = &[
    global("socket.timeout.ms", int(10, 300_000, 60_000)).doc(""),
    global("socket.blocking.max.ms", int(1, 60_000, 1000)).deprecated().doc(""),
    global("socket.send.buffer.bytes", int(0, 100_000_000, 0)).doc(""),
    global("socket.receive.buffer.bytes", int(0, 100_000_000, 0)).doc(""),
    global("socket.keepalive.enable", boolean(false)).doc(""),
    global("socket.nagle.disable", boolean(true)).doc(""),
    global("socket.max.fails", int(0, 1_000_000, 1)).doc(""),
    global("broker.address.ttl", int(0, 86_400_000, 1000)).doc(""),
    global("broker.address.family", one_of(0, BROKER_ADDRESS_FAMILY)).doc(""),
    global("socket.connection.setup.timeout.ms", int(1000, i32::MAX, 30_000)).medium().doc(""),
    global("connections.max.idle.ms", int(0, i32::MAX, 0)).medium().doc(""),
    global("enable.sparse.connections", boolean(true)).medium().hidden().doc(""),
    global("reconnect.backoff.jitter.ms", int(0, 3_600_000, 0)).deprecated().doc(""),
    global("reconnect.backoff.ms", int(0, 3_600_000, 100)).medium().doc(""),
    global("reconnect.backoff.max.ms", int(0, 3_600_000, 10_000)).medium().doc(""),
];
