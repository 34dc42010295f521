/*
 * Order within a partition: the order of the calls, in one thread, in each of several threads, and
 * across threads when one call returned before the other began (handed over by a mutex).
 */
#include "test.h"
#include <pthread.h>

#define THREADS 4
#define PARTITIONS 4

static rd_kafka_topic_t *rkt;
static int per_thread, handed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void produce(int32_t partition, int index) {
    while (rd_kafka_produce(rkt, partition, RD_KAFKA_MSG_F_COPY, &index, sizeof(index), NULL, 0,
                            T_OPAQUE(index))) {
        CHECK_ERR(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__QUEUE_FULL);
        t_sleep_ms(1);
    }
}

/* Messages index, index + step, ... have rising offsets in each partition. */
static void check_rising(int first, int step, int total) {
    int64_t last[PARTITIONS];
    int i;
    for (i = 0; i < PARTITIONS; i++)
        last[i] = -1;
    for (i = first; i < total; i += step) {
        const t_report_t *r = &t_reports[i];
        if (r->offset <= last[r->partition])
            FAIL("message %d of partition %d has offset %" PRId64 " after %" PRId64, i,
                 (int)r->partition, r->offset, last[r->partition]);
        last[r->partition] = r->offset;
    }
}

/* Thread t produces messages t, t + THREADS, t + 2 * THREADS, ... */
static void *each_its_own(void *arg) {
    int thread = (int)(intptr_t)arg, i;
    for (i = 0; i < per_thread; i++)
        produce(i % PARTITIONS, i * THREADS + thread);
    return NULL;
}

/* The next number is taken and produced under the lock: all calls are in one order. */
static void *handed_over(void *arg) {
    int i;
    (void)arg;
    for (i = 0; i < per_thread; i++) {
        pthread_mutex_lock(&lock);
        produce(handed / 7 % PARTITIONS, handed);
        handed++;
        pthread_mutex_unlock(&lock);
        if (i % 64 == 0)
            sched_yield();
    }
    return NULL;
}

static void run(rd_kafka_t *rk, void *(*body)(void *), const char *topic, int cross) {
    pthread_t threads[THREADS];
    int i, total = per_thread * THREADS;
    rkt = t_topic(rk, topic);
    t_book(total);
    handed = 0;
    for (i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, body, (void *)(intptr_t)i), 0);
    while (t_reported < total)
        rd_kafka_poll(rk, 100);
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(PARTITIONS);
    for (i = 0; i < THREADS && !cross; i++)
        check_rising(i, THREADS, total);
    if (cross)
        check_rising(0, 1, total);
    rd_kafka_topic_destroy(rkt);
}

/* One thread, from before the metadata is known to after. */
static void one_thread(rd_kafka_t *rk) {
    int i, total = t_count(50000);
    rkt = t_topic(rk, "one");
    t_book(total);
    for (i = 0; i < total; i++) {
        produce(i % PARTITIONS, i);
        if (i % 1000 == 0)
            rd_kafka_poll(rk, 0);
    }
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    t_check_contiguous(PARTITIONS);
    check_rising(0, 1, total);
    rd_kafka_topic_destroy(rkt);
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    int round;
    t_start(__FILE__, 120);
    conf = t_mock_conf("2");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    t_set(conf, "linger.ms", "1");
    rk = t_producer(conf);
    per_thread = t_count(20000);
    one_thread(rk);
    for (round = 0; round < 3; round++) {
        char topic[32];
        snprintf(topic, sizeof(topic), "own%d", round);
        run(rk, each_its_own, topic, 0);
        snprintf(topic, sizeof(topic), "handed%d", round);
        run(rk, handed_over, topic, 1);
    }
    rd_kafka_destroy(rk);
    return t_done();
}
