/* rd_kafka_produce_batch(): the count, the error of each message, F_PARTITION, what it leaves. */
#include "test.h"

#define CNT 100

static void fill(rd_kafka_message_t *msgs, int cnt) {
    int i;
    memset(msgs, 0, sizeof(*msgs) * (size_t)cnt);
    for (i = 0; i < cnt; i++) {
        msgs[i].payload = "payload";
        msgs[i].len = 7;
        msgs[i].key = "key";
        msgs[i].key_len = 3;
        msgs[i]._private = T_OPAQUE(i);
    }
}

static void all_to_one_partition(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    rd_kafka_message_t msgs[CNT];
    int i;
    fill(msgs, CNT);
    t_book(CNT);
    CHECK_INT(rd_kafka_produce_batch(rkt, 3, RD_KAFKA_MSG_F_COPY, msgs, CNT), CNT);
    for (i = 0; i < CNT; i++)
        CHECK_ERR(msgs[i].err, RD_KAFKA_RESP_ERR_NO_ERROR);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    for (i = 0; i < CNT; i++) {
        CHECK_INT(t_reports[i].partition, 3);
        CHECK_INT(t_reports[i].offset, i);
    }
}

static void partition_of_each_message(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    rd_kafka_message_t msgs[CNT];
    int i;
    fill(msgs, CNT);
    for (i = 0; i < CNT; i++)
        msgs[i].partition = i % 3;
    t_book(CNT);
    CHECK_INT(rd_kafka_produce_batch(rkt, RD_KAFKA_PARTITION_UA,
                                     RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION, msgs, CNT),
              CNT);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    for (i = 0; i < CNT; i++)
        CHECK_INT(t_reports[i].partition, i % 3);
}

/* Bad ones fail alone, with their own error and without a report. */
static void some_fail(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    rd_kafka_message_t msgs[CNT];
    int i;
    fill(msgs, CNT);
    for (i = 0; i < CNT; i += 10)
        msgs[i].len = 2000000;
    t_book(CNT);
    CHECK_INT(rd_kafka_produce_batch(rkt, RD_KAFKA_PARTITION_UA, 0, msgs, CNT), CNT - CNT / 10);
    for (i = 0; i < CNT; i++)
        CHECK_ERR(msgs[i].err, i % 10 ? RD_KAFKA_RESP_ERR_NO_ERROR
                                      : RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    t_flush(rk);
    for (i = 0; i < CNT; i++)
        CHECK_INT(t_reports[i].count, i % 10 ? 1 : 0);
}

static void no_messages(rd_kafka_topic_t *rkt) {
    rd_kafka_message_t msgs[1];
    fill(msgs, 1);
    CHECK_INT(rd_kafka_produce_batch(rkt, 0, RD_KAFKA_MSG_F_COPY, msgs, 0), 0);
}

/* The queue takes 10: those get in, the others are refused one by one. */
static void queue_full(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_message_t msgs[CNT];
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    int i;
    t_set(conf, "queue.buffering.max.messages", "10");
    t_set(conf, "linger.ms", "60000");
    rk = t_producer(conf);
    rkt = t_topic(rk, "full");
    fill(msgs, CNT);
    CHECK_INT(rd_kafka_produce_batch(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, msgs, CNT), 10);
    for (i = 0; i < CNT; i++)
        CHECK_ERR(msgs[i].err, i < 10 ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__QUEUE_FULL);
    CHECK_INT(rd_kafka_outq_len(rk), 10);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    rd_kafka_topic_t *rkt;
    t_start(__FILE__, 60);
    conf = t_mock_conf("1");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    rkt = t_topic(rk, "batch");
    all_to_one_partition(rk, rkt);
    partition_of_each_message(rk, rkt);
    some_fail(rk, rkt);
    no_messages(rkt);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    queue_full();
    return t_done();
}
