/*
 * For the programs whose output on librdkafka and on ours is compared: one line for each call, its text and what it gave.
 */
#ifndef CAPI_SAME_H
#define CAPI_SAME_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

/* What Debian's header has not; with a newer one the program asks for it too. */
#if RD_KAFKA_VERSION >= 0x020200ff
#define NEWER(...) __VA_ARGS__
#else
#define NEWER(...)
#endif

#define SAME_UNUSED __attribute__((unused))

static int calls;
static SAME_UNUSED char errstr[512];

static SAME_UNUSED const char *text(const char *s) { return s ? s : "(null)"; }

static SAME_UNUSED const char *name(rd_kafka_resp_err_t err) { return text(rd_kafka_err2name(err)); }

static SAME_UNUSED void section(const char *title) { printf("== %s\n", title); }

#define INT(call) (calls++, printf("%s -> %lld\n", #call, (long long)(call)))
#define STR(call) (calls++, printf("%s -> %s\n", #call, text(call)))
#define ERR(call) (calls++, printf("%s -> %s\n", #call, name(call)))
#define PTR(call) (calls++, printf("%s -> %s\n", #call, (call) ? "something" : "NULL"))
#define CONF(call)                                                       \
    do {                                                                 \
        int got_;                                                        \
        *errstr = '\0';                                                  \
        calls++;                                                         \
        got_ = (int)(call);                                              \
        printf("%s -> %d %s\n", #call, got_, got_ ? errstr : "");        \
    } while (0)

static SAME_UNUSED void print_error(const char *what, rd_kafka_error_t *error) {
    printf("%s -> %d %s \"%s\" fatal %d retriable %d abort %d\n", what, rd_kafka_error_code(error),
           text(rd_kafka_error_name(error)), text(rd_kafka_error_string(error)),
           rd_kafka_error_is_fatal(error), rd_kafka_error_is_retriable(error),
           rd_kafka_error_txn_requires_abort(error));
    calls += 6;
    rd_kafka_error_destroy(error);
}

#endif
