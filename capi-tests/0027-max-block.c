/*
 * MSG_F_BLOCK with an end (max.block.ms), and without another thread that polls (block.serve.reports.ms).
 * librdkafka has neither property.
 */
#include "test.h"
#include <pthread.h>

#define BLOCK (RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK)

static int produce(rd_kafka_topic_t *rkt, int index) {
    return rd_kafka_produce(rkt, 0, BLOCK, "x", 1, NULL, 0, T_OPAQUE(index));
}

static void shown_only_when_set(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char value[32];
    size_t size = sizeof(value), cnt, cnt_set;
    const char **dump;
    CHECK_INT(rd_kafka_conf_get(conf, "max.block.ms", value, &size), RD_KAFKA_CONF_OK);
    CHECK_STR(value, "-1");
    dump = rd_kafka_conf_dump(conf, &cnt);
    rd_kafka_conf_dump_free(dump, cnt);
    t_set(conf, "max.block.ms", "7");
    dump = rd_kafka_conf_dump(conf, &cnt_set);
    rd_kafka_conf_dump_free(dump, cnt_set);
    CHECK_INT(cnt_set, cnt + 2);
    rd_kafka_conf_destroy(conf);
}

static void fails_after(const char *max_block_ms, int at_least_ms) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int64_t started_us;
    t_set(conf, "queue.buffering.max.messages", "1");
    t_set(conf, "max.block.ms", max_block_ms);
    rk = t_producer(conf);
    rkt = t_topic(rk, "block");
    CHECK_INT(produce(rkt, 0), 0);
    started_us = t_now_us();
    errno = 0;
    CHECK_INT(produce(rkt, 1), -1);
    CHECK_INT(errno, ENOBUFS);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
    CHECK(t_now_us() - started_us >= at_least_ms * 1000);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_VALUE("x", 1),
                                RD_KAFKA_V_MSGFLAGS(BLOCK), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__QUEUE_FULL);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static pthread_t producing;
static int reports_elsewhere;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    t_on_report(rk, msg, opaque);
    reports_elsewhere += !pthread_equal(pthread_self(), producing);
}

static rd_kafka_t *serving_producer(const char *queue, const char *after_ms,
                                    void (*callback)(rd_kafka_t *, const rd_kafka_message_t *,
                                                     void *)) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    t_set(conf, "queue.buffering.max.messages", queue);
    t_set(conf, "linger.ms", "1");
    t_set(conf, "block.serve.reports.ms", after_ms);
    rd_kafka_conf_set_dr_msg_cb(conf, callback);
    producing = pthread_self();
    reports_elsewhere = 0;
    return t_producer(conf);
}

/* Nobody polls but produce() itself. */
static void serves_itself(const char *after_ms) {
    rd_kafka_t *rk = serving_producer("50", after_ms, on_report);
    rd_kafka_topic_t *rkt = t_topic(rk, "block");
    int cnt = t_count(5000), i;
    t_book(cnt);
    for (i = 0; i < cnt; i++)
        CHECK_INT(produce(rkt, i), 0);
    CHECK(t_reported >= cnt - 50);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(1);
    CHECK_INT(reports_elsewhere, 0);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static int stop;

static void *poll_often(void *rk) {
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        rd_kafka_poll(rk, 50);
    return NULL;
}

/* While another thread polls, the callbacks are its own. */
static void leaves_it_to_others(void) {
    rd_kafka_t *rk = serving_producer("50", "60000", on_report);
    rd_kafka_topic_t *rkt = t_topic(rk, "block");
    int cnt = t_count(5000), i;
    pthread_t thread;
    t_book(cnt);
    stop = 0;
    CHECK_INT(pthread_create(&thread, NULL, poll_often, rk), 0);
    for (i = 0; i < cnt; i++)
        CHECK_INT(produce(rkt, i), 0);
    while (rd_kafka_outq_len(rk) > 0)
        t_sleep_ms(10);
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(reports_elsewhere, cnt);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static int ignore_stats(rd_kafka_t *rk, char *json, size_t json_len, void *opaque) {
    (void)rk;
    (void)json;
    (void)json_len;
    (void)opaque;
    return 0;
}

static void *poll_seldom(void *rk) {
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        rd_kafka_poll(rk, 0);
        t_sleep_ms(50);
    }
    return NULL;
}

/* What lingers is sent when room is waited for, though there are always statistics to be served. */
static void sends_at_once(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    int cnt = t_count(300), i;
    rd_kafka_topic_t *rkt;
    pthread_t thread;
    rd_kafka_t *rk;
    t_set(conf, "queue.buffering.max.messages", "10");
    t_set(conf, "linger.ms", "200000");
    t_set(conf, "max.block.ms", "20000");
    t_set(conf, "statistics.interval.ms", "30");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rd_kafka_conf_set_stats_cb(conf, ignore_stats);
    rk = t_producer(conf);
    rkt = t_topic(rk, "block");
    t_book(cnt);
    stop = 0;
    CHECK_INT(pthread_create(&thread, NULL, poll_seldom, rk), 0);
    for (i = 0; i < cnt; i++)
        CHECK_INT(produce(rkt, i), 0);
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static rd_kafka_topic_t *again_rkt;
static int next_index, last_index, refused;

/* Each report produces another message: while a waiting produce() serves there may be no room, and no waiting. */
static void on_report_again(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    t_on_report(rk, msg, opaque);
    if (next_index == last_index)
        return;
    if (produce(again_rkt, next_index) == 0) {
        next_index++;
    } else {
        CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
        refused++;
    }
}

static void callbacks_may_produce(void) {
    rd_kafka_t *rk = serving_producer("8", "0", on_report_again);
    int cnt = t_count(2000);
    again_rkt = t_topic(rk, "block");
    t_book(cnt);
    next_index = 0;
    last_index = cnt;
    while (next_index < last_index) {
        int index = next_index++;
        CHECK_INT(produce(again_rkt, index), 0);
    }
    t_flush(rk);
    CHECK(refused > 0);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_destroy(again_rkt);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 90);
    t_ours_only();
    shown_only_when_set();
    fails_after("200", 200);
    fails_after("0", 0);
    serves_itself("0");
    serves_itself("3");
    leaves_it_to_others();
    sends_at_once();
    callbacks_may_produce();
    return t_done();
}
