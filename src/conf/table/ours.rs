//! Properties that librdkafka does not have. At their defaults they change nothing, and no dump shows them.

use crate::conf::property::{Property, boolean, int, producer};

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
    producer("buffer.memory", int(0, i32::MAX, 0)).ours().doc(
        "The most bytes of memory that messages may hold, all counted: keys, values, headers, unused parts of batches, \
         compressed copies, memory kept to be used again. What does not fit is refused, or waits, as with \
         `queue.buffering.max.kbytes`, which counts values only. 0 for no such limit, otherwise 1 MiB at least. A \
         partition with messages takes 3 KiB at least, and so does each message of a topic until its partition count is \
         known, since it may end up in a partition of its own: such a topic takes few small messages. A topic that \
         compresses counts twice. Not counted: what the handle has without messages (topics, partitions, connections, codecs).",
    ),
    producer("partitioner.adaptive.partitioning.enable", boolean(false)).ours().doc(
        "Let messages that stick to a partition (`sticky.partitioning.linger.ms`) prefer partitions with short queues, \
         hence fast brokers (KIP-794).",
    ),
    producer("partitioner.availability.timeout.ms", int(0, i32::MAX, 0)).ours().doc(
        "With `partitioner.adaptive.partitioning.enable`, let such messages avoid partitions whose leader has had \
         something to do but taken and answered nothing for this long; 0 for never (KIP-794).",
    ),
];
