/* Several threads produce to several topics and several serve reports: each report once. */
#include "test.h"
#include <pthread.h>

#define PRODUCERS 4
#define POLLERS 3
#define TOPICS 5

static rd_kafka_t *rk;
static int per_thread, total, stop;

static void *produce(void *arg) {
    int thread = (int)(intptr_t)arg, i;
    char payload[256];
    memset(payload, 'a' + thread, sizeof(payload));
    for (i = 0; i < per_thread; i++) {
        int index = thread * per_thread + i;
        const char *topic = (const char *[]){"a", "b", "c", "d", "e"}[index % TOPICS];
        rd_kafka_resp_err_t err;
        while ((err = rd_kafka_producev(
                    rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(index / TOPICS % 4),
                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                    RD_KAFKA_V_VALUE(payload, index % sizeof(payload)),
                    RD_KAFKA_V_KEY(&index, sizeof(index)), RD_KAFKA_V_HEADER("h", payload, 3),
                    RD_KAFKA_V_OPAQUE(T_OPAQUE(index)), RD_KAFKA_V_END))) {
            CHECK_ERR(err, RD_KAFKA_RESP_ERR__QUEUE_FULL);
            t_sleep_ms(1);
        }
    }
    return NULL;
}

static void on_report(rd_kafka_t *handle, const rd_kafka_message_t *msg, void *opaque) {
    int index;
    (void)handle;
    (void)opaque;
    CHECK_INT(msg->key_len, sizeof(index));
    memcpy(&index, msg->key, sizeof(index));
    CHECK_INT(index, T_INDEX(msg->_private));
    CHECK_INT(msg->len, index % 256);
    if (msg->len)
        CHECK_INT(((const char *)msg->payload)[msg->len - 1], 'a' + index / per_thread);
    CHECK_INT(rd_kafka_topic_name(msg->rkt)[0], 'a' + index % TOPICS);
    t_enter(msg);
}

static void *serve(void *arg) {
    (void)arg;
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        rd_kafka_poll(rk, 20);
    return NULL;
}

int main(void) {
    rd_kafka_conf_t *conf;
    pthread_t producers[PRODUCERS], pollers[POLLERS];
    int i;
    t_start(__FILE__, 120);
    per_thread = t_count(25000);
    total = per_thread * PRODUCERS;
    t_book(total);
    conf = t_mock_conf("3");
    t_set(conf, "queue.buffering.max.messages", "5000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    for (i = 0; i < POLLERS; i++)
        CHECK_INT(pthread_create(&pollers[i], NULL, serve, NULL), 0);
    for (i = 0; i < PRODUCERS; i++)
        CHECK_INT(pthread_create(&producers[i], NULL, produce, (void *)(intptr_t)i), 0);
    for (i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    while (rd_kafka_outq_len(rk) > 0)
        t_sleep_ms(10);
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    for (i = 0; i < POLLERS; i++)
        pthread_join(pollers[i], NULL);
    CHECK_INT(t_reported, total);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
    return t_done();
}
