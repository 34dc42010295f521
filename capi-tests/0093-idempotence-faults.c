/* enable.idempotence against brokers that refuse: what is retried, what fails alone, and what is fatal. */
#include "test.h"
#include <librdkafka/rdkafka_mock.h>

enum { PRODUCE = 0, INIT_PRODUCER_ID = 22, COUNT = 6 };

static int statuses[3];
static char fatal_text[512];
static rd_kafka_mock_cluster_t *cluster;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk;
    (void)opaque;
    statuses[rd_kafka_message_status(msg)]++;
    t_enter(msg);
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
    (void)rk;
    (void)opaque;
    if (err == RD_KAFKA_RESP_ERR__FATAL)
        snprintf(fatal_text, sizeof(fatal_text), "%s", reason);
}

/* Each message is a batch; some are delivered first, so that the broker knows the producer. */
static rd_kafka_t *start(const char *gapless, int warm) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    t_set(conf, "enable.idempotence", "true");
    t_set(conf, "enable.gapless.guarantee", gapless);
    t_set(conf, "batch.num.messages", "1");
    t_set(conf, "linger.ms", "0");
    t_set(conf, "test.mock.broker.rtt", warm ? "0" : "100");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_error_cb(conf, on_error);
    memset(statuses, 0, sizeof(statuses));
    *fatal_text = '\0';
    rk = t_producer(conf);
    cluster = rd_kafka_handle_mock_cluster(rk);
    CHECK(cluster);
    return rk;
}

static void produce(rd_kafka_t *rk, int cnt) {
    int i;
    t_book(cnt);
    for (i = 0; i < cnt; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("refused"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_OPAQUE(T_OPAQUE(i)),
                                    RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
}

static rd_kafka_t *warm(const char *gapless) {
    rd_kafka_t *rk = start(gapless, 1);
    produce(rk, COUNT);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    memset(statuses, 0, sizeof(statuses));
    return rk;
}

static void no_fatal_error(rd_kafka_t *rk) {
    CHECK_ERR(rd_kafka_fatal_error(rk, NULL, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_STR(fatal_text, "");
    rd_kafka_destroy(rk);
}

/* Delivered in the end, each once and in order. */
static void retried(rd_kafka_resp_err_t err, int times) {
    rd_kafka_t *rk = warm("false");
    int i;
    for (i = 0; i < times; i++)
        rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, err);
    produce(rk, COUNT);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    /* librdkafka's brokers do not look at sequences: one behind may be written before. */
    for (i = 0; i < COUNT && t_is_oxide(); i++)
        CHECK_INT(t_reports[i].offset, COUNT + i);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_PERSISTED], COUNT);
    no_fatal_error(rk);
}

/* Written by an attempt whose answer is lost: a success, wherever it is. */
static void written_before(void) {
    rd_kafka_t *rk = warm("false");
    rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
    produce(rk, 1);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_PERSISTED], 1);
    no_fatal_error(rk);
}

/* Refused for good: only that one fails, the others are numbered anew. */
static void fails_alone(void) {
    rd_kafka_t *rk = warm("false");
    int i;
    rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_RECORD);
    produce(rk, COUNT);
    t_flush(rk);
    CHECK_ERR(t_reports[0].err, RD_KAFKA_RESP_ERR_INVALID_RECORD);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_NOT_PERSISTED], 1);
    for (i = 1; i < COUNT; i++) {
        CHECK_ERR(t_reports[i].err, RD_KAFKA_RESP_ERR_NO_ERROR);
        CHECK_INT(t_reports[i].offset, COUNT + i - 1);
    }
    no_fatal_error(rk);
}

static void gapless(void) {
    rd_kafka_t *rk = warm("true");
    char errstr[512] = "";
    const char *from;
    rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_RECORD);
    produce(rk, 1);
    while (!*fatal_text || !t_reported)
        rd_kafka_poll(rk, 100);
    t_check_reports(RD_KAFKA_RESP_ERR_INVALID_RECORD);
    CHECK_ERR(rd_kafka_fatal_error(rk, errstr, sizeof(errstr)),
              RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE);
    CHECK_HAS(errstr, "ProduceRequest for refused [0] with 1 message(s) failed: Broker: Broker failed to "
                      "validate record (broker 1 PID{Id:");
    CHECK_HAS(errstr, ", base seq 6): unable to satisfy gap-less guarantee");
    from = strstr(fatal_text, "Fatal error: Local: Gap-less ordering would not be guaranteed if "
                              "proceeding: ProduceRequest for refused");
    CHECK(from == fatal_text);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("refused"), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__FATAL);
    rd_kafka_destroy(rk);
}

/* No producer id yet: asked for again. */
static void id_later(void) {
    rd_kafka_t *rk = start("false", 0);
    rd_kafka_mock_push_request_errors(cluster, INIT_PRODUCER_ID, 2,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    produce(rk, 1);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    no_fatal_error(rk);
}

/* No right to one: fatal, and what waits is purged. */
static void id_denied(void) {
    rd_kafka_t *rk = start("false", 0);
    char errstr[512] = "";
    rd_kafka_mock_push_request_errors(cluster, INIT_PRODUCER_ID, 1,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    produce(rk, 1);
    while (!*fatal_text || !t_reported)
        rd_kafka_poll(rk, 100);
    t_check_reports(RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    CHECK_INT(statuses[RD_KAFKA_MSG_STATUS_NOT_PERSISTED], 1);
    CHECK_ERR(rd_kafka_fatal_error(rk, errstr, sizeof(errstr)),
              RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    CHECK_HAS(errstr, "Failed to acquire idempotence PID from broker 127.0.0.1:");
    CHECK_HAS(errstr, ": Broker: Cluster authorization failed");
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 90);
    retried(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 3);
    retried(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 1);
    retried(RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, 1);
    written_before();
    fails_alone();
    gapless();
    id_later();
    id_denied();
    /* librdkafka gives up where the broker's sequence differs, or the epoch is refused. */
    if (t_is_oxide()) {
        retried(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 1);
        retried(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1);
        retried(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, 1);
    }
    return t_done();
}
