/*
 * flush(), purge() and destroy() whatever the brokers do: none there, connections that nobody accepts, one that stops in the
 * middle of a response. With full queues, and while other threads produce. Each ends in bounded time.
 */
#include "test.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

typedef enum { UNREACHABLE, NOT_ACCEPTED, STALLING, MANNER_CNT } manner_t;

static const char *manner_names[] = {"unreachable", "not accepted", "stalling"};
static int listener, filler = -1, stopping, reports, purged, produced;
static char servers[64];

/* destroy() takes no longer than this. */
#define DESTROY_US (t_patience(4) * 1000000LL)

static void listen_on_free_port(int backlog) {
    struct sockaddr_in addr;
    socklen_t len = sizeof(addr);
    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
    CHECK_INT(listen(listener, backlog), 0);
    CHECK_INT(getsockname(listener, (struct sockaddr *)&addr, &len), 0);
    snprintf(servers, sizeof(servers), "127.0.0.1:%d", ntohs(addr.sin_port));
    if (!backlog) {
        /* The one place in the line is taken: later connections hang as they do behind a firewall. */
        filler = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_INT(connect(filler, (struct sockaddr *)&addr, len), 0);
    }
}

/* Answers each request with the begin of a response that never goes on. */
static void *stall(void *arg) {
    int fds[64], cnt = 0;
    (void)arg;
    while (cnt < 64) {
        unsigned char request[512], answer[12] = {0, 0, 1, 0};
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            break;
        fds[cnt++] = fd;
        if (recv(fd, request, sizeof(request), 0) < 12)
            continue;
        memcpy(answer + 4, request + 8, 4);
        if (send(fd, answer, sizeof(answer), MSG_NOSIGNAL) < 0)
            continue;
    }
    while (cnt)
        close(fds[--cnt]);
    return NULL;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk;
    (void)opaque;
    reports++;
    CHECK(msg->err);
    if (msg->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || msg->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
        purged++;
}

static rd_kafka_t *make(void (*on_report)(rd_kafka_t *, const rd_kafka_message_t *, void *)) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    t_set(conf, "bootstrap.servers", servers);
    t_set(conf, "log_level", "0");
    t_set(conf, "queue.buffering.max.messages", "1000");
    t_set(conf, "reconnect.backoff.ms", "10");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    reports = purged = 0;
    return t_producer(conf);
}

static rd_kafka_resp_err_t produce(rd_kafka_t *rk) {
    return rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1),
                             RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_END);
}

static void fill(rd_kafka_t *rk) {
    rd_kafka_resp_err_t err;
    int cnt = 0;
    while (!(err = produce(rk)))
        cnt++;
    CHECK_ERR(err, RD_KAFKA_RESP_ERR__QUEUE_FULL);
    CHECK_INT(cnt, 1000);
}

static void destroy(rd_kafka_t *rk) {
    const int64_t started_us = t_now_us();
    rd_kafka_destroy(rk);
    CHECK_RANGE(t_now_us() - started_us, 0, DESTROY_US);
}

/* flush() keeps to its limit, purge() empties a full queue, destroy() does not wait for brokers. */
static void with_a_full_queue(void) {
    rd_kafka_t *rk = make(on_delivery);
    int64_t started_us;
    fill(rk);
    t_sleep_ms(100);
    started_us = t_now_us();
    CHECK_ERR(rd_kafka_flush(rk, 300), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_RANGE(t_now_us() - started_us, 250000, t_patience(3) * 1000000LL);
    CHECK_ERR(rd_kafka_flush(rk, 0), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_flush(rk, t_patience(5) * 1000), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(reports, 1000);
    CHECK_INT(purged, 1000);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    /* Once more with nothing to purge, then again with a full queue that nobody empties. */
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), RD_KAFKA_RESP_ERR_NO_ERROR);
    fill(rk);
    destroy(rk);
}

/* A handle that never did anything, and one that ends in the midst of its first attempt to connect. */
static void at_once(void) {
    rd_kafka_t *rk = make(on_delivery);
    destroy(rk);
    rk = make(on_delivery);
    CHECK_ERR(produce(rk), RD_KAFKA_RESP_ERR_NO_ERROR);
    destroy(rk);
}

static void *produce_on(void *arg) {
    while (!__atomic_load_n(&stopping, __ATOMIC_SEQ_CST)) {
        rd_kafka_resp_err_t err = produce(arg);
        if (!err)
            __atomic_add_fetch(&produced, 1, __ATOMIC_SEQ_CST);
        else if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            FAIL("produce: %s", rd_kafka_err2name(err));
    }
    return NULL;
}

/* purge() and flush() while other threads fill the queue as fast as they can. */
static void while_others_produce(void) {
    rd_kafka_t *rk = make(on_delivery);
    pthread_t threads[2];
    int i;
    stopping = produced = 0;
    for (i = 0; i < 2; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, produce_on, rk), 0);
    for (i = 0; i < 20; i++) {
        int64_t started_us = t_now_us();
        CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_flush(rk, 20);
        rd_kafka_poll(rk, 5);
        CHECK_RANGE(t_now_us() - started_us, 0, t_patience(5) * 1000000LL);
    }
    __atomic_store_n(&stopping, 1, __ATOMIC_SEQ_CST);
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_flush(rk, t_patience(5) * 1000), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_INT(reports, produced);
    CHECK_INT(purged, produced);
    destroy(rk);
}

static void on_delivery_end_all(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)msg;
    (void)opaque;
    if (reports++)
        return;
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_flush(rk, 100);
    rd_kafka_destroy(rk);
}

/* All of them from inside a report. librdkafka's destroy() would wait for itself. */
static void from_a_callback(void) {
    rd_kafka_t *rk = make(on_delivery_end_all);
    const int64_t started_us = t_now_us();
    int i;
    for (i = 0; i < 10; i++)
        CHECK_ERR(produce(rk), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_poll(rk, 5000);
    CHECK(reports >= 1);
    CHECK_RANGE(t_now_us() - started_us, 0, DESTROY_US);
}

static void *wait_in_flush(void *rk) {
    rd_kafka_flush(rk, 2000);
    return NULL;
}

/* Several threads in flush() at once. */
static void flushed_by_many(void) {
    rd_kafka_t *rk = make(on_delivery);
    const int64_t started_us = t_now_us();
    pthread_t threads[4];
    int i;
    CHECK_ERR(produce(rk), RD_KAFKA_RESP_ERR_NO_ERROR);
    for (i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, wait_in_flush, rk), 0);
    t_sleep_ms(50);
    CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_RANGE(t_now_us() - started_us, 0, t_patience(10) * 1000000LL);
    CHECK_INT(reports, 1);
    destroy(rk);
}

int main(void) {
    pthread_t thread;
    manner_t manner;
    t_start(__FILE__, 120);
    for (manner = UNREACHABLE; manner < MANNER_CNT; manner++) {
        strcpy(servers, "127.0.0.1:1");
        if (manner != UNREACHABLE)
            listen_on_free_port(manner == STALLING ? 64 : 0);
        if (manner == STALLING)
            CHECK_INT(pthread_create(&thread, NULL, stall, NULL), 0);
        at_once();
        with_a_full_queue();
        while_others_produce();
        flushed_by_many();
        if (t_is_oxide())
            from_a_callback();
        if (manner != UNREACHABLE)
            shutdown(listener, SHUT_RDWR);
        if (manner == STALLING)
            pthread_join(thread, NULL);
        if (manner != UNREACHABLE)
            close(listener);
        printf("%s: done\n", manner_names[manner]);
    }
    close(filler);
    CHECK_INT(rd_kafka_wait_destroyed(1000), 0);
    return t_done();
}
