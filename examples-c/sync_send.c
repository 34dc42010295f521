/*
 * sync_send: one message at a time, waiting for each report before the next.
 *
 *   sync_send [-b brokers] [-t topic] [-n count]
 *
 * The slowest way to produce, and the simplest: for when each message must be known to be safe
 * before the program goes on.
 */
#include "common.h"

typedef struct {
    int done;
    rd_kafka_resp_err_t err;
    int32_t partition;
    int64_t offset, latency_us;
} result_t;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    result_t *result = msg->_private;
    (void)rk;
    (void)opaque;
    result->err = msg->err;
    result->partition = msg->partition;
    result->offset = msg->offset;
    result->latency_us = rd_kafka_message_latency(msg);
    result->done = 1;
}

/* Sends one message and waits; message.timeout.ms bounds the wait. */
static result_t send_and_wait(rd_kafka_t *rk, const char *key, const char *value) {
    result_t result = {0, RD_KAFKA_RESP_ERR_NO_ERROR, -1, -1, -1};
    result.err = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key, strlen(key)),
                                   RD_KAFKA_V_VALUE((void *)value, strlen(value)),
                                   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                   RD_KAFKA_V_OPAQUE(&result), RD_KAFKA_V_END);
    if (result.err)
        return result;
    while (!result.done)
        rd_kafka_poll(rk, 1000);
    return result;
}

int main(int argc, char **argv) {
    rd_kafka_conf_t *conf = parse(argc, argv);
    rd_kafka_t *rk;
    int i, sent = 0;

    set(conf, "linger.ms", "0"); /* nothing to wait for: there is one message */
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rk = new_producer(conf);
    for (i = 0; i < count; i++) {
        char key[32], value[64];
        result_t result;
        snprintf(key, sizeof(key), "user-%d", i % 100);
        snprintf(value, sizeof(value), "message %d", i);
        result = send_and_wait(rk, key, value);
        if (result.err) {
            fprintf(stderr, "%% message %d: %s\n", i, rd_kafka_err2str(result.err));
            break;
        }
        sent++;
        printf("message %d: partition %d offset %lld latency %lld us\n", i, (int)result.partition,
               (long long)result.offset, (long long)result.latency_us);
    }
    printf("%d sent\n", sent);
    rd_kafka_destroy(rk);
    return sent == count ? 0 : 1;
}
