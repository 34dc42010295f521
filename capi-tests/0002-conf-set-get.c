/* rd_kafka_conf_set() and _get(): results, error texts, aliases and the topic fall-through. */
#include "test.h"

typedef struct {
    const char *name, *value;
    rd_kafka_conf_res_t result;
    const char *expect; /* what get returns, or what the error text contains */
} conf_case_t;

#define OK RD_KAFKA_CONF_OK
#define INVALID RD_KAFKA_CONF_INVALID
#define UNKNOWN RD_KAFKA_CONF_UNKNOWN

static const conf_case_t cases[] = {
    {"nope", "1", UNKNOWN, "No such configuration property: \"nope\""},
    {"", "", UNKNOWN, "No such configuration property: \"\""},
    {"linger.ms", "5", OK, "5"},
    {"linger.ms", "0.5", OK, "0.5"},
    {"linger.ms", " 5", OK, "5"},
    {"linger.ms", "abc", INVALID, "\"queue.buffering.max.ms\""},
    {"linger.ms", NULL, INVALID, "cannot be set to empty value"},
    {"linger.ms", "-1", INVALID, "outside allowed range 0..900000"},
    {"linger.ms", "900001", INVALID, "outside allowed range 0..900000"},
    {"queue.buffering.max.messages", "-1", INVALID, "outside allowed range 0..2147483647"},
    {"queue.buffering.max.messages", "", INVALID, "cannot be set to empty value"},
    {"queue.buffering.max.kbytes", "2147483647", OK, "2147483647"},
    {"queue.buffering.max.kbytes", "0", INVALID, "outside allowed range 1..2147483647"},
    {"batch.num.messages", "1000001", INVALID, "outside allowed range 1..1000000"},
    {"batch.size", "0", INVALID, "outside allowed range 1..2147483647"},
    {"message.max.bytes", "0x1000", OK, "4096"},
    {"message.max.bytes", "999", INVALID, "outside allowed range 1000..1000000000"},
    {"message.max.bytes", "1000000001", INVALID, "outside allowed range 1000..1000000000"},
    {"acks", "all", OK, "-1"},
    {"acks", "1", OK, "1"},
    {"acks", "1001", INVALID, "outside allowed range -1..1000"},
    {"acks", "x", INVALID, "\"request.required.acks\""},
    {"request.required.acks", "0", OK, "0"},
    {"compression.codec", "zip", INVALID, "Invalid value \"zip\""},
    {"compression.codec", "lz4", OK, "lz4"},
    {"compression.type", "gzip", OK, "gzip"},
    {"compression.level", "12", OK, "12"},
    {"compression.level", "13", INVALID, "outside allowed range -1..12"},
    {"enable.idempotence", "true", OK, "true"},
    {"enable.idempotence", "1", OK, "true"},
    {"enable.idempotence", "t", OK, "true"},
    {"enable.idempotence", "f", OK, "false"},
    {"enable.idempotence", "maybe", INVALID, "true or false"},
    {"enable.idempotence", "", INVALID, "cannot be set to empty value"},
    {"metadata.broker.list", "a:1,b:2", OK, "a:1,b:2"},
    {"bootstrap.servers", "a:1", OK, "a:1"},
    {"client.id", "some-client", OK, "some-client"},
    {"client.id", NULL, OK, "rdkafka"},
    {"partitioner", "murmur2", OK, "murmur2"},
    {"partitioner", "none", INVALID, "\"partitioner\": none"},
    {"debug", "msg,broker", OK, "broker,msg"},
    {"debug", "foo", INVALID, "Invalid value \"foo\""},
    {"debug", "", INVALID, "cannot be set to empty value"},
    {"security.protocol", "plaintext", OK, "plaintext"},
    {"security.protocol", "foo", INVALID, "Invalid value \"foo\""},
    {"broker.address.family", "v4", OK, "v4"},
    {"delivery.timeout.ms", "10", OK, "10"},
    {"message.timeout.ms", "-1", INVALID, "outside allowed range 0..2147483647"},
    {"max.in.flight", "7", OK, "7"},
    {"max.in.flight", "0", INVALID, "outside allowed range 1..1000000"},
    {"retries", "0x10", OK, "16"},
    {"sticky.partitioning.linger.ms", "900001", INVALID, "outside allowed range 0..900000"},
    {"log.thread.name", "false", OK, "false"},
    {"dr_cb", "x", INVALID, "must be set through dedicated .._set_..() function"},
    {"error_cb", "x", INVALID, "must be set through dedicated .._set_..() function"},
    {"opaque", "x", INVALID, "must be set through dedicated .._set_..() function"},
    {"test.mock.num.brokers", "3", OK, "3"},
    {"test.mock.num.brokers", "-1", INVALID, "outside allowed range 0..10000"},
};

static void check_case(const conf_case_t *c) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[512] = "", value[512] = "";
    size_t size = sizeof(value);
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, c->name, c->value, errstr, sizeof(errstr));
    if (result != c->result)
        FAIL("%s=%s gives %d (%s), expected %d", c->name, c->value ? c->value : "NULL",
             (int)result, errstr, (int)c->result);
    if (result == OK) {
        CHECK_INT(rd_kafka_conf_get(conf, c->name, value, &size), OK);
        CHECK_STR(value, c->expect);
        CHECK_INT(size, strlen(value) + 1);
    } else {
        CHECK_HAS(errstr, c->expect);
    }
    rd_kafka_conf_destroy(conf);
}

static void get_sizes(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char small[4] = "";
    size_t size = 0;
    t_set(conf, "client.id", "abcdefgh");
    CHECK_INT(rd_kafka_conf_get(conf, "client.id", NULL, &size), OK);
    CHECK_INT(size, 9);
    size = sizeof(small);
    CHECK_INT(rd_kafka_conf_get(conf, "client.id", small, &size), OK);
    CHECK_STR(small, "abc");
    CHECK_INT(size, 9);
    /* Unset strings and names that do not exist are both unknown. */
    CHECK_INT(rd_kafka_conf_get(conf, "transactional.id", NULL, &size), UNKNOWN);
    CHECK_INT(rd_kafka_conf_get(conf, "bootstrap.servers", NULL, &size), UNKNOWN);
    CHECK_INT(rd_kafka_conf_get(conf, "nope", NULL, &size), UNKNOWN);
    CHECK_INT(rd_kafka_conf_get(conf, "builtin.features", NULL, &size), OK);
    rd_kafka_conf_destroy(conf);
}

static void short_error_buffer(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[8];
    memset(errstr, 'x', sizeof(errstr));
    CHECK_INT(rd_kafka_conf_set(conf, "nope", "1", errstr, sizeof(errstr)), UNKNOWN);
    CHECK_STR(errstr, "No such");
    CHECK_INT(rd_kafka_conf_set(conf, "nope", "1", NULL, 0), UNKNOWN);
    rd_kafka_conf_destroy(conf);
}

/* A topic property set on the global configuration becomes the default of all topics. */
static void topic_fall_through(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_conf_t *defaults;
    char value[64] = "";
    size_t size = sizeof(value);
    t_set(conf, "topic.partitioner", "fnv1a");
    t_set(conf, "message.timeout.ms", "1234");
    defaults = rd_kafka_conf_get_default_topic_conf(conf);
    CHECK(defaults != NULL);
    CHECK_INT(rd_kafka_topic_conf_get(defaults, "message.timeout.ms", value, &size), OK);
    CHECK_STR(value, "1234");
    size = sizeof(value);
    CHECK_INT(rd_kafka_topic_conf_get(defaults, "partitioner", value, &size), OK);
    CHECK_STR(value, "fnv1a");
    rd_kafka_conf_destroy(conf);
}

int main(void) {
    size_t i;
    t_start(__FILE__, 10);
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_case(&cases[i]);
    get_sizes();
    short_error_buffer();
    topic_fall_through();
    return t_done();
}
