/* statistics.interval.ms: the report by callback and as an event has librdkafka's fields, and its numbers are those of what was
 * sent; rd_kafka_dump(). */
#include "statistics.h"

#define PARTITIONS 3
#define KEY "key"
#define VALUE "0123456789"
#define INTERVAL_MS "100"

/* The last report, and sums of windows over all of them. */
static char *last;
static int reports, keep;
static char *kept;
static long long batch_messages, batch_bytes, batches, waited, answered;

static void take(const char *json) {
    json_t *all = s_read(json);
    const json_t *item;
    for (item = json_get(all, "topics")->first; item; item = item->next) {
        batches += json_int(json_get(item, "batchcnt"), "cnt");
        batch_messages += json_int(json_get(item, "batchcnt"), "sum");
        batch_bytes += json_int(json_get(item, "batchsize"), "sum");
    }
    for (item = json_get(all, "brokers")->first; item; item = item->next) {
        waited += json_int(json_get(item, "int_latency"), "cnt");
        answered += json_int(json_get(item, "rtt"), "cnt");
    }
    json_free(all);
    free(last);
    last = strdup(json);
    reports++;
}

static int on_stats(rd_kafka_t *rk, char *json, size_t len, void *opaque) {
    CHECK(rk);
    CHECK(opaque == &reports);
    CHECK_INT(strlen(json), len);
    take(json);
    if (!keep)
        return 0;
    free(kept);
    kept = json;
    return 1;
}

static void forget(void) {
    reports = keep = 0;
    batch_messages = batch_bytes = batches = waited = answered = 0;
}

static rd_kafka_t *start(const char *idempotence) {
    rd_kafka_conf_t *conf = t_mock_conf("2");
    forget();
    t_set(conf, "statistics.interval.ms", INTERVAL_MS);
    t_set(conf, "enable.idempotence", idempotence);
    rd_kafka_conf_set_stats_cb(conf, on_stats);
    rd_kafka_conf_set_opaque(conf, &reports);
    return t_producer(conf);
}

static void produce(rd_kafka_t *rk, const char *topic, int count) {
    int i;
    for (i = 0; i < count; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(i % PARTITIONS),
                                    RD_KAFKA_V_KEY(KEY, strlen(KEY)), RD_KAFKA_V_VALUE(VALUE, strlen(VALUE)),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void wait_reports(rd_kafka_t *rk, int more) {
    int until = reports + more;
    while (reports < until)
        rd_kafka_poll(rk, 100);
}

static json_t *partition_of(const json_t *all, const char *topic, const char *number) {
    return json_get(json_get(json_get(json_get(all, "topics"), topic), "partitions"), number);
}

static void check_partition(const json_t *all, const char *number, int count, int idempotent) {
    const json_t *partition = partition_of(all, "stats", number);
    const long long size = (long long)(strlen(KEY) + strlen(VALUE));
    CHECK_INT(json_int(partition, "txmsgs"), count);
    CHECK_INT(json_int(partition, "txbytes"), count * size);
    CHECK_INT(json_int(partition, "msgs"), count);
    CHECK_INT(json_int(partition, "msgq_cnt"), 0);
    CHECK_INT(json_int(partition, "xmit_msgq_cnt"), 0);
    CHECK_INT(json_int(partition, "msgs_inflight"), 0);
    CHECK_RANGE(json_int(partition, "leader"), 1, 2);
    CHECK_INT(json_int(partition, "broker"), json_int(partition, "leader"));
    CHECK_INT(json_int(partition, "acked_msgid"), idempotent ? count : 0);
    CHECK_INT(json_int(partition, "next_ack_seq"), idempotent ? count : 0);
    CHECK_INT(json_int(partition, "next_err_seq"), idempotent ? count : 0);
    CHECK_STR(json_str(partition, "fetch_state"), "none");
    CHECK_INT(json_int(partition, "hi_offset"), RD_KAFKA_OFFSET_INVALID);
    CHECK_INT(json_int(partition, "consumer_lag"), -1);
}

/* Everything was acknowledged, and another report came after that. */
static void check_numbers(rd_kafka_t *rk, int count, int idempotent) {
    const long long size = (long long)(strlen(KEY) + strlen(VALUE));
    json_t *all = s_read(last);
    const json_t *brokers = json_get(all, "brokers"), *broker;
    long long toppars = 0, produced = 0;
    CHECK_STR(json_str(all, "name"), rd_kafka_name(rk));
    CHECK_INT(json_int(all, "msg_cnt"), 0);
    CHECK_INT(json_int(all, "msg_size"), 0);
    CHECK_INT(json_int(all, "msg_max"), 100000);
    CHECK_INT(json_int(all, "msg_size_max"), 1024LL * 1048576);
    CHECK_INT(json_int(all, "metadata_cache_cnt"), 1);
    CHECK_INT(json_int(all, "txmsgs"), count);
    CHECK_INT(json_int(all, "txmsg_bytes"), count * size);
    CHECK_INT(json_int(all, "rxmsgs"), 0);
    CHECK_RANGE(json_int(all, "tx"), json_int(all, "rx"), INT64_MAX);
    CHECK_RANGE(json_int(all, "tx_bytes"), count * size, INT64_MAX);
    CHECK_RANGE(json_int(all, "time"), 1600000000, INT64_MAX);
    CHECK_RANGE(json_int(all, "age"), 100000, INT64_MAX);
    check_partition(all, "0", (count + 2) / 3, idempotent);
    check_partition(all, "1", (count + 1) / 3, idempotent);
    check_partition(all, "2", count / 3, idempotent);
    CHECK_INT(json_int(partition_of(all, "stats", "3"), "txmsgs"), 0);
    CHECK_INT(json_int(partition_of(all, "stats", "-1"), "leader"), -1);
    CHECK_INT(json_int(partition_of(all, "stats", "-1"), "txmsgs"), 0);
    for (broker = brokers->first; broker; broker = broker->next) {
        const json_t *toppar;
        for (toppar = json_get(broker, "toppars")->first; toppar; toppar = toppar->next)
            toppars++;
        produced += json_int(json_get(broker, "req"), "Produce");
        if (json_int(broker, "nodeid") < 0)
            continue;
        CHECK_STR(json_str(broker, "state"), "UP");
        CHECK_RANGE(json_int(broker, "txidle"), 0, json_int(all, "age"));
        CHECK_RANGE(json_int(broker, "connects"), 1, 100);
        CHECK_INT(json_int(broker, "waitresp_msg_cnt"), 0);
        CHECK_INT(json_int(broker, "outbuf_cnt"), 0);
    }
    CHECK_INT(toppars, 4);
    CHECK_INT(batch_messages, count);
    CHECK_RANGE(batch_bytes, count * size, INT64_MAX);
    CHECK_INT(waited, count);
    CHECK_RANGE(answered, produced, json_int(all, "rx"));
    CHECK_RANGE(produced, 1, batches);
    CHECK(!json_find(all, "cgrp"));
    CHECK(!json_find(all, "fatal"));
    CHECK_INT(json_find(all, "eos") != NULL, idempotent);
    if (idempotent) {
        const json_t *eos = json_get(all, "eos");
        CHECK_STR(json_str(eos, "idemp_state"), "Assigned");
        CHECK_STR(json_str(eos, "txn_state"), "Init");
        CHECK_RANGE(json_int(eos, "producer_id"), 0, INT64_MAX);
        CHECK_INT(json_int(eos, "producer_epoch"), 0);
        CHECK_INT(json_int(eos, "epoch_cnt"), 1);
    }
    json_free(all);
}

static void numbers(const char *idempotence) {
    const int count = t_count(3000);
    rd_kafka_t *rk = start(idempotence);
    produce(rk, "stats", count);
    t_flush(rk);
    wait_reports(rk, 2);
    check_numbers(rk, count, !strcmp(idempotence, "true"));
    rd_kafka_destroy(rk);
}

/* The callback may keep the text: it frees it. */
static void kept_text(void) {
    rd_kafka_t *rk = start("false");
    keep = 1;
    wait_reports(rk, 2);
    rd_kafka_destroy(rk);
    CHECK(kept);
    json_free(s_read(kept));
    free(kept);
    kept = NULL;
}

/* After a fatal error the report names it. */
static void fatal(void) {
    rd_kafka_t *rk = start("true");
    json_t *all;
    wait_reports(rk, 1);
    CHECK_ERR(rd_kafka_test_fatal_error(rk, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "boom"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_reports(rk, 2);
    all = s_read(last);
    CHECK_HAS(json_str(json_get(all, "fatal"), "reason"), "boom");
    CHECK_STR(json_str(json_get(all, "fatal"), "error"),
              rd_kafka_err2str(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER));
    CHECK_INT(json_int(json_get(all, "fatal"), "cnt"), 1);
    json_free(all);
    rd_kafka_destroy(rk);
}

/* With brokers that nobody reaches there is a report, too: the messages wait. */
static void unreachable(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_t *rk;
    json_t *all;
    const json_t *broker, *waiting;
    forget();
    t_set(conf, "statistics.interval.ms", INTERVAL_MS);
    rd_kafka_conf_set_stats_cb(conf, on_stats);
    rd_kafka_conf_set_opaque(conf, &reports);
    rk = t_producer(conf);
    produce(rk, "stats", 9);
    wait_reports(rk, 5);
    all = s_read(last);
    CHECK_INT(json_int(all, "msg_cnt"), 9);
    CHECK_INT(json_int(all, "msg_size"), 9 * (int)strlen(VALUE));
    CHECK_INT(json_int(all, "tx"), 0);
    CHECK_INT(json_int(all, "rx"), 0);
    broker = json_get(all, "brokers")->first;
    CHECK_STR(broker->key, "127.0.0.1:1/bootstrap");
    CHECK_INT(json_int(broker, "nodeid"), -1);
    CHECK_STR(json_str(broker, "source"), "configured");
    CHECK_INT(json_int(broker, "txidle"), -1);
    CHECK_INT(json_int(broker, "rxidle"), -1);
    CHECK_INT(json_int(broker, "disconnects"), 0);
    CHECK(strcmp(json_str(broker, "state"), "UP"));
    waiting = partition_of(all, "stats", "-1");
    CHECK_INT(json_int(waiting, "msgq_cnt"), 9);
    CHECK_INT(json_int(waiting, "msgs"), 9);
    json_free(all);
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_destroy(rk);
}

static void events(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    forget();
    t_set(conf, "statistics.interval.ms", INTERVAL_MS);
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_STATS);
    rk = t_producer(conf);
    queue = rd_kafka_queue_get_main(rk);
    while (reports < 3) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 1000);
        if (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_STATS) {
            CHECK_STR(rd_kafka_event_name(event), "Stats");
            take(rd_kafka_event_stats(event));
        }
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

static void off(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    int i;
    forget();
    rd_kafka_conf_set_stats_cb(conf, on_stats);
    rk = t_producer(conf);
    produce(rk, "stats", 10);
    t_flush(rk);
    for (i = 0; i < 3; i++)
        rd_kafka_poll(rk, 100);
    CHECK_INT(reports, 0);
    rd_kafka_destroy(rk);
}

static void dump(void) {
    static const char *const parts[] = {" producer.msg_cnt 0 (0 bytes)", " brokers:", " in state UP (for ",
                                        " cgrp:", " topics:", "  dumped with 4 partitions, state exists",
                                        "dumped [0] broker 127.0.0.1:", "xmit_msgq: 0 messages",
                                        "Metadata cache with 1 entries", NULL};
    rd_kafka_t *rk = t_producer(t_mock_conf("1"));
    FILE *file = tmpfile();
    char text[8192];
    size_t len;
    int i;
    CHECK(file);
    produce(rk, "dumped", 9);
    t_flush(rk);
    rd_kafka_dump(file, rk);
    rd_kafka_dump(file, NULL);
    rewind(file);
    len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    fclose(file);
    CHECK_HAS(text, rd_kafka_name(rk));
    for (i = 0; parts[i]; i++)
        CHECK_HAS(text, parts[i]);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    numbers("false");
    numbers("true");
    kept_text();
    fatal();
    unreachable();
    events();
    off();
    dump();
    free(last);
    return t_done();
}
