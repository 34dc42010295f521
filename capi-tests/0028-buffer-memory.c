/*
 * buffer.memory: what a producer's messages hold of memory stays below it, whatever they are like. Measured by the C
 * library's own count of what is allocated. librdkafka has no such property.
 */
#include "test.h"

#include <librdkafka/rdkafka_mock.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/wait.h>

#define MIB (1 << 20)
#define LIMIT (8 * MIB)
/* What a handle has beside its messages: threads, connections, what is known of the cluster. */
#define BESIDE (2 * MIB)
/* Codecs and their buffers, for each thread that compresses. */
#define CODECS (16 * MIB)

static size_t allocated(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static char bootstraps[256];
static pid_t cluster_pid;
static int cluster_end;

/* A cluster in another process, so that it does not count: topic "many" has 5000 partitions, "few" has 4. */
static void start_cluster(void) {
    int up[2], down[2];
    CHECK(pipe(up) == 0 && pipe(down) == 0);
    cluster_pid = fork();
    CHECK(cluster_pid >= 0);
    if (cluster_pid == 0) {
        rd_kafka_mock_cluster_t *cluster;
        const char *text;
        char byte;
        close(down[1]);
        cluster = rd_kafka_mock_cluster_new(t_producer(rd_kafka_conf_new()), 1);
        CHECK(cluster);
        CHECK_ERR(rd_kafka_mock_topic_create(cluster, "many", 5000, 1), 0);
        CHECK_ERR(rd_kafka_mock_topic_create(cluster, "few", 4, 1), 0);
        text = rd_kafka_mock_cluster_bootstraps(cluster);
        CHECK(write(up[1], text, strlen(text)) == (ssize_t)strlen(text));
        CHECK(read(down[0], &byte, 1) == 0);
        _exit(0);
    }
    close(down[0]);
    cluster_end = down[1];
    CHECK(read(up[0], bootstraps, sizeof(bootstraps) - 1) > 0);
}

static void end_cluster(void) {
    int status;
    close(cluster_end);
    CHECK(waitpid(cluster_pid, &status, 0) == cluster_pid && status == 0);
}

static long reported;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk;
    (void)msg;
    (void)opaque;
    reported++;
}

static rd_kafka_t *producer(const char *servers, const char *codec) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[32];
    snprintf(text, sizeof(text), "%d", LIMIT);
    t_set(conf, "bootstrap.servers", servers);
    t_set(conf, "buffer.memory", text);
    t_set(conf, "queue.buffering.max.messages", "0");
    t_set(conf, "linger.ms", "50");
    t_set(conf, "compression.codec", codec);
    t_set(conf, "log_level", "0");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    return t_producer(conf);
}

typedef struct {
    const char *name, *topic, *codec;
    size_t size;
    int partitions; /* 0: the partitioner's choice */
    int flags;
    int at_least; /* messages that must fit */
    size_t beside;
} pattern_t;

static size_t peak;

static void look(void) {
    size_t now = allocated();
    if (now > peak)
        peak = now;
}

/* Fills the queue without polling until it is full for a while, then delivers everything. */
static void fill(rd_kafka_t *rk, const pattern_t *p, char *payload) {
    rd_kafka_topic_t *rkt = t_topic(rk, p->topic);
    int sent = 0, full = 0;
    reported = 0;
    while (full < 60 && sent < 300000) {
        int partition = p->partitions ? sent % p->partitions : RD_KAFKA_PARTITION_UA;
        if (rd_kafka_produce(rkt, partition, p->flags, payload, p->size, "key", 3, NULL) == 0) {
            sent++;
            full = 0;
        } else {
            CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
            full++;
            t_sleep_ms(5);
        }
        look();
    }
    CHECK(sent >= p->at_least);
    if (strcmp(rd_kafka_topic_name(rkt), "unknown") == 0)
        CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), 0);
    while (rd_kafka_outq_len(rk) > 0) {
        rd_kafka_poll(rk, 10);
        look();
    }
    CHECK_INT(reported, sent);
    printf("%s: %d messages of %zu bytes held\n", p->name, sent, p->size);
    rd_kafka_topic_destroy(rkt);
}

static void stays_below(const pattern_t *p) {
    const char *servers = strcmp(p->topic, "unknown") ? bootstraps : "127.0.0.1:1";
    char *payload = malloc(p->size);
    rd_kafka_t *rk;
    size_t before, i, round;
    /* A third of it compresses. */
    for (i = 0; i < p->size; i++)
        payload[i] = i % 3 ? (char)(rand() >> 8) : 'x';
    before = allocated();
    peak = before;
    rk = producer(servers, p->codec);
    for (round = 0; round < 3; round++)
        fill(rk, p, payload);
    printf("%s: grew by %zu KiB\n", p->name, (peak - before) >> 10);
    if (peak - before > LIMIT + BESIDE + p->beside)
        FAIL("%s: grew by %zu KiB", p->name, (peak - before) >> 10);
    rd_kafka_destroy(rk);
    free(payload);
}

#define COPY RD_KAFKA_MSG_F_COPY

static const pattern_t patterns[] = {
    {"small", "few", "none", 100, 4, COPY, 20000, 0},
    {"one in each of 5000 partitions", "many", "none", 100, 5000, COPY, 1500, 5000 * 1500},
    {"large", "few", "none", 900000, 4, COPY, 4, 0},
    {"large, compressed", "few", "zstd", 900000, 4, COPY, 2, CODECS},
    {"small, compressed", "few", "lz4", 1000, 4, COPY, 2000, CODECS},
    {"empty, not copied", "few", "none", 0, 4, 0, 20000, 0},
    {"without a partition", "unknown", "none", 100, 0, COPY, 1500, 0},
    {"large without a partition", "unknown", "none", 500000, 0, COPY, 2, 0},
};

/* A message that could never fit is refused as such; waiting ends when others make room. */
static void refuses_and_waits(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[256], *payload = calloc(1, MIB);
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int i;
    t_set(conf, "buffer.memory", "1000");
    CHECK(!rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr)));
    CHECK_HAS(errstr, "buffer.memory");
    t_set(conf, "buffer.memory", "1048576");
    t_set(conf, "bootstrap.servers", bootstraps);
    t_set(conf, "linger.ms", "5");
    t_set(conf, "block.serve.reports.ms", "0");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    rkt = t_topic(rk, "few");
    CHECK_INT(rd_kafka_produce(rkt, 0, COPY, payload, 990000, NULL, 0, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    reported = 0;
    for (i = 0; i < 200; i++)
        CHECK_INT(rd_kafka_produce(rkt, i % 4, COPY | RD_KAFKA_MSG_F_BLOCK, payload, 100000, NULL,
                                   0, NULL), 0);
    t_flush(rk);
    CHECK_INT(reported, 200);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    free(payload);
}

static void *poll_once(void *rk) {
    t_sleep_ms(2500);
    rd_kafka_poll(rk, 0);
    return NULL;
}

/* max.block.ms is for the whole call: first there is no place for the message, then, after a report, no memory. */
static void blocks_once(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_conf_t *topic_conf = rd_kafka_topic_conf_new();
    char errstr[256], *payload = calloc(1, 200000);
    rd_kafka_topic_t *brief, *rkt;
    pthread_t thread;
    int64_t started_us, blocked_us;
    rd_kafka_t *rk;
    t_set(conf, "bootstrap.servers", "127.0.0.1:1");
    t_set(conf, "log_level", "0");
    t_set(conf, "buffer.memory", "1048576");
    t_set(conf, "queue.buffering.max.messages", "3");
    t_set(conf, "max.block.ms", "3000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    CHECK_INT(rd_kafka_topic_conf_set(topic_conf, "message.timeout.ms", "500", errstr,
                                      sizeof(errstr)), RD_KAFKA_CONF_OK);
    brief = rd_kafka_topic_new(rk, "brief", topic_conf);
    CHECK(brief);
    rkt = t_topic(rk, "unknown");
    CHECK_INT(rd_kafka_produce(brief, 0, COPY, payload, 10, NULL, 0, NULL), 0);
    CHECK_INT(rd_kafka_produce(rkt, 0, COPY, payload, 200000, NULL, 0, NULL), 0);
    CHECK_INT(rd_kafka_produce(rkt, 0, COPY, payload, 200000, NULL, 0, NULL), 0);
    CHECK_INT(pthread_create(&thread, NULL, poll_once, rk), 0);
    started_us = t_now_us();
    CHECK_INT(rd_kafka_produce(rkt, 0, COPY | RD_KAFKA_MSG_F_BLOCK, payload, 200000, NULL, 0,
                               NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
    blocked_us = t_now_us() - started_us;
    CHECK(blocked_us >= 3000000 && blocked_us < 5300000);
    pthread_join(thread, NULL);
    rd_kafka_topic_destroy(brief);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    free(payload);
}

int main(void) {
    size_t i;
    t_start(__FILE__, 240);
    t_ours_only();
    /* Nothing but what is held, please: arenas and caches of their own would hide it. */
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    start_cluster();
    for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        stays_below(&patterns[i]);
    refuses_and_waits();
    blocks_once();
    end_cluster();
    return t_done();
}
