/*
 * Functions of rdkafka_mock.h that Debian's librdkafka 2.0 has not, and what librdkafka-oxide's clusters outlive. The
 * results are those of librdkafka 2.16.
 */
#include "mock.h"

#include <sys/wait.h>

static void brokers_come_and_go(void) {
    rd_kafka_mock_cluster_t *c = t_cluster(1);
    rd_kafka_t *rk;
    int i;
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 2, 1), 0);
    CHECK_ERR(rd_kafka_mock_broker_add(c, 1), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_mock_broker_add(c, 7), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(c, "t", 0, 1), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(c, "t", 1, 7), 0);
    rk = t_producer(t_cluster_conf(c));
    rd_kafka_mock_start_request_tracking(c);
    t_book(40);
    for (i = 0; i < 20; i++)
        t_send(rk, "t", i % 2, i);
    t_flush(rk);
    CHECK(t_requests(c, T_PRODUCE, 1) > 0 && t_requests(c, T_PRODUCE, 7) > 0);
    CHECK_ERR(rd_kafka_mock_broker_decommission(c, 9), RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE);
    CHECK_ERR(rd_kafka_mock_broker_decommission(c, 1), 0);
    rd_kafka_mock_clear_requests(c);
    for (; i < 40; i++)
        t_send(rk, "t", i % 2, i);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(2);
    CHECK_INT(t_requests(c, T_PRODUCE, 1), 0);
    CHECK(t_requests(c, T_PRODUCE, 7) > 0);
    CHECK_ERR(rd_kafka_mock_broker_add(c, 1), 0);
    rd_kafka_destroy(rk);
    t_cluster_end(c);
}

static void topics_and_records_go(void) {
    rd_kafka_mock_cluster_t *c = t_cluster(1);
    rd_kafka_t *rk;
    int i;
    CHECK_ERR(rd_kafka_mock_topic_delete(c, "t"), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 1, 1), 0);
    rk = t_producer(t_cluster_conf(c));
    t_book(3);
    for (i = 0; i < 3; i++)
        t_send(rk, "t", 0, i);
    t_flush(rk);
    CHECK_ERR(rd_kafka_mock_partition_delete_records(c, "no", 0, 0),
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_partition_delete_records(c, "t", 1, 0),
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_partition_delete_records(c, "t", 0, 2), 0);
    CHECK_ERR(rd_kafka_mock_partition_delete_records(c, "t", 0, 4),
              RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    CHECK_ERR(rd_kafka_mock_partition_delete_records(c, "t", 0, -1), 0);
    CHECK_ERR(rd_kafka_mock_topic_delete(c, "t"), 0);
    CHECK_ERR(rd_kafka_mock_topic_delete(c, "t"), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 1, 1), 0);
    rd_kafka_destroy(rk);
    t_cluster_end(c);
}

/* One partition's part of a request fails, the other's does not. */
static void errors_of_one_partition(void) {
    rd_kafka_mock_cluster_t *c = t_cluster(1);
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 2, 1), 0);
    CHECK_ERR(rd_kafka_mock_partition_push_request_errors(c, "t", 9, T_PRODUCE, 1,
                                                          RD_KAFKA_RESP_ERR_INVALID_RECORD),
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_partition_push_request_errors(c, "t", 1, T_PRODUCE, 1,
                                                          RD_KAFKA_RESP_ERR_INVALID_RECORD),
              0);
    conf = t_cluster_conf(c);
    t_set(conf, "linger.ms", "50");
    rk = t_producer(conf);
    t_book(3);
    t_send(rk, "t", 0, 0);
    t_send(rk, "t", 1, 1);
    t_flush(rk);
    CHECK_ERR(t_reports[0].err, 0);
    CHECK_ERR(t_reports[1].err, RD_KAFKA_RESP_ERR_INVALID_RECORD);
    t_send(rk, "t", 1, 2);
    t_flush(rk);
    CHECK_ERR(t_reports[2].err, 0);
    CHECK_INT(t_reports[2].offset, 0);
    rd_kafka_destroy(rk);
    t_cluster_end(c);
}

static void the_count_of_a_brokers_errors(void) {
    rd_kafka_mock_cluster_t *c = t_cluster(2);
    rd_kafka_t *rk;
    size_t count = 99;
    CHECK_ERR(rd_kafka_mock_broker_error_stack_cnt(NULL, 1, T_PRODUCE, &count),
              RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_mock_broker_error_stack_cnt(c, 1, T_PRODUCE, NULL),
              RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_mock_broker_error_stack_cnt(c, 9, T_PRODUCE, &count),
              RD_KAFKA_RESP_ERR__UNKNOWN_BROKER);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 1, 1), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(c, "t", 0, 1), 0);
    CHECK_ERR(rd_kafka_mock_broker_push_request_error_rtts(
                  c, 1, T_PRODUCE, 3, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, 1,
                  RD_KAFKA_RESP_ERR_NO_ERROR, 0, RD_KAFKA_RESP_ERR_INVALID_RECORD, 0),
              0);
    CHECK_ERR(rd_kafka_mock_broker_error_stack_cnt(c, 1, T_PRODUCE, &count), 0);
    CHECK_INT(count, 3);
    rk = t_producer(t_cluster_conf(c));
    t_book(2);
    t_send(rk, "t", 0, 0);
    t_flush(rk);
    CHECK_ERR(rd_kafka_mock_broker_error_stack_cnt(c, 1, T_PRODUCE, &count), 0);
    CHECK_INT(count, 1);
    /* Only the cluster's own are dropped. */
    rd_kafka_mock_clear_request_errors(c, T_PRODUCE);
    CHECK_ERR(rd_kafka_mock_broker_error_stack_cnt(c, 1, T_PRODUCE, &count), 0);
    CHECK_INT(count, 1);
    t_send(rk, "t", 0, 1);
    t_flush(rk);
    CHECK_ERR(t_reports[0].err, 0);
    CHECK_ERR(t_reports[1].err, RD_KAFKA_RESP_ERR_INVALID_RECORD);
    rd_kafka_destroy(rk);
    t_cluster_end(c);
}

/* A cluster takes NULLs, and outlives the handle that lent its log: both would end librdkafka's process. */
static void what_only_ours_takes(void) {
    rd_kafka_mock_cluster_t *c = t_cluster(1);
    char **ids = (char **)&c;
    size_t count = 5;
    CHECK(!rd_kafka_mock_cluster_new(NULL, 1));
    CHECK(!rd_kafka_mock_cluster_new(t_mock_rk, 0));
    CHECK(!rd_kafka_mock_cluster_new(t_mock_rk, -1));
    CHECK_ERR(rd_kafka_mock_topic_create(NULL, "t", 1, 1), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_mock_topic_create(c, NULL, 1, 1), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "a/b", 1, 1), RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 0, 1), RD_KAFKA_RESP_ERR_INVALID_PARTITIONS);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(c, "t", -5, 1),
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_broker_set_down(NULL, 1), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_mock_broker_set_rack(c, 1, NULL), 0);
    rd_kafka_mock_push_request_errors(NULL, 0, 1, RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_mock_push_request_errors_array(c, 0, 3, NULL);
    CHECK(!rd_kafka_mock_get_requests(NULL, &count));
    CHECK_INT(count, 0);
    rd_kafka_mock_request_destroy(NULL);
    rd_kafka_mock_request_destroy_array(NULL, 3);
    /* What is not there says so. */
    CHECK_ERR(rd_kafka_mock_telemetry_set_push_interval(c, 1), RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK_ERR(rd_kafka_mock_sharegroup_get_member_ids(c, "g", &ids, &count),
              RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK(!ids && !count);
    CHECK(!rd_kafka_mock_cgrp_consumer_target_assignment_new(NULL, 0, NULL));
    rd_kafka_mock_group_initial_rebalance_delay_ms(c, 1);
    CHECK_ERR(rd_kafka_mock_set_apiversion(c, 11, 0, 5), RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
    CHECK_ERR(rd_kafka_mock_set_apiversion(c, 11, -1, -1), 0);

    rd_kafka_destroy(t_mock_rk);
    CHECK(!rd_kafka_mock_cluster_handle(c));
    rd_kafka_mock_group_initial_rebalance_delay_ms(c, 1);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 1, 1), 0);
    rd_kafka_mock_cluster_destroy(c);
    rd_kafka_mock_cluster_destroy(c);
    rd_kafka_mock_cluster_destroy(NULL);
}

/* The cluster's thread is the parent's: calls in a forked child fail at once instead of waiting for it. */
static void a_forked_child_has_no_cluster(void) {
    rd_kafka_mock_cluster_t *c = t_cluster(1);
    int status = -1;
    pid_t child = fork();
    CHECK(child >= 0);
    if (!child) {
        size_t count;
        alarm(20);
        CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 1, 1), RD_KAFKA_RESP_ERR__STATE);
        CHECK(!rd_kafka_mock_get_requests(c, &count));
        rd_kafka_mock_cluster_destroy(c);
        _exit(0);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 1, 1), 0);
    t_cluster_end(c);
}

int main(void) {
    t_start(__FILE__, 60);
    brokers_come_and_go();
    topics_and_records_go();
    errors_of_one_partition();
    the_count_of_a_brokers_errors();
    if (t_is_oxide()) {
        what_only_ours_takes();
        /* A child leaves what is its parent's, which valgrind counts as leaks when it ends. */
        if (!getenv("CAPI_WRAPPER"))
            a_forked_child_has_no_cluster();
    }
    return t_done();
}
