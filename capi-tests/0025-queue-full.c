/* The budgets: max.messages and max.kbytes are exact, given back when a report is served. */
#include "test.h"

static int produce(rd_kafka_topic_t *rkt, int index, size_t size, int flags) {
    static char payload[200000];
    return rd_kafka_produce(rkt, 0, flags | RD_KAFKA_MSG_F_COPY, payload, size, NULL, 0,
                            T_OPAQUE(index));
}

static rd_kafka_conf_t *mock_conf(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    return conf;
}

static void by_messages(void) {
    rd_kafka_conf_t *conf = mock_conf();
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int i;
    t_set(conf, "queue.buffering.max.messages", "100");
    t_set(conf, "linger.ms", "60000");
    rk = t_producer(conf);
    rkt = t_topic(rk, "full");
    t_book(200);
    for (i = 0; i < 100; i++) {
        CHECK_INT(produce(rkt, i, 10, 0), 0);
        CHECK_INT(rd_kafka_outq_len(rk), i + 1);
    }
    errno = 0;
    CHECK_INT(produce(rkt, 100, 10, 0), -1);
    CHECK_INT(errno, ENOBUFS);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__QUEUE_FULL);
    CHECK_INT(rd_kafka_outq_len(rk), 100);
    t_flush(rk);
    CHECK_INT(t_reported, 100);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    for (i = 100; i < 200; i++)
        CHECK_INT(produce(rkt, i, 10, 0), 0);
    CHECK_INT(produce(rkt, 0, 10, 0), -1);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(1);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

/* The broker's answer alone makes no room: the report has to be taken. */
static void room_comes_with_the_report(void) {
    rd_kafka_conf_t *conf = mock_conf();
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int i;
    t_set(conf, "queue.buffering.max.messages", "10");
    t_set(conf, "linger.ms", "0");
    rk = t_producer(conf);
    rkt = t_topic(rk, "full");
    t_book(11);
    for (i = 0; i < 10; i++)
        CHECK_INT(produce(rkt, i, 10, 0), 0);
    t_sleep_ms(500);
    CHECK_INT(produce(rkt, 10, 10, 0), -1);
    CHECK_INT(t_reported, 0);
    while (t_reported < 10)
        rd_kafka_poll(rk, 100);
    CHECK_INT(produce(rkt, 10, 10, 0), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

/* 100 KiB take two messages of 50,000 bytes, not three; keys do not count. */
static void by_kbytes(void) {
    rd_kafka_conf_t *conf = mock_conf();
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    t_set(conf, "queue.buffering.max.kbytes", "100");
    t_set(conf, "linger.ms", "60000");
    rk = t_producer(conf);
    rkt = t_topic(rk, "full");
    t_book(5);
    CHECK_INT(produce(rkt, 0, 50000, 0), 0);
    CHECK_INT(produce(rkt, 1, 50000, 0), 0);
    CHECK_INT(produce(rkt, 2, 50000, 0), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
    CHECK_INT(produce(rkt, 2, 2401, 0), -1);
    CHECK_INT(produce(rkt, 2, 2400, 0), 0); /* 102400 exactly */
    CHECK_INT(produce(rkt, 3, 1, 0), -1);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "", 0, "key", 3, T_OPAQUE(3)), 0);
    t_flush(rk);
    CHECK_INT(produce(rkt, 4, 102400, 0), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

/* Two limits, one budget: messages of all topics count together. */
static void shared_by_topics(void) {
    rd_kafka_conf_t *conf = mock_conf();
    rd_kafka_topic_t *a, *b;
    rd_kafka_t *rk;
    int i;
    t_set(conf, "queue.buffering.max.messages", "10");
    t_set(conf, "linger.ms", "60000");
    rk = t_producer(conf);
    a = t_topic(rk, "a");
    b = t_topic(rk, "b");
    t_book(10);
    for (i = 0; i < 10; i++)
        CHECK_INT(produce(i % 2 ? a : b, i, 10, 0), 0);
    CHECK_INT(produce(a, 0, 10, 0), -1);
    CHECK_INT(produce(b, 0, 10, 0), -1);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_destroy(a);
    rd_kafka_topic_destroy(b);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    by_messages();
    room_comes_with_the_report();
    by_kbytes();
    shared_by_topics();
    return t_done();
}
