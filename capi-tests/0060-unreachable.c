/* Brokers that are not there or have no address: reports in time, errors told, a bounded end. */
#include "test.h"

static int errors_seen;
static rd_kafka_resp_err_t last_seen;

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
    (void)rk;
    (void)opaque;
    CHECK(reason && *reason);
    errors_seen++;
    if (err == RD_KAFKA_RESP_ERR__RESOLVE || err == RD_KAFKA_RESP_ERR__TRANSPORT)
        last_seen = (rd_kafka_resp_err_t)err;
}

static rd_kafka_t *producer(const char *servers, const char *timeout_ms) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    t_set(conf, "bootstrap.servers", servers);
    t_set(conf, "log_level", "0");
    t_set(conf, "message.timeout.ms", timeout_ms);
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rd_kafka_conf_set_error_cb(conf, on_error);
    errors_seen = 0;
    last_seen = RD_KAFKA_RESP_ERR_NO_ERROR;
    return t_producer(conf);
}

static void produce(rd_kafka_t *rk, int cnt) {
    int i;
    t_book(cnt);
    for (i = 0; i < cnt; i++) {
        const char *topic = i % 2 ? "a" : "b";
        int32_t partition = i % 3 ? RD_KAFKA_PARTITION_UA : i % 5;
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                    RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_OPAQUE(T_OPAQUE(i)),
                                    RD_KAFKA_V_END), RD_KAFKA_RESP_ERR_NO_ERROR);
    }
}

/* message.timeout.ms of 1.5 s: each message is reported soon after it, and none before. */
static void messages_time_out(const char *servers, rd_kafka_resp_err_t expected) {
    rd_kafka_t *rk = producer(servers, "1500");
    int64_t start_us = t_now_us();
    produce(rk, 100);
    while (t_reported < 100) {
        rd_kafka_poll(rk, 100);
        if (t_reported)
            CHECK(t_now_us() - start_us > 1300000);
        CHECK(t_now_us() - start_us < t_patience(8) * 1000000LL);
    }
    t_check_reports(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
    CHECK(errors_seen > 0);
    CHECK_ERR(last_seen, expected);
    rd_kafka_poll(rk, 0);
    CHECK_INT(rd_kafka_flush(rk, 100), 0);
    rd_kafka_destroy(rk);
}

/* destroy() with a full queue and no broker ends soon, without reports. */
static void destroy_is_bounded(const char *servers, int cnt) {
    rd_kafka_t *rk = producer(servers, "300000");
    int64_t start_us;
    produce(rk, cnt);
    t_sleep_ms(100);
    start_us = t_now_us();
    rd_kafka_destroy(rk);
    CHECK_RANGE(t_now_us() - start_us, 0, t_patience(5) * 1000000LL);
    CHECK_INT(t_reported, 0);
}

/* The same with the whole queue given up first: all are reported, then the end. */
static void purge_then_destroy(const char *servers) {
    rd_kafka_t *rk = producer(servers, "300000");
    produce(rk, 1000);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR__PURGE_QUEUE);
    rd_kafka_destroy(rk);
}

/* Without an error callback the events pile up nowhere: destroy() right after new(). */
static void at_once(void) {
    int i;
    for (i = 0; i < 20; i++)
        rd_kafka_destroy(t_producer(t_unreachable_conf()));
    for (i = 0; i < 5; i++)
        rd_kafka_destroy(t_producer(t_mock_conf("3")));
}

int main(void) {
    const char *closed = "127.0.0.1:1", *nameless = "no-such-host.invalid:9092";
    t_start(__FILE__, 120);
    messages_time_out(closed, RD_KAFKA_RESP_ERR__TRANSPORT);
    messages_time_out(nameless, RD_KAFKA_RESP_ERR__RESOLVE);
    destroy_is_bounded(closed, t_count(50000));
    destroy_is_bounded(nameless, 100);
    destroy_is_bounded("192.0.2.1:9092", 100); /* an address that never answers */
    purge_then_destroy(closed);
    at_once();
    return t_done();
}
