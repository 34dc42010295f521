/* purge(): of queued and of in-flight messages, waiting or not, each reported once. */
#include "test.h"

static void produce(rd_kafka_t *rk, int from, int cnt, int32_t partition) {
    int i;
    for (i = from; i < from + cnt; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("purge"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_PARTITION(partition),
                                    RD_KAFKA_V_OPAQUE(T_OPAQUE(i)), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void drain(rd_kafka_t *rk) {
    while (t_reported < t_report_cnt)
        rd_kafka_poll(rk, 100);
    CHECK_INT(rd_kafka_poll(rk, 0), 0);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
}

/* Brokers that are not there: everything is in the queues, assigned or not. */
static void queued(int32_t partition, int flags) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    t_book(50);
    produce(rk, 0, 50, partition);
    CHECK_ERR(rd_kafka_purge(rk, flags), RD_KAFKA_RESP_ERR_NO_ERROR);
    drain(rk);
    t_check_reports(RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    rd_kafka_destroy(rk);
}

/* A slow broker: the first request is in flight, later messages linger. */
static void in_flight(int flags, rd_kafka_resp_err_t first, rd_kafka_resp_err_t later) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    int i;
    t_set(conf, "linger.ms", "100");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    t_set(conf, "test.mock.broker.rtt", "600");
    rk = t_producer(conf);
    t_book(1);
    produce(rk, 0, 1, 0);
    t_flush(rk); /* connected, metadata known */
    t_book(11);
    produce(rk, 0, 1, 0);
    t_sleep_ms(350);
    produce(rk, 1, 10, 0);
    CHECK_INT(t_reported, 0);
    CHECK_ERR(rd_kafka_purge(rk, flags), RD_KAFKA_RESP_ERR_NO_ERROR);
    drain(rk);
    CHECK_ERR(t_reports[0].err, first);
    for (i = 1; i < 11; i++)
        CHECK_ERR(t_reports[i].err, later);
    rd_kafka_destroy(rk);
}

static void arguments(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_t *rk = t_producer(conf);
    CHECK_ERR(rd_kafka_purge(rk, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_purge(rk, 0x200), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

/* The producer works on after a purge. */
static void life_goes_on(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    t_set(conf, "linger.ms", "60000");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    t_book(10);
    produce(rk, 0, 10, 2);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), RD_KAFKA_RESP_ERR_NO_ERROR);
    drain(rk);
    t_check_reports(RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    t_book(10);
    produce(rk, 0, 10, 2);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(4);
    rd_kafka_destroy(rk);
}

int main(void) {
    const int all = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT;
    t_start(__FILE__, 90);
    queued(RD_KAFKA_PARTITION_UA, RD_KAFKA_PURGE_F_QUEUE);
    queued(3, RD_KAFKA_PURGE_F_QUEUE);
    queued(RD_KAFKA_PARTITION_UA, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
    queued(3, all);
    in_flight(RD_KAFKA_PURGE_F_QUEUE, RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    in_flight(RD_KAFKA_PURGE_F_INFLIGHT, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
              RD_KAFKA_RESP_ERR_NO_ERROR);
    in_flight(all, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    in_flight(all | RD_KAFKA_PURGE_F_NON_BLOCKING, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
              RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    arguments();
    life_goes_on();
    return t_done();
}
