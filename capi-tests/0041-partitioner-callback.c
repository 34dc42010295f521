/* A partitioner of the application: its arguments, its answers, and explicit partitions past it. */
#include "test.h"

static int calls, answer, topic_opaque, seen_partitions;
static char seen_key[64];

static int32_t choose(const rd_kafka_topic_t *rkt, const void *key, size_t len,
                      int32_t partition_cnt, void *rkt_opaque, void *msg_opaque) {
    calls++;
    seen_partitions = partition_cnt;
    snprintf(seen_key, sizeof(seen_key), "%.*s", (int)len, key ? (const char *)key : "");
    CHECK_STR(rd_kafka_topic_name(rkt), "custom");
    CHECK(rkt_opaque == &topic_opaque);
    CHECK(msg_opaque == T_OPAQUE(0));
    if (calls > 1) /* the partition's leader answered before */
        CHECK_INT(rd_kafka_topic_partition_available(rkt, 2), 1);
    CHECK_INT(rd_kafka_topic_partition_available(rkt, 99), 0);
    return answer;
}

static rd_kafka_t *producer(rd_kafka_topic_t **rktp) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new();
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    rd_kafka_topic_conf_set_partitioner_cb(tconf, choose);
    rd_kafka_topic_conf_set_opaque(tconf, &topic_opaque);
    *rktp = rd_kafka_topic_new(rk, "custom", tconf);
    CHECK(rd_kafka_topic_opaque(*rktp) == &topic_opaque);
    return rk;
}

static void send_one(rd_kafka_t *rk, rd_kafka_topic_t *rkt, int32_t partition) {
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, partition, RD_KAFKA_MSG_F_COPY, "v", 1, "key", 3, T_OPAQUE(0)),
              0);
    t_flush(rk);
}

int main(void) {
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    t_start(__FILE__, 30);
    rk = producer(&rkt);

    /* Also for the message that was produced before the metadata was known. */
    answer = 2;
    send_one(rk, rkt, RD_KAFKA_PARTITION_UA);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(calls, 1);
    CHECK_INT(seen_partitions, 4);
    CHECK_STR(seen_key, "key");
    CHECK_INT(t_reports[0].partition, 2);

    answer = 3;
    send_one(rk, rkt, RD_KAFKA_PARTITION_UA);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(calls, 2);
    CHECK_INT(t_reports[0].partition, 3);

    /* An explicit partition does not ask. */
    send_one(rk, rkt, 1);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(calls, 2);
    CHECK_INT(t_reports[0].partition, 1);

    /* An answer that is no partition fails the message at produce(). */
    answer = 44;
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "v", 1, "key", 3,
                               T_OPAQUE(0)), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    CHECK_INT(calls, 3);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return t_done();
}
