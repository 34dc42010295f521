/* Objects that outlive each other, destroy() from a callback and twice, the background queue. */
#include "test.h"
#include <pthread.h>

static int reports, wakes, background_events, background_reports;
static pthread_t main_thread;

static void produce(rd_kafka_t *rk, int cnt) {
    int i;
    for (i = 0; i < cnt; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_PARTITION(0),
                                    RD_KAFKA_V_HEADER("n", "v", 1), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void destroying(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)opaque;
    CHECK_INT(msg->len, 1);
    if (!reports++)
        rd_kafka_destroy(rk);
    /* The message stays until the callback returns. */
    CHECK(!memcmp(msg->payload, "x", 1));
    CHECK_STR(rd_kafka_topic_name(msg->rkt), "t");
}

/* librdkafka would wait for itself. */
static void destroy_from_a_callback(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, destroying);
    rk = t_producer(conf);
    reports = 0;
    produce(rk, 20);
    t_sleep_ms(300);
    rd_kafka_poll(rk, 5000);
    CHECK(reports >= 1);
    rd_kafka_destroy(rk);
    rd_kafka_destroy(NULL);
    CHECK_INT(rd_kafka_wait_destroyed(1000), 0);
}

/* The configuration object belongs to the handle then. There are programs that ask it for properties nevertheless, which
 * happens to work in librdkafka. */
static void asks_the_configuration_later(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    char value[256];
    size_t size = sizeof(value);
    CHECK_INT(rd_kafka_conf_set(conf, "client.id", "a client with a long name", NULL, 0), RD_KAFKA_CONF_OK);
    rk = t_producer(conf);
    produce(rk, 20);
    CHECK_INT(rd_kafka_conf_get(conf, "client.id", value, &size), RD_KAFKA_CONF_OK);
    CHECK_STR(value, "a client with a long name");
    CHECK_INT(rd_kafka_flush(rk, 5000), 0);
    rd_kafka_destroy(rk);
}

/* Events, queues and topics are given back after their handle. */
static void outliving(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_event_t *event;
    rd_kafka_queue_t *queue, *own;
    rd_kafka_topic_t *rkt;
    const rd_kafka_message_t *msg;
    rd_kafka_headers_t *hdrs;
    rd_kafka_t *rk;
    int cnt = 0;
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    rk = t_producer(conf);
    queue = rd_kafka_queue_get_main(rk);
    own = rd_kafka_queue_new(rk);
    rd_kafka_queue_forward(queue, own);
    rkt = t_topic(rk, "t");
    produce(rk, 200);
    while (!(event = rd_kafka_queue_poll(own, 1000)))
        ;
    rd_kafka_destroy(rk);
    CHECK_STR(rd_kafka_event_name(event), "DeliveryReport");
    while ((msg = rd_kafka_event_message_next(event))) {
        CHECK_STR(rd_kafka_topic_name(msg->rkt), "t");
        CHECK_ERR(rd_kafka_message_headers(msg, &hdrs), RD_KAFKA_RESP_ERR_NO_ERROR);
        CHECK_INT(rd_kafka_header_cnt(hdrs), 1);
        cnt++;
    }
    CHECK(cnt > 0);
    CHECK(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL) == -1);
    CHECK_STR(rd_kafka_topic_name(rkt), "t");
    CHECK(rd_kafka_queue_poll(own, 0) == NULL || 1);
    CHECK(rd_kafka_queue_poll(queue, 100) == NULL);
    rd_kafka_event_destroy(event);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_queue_destroy(own);
    rd_kafka_queue_destroy(queue);
}

static void on_background(rd_kafka_t *rk, rd_kafka_event_t *event, void *opaque) {
    CHECK(rk != NULL);
    CHECK(opaque == &background_events);
    CHECK(!pthread_equal(pthread_self(), main_thread));
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
        __atomic_add_fetch(&background_events, (int)rd_kafka_event_message_count(event),
                           __ATOMIC_SEQ_CST);
    rd_kafka_event_destroy(event);
}

/* Reports forwarded to the background queue come to its callback, on its own thread. */
static void background(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_queue_t *queue, *back;
    rd_kafka_t *rk;
    int i;
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    rd_kafka_conf_set_background_event_cb(conf, on_background);
    rd_kafka_conf_set_opaque(conf, &background_events);
    rk = t_producer(conf);
    queue = rd_kafka_queue_get_main(rk);
    back = rd_kafka_queue_get_background(rk);
    CHECK(back != NULL);
    rd_kafka_queue_forward(queue, back);
    produce(rk, 50);
    for (i = 0; i < 500 && __atomic_load_n(&background_events, __ATOMIC_SEQ_CST) < 50; i++)
        t_sleep_ms(20);
    CHECK_INT(background_events, 50);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_queue_destroy(back);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
    CHECK_INT(rd_kafka_thread_cnt(), 0);
}

static void on_wake(rd_kafka_t *rk, void *opaque) {
    CHECK(rk != NULL);
    CHECK(opaque == &wakes);
    __atomic_add_fetch(&wakes, 1, __ATOMIC_SEQ_CST);
}

static void on_background_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    CHECK(opaque == &background_reports);
    CHECK(!pthread_equal(pthread_self(), main_thread));
    CHECK(message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
    if (__atomic_add_fetch(&background_reports, 1, __ATOMIC_SEQ_CST) % 7 == 0)
        rd_kafka_yield(rk);
}

/* Without a background event callback the thread calls the callback of each type, as poll() does: so do JavaScript's
 * bindings have themselves called. */
static void callbacks_in_the_background(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_queue_t *queue, *back;
    rd_kafka_t *rk;
    int i;
    rd_kafka_conf_set_dr_msg_cb(conf, on_background_report);
    rd_kafka_conf_set_opaque(conf, &background_reports);
    rk = t_producer(conf);
    queue = rd_kafka_queue_get_main(rk);
    back = rd_kafka_queue_get_background(rk);
    rd_kafka_queue_forward(queue, back);
    rd_kafka_queue_destroy(back);
    rd_kafka_queue_destroy(queue);
    produce(rk, 50);
    for (i = 0; i < 500 && rd_kafka_outq_len(rk) > 0; i++)
        t_sleep_ms(20);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_destroy(rk);
    CHECK_INT(background_reports, 50);
}

/* A function instead of a file descriptor tells that there is something to poll. */
static void wake_up_callback(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    int i;
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    rk = t_producer(conf);
    queue = rd_kafka_queue_get_main(rk);
    rd_kafka_queue_cb_event_enable(queue, on_wake, &wakes);
    CHECK_INT(wakes, 0);
    produce(rk, 1);
    for (i = 0; i < 500 && !__atomic_load_n(&wakes, __ATOMIC_SEQ_CST); i++)
        t_sleep_ms(20);
    CHECK_INT(wakes, 1);
    rd_kafka_event_destroy(rd_kafka_queue_poll(queue, 1000));
    rd_kafka_queue_cb_event_enable(queue, NULL, NULL);
    produce(rk, 1);
    rd_kafka_event_destroy(rd_kafka_queue_poll(queue, 5000));
    CHECK_INT(wakes, 1);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

static void *yield_it(void *queue) {
    t_sleep_ms(200);
    rd_kafka_queue_yield(queue);
    return NULL;
}

/* queue_yield() ends another thread's wait without an event. */
static void yielded(void) {
    rd_kafka_t *rk = t_producer(t_mock_conf("1"));
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, yield_it, queue), 0);
    CHECK(rd_kafka_queue_poll(queue, -1) == NULL);
    pthread_join(thread, NULL);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    t_ours_only(); /* librdkafka allows neither destroy() in a callback nor objects that outlive it */
    main_thread = pthread_self();
    destroy_from_a_callback();
    asks_the_configuration_later();
    outliving();
    background();
    callbacks_in_the_background();
    wake_up_callback();
    yielded();
    return t_done();
}
