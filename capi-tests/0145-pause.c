/*
 * Paused partitions: what is produced to them waits until they go on, or expires.
 */
#include "test.h"

static int delivered, failed;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk, (void)opaque;
    *(msg->err ? &failed : &delivered) += 1;
}

static void send_to(rd_kafka_topic_t *rkt, int32_t partition) {
    CHECK_INT(rd_kafka_produce(rkt, partition, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL), 0);
}

int main(void) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(2);
    rd_kafka_conf_t *conf;
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    t_start(__FILE__, 60);
    conf = t_mock_conf("1");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    t_set(conf, "linger.ms", "0");
    rk = t_producer(conf);
    rkt = rd_kafka_topic_new(rk, "paused", NULL);
    rd_kafka_topic_partition_list_add(list, "paused", 0);
    rd_kafka_topic_partition_list_add(list, "never produced to", 0);
    send_to(rkt, 0);
    CHECK_ERR(rd_kafka_flush(rk, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(delivered, 1);

    CHECK_ERR(rd_kafka_pause_partitions(rk, list), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(list->elems[0].err, RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(list->elems[1].err, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    send_to(rkt, 0);
    send_to(rkt, 1);
    CHECK_ERR(rd_kafka_flush(rk, 1000), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_INT(delivered, 2);
    CHECK_INT(rd_kafka_outq_len(rk), 1);

    CHECK_ERR(rd_kafka_resume_partitions(rk, list), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_flush(rk, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(delivered, 3);
    /* Going on when nothing pauses changes nothing. */
    CHECK_ERR(rd_kafka_resume_partitions(rk, list), RD_KAFKA_RESP_ERR_NO_ERROR);
    /* What waits can be purged, and a handle destroyed. */
    CHECK_ERR(rd_kafka_pause_partitions(rk, list), RD_KAFKA_RESP_ERR_NO_ERROR);
    send_to(rkt, 0);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_flush(rk, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(failed, 1);
    send_to(rkt, 0);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return t_done();
}
