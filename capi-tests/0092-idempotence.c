/* enable.idempotence: what it adjusts, order and offsets with several batches in flight, messages that expire or are purged on
 * the way, fatal errors. */
#include "test.h"

#define PARTITIONS 4

static int statuses[3];
static int64_t last_opaque[PARTITIONS];
static char fatal_text[256];

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    intptr_t index = T_INDEX(msg->_private);
    rd_kafka_msg_status_t status = rd_kafka_message_status(msg);
    (void)rk;
    (void)opaque;
    CHECK_RANGE(status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, RD_KAFKA_MSG_STATUS_PERSISTED);
    statuses[status]++;
    if (!msg->err) {
        CHECK_RANGE(msg->partition, 0, PARTITIONS - 1);
        CHECK_RANGE(index, last_opaque[msg->partition], INT32_MAX);
        last_opaque[msg->partition] = index;
    }
    t_enter(msg);
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
    (void)rk;
    (void)opaque;
    if (err == RD_KAFKA_RESP_ERR__FATAL)
        snprintf(fatal_text, sizeof(fatal_text), "%s", reason);
}

static rd_kafka_t *start(rd_kafka_conf_t *conf) {
    memset(statuses, 0, sizeof(statuses));
    memset(last_opaque, 0, sizeof(last_opaque));
    *fatal_text = '\0';
    t_set(conf, "enable.idempotence", "true");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_error_cb(conf, on_error);
    return t_producer(conf);
}

static void produce(rd_kafka_t *rk, int from, int cnt) {
    int i;
    for (i = from; i < from + cnt; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("idempotence"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_PARTITION(i % PARTITIONS),
                                    RD_KAFKA_V_OPAQUE(T_OPAQUE(i)), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void drain(rd_kafka_t *rk) {
    while (t_reported < t_report_cnt)
        rd_kafka_poll(rk, 100);
}

static void holds(rd_kafka_t *rk, const char *name, const char *want) {
    char value[64];
    size_t size = sizeof(value);
    CHECK_INT(rd_kafka_conf_get(rd_kafka_conf(rk), name, value, &size), RD_KAFKA_CONF_OK);
    CHECK_STR(value, want);
}

/* What the application left alone follows from idempotence; what it set stays. */
static void adjusted(void) {
    rd_kafka_t *rk = start(t_mock_conf("1"));
    rd_kafka_conf_t *conf = t_mock_conf("1");
    holds(rk, "max.in.flight", "5");
    holds(rk, "retries", "2147483647");
    rd_kafka_destroy(rk);
    t_set(conf, "max.in.flight", "3");
    t_set(conf, "retries", "7");
    t_set(conf, "acks", "-1");
    rk = start(conf);
    holds(rk, "max.in.flight", "3");
    holds(rk, "retries", "7");
    rd_kafka_destroy(rk);
}

static void gapless_alone(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    char errstr[256] = "";
    t_set(conf, "enable.gapless.guarantee", "true");
    CHECK(!rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr)));
    CHECK_STR(errstr, "`enable.gapless.guarantee` requires `enable.idempotence` to be enabled");
    rd_kafka_conf_destroy(conf);
}

/* A topic that does not take other acks, though the handle's default does. */
static void acks_of_a_topic(void) {
    rd_kafka_t *rk = start(t_mock_conf("1"));
    rd_kafka_topic_conf_t *conf = rd_kafka_topic_conf_new();
    char errstr[256];
    CHECK_INT(rd_kafka_topic_conf_set(conf, "acks", "1", errstr, sizeof(errstr)), RD_KAFKA_CONF_OK);
    CHECK(!rd_kafka_topic_new(rk, "idempotence", conf));
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_destroy(rk);
}

static void delivered(const char *brokers, const char *rtt) {
    const int count = t_count(8000);
    rd_kafka_conf_t *conf = t_mock_conf(brokers);
    rd_kafka_t *rk;
    t_set(conf, "test.mock.broker.rtt", rtt);
    t_set(conf, "batch.num.messages", "50");
    t_set(conf, "linger.ms", "1");
    rk = start(conf);
    t_book(count);
    produce(rk, 0, count);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(PARTITIONS);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_PERSISTED], count);
    rd_kafka_destroy(rk);
}

/* Without a producer id nothing is sent, and what expires was not persisted. */
static void no_producer_id(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_t *rk;
    t_set(conf, "message.timeout.ms", "500");
    rk = start(conf);
    t_book(20);
    produce(rk, 0, 20);
    drain(rk);
    t_check_reports(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_NOT_PERSISTED], 20);
    CHECK_ERR(rd_kafka_fatal_error(rk, NULL, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

/* Messages that expire on their way may have been persisted: that is no fatal error, and the producer goes on. */
static void expired_in_flight(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_topic_conf_t *topic_conf = rd_kafka_topic_conf_new();
    rd_kafka_topic_t *topic;
    rd_kafka_t *rk;
    char errstr[256];
    t_set(conf, "test.mock.broker.rtt", "1600");
    rk = start(conf);
    t_book(4);
    produce(rk, 0, 4);
    t_flush(rk); /* the producer id is there */
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    /* Sent after 1.6 s, when metadata is there; answered as much later. */
    CHECK_INT(rd_kafka_topic_conf_set(topic_conf, "message.timeout.ms", "1900", errstr,
                                      sizeof(errstr)),
              RD_KAFKA_CONF_OK);
    topic = rd_kafka_topic_new(rk, "short-lived", topic_conf);
    CHECK(topic);
    t_book(1);
    CHECK_INT(rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, T_OPAQUE(0)), 0);
    drain(rk);
    t_check_reports(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED], 1);
    t_book(4);
    memset(last_opaque, 0, sizeof(last_opaque));
    produce(rk, 0, 4);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_fatal_error(rk, NULL, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_STR(fatal_text, "");
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
}

/* Purged in flight, then on with other numbers. */
static void purged(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    int i;
    t_set(conf, "test.mock.broker.rtt", "600");
    rk = start(conf);
    t_book(4);
    produce(rk, 0, 4);
    t_flush(rk);
    t_book(12);
    produce(rk, 0, 4);
    t_sleep_ms(300);
    CHECK_INT(t_reported, 0);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_INFLIGHT), RD_KAFKA_RESP_ERR_NO_ERROR);
    memset(last_opaque, 0, sizeof(last_opaque));
    produce(rk, 4, 8);
    t_flush(rk);
    drain(rk);
    for (i = 0; i < 12; i++)
        CHECK_ERR(t_reports[i].err, i < 4 ? RD_KAFKA_RESP_ERR__PURGE_INFLIGHT
                                          : RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED], 4);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_PERSISTED], 12);
    for (i = 4; i < 12; i++)
        CHECK_RANGE(t_reports[i].offset, 1, 3);
    CHECK_ERR(rd_kafka_fatal_error(rk, NULL, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

/* A fatal error: what is in flight is delivered, what waits is purged, nothing is produced any more. */
static void fatal(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_vu_t call[] = {{.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = "idempotence"}};
    rd_kafka_error_t *error;
    rd_kafka_t *rk;
    int i;
    t_set(conf, "test.mock.broker.rtt", "600");
    t_set(conf, "linger.ms", "200");
    rk = start(conf);
    t_book(4);
    produce(rk, 0, 4);
    t_flush(rk);
    t_book(8);
    memset(last_opaque, 0, sizeof(last_opaque));
    produce(rk, 0, 4);
    t_sleep_ms(400);
    CHECK_INT(t_reported, 0);
    produce(rk, 4, 4);
    CHECK_ERR(rd_kafka_test_fatal_error(rk, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "why"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    drain(rk);
    for (i = 0; i < 8; i++)
        CHECK_ERR(t_reports[i].err,
                  i < 4 ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_NOT_PERSISTED], 4);
    while (!*fatal_text)
        rd_kafka_poll(rk, 100);
    CHECK_STR(fatal_text, "Fatal error: Broker: Broker received an out of order sequence number: "
                          "test_fatal_error: why");
    errno = 0;
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("idempotence"), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__FATAL);
    error = rd_kafka_produceva(rk, call, 1);
    CHECK(error && rd_kafka_error_is_fatal(error));
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    CHECK_STR(rd_kafka_error_string(error), "Producing not allowed since a previous fatal error was "
                                            "raised: test_fatal_error: why");
    rd_kafka_error_destroy(error);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 90);
    adjusted();
    gapless_alone();
    acks_of_a_topic();
    delivered("1", "0");
    delivered("3", "5");
    no_producer_id();
    expired_in_flight();
    purged();
    fatal();
    return t_done();
}
