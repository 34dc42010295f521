/*
 * Objects that live without a handle: prints what each call gives, with good and bad
 * arguments. The runner compares the output on librdkafka and on ours, like that of 0900. Only what librdkafka 2.0 to
 * 2.16 agree on is printed.
 */
#include "same.h"

/* -- Errors -- */

static void errors(void) {
    static const int numbers[] = {0, ENOENT, ESRCH, ETIMEDOUT, EINVAL, ENOBUFS, ECONNREFUSED, EMSGSIZE, -1, 9999};
    size_t i;
    section("errors");
    print_error("no error", NULL);
    print_error("plain", rd_kafka_error_new(RD_KAFKA_RESP_ERR__BAD_MSG, NULL));
    print_error("text", rd_kafka_error_new(RD_KAFKA_RESP_ERR_UNKNOWN, "%s %d", "text", 5));
    print_error("empty", rd_kafka_error_new(RD_KAFKA_RESP_ERR_NO_ERROR, "%s", ""));
    print_error("unknown", rd_kafka_error_new((rd_kafka_resp_err_t)-1234, NULL));
    print_error("unknown too", rd_kafka_error_new((rd_kafka_resp_err_t)12345, "number %d", 12345));
    for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        calls++, printf("errno %d -> %s\n", numbers[i], name(rd_kafka_errno2err(numbers[i])));
    STR(rd_kafka_err2str((rd_kafka_resp_err_t)-1));
    STR(rd_kafka_err2str((rd_kafka_resp_err_t)-500));
    STR(rd_kafka_err2name((rd_kafka_resp_err_t)-500));
    STR(rd_kafka_err2str((rd_kafka_resp_err_t)5000));
    STR(rd_kafka_err2name((rd_kafka_resp_err_t)5000));
    errno = 7;
    INT(rd_kafka_errno());
}

/* -- Partition lists -- */

static void print_list(const rd_kafka_topic_partition_list_t *list) {
    int i;
    printf("  list of %d:", list->cnt);
    for (i = 0; i < list->cnt; i++)
        printf(" %s[%d]@%lld/%s/%d", list->elems[i].topic, list->elems[i].partition,
               (long long)list->elems[i].offset, name(list->elems[i].err),
               (int)list->elems[i].metadata_size);
    printf("\n");
}

static int backwards(const void *a, const void *b, void *opaque) {
    const rd_kafka_topic_partition_t *one = a, *other = b;
    ++*(int *)opaque;
    return other->partition - one->partition;
}

static void lists(void) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(0), *copy;
    rd_kafka_topic_partition_t *element;
    int compared = 0;
    section("partition lists");
    print_list(list);
    PTR(rd_kafka_topic_partition_list_find(list, "a", 0));
    INT(rd_kafka_topic_partition_list_del(list, "a", 0));
    INT(rd_kafka_topic_partition_list_del_by_idx(list, 0));
    INT(rd_kafka_topic_partition_list_del_by_idx(list, -1));
    ERR(rd_kafka_topic_partition_list_set_offset(list, "a", 0, 5));
    PTR(rd_kafka_topic_partition_list_add(list, "b", 2));
    PTR(rd_kafka_topic_partition_list_add(list, "a", RD_KAFKA_PARTITION_UA));
    PTR(rd_kafka_topic_partition_list_add(list, "b", 2));
    PTR(rd_kafka_topic_partition_list_add(list, "", 0));
    PTR(rd_kafka_topic_partition_list_add(list, "b", -77));
    print_list(list);
    rd_kafka_topic_partition_list_add_range(list, "range", 3, 6);
    rd_kafka_topic_partition_list_add_range(list, "empty", 6, 3);
    calls += 2;
    print_list(list);
    ERR(rd_kafka_topic_partition_list_set_offset(list, "b", 2, 42));
    ERR(rd_kafka_topic_partition_list_set_offset(list, "range", 4, RD_KAFKA_OFFSET_END));
    ERR(rd_kafka_topic_partition_list_set_offset(list, "range", 9, 1));
    element = rd_kafka_topic_partition_list_find(list, "range", 5);
    element->metadata = malloc(4);
    element->metadata_size = 4;
    element->err = RD_KAFKA_RESP_ERR__FAIL;
    NEWER(INT(rd_kafka_topic_partition_get_leader_epoch(element));
          rd_kafka_topic_partition_set_leader_epoch(element, 8);
          INT(rd_kafka_topic_partition_get_leader_epoch(element));
          rd_kafka_topic_partition_set_leader_epoch(element, -1);
          INT(rd_kafka_topic_partition_get_leader_epoch(element));)
    print_list(list);
    copy = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_topic_partition_list_sort(list, NULL, NULL);
    print_list(list);
    rd_kafka_topic_partition_list_sort(list, backwards, &compared);
    printf("compared %d\n", compared > 0);
    printf("first %d last %d\n", list->elems[0].partition, list->elems[list->cnt - 1].partition);
    INT(rd_kafka_topic_partition_list_del(copy, "b", 2));
    INT(rd_kafka_topic_partition_list_del(copy, "b", 2));
    INT(rd_kafka_topic_partition_list_del(copy, "b", 2));
    INT(rd_kafka_topic_partition_list_del_by_idx(copy, 1));
    INT(rd_kafka_topic_partition_list_del_by_idx(copy, 100));
    print_list(copy);
    calls += 6;
    rd_kafka_topic_partition_list_destroy(copy);
    rd_kafka_topic_partition_list_destroy(list);
}

static void group_metadata(void) {
    rd_kafka_consumer_group_metadata_t *one = rd_kafka_consumer_group_metadata_new("group");
    rd_kafka_consumer_group_metadata_t *two =
        rd_kafka_consumer_group_metadata_new_with_genid("group", 5, "member", "instance");
    rd_kafka_consumer_group_metadata_t *read = NULL;
    void *bytes = NULL;
    size_t size = 0;
    section("group metadata");
    print_error("write", rd_kafka_consumer_group_metadata_write(two, &bytes, &size));
    printf("%d bytes\n", size > 10);
    print_error("read", rd_kafka_consumer_group_metadata_read(&read, bytes, size));
    rd_kafka_consumer_group_metadata_destroy(read);
    read = NULL;
    print_error("read less", rd_kafka_consumer_group_metadata_read(&read, bytes, size - 1));
    print_error("read nothing", rd_kafka_consumer_group_metadata_read(&read, bytes, 0));
    ((char *)bytes)[0] ^= 1;
    print_error("read spoiled", rd_kafka_consumer_group_metadata_read(&read, bytes, size));
    calls += 5;
    rd_kafka_mem_free(NULL, bytes);
    rd_kafka_consumer_group_metadata_destroy(one);
    rd_kafka_consumer_group_metadata_destroy(two);
}

/* -- Configuration objects -- */

static void print_value(const rd_kafka_conf_t *conf, const char *property) {
    char value[256] = "?";
    size_t size = sizeof(value);
    int got = rd_kafka_conf_get(conf, property, value, &size);
    calls++;
    if (!strcmp(property, "opaque"))
        strcpy(value, strcmp(value, "(nil)") ? "set" : "not set"), size = 0;
    printf("  %s -> %d %s %zu\n", property, got, got ? "" : value, got ? 0 : size);
}

static const char *const shown[] = {"client.id", "linger.ms", "queue.buffering.max.ms", "acks", "request.required.acks",
    "compression.codec", "compression.type", "topic.acks", "debug", "bootstrap.servers", "metadata.broker.list",
    "message.timeout.ms", "partitioner", "enable.idempotence", "nope", "broker.address.family", "dr_msg_cb", "opaque"};

static void print_values(const rd_kafka_conf_t *conf) {
    size_t i;
    for (i = 0; i < sizeof(shown) / sizeof(*shown); i++)
        print_value(conf, shown[i]);
}

static void print_modified(const rd_kafka_conf_t *conf) {
    size_t cnt = 0, i, lines = 0;
    const char **dump = rd_kafka_conf_dump((rd_kafka_conf_t *)conf, &cnt);
    for (i = 0; i + 1 < cnt; i += 2)
        if (!strcmp(dump[i], "client.id") || !strcmp(dump[i], "linger.ms") || !strcmp(dump[i], "acks") ||
            !strcmp(dump[i], "compression.codec") || !strcmp(dump[i], "debug") || !strcmp(dump[i], "opaque"))
            lines++, printf("  dumped %s = %s\n", dump[i], strcmp(dump[i], "opaque") ? dump[i + 1] : "...");
    printf("  even %d\n", cnt % 2 == 0 && lines > 0);
    calls += 2;
    rd_kafka_conf_dump_free(dump, cnt);
}

static void conf_objects(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new(), *dup;
    static const char *without[] = {"linger.ms", "acks", "client"};
    char small[4] = "xyz";
    size_t size;
    section("conf objects");
    print_values(conf);
    CONF(rd_kafka_conf_set(conf, "client.id", "me", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "linger.ms", "7.5", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "acks", "all", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "topic.compression.codec", "lz4", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "compression.type", "gzip", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "debug", "msg,topic", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "debug", "broker", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "bootstrap.servers", "a,b:1", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "enable.idempotence", "true", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "delivery.timeout.ms", "5000", errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "linger.ms", NULL, errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "client.id", NULL, errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "partitioner", NULL, errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "nope", NULL, errstr, sizeof(errstr)));
    CONF(rd_kafka_conf_set(conf, "linger.ms", "x", errstr, 1));
    CONF(rd_kafka_conf_set(conf, "linger.ms", "x", errstr, 10));
    CONF(rd_kafka_conf_set(conf, "linger.ms", "9", NULL, 0));
    print_values(conf);
    print_modified(conf);
    rd_kafka_conf_set_opaque(conf, conf);
    dup = rd_kafka_conf_dup(conf);
    print_values(dup);
    rd_kafka_conf_destroy(dup);
    dup = rd_kafka_conf_dup_filter(conf, 3, without);
    print_values(dup);
    rd_kafka_conf_destroy(dup);
    size = sizeof(small);
    INT(rd_kafka_conf_get(conf, "bootstrap.servers", small, &size));
    printf("needs %zu, has \"%.4s\"\n", size, small);
    size = 0;
    INT(rd_kafka_conf_get(conf, "bootstrap.servers", NULL, &size));
    printf("needs %zu\n", size);
    INT(rd_kafka_conf_get(conf, "nope", NULL, &size));
    calls += 6;
    rd_kafka_conf_destroy(conf);
}

static void topic_confs(void) {
    rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new(), *dup;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char value[64];
    size_t size = sizeof(value), cnt = 0;
    const char **dump;
    section("topic conf");
    CONF(rd_kafka_topic_conf_set(tconf, "acks", "1", errstr, sizeof(errstr)));
    CONF(rd_kafka_topic_conf_set(tconf, "linger.ms", "1", errstr, sizeof(errstr)));
    CONF(rd_kafka_topic_conf_set(tconf, "compression.codec", "snappy", errstr, sizeof(errstr)));
    CONF(rd_kafka_topic_conf_set(tconf, "topic.acks", "1", errstr, sizeof(errstr)));
    CONF(rd_kafka_topic_conf_set(tconf, "partitioner", "fnv1a", errstr, sizeof(errstr)));
    CONF(rd_kafka_topic_conf_set(tconf, "partitioner", "sticky", errstr, sizeof(errstr)));
    CONF(rd_kafka_topic_conf_set(tconf, "acks", NULL, errstr, sizeof(errstr)));
    CONF(rd_kafka_topic_conf_set(tconf, "message.timeout.ms", "1234", errstr, sizeof(errstr)));
    dup = rd_kafka_topic_conf_dup(tconf);
    INT(rd_kafka_topic_conf_get(dup, "message.timeout.ms", value, &size));
    printf("%s %zu\n", value, size);
    size = sizeof(value);
    INT(rd_kafka_topic_conf_get(dup, "partitioner", value, &size));
    printf("%s %zu\n", value, size);
    size = sizeof(value);
    INT(rd_kafka_topic_conf_get(dup, "linger.ms", value, &size));
    dump = rd_kafka_topic_conf_dump(dup, &cnt);
    printf("dumped %d\n", cnt > 10 && cnt % 2 == 0);
    rd_kafka_conf_dump_free(dump, cnt);
    PTR(rd_kafka_conf_get_default_topic_conf(conf));
    rd_kafka_conf_set_default_topic_conf(conf, dup);
    PTR(rd_kafka_conf_get_default_topic_conf(conf));
    print_value(conf, "message.timeout.ms");
    print_value(conf, "compression.codec");
    calls += 8;
    rd_kafka_conf_destroy(conf);
    rd_kafka_topic_conf_destroy(tconf);
}

/* -- Headers and messages -- */

static void print_headers(const char *what, const rd_kafka_headers_t *headers) {
    const char *key;
    const void *value;
    size_t size, i;
    printf("%s: %zu:", what, rd_kafka_header_cnt(headers));
    for (i = 0; !rd_kafka_header_get_all(headers, i, &key, &value, &size); i++)
        printf(" %s=%s/%zu", key, value ? (const char *)value : "(null)", size);
    printf("\n");
    calls += 2 + (int)i;
}

static void headers(void) {
    rd_kafka_headers_t *all = rd_kafka_headers_new(0), *copy;
    const void *value = NULL;
    size_t size = 77;
    int i;
    section("headers");
    print_headers("empty", all);
    ERR(rd_kafka_header_remove(all, "a"));
    ERR(rd_kafka_header_get_last(all, "a", &value, &size));
    ERR(rd_kafka_header_get(all, 0, "a", &value, &size));
    for (i = 0; i < 20; i++) {
        char key[8];
        snprintf(key, sizeof(key), "k%d", i % 3);
        calls++;
        if (rd_kafka_header_add(all, key, -1, key, i % 3))
            printf("not added\n");
    }
    print_headers("twenty", all);
    ERR(rd_kafka_header_get(all, 6, "k0", &value, &size));
    ERR(rd_kafka_header_get(all, 7, "k0", &value, &size));
    ERR(rd_kafka_header_get_last(all, "k2", &value, &size));
    printf("%zu\n", size);
    ERR(rd_kafka_header_get_last(all, "K2", &value, &size));
    ERR(rd_kafka_header_add(all, "", 0, "empty name", -1));
    ERR(rd_kafka_header_remove(all, "k1"));
    print_headers("without k1", all);
    copy = rd_kafka_headers_copy(all);
    rd_kafka_headers_destroy(all);
    print_headers("copy", copy);
    rd_kafka_headers_destroy(copy);
    calls += 4;
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(100);
    fprintf(stderr, "%s\n", rd_kafka_version_str());
    errors();
    lists();
    group_metadata();
    conf_objects();
    topic_confs();
    headers();
    printf("%d calls\n", calls);
    return 0;
}
