/*
 * With nothing to do for 10 s the process makes no wake-ups: no thread of it switches voluntarily.
 * Ours only: librdkafka's threads wake up at least once a second.
 */
#include "test.h"
#include <dirent.h>

/* Voluntary context switches of all threads but this one. */
static long switches(void) {
    char path[300], line[256];
    struct dirent *entry;
    long sum = 0, value;
    DIR *dir = opendir("/proc/self/task");
    CHECK(dir != NULL);
    while ((entry = readdir(dir))) {
        FILE *file;
        if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
            continue;
        snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
        if (!(file = fopen(path, "r")))
            continue;
        while (fgets(line, sizeof(line), file))
            if (sscanf(line, "voluntary_ctxt_switches: %ld", &value) == 1)
                sum += value;
        fclose(file);
    }
    closedir(dir);
    return sum;
}

/* Idle before the first message, and idle after some were delivered. */
static void idle(rd_kafka_t *rk, const char *when) {
    long before, woken;
    rd_kafka_poll(rk, 0);
    t_sleep_ms(2000);
    before = switches();
    t_sleep_ms(10000);
    woken = switches() - before;
    printf("%s: %ld wake-ups in 10 s\n", when, woken);
    CHECK_INT(woken, 0);
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    int i;
    t_start(__FILE__, 60);
    t_ours_only();
    conf = t_mock_conf("3");
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    idle(rk, "before the first message");
    t_book(100);
    for (i = 0; i < 100; i++)
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("idle"), RD_KAFKA_V_PARTITION(i % 4),
                                    RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_OPAQUE(T_OPAQUE(i)),
                                    RD_KAFKA_V_END), RD_KAFKA_RESP_ERR_NO_ERROR);
    t_flush(rk);
    t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    idle(rk, "after 100 messages");
    rd_kafka_destroy(rk);
    return t_done();
}
