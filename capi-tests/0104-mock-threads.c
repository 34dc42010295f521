/*
 * Request tracking, and controls called from many threads while producers run: nothing hangs, nothing is lost.
 */
#include "mock.h"

#include <pthread.h>

static rd_kafka_mock_cluster_t *cluster;
static int stopping;

static void what_was_tracked(void) {
    rd_kafka_mock_request_t **requests;
    int64_t before = 0;
    size_t count = 99, i;
    rd_kafka_t *rk;
    CHECK(!rd_kafka_mock_get_requests(cluster, &count));
    CHECK_INT(count, 0);
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, "tracked", 1, 1), 0);
    CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, "tracked", 0, 2), 0);
    rd_kafka_mock_start_request_tracking(cluster);
    rk = t_producer(t_cluster_conf(cluster));
    t_book(5);
    for (i = 0; i < 4; i++) {
        t_send(rk, "tracked", 0, (int)i);
        t_flush(rk);
    }
    CHECK_INT(t_requests(cluster, T_PRODUCE, 2), 4);
    CHECK_INT(t_requests(cluster, T_PRODUCE, 1), 0);
    CHECK(t_requests(cluster, T_METADATA, -1) > 0 && t_requests(cluster, T_API_VERSIONS, 2) > 0);
    requests = rd_kafka_mock_get_requests(cluster, &count);
    for (i = 0; i < count; i++) {
        CHECK(rd_kafka_mock_request_timestamp(requests[i]) >= before);
        before = rd_kafka_mock_request_timestamp(requests[i]);
        rd_kafka_mock_request_destroy(requests[i]);
    }
    free(requests);
    rd_kafka_mock_clear_requests(cluster);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 0);
    t_send(rk, "tracked", 0, 4);
    t_flush(rk);
    CHECK_INT(t_requests(cluster, T_PRODUCE, 2), 1);
    rd_kafka_mock_stop_request_tracking(cluster);
    CHECK_INT(t_requests(cluster, T_PRODUCE, -1), 0);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

static void *disturb(void *opaque) {
    int number = (int)(intptr_t)opaque, turn;
    for (turn = 0; !__atomic_load_n(&stopping, __ATOMIC_RELAXED); turn++) {
        size_t count;
        rd_kafka_mock_request_t **requests;
        rd_kafka_mock_broker_set_rtt(cluster, 1 + turn % 3, turn % 5);
        rd_kafka_mock_partition_set_leader(cluster, "busy", number, 1 + turn % 3);
        rd_kafka_mock_push_request_errors(cluster, T_PRODUCE, 1,
                                          turn % 2 ? RD_KAFKA_RESP_ERR__TRANSPORT
                                                   : RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
        rd_kafka_mock_start_request_tracking(cluster);
        requests = rd_kafka_mock_get_requests(cluster, &count);
        if (requests)
            rd_kafka_mock_request_destroy_array(requests, count);
        if (turn % 8 == number) {
            rd_kafka_mock_broker_set_down(cluster, 1 + number % 3);
            t_sleep_ms(5);
            rd_kafka_mock_broker_set_up(cluster, 1 + number % 3);
        }
        t_sleep_ms(20);
    }
    return NULL;
}

static void controls_from_many_threads(void) {
    pthread_t threads[4];
    rd_kafka_conf_t *conf = t_cluster_conf(cluster);
    rd_kafka_t *rk;
    int i, count = t_count(4000);
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, "busy", 4, 1), 0);
    /* Retries must not append twice. */
    t_set(conf, "enable.idempotence", "true");
    t_set(conf, "reconnect.backoff.max.ms", "100");
    rk = t_producer(conf);
    t_book(count);
    for (i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, disturb, (void *)(intptr_t)i), 0);
    for (i = 0; i < count; i++) {
        t_send(rk, "busy", i % 4, i);
        if (i % 20 == 0)
            rd_kafka_poll(rk, 5);
    }
    __atomic_store_n(&stopping, 1, __ATOMIC_RELAXED);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    rd_kafka_mock_clear_request_errors(cluster, T_PRODUCE);
    CHECK_ERR(rd_kafka_mock_broker_set_up(cluster, -1), 0);
    CHECK_ERR(rd_kafka_mock_broker_set_rtt(cluster, -1, 0), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(4);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 90);
    cluster = t_cluster(3);
    what_was_tracked();
    controls_from_many_threads();
    t_cluster_end(cluster);
    return t_done();
}
