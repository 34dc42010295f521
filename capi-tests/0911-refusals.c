/*
 * Prints what rd_kafka_new() makes of configurations whose properties contradict each other, or
 * follow from each other, for tests/data/refusals.txt: the error, or the values in use and the lines
 * that the handle logs about its configuration. The runner compares ours with librdkafka 2.16's.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

#define IDEMPOTENT "enable.idempotence=true"
#define TRANSACTIONAL "transactional.id=t"

/* Properties separated by blanks. */
static const char *cases[] = {
    "",
    IDEMPOTENT,
    IDEMPOTENT " acks=1",
    IDEMPOTENT " acks=0",
    IDEMPOTENT " acks=all",
    IDEMPOTENT " acks=2",
    IDEMPOTENT " request.required.acks=1",
    IDEMPOTENT " max.in.flight=5",
    IDEMPOTENT " max.in.flight=6",
    IDEMPOTENT " max.in.flight.requests.per.connection=1000000",
    IDEMPOTENT " retries=0",
    IDEMPOTENT " retries=1",
    IDEMPOTENT " message.send.max.retries=0",
    IDEMPOTENT " queuing.strategy=lifo",
    IDEMPOTENT " queuing.strategy=fifo",
    IDEMPOTENT " queue.buffering.backpressure.threshold=2",
    IDEMPOTENT " queue.buffering.backpressure.threshold=1",
    IDEMPOTENT " enable.gapless.guarantee=true",
    IDEMPOTENT " max.in.flight=6 retries=0 acks=1",
    IDEMPOTENT " acks=1 linger.ms=1000 message.timeout.ms=10",
    IDEMPOTENT " compression.type=zstd batch.size=1",
    "enable.gapless.guarantee=true",
    "enable.gapless.guarantee=false",
    "enable.idempotence=false enable.gapless.guarantee=true",
    "enable.idempotence=false " TRANSACTIONAL,
    TRANSACTIONAL " transaction.timeout.ms=1000 socket.timeout.ms=2000",
    TRANSACTIONAL " transaction.timeout.ms=10000 message.timeout.ms=10001",
    TRANSACTIONAL " acks=1",
    TRANSACTIONAL " max.in.flight=6",
    TRANSACTIONAL " message.timeout.ms=0 linger.ms=0 retries=0",
    "linger.ms=100 message.timeout.ms=100",
    "linger.ms=100 message.timeout.ms=99",
    "linger.ms=100 message.timeout.ms=101",
    "linger.ms=100 delivery.timeout.ms=50",
    "linger.ms=100 message.timeout.ms=0",
    "queue.buffering.max.ms=100 message.timeout.ms=1",
    "linger.ms=0 message.timeout.ms=1",
    "message.timeout.ms=1",
    "message.timeout.ms=5",
    "message.timeout.ms=6",
    "linger.ms=900000",
    "linger.ms=900000 message.timeout.ms=900001",
    "linger.ms=0.5 message.timeout.ms=1",
    "linger.ms=450001 message.timeout.ms=0",
    "sticky.partitioning.linger.ms=0 linger.ms=70",
    "reconnect.backoff.ms=200 reconnect.backoff.max.ms=100",
    "reconnect.backoff.ms=10001",
    "reconnect.backoff.max.ms=99",
    "reconnect.backoff.ms=0 reconnect.backoff.max.ms=0",
    "reconnect.backoff.jitter.ms=5",
    "retry.backoff.ms=2000",
    "retry.backoff.ms=2000 retry.backoff.max.ms=1999",
    "retry.backoff.ms=2000 retry.backoff.max.ms=2000",
    "retry.backoff.max.ms=50",
    "topic.metadata.refresh.fast.interval.ms=1001",
    "topic.metadata.refresh.fast.interval.ms=10",
    "topic.metadata.refresh.fast.cnt=5",
    "topic.metadata.refresh.interval.ms=1000",
    "topic.metadata.refresh.interval.ms=-1",
    "topic.metadata.refresh.interval.ms=0",
    "topic.metadata.refresh.interval.ms=3600000",
    "topic.metadata.refresh.interval.ms=1000 metadata.max.age.ms=5",
    "bootstrap.servers=x.Azure.invalid:1",
    "bootstrap.servers=x.azure.invalid:1 connections.max.idle.ms=5",
    "bootstrap.servers=",
    "message.max.bytes=1000 batch.size=2147483647",
    "message.max.bytes=1000000000 queue.buffering.max.kbytes=1",
    "message.max.bytes=1000 receive.message.max.bytes=1000",
    "queue.buffering.max.messages=0 queue.buffering.max.kbytes=2147483647",
    "queue.buffering.max.messages=1 batch.num.messages=1000000",
    "fetch.max.bytes=1 message.max.bytes=1000000",
    "session.timeout.ms=100000 max.poll.interval.ms=1",
    "socket.timeout.ms=10 message.timeout.ms=2147483647",
    "request.timeout.ms=900000 socket.timeout.ms=10",
    "acks=0 retries=5",
    "acks=1000",
    "max.in.flight=1",
    "allow.auto.create.topics=false",
    "client.software.name=a_b client.software.version=.1/2.",
    "ssl.keystore.location=/nowhere",
    "https.ca.location=probe https.ca.pem=x",
    "https.ca.location=/nowhere",
    "sasl.mechanisms=PLAIN",
    "sasl.mechanism=SCRAM-SHA-256 sasl.username=u",
    "sasl.username=u",
    "sasl.mechanism=OAUTHBEARER sasl.oauthbearer.method=oidc",
    "sasl.mechanism=OAUTHBEARER sasl.oauthbearer.method=oidc enable.sasl.oauthbearer.unsecure.jwt=true",
    "sasl.mechanism=OAUTHBEARER sasl.oauthbearer.method=oidc sasl.oauthbearer.token.endpoint.url=x",
    "sasl.mechanism=OAUTHBEARER sasl.oauthbearer.method=oidc sasl.oauthbearer.token.endpoint.url=x"
    " sasl.oauthbearer.client.id=i",
    "group.id=g enable.auto.commit=false auto.offset.reset=earliest",
    "group.id=g auto.commit.enable=true offset.store.path=x",
    "partition.assignment.strategy=roundrobin",
    "isolation.level=read_committed check.crcs=true",
    "queuing.strategy=lifo produce.offset.report=true",
    "api.version.request=false broker.version.fallback=0.9.0",
    "api.version.fallback.ms=5 socket.blocking.max.ms=7",
    "compression.type=lz4 compression.level=12",
    "partitioner=fnv1a sticky.partitioning.linger.ms=5",
    "statistics.interval.ms=0 log_level=7 client.id=x",
    "test.mock.num.brokers=1 security.protocol=ssl",
    "internal.termination.signal=0 enable.random.seed=true",
    "socket.keepalive.enable=true socket.max.fails=0 broker.address.ttl=0",
};

static const char *shown[] = {"linger.ms", "max.in.flight", "retries", "socket.timeout.ms",
                              "message.timeout.ms", "sticky.partitioning.linger.ms", "acks",
                              "metadata.max.age.ms", "topic.metadata.refresh.fast.interval.ms",
                              "connections.max.idle.ms", "allow.auto.create.topics",
                              "queue.buffering.backpressure.threshold", "enable.idempotence",
                              "client.software.name", "security.protocol"};

/* A deprecated property's line ends with its description, which is not the same text. */
static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    const char *end = strstr(buf, "deprecated");
    (void)rk;
    if (strcmp(fac, "CONFWARN") || strstr(buf, "has no effect"))
        return;
    end = end ? end : strstr(buf, "experimental");
    end = end && strchr(end, ':') ? strchr(end, ':') : buf + strlen(buf);
    printf("  log %d %.*s\n", level, (int)(end - buf), buf);
}

static void show(rd_kafka_t *rk) {
    const rd_kafka_conf_t *conf = rd_kafka_conf(rk);
    size_t i;
    printf("  in use:");
    for (i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
        char value[256] = "";
        size_t size = sizeof(value);
        if (rd_kafka_conf_get(conf, shown[i], value, &size) == RD_KAFKA_CONF_OK)
            printf(" %s=%s", shown[i], value);
    }
    putchar('\n');
}

static void try(const char *settings) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char *copy = strdup(settings), *save = NULL, *name, errstr[512] = "";
    rd_kafka_t *rk;
    printf("== %s\n", settings);
    rd_kafka_conf_set_log_cb(conf, on_log);
    for (name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
        char *value = strchr(name, '=');
        *value++ = '\0';
        if (rd_kafka_conf_set(conf, name, value, errstr, sizeof(errstr)) != RD_KAFKA_CONF_OK)
            printf("  not set: %s\n", errstr);
    }
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (rk) {
        show(rk);
        rd_kafka_destroy(rk);
    } else {
        printf("  refused (%s): %s\n", rd_kafka_err2name(rd_kafka_last_error()), errstr);
        rd_kafka_conf_destroy(conf);
    }
    free(copy);
}

/* A topic's own configuration is checked when the topic is made, and gone in either case. */
static void topics(void) {
    static const char *values[][2] = {{"acks", "1"}, {"acks", "all"}, {"queuing.strategy", "lifo"},
                                      {"message.timeout.ms", "100"}, {"message.timeout.ms", "101"},
                                      {"message.timeout.ms", "0"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk;
    size_t i;
    rd_kafka_conf_set(conf, "enable.idempotence", "true", NULL, 0);
    rd_kafka_conf_set(conf, "linger.ms", "100", NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "2", NULL, 0);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
    for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
        rd_kafka_topic_conf_t *tconf = rd_kafka_topic_conf_new();
        rd_kafka_topic_t *rkt;
        char name[32];
        snprintf(name, sizeof(name), "topic%zu", i);
        rd_kafka_topic_conf_set(tconf, values[i][0], values[i][1], NULL, 0);
        rkt = rd_kafka_topic_new(rk, name, tconf);
        printf("== idempotent linger.ms=100, topic %s=%s: %s\n", values[i][0], values[i][1],
               rkt ? "made" : rd_kafka_err2name(rd_kafka_last_error()));
        if (rkt)
            rd_kafka_topic_destroy(rkt);
    }
    rd_kafka_destroy(rk);
}

static void overwritten_topic_configuration(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk;
    printf("== acks=1, then rd_kafka_conf_set_default_topic_conf()\n");
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set(conf, "acks", "1", NULL, 0);
    rd_kafka_conf_set_default_topic_conf(conf, rd_kafka_topic_conf_new());
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
    show(rk);
    rd_kafka_destroy(rk);
}

int main(void) {
    size_t i;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        try(cases[i]);
    topics();
    overwritten_topic_configuration();
    return 0;
}
