/* Clocks, histograms and what the operating system counts of this process. */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline uint64_t now_ns(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Log-linear: each power of two has SUB buckets, so a value is known to better than 1 %. */
#define SUB_BITS 7
#define SUB (1u << SUB_BITS)

typedef struct {
    uint64_t count, max;
    double sum;
    uint64_t buckets[(64 - SUB_BITS + 1) * SUB];
} histogram_t;

static void record_value(histogram_t *h, uint64_t value) {
    int shift = value < SUB ? 0 : 63 - __builtin_clzll(value) - SUB_BITS + 1;
    h->buckets[(size_t)shift * SUB + (value >> shift)]++;
    h->count++;
    h->sum += (double)value;
    if (value > h->max)
        h->max = value;
}

static void merge_histogram(histogram_t *into, const histogram_t *from) {
    size_t i;
    for (i = 0; i < sizeof(into->buckets) / sizeof(*into->buckets); i++)
        into->buckets[i] += from->buckets[i];
    into->count += from->count;
    into->sum += from->sum;
    if (from->max > into->max)
        into->max = from->max;
}

/* The middle of the bucket that holds the quantile; 0 of an empty histogram. */
static double quantile(const histogram_t *h, double q) {
    uint64_t wanted = (uint64_t)(q * (double)h->count), seen = 0;
    size_t i;
    if (wanted >= h->count)
        wanted = h->count ? h->count - 1 : 0;
    for (i = 0; i < sizeof(h->buckets) / sizeof(*h->buckets); i++) {
        seen += h->buckets[i];
        if (seen > wanted) {
            uint64_t low = (i % SUB) << (i / SUB);
            return (double)low + (double)((1ull << (i / SUB)) - 1) / 2;
        }
    }
    return 0;
}

/* Cheapest time of two clock reads in a row: what timing a call adds to it. */
static uint64_t clock_cost_ns(void) {
    uint64_t best = UINT64_MAX;
    int i;
    for (i = 0; i < 2000; i++) {
        uint64_t start = now_ns(), took = now_ns() - start;
        if (took < best)
            best = took;
    }
    return best;
}

typedef struct {
    uint64_t at_ns, allocations;
    double cpu_us, user_us, sys_us; /* the split is only as fine as the kernel's ticks */
    double library_us;              /* of the library's own threads, by their names */
    long voluntary, involuntary;
} usage_t;

/* Defined by allocations.c when that is preloaded. */
extern uint64_t bench_allocations(void) __attribute__((weak));

/* CPU time of the threads that are called rdk:..., whichever library made them. */
static double library_cpu_us(void) {
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    double sum_us = 0;
    while (tasks && (task = readdir(tasks))) {
        char path[512], name[32] = "";
        unsigned long long ran_ns = 0;
        FILE *f;
        snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
        if ((f = fopen(path, "r"))) {
            if (!fgets(name, sizeof(name), f))
                *name = 0;
            fclose(f);
        }
        snprintf(path, sizeof(path), "/proc/self/task/%s/schedstat", task->d_name);
        if (!strncmp(name, "rdk:", 4) && (f = fopen(path, "r"))) {
            if (fscanf(f, "%llu", &ran_ns) == 1)
                sum_us += (double)ran_ns / 1e3;
            fclose(f);
        }
    }
    if (tasks)
        closedir(tasks);
    return sum_us;
}

static usage_t usage_now(void) {
    struct timespec cpu;
    struct rusage r;
    usage_t u;
    getrusage(RUSAGE_SELF, &r);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    u.at_ns = now_ns();
    u.library_us = library_cpu_us();
    u.cpu_us = (double)cpu.tv_sec * 1e6 + (double)cpu.tv_nsec / 1e3;
    u.allocations = bench_allocations ? bench_allocations() : 0;
    u.user_us = (double)r.ru_utime.tv_sec * 1e6 + (double)r.ru_utime.tv_usec;
    u.sys_us = (double)r.ru_stime.tv_sec * 1e6 + (double)r.ru_stime.tv_usec;
    u.voluntary = r.ru_nvcsw;
    u.involuntary = r.ru_nivcsw;
    return u;
}

/* A line of /proc/self/status: "Threads", "VmHWM" (KiB), "VmRSS" (KiB). */
static long process_status(const char *name) {
    char line[256];
    long value = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof(line), f))
        if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
            value = atol(line + strlen(name) + 1);
    if (f)
        fclose(f);
    return value;
}

#endif
