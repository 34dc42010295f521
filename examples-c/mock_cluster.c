/*
 * Runs a cluster of brokers within this process until its standard input ends or a signal comes: to try a
 * Kafka client without Kafka. Prints the bootstrap.servers of the cluster.
 *
 *   mock_cluster [-n brokers] [-d delay_ms] [-t topic:partitions]...
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

static int usage(const char *name) {
    fprintf(stderr, "usage: %s [-n brokers] [-d delay_ms] [-t topic:partitions]...\n", name);
    return 2;
}

/* "topic:partitions" */
static int create(rd_kafka_mock_cluster_t *cluster, char *topic, int replicas) {
    char *colon = strrchr(topic, ':');
    int partitions = colon ? atoi(colon + 1) : 1;
    rd_kafka_resp_err_t err;

    if (colon)
        *colon = '\0';
    err = rd_kafka_mock_topic_create(cluster, topic, partitions, replicas);
    if (err)
        fprintf(stderr, "topic %s: %s\n", topic, rd_kafka_err2str(err));
    return err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

int main(int argc, char **argv) {
    int brokers = 3, delay_ms = 0, failed = 0, option, i;
    rd_kafka_mock_cluster_t *cluster;
    char **topics, errstr[512], line[256];
    int topic_cnt = 0;
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;

    if (!(topics = calloc((size_t)argc, sizeof(*topics))))
        return 1;
    while ((option = getopt(argc, argv, "n:d:t:")) != -1) {
        if (option == 'n')
            brokers = atoi(optarg);
        else if (option == 'd')
            delay_ms = atoi(optarg);
        else if (option == 't')
            topics[topic_cnt++] = optarg;
        else
            return usage(argv[0]);
    }

    /* A cluster needs some client instance. This one does nothing else, so what it would log of itself doesn't matter. */
    conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, NULL);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (!rk)
        return fprintf(stderr, "%s\n", errstr), 1;
    cluster = rd_kafka_mock_cluster_new(rk, brokers);
    if (!cluster)
        return fprintf(stderr, "no cluster of %d brokers\n", brokers), 1;
    if (delay_ms)
        rd_kafka_mock_broker_set_rtt(cluster, -1, delay_ms);
    for (i = 0; i < topic_cnt && !failed; i++)
        failed = create(cluster, topics[i], brokers < 3 ? brokers : 3);

    if (!failed) {
        printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
        fflush(stdout);
        while (fgets(line, sizeof(line), stdin))
            ;
    }
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(rk);
    free(topics);
    return failed;
}
