/*
 * line_producer: sends each line of its standard input as one message and prints each delivery.
 *
 *   line_producer [-b brokers] [-t topic] [-X property=value]... [-q]
 *
 * Without -b it starts a cluster of three brokers inside this process, so that it runs anywhere:
 *
 *   line_producer < sample.log
 *   tail -f /var/log/syslog | line_producer -b localhost:9092 -t logs -X compression.codec=zstd
 *
 * Ctrl-C stops reading and delivers what was read; a second Ctrl-C gives that up.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

typedef struct {
    const char *topic;
    int quiet, on_mock;
    uint64_t delivered, failed;
} options_t;

static volatile sig_atomic_t interrupts;

static void on_signal(int sig) {
    (void)sig;
    interrupts++;
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Called from rd_kafka_poll() and rd_kafka_flush(), once per message. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque) {
    options_t *options = opaque;
    (void)rk;
    if (msg->err) {
        options->failed++;
        fprintf(stderr, "%% not delivered: %s\n", rd_kafka_err2str(msg->err));
        return;
    }
    options->delivered++;
    if (!options->quiet)
        printf("%s partition %" PRId32 " offset %" PRId64 " latency %" PRId64 " us\n",
               rd_kafka_topic_name(msg->rkt), msg->partition, msg->offset,
               rd_kafka_message_latency(msg));
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
    (void)rk;
    (void)opaque;
    fprintf(stderr, "%% %s: %s\n", rd_kafka_err2name(err), reason);
}

/* Sends one line; when the queue is full it serves reports until there is room. */
static void send_line(rd_kafka_t *rk, options_t *options, const char *line, size_t len) {
    for (;;) {
        rd_kafka_resp_err_t err = rd_kafka_producev(
            rk, RD_KAFKA_V_TOPIC(options->topic), RD_KAFKA_V_VALUE((void *)line, len),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        if (!err)
            break;
        if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL || interrupts > 1) {
            options->failed++;
            fprintf(stderr, "%% not accepted: %s\n", rd_kafka_err2str(err));
            break;
        }
        rd_kafka_poll(rk, 100);
    }
    rd_kafka_poll(rk, 0);
}

/*
 * Sends the complete lines of the buffer and returns the bytes that are left; with `all` also the
 * last line that does not end.
 */
static size_t send_lines(rd_kafka_t *rk, options_t *options, char *buffer, size_t len, int all) {
    char *start = buffer, *end = buffer + len, *newline;
    while (interrupts < 2 && (newline = memchr(start, '\n', (size_t)(end - start)))) {
        send_line(rk, options, start, (size_t)(newline - start));
        start = newline + 1;
    }
    if (all && start < end) {
        send_line(rk, options, start, (size_t)(end - start));
        start = end;
    }
    memmove(buffer, start, (size_t)(end - start));
    return (size_t)(end - start);
}

/* Reads until the end of the input or Ctrl-C, serving reports while it waits. */
static void send_input(rd_kafka_t *rk, options_t *options) {
    size_t capacity = 1 << 16, len = 0;
    char *buffer = malloc(capacity);
    while (buffer && !interrupts) {
        struct pollfd input = {0, POLLIN, 0};
        ssize_t got;
        /* With reports to come, look for them every 5 ms; without, just wait for input. */
        int ready = poll(&input, 1, rd_kafka_outq_len(rk) > 0 ? 5 : -1);
        if (ready <= 0) {
            rd_kafka_poll(rk, 0);
            continue;
        }
        if (len == capacity) {
            char *larger = realloc(buffer, capacity *= 2);
            if (!larger)
                break;
            buffer = larger;
        }
        got = read(0, buffer + len, capacity - len);
        if (got < 0 && errno == EINTR)
            continue;
        len = send_lines(rk, options, buffer, len + (size_t)(got > 0 ? got : 0), got <= 0);
        if (got <= 0)
            break;
    }
    free(buffer);
}

/* Waits for the remaining reports: without limit, until a second Ctrl-C gives them up. */
static void finish(rd_kafka_t *rk) {
    if (interrupts)
        fprintf(stderr, "%% interrupted: delivering %d messages\n", rd_kafka_outq_len(rk));
    while (interrupts < 2 && rd_kafka_flush(rk, 200) == RD_KAFKA_RESP_ERR__TIMED_OUT)
        ;
    if (rd_kafka_outq_len(rk) > 0) {
        rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(rk, 1000);
    }
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char errstr[512];
    if (rd_kafka_conf_set(conf, name, value, errstr, sizeof(errstr)) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "%% %s\n", errstr);
        exit(2);
    }
}

static void parse(int argc, char **argv, options_t *options, rd_kafka_conf_t *conf) {
    int opt;
    options->on_mock = 1;
    while ((opt = getopt(argc, argv, "b:t:X:qh")) != -1) {
        char *equals = opt == 'X' ? strchr(optarg, '=') : NULL;
        if (opt == 'b') {
            set(conf, "bootstrap.servers", optarg);
            options->on_mock = 0;
        } else if (opt == 't') {
            options->topic = optarg;
        } else if (opt == 'q') {
            options->quiet = 1;
        } else if (equals) {
            *equals = '\0';
            set(conf, optarg, equals + 1);
        } else {
            fprintf(stderr, "usage: %s [-b brokers] [-t topic] [-X property=value]... [-q]\n",
                    argv[0]);
            exit(2);
        }
    }
    if (options->on_mock)
        set(conf, "test.mock.num.brokers", "3");
}

int main(int argc, char **argv) {
    options_t options = {"lines", 0, 0, 0, 0};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct sigaction action;
    char errstr[512];
    rd_kafka_t *rk;
    double start_s, took_s;

    parse(argc, argv, &options, conf);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_opaque(conf, &options);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (!rk) {
        fprintf(stderr, "%% %s\n", errstr);
        rd_kafka_conf_destroy(conf);
        return 2;
    }
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal; /* without SA_RESTART: read() and poll() return */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    fprintf(stderr, "%% librdkafka %s, topic %s%s\n", rd_kafka_version_str(), options.topic,
            options.on_mock ? ", on an embedded cluster" : "");

    start_s = now_s();
    send_input(rk, &options);
    finish(rk);
    took_s = now_s() - start_s;
    printf("%" PRIu64 " delivered, %" PRIu64 " failed in %.3f s (%.0f messages/s)\n",
           options.delivered, options.failed, took_s, (double)options.delivered / took_s);
    rd_kafka_destroy(rk);
    return options.failed ? 1 : 0;
}
