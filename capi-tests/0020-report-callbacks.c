/* Reports through dr_cb and dr_msg_cb: what they carry, on which thread, and the opaques. */
#include "test.h"
#include <pthread.h>

static int simple_reports, full_reports;
static pthread_t poller;
static int handle_opaque, message_opaque, topic_opaque;

static void on_simple(rd_kafka_t *rk, void *payload, size_t len, rd_kafka_resp_err_t err,
                      void *opaque, void *msg_opaque) {
    CHECK(rk != NULL);
    CHECK_ERR(err, RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(len, 5);
    CHECK(!memcmp(payload, "hello", 5));
    CHECK(opaque == &handle_opaque);
    CHECK(msg_opaque == &message_opaque);
    CHECK(pthread_equal(pthread_self(), poller));
    simple_reports++;
}

static void on_full(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    CHECK(rk != NULL);
    CHECK_ERR(msg->err, RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(msg->len, 5);
    CHECK(!memcmp(msg->payload, "hello", 5));
    CHECK_INT(msg->key_len, 3);
    CHECK(!memcmp(msg->key, "key", 3));
    CHECK_STR(rd_kafka_topic_name(msg->rkt), "reports");
    CHECK(rd_kafka_topic_opaque(msg->rkt) == &topic_opaque);
    CHECK_INT(msg->partition, 1);
    CHECK_INT(msg->offset, full_reports);
    CHECK(opaque == &handle_opaque);
    CHECK(msg->_private == &message_opaque);
    CHECK(pthread_equal(pthread_self(), poller));
    full_reports++;
}

static void run(int full) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new();
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int i, served = 0;
    if (full)
        rd_kafka_conf_set_dr_msg_cb(conf, on_full);
    else
        rd_kafka_conf_set_dr_cb(conf, on_simple);
    rd_kafka_conf_set_opaque(conf, &handle_opaque);
    rk = t_producer(conf);
    rd_kafka_topic_conf_set_opaque(tconf, &topic_opaque);
    rkt = rd_kafka_topic_new(rk, "reports", tconf);
    for (i = 0; i < 20; i++)
        CHECK_INT(rd_kafka_produce(rkt, 1, RD_KAFKA_MSG_F_COPY, "hello", 5, "key", 3,
                                   &message_opaque), 0);
    /* Nothing is called outside of poll(). */
    t_sleep_ms(300);
    CHECK_INT(simple_reports * !full + full_reports * full, 0);
    while ((full ? full_reports : simple_reports) < 20)
        served += rd_kafka_poll(rk, 100);
    CHECK(served > 0);
    CHECK_INT(rd_kafka_poll(rk, 0), 0);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

/* delivery.report.only.error: successes are not reported, failures are. */
static void only_errors(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    t_set(conf, "delivery.report.only.error", "true");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    t_book(2);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("e"), RD_KAFKA_V_VALUE("x", 1),
                                RD_KAFKA_V_OPAQUE(T_OPAQUE(0)), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    t_flush(rk);
    CHECK_INT(t_reported, 0);
    rd_kafka_destroy(rk);
}

/* Without any report callback the queue empties by itself. */
static void no_callback(void) {
    rd_kafka_t *rk = t_producer(t_mock_conf("1"));
    int i;
    for (i = 0; i < 100; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("n"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_END), RD_KAFKA_RESP_ERR_NO_ERROR);
    for (i = 0; i < 200 && rd_kafka_outq_len(rk) > 0; i++)
        t_sleep_ms(50);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    poller = pthread_self();
    run(0);
    run(1);
    CHECK_INT(simple_reports, 20);
    CHECK_INT(full_reports, 20);
    only_errors();
    no_callback();
    return t_done();
}
