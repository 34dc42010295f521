/* MSG_F_BLOCK: produce waits for room, another thread makes it by serving reports. */
#include "test.h"
#include <pthread.h>

static int stop;

static void *serve(void *rk) {
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        rd_kafka_poll(rk, 50);
    return NULL;
}

static rd_kafka_t *small_producer(rd_kafka_conf_t *conf) {
    t_set(conf, "queue.buffering.max.messages", "100");
    t_set(conf, "linger.ms", "1");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    return t_producer(conf);
}

/* Many more messages than fit: no call fails, each message is reported. */
static void nothing_is_refused(void) {
    rd_kafka_t *rk = small_producer(t_mock_conf("1"));
    rd_kafka_topic_t *rkt = t_topic(rk, "block");
    int cnt = t_count(20000), i;
    pthread_t thread;
    t_book(cnt);
    CHECK_INT(pthread_create(&thread, NULL, serve, rk), 0);
    for (i = 0; i < cnt; i++) {
        CHECK_INT(rd_kafka_produce(rkt, i % 4, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK, "x", 1,
                                   NULL, 0, T_OPAQUE(i)), 0);
        if (i % 16 == 0)
            CHECK(rd_kafka_outq_len(rk) <= 200); /* 100 messages and at most as many events */
    }
    while (rd_kafka_outq_len(rk) > 0)
        t_sleep_ms(10);
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(4);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static int64_t purged_at_us;

static void *purge_later(void *rk) {
    t_sleep_ms(500);
    purged_at_us = t_now_us();
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), RD_KAFKA_RESP_ERR_NO_ERROR);
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        rd_kafka_poll(rk, 50);
    return NULL;
}

/* It really waits: with no broker nothing moves until the queue is purged. */
static void waits_for_room(void) {
    rd_kafka_t *rk = small_producer(t_unreachable_conf());
    rd_kafka_topic_t *rkt = t_topic(rk, "block");
    pthread_t thread;
    int i;
    stop = 0;
    t_book(101);
    for (i = 0; i < 100; i++)
        CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, T_OPAQUE(i)), 0);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, T_OPAQUE(i)), -1);
    CHECK_INT(pthread_create(&thread, NULL, purge_later, rk), 0);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK, "x", 1, NULL, 0,
                               T_OPAQUE(i)), 0);
    CHECK(t_now_us() >= purged_at_us && purged_at_us > 0);
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    CHECK_INT(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0);
    while (t_reported < 101)
        rd_kafka_poll(rk, 50);
    t_check_reports(RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 90);
    nothing_is_refused();
    waits_for_room();
    return t_done();
}
