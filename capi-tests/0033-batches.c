/* Batches close by count, by size and by time; messages larger than batch.size travel alone. */
#include "test.h"

static rd_kafka_t *producer(const char *name, const char *value, const char *linger_ms) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    t_set(conf, name, value);
    t_set(conf, "linger.ms", linger_ms);
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    t_book(1);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("batches"), RD_KAFKA_V_PARTITION(3),
                                RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_OPAQUE(T_OPAQUE(0)),
                                RD_KAFKA_V_END), RD_KAFKA_RESP_ERR_NO_ERROR);
    t_flush(rk); /* connected, metadata known */
    return rk;
}

static void produce(rd_kafka_t *rk, int cnt, size_t size) {
    static char payload[100000];
    int i;
    t_book(cnt);
    for (i = 0; i < cnt; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("batches"), RD_KAFKA_V_PARTITION(0),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                    RD_KAFKA_V_VALUE(payload, size),
                                    RD_KAFKA_V_OPAQUE(T_OPAQUE(i)), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
}

static int64_t wait_for(rd_kafka_t *rk, long reports) {
    int64_t start_us = t_now_us();
    while (t_reported < reports)
        rd_kafka_poll(rk, 100);
    return t_now_us() - start_us;
}

/* With a linger of a minute only full batches leave; the last, partial one stays. */
static void full_by_count(void) {
    rd_kafka_t *rk = producer("batch.num.messages", "10", "60000");
    produce(rk, 35, 10);
    wait_for(rk, 30);
    rd_kafka_poll(rk, 300);
    CHECK_INT(t_reported, 30);
    CHECK_INT(rd_kafka_outq_len(rk), 5);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(1);
    rd_kafka_destroy(rk);
}

static void full_by_size(void) {
    rd_kafka_t *rk = producer("batch.size", "10000", "60000");
    produce(rk, 200, 100);
    wait_for(rk, 50);
    rd_kafka_poll(rk, 300);
    CHECK_RANGE(t_reported, 50, 199);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(1);
    rd_kafka_destroy(rk);
}

/* A message larger than batch.size is no error. */
static void larger_than_a_batch(void) {
    rd_kafka_t *rk = producer("batch.size", "1000", "5");
    produce(rk, 20, 50000);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(1);
    rd_kafka_destroy(rk);
}

static void by_time(void) {
    rd_kafka_t *rk = producer("batch.num.messages", "10000", "300");
    int64_t took_us;
    produce(rk, 10, 10);
    took_us = wait_for(rk, 10);
    CHECK_RANGE(took_us, 250000, t_patience(3) * 1000000LL);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

/* linger 0 sends at once. */
static void at_once(void) {
    rd_kafka_t *rk = producer("batch.num.messages", "10000", "0");
    int i;
    for (i = 0; i < 20; i++) {
        produce(rk, 1, 10);
        CHECK_RANGE(wait_for(rk, 1), 0, t_patience(2) * 1000000LL);
    }
    rd_kafka_destroy(rk);
}

/* Slow answers: with one request in flight as with many, order holds. */
static void in_flight(const char *max) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    int i;
    t_set(conf, "test.mock.broker.rtt", "50");
    t_set(conf, "max.in.flight", max);
    t_set(conf, "batch.num.messages", "5");
    t_set(conf, "linger.ms", "0");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    produce(rk, 60, 10);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    for (i = 0; i < 60; i++)
        CHECK_INT(t_reports[i].offset, i);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    full_by_count();
    full_by_size();
    larger_than_a_batch();
    by_time();
    at_once();
    in_flight("1");
    in_flight("5");
    return t_done();
}
