/*
 * A producer that measures itself, on librdkafka's public API. The same binary runs on every library that has that API:
 * LD_LIBRARY_PATH chooses, --expect makes sure. It prints one line of JSON, and exits with 1 if a message wasn't
 * delivered exactly once. See producer/options.h for what it can do and README.md for how to read the figures.
 *
 * Threads: with one producing thread and no schedule, main produces and polls. Else there are producing threads and one
 * that polls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#include "producer/figures.h"
#include "producer/options.h"
#include "producer/payload.h"
#include "producer/reports.h"

static options_t options;
static corpus_t corpus;
static char *keys;
static reports_t reports;
static rd_kafka_t *rk;
static rd_kafka_topic_t *rkt;
static uint64_t clock_ns, deadline_ns;
static double schedule_us;
static uint64_t produced; /* all threads' messages, once each has ended */
static int producing;     /* threads that still produce */

typedef struct {
    pthread_t thread;
    int number;
    uint64_t random, produced, full, failed;
    histogram_t call_ns;
} worker_t;

static void die(const char *what, const char *why) {
    fprintf(stderr, "producer: %s: %s\n", what, why);
    exit(2);
}

static int produce_once(worker_t *w, uint64_t id, int flags) {
    size_t at = id & (corpus.cnt - 1), key_len = 0;
    char *value = corpus.bytes + corpus.at[at], *key = NULL;
    size_t len = corpus.at[at + 1] - corpus.at[at];
    int32_t partition = RD_KAFKA_PARTITION_UA;
    if (options.target == TARGET_ONE) {
        partition = 0;
    } else if (options.target == TARGET_ROUND) {
        partition = (int32_t)(id % (uint64_t)options.partitions);
    } else if (options.target == TARGET_KEYS) {
        key = keys + ((w->random >> 32) * (uint64_t)options.keys >> 32) * KEY_LEN;
        key_len = KEY_LEN;
    }
    if (options.producev)
        return rd_kafka_producev(rk, RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_PARTITION(partition),
                                 RD_KAFKA_V_MSGFLAGS(flags), RD_KAFKA_V_VALUE(value, len),
                                 RD_KAFKA_V_KEY(key, key_len),
                                 RD_KAFKA_V_OPAQUE((void *)(uintptr_t)id), RD_KAFKA_V_END);
    if (rd_kafka_produce(rkt, partition, flags, value, len, key, key_len, (void *)(uintptr_t)id))
        return rd_kafka_last_error();
    return 0;
}

/* A full queue is waited for outside the timed call: by serving reports, or with F_BLOCK where another thread does. */
static void produce(worker_t *w, uint64_t id, int timed) {
    uint64_t start_ns = timed ? now_ns() : 0;
    int err = produce_once(w, id, RD_KAFKA_MSG_F_COPY);
    if (timed && !err) {
        uint64_t took_ns = now_ns() - start_ns;
        record_value(&w->call_ns, took_ns > clock_ns ? took_ns - clock_ns : 0);
    }
    while (err == RD_KAFKA_RESP_ERR__QUEUE_FULL && options.mode != MODE_HELD) {
        w->full++;
        if (!options.poller)
            rd_kafka_poll(rk, 10);
        err = produce_once(w, id, RD_KAFKA_MSG_F_COPY | (options.poller ? RD_KAFKA_MSG_F_BLOCK : 0));
    }
    if (err && !w->failed++)
        fprintf(stderr, "producer: produce: %s\n", rd_kafka_err2str((rd_kafka_resp_err_t)err));
    w->produced += !err;
}

static void sleep_until(uint64_t at_ns) {
    struct timespec ts = {(time_t)(at_ns / 1000000000u), (long)(at_ns % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* CPU time that sleeping by the schedule costs each message, without any library. */
static double schedule_cpu_us(void) {
    double period_ns = 1e9 / options.rate;
    uint64_t start_ns = now_ns(), due = start_ns, known_ns = 0, n;
    usage_t from = usage_now(), to;
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    for (n = 0; due < start_ns + 300000000u; n++, due = start_ns + (uint64_t)((double)n * period_ns))
        if (known_ns < due && (known_ns = now_ns()) < due)
            sleep_until(due);
    to = usage_now();
    return (to.cpu_us - from.cpu_us) / (double)n;
}

/* This thread's share of the messages: ids 1 + number, 1 + number + threads, ... (0 is the first, untimed one). */
static void *produce_all(void *arg) {
    worker_t *w = arg;
    uint64_t threads = (uint64_t)options.threads, id = 1 + (uint64_t)w->number, known_ns = 0, i;
    int sample = options.sample_every;
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    for (i = 0; !options.count || id <= options.count; i++, id += threads) {
        if (deadline_ns && (i & 127) == 0 && now_ns() >= deadline_ns)
            break;
        if (reports.period_ns > 0 && known_ns < due_ns(&reports, id) &&
            (known_ns = now_ns()) < due_ns(&reports, id))
            sleep_until(due_ns(&reports, id));
        w->random ^= w->random << 13, w->random ^= w->random >> 7, w->random ^= w->random << 17;
        produce(w, id, sample && i % (uint64_t)sample == 0);
        if (!options.poller && i % (uint64_t)options.poll_every == 0)
            rd_kafka_poll(rk, 0);
    }
    __atomic_fetch_add(&produced, w->produced, __ATOMIC_SEQ_CST);
    __atomic_fetch_sub(&producing, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

/* Until every message has its report, or none has come for too long. */
static void *poll_all(void *arg) {
    uint64_t before = 0, since_ns = now_ns();
    (void)arg;
    for (;;) {
        int done = !__atomic_load_n(&producing, __ATOMIC_SEQ_CST);
        uint64_t reported = reports.delivered + reports.failed;
        if (done && reported >= __atomic_load_n(&produced, __ATOMIC_SEQ_CST))
            return NULL;
        if (reported != before)
            before = reported, since_ns = now_ns();
        else if ((double)(now_ns() - since_ns) > options.patience_s * 1e9)
            return NULL;
        rd_kafka_poll(rk, done ? 10 : 100);
    }
}

static void run_workers(worker_t *workers) {
    pthread_t poller;
    int i;
    producing = options.threads;
    if (!options.poller) {
        produce_all(&workers[0]);
        poll_all(NULL);
        return;
    }
    for (i = 0; i < options.threads; i++)
        pthread_create(&workers[i].thread, NULL, produce_all, &workers[i]);
    pthread_create(&poller, NULL, poll_all, NULL);
    for (i = 0; i < options.threads; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_join(poller, NULL);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char errstr[512];
    if (rd_kafka_conf_set(conf, name, value, errstr, sizeof(errstr)) != RD_KAFKA_CONF_OK)
        die(name, errstr);
}

static void open_producer(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[512];
    int i;
    if (options.brokers)
        set(conf, "bootstrap.servers", options.brokers);
    for (i = 0; i < options.property_cnt; i++) {
        char *value = strchr(options.properties[i], '=');
        *value = 0;
        set(conf, options.properties[i], value + 1);
        *value = '=';
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_opaque(conf, &reports);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (!rk)
        die("rd_kafka_new", errstr);
    rkt = rd_kafka_topic_new(rk, options.topic, NULL);
    if (!rkt)
        die("rd_kafka_topic_new", rd_kafka_err2str(rd_kafka_last_error()));
}

/* One message, so that the rest finds connection and metadata; returns the time since start_ns. */
static double first_delivery_us(worker_t *w, uint64_t start_ns) {
    uint64_t limit_ns = now_ns() + (uint64_t)(options.patience_s * 1e9);
    produce(w, 0, 0);
    while (!reports.delivered && !reports.failed && now_ns() < limit_ns)
        rd_kafka_poll(rk, 100);
    if (!reports.delivered)
        die("first message", reports.failed ? rd_kafka_err2str(reports.error) : "no report");
    produced += w->produced;
    w->produced = 0;
    return (double)(reports.first_ns - start_ns) / 1e3;
}

static void print_library(void) {
    Dl_info info = {0};
    void *symbol = dlsym(RTLD_DEFAULT, "rd_kafka_version");
    if (symbol)
        dladdr(symbol, &info);
    printf("{\"library\":\"%s\",\"path\":\"%s\"", rd_kafka_version_str(),
           info.dli_fname ? info.dli_fname : "");
}

static void print_run(const worker_t *workers, const usage_t *from, const usage_t *to, uint64_t warm) {
    static histogram_t calls;
    double seconds = (double)(to->at_ns - from->at_ns) / 1e9, n = (double)(reports.delivered - warm);
    uint64_t full = 0, refused = 0;
    int i;
    for (i = 0; i < options.threads; i++) {
        merge_histogram(&calls, &workers[i].call_ns);
        full += workers[i].full, refused += workers[i].failed;
    }
    n = n > 0 ? n : 1;
    printf(",\"messages\":%.0f,\"seconds\":%.6f,\"msgs_per_s\":%.1f,\"mb_per_s\":%.3f", n, seconds,
           n / seconds, (double)reports.bytes / seconds / 1e6);
    printf(",\"cpu_us_per_msg\":%.4f,\"user_us_per_msg\":%.4f,\"sys_us_per_msg\":%.4f",
           (to->cpu_us - from->cpu_us) / n,
           (to->user_us - from->user_us) / n, (to->sys_us - from->sys_us) / n);
    printf(",\"library_cpu_us_per_msg\":%.4f", (to->library_us - from->library_us) / n);
    printf(",\"voluntary\":%ld,\"involuntary\":%ld", to->voluntary - from->voluntary,
           to->involuntary - from->involuntary);
    if (bench_allocations)
        printf(",\"allocs_per_msg\":%.5f", (double)(to->allocations - from->allocations) / n);
    printf(",\"produce_calls_timed\":%llu,\"produce_mean_ns\":%.1f,\"produce_p50_ns\":%.1f,"
           "\"produce_p99_ns\":%.1f,\"clock_ns\":%llu,\"queue_full\":%llu,\"refused\":%llu",
           (unsigned long long)calls.count, calls.count ? calls.sum / (double)calls.count : 0,
           quantile(&calls, 0.5), quantile(&calls, 0.99), (unsigned long long)clock_ns,
           (unsigned long long)full, (unsigned long long)refused);
    if (reports.period_ns > 0) {
        double cpu_us = (to->cpu_us - from->cpu_us) / n;
        printf(",\"schedule_cpu_us_per_msg\":%.3f,\"cpu_less_schedule_us_per_msg\":%.3f", schedule_us,
               cpu_us - schedule_us);
        printf(",\"latency_p50_us\":%.2f,\"latency_p99_us\":%.2f,\"latency_p999_us\":%.2f,"
               "\"latency_max_us\":%.2f",
               quantile(&reports.latency_ns, 0.5) / 1e3, quantile(&reports.latency_ns, 0.99) / 1e3,
               quantile(&reports.latency_ns, 0.999) / 1e3, (double)reports.latency_ns.max / 1e3);
        printf(",\"silence_us\":%.1f", (double)reports.silence_ns / 1e3);
    }
}

/* Returns whether every message was delivered exactly once. */
static int print_verdict(long rss_before_kib) {
    uint64_t missing = missing_reports(&reports, produced);
    int holed = holed_partitions(&reports), left = rd_kafka_outq_len(rk);
    printf(",\"delivered\":%llu,\"failed\":%llu,\"missing\":%llu,\"duplicates\":%llu,\"unknown\":%llu,"
           "\"out_of_order\":%llu,\"holed_partitions\":%d,\"outq_len\":%d",
           (unsigned long long)reports.delivered, (unsigned long long)reports.failed,
           (unsigned long long)missing, (unsigned long long)reports.duplicates,
           (unsigned long long)reports.unknown, (unsigned long long)reports.out_of_order, holed, left);
    printf(",\"rss_before_kib\":%ld,\"peak_rss_kib\":%ld,\"library_threads\":%ld}\n", rss_before_kib,
           process_status("VmHWM"), process_status("Threads") - 1);
    return !missing && !reports.duplicates && !reports.unknown && !holed && !left;
}

/* What the library's threads do while the program does nothing. */
static void run_idle(void) {
    struct rusage all[2], own[2];
    getrusage(RUSAGE_SELF, &all[0]), getrusage(RUSAGE_THREAD, &own[0]);
    sleep_until(now_ns() + (uint64_t)(options.seconds * 1e9));
    getrusage(RUSAGE_SELF, &all[1]), getrusage(RUSAGE_THREAD, &own[1]);
    long voluntary = all[1].ru_nvcsw - all[0].ru_nvcsw - (own[1].ru_nvcsw - own[0].ru_nvcsw);
    long involuntary = all[1].ru_nivcsw - all[0].ru_nivcsw - (own[1].ru_nivcsw - own[0].ru_nivcsw);
    printf(",\"seconds\":%.1f,\"voluntary\":%ld,\"involuntary\":%ld,\"wakeups_per_s\":%.2f",
           options.seconds, voluntary, involuntary, (double)voluntary / options.seconds);
}

/* Memory of messages that wait for a broker; then they are purged and every one must be reported as failed. */
static int run_held(worker_t *w) {
    long before_kib = process_status("VmRSS"), after_kib;
    uint64_t i;
    for (i = 1; i <= options.count; i++) {
        w->random ^= w->random << 13, w->random ^= w->random >> 7, w->random ^= w->random << 17;
        produce(w, i, 0);
    }
    produced = w->produced;
    sleep_until(now_ns() + 500000000u);
    after_kib = process_status("VmRSS");
    printf(",\"messages\":%llu,\"held_bytes_per_msg\":%.1f,\"outq_len_held\":%d",
           (unsigned long long)w->produced, (double)(after_kib - before_kib) * 1024 / (double)w->produced,
           rd_kafka_outq_len(rk));
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    poll_all(NULL);
    for (i = 0; i < 100 && rd_kafka_outq_len(rk); i++) /* error events count too */
        rd_kafka_poll(rk, 10);
    return w->produced == options.count && reports.failed == w->produced;
}

int main(int argc, char **argv) {
    worker_t *workers;
    usage_t from, to;
    uint64_t start_ns;
    long rss_kib;
    int i, good = 1;
    options = parse_options(argc, argv);
    if (options.expect && !strstr(rd_kafka_version_str(), options.expect))
        die("wrong library", rd_kafka_version_str());
    corpus = make_corpus(options.payload, options.size_bytes);
    if (options.corpus_file) {
        if (write_corpus(&corpus, options.corpus_file))
            die("--write-corpus", options.corpus_file);
        return 0;
    }
    keys = make_keys(options.keys);
    init_reports(&reports, options.count);
    clock_ns = clock_cost_ns();
    workers = calloc((size_t)options.threads, sizeof(*workers));
    for (i = 0; i < options.threads; i++)
        workers[i].number = i, workers[i].random = random_u64();
    rss_kib = process_status("VmRSS");
    schedule_us = options.rate > 0 ? schedule_cpu_us() : 0;

    start_ns = now_ns();
    open_producer();
    print_library();
    if (options.mode == MODE_HELD) {
        good = run_held(&workers[0]);
    } else {
        printf(",\"first_delivery_us\":%.1f", first_delivery_us(&workers[0], start_ns));
        if (options.mode == MODE_IDLE) {
            run_idle();
        } else {
            reports.bytes = 0;
            workers[0].full = 0;
            from = usage_now();
            reports.start_ns = from.at_ns;
            reports.period_ns = options.rate > 0 ? 1e9 / options.rate : 0;
            reports.warm_id = options.count / 20 + 1; /* the first 5 % of a schedule aren't timed */
            deadline_ns = options.count ? 0 : from.at_ns + (uint64_t)(options.seconds * 1e9);
            run_workers(workers);
            to = usage_now();
            print_run(workers, &from, &to, 1);
            good = !reports.failed;
        }
    }
    good &= print_verdict(rss_kib);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_destroy(rk);
    return good ? 0 : 1;
}
