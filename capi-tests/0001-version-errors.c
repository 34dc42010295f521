/* The version, the error tables and rd_kafka_error_t. */
#include "test.h"

static void version(void) {
    const char *text = rd_kafka_version_str();
    CHECK(rd_kafka_version() >= 0x020000ff);
    CHECK_INT(rd_kafka_version() & 0xff, 0xff);
    CHECK(text[0] >= '0' && text[0] <= '9');
    if (t_is_oxide()) {
        CHECK_INT(rd_kafka_version(), 0x021000ff);
        CHECK_HAS(text, "2.16.0");
    }
    CHECK_HAS(rd_kafka_get_debug_contexts(), "broker");
    CHECK_HAS(rd_kafka_get_debug_contexts(), "msg");
}

static void names(void) {
    CHECK_STR(rd_kafka_err2name(RD_KAFKA_RESP_ERR_NO_ERROR), "NO_ERROR");
    CHECK_STR(rd_kafka_err2name(RD_KAFKA_RESP_ERR__QUEUE_FULL), "_QUEUE_FULL");
    CHECK_STR(rd_kafka_err2name(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION),
              "NOT_LEADER_FOR_PARTITION");
    CHECK_STR(rd_kafka_err2name((rd_kafka_resp_err_t)-12345), "ERR_-12345?");
    CHECK_STR(rd_kafka_err2name((rd_kafka_resp_err_t)12345), "ERR_12345?");
    CHECK_STR(rd_kafka_err2str(RD_KAFKA_RESP_ERR_NO_ERROR), "Success");
    CHECK_STR(rd_kafka_err2str(RD_KAFKA_RESP_ERR__QUEUE_FULL), "Local: Queue full");
    CHECK_STR(rd_kafka_err2str(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), "Local: Message timed out");
    CHECK_STR(rd_kafka_err2str(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE),
              "Broker: Message size too large");
    CHECK_STR(rd_kafka_err2str((rd_kafka_resp_err_t)-12345), "Err--12345?");
}

static void descriptions(void) {
    const struct rd_kafka_err_desc *descs = NULL;
    size_t cnt = 0, i, full = 0;
    rd_kafka_get_err_descs(&descs, &cnt);
    CHECK(descs != NULL);
    CHECK(cnt > 200);
    for (i = 0; i < cnt; i++) {
        if (!descs[i].name)
            continue;
        full++;
        if (descs[i].code == RD_KAFKA_RESP_ERR__BEGIN || descs[i].code == RD_KAFKA_RESP_ERR__END)
            continue; /* the table names these two marks, err2name() does not */
        CHECK_STR(rd_kafka_err2name(descs[i].code), descs[i].name);
        if (descs[i].desc)
            CHECK_STR(rd_kafka_err2str(descs[i].code), descs[i].desc);
    }
    CHECK(full > 140);
}

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static void system_errors(void) {
    CHECK_ERR(rd_kafka_errno2err(EINVAL), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_ERR(rd_kafka_errno2err(EBUSY), RD_KAFKA_RESP_ERR__CONFLICT);
    CHECK_ERR(rd_kafka_errno2err(ENOENT), RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
    CHECK_ERR(rd_kafka_errno2err(ESRCH), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    CHECK_ERR(rd_kafka_errno2err(ETIMEDOUT), RD_KAFKA_RESP_ERR__TIMED_OUT);
    CHECK_ERR(rd_kafka_errno2err(EMSGSIZE), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK_ERR(rd_kafka_errno2err(ENOBUFS), RD_KAFKA_RESP_ERR__QUEUE_FULL);
    CHECK_ERR(rd_kafka_errno2err(ECANCELED), RD_KAFKA_RESP_ERR__FATAL);
    CHECK_ERR(rd_kafka_errno2err(EXDEV), RD_KAFKA_RESP_ERR__FAIL);
    errno = ENOBUFS;
    CHECK_INT(rd_kafka_errno(), ENOBUFS);
}

static void error_objects(void) {
    rd_kafka_error_t *error =
        rd_kafka_error_new(RD_KAFKA_RESP_ERR__INVALID_ARG, "wanted %d %s", 3, "pears");
    CHECK_ERR(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_STR(rd_kafka_error_name(error), "_INVALID_ARG");
    CHECK_STR(rd_kafka_error_string(error), "wanted 3 pears");
    CHECK_INT(rd_kafka_error_is_fatal(error), 0);
    CHECK_INT(rd_kafka_error_is_retriable(error), 0);
    CHECK_INT(rd_kafka_error_txn_requires_abort(error), 0);
    rd_kafka_error_destroy(error);

    error = rd_kafka_error_new(RD_KAFKA_RESP_ERR__TIMED_OUT, NULL);
    CHECK_STR(rd_kafka_error_string(error), rd_kafka_err2str(RD_KAFKA_RESP_ERR__TIMED_OUT));
    rd_kafka_error_destroy(error);

    CHECK_ERR(rd_kafka_error_code(NULL), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_STR(rd_kafka_error_name(NULL), "");
    CHECK_STR(rd_kafka_error_string(NULL), "");
    CHECK_INT(rd_kafka_error_is_fatal(NULL), 0);
    rd_kafka_error_destroy(NULL);
}

int main(void) {
    t_start(__FILE__, 10);
    version();
    names();
    descriptions();
    system_errors();
    error_objects();
    return t_done();
}
