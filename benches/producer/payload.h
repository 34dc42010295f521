/* Values and keys, made before the clock starts and the same in every run. */
#ifndef BENCH_PAYLOAD_H
#define BENCH_PAYLOAD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    size_t cnt;      /* a power of two */
    uint32_t *at;    /* cnt + 1 offsets into bytes */
    char *bytes;
} corpus_t;

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t random_u64(void) {
    uint64_t x = random_state;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return random_state = x;
}

static unsigned below(unsigned n) { return (unsigned)((random_u64() >> 32) % n); }

#define PICK(list) list[below(sizeof(list) / sizeof(*list))]

static const char *const SERVICES[] = {"checkout", "billing", "search", "orders", "inventory", "auth", "gateway", "mailer"};
static const char *const USERS[] = {"anna", "jonas", "deniz", "grace", "farid", "mei", "pavel", "zoe", "ravi", "lucia"};
static const char *const PATHS[] = {"/api/v1/orders", "/api/v1/cart", "/api/v2/items", "/login", "/search",
                                    "/static/app.js", "/api/v1/payments", "/healthz"};
static const char *const AGENTS[] = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "curl/8.5.0", "okhttp/4.12.0", "Go-http-client/2.0", "python-requests/2.32.3"};
static const char *const TEXTS[] = {"request done", "user signed in", "cache miss, reading from the store",
                                    "payment accepted", "retrying after a timeout", "item is out of stock",
                                    "session expired", "connection to replica lost"};
static const char *const LEVELS[] = {"info", "info", "info", "debug", "debug", "warn", "error"};
static const int STATUSES[] = {200, 200, 200, 200, 201, 204, 302, 401, 404, 500};

/* The lines of one file are milliseconds apart, as in a real one. */
static unsigned clock_ms;

static int stamp(char *to, size_t room, const char *format) {
    unsigned t = clock_ms += below(40);
    return snprintf(to, room, format, 8 + t / 3600000 % 16, t / 60000 % 60, t / 1000 % 60, t % 1000);
}

static int log_line(char *to, size_t room) {
    char when[64];
    stamp(when, sizeof(when), "11/Jun/2024:%02u:%02u:%02u.%03u");
    return snprintf(to, room, "10.%u.%u.%u - %s [%s +0000] \"%s %s/%u HTTP/1.1\" %d %u \"-\" \"%s\" %u.%03u %08llx\n",
                    below(4), below(256), below(256), below(3) ? "-" : PICK(USERS), when,
                    below(4) ? "GET" : "POST", PICK(PATHS), below(100000), PICK(STATUSES), below(50000),
                    PICK(AGENTS), below(3), below(1000), (unsigned long long)(random_u64() >> 32));
}

static int json_line(char *to, size_t room) {
    char when[64];
    stamp(when, sizeof(when), "2024-06-11T%02u:%02u:%02u.%03uZ");
    return snprintf(to, room,
                    "{\"ts\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"trace\":\"%016llx\",\"msg\":\"%s\","
                    "\"user\":\"%s\",\"took_ms\":%u.%02u,\"amount_eur\":%u.%02u,\"items\":%u}\n",
                    when, PICK(LEVELS), PICK(SERVICES), (unsigned long long)random_u64(), PICK(TEXTS),
                    PICK(USERS), below(200), below(100), below(900), below(100), 1 + below(9));
}

/* Letters and digits: what nobody compresses much, for cases without a codec. */
static int filler_line(char *to, size_t room) {
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-";
    size_t i, len = room < 100 ? room : 100;
    for (i = 0; i < len; i++)
        to[i] = alphabet[random_u64() >> 58];
    return (int)len;
}

/*
 * A size cuts and joins lines to values of just that many bytes. The whole is larger than any codec's
 * window where the values are compressible, and small enough for a cache where they are filler.
 */
static corpus_t make_corpus(const char *kind, size_t size_bytes) {
    int filler = !strcmp(kind, "filler"), json = !strcmp(kind, "json");
    size_t total = filler ? 256 * 1024 : 4 * 1024 * 1024, value = size_bytes ? size_bytes : 256, len = 0, i;
    corpus_t c;
    char line[1024];
    for (c.cnt = 16; c.cnt < 65536 && c.cnt * value < total; c.cnt *= 2)
        ;
    c.at = malloc((c.cnt + 1) * sizeof(*c.at));
    c.bytes = malloc(c.cnt * (size_bytes ? size_bytes : sizeof(line)) + sizeof(line));
    if (!c.at || !c.bytes)
        abort();
    for (i = 0; i < c.cnt; i++) {
        size_t end = size_bytes ? (i + 1) * size_bytes : len + 1;
        c.at[i] = size_bytes ? (uint32_t)(i * size_bytes) : (uint32_t)len;
        while (len < end) {
            int got = filler ? filler_line(line, sizeof(line))
                      : json ? json_line(line, sizeof(line))
                             : log_line(line, sizeof(line));
            memcpy(c.bytes + len, line, (size_t)got);
            len += (size_t)got;
        }
    }
    c.at[c.cnt] = size_bytes ? (uint32_t)(c.cnt * size_bytes) : (uint32_t)len;
    return c;
}

/* In this machine's byte order: how many (u32), their offsets and the end (u32 each), the bytes. */
static int write_corpus(const corpus_t *c, const char *path) {
    uint32_t cnt = (uint32_t)c->cnt;
    FILE *f = fopen(path, "wb");
    if (!f)
        return -1;
    fwrite(&cnt, sizeof(cnt), 1, f);
    fwrite(c->at, sizeof(*c->at), c->cnt + 1, f);
    fwrite(c->bytes, 1, c->at[c->cnt], f);
    return ferror(f) | fclose(f);
}

/* Fixed-length keys, so that a key costs one multiplication to find. */
#define KEY_LEN 12

static char *make_keys(int cnt) {
    char *keys = malloc((size_t)cnt * KEY_LEN + 1);
    int i;
    if (!keys)
        abort();
    for (i = 0; i < cnt; i++)
        snprintf(keys + (size_t)i * KEY_LEN, KEY_LEN + 1, "user-%07u", (unsigned)i % 10000000u);
    return keys;
}

#endif
