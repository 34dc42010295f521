/* Copies, dumps and defaults of configurations, global and topic. */
#include "test.h"

static const char *get(const rd_kafka_conf_t *conf, const char *name) {
    static char value[512];
    size_t size = sizeof(value);
    if (rd_kafka_conf_get(conf, name, value, &size) != RD_KAFKA_CONF_OK)
        return "(unset)";
    return value;
}

static const char *dumped(const char **dump, size_t cnt, const char *name) {
    size_t i;
    CHECK_INT(cnt % 2, 0);
    for (i = 0; i < cnt; i += 2)
        if (!strcmp(dump[i], name))
            return dump[i + 1];
    return "(absent)";
}

static void copies_are_independent(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new(), *copy;
    t_set(conf, "client.id", "one");
    t_set(conf, "linger.ms", "7");
    t_set(conf, "partitioner", "murmur2");
    copy = rd_kafka_conf_dup(conf);
    t_set(conf, "client.id", "two");
    CHECK_STR(get(copy, "client.id"), "one");
    CHECK_STR(get(copy, "linger.ms"), "7");
    CHECK_STR(get(copy, "partitioner"), "murmur2");
    t_set(copy, "linger.ms", "8");
    CHECK_STR(get(conf, "linger.ms"), "7");
    rd_kafka_conf_destroy(conf);
    CHECK_STR(get(copy, "client.id"), "one");
    rd_kafka_conf_destroy(copy);
}

static void filtered_copy(void) {
    const char *filter[] = {"client.", "linger.ms"};
    rd_kafka_conf_t *conf = rd_kafka_conf_new(), *copy;
    t_set(conf, "client.id", "one");
    t_set(conf, "batch.num.messages", "17");
    t_set(conf, "debug", "msg");
    copy = rd_kafka_conf_dup_filter(conf, 1, filter);
    CHECK_STR(get(copy, "client.id"), "rdkafka");
    CHECK_STR(get(copy, "batch.num.messages"), "17");
    CHECK_STR(get(copy, "debug"), "msg");
    rd_kafka_conf_destroy(copy);
    rd_kafka_conf_destroy(conf);
}

static void dump(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_conf_t *tconf;
    const char **all;
    size_t cnt;
    t_set(conf, "client.id", "one");
    t_set(conf, "message.timeout.ms", "77");
    all = rd_kafka_conf_dump(conf, &cnt);
    CHECK(cnt > 150);
    CHECK_STR(dumped(all, cnt, "client.id"), "one");
    CHECK_STR(dumped(all, cnt, "queue.buffering.max.messages"), "100000");
    CHECK_STR(dumped(all, cnt, "queue.buffering.max.ms"), "5");
    CHECK_STR(dumped(all, cnt, "linger.ms"), "(absent)"); /* aliases are left out */
    CHECK_STR(dumped(all, cnt, "message.timeout.ms"), "(absent)");
    rd_kafka_conf_dump_free(all, cnt);

    tconf = rd_kafka_topic_conf_new();
    CHECK_INT(rd_kafka_topic_conf_set(tconf, "acks", "1", NULL, 0), RD_KAFKA_CONF_OK);
    all = rd_kafka_topic_conf_dump(tconf, &cnt);
    CHECK_STR(dumped(all, cnt, "request.required.acks"), "1");
    CHECK_STR(dumped(all, cnt, "message.timeout.ms"), "300000");
    rd_kafka_conf_dump_free(all, cnt);
    rd_kafka_topic_conf_destroy(tconf);
    rd_kafka_conf_destroy(conf);
}

static void topic_configurations(void) {
    rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new(), *copy;
    char errstr[256] = "", value[64];
    size_t size = sizeof(value);
    CHECK_INT(rd_kafka_topic_conf_set(tconf, "nope", "1", errstr, sizeof(errstr)),
              RD_KAFKA_CONF_UNKNOWN);
    CHECK_HAS(errstr, "\"nope\"");
    /* A global property is unknown here: programs use this to try the other scope. */
    CHECK_INT(rd_kafka_topic_conf_set(tconf, "linger.ms", "1", errstr, sizeof(errstr)),
              RD_KAFKA_CONF_UNKNOWN);
    CHECK_INT(rd_kafka_topic_conf_set(tconf, "request.timeout.ms", "0", errstr, sizeof(errstr)),
              RD_KAFKA_CONF_INVALID);
    CHECK_HAS(errstr, "1..900000");
    CHECK_INT(rd_kafka_topic_conf_set(tconf, "partitioner", "fnv1a_random", NULL, 0),
              RD_KAFKA_CONF_OK);
    copy = rd_kafka_topic_conf_dup(tconf);
    rd_kafka_topic_conf_destroy(tconf);
    CHECK_INT(rd_kafka_topic_conf_get(copy, "partitioner", value, &size), RD_KAFKA_CONF_OK);
    CHECK_STR(value, "fnv1a_random");
    rd_kafka_topic_conf_destroy(copy);
}

/* The default topic configuration is owned by the global one, and read by it. */
static void default_topic_configuration(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new(), *copy;
    rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new();
    CHECK(rd_kafka_conf_get_default_topic_conf(conf) == NULL);
    CHECK_INT(rd_kafka_topic_conf_set(tconf, "acks", "1", NULL, 0), RD_KAFKA_CONF_OK);
    rd_kafka_conf_set_default_topic_conf(conf, tconf);
    CHECK(rd_kafka_conf_get_default_topic_conf(conf) == tconf);
    CHECK_STR(get(conf, "acks"), "1");
    copy = rd_kafka_conf_dup(conf);
    rd_kafka_conf_destroy(conf);
    CHECK_STR(get(copy, "acks"), "1");
    rd_kafka_conf_destroy(copy);
}

/* A handle made from a copy leaves the original usable for the next one. */
static void many_handles_of_one_configuration(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    int i;
    for (i = 0; i < 3; i++)
        rd_kafka_destroy(t_producer(rd_kafka_conf_dup(conf)));
    rd_kafka_conf_destroy(conf);
}

static void properties_are_listed(void) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    rd_kafka_conf_properties_show(file);
    fclose(file);
    CHECK_HAS(text, "queue.buffering.max.messages");
    CHECK_HAS(text, "linger.ms");
    CHECK_HAS(text, "partitioner");
    CHECK(size > 10000);
    free(text);
}

int main(void) {
    t_start(__FILE__, 20);
    copies_are_independent();
    filtered_copy();
    dump();
    topic_configurations();
    default_topic_configuration();
    many_handles_of_one_configuration();
    properties_are_listed();
    return t_done();
}
