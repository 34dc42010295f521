/* log_cb, error_cb, error and log events, fatal errors. */
#include "test.h"

static int logs, errors, log_level_max;

static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    CHECK(rk != NULL);
    CHECK(fac && *fac && buf && *buf);
    if (level > log_level_max)
        log_level_max = level;
    __atomic_add_fetch(&logs, 1, __ATOMIC_SEQ_CST);
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
    CHECK(rk != NULL);
    CHECK(err != 0);
    CHECK(reason && *reason);
    CHECK(opaque == &errors);
    errors++;
}

/* The embedded cluster says at level 5 that it replaces bootstrap.servers. */
static void log_callback(const char *level, int expected) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    logs = log_level_max = 0;
    t_set(conf, "test.mock.num.brokers", "1");
    t_set(conf, "log_level", level);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_destroy(t_producer(conf));
    if (expected)
        CHECK(logs > 0);
    else
        CHECK_INT(logs, 0);
    CHECK(log_level_max <= atoi(level));
}

static void error_callback(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_t *rk;
    errors = 0;
    rd_kafka_conf_set_opaque(conf, &errors);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rk = t_producer(conf);
    while (!errors)
        rd_kafka_poll(rk, 100);
    rd_kafka_destroy(rk);
}

static void error_event(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_event_t *event;
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_ERROR);
    rk = t_producer(conf);
    queue = rd_kafka_queue_get_main(rk);
    while (!(event = rd_kafka_queue_poll(queue, 1000)))
        ;
    CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_ERROR);
    CHECK_STR(rd_kafka_event_name(event), "Error");
    CHECK(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__TRANSPORT ||
          rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
    CHECK(strlen(rd_kafka_event_error_string(event)) > 0);
    CHECK_INT(rd_kafka_event_error_is_fatal(event), 0);
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* log.queue and set_log_queue: log lines become events on the queue. */
static void log_event(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_event_t *event;
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    const char *fac = NULL, *text = NULL;
    int level = -1;
    t_set(conf, "test.mock.num.brokers", "1");
    t_set(conf, "log.queue", "true");
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_LOG);
    rk = t_producer(conf);
    CHECK_ERR(rd_kafka_set_log_queue(rk, NULL), RD_KAFKA_RESP_ERR_NO_ERROR);
    queue = rd_kafka_queue_get_main(rk);
    while (!(event = rd_kafka_queue_poll(queue, 1000)))
        ;
    CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_LOG);
    CHECK_INT(rd_kafka_event_log(event, &fac, &text, &level), 0);
    CHECK(fac && text && *text);
    CHECK_RANGE(level, 0, 6);
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* A fatal error, raised by the test call: told once, and produce() refuses from then on. */
static void fatal(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    char errstr[256] = "";
    rd_kafka_t *rk;
    errors = 0;
    /* librdkafka's produce() looks at fatal errors with idempotence only. */
    t_set(conf, "enable.idempotence", "true");
    rd_kafka_conf_set_opaque(conf, &errors);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rk = t_producer(conf);
    CHECK_ERR(rd_kafka_fatal_error(rk, errstr, sizeof(errstr)), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_test_fatal_error(rk, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "why"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_fatal_error(rk, errstr, sizeof(errstr)),
              RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    CHECK_HAS(errstr, "why");
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__FATAL);
    while (!errors)
        rd_kafka_poll(rk, 100);
    CHECK_ERR(rd_kafka_test_fatal_error(rk, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, "again"),
              RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    log_callback("5", 1);
    log_callback("4", 0);
    error_callback();
    error_event();
    log_event();
    fatal();
    return t_done();
}
