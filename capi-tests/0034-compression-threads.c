/*
 * Compression of much data in parallel: order and reports are those of any other data, purging and destroying in the midst
 * of it end at once, and no thread stays behind.
 */
#include "test.h"

#define PARTITIONS 3
#define SIZE 2000

static void produce(rd_kafka_topic_t *rkt, int count) {
    static char payload[SIZE];
    unsigned seed = 11;
    int i, at;
    t_book(count);
    for (i = 0; i < count; i++) {
        for (at = 0; at < SIZE; at++)
            payload[at] = "abcdefgh"[rand_r(&seed) % 8];
        CHECK_INT(rd_kafka_produce(rkt, i % PARTITIONS, RD_KAFKA_MSG_F_COPY, payload, SIZE, NULL, 0, T_OPAQUE(i)), 0);
    }
}

static rd_kafka_t *producer(const char *codec, const char *level, rd_kafka_topic_t **rkt) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    t_set(conf, "compression.codec", codec);
    t_set(conf, "compression.level", level);
    t_set(conf, "batch.size", "100000");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    *rkt = t_topic(rk, "t");
    return rk;
}

static void delivers_in_order(const char *codec) {
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk = producer(codec, "-1", &rkt);
    produce(rkt, 9000);
    t_flush(rk);
    /* Main, IO, the mock cluster, and some that wait for more to compress. */
    CHECK(t_proc_status("Threads:") > 3);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(PARTITIONS);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    CHECK_INT(t_proc_status("Threads:"), 1);
}

static int reports, purged;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk, (void)opaque;
    reports++;
    if (message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE) {
        purged++;
        CHECK_INT(rd_kafka_message_status(message), RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
    } else if (message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
        CHECK_ERR(message->err, RD_KAFKA_RESP_ERR_NO_ERROR);
    }
}

/* A level so slow that most of it still waits. */
static void ends_in_the_midst_of_it(int purge) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    t_set(conf, "compression.codec", "zstd");
    t_set(conf, "compression.level", "12");
    t_set(conf, "batch.size", "100000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    rkt = t_topic(rk, "t");
    reports = purged = 0;
    produce(rkt, 6000);
    if (purge) {
        CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT), RD_KAFKA_RESP_ERR_NO_ERROR);
        CHECK_ERR(rd_kafka_flush(rk, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
        CHECK_INT(reports, 6000);
        CHECK(purged > 0);
    }
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    CHECK_INT(t_proc_status("Threads:"), 1);
}

int main(void) {
    t_start(__FILE__, 120);
    t_ours_only();
    delivers_in_order("gzip");
    delivers_in_order("snappy");
    delivers_in_order("lz4");
    delivers_in_order("zstd");
    ends_in_the_midst_of_it(1);
    ends_in_the_midst_of_it(0);
    return t_done();
}
