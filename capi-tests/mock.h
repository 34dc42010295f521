/*
 * Helpers of the tests of rdkafka_mock.h: a cluster of its own handle, and producers that use it.
 */
#ifndef CAPI_MOCK_H
#define CAPI_MOCK_H

#include "test.h"

#include <librdkafka/rdkafka_mock.h>

/* Kinds of requests. */
enum { T_PRODUCE = 0, T_METADATA = 3, T_API_VERSIONS = 18, T_INIT_PRODUCER_ID = 22 };

static rd_kafka_t *t_mock_rk;

/* A cluster, in the name of a handle that does nothing else. */
static T_UNUSED rd_kafka_mock_cluster_t *t_cluster(int brokers) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_mock_cluster_t *cluster;
    t_set(conf, "log_level", "0");
    t_mock_rk = t_producer(conf);
    cluster = rd_kafka_mock_cluster_new(t_mock_rk, brokers);
    CHECK(cluster);
    return cluster;
}

static T_UNUSED void t_cluster_end(rd_kafka_mock_cluster_t *cluster) {
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(t_mock_rk);
}

/* A configuration for producers of the cluster that retries fast, reports to the book, and logs nothing. */
static T_UNUSED rd_kafka_conf_t *t_cluster_conf(rd_kafka_mock_cluster_t *cluster) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    t_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster));
    t_set(conf, "log_level", "0");
    t_set(conf, "retry.backoff.ms", "10");
    t_set(conf, "retry.backoff.max.ms", "50");
    t_set(conf, "topic.metadata.refresh.fast.interval.ms", "20");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    return conf;
}

/* Produces message `index` of the book. */
static T_UNUSED void t_send(rd_kafka_t *rk, const char *topic, int partition, int index) {
    char payload[32];
    rd_kafka_resp_err_t err;
    snprintf(payload, sizeof(payload), "message %d", index);
    err = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                            RD_KAFKA_V_VALUE(payload, strlen(payload)),
                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                            RD_KAFKA_V_OPAQUE(T_OPAQUE(index)), RD_KAFKA_V_END);
    if (err)
        FAIL("produce: %s", rd_kafka_err2name(err));
}

/* Requests of that kind noted down, of all brokers (-1) or one. */
static T_UNUSED int t_requests(rd_kafka_mock_cluster_t *cluster, int kind, int broker) {
    rd_kafka_mock_request_t **requests;
    size_t count, i;
    int found = 0;
    requests = rd_kafka_mock_get_requests(cluster, &count);
    for (i = 0; i < count; i++)
        found += rd_kafka_mock_request_api_key(requests[i]) == kind &&
                 (broker == -1 || rd_kafka_mock_request_id(requests[i]) == broker);
    if (requests)
        rd_kafka_mock_request_destroy_array(requests, count);
    return found;
}

#endif
