/*
 * Prints what many calls give, deterministically: the runner compiles it with librdkafka's own
 * header, links it against its library, runs it on that and on ours, and compares the output.
 * Only what librdkafka 2.0 to 2.16 agree on is printed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

enum { GLOBAL, TOPIC };

static rd_kafka_t *mock_producer(const char *name, const char *value);

static void section(const char *name) { printf("== %s\n", name); }

static const char *text(const char *s) { return s ? s : "(null)"; }

/* -- Tables -- */

#define same(x) x
#define newer(x)

static void errors(void) {
    const struct rd_kafka_err_desc *descs;
    size_t cnt, i;
    section("errors");
#define ERROR(since, code, name, text) since(printf("%d %s %s\n", code,                 \
    rd_kafka_err2name((rd_kafka_resp_err_t)code), rd_kafka_err2str((rd_kafka_resp_err_t)code));)
#include "errors.h"
    rd_kafka_get_err_descs(&descs, &cnt);
    for (i = 0; i < cnt; i++)
        if (descs[i].name && descs[i].code >= -10 && descs[i].code <= 10)
            printf("%d %s %s\n", descs[i].code, text(descs[i].name), text(descs[i].desc));
}

static void defaults(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new();
    char value[2048];
    size_t size;
    int result, scope;
    section("defaults");
#define DEFAULT(where, since, name, default_value)                              \
    since(size = sizeof(value); *value = '\0'; scope = where;                   \
          result = scope == GLOBAL ? rd_kafka_conf_get(conf, name, value, &size) \
                                   : rd_kafka_topic_conf_get(tconf, name, value, &size); \
          printf("%d %s = %s (%d)\n", scope, name, value, result);)
#include "defaults.h"
    rd_kafka_topic_conf_destroy(tconf);
    rd_kafka_conf_destroy(conf);
}

/* -- Configuration -- */

static const char *settings[][2] = {
    {"nope", "1"}, {"", ""}, {"linger.ms", "5"}, {"linger.ms", "-1"}, {"linger.ms", "5.5"},
    {"linger.ms", "abc"}, {"linger.ms", "900001"}, {"linger.ms", ""}, {"linger.ms", " 5"},
    {"queue.buffering.max.messages", "-1"}, {"queue.buffering.max.messages", "10000001"},
    {"queue.buffering.max.messages", ""}, {"queue.buffering.max.messages", "5x"},
    {"queue.buffering.max.messages", "x5"}, {"queue.buffering.max.messages", "0"},
    {"acks", "all"}, {"acks", "-1"}, {"acks", "2"}, {"acks", "1001"}, {"acks", "x"},
    {"request.required.acks", "1"}, {"compression.codec", "zip"}, {"compression.codec", "lz4"},
    {"compression.type", "gzip"}, {"compression.codec", "inherit"}, {"compression.codec", ""},
    {"enable.idempotence", "true"}, {"enable.idempotence", "1"}, {"enable.idempotence", "maybe"},
    {"enable.idempotence", "t"}, {"enable.idempotence", ""}, {"enable.idempotence", "TRUE"},
    {"metadata.broker.list", "a:1"}, {"bootstrap.servers", ""}, {"client.id", ""},
    {"topic.partitioner", "murmur2"}, {"partitioner", "none"}, {"partitioner", "murmur2"},
    {"message.max.bytes", "999"}, {"message.max.bytes", "0x1000"},
    {"message.max.bytes", "1000000001"}, {"debug", "msg,broker"}, {"debug", "foo"},
    {"debug", "msg,foo"}, {"debug", ""}, {"security.protocol", "ssl"},
    {"security.protocol", "SSL"}, {"security.protocol", "foo"}, {"broker.address.family", "v4"},
    {"broker.address.family", "v5"}, {"opaque", "x"}, {"dr_cb", "x"}, {"dr_msg_cb", "x"},
    {"error_cb", "x"}, {"stats_cb", "x"}, {"default_topic_conf", "x"},
    {"partitioner_cb", "x"}, {"compression.level", "12"}, {"compression.level", "13"},
    {"compression.level", "-2"}, {"batch.size", "0"}, {"batch.num.messages", "0"},
    {"sticky.partitioning.linger.ms", "900001"}, {"retry.backoff.ms", "0"},
    {"message.timeout.ms", "-1"}, {"delivery.timeout.ms", "10"}, {"retries", "0x10"},
    {"retries", "010"}, {"socket.keepalive.enable", ""}, {"queuing.strategy", "lifo"},
    {"queuing.strategy", "filo"}, {"max.in.flight", "0"}, {"max.in.flight", "7"},
    {"api.version.request", "false"}, {"group.id", "g"}, {"auto.offset.reset", "earliest"},
    {"auto.offset.reset", "sometime"}, {"statistics.interval.ms", "1e3"},
    {"socket.timeout.ms", "9"}, {"log_level", "8"}, {"log_level", "7"},
    {"internal.termination.signal", "29"}, {"internal.termination.signal", "300"},
    {"topic.request.timeout.ms", "0"}, {"request.timeout.ms", "0"},
    {"delivery.report.only.error", "yes"}, {"client.rack", "r"}, {"topic.blacklist", "^a"},
    {"test.mock.num.brokers", "-1"}, {"test.mock.num.brokers", "2"}, {"transactional.id", "t"},
};

/* Ours adds what helps, in parentheses, to the text of an unknown property. */
static const char *wording(char *errstr) {
    char *hint = strstr(errstr, "\" (");
    if (!strncmp(errstr, "No such configuration property", 30) && hint)
        hint[1] = '\0';
    return errstr;
}

static void conf_sets(void) {
    size_t i;
    section("conf_set");
    for (i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
        const char *name = settings[i][0], *value = settings[i][1];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new();
        char errstr[512] = "", got[512] = "";
        size_t size = sizeof(got);
        int result = rd_kafka_conf_set(conf, name, value, errstr, sizeof(errstr));
        int get = rd_kafka_conf_get(conf, name, got, &size);
        printf("%s=%s: %d %s", name, value, result, result ? wording(errstr) : "");
        printf(" get %d %s\n", get, get ? "" : got);
        result = rd_kafka_topic_conf_set(tconf, name, value, errstr, sizeof(errstr));
        printf("  topic: %d %s\n", result, result ? wording(errstr) : "");
        rd_kafka_topic_conf_destroy(tconf);
        rd_kafka_conf_destroy(conf);
    }
}

static const char *refusals[][4] = {
    {"message.timeout.ms", "5", "linger.ms", "100"},
    {"linger.ms", "1000", "message.timeout.ms", "1000"},
    {"enable.idempotence", "true", "acks", "1"},
    {"enable.idempotence", "true", "max.in.flight", "6"},
    {"enable.idempotence", "true", "retries", "0"},
    {"enable.idempotence", "true", "queuing.strategy", "lifo"},
    {"transactional.id", "t", "enable.idempotence", "false"},
    {"message.timeout.ms", "0", "linger.ms", "100"},
    {"bootstrap.servers", "::::", "client.id", "x"},
    {"queue.buffering.max.messages", "0", "linger.ms", "0"},
    {"batch.size", "10", "message.max.bytes", "1000"},
};

static void new_handles(void) {
    size_t i;
    section("new");
    for (i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        const char **r = refusals[i];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        char errstr[512] = "";
        rd_kafka_t *rk;
        rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
        rd_kafka_conf_set(conf, r[0], r[1], NULL, 0);
        rd_kafka_conf_set(conf, r[2], r[3], NULL, 0);
        rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
        printf("%s=%s %s=%s: %s %s\n", r[0], r[1], r[2], r[3], rk ? "made" : errstr,
               rk ? "" : rd_kafka_err2name(rd_kafka_last_error()));
        if (rk)
            rd_kafka_destroy(rk);
        else
            rd_kafka_conf_destroy(conf);
    }
}

/* -- Partitioners and headers -- */

static void partitioners(void) {
    rd_kafka_t *rk = mock_producer("log_level", "0");
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "p", NULL);
    char key[64];
    int i;
    section("partitioners");
    for (i = 0; i < 64; i++) {
        memset(key, i * 7 + 1, sizeof(key));
        printf("%d %d %d\n", rd_kafka_msg_partitioner_consistent(rkt, key, i, 1000, NULL, NULL),
               rd_kafka_msg_partitioner_murmur2(rkt, key, i, 1000, NULL, NULL),
               rd_kafka_msg_partitioner_fnv1a(rkt, key, i, 1000, NULL, NULL));
    }
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static void print_headers(const rd_kafka_headers_t *headers) {
    const char *name;
    const void *value;
    size_t size, i;
    printf("%zu headers:", rd_kafka_header_cnt(headers));
    for (i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &size); i++)
        printf(" %s=%s/%zu", name, value ? (const char *)value : "(null)", size);
    printf("\n");
}

static void headers(void) {
    rd_kafka_headers_t *all = rd_kafka_headers_new(3), *copy;
    const void *value;
    size_t size;
    section("headers");
    printf("%d\n", rd_kafka_header_add(all, "a", -1, "1", -1));
    printf("%d\n", rd_kafka_header_add(all, "abc", 2, "2345", 3));
    printf("%d\n", rd_kafka_header_add(all, "n", -1, NULL, 0));
    printf("%d\n", rd_kafka_header_add(all, "e", -1, "", 0));
    printf("%d\n", rd_kafka_header_add(all, "a", -1, "last", -1));
    print_headers(all);
    copy = rd_kafka_headers_copy(all);
    printf("%d\n", rd_kafka_header_remove(all, "a"));
    printf("%d\n", rd_kafka_header_remove(all, "a"));
    print_headers(all);
    print_headers(copy);
    printf("%d\n", rd_kafka_header_get(copy, 1, "a", &value, &size));
    printf("%d\n", rd_kafka_header_get(copy, 2, "a", &value, &size));
    printf("%d %s\n", rd_kafka_header_get_last(copy, "a", &value, &size), (const char *)value);
    rd_kafka_headers_destroy(all);
    rd_kafka_headers_destroy(copy);
}

/* -- Producing -- */

static int reports;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    rd_kafka_headers_t *all = NULL;
    (void)rk;
    (void)opaque;
    reports++;
    printf("report %s/%d @%lld %s status %d key %.*s/%zu value %.*s/%zu opaque %ld",
           rd_kafka_topic_name(msg->rkt), msg->partition, (long long)msg->offset,
           rd_kafka_err2name(msg->err), rd_kafka_message_status(msg), (int)msg->key_len,
           msg->key ? (const char *)msg->key : "", msg->key_len, msg->len < 100 ? (int)msg->len : 0,
           msg->payload ? (const char *)msg->payload : "", msg->len, (long)msg->_private);
    printf(" %s %s %s\n", msg->key ? "key" : "no-key", msg->payload ? "value" : "no-value",
           rd_kafka_message_latency(msg) > 0 ? "latency" : "no-latency");
    if (!rd_kafka_message_headers(msg, &all))
        print_headers(all);
}

static rd_kafka_t *mock_producer(const char *name, const char *value) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[512];
    rd_kafka_t *rk;
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
    rd_kafka_conf_set(conf, name, value, NULL, 0);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (!rk) {
        printf("no handle: %s\n", errstr);
        exit(1);
    }
    return rk;
}

static void send_one(rd_kafka_t *rk, rd_kafka_topic_t *rkt, int32_t partition, const char *value,
                     size_t size, const char *key, long opaque) {
    int result;
    errno = 0;
    result = rd_kafka_produce(rkt, partition, RD_KAFKA_MSG_F_COPY, (void *)value, size, key,
                              key ? strlen(key) : 0, (void *)opaque);
    printf("produce %d: %d", partition, result);
    if (result)
        printf(" errno %d %s", errno, rd_kafka_err2name(rd_kafka_last_error()));
    printf("\n");
    if (!result)
        printf("flush %s\n", rd_kafka_err2name(rd_kafka_flush(rk, 20000)));
}

static void produce(void) {
    rd_kafka_t *rk = mock_producer("partitioner", "murmur2");
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "topic", NULL);
    char key[16];
    int i;
    section("produce");
    for (i = 0; i < 20; i++) {
        snprintf(key, sizeof(key), "key-%d", i);
        send_one(rk, rkt, RD_KAFKA_PARTITION_UA, "value", 5, key, i);
    }
    for (i = -2; i < 6; i++)
        send_one(rk, rkt, i == -1 ? 0 : i, "value", 5, NULL, i);
    send_one(rk, rkt, 0, NULL, 0, NULL, 100);
    send_one(rk, rkt, 0, "", 0, "", 101);
    send_one(rk, rkt, 0, "x", (size_t)3 << 30, NULL, 102);
    send_one(rk, rkt, 0, "x", SIZE_MAX, NULL, 103);
    printf("reports %d outq %d\n", reports, rd_kafka_outq_len(rk));
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static void producev(void) {
    rd_kafka_t *rk = mock_producer("linger.ms", "1");
    const char *topic = "vtopic";
    int err;
    section("producev");
#define SEND(...)                                                          \
    err = rd_kafka_producev(rk, __VA_ARGS__, RD_KAFKA_V_END);              \
    printf("producev %s\n", rd_kafka_err2name((rd_kafka_resp_err_t)err)); \
    rd_kafka_flush(rk, 20000)
    SEND(RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(1), RD_KAFKA_V_VALUE("v", 1));
    SEND(RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(1), RD_KAFKA_V_KEY("k", 1),
         RD_KAFKA_V_HEADER("h", "v", 1), RD_KAFKA_V_HEADER("n", NULL, 0));
    SEND(RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(7), RD_KAFKA_V_VALUE("v", 1));
    SEND(RD_KAFKA_V_VALUE("v", 1));
    SEND(RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE("v", (size_t)3 << 30));
    SEND((enum rd_kafka_vtype_t)99);
    rd_kafka_destroy(rk);
}

static void limits(void) {
    rd_kafka_t *rk = mock_producer("queue.buffering.max.messages", "3");
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, "limits", NULL);
    rd_kafka_message_t msgs[5];
    int i;
    section("limits");
    memset(msgs, 0, sizeof(msgs));
    for (i = 0; i < 5; i++) {
        msgs[i].payload = "batched";
        msgs[i].len = 7;
        msgs[i].partition = i;
        msgs[i]._private = (void *)(long)i;
    }
    printf("%d of 5\n", rd_kafka_produce_batch(rkt, 2, RD_KAFKA_MSG_F_COPY, msgs, 5));
    for (i = 0; i < 5; i++)
        printf("%d %s\n", i, rd_kafka_err2name(msgs[i].err));
    printf("flush %s\n", rd_kafka_err2name(rd_kafka_flush(rk, 20000)));
    printf("purge %s\n", rd_kafka_err2name(rd_kafka_purge(rk, 0x800)));
    printf("fatal %s\n", rd_kafka_err2name(rd_kafka_fatal_error(rk, NULL, 0)));
    printf("type %d name %s\n", rd_kafka_type(rk), rd_kafka_topic_name(rkt));
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(100);
    fprintf(stderr, "%s\n", rd_kafka_version_str());
    errors();
    defaults();
    conf_sets();
    new_handles();
    partitioners();
    headers();
    produce();
    producev();
    limits();
    return 0;
}
