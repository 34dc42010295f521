/* Calls from inside callbacks, ends from other threads, many handles at once. */
#include "test.h"
#include <pthread.h>

static int cnt_total, reports, produce_more;
static rd_kafka_topic_t *shared_topic;

static void produce(rd_kafka_t *rk, int cnt) {
    int i;
    for (i = 0; i < cnt; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
    cnt_total += cnt;
}

static void yielding(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)msg;
    (void)opaque;
    reports++;
    rd_kafka_yield(rk);
}

/* yield() in a callback makes poll() return; what was not served comes with the next one. */
static void yield_from_a_callback(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, yielding);
    rk = t_producer(conf);
    reports = cnt_total = 0;
    produce(rk, 50);
    t_sleep_ms(500);
    CHECK(rd_kafka_poll(rk, 1000) > 0);
    CHECK_RANGE(reports, 1, 50);
    while (reports < 50)
        CHECK(rd_kafka_poll(rk, 1000) > 0);
    CHECK_INT(rd_kafka_poll(rk, 0), 0);
    CHECK_INT(reports, 50);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_destroy(rk);
}

static void calling_back(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    rd_kafka_topic_t *rkt;
    (void)msg;
    (void)opaque;
    reports++;
    CHECK_STR(rd_kafka_topic_name(msg->rkt), "t");
    CHECK(rd_kafka_outq_len(rk) > 0);
    rkt = t_topic(rk, "t");
    if (produce_more-- > 0)
        CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "y", 1, NULL, 0, NULL), 0);
    rd_kafka_topic_destroy(rkt);
}

/* A report that produces the next message: no lock is held while a callback runs. */
static void produce_from_a_callback(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, calling_back);
    rk = t_producer(conf);
    reports = cnt_total = 0;
    produce_more = 100;
    produce(rk, 10);
    while (reports < 110)
        rd_kafka_poll(rk, 100);
    t_flush(rk);
    CHECK_INT(reports, 110);
    rd_kafka_destroy(rk);
}

static void *destroy_it(void *rk) {
    rd_kafka_destroy(rk);
    return NULL;
}

/* destroy() by another thread than the one that made the handle; topics given back before. */
static void destroyed_by_another_thread(void) {
    rd_kafka_t *rk = t_producer(t_mock_conf("1"));
    pthread_t thread;
    shared_topic = t_topic(rk, "t");
    rd_kafka_topic_destroy(shared_topic);
    produce(rk, 10);
    CHECK_INT(pthread_create(&thread, NULL, destroy_it, rk), 0);
    pthread_join(thread, NULL);
}

/* destroy_flags(), handles in any order, and none left at the end. */
static void many_handles(void) {
    rd_kafka_t *rks[8];
    int i;
    for (i = 0; i < 8; i++) {
        rks[i] = t_producer(t_mock_conf("1"));
        produce(rks[i], 100);
    }
    for (i = 0; i < 8; i += 2)
        t_flush(rks[i]);
    for (i = 7; i >= 0; i--)
        rd_kafka_destroy_flags(rks[i], i % 3 ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    CHECK_INT(rd_kafka_wait_destroyed(t_patience(5) * 1000), 0);
}

static int64_t started_us;

static void *poll_forever(void *rk) {
    rd_kafka_poll(rk, -1);
    return NULL;
}

/* poll(-1) in one thread, woken by a report that another thread's message causes. */
static void woken_by_a_report(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    pthread_t thread;
    reports = 0;
    produce_more = 0;
    rd_kafka_conf_set_dr_msg_cb(conf, yielding);
    rk = t_producer(conf);
    CHECK_INT(pthread_create(&thread, NULL, poll_forever, rk), 0);
    t_sleep_ms(200);
    CHECK_INT(reports, 0);
    started_us = t_now_us();
    produce(rk, 1);
    pthread_join(thread, NULL);
    CHECK_INT(reports, 1);
    CHECK_RANGE(t_now_us() - started_us, 0, t_patience(5) * 1000000LL);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    yield_from_a_callback();
    produce_from_a_callback();
    destroyed_by_another_thread();
    woken_by_a_report();
    many_handles();
    return t_done();
}
