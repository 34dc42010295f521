/* `partitioner=round_robin`: each partition in turn, keys or not. */
#include "test.h"

#define MESSAGES 80
#define PARTITIONS 4 /* of the embedded cluster's topics */

static void spreads(const char *key) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int counts[PARTITIONS] = {0}, i;
    t_set(conf, "partitioner", "round_robin");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    rkt = t_topic(rk, "turns");
    t_book(MESSAGES);
    for (i = 0; i < MESSAGES; i++)
        CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "v", 1, key,
                                   key ? strlen(key) : 0, T_OPAQUE(i)), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    for (i = 0; i < MESSAGES; i++) {
        CHECK_INT(t_reports[i].partition, i % PARTITIONS);
        counts[t_reports[i].partition]++;
    }
    for (i = 0; i < PARTITIONS; i++)
        CHECK_INT(counts[i], MESSAGES / PARTITIONS);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 30);
    t_ours_only(); /* librdkafka has no such partitioner */
    spreads(NULL);
    spreads("always the same");
    return t_done();
}
