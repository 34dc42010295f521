/*
 * Errors that a test puts in the way of requests: used up in their order, one for each request, and what becomes of
 * the messages.
 */
#include "mock.h"

/* Each of these is final: the message that meets it fails at once. */
static const rd_kafka_resp_err_t finals[] = {
    RD_KAFKA_RESP_ERR_INVALID_RECORD,
    RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
    RD_KAFKA_RESP_ERR_NO_ERROR,
    RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
};
#define FINALS (sizeof(finals) / sizeof(*finals))

static rd_kafka_mock_cluster_t *cluster;

/* A producer of a new topic with one partition. */
static rd_kafka_t *begin(const char *topic, const char *name, const char *value) {
    rd_kafka_conf_t *conf = t_cluster_conf(cluster);
    if (name)
        t_set(conf, name, value);
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, topic, 1, 1), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, topic, 0, 2), 0);
    rd_kafka_mock_start_request_tracking(cluster);
    return t_producer(conf);
}

static void each_request_uses_one_up_in_order(void) {
    rd_kafka_t *rk = begin("order", NULL, NULL);
    size_t i;
    rd_kafka_mock_push_request_errors_array(cluster, T_PRODUCE, 2, finals);
    rd_kafka_mock_push_request_errors(cluster, T_PRODUCE, 2, finals[2], finals[3]);
    t_book(FINALS + 1);
    for (i = 0; i < FINALS; i++) {
        t_send(rk, "order", 0, (int)i);
        t_flush(rk);
        CHECK_ERR(t_reports[i].err, finals[i]);
    }
    t_send(rk, "order", 0, FINALS);
    t_flush(rk);
    CHECK_ERR(t_reports[FINALS].err, 0);
    CHECK_INT(t_reports[FINALS].offset, 1);
    CHECK_INT(t_requests(cluster, T_PRODUCE, 2), FINALS + 1);
    rd_kafka_destroy(rk);
}

static void what_is_cleared_happens_no_more(void) {
    rd_kafka_t *rk = begin("clear", NULL, NULL);
    rd_kafka_mock_push_request_errors_array(cluster, T_PRODUCE, 2, finals);
    rd_kafka_mock_clear_request_errors(cluster, T_METADATA);
    t_book(2);
    t_send(rk, "clear", 0, 0);
    t_flush(rk);
    rd_kafka_mock_clear_request_errors(cluster, T_PRODUCE);
    t_send(rk, "clear", 0, 1);
    t_flush(rk);
    CHECK_ERR(t_reports[0].err, finals[0]);
    CHECK_ERR(t_reports[1].err, 0);
    rd_kafka_destroy(rk);
}

static void passing_errors_are_tried_again(void) {
    rd_kafka_t *rk = begin("passing", NULL, NULL);
    rd_kafka_mock_push_request_errors(
        cluster, T_PRODUCE, 3, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR);
    t_book(1);
    t_send(rk, "passing", 0, 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(t_reports[0].offset, 0);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 4);
    rd_kafka_destroy(rk);
}

static void not_more_often_than_allowed(void) {
    rd_kafka_t *rk = begin("retries", "retries", "2");
    int i;
    for (i = 0; i < 4; i++)
        rd_kafka_mock_push_request_errors(cluster, T_PRODUCE, 1,
                                          RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    t_book(1);
    t_send(rk, "retries", 0, 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 3);
    rd_kafka_mock_clear_request_errors(cluster, T_PRODUCE);
    rd_kafka_destroy(rk);
}

static void a_transport_error_closes_the_connection(void) {
    rd_kafka_t *rk = begin("transport", NULL, NULL);
    rd_kafka_mock_push_request_errors(cluster, T_PRODUCE, 2, RD_KAFKA_RESP_ERR__TRANSPORT,
                                      RD_KAFKA_RESP_ERR__TRANSPORT);
    t_book(1);
    t_send(rk, "transport", 0, 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    /* It was not appended by the requests that got no answer. */
    CHECK_INT(t_reports[0].offset, 0);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 3);
    rd_kafka_destroy(rk);
}

/* librdkafka forgets about the cluster's errors once a broker was given some, even when these are used up. */
static void those_of_a_broker_come_first(void) {
    rd_kafka_t *rk = begin("broker", NULL, NULL);
    CHECK_ERR(rd_kafka_mock_broker_push_request_error_rtts(cluster, 1, T_PRODUCE, 1, finals[0], 0),
              0);
    CHECK_ERR(rd_kafka_mock_broker_push_request_error_rtts(cluster, 9, T_PRODUCE, 1, finals[0], 0),
              RD_KAFKA_RESP_ERR__UNKNOWN_BROKER);
    CHECK_ERR(rd_kafka_mock_broker_push_request_error_rtts(cluster, 2, T_PRODUCE, 1, finals[1], 0),
              0);
    rd_kafka_mock_push_request_errors(cluster, T_PRODUCE, 1, finals[3]);
    t_book(3);
    t_send(rk, "broker", 0, 0);
    t_flush(rk);
    t_send(rk, "broker", 0, 1);
    t_flush(rk);
    t_send(rk, "broker", 0, 2);
    t_flush(rk);
    CHECK_ERR(t_reports[0].err, finals[1]);
    if (t_is_oxide())
        CHECK_ERR(t_reports[1].err, finals[3]);
    CHECK_ERR(t_reports[2].err, 0);
    rd_kafka_destroy(rk);
}

/* -- Idempotent producers -- */

static void a_producer_id_is_asked_for_until_there_is_one(void) {
    rd_kafka_t *rk;
    int i;
    rd_kafka_mock_push_request_errors(cluster, T_INIT_PRODUCER_ID, 2,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
    rk = begin("init", "enable.idempotence", "true");
    t_book(5);
    for (i = 0; i < 5; i++)
        t_send(rk, "init", 0, i);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(1);
    CHECK_INT(t_requests(cluster, T_INIT_PRODUCER_ID, -1), 3);
    rd_kafka_destroy(rk);
}

/* Appended although the answer was an error: trying again must not append it twice. */
static void a_batch_that_was_there_already_is_delivered(void) {
    rd_kafka_t *rk = begin("duplicate", "enable.idempotence", "true");
    CHECK_ERR(rd_kafka_mock_broker_push_request_error_rtts(
                  cluster, 2, T_PRODUCE, 1, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, 0),
              0);
    t_book(1);
    t_send(rk, "duplicate", 0, 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 1);
    rd_kafka_destroy(rk);
}

/* The connection goes while five requests are on their way: none is lost or doubled, and order holds. */
static void an_idempotent_producer_survives_disconnects(void) {
    rd_kafka_t *rk = begin("survive", "enable.idempotence", "true");
    int i;
    t_book(500);
    for (i = 0; i < 500; i++) {
        if (i % 100 == 50)
            rd_kafka_mock_push_request_errors(cluster, T_PRODUCE, 3, RD_KAFKA_RESP_ERR_NO_ERROR,
                                              RD_KAFKA_RESP_ERR__TRANSPORT,
                                              RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
        t_send(rk, "survive", 0, i);
        if (i % 10 == 0)
            rd_kafka_poll(rk, 1);
    }
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(1);
    for (i = 0; i < 500; i++)
        CHECK_INT(t_reports[i].offset, i);
    rd_kafka_mock_clear_request_errors(cluster, T_PRODUCE);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 90);
    cluster = t_cluster(2);
    each_request_uses_one_up_in_order();
    what_is_cleared_happens_no_more();
    passing_errors_are_tried_again();
    not_more_often_than_allowed();
    a_transport_error_closes_the_connection();
    a_producer_id_is_asked_for_until_there_is_one();
    an_idempotent_producer_survives_disconnects();
    a_batch_that_was_there_already_is_delivered();
    those_of_a_broker_come_first();
    t_cluster_end(cluster);
    return t_done();
}
