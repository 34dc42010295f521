/*
 * What a producer asks of the cluster: metadata of all topics, of one, of those it knows; cluster and controller id;
 * offsets. And how long it waits when there is nobody to ask.
 */
#include "test.h"

static void check_brokers(const struct rd_kafka_metadata *md) {
    int i, seen = 0;
    CHECK_INT(md->broker_cnt, 3);
    for (i = 0; i < md->broker_cnt; i++) {
        CHECK(md->brokers[i].id >= 1 && md->brokers[i].id <= 3);
        CHECK(md->brokers[i].port > 0 && !strcmp(md->brokers[i].host, "127.0.0.1"));
        seen |= 1 << md->brokers[i].id;
    }
    CHECK_INT(seen, 14);
    CHECK(md->orig_broker_name != NULL && *md->orig_broker_name);
}

static void check_topic(const rd_kafka_metadata_topic_t *topic, const char *name) {
    int i;
    CHECK(!strcmp(topic->topic, name));
    CHECK_INT(topic->err, 0);
    CHECK_INT(topic->partition_cnt, 4);
    for (i = 0; i < topic->partition_cnt; i++) {
        const rd_kafka_metadata_partition_t *p = &topic->partitions[i];
        CHECK_INT(p->id, i);
        CHECK_INT(p->err, 0);
        CHECK(p->leader >= 1 && p->leader <= 3);
        CHECK(p->replica_cnt >= 1 && p->isr_cnt >= 1);
        CHECK(p->replicas[0] >= 1 && p->isrs[0] >= 1);
    }
}

static const struct rd_kafka_metadata *asked(rd_kafka_t *rk, int all, rd_kafka_topic_t *only) {
    const struct rd_kafka_metadata *md = NULL;
    CHECK_INT(rd_kafka_metadata(rk, all, only, &md, 10000), 0);
    CHECK(md != NULL);
    return md;
}

static void cluster(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const struct rd_kafka_metadata *md;
    rd_kafka_topic_t *a, *b;
    rd_kafka_t *rk;
    char *id;
    int i;
    t_set(conf, "test.mock.num.brokers", "3");
    rk = t_producer(conf);
    a = rd_kafka_topic_new(rk, "a", NULL);
    md = asked(rk, 0, a);
    check_brokers(md);
    CHECK_INT(md->topic_cnt, 1);
    check_topic(&md->topics[0], "a");
    rd_kafka_metadata_destroy(md);

    b = rd_kafka_topic_new(rk, "b", NULL);
    rd_kafka_metadata_destroy(asked(rk, 0, b));
    md = asked(rk, 0, NULL);
    CHECK_INT(md->topic_cnt, 2);
    rd_kafka_metadata_destroy(md);
    md = asked(rk, 1, NULL);
    CHECK_INT(md->topic_cnt, 2);
    for (i = 0; i < 2; i++)
        check_topic(&md->topics[i], strcmp(md->topics[i].topic, "a") ? "b" : "a");
    rd_kafka_metadata_destroy(md);

    id = rd_kafka_clusterid(rk, 10000);
    CHECK(id != NULL && *id);
    rd_kafka_mem_free(rk, id);
    if (t_is_oxide()) /* librdkafka's embedded cluster has no controller */
        CHECK(rd_kafka_controllerid(rk, 10000) >= 1);
    rd_kafka_topic_destroy(a);
    rd_kafka_topic_destroy(b);
    rd_kafka_destroy(rk);
}

static void offsets(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(2);
    rd_kafka_t *rk;
    int64_t low = -5, high = -5;
    int i;
    t_set(conf, "test.mock.num.brokers", "3");
    rk = t_producer(conf);
    for (i = 0; i < 5; i++)
        CHECK_INT(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(2),
                                    RD_KAFKA_V_VALUE("v", 1), RD_KAFKA_V_END), 0);
    CHECK_INT(rd_kafka_flush(rk, 10000), 0);
    CHECK_INT(rd_kafka_query_watermark_offsets(rk, "t", 2, &low, &high, 10000), 0);
    CHECK_INT(low, 0);
    CHECK_INT(high, 5);
    CHECK_INT(rd_kafka_query_watermark_offsets(rk, "t", 1, &low, &high, 10000), 0);
    CHECK_INT(high, 0);
    CHECK(rd_kafka_query_watermark_offsets(rk, "t", 99, &low, &high, 1000) != 0);
    rd_kafka_topic_partition_list_add(list, "t", 2)->offset = RD_KAFKA_OFFSET_END;
    rd_kafka_topic_partition_list_add(list, "t", 3)->offset = RD_KAFKA_OFFSET_BEGINNING;
    CHECK_INT(rd_kafka_offsets_for_times(rk, list, 10000), 0);
    CHECK_INT(list->elems[0].err, 0);
    CHECK_INT(list->elems[0].offset, 5);
    CHECK_INT(list->elems[1].offset, 0);
    /* One that does not exist has an error of its own, unless there is no other. */
    rd_kafka_topic_partition_list_add(list, "t", 99)->offset = RD_KAFKA_OFFSET_END;
    list->elems[0].offset = RD_KAFKA_OFFSET_END;
    CHECK_INT(rd_kafka_offsets_for_times(rk, list, 10000), 0);
    CHECK_INT(list->elems[0].offset, 5);
    CHECK_INT(list->elems[2].err, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    list->elems[0].partition = list->elems[1].partition = 98;
    CHECK_INT(rd_kafka_offsets_for_times(rk, list, 1000), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(rk);
}

static void nobody(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const struct rd_kafka_metadata *md = NULL;
    int64_t low, high;
    rd_kafka_t *rk;
    size_t cnt = 99;
    t_set(conf, "bootstrap.servers", "127.0.0.1:1");
    rk = t_producer(conf);
    CHECK_INT(rd_kafka_metadata(rk, 1, NULL, &md, 300), RD_KAFKA_RESP_ERR__TRANSPORT);
    CHECK(md == NULL);
    CHECK(rd_kafka_query_watermark_offsets(rk, "t", 0, &low, &high, 300) != 0);
    CHECK(rd_kafka_clusterid(rk, 300) == NULL);
    CHECK_INT(rd_kafka_controllerid(rk, 0), -1);
    rd_kafka_mem_free(rk, rd_kafka_brokers_learned_ids(rk, &cnt));
    CHECK_INT(cnt, 0);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    cluster();
    offsets();
    nobody();
    return t_done();
}
