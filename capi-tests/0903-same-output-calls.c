/*
 * Handles, queues, events, producing: prints what each call gives, with good and bad
 * arguments. The runner compares the output on librdkafka and on ours, like that of 0900. Only what librdkafka 2.0 to
 * 2.16 agree on is printed.
 */
#include "same.h"

static rd_kafka_conf_t *quiet_conf(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    return conf;
}

static rd_kafka_t *make(rd_kafka_conf_t *conf) {
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (!rk) {
        printf("no handle: %s\n", errstr);
        exit(1);
    }
    return rk;
}

/* -- Handles without a broker -- */

static int reports;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    rd_kafka_timestamp_type_t type;
    rd_kafka_headers_t *all = NULL;
    (void)rk;
    reports++;
    printf("  report %s[%d]@%lld %s status %d %.*s opaque %ld %d", rd_kafka_topic_name(msg->rkt),
           msg->partition, (long long)msg->offset, name(msg->err), rd_kafka_message_status(msg),
           (int)msg->len, msg->payload ? (char *)msg->payload : "", (long)msg->_private, opaque != NULL);
    /* librdkafka's mock brokers answer with a log append time of their own making. */
    printf(" timestamp %d headers %s\n", rd_kafka_message_timestamp(msg, &type) > 0,
           name(rd_kafka_message_headers(msg, &all)));
    NEWER(STR(rd_kafka_message_produce_errstr(msg));)
    calls += 6;
}

static int32_t always_two(const rd_kafka_topic_t *rkt, const void *key, size_t size, int32_t cnt, void *opaque,
                          void *msg_opaque) {
    (void)rkt, (void)key, (void)size, (void)opaque;
    return msg_opaque ? cnt + 5 : 2;
}

static void handle_without_broker(void) {
    rd_kafka_conf_t *conf = quiet_conf();
    rd_kafka_topic_conf_t *tconf;
    rd_kafka_topic_t *rkt, *again;
    rd_kafka_t *rk;
    const struct rd_kafka_metadata *metadata = NULL;
    section("a handle without a broker");
    rd_kafka_conf_set(conf, "client.id", "calls", NULL, 0);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_opaque(conf, &calls);
    rk = make(conf);
    INT(strncmp(rd_kafka_name(rk), "calls#producer-", 15));
    INT(rd_kafka_type(rk));
    INT(rd_kafka_opaque(rk) == &calls);
    INT(rd_kafka_outq_len(rk));
    INT(rd_kafka_poll(rk, 0));
    ERR(rd_kafka_flush(rk, 0));
    ERR(rd_kafka_purge(rk, 0));
    ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT));
    ERR(rd_kafka_purge(rk, 64));
    ERR(rd_kafka_fatal_error(rk, errstr, sizeof(errstr)));
    ERR(rd_kafka_last_error());
    INT(rd_kafka_brokers_add(rk, ""));
    INT(rd_kafka_brokers_add(rk, "127.0.0.1:1,127.0.0.1:1"));
    INT(rd_kafka_brokers_add(rk, "PLAINTEXT://127.0.0.1:1"));
    INT(rd_kafka_brokers_add(rk, "nope://127.0.0.1:2"));
    INT(rd_kafka_brokers_add(rk, "127.0.0.1:3,,127.0.0.1:4"));
    STR(rd_kafka_clusterid(rk, 0));
    INT(rd_kafka_controllerid(rk, 0));
    PTR(rd_kafka_topic_new(rk, NULL, NULL));
    ERR(rd_kafka_last_error());
    PTR(rd_kafka_topic_new(rk, "", NULL));
    ERR(rd_kafka_last_error());
    tconf = rd_kafka_topic_conf_new();
    rd_kafka_topic_conf_set_opaque(tconf, &reports);
    rd_kafka_topic_conf_set(tconf, "message.timeout.ms", "60000", NULL, 0);
    rkt = rd_kafka_topic_new(rk, "nowhere", tconf);
    again = rd_kafka_topic_new(rk, "nowhere", NULL);
    INT(rkt == again);
    INT(rd_kafka_topic_opaque(again) == &reports);
    STR(rd_kafka_topic_name(rkt));
    rd_kafka_topic_destroy(again);
    INT(rd_kafka_topic_partition_available(rkt, 0));
    ERR(rd_kafka_metadata(rk, 0, rkt, &metadata, 100));
    INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "one", 3, NULL, 0, (void *)1));
    INT(rd_kafka_produce(rkt, 5, RD_KAFKA_MSG_F_COPY, "two", 3, "key", 3, (void *)2));
    INT(rd_kafka_produce(rkt, -5, RD_KAFKA_MSG_F_COPY, "three", 5, "key", 3, (void *)3));
    ERR(rd_kafka_last_error());
    INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_FREE, "four", 4, NULL, 0, (void *)4));
    ERR(rd_kafka_last_error());
    /* Other events may wait there too. */
    INT(rd_kafka_outq_len(rk) >= 4);
    ERR(rd_kafka_flush(rk, 0));
    ERR(rd_kafka_flush(rk, 50));
    ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE));
    ERR(rd_kafka_flush(rk, 5000));
    INT(rd_kafka_outq_len(rk));
    printf("%d reports\n", reports);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    INT(rd_kafka_wait_destroyed(10000));
}

/* -- Queues -- */

static void queues(void) {
    rd_kafka_t *rk = make(quiet_conf());
    rd_kafka_queue_t *main_queue = rd_kafka_queue_get_main(rk), *one = rd_kafka_queue_new(rk),
                     *two = rd_kafka_queue_new(rk);
    int fds[2];
    section("queues");
    INT(rd_kafka_queue_length(one));
    PTR(rd_kafka_queue_poll(one, 0));
    INT(rd_kafka_queue_poll_callback(one, 0));
    rd_kafka_queue_forward(one, two);
    rd_kafka_queue_forward(one, NULL);
    rd_kafka_queue_forward(one, main_queue);
    INT(rd_kafka_queue_length(one));
    PTR(rd_kafka_queue_poll(one, 10));
    if (pipe(fds))
        exit(1);
    rd_kafka_queue_io_event_enable(two, fds[1], "x", 1);
    rd_kafka_queue_io_event_enable(two, -1, NULL, 0);
    rd_kafka_queue_cb_event_enable(two, NULL, NULL);
    rd_kafka_queue_yield(two);
    INT(rd_kafka_queue_length(two));
    PTR(rd_kafka_queue_poll(two, 100));
    rd_kafka_yield(rk);
    PTR(rd_kafka_queue_get_background(rk));
    ERR(rd_kafka_set_log_queue(rk, one));
    ERR(rd_kafka_set_log_queue(rk, NULL));
    calls += 14;
    rd_kafka_queue_destroy(two);
    rd_kafka_queue_destroy(one);
    rd_kafka_queue_destroy(main_queue);
    rd_kafka_destroy(rk);
    close(fds[0]);
    close(fds[1]);
}

/* -- Events -- */

static rd_kafka_event_t *wait_event(rd_kafka_queue_t *queue, rd_kafka_event_type_t type) {
    int i;
    for (i = 0; i < 100; i++) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 200);
        if (event && rd_kafka_event_type(event) == type)
            return event;
        if (event)
            rd_kafka_event_destroy(event);
    }
    printf("no event %d\n", type);
    return NULL;
}

static void print_event(rd_kafka_event_t *event) {
    const char *facility = NULL, *log = NULL;
    int level = -1;
    char contexts[64] = "untouched";
    INT(rd_kafka_event_type(event));
    STR(rd_kafka_event_name(event));
    ERR(rd_kafka_event_error(event));
    STR(rd_kafka_event_error_string(event));
    /* The others read what only an event of their type has. */
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
        INT(rd_kafka_event_error_is_fatal(event));
        STR(rd_kafka_event_stats(event));
    }
    INT(rd_kafka_event_message_count(event));
    INT(rd_kafka_event_log(event, &facility, &log, &level));
    INT(rd_kafka_event_debug_contexts(event, contexts, sizeof(contexts)));
    STR(rd_kafka_event_config_string(event));
    PTR(rd_kafka_event_topic_partition(event));
    PTR(rd_kafka_event_topic_partition_list(event));
    PTR(rd_kafka_event_opaque(event));
    PTR(rd_kafka_event_CreateTopics_result(event));
    PTR(rd_kafka_event_DeleteGroups_result(event));
    PTR(rd_kafka_event_DescribeAcls_result(event));
}

static void events(void) {
    rd_kafka_conf_t *conf = quiet_conf();
    const rd_kafka_message_t *array[10];
    const rd_kafka_message_t *msg;
    rd_kafka_queue_t *queue;
    rd_kafka_event_t *event;
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    size_t got, i;
    int sent;
    section("events");
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "2", NULL, 0);
    rd_kafka_conf_set(conf, "linger.ms", "100", NULL, 0);
    rk = make(conf);
    queue = rd_kafka_queue_get_main(rk);
    rkt = rd_kafka_topic_new(rk, "events", NULL);
    for (sent = 0; sent < 3; sent++)
        INT(rd_kafka_produce(rkt, 1, RD_KAFKA_MSG_F_COPY, "value", 5, NULL, 0, (void *)(long)(sent + 1)));
    event = wait_event(queue, RD_KAFKA_EVENT_DR);
    print_event(event);
    msg = rd_kafka_event_message_next(event);
    printf("%ld %s %lld %d\n", (long)msg->_private, name(msg->err), (long long)msg->offset, rd_kafka_message_status(msg));
    got = rd_kafka_event_message_array(event, (const rd_kafka_message_t **)array, 10);
    for (i = 0; i < got; i++)
        printf("%ld %s %lld\n", (long)array[i]->_private, name(array[i]->err), (long long)array[i]->offset);
    PTR(rd_kafka_event_message_next(event));
    INT(rd_kafka_event_message_count(event));
    INT(rd_kafka_event_message_array(event, (const rd_kafka_message_t **)array, 10));
    rd_kafka_event_destroy(event);
    ERR(rd_kafka_flush(rk, 0));
    INT(rd_kafka_outq_len(rk));
    ERR(rd_kafka_test_fatal_error(rk, RD_KAFKA_RESP_ERR_INVALID_MSG, "made up"));
    event = wait_event(queue, RD_KAFKA_EVENT_ERROR);
    print_event(event);
    rd_kafka_event_destroy(event);
    ERR(rd_kafka_fatal_error(rk, errstr, sizeof(errstr)));
    printf("%s\n", errstr);
    ERR(rd_kafka_test_fatal_error(rk, RD_KAFKA_RESP_ERR_UNKNOWN, "again"));
    ERR(rd_kafka_fatal_error(rk, NULL, 0));
    INT(rd_kafka_event_type(NULL));
    STR(rd_kafka_event_name(NULL));
    calls += 12;
    rd_kafka_topic_destroy(rkt);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* -- Producing -- */

static void produce_calls(void) {
    rd_kafka_conf_t *conf = quiet_conf();
    rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new();
    rd_kafka_headers_t *own = rd_kafka_headers_new(1);
    rd_kafka_topic_t *rkt;
    rd_kafka_vu_t vus[4];
    rd_kafka_t *rk;
    int i;
    section("producing");
    reports = 0;
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
    rk = make(conf);
    rd_kafka_topic_conf_set_partitioner_cb(tconf, always_two);
    rkt = rd_kafka_topic_new(rk, "calls", tconf);
#define SEND(...)                                                                                       \
    do {                                                                                                \
        rd_kafka_resp_err_t err_ = rd_kafka_producev(rk, __VA_ARGS__, RD_KAFKA_V_END);                  \
        calls++;                                                                                        \
        printf("%s -> %s\n", #__VA_ARGS__, name(err_));                                                 \
        if (!err_)                                                                                      \
            ERR(rd_kafka_flush(rk, 20000));                                                             \
    } while (0)
    SEND(RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_VALUE("a", 1), RD_KAFKA_V_TIMESTAMP(1234));
    SEND(RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_OPAQUE((void *)7));
    SEND(RD_KAFKA_V_TOPIC("calls"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_TIMESTAMP(1234));
    SEND(RD_KAFKA_V_TOPIC("calls"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_HEADER("h", "v", 1));
    SEND(RD_KAFKA_V_TOPIC("calls"), RD_KAFKA_V_PARTITION(99), RD_KAFKA_V_VALUE("c", 1));
    SEND(RD_KAFKA_V_TOPIC("calls"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_PARTITION));
    SEND(RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE("no topic", 8));
    rd_kafka_header_add(own, "mine", -1, "1", 1);
    SEND(RD_KAFKA_V_TOPIC("calls"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_HEADERS(own));
    own = rd_kafka_headers_new(1);
    SEND(RD_KAFKA_V_TOPIC("calls"), RD_KAFKA_V_HEADERS(own), RD_KAFKA_V_HEADER("both", "1", 1));
    rd_kafka_headers_destroy(own);
    memset(vus, 0, sizeof(vus));
    vus[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    vus[0].u.cstr = "calls";
    vus[1].vtype = RD_KAFKA_VTYPE_VALUE;
    vus[1].u.mem.ptr = "va";
    vus[1].u.mem.size = 2;
    vus[2].vtype = RD_KAFKA_VTYPE_PARTITION;
    vus[2].u.i32 = 1;
    print_error("produceva", rd_kafka_produceva(rk, vus, 3));
    ERR(rd_kafka_flush(rk, 20000));
    print_error("produceva without topic", rd_kafka_produceva(rk, vus + 1, 2));
    print_error("produceva of nothing", rd_kafka_produceva(rk, vus, 0));
    vus[3].vtype = (rd_kafka_vtype_t)77;
    print_error("produceva of an unknown type", rd_kafka_produceva(rk, vus, 4));
    for (i = 0; i < 4; i++) {
        rd_kafka_message_t msgs[2];
        memset(msgs, 0, sizeof(msgs));
        msgs[0].payload = msgs[1].payload = "batch";
        msgs[0].len = msgs[1].len = 5;
        msgs[0].partition = msgs[1].partition = 3;
        INT(rd_kafka_produce_batch(rkt, i, RD_KAFKA_MSG_F_COPY | (i & 1 ? RD_KAFKA_MSG_F_PARTITION : 0), msgs, i == 3 ? 0 : 2));
        printf("%s %s\n", name(msgs[0].err), name(msgs[1].err));
        ERR(rd_kafka_flush(rk, 20000));
    }
    for (i = 0; i < 6; i++)
        INT(rd_kafka_topic_partition_available(rkt, i - 1));
    printf("%d reports\n", reports);
    calls += 4;
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static void metadata_calls(void) {
    rd_kafka_conf_t *conf = quiet_conf();
    const struct rd_kafka_metadata *all = NULL;
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int i;
    section("metadata");
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "2", NULL, 0);
    rk = make(conf);
    rkt = rd_kafka_topic_new(rk, "known", NULL);
    ERR(rd_kafka_metadata(rk, 0, rkt, &all, 10000));
    printf("%d brokers, %d topics\n", all->broker_cnt, all->topic_cnt);
    for (i = 0; i < all->broker_cnt; i++)
        printf("broker %d %s\n", all->brokers[i].id, all->brokers[i].host);
    for (i = 0; i < all->topic_cnt; i++)
        printf("topic %s %d %s\n", all->topics[i].topic, all->topics[i].partition_cnt, name(all->topics[i].err));
    for (i = 0; i < all->topics[0].partition_cnt; i++) {
        const struct rd_kafka_metadata_partition *p = &all->topics[0].partitions[i];
        printf("partition %d %s leader %d, %d replicas, %d in sync\n", p->id, name(p->err), p->leader > 0,
               p->replica_cnt, p->isr_cnt);
    }
    rd_kafka_metadata_destroy(all);
    ERR(rd_kafka_metadata(rk, 1, NULL, &all, 10000));
    printf("%d brokers, %d topics\n", all->broker_cnt, all->topic_cnt);
    rd_kafka_metadata_destroy(all);
    PTR(rd_kafka_clusterid(rk, 5000));
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    calls += 2;
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(100);
    fprintf(stderr, "%s\n", rd_kafka_version_str());
    handle_without_broker();
    queues();
    events();
    produce_calls();
    metadata_calls();
    printf("%d calls\n", calls);
    return 0;
}
