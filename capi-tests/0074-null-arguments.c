/* NULL where an object, a string or a result is expected: the documented failure, never a crash. */
#include "test.h"

static void no_handle(void) {
    char errstr[64];
    rd_kafka_destroy(NULL);
    rd_kafka_destroy_flags(NULL, 0);
    CHECK_STR(rd_kafka_name(NULL), "");
    CHECK(rd_kafka_opaque(NULL) == NULL);
    CHECK(rd_kafka_conf(NULL) == NULL);
    CHECK(rd_kafka_default_topic_conf_dup(NULL) == NULL);
    CHECK_INT(rd_kafka_outq_len(NULL), 0);
    CHECK_INT(rd_kafka_brokers_add(NULL, "a"), 0);
    CHECK_INT(rd_kafka_poll(NULL, 0), 0);
    CHECK_ERR(rd_kafka_flush(NULL, 0), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_purge(NULL, 1), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_fatal_error(NULL, errstr, sizeof(errstr)), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_test_fatal_error(NULL, 1, "x"), RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_yield(NULL);
    rd_kafka_set_log_level(NULL, 3);
    rd_kafka_log_print(NULL, 7, NULL, NULL);
    CHECK(rd_kafka_topic_new(NULL, "t", NULL) == NULL);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK(rd_kafka_queue_new(NULL) == NULL);
    CHECK(rd_kafka_queue_get_main(NULL) == NULL);
    CHECK(rd_kafka_queue_get_background(NULL) == NULL);
    CHECK_ERR(rd_kafka_producev(NULL, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__INVALID_ARG);
}

static void no_object(void) {
    rd_kafka_message_t message;
    rd_kafka_headers_t *hdrs = NULL;
    rd_kafka_error_t *error;
    memset(&message, 0, sizeof(message));
    CHECK_INT(rd_kafka_produce(NULL, 0, 0, "x", 1, NULL, 0, NULL), -1);
    CHECK_INT(errno, EINVAL);
    CHECK_INT(rd_kafka_produce_batch(NULL, 0, 0, &message, 1), 0);
    CHECK_ERR(message.err, RD_KAFKA_RESP_ERR__INVALID_ARG);
    error = rd_kafka_produceva(NULL, NULL, 3);
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_error_destroy(error);
    rd_kafka_error_destroy(NULL);
    rd_kafka_topic_destroy(NULL);
    CHECK(rd_kafka_topic_name(NULL) == NULL);
    CHECK(rd_kafka_topic_opaque(NULL) == NULL);
    CHECK_INT(rd_kafka_topic_partition_available(NULL, 0), 0);
    rd_kafka_queue_destroy(NULL);
    rd_kafka_queue_forward(NULL, NULL);
    rd_kafka_queue_yield(NULL);
    rd_kafka_queue_io_event_enable(NULL, 1, "x", 1);
    rd_kafka_queue_cb_event_enable(NULL, NULL, NULL);
    CHECK_INT(rd_kafka_queue_length(NULL), 0);
    CHECK(rd_kafka_queue_poll(NULL, 0) == NULL);
    CHECK_INT(rd_kafka_queue_poll_callback(NULL, 0), 0);
    rd_kafka_event_destroy(NULL);
    CHECK_STR(rd_kafka_event_name(NULL), "(NONE)");
    CHECK(rd_kafka_event_message_next(NULL) == NULL);
    CHECK_INT(rd_kafka_event_message_count(NULL), 0);
    CHECK_INT(rd_kafka_event_message_array(NULL, NULL, 5), 0);
    CHECK_ERR(rd_kafka_event_error(NULL), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(rd_kafka_event_log(NULL, NULL, NULL, NULL), -1);
    CHECK(rd_kafka_event_stats(NULL) == NULL);
    rd_kafka_message_destroy(NULL);
    CHECK(rd_kafka_message_errstr(NULL) == NULL);
    CHECK_INT(rd_kafka_message_timestamp(NULL, NULL), -1);
    CHECK_INT(rd_kafka_message_latency(NULL), -1);
    CHECK_INT(rd_kafka_message_broker_id(NULL), -1);
    CHECK_ERR(rd_kafka_message_headers(NULL, &hdrs), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_message_detach_headers(NULL, &hdrs), RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_headers_destroy(NULL);
    CHECK(rd_kafka_headers_copy(NULL) == NULL);
    CHECK_INT(rd_kafka_header_cnt(NULL), 0);
    CHECK_ERR(rd_kafka_header_add(NULL, "n", -1, "v", -1), RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_topic_partition_list_destroy(NULL);
    CHECK(rd_kafka_topic_partition_list_copy(NULL) == NULL);
    CHECK(rd_kafka_topic_partition_list_add(NULL, "t", 0) == NULL);
    CHECK(rd_kafka_topic_partition_list_find(NULL, "t", 0) == NULL);
}

/* A live handle, and arguments that lie about their sizes. */
static void wrong_arguments(void) {
    rd_kafka_t *rk = t_producer(t_mock_conf("1"));
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    rd_kafka_topic_t *rkt = t_topic(rk, "t");
    rd_kafka_message_t message;
    rd_kafka_vu_t vus[2];
    rd_kafka_error_t *error;
    size_t huge = (size_t)3 << 30;
    memset(&message, 0, sizeof(message));
    memset(vus, 0, sizeof(vus));
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", huge, NULL, 0, NULL), -1);
    CHECK_INT(errno, EMSGSIZE);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, "k", (size_t)-1, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    message.payload = "x";
    message.len = huge;
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY, &message, 1), 0);
    CHECK_ERR(message.err, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, 0, NULL, 5), 0);
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, 0, &message, -5), 0);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(NULL), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("not\xff utf-8"), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_producev(rk, 12345), RD_KAFKA_RESP_ERR__INVALID_ARG);
    vus[0].vtype = RD_KAFKA_VTYPE_RKT;
    vus[0].u.rkt = rkt;
    vus[1].vtype = (rd_kafka_vtype_t)-77;
    error = rd_kafka_produceva(rk, vus, 2);
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_STR(rd_kafka_error_string(error), "Unsupported VTYPE -77");
    rd_kafka_error_destroy(error);
    CHECK_INT(rd_kafka_brokers_add(rk, NULL), 0);
    CHECK_ERR(rd_kafka_set_log_queue(rk, NULL), RD_KAFKA_RESP_ERR__NOT_CONFIGURED);
    rd_kafka_queue_forward(queue, queue);
    rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
    CHECK_ERR(rd_kafka_test_fatal_error(rk, 12345, NULL), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_fatal_error(rk, NULL, 0), 12345);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 30);
    t_ours_only(); /* librdkafka reads through NULL */
    no_handle();
    no_object();
    wrong_arguments();
    return t_done();
}
