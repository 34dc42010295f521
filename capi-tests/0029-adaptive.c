/*
 * partitioner.adaptive.partitioning.enable (KIP-794): messages without a key prefer partitions with short queues, hence
 * the fast broker. librdkafka has not got it.
 */
#include "mock.h"

/* Produces for two seconds, no more than the slow broker takes in some, to a topic with two partitions on each of two brokers, one of them slow; returns the
 * slow one's share in percent. */
static int slow_share(const char *adaptive) {
    rd_kafka_mock_cluster_t *cluster = t_cluster(2);
    rd_kafka_conf_t *conf = t_cluster_conf(cluster);
    rd_kafka_topic_t *rkt;
    int64_t end_us;
    int partition, i, slow = 0, cnt = 0;
    rd_kafka_t *rk;
    CHECK_ERR(rd_kafka_mock_topic_create(cluster, "t", 4, 1), 0);
    for (partition = 0; partition < 4; partition++)
        CHECK_ERR(rd_kafka_mock_partition_set_leader(cluster, "t", partition, 1 + partition % 2), 0);
    CHECK_ERR(rd_kafka_mock_broker_set_rtt(cluster, 2, 50), 0);
    t_set(conf, "linger.ms", "1");
    t_set(conf, "batch.num.messages", "5");
    t_set(conf, "partitioner.adaptive.partitioning.enable", adaptive);
    t_book(1500);
    rk = t_producer(conf);
    rkt = t_topic(rk, "t");
    end_us = t_now_us() + 2000000;
    while (t_now_us() < end_us && cnt < 1500) {
        CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0,
                                   T_OPAQUE(cnt)), 0);
        cnt++;
        rd_kafka_poll(rk, 1);
    }
    t_flush(rk);
    CHECK_INT(t_reported, cnt);
    for (i = 0; i < cnt; i++) {
        CHECK_ERR(t_reports[i].err, 0);
        slow += t_reports[i].partition % 2;
    }
    printf("adaptive %s: %d of %d messages to the slow broker\n", adaptive, slow, cnt);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    t_cluster_end(cluster);
    return 100 * slow / cnt;
}

int main(void) {
    int without, with;
    t_start(__FILE__, 60);
    t_ours_only();
    without = slow_share("false");
    with = slow_share("true");
    CHECK(with * 3 < without * 2);
    return t_done();
}
