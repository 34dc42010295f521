/*
 * The background thread ends with its handle, whoever asks for its queue late, and may destroy the handle itself.
 * librdkafka documents neither.
 */
#include "test.h"

static int destroyed;

static rd_kafka_resp_err_t on_destroy(rd_kafka_t *rk, void *opaque) {
    rd_kafka_queue_t *queue = rd_kafka_queue_get_background(rk);
    (void)opaque;
    CHECK(queue != NULL);
    CHECK(rd_kafka_queue_poll(queue, 0) == NULL);
    rd_kafka_queue_destroy(queue);
    destroyed++;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_thread(rd_kafka_t *rk, rd_kafka_thread_type_t type, const char *name,
                                     void *opaque) {
    (void)type, (void)name, (void)opaque;
    CHECK(rd_kafka_name(rk) != NULL);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *opaque,
                                  char *errstr, size_t errstr_size) {
    (void)conf, (void)errstr, (void)errstr_size;
    CHECK_ERR(rd_kafka_interceptor_add_on_thread_start(rk, "late", on_thread, opaque), 0);
    CHECK_ERR(rd_kafka_interceptor_add_on_thread_exit(rk, "late", on_thread, opaque), 0);
    return rd_kafka_interceptor_add_on_destroy(rk, "late", on_destroy, opaque);
}

static void asked_for_as_the_handle_ends(void) {
    int i;
    for (i = 0; i < 20; i++) {
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        t_set(conf, "log_level", "0");
        CHECK_ERR(rd_kafka_conf_interceptor_add_on_new(conf, "late", on_new, NULL), 0);
        rd_kafka_destroy(t_producer(conf));
        CHECK_INT(destroyed, i + 1);
    }
}

static void destroy_in_callback(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)msg;
    rd_kafka_destroy(rk);
    __atomic_store_n((int *)opaque, 1, __ATOMIC_SEQ_CST);
}

/* The main queue is served there; its report's callback destroys the handle. */
static void destroyed_by_its_own_callback(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_queue_t *main_queue, *background;
    int done = 0;
    rd_kafka_t *rk;
    rd_kafka_conf_set_opaque(conf, &done);
    rd_kafka_conf_set_dr_msg_cb(conf, destroy_in_callback);
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_new(conf, "late", on_new, NULL), 0);
    rk = t_producer(conf);
    main_queue = rd_kafka_queue_get_main(rk);
    background = rd_kafka_queue_get_background(rk);
    rd_kafka_queue_forward(main_queue, background);
    rd_kafka_queue_destroy(main_queue);
    rd_kafka_queue_destroy(background);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("v", 1), RD_KAFKA_V_END), 0);
    while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST))
        t_sleep_ms(10);
}

int main(void) {
    t_start(__FILE__, 60);
    t_ours_only();
    asked_for_as_the_handle_ends();
    destroyed_by_its_own_callback();
    while (rd_kafka_thread_cnt() > 0)
        t_sleep_ms(10);
    return t_done();
}
