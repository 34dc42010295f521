/* rd_kafka_new() refuses what cannot work, says why, and leaves the configuration to the caller. */
#include "test.h"

static void refused(const char *name1, const char *value1, const char *name2, const char *value2,
                    const char *part1, const char *part2) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[512] = "", value[128] = "";
    size_t size = sizeof(value);
    t_set(conf, name1, value1);
    t_set(conf, name2, value2);
    CHECK(rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr)) == NULL);
    CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG);
    CHECK_HAS(errstr, part1);
    CHECK_HAS(errstr, part2);
    /* Still ours: it can be read, corrected, and must be destroyed. */
    CHECK_INT(rd_kafka_conf_get(conf, name2, value, &size), RD_KAFKA_CONF_OK);
    rd_kafka_conf_destroy(conf);
}

static void corrected_after_refusal(void) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    char errstr[512];
    rd_kafka_t *rk;
    t_set(conf, "linger.ms", "1000");
    t_set(conf, "message.timeout.ms", "1000");
    CHECK(rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr)) == NULL);
    t_set(conf, "message.timeout.ms", "1001");
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    CHECK(rk != NULL);
    rd_kafka_destroy(rk);
}

static void accepted(const char *name, const char *value) {
    rd_kafka_conf_t *conf = t_unreachable_conf();
    t_set(conf, name, value);
    rd_kafka_destroy(t_producer(conf));
}

static void without_configuration(void) {
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, NULL, NULL, 0);
    CHECK(rk != NULL);
    CHECK_INT(rd_kafka_type(rk), RD_KAFKA_PRODUCER);
    CHECK_HAS(rd_kafka_name(rk), "rdkafka#producer-");
    CHECK(rd_kafka_opaque(rk) == NULL);
    CHECK_INT(rd_kafka_outq_len(rk), 0);
    rd_kafka_destroy(rk);
}

static void names_and_opaque(void) {
    int thing;
    rd_kafka_conf_t *conf = t_unreachable_conf();
    rd_kafka_t *rk;
    t_set(conf, "client.id", "pears");
    rd_kafka_conf_set_opaque(conf, &thing);
    rk = t_producer(conf);
    CHECK(rd_kafka_opaque(rk) == &thing);
    CHECK_HAS(rd_kafka_name(rk), "pears#producer-");
    CHECK(rd_kafka_conf(rk) != NULL);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 30);
    refused("message.timeout.ms", "5", "linger.ms", "100", "`message.timeout.ms`", "`linger.ms`");
    refused("enable.idempotence", "true", "acks", "1", "`acks`", "`enable.idempotence`");
    refused("enable.idempotence", "true", "max.in.flight", "6", "`max.in.flight`", "<= 5");
    refused("enable.idempotence", "true", "retries", "0", "`retries`", ">= 1");
    refused("enable.idempotence", "true", "queuing.strategy", "lifo", "`queuing.strategy`", "`fifo`");
    refused("enable.idempotence", "false", "transactional.id", "t", "`transactional.id`",
            "`enable.idempotence=true`");
    refused("reconnect.backoff.ms", "100", "reconnect.backoff.max.ms", "10",
            "`reconnect.backoff.max.ms`", ">=");
    corrected_after_refusal();
    accepted("queue.buffering.max.messages", "0");
    accepted("batch.size", "10");
    accepted("group.id", "not-for-producers");
    accepted("bootstrap.servers", "::::");
    without_configuration();
    names_and_opaque();
    return t_done();
}
