/* Reports as events: RD_KAFKA_EVENT_DR on the main queue, its messages one by one and as array. */
#include "test.h"

#define CNT 500

static rd_kafka_t *producer(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
    return t_producer(conf);
}

static void produce(rd_kafka_t *rk, int cnt) {
    int i;
    for (i = 0; i < cnt; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("events"), RD_KAFKA_V_PARTITION(i % 4),
                                    RD_KAFKA_V_VALUE("value", 5), RD_KAFKA_V_KEY("k", 1),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                    RD_KAFKA_V_OPAQUE(T_OPAQUE(i)), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void check_message(const rd_kafka_message_t *msg) {
    CHECK_ERR(msg->err, RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(msg->len, 5);
    CHECK(!memcmp(msg->payload, "value", 5));
    CHECK_STR(rd_kafka_topic_name(msg->rkt), "events");
    CHECK_INT(rd_kafka_message_status(msg), RD_KAFKA_MSG_STATUS_PERSISTED);
    t_enter(msg);
}

static void check_event(rd_kafka_event_t *event) {
    CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_DR);
    CHECK_STR(rd_kafka_event_name(event), "DeliveryReport");
    CHECK_ERR(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void one_by_one(void) {
    rd_kafka_t *rk = producer();
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    t_book(CNT);
    produce(rk, CNT);
    while (t_reported < CNT) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 1000);
        const rd_kafka_message_t *msg;
        size_t cnt, got = 0;
        if (!event)
            continue;
        check_event(event);
        cnt = rd_kafka_event_message_count(event);
        CHECK(cnt > 0);
        while ((msg = rd_kafka_event_message_next(event))) {
            check_message(msg);
            got++;
        }
        CHECK_INT(got, cnt);
        rd_kafka_event_destroy(event);
    }
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(4);
    CHECK(rd_kafka_queue_poll(queue, 0) == NULL);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

static void as_array(void) {
    rd_kafka_t *rk = producer();
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    const rd_kafka_message_t *msgs[7];
    t_book(CNT);
    produce(rk, CNT);
    while (t_reported < CNT) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 1000);
        size_t total, cnt, i, got = 0;
        if (!event)
            continue;
        check_event(event);
        total = rd_kafka_event_message_count(event);
        while ((cnt = rd_kafka_event_message_array(event, msgs, 7)) > 0) {
            CHECK(cnt <= 7);
            for (i = 0; i < cnt; i++)
                check_message(msgs[i]);
            got += cnt;
        }
        CHECK_INT(got, total);
        rd_kafka_event_destroy(event);
    }
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* flush() in event mode waits for the application to take the events; it serves none itself. */
static void flush_in_event_mode(void) {
    rd_kafka_t *rk = producer();
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    int64_t start_us;
    t_book(CNT);
    produce(rk, CNT);
    start_us = t_now_us();
    CHECK_ERR(rd_kafka_flush(rk, 700), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_RANGE(t_now_us() - start_us, 600000, 600000 + t_patience(5) * 1000000LL);
    CHECK_INT(t_reported, 0);
    CHECK(rd_kafka_outq_len(rk) >= CNT);
    while (t_reported < CNT) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 1000);
        const rd_kafka_message_t *msg;
        while (event && (msg = rd_kafka_event_message_next(event)))
            check_message(msg);
        rd_kafka_event_destroy(event);
    }
    CHECK_ERR(rd_kafka_flush(rk, 1000), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* An event dropped unread counts as served. */
static void dropped(void) {
    rd_kafka_t *rk = producer();
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    produce(rk, 10);
    while (rd_kafka_outq_len(rk) > 0)
        rd_kafka_event_destroy(rd_kafka_queue_poll(queue, 100));
    CHECK_INT(rd_kafka_event_type(NULL), RD_KAFKA_EVENT_NONE);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* Events left in the queue do not keep destroy() from ending. */
static void left_behind(void) {
    rd_kafka_t *rk = producer();
    produce(rk, 10);
    t_sleep_ms(200);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 90);
    one_by_one();
    as_array();
    flush_in_event_mode();
    dropped();
    left_behind();
    return t_done();
}
