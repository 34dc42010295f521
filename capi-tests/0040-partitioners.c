/* The partitioners on fixed keys: as functions, and chosen by the property. */
#include "test.h"

#define MANY 1000000

/* Partitions among a million, from librdkafka; murmur2's are those of Java's DefaultPartitioner. */
static const struct {
    const char *key;
    int32_t consistent, murmur2, fnv1a;
} keys[] = {
    {"kafka", 77399, 980580, 496545},
    {"giberish123456789", 435071, 239820, 335573},
    {"1234", 402659, 297940, 477635},
    {"234", 540457, 638666, 325714},
    {"34", 454842, 188570, 183166},
    {"4", 798008, 888353, 911587},
    {"", 0, 646681, 831035},
    {"user-1", 437524, 122828, 78796},
    {"user-2", 623150, 501856, 745939},
    {"\xc3\xa9\xff", 468326, 123101, 786842},
    {NULL, 0, 646681, 831035},
};
#define KEYS (sizeof(keys) / sizeof(*keys))

static void functions(void) {
    rd_kafka_t *rk = t_producer(t_unreachable_conf());
    rd_kafka_topic_t *rkt = t_topic(rk, "p");
    char long_key[300];
    size_t i;
    for (i = 0; i < KEYS; i++) {
        const char *key = keys[i].key;
        size_t len = key ? strlen(key) : 0;
        CHECK_INT(rd_kafka_msg_partitioner_consistent(rkt, key, len, MANY, NULL, NULL),
                  keys[i].consistent);
        CHECK_INT(rd_kafka_msg_partitioner_murmur2(rkt, key, len, MANY, NULL, NULL),
                  keys[i].murmur2);
        CHECK_INT(rd_kafka_msg_partitioner_fnv1a(rkt, key, len, MANY, NULL, NULL), keys[i].fnv1a);
        if (!len)
            continue;
        CHECK_INT(rd_kafka_msg_partitioner_consistent_random(rkt, key, len, MANY, NULL, NULL),
                  keys[i].consistent);
        CHECK_INT(rd_kafka_msg_partitioner_murmur2_random(rkt, key, len, MANY, NULL, NULL),
                  keys[i].murmur2);
        CHECK_INT(rd_kafka_msg_partitioner_fnv1a_random(rkt, key, len, MANY, NULL, NULL),
                  keys[i].fnv1a);
    }
    /* An empty key is a key for murmur2_random and fnv1a_random. */
    CHECK_INT(rd_kafka_msg_partitioner_murmur2_random(rkt, "", 0, MANY, NULL, NULL), 646681);
    CHECK_INT(rd_kafka_msg_partitioner_fnv1a_random(rkt, "", 0, MANY, NULL, NULL), 831035);
    memset(long_key, 0xee, sizeof(long_key));
    CHECK_INT(rd_kafka_msg_partitioner_consistent(rkt, long_key, 300, MANY, NULL, NULL), 697841);
    CHECK_INT(rd_kafka_msg_partitioner_murmur2(rkt, long_key, 300, MANY, NULL, NULL), 440899);
    CHECK_INT(rd_kafka_msg_partitioner_fnv1a(rkt, long_key, 300, MANY, NULL, NULL), 214069);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static void random_ones_spread(void) {
    rd_kafka_t *rk = t_producer(t_unreachable_conf());
    rd_kafka_topic_t *rkt = t_topic(rk, "p");
    int counts[4][10], kind, i;
    memset(counts, 0, sizeof(counts));
    for (i = 0; i < 10000; i++) {
        counts[0][rd_kafka_msg_partitioner_random(rkt, "k", 1, 10, NULL, NULL)]++;
        counts[1][rd_kafka_msg_partitioner_consistent_random(rkt, NULL, 0, 10, NULL, NULL)]++;
        counts[2][rd_kafka_msg_partitioner_murmur2_random(rkt, NULL, 0, 10, NULL, NULL)]++;
        counts[3][rd_kafka_msg_partitioner_fnv1a_random(rkt, NULL, 0, 10, NULL, NULL)]++;
    }
    for (kind = 0; kind < 4; kind++)
        for (i = 0; i < 10; i++)
            CHECK_RANGE(counts[kind][i], 700, 1300);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

/* The embedded cluster gives a topic 4 partitions. */
static void by_property(const char *name, int column) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    size_t i;
    t_set(conf, "partitioner", name);
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    rkt = t_topic(rk, "by-property");
    t_book(KEYS - 2);
    for (i = 0; i < KEYS - 2; i++) { /* the empty key and the absent one are told apart below */
        const char *key = *keys[i].key ? keys[i].key : "x";
        CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "v", 1, key,
                                   strlen(key), T_OPAQUE(i)), 0);
    }
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    for (i = 0; i < KEYS - 2; i++) {
        int32_t wide = column == 0 ? keys[i].consistent
                       : column == 1 ? keys[i].murmur2
                                     : keys[i].fnv1a;
        if (*keys[i].key)
            CHECK_INT(t_reports[i].partition, wide % 4); /* 4 divides a million */
    }
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    functions();
    random_ones_spread();
    by_property("consistent", 0);
    by_property("consistent_random", 0);
    by_property("murmur2", 1);
    by_property("murmur2_random", 1);
    by_property("fnv1a", 2);
    by_property("fnv1a_random", 2);
    return t_done();
}
