/* The main queue in callback mode, waiting times of poll, and waking up a file descriptor. */
#include "test.h"
#include <poll.h>

static rd_kafka_t *producer(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    return t_producer(conf);
}

static void produce_one(rd_kafka_t *rk) {
    t_book(1);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("q"), RD_KAFKA_V_VALUE("x", 1),
                                RD_KAFKA_V_OPAQUE(T_OPAQUE(0)), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* queue_poll_callback() on the main queue does what poll() does. */
static void poll_through_the_queue(void) {
    rd_kafka_t *rk = producer();
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    produce_one(rk);
    while (!t_reported)
        rd_kafka_queue_poll_callback(queue, 100);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* queue_poll() hands out an event even if a callback is set, which then is not called. */
static void event_in_spite_of_a_callback(void) {
    rd_kafka_t *rk = producer();
    rd_kafka_event_t *event;
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    produce_one(rk);
    while (!(event = rd_kafka_queue_poll(queue, 100)))
        ;
    CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_DR);
    CHECK_INT(rd_kafka_event_message_count(event), 1);
    rd_kafka_event_destroy(event);
    CHECK_INT(t_reported, 0);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

static void waiting_times(void) {
    rd_kafka_t *rk = producer();
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    int64_t start_us = t_now_us();
    CHECK_INT(rd_kafka_poll(rk, 0), 0);
    CHECK_RANGE(t_now_us() - start_us, 0, t_patience(1) * 100000);
    start_us = t_now_us();
    CHECK_INT(rd_kafka_poll(rk, 300), 0);
    CHECK_RANGE(t_now_us() - start_us, 250000, t_patience(2) * 1000000);
    start_us = t_now_us();
    CHECK(rd_kafka_queue_poll(queue, 300) == NULL);
    CHECK_RANGE(t_now_us() - start_us, 250000, t_patience(2) * 1000000);
    /* No limit: it returns when the report comes. */
    produce_one(rk);
    CHECK(rd_kafka_poll(rk, -1) > 0);
    CHECK_INT(t_reported, 1);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* A queue wakes a file descriptor when it stops being empty. */
static void file_descriptor(void) {
    rd_kafka_t *rk = producer();
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
    struct pollfd pollfd;
    int fds[2];
    char byte = 0;
    CHECK_INT(pipe(fds), 0);
    rd_kafka_queue_io_event_enable(queue, fds[1], "w", 1);
    produce_one(rk);
    pollfd.fd = fds[0];
    pollfd.events = POLLIN;
    CHECK_INT(poll(&pollfd, 1, t_patience(10) * 1000), 1);
    CHECK_INT(read(fds[0], &byte, 1), 1);
    CHECK_INT(byte, 'w');
    while (!t_reported)
        rd_kafka_poll(rk, 0);
    rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
    close(fds[0]);
    close(fds[1]);
}

int main(void) {
    t_start(__FILE__, 60);
    poll_through_the_queue();
    event_in_spite_of_a_callback();
    waiting_times();
    file_descriptor();
    return t_done();
}
