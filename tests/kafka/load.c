/* load -t TOPIC -n COUNT [-T threads] [-s size] [-r messages/s] [-p partitions] [-u file] [-a reports] [-q] [-f]
 *      [-k] [-X name=value]...
 * Produces from several threads while another one serves the reports. Values are "seq=S thread=T " filled up with a letter,
 * which ReadBack's `verify` checks together with the report file (-a).
 *   -p N  choose the partition here (seq % N); otherwise the library's partitioner does
 *   -r    limits the rate; -u goes on until the file exists (COUNT is then the limit)
 *   -k    with one of 101 keys per thread, so that a partitioner of keys chooses
 *   -q    the queue must have been full at least once;  -f  failed messages are allowed (counted) */
#include "common.h"

#include <pthread.h>
#include <stdatomic.h>

enum { MAX_THREADS = 64, MAX_ERRORS = 64 };

typedef struct {
        pthread_t thread;
        int number;
        long produced, queue_full;
        unsigned char *reported; /* one byte per sequence number: how many reports came */
} worker_t;

static const char *topic_name, *until_file;
static long count_per_thread, rate_per_thread, value_size = 100;
static int thread_count = 1, partition_count, expect_queue_full, allow_failures, with_keys;
static worker_t workers[MAX_THREADS];
static rd_kafka_t *producer;
static rd_kafka_topic_t *topic;
static FILE *report_file;
static long reports, delivered, failed, repeated_reports, bad_reports, error_callbacks;
static atomic_int producers_done, stop;
static struct { rd_kafka_resp_err_t err; long count; } errors[MAX_ERRORS];

static void count_error(rd_kafka_resp_err_t err) {
        for (int i = 0; i < MAX_ERRORS; i++)
                if (errors[i].err == err || !errors[i].err) {
                        errors[i].err = err;
                        errors[i].count++;
                        return;
                }
}

static void report(rd_kafka_t *rk, const rd_kafka_message_t *rkm, void *opaque) {
        uintptr_t id = (uintptr_t)rkm->_private;
        worker_t *worker;
        long seq   = id & 0xffffffffff;
        int thread = id >> 40;
        (void)rk, (void)opaque;
        reports++;
        if (thread >= thread_count || seq >= count_per_thread) {
                bad_reports++;
                return;
        }
        worker = &workers[thread];
        if (worker->reported[seq]++)
                repeated_reports++;
        if (!rkm->err) {
                delivered++;
                bad_reports += rd_kafka_message_status(rkm) != RD_KAFKA_MSG_STATUS_PERSISTED || rkm->len != (size_t)value_size;
                if (report_file)
                        fprintf(report_file, "A %d %ld %d %lld %.3f\n", thread, seq, rkm->partition, (long long)rkm->offset,
                                now_s());
        } else {
                failed++;
                count_error(rkm->err);
                if (report_file)
                        fprintf(report_file, "%c %d %ld %d %s %.3f\n",
                                rd_kafka_message_status(rkm) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED ? 'N' : 'P', thread, seq,
                                rkm->partition, rd_kafka_err2name(rkm->err), now_s());
        }
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
        (void)rk, (void)opaque;
        error_callbacks++;
        if (getenv("VERBOSE"))
                printf("error callback: %s: %s\n", rd_kafka_err2name(err), reason);
}

static void pace(double start, long produced) {
        double due = start + (double)produced / rate_per_thread, now = now_s();
        if (due > now)
                usleep((due - now) * 1e6);
}

static void *produce_all(void *argument) {
        worker_t *worker = argument;
        char *value      = malloc(value_size + 64);
        double start     = now_s();
        for (long seq = 0; seq < count_per_thread && !stop; seq++) {
                char key[48];
                int key_size     = with_keys ? sprintf(key, "%d-%ld", worker->number, seq % 101) : 0;
                int head         = sprintf(value, "seq=%ld thread=%d ", seq, worker->number);
                int32_t partition = partition_count ? seq % partition_count : RD_KAFKA_PARTITION_UA;
                void *id          = (void *)((uintptr_t)worker->number << 40 | (uintptr_t)seq);
                if (head < value_size)
                        memset(value + head, 'a' + seq % 26, value_size - head);
                while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, value, value_size, with_keys ? key : NULL,
                                        key_size, id) == -1) {
                        rd_kafka_resp_err_t err = rd_kafka_last_error();
                        if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                                die("produce: %s", rd_kafka_err2str(err));
                        worker->queue_full++;
                        usleep(1000);
                }
                worker->produced++;
                if (rate_per_thread && (seq % 16 == 15 || rate_per_thread < 1000))
                        pace(start, worker->produced);
        }
        free(value);
        producers_done++;
        return NULL;
}

static rd_kafka_conf_t *parse(int argc, char **argv, const char **report_path) {
        rd_kafka_conf_t *conf = new_conf();
        long total = 0, rate = 0;
        int option;
        while ((option = getopt(argc, argv, "t:n:T:s:r:p:u:a:X:kqf")) != -1) {
                switch (option) {
                case 't': topic_name = optarg; break;
                case 'n': total = atol(optarg); break;
                case 'T': thread_count = atoi(optarg); break;
                case 's': value_size = atol(optarg); break;
                case 'r': rate = atol(optarg); break;
                case 'p': partition_count = atoi(optarg); break;
                case 'u': until_file = optarg; break;
                case 'a': *report_path = optarg; break;
                case 'X': set_pair(conf, optarg); break;
                case 'k': with_keys = 1; break;
                case 'q': expect_queue_full = 1; break;
                case 'f': allow_failures = 1; break;
                default: die("unknown option");
                }
        }
        if (!topic_name || total <= 0 || thread_count < 1 || thread_count > MAX_THREADS || value_size < 48)
                die("usage: load -t TOPIC -n COUNT ... (values of at least 48 bytes)");
        count_per_thread = total / thread_count;
        rate_per_thread  = rate / thread_count;
        return conf;
}

static void print_result(double seconds) {
        long produced = 0, queue_full = 0;
        for (int i = 0; i < thread_count; i++) {
                produced += workers[i].produced;
                queue_full += workers[i].queue_full;
        }
        printf("result produced=%ld delivered=%ld failed=%ld queue_full=%ld error_callbacks=%ld seconds=%.2f rate=%.0f "
               "max_rss_kib=%ld",
               produced, delivered, failed, queue_full, error_callbacks, seconds, delivered / seconds, max_rss_kib());
        for (int i = 0; i < MAX_ERRORS && errors[i].err; i++)
                printf(" %s=%ld", rd_kafka_err2name(errors[i].err), errors[i].count);
        putchar('\n');
        check(reports == produced && !repeated_reports && !bad_reports,
              "%ld messages, %ld reports, %ld repeated, %ld bad", produced, reports, repeated_reports, bad_reports);
        check(allow_failures || !failed, "%ld failed messages", failed);
        check(!expect_queue_full || queue_full, "queue full met %ld times", queue_full);
}

int main(int argc, char **argv) {
        const char *report_path = NULL;
        rd_kafka_conf_t *conf   = parse(argc, argv, &report_path);
        double start            = now_s();
        rd_kafka_conf_set_dr_msg_cb(conf, report);
        rd_kafka_conf_set_error_cb(conf, on_error);
        producer = new_producer(conf);
        topic    = rd_kafka_topic_new(producer, topic_name, NULL);
        if (report_path && !(report_file = fopen(report_path, "w")))
                die("cannot write %s", report_path);
        for (int i = 0; i < thread_count; i++) {
                workers[i].number   = i;
                workers[i].reported = calloc(count_per_thread, 1);
                if (pthread_create(&workers[i].thread, NULL, produce_all, &workers[i]))
                        die("pthread_create");
        }
        while (producers_done < thread_count) {
                rd_kafka_poll(producer, 50);
                if (until_file && access(until_file, F_OK) == 0)
                        stop = 1;
        }
        for (int i = 0; i < thread_count; i++)
                pthread_join(workers[i].thread, NULL);
        check(rd_kafka_flush(producer, 120000) == RD_KAFKA_RESP_ERR_NO_ERROR, "flush");
        for (int i = 0; i < 20 && rd_kafka_outq_len(producer); i++)
                rd_kafka_poll(producer, 50); /* an error callback may come after the last report */
        check(rd_kafka_outq_len(producer) == 0, "outq_len is %d", rd_kafka_outq_len(producer));
        print_result(now_s() - start);
        rd_kafka_topic_destroy(topic);
        rd_kafka_destroy(producer);
        if (report_file)
                fclose(report_file);
        return failures != 0;
}
