/* rd_kafka_producev() and _produceva(): every kind of argument, and what they refuse. */
#include "test.h"

typedef struct {
    char topic[32], key[32], value[32];
    int key_len, value_len, has_key, has_value;
    int32_t partition;
    int64_t timestamp;
    rd_kafka_timestamp_type_t tstype;
    int header_cnt;
    rd_kafka_resp_err_t err;
    void *opaque;
    int count;
} seen_t;

static seen_t seen;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    rd_kafka_headers_t *headers = NULL;
    (void)rk;
    (void)opaque;
    seen.count++;
    snprintf(seen.topic, sizeof(seen.topic), "%s", rd_kafka_topic_name(msg->rkt));
    seen.has_key = msg->key != NULL;
    seen.has_value = msg->payload != NULL;
    seen.key_len = (int)msg->key_len;
    seen.value_len = (int)msg->len;
    snprintf(seen.key, sizeof(seen.key), "%.*s", (int)msg->key_len, msg->key ? (char *)msg->key : "");
    snprintf(seen.value, sizeof(seen.value), "%.*s", (int)msg->len,
             msg->payload ? (char *)msg->payload : "");
    seen.partition = msg->partition;
    seen.timestamp = rd_kafka_message_timestamp(msg, &seen.tstype);
    if (!rd_kafka_message_headers(msg, &headers))
        seen.header_cnt = (int)rd_kafka_header_cnt(headers);
    seen.err = msg->err;
    seen.opaque = msg->_private;
}

static void delivered(rd_kafka_t *rk) {
    t_flush(rk);
    CHECK_INT(seen.count, 1);
    CHECK_ERR(seen.err, RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* librdkafka's embedded cluster answers with a log append time of 1234 on every topic. */
static void check_timestamp(int64_t low, int64_t high) {
    if (!t_is_oxide())
        return;
    CHECK_RANGE(seen.timestamp, low, high);
    CHECK_INT(seen.tstype, RD_KAFKA_TIMESTAMP_CREATE_TIME);
}

#define PRODUCEV(...) (memset(&seen, 0, sizeof(seen)), rd_kafka_producev(rk, __VA_ARGS__, RD_KAFKA_V_END))

static void all_arguments(rd_kafka_t *rk) {
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_TOPIC("v"), RD_KAFKA_V_PARTITION(2), RD_KAFKA_V_VALUE("value", 5),
                       RD_KAFKA_V_KEY("key", 3), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                       RD_KAFKA_V_TIMESTAMP(1234567890123LL), RD_KAFKA_V_OPAQUE(&seen),
                       RD_KAFKA_V_HEADER("a", "1", -1), RD_KAFKA_V_HEADER("b", NULL, 0)),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    delivered(rk);
    CHECK_STR(seen.topic, "v");
    CHECK_INT(seen.partition, 2);
    CHECK_STR(seen.value, "value");
    CHECK_STR(seen.key, "key");
    check_timestamp(1234567890123LL, 1234567890123LL);
    CHECK(seen.opaque == &seen);
    CHECK_INT(seen.header_cnt, 2);
}

static void few_arguments(rd_kafka_t *rk) {
    int64_t now_ms = (int64_t)time(NULL) * 1000;
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_TOPIC("v")), RD_KAFKA_RESP_ERR_NO_ERROR);
    delivered(rk);
    CHECK_INT(seen.has_key, 0);
    CHECK_INT(seen.has_value, 0);
    CHECK(seen.opaque == NULL);
    CHECK_INT(seen.header_cnt, 0);
    CHECK_RANGE(seen.partition, 0, 3);
    check_timestamp(now_ms - 2000, now_ms + 60000);
}

static void empty_is_not_null(rd_kafka_t *rk) {
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_TOPIC("v"), RD_KAFKA_V_VALUE("", 0), RD_KAFKA_V_KEY("", 0),
                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY)),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    delivered(rk);
    CHECK_INT(seen.has_key, 1);
    CHECK_INT(seen.has_value, 1);
    CHECK_INT(seen.key_len, 0);
    CHECK_INT(seen.value_len, 0);
}

static void by_topic_handle(rd_kafka_t *rk) {
    rd_kafka_topic_t *rkt = t_topic(rk, "handle");
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_VALUE("x", 1),
                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY)),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_destroy(rkt); /* the message holds the topic */
    delivered(rk);
    CHECK_STR(seen.topic, "handle");
}

static void headers_object(rd_kafka_t *rk) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
    CHECK_ERR(rd_kafka_header_add(headers, "h", -1, "v", -1), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_TOPIC("v"), RD_KAFKA_V_HEADERS(headers)),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    delivered(rk);
    CHECK_INT(seen.header_cnt, 1);

    /* On failure the headers stay with the caller. */
    headers = rd_kafka_headers_new(1);
    CHECK_ERR(rd_kafka_header_add(headers, "h", -1, "v", -1), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_HEADERS(headers)), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_INT(rd_kafka_header_cnt(headers), 1);
    rd_kafka_headers_destroy(headers);
}

static void refusals(rd_kafka_t *rk) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
    rd_kafka_topic_t *rkt = t_topic(rk, "v");
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_VALUE("x", 1)), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(PRODUCEV((enum rd_kafka_vtype_t)99), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_TOPIC("v"), RD_KAFKA_V_HEADER("a", "b", 1),
                       RD_KAFKA_V_HEADERS(headers)), RD_KAFKA_RESP_ERR__CONFLICT);
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_TOPIC("v"), RD_KAFKA_V_PARTITION(99), RD_KAFKA_V_VALUE("x", 1)),
              RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_TOPIC("v"), RD_KAFKA_V_VALUE((void *)1, (size_t)3 << 30)),
              RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK_ERR(PRODUCEV(RD_KAFKA_V_TOPIC("v"), RD_KAFKA_V_KEY((void *)1, (size_t)3 << 30)),
              RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_headers_destroy(headers);
}

static void array_form(rd_kafka_t *rk) {
    rd_kafka_vu_t vus[6];
    rd_kafka_error_t *error;
    memset(vus, 0, sizeof(vus));
    memset(&seen, 0, sizeof(seen));
    vus[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    vus[0].u.cstr = "va";
    vus[1].vtype = RD_KAFKA_VTYPE_VALUE;
    vus[1].u.mem.ptr = "array";
    vus[1].u.mem.size = 5;
    vus[2].vtype = RD_KAFKA_VTYPE_KEY;
    vus[2].u.mem.ptr = "k";
    vus[2].u.mem.size = 1;
    vus[3].vtype = RD_KAFKA_VTYPE_PARTITION;
    vus[3].u.i32 = 1;
    vus[4].vtype = RD_KAFKA_VTYPE_HEADER;
    vus[4].u.header.name = "name";
    vus[4].u.header.val = "val";
    vus[4].u.header.size = -1;
    vus[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    vus[5].u.i64 = 1000000000000LL;
    error = rd_kafka_produceva(rk, vus, 6);
    CHECK(error == NULL);
    delivered(rk);
    CHECK_STR(seen.topic, "va");
    CHECK_STR(seen.value, "array");
    CHECK_STR(seen.key, "k");
    CHECK_INT(seen.partition, 1);
    CHECK_INT(seen.header_cnt, 1);
    check_timestamp(1000000000000LL, 1000000000000LL);

    error = rd_kafka_produceva(rk, vus + 1, 5);
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_HAS(rd_kafka_error_string(error), "opic");
    rd_kafka_error_destroy(error);
    vus[2].vtype = (rd_kafka_vtype_t)77;
    error = rd_kafka_produceva(rk, vus, 6);
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__INVALID_ARG);
    rd_kafka_error_destroy(error);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    t_start(__FILE__, 60);
    conf = t_mock_conf("1");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    all_arguments(rk);
    few_arguments(rk);
    empty_is_not_null(rk);
    by_topic_handle(rk);
    headers_object(rk);
    refusals(rk);
    array_form(rk);
    rd_kafka_destroy(rk);
    return t_done();
}
