//! Properties that librdkafka does not have. At their defaults they change nothing, and no dump shows them.

use crate::conf::property::{Property, int, producer};

pub(super) const ROWS: &[Property] = &[
    producer("max.block.ms", int(-1, i32::MAX, -1)).ours().doc(
        "How long a produce call with `RD_KAFKA_MSG_F_BLOCK` waits for room in the queue before it fails with queue \
         full; -1 for ever, as in librdkafka. As in Java, but it does not bound the wait for metadata, because produce \
         calls never wait for that.",
    ),
    producer("block.serve.reports.ms", int(-1, i32::MAX, -1)).ours().doc(
        "When a produce call with `RD_KAFKA_MSG_F_BLOCK` has waited this long and no other thread has served the main \
         queue meanwhile, the call serves it itself, as `rd_kafka_poll()` does: callbacks then run inside the \
         produce call. -1 for never, as in librdkafka, where a program that only polls on the thread that is blocked \
         waits for ever. A call from inside such a callback fails at once with queue full instead of waiting. Of no \
         effect where reports are taken as events.",
    ),
];
