/* flush(): serves the callbacks, ends the lingering, keeps to its time limit. */
#include "test.h"

static void produce(rd_kafka_t *rk, int cnt) {
    int i;
    for (i = 0; i < cnt; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("flush"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_OPAQUE(T_OPAQUE(i)), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void nothing_to_do(void) {
    rd_kafka_t *rk = t_producer(t_mock_conf("1"));
    int64_t start_us = t_now_us();
    CHECK_ERR(rd_kafka_flush(rk, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_RANGE(t_now_us() - start_us, 0, t_patience(1) * 1000000);
    CHECK_ERR(rd_kafka_flush(rk, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

/* linger.ms of a minute is cut short. */
static void ends_the_lingering(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    t_set(conf, "linger.ms", "60000");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    t_book(100);
    produce(rk, 100);
    t_sleep_ms(300);
    CHECK_INT(rd_kafka_outq_len(rk), 100);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_destroy(rk);
}

static void time_limit(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_t *rk;
    int64_t start_us;
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    t_book(5);
    produce(rk, 5);
    CHECK_ERR(rd_kafka_flush(rk, 0), RD_KAFKA_RESP_ERR__TIMED_OUT);
    start_us = t_now_us();
    CHECK_ERR(rd_kafka_flush(rk, 500), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_RANGE(t_now_us() - start_us, 450000, 450000 + t_patience(3) * 1000000LL);
    CHECK_INT(t_reported, 0);
    CHECK(rd_kafka_outq_len(rk) >= 5);
    rd_kafka_destroy(rk);
}

/* After a flush the producer goes on as before. */
static void again_and_again(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    int i;
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    for (i = 0; i < 20; i++) {
        t_book(10);
        produce(rk, 10);
        t_flush(rk);
        t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    nothing_to_do();
    ends_the_lingering();
    time_limit();
    again_and_again();
    return t_done();
}
