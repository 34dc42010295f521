/*
 * The number of threads does not grow with the number of brokers.
 * Ours only: librdkafka runs one thread per broker.
 */
#include "test.h"

/* Threads of the process while a producer on so many brokers delivers, less the one of main. */
static long threads_with(const char *brokers) {
    rd_kafka_conf_t *conf = t_mock_conf(brokers);
    rd_kafka_t *rk;
    long threads;
    int i;
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    t_book(400);
    for (i = 0; i < 400; i++) {
        char topic[16];
        snprintf(topic, sizeof(topic), "t%d", i / 4);
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(i % 4),
                                    RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_OPAQUE(T_OPAQUE(i)),
                                    RD_KAFKA_V_END), RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    threads = t_proc_status("Threads:") - 1;
    CHECK_INT(rd_kafka_thread_cnt() > 0, 1);
    rd_kafka_destroy(rk);
    CHECK_INT(t_proc_status("Threads:"), 1);
    return threads;
}

int main(void) {
    long one, fifty;
    t_start(__FILE__, 60);
    t_ours_only();
    one = threads_with("1");
    fifty = threads_with("50");
    printf("threads: %ld with 1 broker, %ld with 50\n", one, fifty);
    CHECK_INT(fifty, one);
    return t_done();
}
