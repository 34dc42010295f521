/* faults timeout|refused|delivered MESSAGES CALLBACKS [name=value ...]
 * Produces to a broker that misbehaves. `timeout`: each message is reported as timed out, in time; `refused`: the answer to
 * the produce request is unusable and each message fails at once, as in librdkafka; `delivered`: the broker recovers and
 * each one is delivered. Always: one report each, nothing hangs, memory stays small, and the error callback gets CALLBACKS,
 * error names joined by commas ("-": any). */
#include "common.h"

enum { MAX_CODES = 32, SLACK_S = 4, RSS_LIMIT_KIB = 200 * 1024 };

static long reports, delivered, timed_out, unusable, others, persisted;
static double last_report_s;
static int codes[MAX_CODES], code_count;

static void report(rd_kafka_t *rk, const rd_kafka_message_t *rkm, void *opaque) {
        (void)rk, (void)opaque;
        reports++;
        last_report_s = now_s();
        if (!rkm->err)
                delivered++;
        else if (rkm->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
                timed_out++;
        else if (rkm->err == RD_KAFKA_RESP_ERR__BAD_MSG || rkm->err == RD_KAFKA_RESP_ERR__UNDERFLOW)
                unusable++;
        else if (others++ == 0)
                printf("other error: %s\n", rd_kafka_err2name(rkm->err));
        if (rkm->err)
                persisted += rd_kafka_message_status(rkm) == RD_KAFKA_MSG_STATUS_PERSISTED;
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque) {
        int i;
        (void)rk, (void)opaque;
        for (i = 0; i < code_count; i++)
                if (codes[i] == err)
                        return;
        if (code_count < MAX_CODES)
                codes[code_count++] = err;
        printf("error callback %s: %s\n", rd_kafka_err2name(err), reason);
}

static void check_callbacks(const char *wanted) {
        char names[256], *name, *rest = names;
        snprintf(names, sizeof(names), "%s", wanted);
        while (strcmp(wanted, "-") && (name = strsep(&rest, ","))) {
                int found = 0, i;
                for (i = 0; i < code_count; i++)
                        found |= !strcmp(rd_kafka_err2name(codes[i]), name);
                check(found, "error callback with %s", name);
        }
}

static void check_reports(const char *outcome, int count, double took) {
        const double message_timeout_s = 3;
        if (!strcmp(outcome, "timeout")) {
                check(timed_out == count && reports == count, "%ld of %d messages timed out, %ld delivered, %ld others",
                      timed_out, count, delivered, unusable + others);
                check(took > message_timeout_s - 0.5 && took < message_timeout_s + SLACK_S, "last report after %.2f s", took);
        } else if (!strcmp(outcome, "refused")) {
                check(unusable == count && reports == count, "%ld of %d messages refused, %ld delivered, %ld others", unusable,
                      count, delivered, timed_out + others);
                check(took < message_timeout_s, "last report after %.2f s", took);
        } else {
                check(delivered == count && reports == count, "%ld of %d messages delivered, %ld others in %.2f s", delivered,
                      count, timed_out + unusable + others, took);
        }
        check(persisted == 0, "%ld failed messages claim to be persisted", persisted);
}

int main(int argc, char **argv) {
        rd_kafka_conf_t *conf;
        rd_kafka_topic_t *rkt;
        rd_kafka_t *rk;
        double start, destroy;
        int count, i;
        if (argc < 4)
                die("usage: faults timeout|refused|delivered MESSAGES CALLBACKS [name=value ...]");
        count = atoi(argv[2]);
        conf  = new_conf();
        set(conf, "message.timeout.ms", strcmp(argv[1], "delivered") ? "3000" : "30000");
        set(conf, "linger.ms", "5");
        set(conf, "reconnect.backoff.max.ms", "500");
        for (i = 4; i < argc; i++)
                set_pair(conf, argv[i]);
        rd_kafka_conf_set_dr_msg_cb(conf, report);
        rd_kafka_conf_set_error_cb(conf, on_error);
        rk    = new_producer(conf);
        rkt   = rd_kafka_topic_new(rk, "faults", NULL);
        start = last_report_s = now_s();
        for (i = 0; i < count; i++)
                if (rd_kafka_produce(rkt, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "message", 7, NULL, 0, NULL))
                        die("produce: %s", rd_kafka_err2str(rd_kafka_last_error()));
        while (reports < count && now_s() - start < 60)
                rd_kafka_poll(rk, 100);
        check_reports(argv[1], count, last_report_s - start);
        check_callbacks(argv[3]);
        /* Events of connections that failed meanwhile count as well until they are served. */
        for (i = 0; i < 100 && rd_kafka_outq_len(rk) > 0; i++)
                rd_kafka_poll(rk, 20);
        check(rd_kafka_outq_len(rk) == 0, "outq_len is %d", rd_kafka_outq_len(rk));
        destroy = now_s();
        rd_kafka_topic_destroy(rkt);
        rd_kafka_destroy(rk);
        check(now_s() - destroy < SLACK_S, "destroy took %.2f s", now_s() - destroy);
        check(max_rss_kib() < RSS_LIMIT_KIB, "RSS at most %ld KiB", max_rss_kib());
        return failures != 0;
}
