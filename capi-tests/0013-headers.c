/* The headers API alone, and headers travelling from produce to the report and out of it. */
#include "test.h"

#define NONE RD_KAFKA_RESP_ERR_NO_ERROR
#define ABSENT RD_KAFKA_RESP_ERR__NOENT

static void check_header(const rd_kafka_headers_t *headers, size_t idx, const char *name,
                         const char *value) {
    const char *got_name = NULL;
    const void *got = NULL;
    size_t size = 0;
    CHECK_ERR(rd_kafka_header_get_all(headers, idx, &got_name, &got, &size), NONE);
    CHECK_STR(got_name, name);
    if (!value) {
        CHECK(got == NULL);
        CHECK_INT(size, 0);
        return;
    }
    CHECK_INT(size, strlen(value));
    CHECK(!memcmp(got, value, size));
    CHECK_INT(((const char *)got)[size], 0); /* values end with a NUL that is not counted */
}

static rd_kafka_headers_t *sample(void) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
    CHECK_ERR(rd_kafka_header_add(headers, "a", -1, "1", -1), NONE);
    CHECK_ERR(rd_kafka_header_add(headers, "bXX", 1, "22XX", 2), NONE);
    CHECK_ERR(rd_kafka_header_add(headers, "a", -1, "333", 3), NONE);
    CHECK_ERR(rd_kafka_header_add(headers, "null", -1, NULL, 0), NONE);
    CHECK_ERR(rd_kafka_header_add(headers, "empty", -1, "", 0), NONE);
    return headers;
}

static void lookups(void) {
    rd_kafka_headers_t *headers = sample();
    const void *value = NULL;
    const char *name = NULL;
    size_t size = 0;
    CHECK_INT(rd_kafka_header_cnt(headers), 5);
    check_header(headers, 0, "a", "1");
    check_header(headers, 1, "b", "22");
    check_header(headers, 2, "a", "333");
    check_header(headers, 3, "null", NULL);
    check_header(headers, 4, "empty", "");
    CHECK_ERR(rd_kafka_header_get_all(headers, 5, &name, &value, &size), ABSENT);
    CHECK_ERR(rd_kafka_header_get(headers, 1, "a", &value, &size), NONE);
    CHECK_INT(size, 3);
    CHECK_ERR(rd_kafka_header_get(headers, 2, "a", &value, &size), ABSENT);
    CHECK_ERR(rd_kafka_header_get(headers, 0, "A", &value, &size), ABSENT);
    CHECK_ERR(rd_kafka_header_get_last(headers, "a", &value, &size), NONE);
    CHECK(!memcmp(value, "333", 3));
    CHECK_ERR(rd_kafka_header_get_last(headers, "zz", &value, &size), ABSENT);
    rd_kafka_headers_destroy(headers);
}

static void removal_and_copy(void) {
    rd_kafka_headers_t *headers = sample(), *copy = rd_kafka_headers_copy(headers);
    CHECK_ERR(rd_kafka_header_remove(headers, "a"), NONE);
    CHECK_INT(rd_kafka_header_cnt(headers), 3);
    check_header(headers, 0, "b", "22");
    CHECK_ERR(rd_kafka_header_remove(headers, "a"), ABSENT);
    CHECK_INT(rd_kafka_header_cnt(copy), 5);
    check_header(copy, 2, "a", "333");
    rd_kafka_headers_destroy(headers);
    check_header(copy, 4, "empty", "");
    rd_kafka_headers_destroy(copy);
}

static rd_kafka_headers_t *detached;
static int reports;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    rd_kafka_headers_t *headers = NULL, *again = NULL;
    (void)rk;
    (void)opaque;
    reports++;
    if (!msg->_private) {
        CHECK_ERR(rd_kafka_message_headers(msg, &headers), ABSENT);
        CHECK_ERR(rd_kafka_message_detach_headers((rd_kafka_message_t *)msg, &headers), ABSENT);
        return;
    }
    CHECK_ERR(rd_kafka_message_headers(msg, &headers), NONE);
    CHECK_INT(rd_kafka_header_cnt(headers), 5);
    check_header(headers, 2, "a", "333");
    CHECK_ERR(rd_kafka_message_detach_headers((rd_kafka_message_t *)msg, &detached), NONE);
    CHECK_ERR(rd_kafka_message_headers(msg, &again), ABSENT);
}

static void through_the_report(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("h"), RD_KAFKA_V_VALUE("x", 1),
                                RD_KAFKA_V_HEADERS(sample()), RD_KAFKA_V_OPAQUE(&reports),
                                RD_KAFKA_V_END), NONE);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("h"), RD_KAFKA_V_VALUE("y", 1),
                                RD_KAFKA_V_END), NONE);
    t_flush(rk);
    CHECK_INT(reports, 2);
    rd_kafka_destroy(rk);
    /* Detached headers outlive the message and the handle. */
    CHECK_INT(rd_kafka_header_cnt(detached), 5);
    check_header(detached, 0, "a", "1");
    check_header(detached, 3, "null", NULL);
    rd_kafka_headers_destroy(detached);
}


static void many_headers(void) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(0);
    int i;
    char name[16];
    for (i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "name%d", i);
        CHECK_ERR(rd_kafka_header_add(headers, name, -1, name, -1), NONE);
    }
    CHECK_INT(rd_kafka_header_cnt(headers), 1000);
    check_header(headers, 999, "name999", "name999");
    CHECK_ERR(rd_kafka_header_remove(headers, "name500"), NONE);
    check_header(headers, 998, "name999", "name999");
    rd_kafka_headers_destroy(headers);
}

int main(void) {
    t_start(__FILE__, 30);
    lookups();
    removal_and_copy();
    many_headers();
    through_the_report();
    return t_done();
}
