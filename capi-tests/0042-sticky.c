/* Keyless messages stick to one partition for sticky.partitioning.linger.ms, then move on. */
#include "test.h"

static int used(int from, int to) {
    int seen[4] = {0, 0, 0, 0}, i;
    for (i = from; i < to; i++)
        seen[t_reports[i].partition]++;
    return !!seen[0] + !!seen[1] + !!seen[2] + !!seen[3];
}

static void produce(rd_kafka_topic_t *rkt, int index, const char *key) {
    CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "v", 1, key,
                               key ? strlen(key) : 0, T_OPAQUE(index)), 0);
}

static rd_kafka_t *producer(const char *linger_ms, rd_kafka_topic_t **rktp) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    t_set(conf, "sticky.partitioning.linger.ms", linger_ms);
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    *rktp = t_topic(rk, "sticky");
    t_book(1);
    produce(*rktp, 0, NULL);
    t_flush(rk); /* the metadata is known from here on */
    return rk;
}

static void finish(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

/* All messages within the time go to one partition. */
static void together(void) {
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk = producer("60000", &rkt);
    int i;
    t_book(1000);
    for (i = 0; i < 1000; i++)
        produce(rkt, i, NULL);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(used(0, 1000), 1);
    finish(rk, rkt);
}

/* Over many such times all partitions get messages: the chance to miss one is 4 * 0.75^60. */
static void moves_on(void) {
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk = producer("5", &rkt);
    int i;
    t_book(60);
    for (i = 0; i < 60; i++) {
        produce(rkt, i, NULL);
        t_sleep_ms(12);
    }
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(used(0, 60), 4);
    finish(rk, rkt);
}

/* 0 turns it off: each message chooses for itself. */
static void off(void) {
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk = producer("0", &rkt);
    int i;
    t_book(100);
    for (i = 0; i < 100; i++)
        produce(rkt, i, NULL);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(used(0, 100), 4);
    finish(rk, rkt);
}

/* Keys do not stick. */
static void keyed(void) {
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk = producer("60000", &rkt);
    char key[16];
    int i;
    t_book(100);
    for (i = 0; i < 100; i++) {
        snprintf(key, sizeof(key), "key%d", i);
        produce(rkt, i, key);
    }
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(used(0, 100), 4);
    finish(rk, rkt);
}

int main(void) {
    t_start(__FILE__, 30);
    together();
    moves_on();
    off();
    keyed();
    return t_done();
}
