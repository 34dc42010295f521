/* What produce() refuses at once and what fails later in the report. */
#include "test.h"

static void too_large(rd_kafka_topic_t *rkt) {
    static char payload[1100000];
    const size_t huge = (size_t)3 * 1024 * 1024 * 1024;
    errno = 0;
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, payload, 1000001, NULL, 0, NULL), -1);
    CHECK_INT(errno, EMSGSIZE);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    /* Key and payload count together. */
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, payload, 600000, payload, 600000, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    /* Nothing of 3 GB is read, copied or allocated. */
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, payload, huge, NULL, 0, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, NULL, 0, payload, huge, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, payload, huge, payload, huge, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, payload, SIZE_MAX, NULL, 0, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
}

/*
 * The largest message that message.max.bytes accepts is delivered, one byte more is refused. Besides
 * key, value and headers 36 bytes count: the most that the framing of a record can take.
 */
static void largest(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    static char payload[1000000];
    memset(payload, 'L', sizeof(payload));
    t_book(3);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, payload, 999964, NULL, 0, T_OPAQUE(0)),
              0);
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, payload, 999965, NULL, 0, NULL), -1);
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, payload, 999900, payload, 64, T_OPAQUE(1)), 0);
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, payload, 999900, payload, 65, NULL), -1);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_VALUE(payload, 999958),
                                RD_KAFKA_V_HEADER("ab", "cde", 3), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_VALUE(payload, 999957),
                                RD_KAFKA_V_HEADER("ab", "cde", 3), RD_KAFKA_V_OPAQUE(T_OPAQUE(2)),
                                RD_KAFKA_V_END), RD_KAFKA_RESP_ERR_NO_ERROR);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* NULL and 0 are no payload, a length of 0 is an empty one whatever the pointer. */
static void nothing_inside(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    t_book(3);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, NULL, 0, NULL, 0, T_OPAQUE(0)), 0);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "", 0, "", 0, T_OPAQUE(1)), 0);
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, "", 0, NULL, 0, T_OPAQUE(2)), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void unknown_partition(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    /* The metadata is known: refused at once. */
    errno = 0;
    CHECK_INT(rd_kafka_produce(rkt, 4, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL), -1);
    CHECK_INT(errno, ESRCH);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
}

/* The metadata is not known yet (each answer takes its time): accepted, and the report tells. */
static void unknown_partition_of_unknown_topic(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    t_set(conf, "test.mock.broker.rtt", "500");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    rkt = t_topic(rk, "not-seen-before");
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, 4, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, T_OPAQUE(0)), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
}

static void topics(rd_kafka_t *rk) {
    char name[600];
    rd_kafka_topic_t *rkt;
    errno = 0;
    memset(name, 't', sizeof(name));
    name[513] = '\0';
    CHECK(rd_kafka_topic_new(rk, name, NULL) == NULL);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_INT(errno, EINVAL);
    CHECK(rd_kafka_topic_new(rk, NULL, NULL) == NULL);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG);
    name[512] = '\0';
    rkt = rd_kafka_topic_new(rk, name, NULL);
    CHECK(rkt != NULL);
    CHECK_STR(rd_kafka_topic_name(rkt), name);
    rd_kafka_topic_destroy(rkt);
    /* Two handles of one name are one topic. */
    rkt = t_topic(rk, "one");
    CHECK(rkt == t_topic(rk, "one"));
    rd_kafka_topic_destroy(rkt);
    rd_kafka_topic_destroy(rkt);
}

/* The last error belongs to the thread and is changed by a success as well. */
static void last_error(rd_kafka_t *rk, rd_kafka_topic_t *rkt) {
    CHECK_INT(rd_kafka_produce(rkt, 99, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, "x", 1, NULL, 0, T_OPAQUE(0)), 0);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_NO_ERROR);
    t_flush(rk);
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    t_start(__FILE__, 60);
    conf = t_mock_conf("1");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    rkt = t_topic(rk, "errors");
    too_large(rkt);
    largest(rk, rkt);
    nothing_inside(rk, rkt);
    unknown_partition(rk, rkt);
    unknown_partition_of_unknown_topic();
    topics(rk);
    last_error(rk, rkt);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return t_done();
}
