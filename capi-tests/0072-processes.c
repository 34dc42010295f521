/* The library as a guest of its process: signals, loading and unloading, forked children. */
#include "test.h"
#include <dirent.h>
#include <dlfcn.h>
#include <sys/wait.h>

static volatile sig_atomic_t signals;

static void on_signal(int sig) {
    (void)sig;
    signals++;
}

/*
 * Threads of the library block the signals that the application handles.
 * Ours only: the thread of librdkafka's embedded cluster takes them.
 */
static void signals_are_left_alone(void) {
    char path[300], line[256];
    struct dirent *entry;
    rd_kafka_t *rk = t_producer(t_mock_conf("2"));
    const unsigned long wanted = 1UL << (SIGUSR1 - 1) | 1UL << (SIGINT - 1) | 1UL << (SIGTERM - 1);
    int threads = 0;
    DIR *dir;
    t_sleep_ms(100);
    dir = opendir("/proc/self/task");
    CHECK(dir != NULL);
    while ((entry = readdir(dir))) {
        unsigned long blocked = 0;
        FILE *file;
        if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
            continue;
        snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
        if (!(file = fopen(path, "r")))
            continue;
        threads++;
        while (fgets(line, sizeof(line), file))
            if (sscanf(line, "SigBlk: %lx", &blocked) == 1 && (blocked & wanted) != wanted)
                FAIL("thread %s blocks %lx only", entry->d_name, blocked);
        fclose(file);
    }
    closedir(dir);
    CHECK(threads > 0);
    signal(SIGUSR1, on_signal);
    kill(getpid(), SIGUSR1);
    CHECK_INT(signals, 1);
    rd_kafka_destroy(rk);
}

/* Loaded, used, unloaded, again: as a program with modules does. */
static void loaded_at_run_time(void) {
    int round;
    for (round = 0; round < 3; round++) {
        void *library = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
        rd_kafka_t *(*new)(rd_kafka_type_t, rd_kafka_conf_t *, char *, size_t);
        void (*destroy)(rd_kafka_t *);
        rd_kafka_t *rk;
        if (!library)
            FAIL("%s", dlerror());
        *(void **)&new = dlsym(library, "rd_kafka_new");
        *(void **)&destroy = dlsym(library, "rd_kafka_destroy");
        CHECK(new && destroy);
        rk = new (RD_KAFKA_PRODUCER, NULL, NULL, 0);
        CHECK(rk != NULL);
        destroy(rk);
        CHECK_INT(dlclose(library), 0);
    }
}

/* A child that only exits, and one that makes a producer of its own, leave the parent's alone. */
static void forked_children(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1");
    rd_kafka_t *rk;
    int child, status, kind;
    rd_kafka_conf_set_dr_msg_cb(conf, t_on_report);
    rk = t_producer(conf);
    for (kind = 0; kind < 2; kind++) {
        t_book(1);
        CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("fork"), RD_KAFKA_V_VALUE("x", 1),
                                    RD_KAFKA_V_OPAQUE(T_OPAQUE(0)), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
        child = fork();
        if (!child) {
            alarm((unsigned)t_patience(20));
            if (kind == 1) {
                rd_kafka_t *own = t_producer(t_mock_conf("1"));
                rd_kafka_producev(own, RD_KAFKA_V_TOPIC("own"), RD_KAFKA_V_VALUE("y", 1),
                                  RD_KAFKA_V_END);
                _exit(rd_kafka_flush(own, t_patience(10) * 1000) ? 1 : 0);
            }
            _exit(0);
        }
        CHECK_INT(waitpid(child, &status, 0), child);
        CHECK_INT(status, 0);
        t_flush(rk);
        t_check_reports(RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    rd_kafka_destroy(rk);
}

int main(void) {
    t_start(__FILE__, 60);
    if (t_is_oxide())
        signals_are_left_alone();
    loaded_at_run_time();
    if (!getenv("CAPI_WRAPPER")) /* in a child valgrind takes the other threads' memory for lost */
        forked_children();
    return t_done();
}
