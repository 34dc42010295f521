/*
 * What isn't built fails, says so by the error that its kind of function has, and pretends nothing.
 */
#include "test.h"

static void admin_requests_answer_that_they_failed(rd_kafka_t *rk) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_ANY);
    const rd_kafka_DeleteTopics_result_t *result;
    rd_kafka_event_t *event;
    size_t cnt = 99;
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new("t");
    rd_kafka_AdminOptions_set_opaque(options, &cnt);
    rd_kafka_DeleteTopics(rk, &topic, 1, options, queue);
    event = rd_kafka_queue_poll(queue, 1000);
    CHECK(rd_kafka_event_type(event) == RD_KAFKA_EVENT_DELETETOPICS_RESULT);
    CHECK(!strcmp(rd_kafka_event_name(event), "DeleteTopicsResult"));
    CHECK(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK(strstr(rd_kafka_event_error_string(event), "rd_kafka_DeleteTopics") != NULL);
    CHECK(rd_kafka_event_opaque(event) == &cnt);
    CHECK(rd_kafka_event_CreateTopics_result(event) == NULL);
    result = rd_kafka_event_DeleteTopics_result(event);
    CHECK(result != NULL);
    CHECK(rd_kafka_DeleteTopics_result_topics(result, &cnt) == NULL && cnt == 0);
    rd_kafka_event_destroy(event);
    /* Without options, and to nowhere. */
    rd_kafka_DescribeCluster(rk, NULL, queue);
    event = rd_kafka_queue_poll(queue, 1000);
    CHECK(rd_kafka_event_type(event) == RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT);
    CHECK(rd_kafka_event_opaque(event) == NULL);
    rd_kafka_event_destroy(event);
    rd_kafka_DescribeCluster(rk, NULL, NULL);
    CHECK(rd_kafka_queue_poll(queue, 0) == NULL);
    /* An answer that nobody takes goes with its queue. */
    rd_kafka_DescribeCluster(rk, NULL, queue);
    rd_kafka_DeleteTopic_destroy(topic);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
}

static void consuming_fails(rd_kafka_t *rk) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1), *got = list;
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "t", NULL);
    rd_kafka_error_t *error;
    char errstr[200] = "";
    CHECK(rd_kafka_subscribe(rk, list) == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK(rd_kafka_assign(rk, list) == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK(rd_kafka_commit(rk, list, 0) == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK(rd_kafka_assignment(rk, &got) == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED && got == NULL);
    CHECK(rd_kafka_consumer_poll(rk, 1000) == NULL);
    CHECK(rd_kafka_queue_get_consumer(rk) == NULL);
    error = rd_kafka_incremental_assign(rk, list);
    CHECK(rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK(strstr(rd_kafka_error_string(error), "rd_kafka_incremental_assign") != NULL);
    rd_kafka_error_destroy(error);
    CHECK(rd_kafka_consume_start(rkt, 0, RD_KAFKA_OFFSET_BEGINNING) == -1);
    CHECK(rd_kafka_last_error() == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK(rd_kafka_consume(rkt, 0, 1000) == NULL);
    CHECK(rd_kafka_share_consumer_new(NULL, errstr, sizeof(errstr)) == NULL && *errstr);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_topic_partition_list_destroy(list);
}

int main(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[200];
    rd_kafka_t *rk;
    t_start(__FILE__, 60);
    t_ours_only(); /* librdkafka supports all of this */
    rd_kafka_conf_set_log_cb(conf, NULL);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    CHECK(rk != NULL);
    admin_requests_answer_that_they_failed(rk);
    consuming_fails(rk);
    rd_kafka_destroy(rk);
    return t_done();
}
