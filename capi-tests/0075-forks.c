/*
 * fork() in the midst of producing threads. In the child every call on the parent's handle fails at once, whichever lock
 * another thread held at that moment; the parent goes on, and delivers all.
 */
#include "test.h"
#include <pthread.h>
#include <sys/wait.h>

#define THREADS 3
#define FORKS 40

static int stopping, produced, delivered, failed;
static rd_kafka_t *the_handle;

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk;
    (void)opaque;
    __atomic_add_fetch(msg->err ? &failed : &delivered, 1, __ATOMIC_SEQ_CST);
}

static void *produce_on(void *arg) {
    rd_kafka_t *rk = arg;
    while (!__atomic_load_n(&stopping, __ATOMIC_SEQ_CST)) {
        rd_kafka_resp_err_t err = rd_kafka_producev(
            rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("some value", 10), RD_KAFKA_V_END);
        if (!err)
            __atomic_add_fetch(&produced, 1, __ATOMIC_SEQ_CST);
        else if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            FAIL("produce: %s", rd_kafka_err2name(err));
        if (err)
            t_sleep_ms(1);
    }
    return NULL;
}

static void *poll_on(void *arg) {
    while (!__atomic_load_n(&stopping, __ATOMIC_SEQ_CST))
        rd_kafka_poll(arg, 5);
    return NULL;
}

/* Everything that a child might try; its end is bounded by alarm(). */
static void use_the_parents_handle(rd_kafka_t *rk, rd_kafka_topic_t *rkt, rd_kafka_queue_t *queue) {
    const int64_t started_us = t_now_us();
    rd_kafka_headers_t *hdrs = rd_kafka_headers_new(1);
    rd_kafka_message_t msg;
    memset(&msg, 0, sizeof(msg));
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("y", 1), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__STATE);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("new"), RD_KAFKA_V_VALUE("y", 1),
                                RD_KAFKA_V_HEADERS(hdrs), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR__STATE);
    rd_kafka_headers_destroy(hdrs);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK, "y", 1, NULL, 0, NULL), -1);
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY, &msg, 1), 0);
    CHECK_ERR(msg.err, RD_KAFKA_RESP_ERR__STATE);
    CHECK(rd_kafka_topic_new(rk, "other", NULL) == NULL);
    CHECK_INT(rd_kafka_poll(rk, -1), 0);
    CHECK(rd_kafka_queue_poll(queue, -1) == NULL);
    CHECK_INT(rd_kafka_queue_length(queue), 0);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    CHECK_ERR(rd_kafka_flush(rk, -1), RD_KAFKA_RESP_ERR__STATE);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT), RD_KAFKA_RESP_ERR__STATE);
    rd_kafka_brokers_add(rk, "127.0.0.1:1");
    rd_kafka_yield(rk);
    CHECK_INT(rd_kafka_thread_cnt(), 0);
    CHECK(rd_kafka_name(rk) != NULL);
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    CHECK_INT(rd_kafka_wait_destroyed(-1), 0);
    CHECK_RANGE(t_now_us() - started_us, 0, t_patience(5) * 1000000LL);
}

static void destroy_at_exit(void) { rd_kafka_destroy(the_handle); }

/* One of the ways in which children end. */
static void be_the_child(int way, rd_kafka_topic_t *rkt, rd_kafka_queue_t *queue) {
    alarm((unsigned)t_patience(20));
    switch (way) {
    case 0:
        use_the_parents_handle(the_handle, rkt, queue);
        _exit(0);
    case 1:
        rd_kafka_destroy(the_handle);
        _exit(0);
    case 2:
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    case 3: /* its own destructors and atexit() handlers, as in a program that never thought of fork() */
        if (atexit(destroy_at_exit))
            _exit(1);
        exit(0);
    default: { /* a producer of its own beside the dead one */
        rd_kafka_t *own = t_producer(t_mock_conf("1"));
        CHECK_ERR(rd_kafka_producev(own, RD_KAFKA_V_TOPIC("own"), RD_KAFKA_V_VALUE("z", 1), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
        CHECK_ERR(rd_kafka_flush(own, t_patience(10) * 1000), RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_destroy(own);
        rd_kafka_destroy(the_handle);
        _exit(0);
    }
    }
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_topic_t *rkt;
    rd_kafka_queue_t *queue;
    pthread_t threads[THREADS], poller;
    int i, status;
    t_start(__FILE__, 90);
    t_ours_only(); /* a child that calls librdkafka waits for threads that only its parent has */
    if (getenv("CAPI_WRAPPER")) {
        printf("%s: skipped, in a child valgrind takes the other threads' memory for lost\n", t_name);
        return T_SKIPPED;
    }
    conf = t_mock_conf("2");
    t_set(conf, "queue.buffering.max.messages", "20000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    the_handle = t_producer(conf);
    rkt = t_topic(the_handle, "t");
    queue = rd_kafka_queue_get_main(the_handle);
    for (i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, produce_on, the_handle), 0);
    CHECK_INT(pthread_create(&poller, NULL, poll_on, the_handle), 0);
    for (i = 0; i < FORKS; i++) {
        pid_t child;
        t_sleep_ms(5);
        fflush(stdout);
        child = fork();
        CHECK(child >= 0);
        if (!child)
            be_the_child(i % 5, rkt, queue);
        CHECK_INT(waitpid(child, &status, 0), child);
        if (status)
            FAIL("child %d ended with status %x", i, status);
    }
    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_join(poller, NULL);
    t_flush(the_handle);
    CHECK_INT(failed, 0);
    CHECK_INT(delivered, produced);
    CHECK(produced > 0);
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(the_handle);
    CHECK_INT(rd_kafka_wait_destroyed(1000), 0);
    return t_done();
}
