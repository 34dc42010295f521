/* What a report tells about its message: status, latency, broker, timestamp. */
#include "test.h"

typedef struct {
    rd_kafka_resp_err_t err;
    rd_kafka_msg_status_t status;
    int64_t latency_us, timestamp, offset;
    rd_kafka_timestamp_type_t tstype;
    int32_t broker_id;
    int count, has_topic;
} seen_t;

static seen_t seen;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk;
    (void)opaque;
    seen.count++;
    seen.err = msg->err;
    seen.status = rd_kafka_message_status(msg);
    seen.latency_us = rd_kafka_message_latency(msg);
    seen.timestamp = rd_kafka_message_timestamp(msg, &seen.tstype);
    seen.broker_id = rd_kafka_message_broker_id(msg);
    seen.offset = msg->offset;
    seen.has_topic = msg->rkt != NULL;
}

static void send_one(rd_kafka_t *rk, int64_t timestamp) {
    memset(&seen, 0, sizeof(seen));
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("seen"), RD_KAFKA_V_PARTITION(1),
                                RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_TIMESTAMP(timestamp),
                                RD_KAFKA_V_END), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void delivered(const char *acks, rd_kafka_msg_status_t status, int knows_offset) {
    rd_kafka_conf_t *conf = t_mock_conf("3");
    rd_kafka_t *rk;
    int64_t start_us;
    t_set(conf, "acks", acks);
    t_set(conf, "linger.ms", "200");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    start_us = t_now_us();
    send_one(rk, 1700000000000LL);
    while (!seen.count)
        rd_kafka_poll(rk, 100);
    CHECK_ERR(seen.err, RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(seen.status, status);
    CHECK_RANGE(seen.latency_us, 200000, t_now_us() - start_us);
    CHECK_RANGE(seen.broker_id, 1, 3);
    CHECK_INT(seen.offset, knows_offset ? 0 : RD_KAFKA_OFFSET_INVALID);
    CHECK(seen.has_topic);
    if (t_is_oxide()) {
        /* librdkafka's embedded cluster answers with a log append time of 1234. */
        CHECK_INT(seen.timestamp, 1700000000000LL);
        CHECK_INT(seen.tstype, RD_KAFKA_TIMESTAMP_CREATE_TIME);
    }
    rd_kafka_destroy(rk);
}

static void failed(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    send_one(rk, 1700000000000LL);
    t_sleep_ms(50);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), RD_KAFKA_RESP_ERR_NO_ERROR);
    while (!seen.count)
        rd_kafka_poll(rk, 100);
    CHECK_ERR(seen.err, RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    CHECK_INT(seen.status, RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
    CHECK_RANGE(seen.latency_us, 50000, t_patience(5) * 1000000LL);
    CHECK_INT(seen.broker_id, -1);
    CHECK_INT(seen.offset, RD_KAFKA_OFFSET_INVALID);
    CHECK_INT(seen.timestamp, -1);
    CHECK_INT(seen.tstype, RD_KAFKA_TIMESTAMP_NOT_AVAILABLE);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    delivered("-1", RD_KAFKA_MSG_STATUS_PERSISTED, 1);
    delivered("1", RD_KAFKA_MSG_STATUS_PERSISTED, 1);
    delivered("0", RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED, 0);
    failed();
    return t_done();
}
