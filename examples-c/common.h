/* What the examples share: -b brokers (or an embedded cluster), -t topic, -n count. */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

static const char *topic = "example";
static int count = 1000;

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char errstr[512];
    if (rd_kafka_conf_set(conf, name, value, errstr, sizeof(errstr)) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "%% %s\n", errstr);
        exit(2);
    }
}

static rd_kafka_conf_t *parse(int argc, char **argv) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int opt, on_mock = 1;
    while ((opt = getopt(argc, argv, "b:t:n:")) != -1) {
        if (opt == 'b') {
            set(conf, "bootstrap.servers", optarg);
            on_mock = 0;
        } else if (opt == 't') {
            topic = optarg;
        } else if (opt == 'n') {
            count = atoi(optarg);
        } else {
            fprintf(stderr, "usage: %s [-b brokers] [-t topic] [-n count]\n", argv[0]);
            exit(2);
        }
    }
    if (on_mock)
        set(conf, "test.mock.num.brokers", "3");
    return conf;
}

static rd_kafka_t *new_producer(rd_kafka_conf_t *conf) {
    char errstr[512];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (!rk) {
        fprintf(stderr, "%% %s\n", errstr);
        exit(2);
    }
    return rk;
}

#endif
