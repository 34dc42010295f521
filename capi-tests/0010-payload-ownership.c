/*
 * Who owns the payload: F_COPY (the library's copy), F_FREE (freed by the library exactly once,
 * but only if the call succeeded), neither (the application's memory, in the report again).
 */
#include "test.h"
#include <dlfcn.h>

/*
 * free() of this program and of the library, to see what happens to one pointer. Valgrind and
 * AddressSanitizer have their own, and find by themselves what is freed twice or never.
 */
static void *watched;
static int watched_frees, counting;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static void (*real_free)(void *);

void free(void *ptr) {
    if (ptr && ptr == __atomic_load_n(&watched, __ATOMIC_SEQ_CST))
        __atomic_add_fetch(&watched_frees, 1, __ATOMIC_SEQ_CST);
    if (!real_free)
        real_free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
    real_free(ptr);
}
#endif

static char *watch(size_t size) {
    char *payload = malloc(size);
    memset(payload, 'w', size);
    watched_frees = 0;
    __atomic_store_n(&watched, payload, __ATOMIC_SEQ_CST);
    return payload;
}

static void unwatch(int frees) {
    __atomic_store_n(&watched, NULL, __ATOMIC_SEQ_CST);
    if (counting)
        CHECK_INT(__atomic_load_n(&watched_frees, __ATOMIC_SEQ_CST), frees);
}

static void find_out_if_counting(void) {
    void (*volatile any_free)(void *) = free;
    any_free(watch(10));
    counting = watched_frees == 1;
    unwatch(1);
}

static const void *seen_payload;
static char seen_text[64];
static int seen_frees;

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    (void)rk;
    (void)opaque;
    seen_payload = msg->payload;
    snprintf(seen_text, sizeof(seen_text), "%.*s", (int)msg->len, (const char *)msg->payload);
    seen_frees = __atomic_load_n(&watched_frees, __ATOMIC_SEQ_CST);
    t_enter(msg);
}

static void copied(rd_kafka_topic_t *rkt, rd_kafka_t *rk) {
    char payload[] = "copied";
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, payload, 6, NULL, 0, T_OPAQUE(0)), 0);
    memset(payload, 'x', 6);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(seen_payload != payload);
    CHECK_STR(seen_text, "copied");
}

static void borrowed(rd_kafka_topic_t *rkt, rd_kafka_t *rk) {
    char *payload = watch(9);
    memcpy(payload, "borrowed", 9);
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, payload, 8, NULL, 0, T_OPAQUE(0)), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(seen_payload == payload);
    CHECK_STR(seen_text, "borrowed");
    unwatch(0);
    free(payload);
}

static void freed(rd_kafka_topic_t *rkt, rd_kafka_t *rk) {
    char *payload = watch(200000);
    memcpy(payload, "freed", 6);
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_FREE, payload, 5, NULL, 0, T_OPAQUE(0)), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_STR(seen_text, "freed");
    CHECK(seen_frees <= 1);
    rd_kafka_poll(rk, 0);
    unwatch(1);
}

/* A refused message stays the application's. */
static void refused(rd_kafka_topic_t *rkt) {
    size_t size = 2 * 1000 * 1000;
    char *payload = watch(size);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_FREE, payload, size, NULL, 0, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    unwatch(0);
    free(payload);
}

/* A partition that does not exist, with the metadata known: refused at once, nothing is freed. */
static void refused_partition(rd_kafka_topic_t *rkt) {
    char *payload = watch(10);
    CHECK_INT(rd_kafka_produce(rkt, 77, RD_KAFKA_MSG_F_FREE, payload, 10, NULL, 0, NULL), -1);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    unwatch(0);
    free(payload);
}

/* Accepted but never delivered: freed when the handle goes, still exactly once. */
static void freed_at_the_end(int with_purge) {
    rd_kafka_t *rk = t_producer(t_unreachable_conf());
    rd_kafka_topic_t *rkt = t_topic(rk, "never");
    char *payload = watch(200000); /* not a size that is soon given out again */
    CHECK_INT(rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_FREE, payload, 100, "k",
                               1, NULL), 0);
    CHECK(rd_kafka_outq_len(rk) >= 1); /* events that wait for poll() count too */
    rd_kafka_topic_destroy(rkt);
    if (with_purge)
        CHECK_ERR(rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
    unwatch(1);
}

/* malloc() gives an address for no bytes, too: it is freed, or shown in the report, as any other. */
static void empty(rd_kafka_topic_t *rkt, rd_kafka_t *rk) {
    char nothing[1];
    char *payload = watch(1);
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_FREE, payload, 0, NULL, 0, T_OPAQUE(0)), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    unwatch(1);
    t_book(1);
    CHECK_INT(rd_kafka_produce(rkt, 0, 0, nothing, 0, NULL, 0, T_OPAQUE(0)), 0);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(seen_payload == nothing);
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    rd_kafka_topic_t *rkt;
    t_start(__FILE__, 60);
    find_out_if_counting();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(counting || getenv("CAPI_WRAPPER"));
#endif
    conf = t_mock_conf("1");
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = t_producer(conf);
    rkt = t_topic(rk, "owned");
    copied(rkt, rk);
    borrowed(rkt, rk);
    freed(rkt, rk);
    empty(rkt, rk);
    refused(rkt);
    refused_partition(rkt);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    freed_at_the_end(0);
    freed_at_the_end(1);
    return t_done();
}
