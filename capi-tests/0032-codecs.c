/* Every codec and level, for the client and for one topic, with batches that shrink and do not. */
#include "test.h"

static void fill(char *payload, size_t size, int random, unsigned *seed) {
    size_t i;
    for (i = 0; i < size; i++)
        payload[i] = random ? (char)rand_r(seed) : "{\"level\":\"info\"} "[i % 17];
}

static void produce(rd_kafka_topic_t *rkt, int random) {
    char payload[5000];
    unsigned seed = 7;
    int i;
    t_book(300);
    for (i = 0; i < 300; i++) {
        size_t size = (size_t)(i * 37 % 5000);
        fill(payload, size, random, &seed);
        CHECK_INT(rd_kafka_produce(rkt, i % 4, RD_KAFKA_MSG_F_COPY, payload, size, &i, sizeof(i),
                                   T_OPAQUE(i)), 0);
    }
}

static void for_the_client(const char *codec, const char *level) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int random;
    t_set(conf, "compression.codec", codec);
    t_set(conf, "compression.level", level);
    t_set(conf, "linger.ms", "20");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    for (random = 0; random < 2; random++) {
        rkt = t_topic(rk, random ? "random" : "text");
        produce(rkt, random);
        t_flush(rk);
        t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
        t_check_contiguous(4);
        rd_kafka_topic_destroy(rkt);
    }
    rd_kafka_destroy(rk);
}

static void for_a_topic(void) {
    const char *codecs[] = {"none", "gzip", "snappy", "lz4", "zstd", "inherit"};
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    size_t i;
    t_set(conf, "compression.codec", "gzip");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    for (i = 0; i < 6; i++) {
        rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new();
        rd_kafka_topic_t *rkt;
        char errstr[256];
        if (rd_kafka_topic_conf_set(tconf, "compression.codec", codecs[i], errstr, sizeof(errstr)))
            FAIL("%s: %s", codecs[i], errstr);
        rkt = rd_kafka_topic_new(rk, codecs[i], tconf);
        CHECK(rkt != NULL);
        produce(rkt, 0);
        t_flush(rk);
        t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_topic_destroy(rkt);
    }
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    for_the_client("none", "-1");
    for_the_client("gzip", "-1");
    for_the_client("gzip", "1");
    for_the_client("gzip", "9");
    for_the_client("snappy", "-1");
    for_the_client("lz4", "-1");
    for_the_client("lz4", "12");
    for_the_client("zstd", "-1");
    for_the_client("zstd", "12");
    for_a_topic();
    return t_done();
}
