/*
 * async_send: as fast as the queue takes them, with a report for each message.
 *
 *   async_send [-b brokers] [-t topic] [-n count]
 *
 * produce() only puts the message into a queue. The three things to get right: serve reports with
 * poll() regularly, wait when the queue is full, flush() before the end.
 */
#include "common.h"

typedef struct {
    long delivered, failed;
} totals_t;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    totals_t *totals = opaque;
    (void)rk;
    if (!msg->err) {
        totals->delivered++;
        return;
    }
    totals->failed++;
    /* The library has retried until message.timeout.ms: this is final. */
    fprintf(stderr, "%% not delivered: %s: %.*s\n", rd_kafka_err2str(msg->err), (int)msg->len,
            (const char *)msg->payload);
}

int main(int argc, char **argv) {
    rd_kafka_conf_t *conf = parse(argc, argv);
    totals_t totals = {0, 0};
    long full = 0;
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int i;

    set(conf, "queue.buffering.max.messages", "1000"); /* small, to show what a full queue is */
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, &totals);
    rk = new_producer(conf);
    rkt = rd_kafka_topic_new(rk, topic, NULL);
    for (i = 0; i < count; i++) {
        char value[64];
        int len = snprintf(value, sizeof(value), "message %d", i);
        while (rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, (size_t)len,
                                NULL, 0, NULL) == -1) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                fprintf(stderr, "%% message %d: %s\n", i, rd_kafka_err2str(rd_kafka_last_error()));
                totals.failed++;
                break;
            }
            full++;
            rd_kafka_poll(rk, 100); /* each report served makes room for one message */
        }
        rd_kafka_poll(rk, 0);
    }
    while (rd_kafka_flush(rk, 1000) == RD_KAFKA_RESP_ERR__TIMED_OUT)
        fprintf(stderr, "%% %d messages to go\n", rd_kafka_outq_len(rk));
    printf("%ld delivered, %ld failed, the queue was full %ld times\n", totals.delivered,
           totals.failed, full);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return totals.delivered == count ? 0 : 1;
}
