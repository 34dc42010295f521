/*
 * Brokers that are slow or down, leaders that move or are wrong, topics with errors: what producers make of it.
 */
#include "mock.h"

static rd_kafka_mock_cluster_t *cluster;

static rd_kafka_t *begin(const char *topic, int partitions, const char *name, const char *value) {
    rd_kafka_conf_t *conf = t_cluster_conf(cluster);
    int i;
    if (name)
        t_set(conf, name, value);
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, topic, partitions, 1), 0);
    for (i = 0; i < partitions; i++)
        CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, topic, i, 1 + i % 3), 0);
    rd_kafka_mock_start_request_tracking(cluster);
    return t_producer(conf);
}

static void a_slow_broker_answers_later(void) {
    rd_kafka_t *rk = begin("slow", 1, NULL, NULL);
    int64_t sent_us;
    t_book(2);
    CHECK_ERR(rd_kafka_mock_broker_push_request_error_rtts(cluster, 1, T_PRODUCE, 1,
                                                           RD_KAFKA_RESP_ERR_NO_ERROR, 300),
              0);
    sent_us = t_now_us();
    t_send(rk, "slow", 0, 0);
    t_flush(rk);
    CHECK(t_now_us() - sent_us >= 300 * 1000);
    CHECK_ERR(rd_kafka_mock_broker_set_rtt(cluster, 1, 200), 0);
    sent_us = t_now_us();
    t_send(rk, "slow", 0, 1);
    t_flush(rk);
    CHECK(t_now_us() - sent_us >= 200 * 1000);
    CHECK_ERR(rd_kafka_mock_broker_set_rtt(cluster, -1, 0), 0);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

/* Longer than the whole program may take: only the change lets the answer go. */
static void a_shorter_delay_counts_for_answers_on_their_way(void) {
    rd_kafka_t *rk = begin("shorter", 1, NULL, NULL);
    t_book(2);
    t_send(rk, "shorter", 0, 0);
    t_flush(rk);
    CHECK_ERR(rd_kafka_mock_broker_set_rtt(cluster, 1, 3600 * 1000), 0);
    t_send(rk, "shorter", 0, 1);
    while (t_requests(cluster, T_PRODUCE, 1) < 2)
        t_sleep_ms(5);
    CHECK_ERR(rd_kafka_mock_broker_set_rtt(cluster, 1, 0), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(t_requests(cluster, T_PRODUCE, 1), 2);
    rd_kafka_destroy(rk);
}

static void messages_wait_for_a_broker_that_is_down(void) {
    rd_kafka_t *rk = begin("down", 1, NULL, NULL);
    int i;
    t_book(20);
    for (i = 0; i < 10; i++)
        t_send(rk, "down", 0, i);
    t_flush(rk);
    CHECK_ERR(rd_kafka_mock_broker_set_down(cluster, 1), 0);
    for (; i < 20; i++)
        t_send(rk, "down", 0, i);
    CHECK_ERR(rd_kafka_flush(rk, 300), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_INT(t_reported, 10);
    CHECK_ERR(rd_kafka_mock_broker_set_up(cluster, 1), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(1);
    rd_kafka_destroy(rk);
}

static void all_brokers_go_down_and_come_back(void) {
    rd_kafka_t *rk = begin("all", 3, NULL, NULL);
    int i;
    t_book(30);
    CHECK_ERR(rd_kafka_mock_broker_set_down(cluster, -1), 0);
    for (i = 0; i < 30; i++)
        t_send(rk, "all", i % 3, i);
    rd_kafka_poll(rk, 200);
    CHECK_ERR(rd_kafka_mock_broker_set_up(cluster, -1), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(3);
    rd_kafka_destroy(rk);
}

static void leaders_move_while_messages_flow(void) {
    rd_kafka_t *rk = begin("moves", 2, NULL, NULL);
    int i;
    t_book(1200);
    for (i = 0; i < 1200; i++) {
        if (i % 200 == 100)
            CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, "moves", (i / 200) % 2,
                                                         1 + (i / 200 + 1) % 3),
                      0);
        t_send(rk, "moves", i % 2, i);
        if (i % 20 == 0)
            rd_kafka_poll(rk, 1);
    }
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(2);
    for (i = 1; i <= 3; i++)
        CHECK(t_requests(cluster, T_PRODUCE, i) > 0);
    rd_kafka_destroy(rk);
}

static void messages_wait_for_a_leader(void) {
    rd_kafka_t *rk = begin("none", 1, NULL, NULL);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, "none", 0, -1), 0);
    t_book(1);
    t_send(rk, "none", 0, 0);
    CHECK_ERR(rd_kafka_flush(rk, 300), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, "none", 0, 3), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(t_requests(cluster, T_PRODUCE, 3), 1);
    rd_kafka_destroy(rk);
}

/* The metadata names the wrong leader once; that broker refuses, and the right one is found. */
static void a_wrong_leader_in_the_metadata(void) {
    rd_kafka_t *rk;
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, "wrong", 1, 1), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, "wrong", 0, 1), 0);
    CHECK_ERR(rd_kafka_mock_partition_push_leader_response(cluster, "wrong", 0, 2, 0), 0);
    CHECK_ERR(rd_kafka_mock_partition_push_leader_response(cluster, "wrong", 9, 2, 0),
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    rd_kafka_mock_start_request_tracking(cluster);
    rk = t_producer(t_cluster_conf(cluster));
    t_book(1);
    t_send(rk, "wrong", 0, 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(t_requests(cluster, T_PRODUCE, 2), 1);
    CHECK_INT(t_requests(cluster, T_PRODUCE, 1), 1);
    rd_kafka_destroy(rk);
}

static void a_topics_error_is_that_of_its_messages(void) {
    rd_kafka_conf_t *conf = t_cluster_conf(cluster);
    rd_kafka_t *rk;
    rd_kafka_mock_topic_set_error(cluster, "forbidden",
                                  RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    rk = t_producer(conf);
    t_book(3);
    t_send(rk, "forbidden", RD_KAFKA_PARTITION_UA, 0);
    t_send(rk, "forbidden", 0, 1);
    t_flush(rk);
    CHECK_ERR(t_reports[0].err, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    CHECK_ERR(t_reports[1].err, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    rd_kafka_destroy(rk);
    /* Without it the topic is as any other. */
    rd_kafka_mock_topic_set_error(cluster, "forbidden", RD_KAFKA_RESP_ERR_NO_ERROR);
    rk = t_producer(t_cluster_conf(cluster));
    t_send(rk, "forbidden", 0, 2);
    t_flush(rk);
    CHECK_ERR(t_reports[2].err, 0);
    CHECK_INT(t_reports[2].offset, 0);
    rd_kafka_destroy(rk);
}

/* The advertised address leads nowhere: nothing gets there until it is right again. */
static void an_address_that_leads_nowhere(void) {
    const char *bootstraps = rd_kafka_mock_cluster_bootstraps(cluster);
    int port = atoi(strchr(bootstraps, ':') + 1);
    rd_kafka_conf_t *conf = t_cluster_conf(cluster);
    rd_kafka_t *rk;
    t_set(conf, "reconnect.backoff.ms", "10");
    t_set(conf, "reconnect.backoff.max.ms", "50");
    t_set(conf, "topic.metadata.refresh.interval.ms", "100");
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, "nowhere", 1, 1), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, "nowhere", 0, 1), 0);
    rd_kafka_mock_start_request_tracking(cluster);
    rd_kafka_mock_broker_set_host_port(cluster, 1, "127.0.0.1", 1);
    rk = t_producer(conf);
    t_book(1);
    t_send(rk, "nowhere", 0, 0);
    CHECK_ERR(rd_kafka_flush(rk, 300), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 0);
    rd_kafka_mock_broker_set_host_port(cluster, 1, "127.0.0.1", port);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

/* Brokers that speak only old versions, or not what a producer needs. */
static void brokers_that_speak_less(void) {
    rd_kafka_t *rk;
    int i;
    CHECK_ERR(rd_kafka_mock_set_apiversion(cluster, T_PRODUCE, 0, 7), 0);
    CHECK_ERR(rd_kafka_mock_set_apiversion(cluster, T_METADATA, 0, 4), 0);
    rk = begin("older", 2, NULL, NULL);
    t_book(20);
    for (i = 0; i < 20; i++)
        t_send(rk, "older", i % 2, i);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(2);
    rd_kafka_destroy(rk);
    CHECK_ERR(rd_kafka_mock_set_apiversion(cluster, T_INIT_PRODUCER_ID, -1, -1), 0);
    rk = begin("unable", 1, "enable.idempotence", "true");
    t_book(1);
    /* The fatal error may come first. */
    if (rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("unable"), RD_KAFKA_V_VALUE("x", 1),
                          RD_KAFKA_V_OPAQUE(T_OPAQUE(0)), RD_KAFKA_V_END))
        CHECK(rd_kafka_fatal_error(rk, NULL, 0));
    rd_kafka_flush(rk, 300);
    CHECK_INT(t_requests(cluster, T_INIT_PRODUCER_ID, -1), 0);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 0);
    CHECK(!t_reports[0].count || t_reports[0].err);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 90);
    cluster = t_cluster(3);
    a_slow_broker_answers_later();
    a_shorter_delay_counts_for_answers_on_their_way();
    messages_wait_for_a_broker_that_is_down();
    all_brokers_go_down_and_come_back();
    leaders_move_while_messages_flow();
    messages_wait_for_a_leader();
    a_wrong_leader_in_the_metadata();
    a_topics_error_is_that_of_its_messages();
    an_address_that_leads_nowhere();
    brokers_that_speak_less();
    t_cluster_end(cluster);
    return t_done();
}
