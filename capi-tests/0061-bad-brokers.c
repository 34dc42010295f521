/*
 * Something that is no broker listens: it closes at once, says nothing, or answers with random
 * bytes, huge lengths or half a response. No crash, no hang, no memory: the messages time out.
 */
#include "test.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

typedef enum { CLOSES, SILENT, RANDOM, HUGE_LENGTH, NEGATIVE_LENGTH, HALF, ZERO_LENGTH } manner_t;

static const char *manner_names[] = {"closes",          "silent", "random", "huge length",
                                     "negative length", "half",   "zero length"};
static _Atomic manner_t manner;
static int listener;
static _Atomic int connections;

static void answer(int fd) {
    unsigned char request[512], bytes[4096];
    size_t i, len = sizeof(bytes);
    unsigned seed = 42;
    if (recv(fd, request, sizeof(request), 0) < 12)
        return;
    for (i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(rand_r(&seed) >> 8);
    if (manner == HUGE_LENGTH || manner == NEGATIVE_LENGTH)
        memcpy(bytes, manner == HUGE_LENGTH ? "\x7f\xff\xff\xff" : "\xff\xff\xff\xf0", 4);
    if (manner == HALF || manner == ZERO_LENGTH) {
        /* A good length and the right correlation id, then the connection ends. */
        memcpy(bytes, manner == HALF ? "\x00\x00\x01\x00" : "\x00\x00\x00\x00", 4);
        memcpy(bytes + 4, request + 8, 4);
        len = 20;
    }
    if (send(fd, bytes, len, MSG_NOSIGNAL) < 0)
        return;
    if (manner != HALF)
        t_sleep_ms(100);
}

static void *serve(void *arg) {
    (void)arg;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        connections++;
        if (manner == SILENT)
            continue; /* left open and unanswered */
        if (manner != CLOSES)
            answer(fd);
        close(fd);
    }
}

static int listen_on_free_port(void) {
    struct sockaddr_in addr;
    socklen_t len = sizeof(addr);
    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
    CHECK_INT(listen(listener, 64), 0);
    CHECK_INT(getsockname(listener, (struct sockaddr *)&addr, &len), 0);
    return ntohs(addr.sin_port);
}

static void run(int port) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char servers[64];
    rd_kafka_t *rk;
    int i;
    snprintf(servers, sizeof(servers), "127.0.0.1:%d", port);
    t_set(conf, "bootstrap.servers", servers);
    t_set(conf, "log_level", "0");
    t_set(conf, "message.timeout.ms", "1000");
    t_set(conf, "reconnect.backoff.ms", "10");
    t_set(conf, "reconnect.backoff.max.ms", "50");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    connections = 0;
    rk = t_producer(conf);
    t_book(10);
    for (i = 0; i < 10; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("bad"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_OPAQUE(T_OPAQUE(i)), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
    while (t_reported < 10)
        rd_kafka_poll(rk, 100);
    t_check_reports(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
    if (!connections)
        FAIL("%s: nobody connected", manner_names[manner]);
    rd_kafka_destroy(rk);
    printf("%s: %d connections\n", manner_names[manner], connections);
}

int main(void) {
    pthread_t thread;
    long before_kib, grown_kib;
    int port, i;
    t_start(__FILE__, 90);
    port = listen_on_free_port();
    CHECK_INT(pthread_create(&thread, NULL, serve, NULL), 0);
    run(port); /* warms up */
    before_kib = t_proc_status("VmHWM:");
    for (i = CLOSES; i <= ZERO_LENGTH; i++) {
        manner = (manner_t)i;
        run(port);
    }
    grown_kib = t_proc_status("VmHWM:") - before_kib;
    CHECK_RANGE(grown_kib, 0, t_env("CAPI_PATIENCE", 1) > 1 ? 1 << 20 : 32 * 1024);
    shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listener);
    return t_done();
}
