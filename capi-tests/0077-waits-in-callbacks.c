/*
 * log_cb and the hooks of queues run on the thread that drives the handle. Whatever would wait there for that very thread is
 * refused at once, whatever its time-out, and the handle goes on.
 */
#include "test.h"

static int called, reports;
static rd_kafka_topic_t *topic;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk;
    (void)msg;
    (void)opaque;
    reports++;
}

/* Each of these would take for ever. */
static void wait_for_ever(rd_kafka_t *rk) {
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_partition_list_t *times = rd_kafka_topic_partition_list_new(1);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    int64_t low = 0, high = 0;
    CHECK_ERR(rd_kafka_metadata(rk, 1, NULL, &metadata, -1), RD_KAFKA_RESP_ERR__STATE);
    CHECK(metadata == NULL);
    CHECK_ERR(rd_kafka_flush(rk, -1), RD_KAFKA_RESP_ERR__STATE);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), RD_KAFKA_RESP_ERR__STATE);
    CHECK_ERR(rd_kafka_query_watermark_offsets(rk, "t", 0, &low, &high, -1), RD_KAFKA_RESP_ERR__STATE);
    rd_kafka_topic_partition_list_add(times, "t", 0)->offset = 0;
    CHECK(rd_kafka_offsets_for_times(rk, times, -1) != RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(times);
    CHECK(rd_kafka_clusterid(rk, -1) == NULL);
    CHECK_INT(rd_kafka_controllerid(rk, -1), -1);
    CHECK_INT(rd_kafka_wait_destroyed(100000), -1);
    /* What is there is served as by anybody. */
    while (rd_kafka_poll(rk, -1) > 0)
        ;
    CHECK(rd_kafka_queue_poll(queue, -1) == NULL);
    rd_kafka_queue_destroy(queue);
    /* The queue holds one message. */
    while (rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK, "x", 1, NULL, 0, NULL) == 0)
        ;
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING),
              RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    (void)level;
    (void)buf;
    /* The topic is made after the handle; there are more such lines later. */
    if (strcmp(fac, "FAIL") || !__atomic_load_n(&topic, __ATOMIC_SEQ_CST) || called)
        return;
    wait_for_ever((rd_kafka_t *)rk);
    __atomic_store_n(&called, 1, __ATOMIC_SEQ_CST);
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    int64_t started_us;
    int port = 1;
    t_start(__FILE__, 60);
    /* librdkafka waits: a log_cb must not call it at all. */
    t_ours_only();
    conf = t_unreachable_conf();
    t_set(conf, "queue.buffering.max.messages", "1");
    t_set(conf, "log_level", "6");
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rk = t_producer(conf);
    __atomic_store_n(&topic, t_topic(rk, "t"), __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&called, __ATOMIC_SEQ_CST)) {
        /* Another broker each time, because the same error of the same broker is not logged again. */
        char broker[32];
        snprintf(broker, sizeof(broker), "127.0.0.1:%d", 1 + port++ % 500);
        rd_kafka_brokers_add(rk, broker);
        t_sleep_ms(10);
    }
    /* The thread goes on: it purges what was produced there. */
    while (rd_kafka_outq_len(rk) > 0)
        rd_kafka_poll(rk, 100);
    CHECK(reports > 0);
    rd_kafka_topic_destroy(topic);
    started_us = t_now_us();
    rd_kafka_destroy(rk);
    CHECK_RANGE(t_now_us() - started_us, 0, t_patience(4) * 1000000LL);
    return t_done();
}
