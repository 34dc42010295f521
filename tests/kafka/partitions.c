/* partitions TOPIC COUNT [name=value ...]
 * Produces COUNT messages with keys of every length and content (also empty), leaving the partition to the partitioner.
 * The caller compares with Java: `check-partitioner TOPIC`. */
#include "common.h"

static long reports, errors;

static void report(rd_kafka_t *rk, const rd_kafka_message_t *rkm, void *opaque) {
        (void)rk, (void)opaque;
        reports++;
        errors += rkm->err || rkm->partition < 0;
}

int main(int argc, char **argv) {
        rd_kafka_conf_t *conf;
        rd_kafka_topic_t *rkt;
        rd_kafka_t *rk;
        long count, i;
        unsigned seed = 1;
        if (argc < 3)
                die("usage: partitions TOPIC COUNT [name=value ...]");
        count = atol(argv[2]);
        conf  = new_conf();
        for (i = 3; i < argc; i++)
                set_pair(conf, argv[i]);
        rd_kafka_conf_set_dr_msg_cb(conf, report);
        rk  = new_producer(conf);
        rkt = rd_kafka_topic_new(rk, argv[1], NULL);
        for (i = 0; i < count; i++) {
                unsigned char key[70];
                size_t size = i % (sizeof(key) + 1); /* every length, so every tail of the hash */
                for (size_t k = 0; k < size; k++)
                        key[k] = (seed = seed * 1664525 + 1013904223) >> 24;
                if (rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "v", 1, key, size, NULL))
                        die("produce: %s", rd_kafka_err2str(rd_kafka_last_error()));
        }
        rd_kafka_flush(rk, 30000);
        check(reports == count && !errors, "%ld of %ld messages with keys delivered, %ld errors", reports, count, errors);
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
        return failures != 0;
}
