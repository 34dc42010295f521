/*
 * batch_send: many messages with one call, reports as events instead of callbacks.
 *
 *   batch_send [-b brokers] [-t topic] [-n count]
 */
#include "common.h"

#define BATCH 500

/* Takes what reports there are and counts them. */
static void serve(rd_kafka_queue_t *queue, int timeout_ms, long *delivered, long *failed) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
    const rd_kafka_message_t *msg;
    if (!event)
        return;
    while (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR &&
           (msg = rd_kafka_event_message_next(event))) {
        if (msg->err)
            ++*failed;
        else
            ++*delivered;
    }
    rd_kafka_event_destroy(event);
}

/* Moves the messages that were refused because the queue is full to the front; returns how many. */
static int refused(rd_kafka_message_t *msgs, int cnt, long *failed) {
    int i, left = 0;
    for (i = 0; i < cnt; i++) {
        if (!msgs[i].err)
            continue;
        if (msgs[i].err == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            msgs[left++] = msgs[i];
        else
            ++*failed;
    }
    return left;
}

int main(int argc, char **argv) {
    static char values[BATCH][32];
    rd_kafka_conf_t *conf = parse(argc, argv);
    rd_kafka_message_t msgs[BATCH];
    long delivered = 0, failed = 0, sent = 0;
    rd_kafka_queue_t *queue;
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int i;

    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    rk = new_producer(conf);
    rkt = rd_kafka_topic_new(rk, topic, NULL);
    queue = rd_kafka_queue_get_main(rk);
    while (sent < count) {
        int cnt = count - sent < BATCH ? (int)(count - sent) : BATCH;
        memset(msgs, 0, sizeof(msgs));
        for (i = 0; i < cnt; i++) {
            msgs[i].payload = values[i];
            msgs[i].len = (size_t)snprintf(values[i], sizeof(values[i]), "message %ld", sent + i);
        }
        sent += cnt;
        while (cnt > 0) {
            rd_kafka_produce_batch(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, msgs, cnt);
            cnt = refused(msgs, cnt, &failed);
            serve(queue, cnt > 0 ? 100 : 0, &delivered, &failed);
        }
    }
    while (delivered + failed < count)
        serve(queue, 1000, &delivered, &failed);
    printf("%ld delivered, %ld failed\n", delivered, failed);
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return delivered == count ? 0 : 1;
}
