/*
 * Helpers of the C tests: checks that name their file and line, a time limit for the whole
 * program, and a book of delivery reports. One test is one program; see README.md here.
 *
 * Environment:
 *   CAPI_EXPECT    text that rd_kafka_version_str() must contain (the runner says "oxide")
 *   CAPI_DIVIDE    divides the message counts (valgrind)
 *   CAPI_PATIENCE  multiplies the time limits (valgrind, loaded machines)
 */
#ifndef CAPI_TEST_H
#define CAPI_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#define T_UNUSED __attribute__((unused))
#define T_SKIPPED 77

#define FAIL(...)                                                        \
    do {                                                                 \
        fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, __func__);    \
        fprintf(stderr, __VA_ARGS__);                                    \
        fputc('\n', stderr);                                             \
        _exit(1);                                                        \
    } while (0)

#define CHECK(cond)                                \
    do {                                           \
        if (!(cond))                               \
            FAIL("not true: %s", #cond);           \
    } while (0)

#define CHECK_INT(got, want)                                                          \
    do {                                                                              \
        long long got_ = (long long)(got), want_ = (long long)(want);                 \
        if (got_ != want_)                                                            \
            FAIL("%s is %lld, expected %lld (%s)", #got, got_, want_, #want);         \
    } while (0)

#define CHECK_RANGE(got, low, high)                                                       \
    do {                                                                                  \
        long long got_ = (long long)(got), low_ = (long long)(low);                       \
        long long high_ = (long long)(high);                                              \
        if (got_ < low_ || got_ > high_)                                                  \
            FAIL("%s is %lld, expected %lld to %lld", #got, got_, low_, high_);           \
    } while (0)

#define CHECK_STR(got, want)                                                          \
    do {                                                                              \
        const char *got_ = (got), *want_ = (want);                                    \
        if (!got_ || strcmp(got_, want_))                                             \
            FAIL("%s is \"%s\", expected \"%s\"", #got, got_ ? got_ : "(null)", want_); \
    } while (0)

#define CHECK_HAS(got, part)                                                          \
    do {                                                                              \
        const char *got_ = (got), *part_ = (part);                                    \
        if (!got_ || !strstr(got_, part_))                                            \
            FAIL("%s is \"%s\", should contain \"%s\"", #got, got_ ? got_ : "(null)", part_); \
    } while (0)

/* Compares error codes and names both in the failure. */
#define CHECK_ERR(got, want)                                                          \
    do {                                                                              \
        rd_kafka_resp_err_t got_ = (got), want_ = (want);                             \
        if (got_ != want_)                                                            \
            FAIL("%s is %s (%d), expected %s", #got, rd_kafka_err2name(got_),         \
                 (int)got_, rd_kafka_err2name(want_));                                \
    } while (0)

static const char *t_name = "?";

static T_UNUSED long t_env(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text && *text ? atol(text) : otherwise;
}

/* A message count, reduced when the run asks for fewer. */
static T_UNUSED int t_count(int normal) {
    long divide = t_env("CAPI_DIVIDE", 1);
    long count = normal / (divide > 0 ? divide : 1);
    return count > 10 ? (int)count : 10;
}

/* A time limit, stretched when the run is slow. */
static T_UNUSED int t_patience(int normal) { return normal * (int)t_env("CAPI_PATIENCE", 1); }

static T_UNUSED int t_is_oxide(void) { return strstr(rd_kafka_version_str(), "oxide") != NULL; }

static void t_timed_out(int sig) {
    static const char text[] = "TIMEOUT: the test did not end in time\n";
    (void)sig;
    if (write(2, text, sizeof(text) - 1)) {
    }
    _exit(1);
}

/* First call of each main. */
static T_UNUSED void t_start(const char *file, int limit_s) {
    const char *slash = strrchr(file, '/');
    const char *expect = getenv("CAPI_EXPECT");
    t_name = slash ? slash + 1 : file;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGALRM, t_timed_out);
    alarm((unsigned)t_patience(limit_s));
    if (expect && *expect && !strstr(rd_kafka_version_str(), expect))
        FAIL("this must run on \"%s\", but the library is \"%s\"", expect, rd_kafka_version_str());
}

/* Last call of each main: `return t_done();` */
static T_UNUSED int t_done(void) {
    printf("%s: passed on %s\n", t_name, rd_kafka_version_str());
    return 0;
}

/* For what librdkafka itself cannot pass; the caller's comment says why. */
static T_UNUSED void t_ours_only(void) {
    if (t_is_oxide())
        return;
    printf("%s: skipped, it holds for librdkafka-oxide only\n", t_name);
    exit(T_SKIPPED);
}

static T_UNUSED int64_t t_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static T_UNUSED void t_sleep_ms(int ms) { usleep((useconds_t)ms * 1000); }

static T_UNUSED void t_set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char errstr[512];
    if (rd_kafka_conf_set(conf, name, value, errstr, sizeof(errstr)) != RD_KAFKA_CONF_OK)
        FAIL("conf_set(%s=%s): %s", name, value, errstr);
}

/* A configuration that starts an embedded cluster and logs errors only. */
static T_UNUSED rd_kafka_conf_t *t_mock_conf(const char *brokers) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    t_set(conf, "test.mock.num.brokers", brokers);
    t_set(conf, "log_level", "3");
    return conf;
}

/* A port that nobody listens on. */
static T_UNUSED rd_kafka_conf_t *t_unreachable_conf(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    t_set(conf, "bootstrap.servers", "127.0.0.1:1");
    t_set(conf, "log_level", "0");
    return conf;
}

static T_UNUSED rd_kafka_t *t_producer(rd_kafka_conf_t *conf) {
    char errstr[512];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (!rk)
        FAIL("rd_kafka_new: %s", errstr);
    return rk;
}

static T_UNUSED rd_kafka_topic_t *t_topic(rd_kafka_t *rk, const char *name) {
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, name, NULL);
    if (!rkt)
        FAIL("topic_new(%s): %s", name, rd_kafka_err2str(rd_kafka_last_error()));
    return rkt;
}

/* -- The book of reports: message n carries the opaque T_OPAQUE(n). -- */

#define T_OPAQUE(n) ((void *)(intptr_t)((n) + 1))
#define T_INDEX(opaque) ((intptr_t)(opaque)-1)

typedef struct {
    int count; /* reports received: 1 in the end */
    rd_kafka_resp_err_t err;
    int32_t partition;
    int64_t offset;
} t_report_t;

static t_report_t *t_reports;
static intptr_t t_report_cnt;
static long t_reported;

static T_UNUSED void t_book(int count) {
    free(t_reports);
    t_reports = calloc((size_t)count, sizeof(*t_reports));
    t_report_cnt = count;
    t_reported = 0;
}

static T_UNUSED void t_enter(const rd_kafka_message_t *msg) {
    intptr_t index = T_INDEX(msg->_private);
    t_report_t *report;
    if (index < 0 || index >= t_report_cnt)
        FAIL("a report with an unknown opaque %p", msg->_private);
    report = &t_reports[index];
    if (report->count++)
        FAIL("message %ld was reported twice", (long)index);
    report->err = msg->err;
    report->partition = msg->partition;
    report->offset = msg->offset;
    __atomic_add_fetch(&t_reported, 1, __ATOMIC_SEQ_CST);
}

static T_UNUSED void t_on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk;
    (void)opaque;
    t_enter(msg);
}

static T_UNUSED void t_flush(rd_kafka_t *rk) {
    rd_kafka_resp_err_t err = rd_kafka_flush(rk, t_patience(30) * 1000);
    if (err)
        FAIL("flush: %s, %d left", rd_kafka_err2name(err), rd_kafka_outq_len(rk));
}

/* Every message of the book was reported, with this error. */
static T_UNUSED void t_check_reports(rd_kafka_resp_err_t want) {
    intptr_t i;
    for (i = 0; i < t_report_cnt; i++) {
        if (t_reports[i].count != 1)
            FAIL("message %ld has %d reports", (long)i, t_reports[i].count);
        if (t_reports[i].err != want)
            FAIL("message %ld: %s, expected %s", (long)i, rd_kafka_err2name(t_reports[i].err),
                 rd_kafka_err2name(want));
    }
}

/* The offsets of the delivered messages are 0 to n-1 in each partition, without gap or double. */
static T_UNUSED void t_check_contiguous(int partitions) {
    int64_t *counts = calloc((size_t)partitions, sizeof(*counts));
    char *seen = calloc((size_t)(partitions * t_report_cnt) + 1, 1);
    intptr_t i;
    for (i = 0; i < t_report_cnt; i++) {
        const t_report_t *r = &t_reports[i];
        if (r->err)
            continue;
        if (r->partition < 0 || r->partition >= partitions || r->offset < 0 ||
            r->offset >= t_report_cnt)
            FAIL("message %ld: partition %d, offset %" PRId64, (long)i, (int)r->partition, r->offset);
        if (seen[r->partition * t_report_cnt + r->offset]++)
            FAIL("offset %" PRId64 " of partition %d given twice", r->offset, (int)r->partition);
        counts[r->partition]++;
    }
    for (i = 0; i < t_report_cnt; i++)
        if (!t_reports[i].err && t_reports[i].offset >= counts[t_reports[i].partition])
            FAIL("partition %d has a gap: offset %" PRId64 " among %" PRId64 " messages",
                 (int)t_reports[i].partition, t_reports[i].offset, counts[t_reports[i].partition]);
    free(seen);
    free(counts);
}

/* A number from /proc/self/status, such as "Threads:" or "VmHWM:". */
static T_UNUSED long t_proc_status(const char *field) {
    char line[256];
    long value = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof(line), file))
        if (!strncmp(line, field, strlen(field)))
            value = atol(line + strlen(field));
    if (file)
        fclose(file);
    return value;
}

#endif
