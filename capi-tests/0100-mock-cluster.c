/*
 * Embedded clusters: making, using, several at once, the handle's own; what each control answers.
 */
#include "mock.h"

static void a_cluster_serves_producers(void) {
    rd_kafka_mock_cluster_t *cluster = t_cluster(3);
    const char *bootstraps = rd_kafka_mock_cluster_bootstraps(cluster);
    rd_kafka_t *rk;
    int i, commas = 0;
    for (i = 0; bootstraps[i]; i++)
        commas += bootstraps[i] == ',';
    CHECK_INT(commas, 2);
    CHECK(rd_kafka_mock_cluster_handle(cluster) == t_mock_rk);
    CHECK(!rd_kafka_handle_mock_cluster(t_mock_rk));
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, "t", 3, 1), 0);
    rk = t_producer(t_cluster_conf(cluster));
    t_book(300);
    for (i = 0; i < 300; i++)
        t_send(rk, "t", i % 3, i);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(3);
    rd_kafka_destroy(rk);
    t_cluster_end(cluster);
}

static void clusters_do_not_know_each_other(void) {
    rd_kafka_mock_cluster_t *one = t_cluster(1), *two = rd_kafka_mock_cluster_new(t_mock_rk, 1);
    rd_kafka_t *rk[2];
    int i;
    CHECK(two && two != one);
    CHECK_ERR(rd_kafka_mock_topic_create(one, "t", 1, 1), 0);
    CHECK_ERR(rd_kafka_mock_topic_create(two, "t", 1, 1), 0);
    rk[0] = t_producer(t_cluster_conf(one));
    rk[1] = t_producer(t_cluster_conf(two));
    t_book(20);
    for (i = 0; i < 20; i++) {
        t_send(rk[i % 2], "t", 0, i);
        t_flush(rk[i % 2]);
        CHECK_INT(t_reports[i].offset, i / 2);
    }
    rd_kafka_destroy(rk[0]);
    rd_kafka_destroy(rk[1]);
    rd_kafka_mock_cluster_destroy(two);
    t_cluster_end(one);
}

static void the_handles_own_cluster(void) {
    rd_kafka_conf_t *conf = t_mock_conf("2");
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    cluster = rd_kafka_handle_mock_cluster(rk);
    CHECK(cluster);
    CHECK(rd_kafka_handle_mock_cluster(rk) == cluster);
    CHECK(rd_kafka_mock_cluster_handle(cluster) == rk);
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, "t", 1, 1), 0);
    rd_kafka_mock_start_request_tracking(cluster);
    t_book(1);
    t_send(rk, "t", 0, 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 1);
    rd_kafka_destroy(rk);
}

static void controls_answer_what_they_should(void) {
    rd_kafka_mock_cluster_t *c = t_cluster(3);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 2, 1), 0);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "t", 2, 1), RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(c, "t", 0, 9),
              RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(c, "t", 9, 1),
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(c, "t", 0, -1), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(c, "new", 3, 2), 0);
    CHECK_ERR(rd_kafka_mock_topic_create(c, "new", 4, 1), RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
    CHECK_ERR(rd_kafka_mock_partition_set_follower(c, "t", 0, 77), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_follower(c, "t", 9, 1),
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_partition_set_follower_wmarks(c, "t", 9, 0, 1),
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_ERR(rd_kafka_mock_broker_set_down(c, 9), RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE);
    CHECK_ERR(rd_kafka_mock_broker_set_down(c, -1), 0);
    CHECK_ERR(rd_kafka_mock_broker_set_up(c, -1), 0);
    CHECK_ERR(rd_kafka_mock_broker_set_rtt(c, 9, 1), RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE);
    CHECK_ERR(rd_kafka_mock_broker_set_rtt(c, -1, 0), 0);
    CHECK_ERR(rd_kafka_mock_broker_set_rack(c, 9, "x"), RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE);
    CHECK_ERR(rd_kafka_mock_broker_set_rack(c, 1, "x"), 0);
    CHECK_ERR(rd_kafka_mock_coordinator_set(c, "group", "g", 99), 0);
    CHECK_ERR(rd_kafka_mock_coordinator_set(c, "transaction", "g", 1), 0);
    CHECK_ERR(rd_kafka_mock_coordinator_set(c, "nonsense", "g", 1), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_mock_set_apiversion(c, T_PRODUCE, 0, 7), 0);
    CHECK_ERR(rd_kafka_mock_set_apiversion(c, T_PRODUCE, -1, -1), 0);
    CHECK_ERR(rd_kafka_mock_set_apiversion(c, -1, 0, 7), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_mock_set_apiversion(c, 2000, 0, 7), RD_KAFKA_RESP_ERR__INVALID_ARG);
    t_cluster_end(c);
}

int main(void) {
    t_start(__FILE__, 60);
    a_cluster_serves_producers();
    clusters_do_not_know_each_other();
    the_handles_own_cluster();
    controls_answer_what_they_should();
    return t_done();
}
