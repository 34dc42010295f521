/* statistics TOPIC COUNT [name=value ...]
 * Produces COUNT messages of 14 bytes, key included, to all partitions and prints each statistics report as a line
 * `statistics {...}`, two more of them after everything was delivered. The caller compares with what the brokers hold. */
#include "common.h"

static int reports;

static int statistics(rd_kafka_t *rk, char *json, size_t json_len, void *opaque) {
        (void)rk, (void)opaque;
        printf("statistics %.*s\n", (int)json_len, json);
        fflush(stdout);
        reports++;
        return 0;
}

int main(int argc, char **argv) {
        rd_kafka_conf_t *conf;
        rd_kafka_t *rk;
        long count, i;
        int until;
        if (argc < 3)
                die("usage: statistics TOPIC COUNT [name=value ...]");
        count = atol(argv[2]);
        conf  = new_conf();
        set(conf, "statistics.interval.ms", "200");
        for (i = 3; i < argc; i++)
                set_pair(conf, argv[i]);
        rd_kafka_conf_set_stats_cb(conf, statistics);
        rk = new_producer(conf);
        for (i = 0; i < count; i++) {
                char key[24], value[24];
                snprintf(key, sizeof(key), "%04ld", i % 10000);
                snprintf(value, sizeof(value), "%010ld", i);
                while (rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(argv[1]), RD_KAFKA_V_KEY(key, 4), RD_KAFKA_V_VALUE(value, 10),
                                         RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END))
                        rd_kafka_poll(rk, 10);
        }
        check(!rd_kafka_flush(rk, 60000), "%ld messages flushed", count);
        for (until = reports + 2; reports < until;)
                rd_kafka_poll(rk, 100);
        rd_kafka_destroy(rk);
        return failures != 0;
}
