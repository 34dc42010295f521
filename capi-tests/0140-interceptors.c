/* Interceptors: what is called, in which order, with what. */
#include "test.h"

#include <pthread.h>

static char journal[64 * 1024];
static pthread_mutex_t journal_lock = PTHREAD_MUTEX_INITIALIZER;

/* Lines are kept in order, whatever thread writes them. */
static void note(const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line) - 1, format, arguments);
    va_end(arguments);
    strcat(line, "\n");
    pthread_mutex_lock(&journal_lock);
    if (strlen(journal) + strlen(line) < sizeof(journal))
        strcat(journal, line);
    pthread_mutex_unlock(&journal_lock);
}

static void begin(void) {
    pthread_mutex_lock(&journal_lock);
    journal[0] = 0;
    pthread_mutex_unlock(&journal_lock);
}

#define CHECK_JOURNAL(want)                                                    \
    do {                                                                       \
        pthread_mutex_lock(&journal_lock);                                     \
        if (strcmp(journal, want))                                             \
            FAIL("the journal is\n%sexpected\n%s", journal, want);             \
        pthread_mutex_unlock(&journal_lock);                                   \
    } while (0)

static int journal_has(const char *text) {
    int found;
    pthread_mutex_lock(&journal_lock);
    found = strstr(journal, text) != NULL;
    pthread_mutex_unlock(&journal_lock);
    return found;
}

static void wait_for(const char *text) {
    while (!journal_has(text))
        t_sleep_ms(5);
}

/* -- Of configurations -- */

static rd_kafka_conf_res_t on_conf_set(rd_kafka_conf_t *conf, const char *name, const char *val,
                                       char *errstr, size_t errstr_size, void *ic_opaque) {
    CHECK(conf != NULL);
    note("set %s %s=%s", (const char *)ic_opaque, name, val ? val : "(null)");
    if (!strcmp(name, "ic.taken"))
        return RD_KAFKA_CONF_OK;
    if (!strcmp(name, "ic.bad")) {
        snprintf(errstr, errstr_size, "bad value");
        return RD_KAFKA_CONF_INVALID;
    }
    return RD_KAFKA_CONF_UNKNOWN;
}

static rd_kafka_resp_err_t on_conf_destroy(void *ic_opaque) {
    note("conf_destroy %s", (const char *)ic_opaque);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_conf_dup(rd_kafka_conf_t *new_conf, const rd_kafka_conf_t *old_conf,
                                       size_t filter_cnt, const char **filter, void *ic_opaque) {
    CHECK(old_conf != new_conf);
    note("dup %s %d %s", (const char *)ic_opaque, (int)filter_cnt, filter_cnt ? filter[0] : "-");
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_conf_set(new_conf, "ic", on_conf_set, "copy"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_conf_destroy(new_conf, "ic", on_conf_destroy, "copy"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    /* Failures don't count. */
    return RD_KAFKA_RESP_ERR__FAIL;
}

static void configurations(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new(), *copy;
    const char *filter[] = {"ic.", "client."};
    char text[64], errstr[64];
    size_t size = sizeof(text);
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_conf_set(conf, "ic", on_conf_set, "one"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_conf_set(conf, "ic", on_conf_set, "again"),
              RD_KAFKA_RESP_ERR__CONFLICT);
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_conf_set(conf, "ic2", on_conf_set, "two"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_conf_dup(conf, "ic", on_conf_dup, "one"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    /* Twice is allowed here. */
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_conf_destroy(conf, "ic", on_conf_destroy, "first"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_conf_interceptor_add_on_conf_destroy(conf, "ic", on_conf_destroy, "second"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    begin();
    t_set(conf, "client.id", "me");
    CHECK_JOURNAL("set one client.id=me\nset two client.id=me\n"
                  "set one client.id=me\nset two client.id=me\n");
    begin();
    t_set(conf, "linger.ms", "7");
    CHECK_JOURNAL("set one linger.ms=7\nset two linger.ms=7\n"
                  "set one queue.buffering.max.ms=7\nset two queue.buffering.max.ms=7\n"
                  "set one queue.buffering.max.ms=7\nset two queue.buffering.max.ms=7\n");
    begin();
    t_set(conf, "ic.taken", "yes");
    CHECK_JOURNAL("set one ic.taken=yes\n");
    CHECK_INT(rd_kafka_conf_get(conf, "ic.taken", text, &size), RD_KAFKA_CONF_UNKNOWN);
    CHECK_INT(rd_kafka_conf_set(conf, "ic.bad", "x", errstr, sizeof(errstr)), RD_KAFKA_CONF_INVALID);
    CHECK_STR(errstr, "bad value");
    begin();
    CHECK_INT(rd_kafka_conf_set(conf, "ic.none", "", errstr, sizeof(errstr)), RD_KAFKA_CONF_UNKNOWN);
    CHECK_JOURNAL("set one ic.none=(null)\nset two ic.none=(null)\n");
    CHECK_HAS(errstr, "No such configuration property: \"ic.none\"");
    t_set(conf, "acks", "1");

    begin();
    copy = rd_kafka_conf_dup(conf);
    CHECK_JOURNAL("dup one 0 -\nset copy client.id=me\nset copy ic.taken=yes\n"
                  "set copy queue.buffering.max.ms=7\n");
    size = sizeof(text);
    CHECK_INT(rd_kafka_conf_get(copy, "linger.ms", text, &size), RD_KAFKA_CONF_OK);
    CHECK_STR(text, "7");
    size = sizeof(text);
    CHECK_INT(rd_kafka_conf_get(copy, "acks", text, &size), RD_KAFKA_CONF_OK);
    CHECK_STR(text, "1");
    begin();
    rd_kafka_conf_destroy(copy);
    CHECK_JOURNAL("conf_destroy copy\n");
    begin();
    copy = rd_kafka_conf_dup_filter(conf, 2, filter);
    CHECK_JOURNAL("dup one 2 ic.\nset copy queue.buffering.max.ms=7\n");
    rd_kafka_conf_destroy(copy);
    begin();
    rd_kafka_conf_destroy(conf);
    CHECK_JOURNAL("conf_destroy first\nconf_destroy second\n");
}

/* -- Of handles -- */

static rd_kafka_t *seen;

static rd_kafka_resp_err_t on_send(rd_kafka_t *rk, rd_kafka_message_t *msg, void *ic_opaque) {
    rd_kafka_headers_t *headers = NULL;
    rd_kafka_timestamp_type_t type;
    CHECK(rk == seen);
    CHECK_INT(msg->offset, RD_KAFKA_OFFSET_INVALID);
    CHECK_INT(msg->err, 0);
    CHECK(rd_kafka_message_timestamp(msg, &type) > 0);
    CHECK_INT(type, RD_KAFKA_TIMESTAMP_CREATE_TIME);
    CHECK_INT(rd_kafka_message_status(msg), RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
    rd_kafka_message_headers(msg, &headers);
    note("send %s %s [%d] %.*s=%.*s %d headers, opaque %d", (const char *)ic_opaque,
         rd_kafka_topic_name(msg->rkt), (int)msg->partition, (int)msg->key_len,
         msg->key ? (const char *)msg->key : "", (int)msg->len, (const char *)msg->payload,
         headers ? (int)rd_kafka_header_cnt(headers) : 0, (int)(intptr_t)msg->_private);
    return RD_KAFKA_RESP_ERR__BAD_MSG;
}

static rd_kafka_resp_err_t on_acknowledgement(rd_kafka_t *rk, rd_kafka_message_t *msg,
                                              void *ic_opaque) {
    CHECK(rk == seen);
    note("ack %s %s [%d] @ %d %.*s %s", (const char *)ic_opaque, rd_kafka_topic_name(msg->rkt),
         (int)msg->partition, (int)msg->offset, (int)msg->len, (const char *)msg->payload,
         rd_kafka_err2name(msg->err));
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_destroy(rd_kafka_t *rk, void *ic_opaque) {
    CHECK(rk == seen);
    note("destroy %s", (const char *)ic_opaque);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_consume(rd_kafka_t *rk, rd_kafka_message_t *msg, void *ic_opaque) {
    (void)rk, (void)msg, (void)ic_opaque;
    FAIL("a producer does not consume");
}

static rd_kafka_resp_err_t on_commit(rd_kafka_t *rk,
                                     const rd_kafka_topic_partition_list_t *offsets,
                                     rd_kafka_resp_err_t err, void *ic_opaque) {
    (void)rk, (void)offsets, (void)err, (void)ic_opaque;
    FAIL("a producer does not commit");
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *ic_opaque,
                                  char *errstr, size_t errstr_size) {
    char text[64];
    size_t size = sizeof(text);
    CHECK_STR((const char *)ic_opaque, "new");
    CHECK_INT(rd_kafka_conf_get(conf, "client.id", text, &size), RD_KAFKA_CONF_OK);
    CHECK_STR(text, "me");
    seen = rk;
    CHECK_ERR(rd_kafka_interceptor_add_on_send(rk, "a", on_send, "a"), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_interceptor_add_on_send(rk, "a", on_send, "x"), RD_KAFKA_RESP_ERR__CONFLICT);
    CHECK_ERR(rd_kafka_interceptor_add_on_send(rk, "b", on_send, "b"), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_interceptor_add_on_acknowledgement(rk, "a", on_acknowledgement, "a");
    rd_kafka_interceptor_add_on_destroy(rk, "a", on_destroy, "a");
    CHECK_ERR(rd_kafka_interceptor_add_on_consume(rk, "a", on_consume, NULL),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_interceptor_add_on_commit(rk, "a", on_commit, NULL),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    snprintf(errstr, errstr_size, "why not");
    return RD_KAFKA_RESP_ERR__TIMED_OUT;
}

static int failures;

static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    (void)rk;
    if (strcmp(fac, "ICFAIL"))
        return;
    CHECK_INT(level, 4);
    if (strstr(buf, "on_new"))
        CHECK_HAS(buf, "Interceptor ic failed on_new: Local: Timed out: why not");
    else
        CHECK_HAS(buf, "@ -1001: Local: Bad message format");
    __atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
}

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk, (void)opaque;
    note("report [%d] %s", (int)msg->partition, rd_kafka_err2name(msg->err));
}

static void produce(rd_kafka_t *rk, int partition, const char *value) {
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(partition),
                                RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_VALUE((void *)value, strlen(value)),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                RD_KAFKA_V_HEADER("h", "1", 1), RD_KAFKA_V_OPAQUE((void *)7),
                                RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void messages(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *rkt;
    rd_kafka_t *rk;
    char *large = calloc(1, 2000000);
    t_set(conf, "client.id", "me");
    t_set(conf, "log_level", "4");
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_interceptor_add_on_new(conf, "ic", on_new, "new");
    rd_kafka_conf_interceptor_add_on_conf_destroy(conf, "ic", on_conf_destroy, "handle's");
    rk = t_producer(conf);
    CHECK(rk == seen);
    CHECK_INT(failures, 1);
    rkt = t_topic(rk, "t");
    while (rd_kafka_metadata(rk, 0, rkt, &metadata, t_patience(5000)))
        ;
    rd_kafka_metadata_destroy(metadata);

    begin();
    produce(rk, 0, "one");
    CHECK_ERR(rd_kafka_flush(rk, t_patience(10000)), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_JOURNAL("send a t [0] k=one 1 headers, opaque 7\nsend b t [0] k=one 1 headers, opaque 7\n"
                  "ack a t [0] @ 0 one NO_ERROR\nreport [0] NO_ERROR\n");
    CHECK_INT(failures, 3);

    /* Refused after on_send: acknowledged in the call. */
    begin();
    CHECK_INT(rd_kafka_produce(rkt, 77, RD_KAFKA_MSG_F_COPY, "v", 1, NULL, 0, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    CHECK_JOURNAL("send a t [77] =v 0 headers, opaque 0\nsend b t [77] =v 0 headers, opaque 0\n"
                  "ack a t [77] @ -1001 v _UNKNOWN_PARTITION\n");
    /* Refused before: nobody hears of it. */
    begin();
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, large, 2000000, NULL, 0, NULL), -1);
    CHECK_JOURNAL("");

    begin();
    produce(rk, 1, "lost");
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    CHECK(journal_has("ack a t [1] @ -1001 lost _DESTROY\n"));
    CHECK(journal_has("destroy a\n") && journal_has("conf_destroy handle's\n"));
    CHECK(!journal_has("report [1]"));
    free(large);
}

/* -- Requests, threads, brokers -- */

static rd_kafka_resp_err_t on_request_sent(rd_kafka_t *rk, int sockfd, const char *brokername,
                                           int32_t brokerid, int16_t ApiKey, int16_t ApiVersion,
                                           int32_t CorrId, size_t size, void *ic_opaque) {
    CHECK(rk == seen && sockfd >= 0 && ic_opaque == NULL);
    CHECK_HAS(brokername, "127.0.0.1:");
    CHECK(brokerid == -1 || brokerid == 1);
    CHECK(ApiVersion >= 0 && CorrId > 0 && size > 10);
    note("sent %d", (int)ApiKey);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_response_received(rd_kafka_t *rk, int sockfd, const char *brokername,
                                                int32_t brokerid, int16_t ApiKey,
                                                int16_t ApiVersion, int32_t CorrId, size_t size,
                                                int64_t rtt, rd_kafka_resp_err_t err,
                                                void *ic_opaque) {
    CHECK(rk == seen && sockfd == -1 && ic_opaque == NULL);
    CHECK_HAS(brokername, "127.0.0.1:");
    CHECK(brokerid == -1 || brokerid == 1);
    CHECK(ApiVersion >= 0 && CorrId >= 0);
    if (!err)
        CHECK(size > 10 && rtt >= 0);
    note("received %d %d", (int)ApiKey, (int)err);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_thread_start(rd_kafka_t *rk, rd_kafka_thread_type_t type,
                                           const char *name, void *ic_opaque) {
    CHECK(rk == seen && ic_opaque == NULL);
    if (type != RD_KAFKA_THREAD_BROKER)
        note("start %d %s", (int)type, name);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_thread_exit(rd_kafka_t *rk, rd_kafka_thread_type_t type,
                                          const char *name, void *ic_opaque) {
    CHECK(rk == seen && ic_opaque == NULL);
    if (type != RD_KAFKA_THREAD_BROKER)
        note("exit %d %s", (int)type, name);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_broker_state_change(rd_kafka_t *rk, int32_t broker_id,
                                                  const char *secproto, const char *name, int port,
                                                  const char *state, void *ic_opaque) {
    CHECK(rk == seen && ic_opaque == NULL);
    CHECK_STR(secproto, "plaintext");
    CHECK(broker_id >= -1 && port >= 0);
    note("state %s %s", name, state);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new_watching(rd_kafka_t *rk, const rd_kafka_conf_t *conf,
                                           void *ic_opaque, char *errstr, size_t errstr_size) {
    (void)conf, (void)errstr, (void)errstr_size;
    seen = rk;
    rd_kafka_interceptor_add_on_request_sent(rk, "w", on_request_sent, ic_opaque);
    rd_kafka_interceptor_add_on_response_received(rk, "w", on_response_received, ic_opaque);
    rd_kafka_interceptor_add_on_thread_start(rk, "w", on_thread_start, ic_opaque);
    rd_kafka_interceptor_add_on_thread_exit(rk, "w", on_thread_exit, ic_opaque);
    rd_kafka_interceptor_add_on_broker_state_change(rk, "w", on_broker_state_change, ic_opaque);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static void on_event(rd_kafka_t *rk, rd_kafka_event_t *event, void *opaque) {
    (void)rk, (void)opaque;
    rd_kafka_event_destroy(event);
}

static void requests_and_threads(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    rd_kafka_conf_set_background_event_cb(conf, on_event);
    rd_kafka_conf_interceptor_add_on_new(conf, "ic", on_new_watching, NULL);
    begin();
    rk = t_producer(conf);
    CHECK(journal_has("start 0 main\n"));
    produce(rk, 0, "one");
    CHECK_ERR(rd_kafka_flush(rk, t_patience(10000)), RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(journal_has("state 127.0.0.1 INIT\n") && journal_has("state 127.0.0.1 TRY_CONNECT\n"));
    CHECK(journal_has("state 127.0.0.1 CONNECT\n"));
    CHECK(journal_has("state 127.0.0.1 APIVERSION_QUERY\n") && journal_has("state 127.0.0.1 UP\n"));
    /* ApiVersions, Metadata, Produce */
    CHECK(journal_has("sent 18\n") && journal_has("received 18 0\n"));
    CHECK(journal_has("sent 3\n") && journal_has("received 3 0\n"));
    CHECK(journal_has("sent 0\n") && journal_has("received 0 0\n"));
    wait_for("start 1 background\n");
    rd_kafka_destroy(rk);
    CHECK(journal_has("exit 0 main\n") && journal_has("exit 1 background\n"));
}

int main(void) {
    t_start(__FILE__, 60);
    configurations();
    messages();
    requests_and_threads();
    return t_done();
}
