/* What the producer tests against real Kafka share: checks, configuration from the environment, which library is loaded.
 * Public librdkafka API only, so the same program runs on librdkafka and on librdkafka-oxide. */
#ifndef KAFKA_TEST_COMMON_H
#define KAFKA_TEST_COMMON_H

#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int failures;

/** Prints one PASS or FAIL line; the program's exit code is non-zero once anything failed. */
__attribute__((format(printf, 2, 3), unused)) static void check(int ok, const char *format, ...) {
        va_list arguments;
        printf(ok ? "PASS " : "FAIL ");
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
        fflush(stdout);
        failures += !ok;
}

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...) {
        va_list arguments;
        printf("FAIL ");
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
        fflush(stdout);
        exit(2);
}

__attribute__((unused)) static double now_s(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec + t.tv_nsec / 1e9;
}

__attribute__((unused)) static long max_rss_kib(void) {
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
}

/** Names the loaded library and fails unless it is the one that EXPECT_LIBRARY (a resolved path) names. */
static void check_library(void) {
        const char *wanted = getenv("EXPECT_LIBRARY");
        char line[4352], mapped[4352] = "";
        int others             = 0;
        FILE *maps             = fopen("/proc/self/maps", "r");
        while (maps && fgets(line, sizeof(line), maps)) {
                char *path = strchr(line, '/');
                if (!path || !strstr(path, "librdkafka"))
                        continue;
                path[strcspn(path, "\n")] = '\0';
                if (*mapped && strcmp(mapped, path))
                        others++;
                snprintf(mapped, sizeof(mapped), "%s", path);
        }
        if (maps)
                fclose(maps);
        printf("library %s version %s\n", mapped, rd_kafka_version_str());
        if (others || (wanted && strcmp(wanted, mapped)))
                die("mapped library is %s (%d others), wanted %s", mapped, others, wanted ? wanted : "one");
}

__attribute__((unused)) static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
        char errstr[512];
        if (rd_kafka_conf_set(conf, name, value, errstr, sizeof(errstr)) != RD_KAFKA_CONF_OK)
                die("conf %s=%s: %s", name, value, errstr);
}

/** Sets "name=value". */
__attribute__((unused)) static void set_pair(rd_kafka_conf_t *conf, const char *pair) {
        char name[256];
        const char *equals = strchr(pair, '=');
        if (!equals || (size_t)(equals - pair) >= sizeof(name))
                die("not name=value: %s", pair);
        memcpy(name, pair, equals - pair);
        name[equals - pair] = '\0';
        set(conf, name, equals + 1);
}

enum { WATCHDOG_S = 300 };

/** A configuration with bootstrap servers from BOOTSTRAP and quiet logs (LOG_LEVEL to change). */
static rd_kafka_conf_t *new_conf(void) {
        const char *bootstrap = getenv("BOOTSTRAP");
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        check_library();
        alarm(getenv("WATCHDOG_S") ? atoi(getenv("WATCHDOG_S")) : WATCHDOG_S); /* a hang ends the program */
        prctl(PR_SET_PDEATHSIG, SIGKILL);                                      /* and so does the end of the script that started it */
        if (!bootstrap)
                die("BOOTSTRAP is not set");
        set(conf, "bootstrap.servers", bootstrap);
        set(conf, "log_level", getenv("LOG_LEVEL") ? getenv("LOG_LEVEL") : "2");
        return conf;
}

__attribute__((unused)) static rd_kafka_t *new_producer(rd_kafka_conf_t *conf) {
        char errstr[512];
        rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
        if (!rk)
                die("rd_kafka_new: %s", errstr);
        return rk;
}

#endif
