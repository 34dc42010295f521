/* errors TOPIC SMALL_TOPIC
 * Errors of a healthy cluster: TOPIC has 4 partitions, SMALL_TOPIC has max.message.bytes=20000. Each message that can't be
 * delivered gets librdkafka's documented error, once, in time. */
#include "common.h"

static long reports, last_partition;
static rd_kafka_resp_err_t last_err;
static int64_t last_offset;
static rd_kafka_msg_status_t last_status;
static int codes[64], code_count;

static void report(rd_kafka_t *rk, const rd_kafka_message_t *rkm, void *opaque) {
        (void)rk, (void)opaque;
        reports++;
        last_err       = rkm->err;
        last_offset    = rkm->offset;
        last_partition = rkm->partition;
        last_status    = rd_kafka_message_status(rkm);
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
        (void)rk, (void)opaque;
        printf("error callback %s: %s\n", rd_kafka_err2name(err), reason);
        if (code_count < 64)
                codes[code_count++] = err;
}

static rd_kafka_t *producer_with(const char *pair1, const char *pair2) {
        rd_kafka_conf_t *conf = new_conf();
        set(conf, "linger.ms", "5");
        set(conf, "message.timeout.ms", "20000");
        if (pair1)
                set_pair(conf, pair1);
        if (pair2)
                set_pair(conf, pair2);
        rd_kafka_conf_set_dr_msg_cb(conf, report);
        rd_kafka_conf_set_error_cb(conf, on_error);
        code_count = 0;
        return new_producer(conf);
}

/** Produces one message and waits for its report. Returns the error of the call or of the report. */
static rd_kafka_resp_err_t send_one(rd_kafka_t *rk, const char *topic, int32_t partition, size_t size, int wait_s) {
        double start = now_s();
        void *value  = calloc(1, size + 1);
        rd_kafka_resp_err_t err;
        reports = 0;
        err     = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_FREE), RD_KAFKA_V_VALUE(value, size), RD_KAFKA_V_END);
        if (err) {
                free(value);
                return err;
        }
        while (!reports && now_s() - start < wait_s)
                rd_kafka_poll(rk, 50);
        return reports == 1 ? last_err : RD_KAFKA_RESP_ERR__FAIL;
}

static void expect(rd_kafka_resp_err_t err, rd_kafka_resp_err_t wanted, const char *what) {
        check(err == wanted, "%s: %s (wanted %s)", what, rd_kafka_err2name(err), rd_kafka_err2name(wanted));
}

static void errors_of_messages(const char *topic, const char *small_topic) {
        rd_kafka_t *rk = producer_with("message.max.bytes=500000", "batch.size=900000");
        expect(send_one(rk, topic, 0, 10, 20), RD_KAFKA_RESP_ERR_NO_ERROR, "a message");
        check(last_offset >= 0 && last_status == RD_KAFKA_MSG_STATUS_PERSISTED,
              "it is persisted at offset %lld", (long long)last_offset);
        expect(send_one(rk, topic, 0, 500001, 5), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "larger than message.max.bytes");
        expect(send_one(rk, topic, 4, 10, 20), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "a partition that the topic doesn't have");
        expect(send_one(rk, topic, 2000000000, 10, 20), RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "partition 2000000000");
        expect(send_one(rk, small_topic, 0, 30000, 20), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "larger than the broker takes");
        check(last_status == RD_KAFKA_MSG_STATUS_NOT_PERSISTED, "it is reported as not persisted");
        expect(send_one(rk, small_topic, 0, 10000, 20), RD_KAFKA_RESP_ERR_NO_ERROR, "a small one after it");
        expect(send_one(rk, "not a topic/name", RD_KAFKA_PARTITION_UA, 10, 20), RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
               "an invalid topic name");
        expect(send_one(rk, topic, RD_KAFKA_PARTITION_UA, 10, 20), RD_KAFKA_RESP_ERR_NO_ERROR, "a message after all these");
        check(rd_kafka_outq_len(rk) == 0, "outq_len is 0");
        rd_kafka_destroy(rk);
}

static void acks(const char *topic) {
        rd_kafka_t *rk = producer_with("acks=0", NULL);
        expect(send_one(rk, topic, 1, 10, 20), RD_KAFKA_RESP_ERR_NO_ERROR, "acks=0");
        check(last_status == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED && last_offset == RD_KAFKA_OFFSET_INVALID,
              "acks=0 reports offset %lld, status %d", (long long)last_offset, last_status);
        rd_kafka_destroy(rk);
        rk = producer_with("acks=1", NULL);
        expect(send_one(rk, topic, 1, 10, 20), RD_KAFKA_RESP_ERR_NO_ERROR, "acks=1");
        check(last_offset >= 0 && last_status == RD_KAFKA_MSG_STATUS_PERSISTED,
              "acks=1 reports offset %lld", (long long)last_offset);
        rd_kafka_destroy(rk);
}

static void has_callback(rd_kafka_resp_err_t err) {
        int found = 0;
        for (int i = 0; i < code_count; i++)
                found |= codes[i] == err;
        check(found, "error callback with %s", rd_kafka_err2name(err));
}

static void no_broker(const char *servers, rd_kafka_resp_err_t reason) {
        char pair[128];
        rd_kafka_t *rk;
        double start = now_s();
        snprintf(pair, sizeof(pair), "bootstrap.servers=%s", servers);
        rk = producer_with(pair, "message.timeout.ms=2000");
        expect(send_one(rk, "any", RD_KAFKA_PARTITION_UA, 10, 20), RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, servers);
        check(now_s() - start < 5, "after %.2f s", now_s() - start);
        has_callback(reason);
        has_callback(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
        start = now_s();
        rd_kafka_destroy(rk);
        check(now_s() - start < 4, "destroy took %.2f s", now_s() - start);
}

/** An unusable bootstrap server before a good one must not matter. */
static void one_good_broker(const char *topic) {
        char pair[512];
        rd_kafka_t *rk;
        snprintf(pair, sizeof(pair), "bootstrap.servers=nothing.invalid:9092,127.0.0.1:1,%s", getenv("BOOTSTRAP"));
        rk = producer_with(pair, NULL);
        expect(send_one(rk, topic, 0, 10, 20), RD_KAFKA_RESP_ERR_NO_ERROR, "bad servers before good ones");
        rd_kafka_destroy(rk);
}

int main(int argc, char **argv) {
        if (argc != 3)
                die("usage: errors TOPIC SMALL_TOPIC");
        errors_of_messages(argv[1], argv[2]);
        acks(argv[1]);
        no_broker("127.0.0.1:1", RD_KAFKA_RESP_ERR__TRANSPORT);
        no_broker("nothing.invalid:9092", RD_KAFKA_RESP_ERR__RESOLVE);
        one_good_broker(argv[1]);
        return failures != 0;
}
