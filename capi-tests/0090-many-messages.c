/*
 * Very many messages of 100 bytes: each reported exactly once, offsets contiguous in each
 * partition and in the order of the calls, the queue full met and handled on the way, nothing left,
 * memory within the queue's limit plus a constant.
 *
 * CAPI_MESSAGES sets the count; 10000000 is the full run (`make check-many`).
 */
#include "test.h"

#define PARTITIONS 4
#define SIZE 100
/* The queue's 10 MB, their bookkeeping, and the embedded cluster with its log; README.md says so. */
#define ALLOWED_KIB (96 * 1024)

static int64_t *offsets;          /* of message i */
static int64_t next[PARTITIONS];  /* expected from the next report of a partition */
static long reports, total;
static long last_index[PARTITIONS];

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    long index = (long)T_INDEX(msg->_private), sent;
    (void)rk;
    (void)opaque;
    CHECK_ERR(msg->err, RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(index >= 0 && index < total);
    if (offsets[index] != -1)
        FAIL("message %ld was reported twice", index);
    offsets[index] = msg->offset;
    CHECK_INT(msg->len, SIZE);
    memcpy(&sent, msg->payload, sizeof(sent));
    CHECK_INT(sent, index);
    CHECK_INT(msg->partition, index % PARTITIONS);
    CHECK_INT(msg->offset, next[msg->partition]);
    next[msg->partition]++;
    if (index <= last_index[msg->partition])
        FAIL("message %ld of partition %d after message %ld", index, (int)msg->partition,
             last_index[msg->partition]);
    last_index[msg->partition] = index;
    reports++;
}

static long produce_all(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    char payload[SIZE];
    long i, full = 0;
    memset(payload, '.', sizeof(payload));
    for (i = 0; i < total; i++) {
        memcpy(payload, &i, sizeof(i));
        while (rd_kafka_produce(rkt, (int32_t)(i % PARTITIONS), RD_KAFKA_MSG_F_COPY, payload, SIZE,
                                NULL, 0, T_OPAQUE(i))) {
            CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
            full++;
            rd_kafka_poll(rk, 100);
        }
    }
    return full;
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int64_t start_us, took_us;
    long full, i, before_kib, grown_kib;
    t_start(__FILE__, 600);
    total = t_env("CAPI_MESSAGES", 500000);
    offsets = malloc(sizeof(*offsets) * (size_t)total);
    for (i = 0; i < total; i++)
        offsets[i] = -1; /* also takes the memory before it is measured */
    for (i = 0; i < PARTITIONS; i++)
        last_index[i] = -1;
    conf = t_mock_conf("3");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    t_set(conf, "queue.buffering.max.messages", total > 200000 ? "100000" : "1000");
    rk = t_producer(conf);
    rkt = t_topic(rk, "many");
    before_kib = t_proc_status("VmRSS:");
    start_us = t_now_us();
    full = produce_all(rk, rkt);
    while (rd_kafka_outq_len(rk) > 0)
        rd_kafka_poll(rk, 100);
    took_us = t_now_us() - start_us;
    grown_kib = t_proc_status("VmHWM:") - before_kib;
    printf("%ld messages, %ld reports, queue full %ld times, %.0f messages/s, RSS grew %ld KiB\n",
           total, reports, full, (double)total * 1e6 / (double)took_us, grown_kib);
    CHECK_INT(reports, total);
    CHECK(full > 0);
    for (i = 0; i < PARTITIONS; i++)
        CHECK_INT(next[i], total / PARTITIONS + (i < total % PARTITIONS));
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    CHECK_INT(rd_kafka_poll(rk, 0), 0);
    if (t_is_oxide() && t_env("CAPI_PATIENCE", 1) == 1)
        CHECK_RANGE(grown_kib, 0, ALLOWED_KIB);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    free(offsets);
    return t_done();
}
