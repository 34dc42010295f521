/* Delivery reports: each message exactly one, and offsets without holes. One thread serves them. */
#ifndef BENCH_REPORTS_H
#define BENCH_REPORTS_H

#include <librdkafka/rdkafka.h>

#include "figures.h"

#define IDS_MAX (1ull << 32)
#define PARTITIONS_MAX 20000

typedef struct {
    int64_t min, max, next, cnt;
} offsets_t;

typedef struct {
    uint64_t delivered, failed, duplicates, unknown, out_of_order, bytes, id_cnt;
    uint64_t first_ns; /* of the first report at all */
    uint8_t *seen;     /* a bit per message id */
    offsets_t *offsets;
    rd_kafka_resp_err_t error; /* of the first failure */
    /* With a schedule: message id is due at start_ns + id * period_ns; latency from warm_id on. */
    double period_ns;
    uint64_t start_ns, warm_id;
    uint64_t last_ns, silence_ns; /* longest time between two reports */
    histogram_t latency_ns;
} reports_t;

static void init_reports(reports_t *r, uint64_t count) {
    memset(r, 0, sizeof(*r));
    r->id_cnt = count ? count + 1 : IDS_MAX;
    r->seen = calloc(r->id_cnt / 8 + 1, 1); /* pages that nobody touches cost nothing */
    r->offsets = calloc(PARTITIONS_MAX, sizeof(*r->offsets));
    if (!r->seen || !r->offsets)
        abort();
}

static inline uint64_t due_ns(const reports_t *r, uint64_t id) {
    return r->start_ns + (uint64_t)((double)(id - 1) * r->period_ns);
}

static inline void note_offset(reports_t *r, int32_t partition, int64_t offset) {
    offsets_t *o;
    if (partition < 0 || partition >= PARTITIONS_MAX) {
        r->unknown++;
        return;
    }
    if (offset < 0) /* acks=0 */
        return;
    o = &r->offsets[partition];
    if (!o->cnt++) {
        o->min = o->max = offset;
    } else {
        r->out_of_order += offset != o->next;
        if (offset < o->min)
            o->min = offset;
        if (offset > o->max)
            o->max = offset;
    }
    o->next = offset + 1;
}

/* What a change of leader looks like from here. */
static inline void note_silence(reports_t *r, uint64_t now) {
    if (r->last_ns && now - r->last_ns > r->silence_ns)
        r->silence_ns = now - r->last_ns;
    r->last_ns = now;
}

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    reports_t *r = opaque;
    uint64_t id = (uint64_t)(uintptr_t)message->_private;
    uint8_t bit = (uint8_t)(1u << (id & 7));
    (void)rk;
    if (id >= r->id_cnt) {
        r->unknown++;
        return;
    }
    r->duplicates += (r->seen[id / 8] & bit) != 0;
    r->seen[id / 8] |= bit;
    if (message->err) {
        if (!r->failed++)
            r->error = message->err;
        return;
    }
    r->delivered++;
    r->bytes += message->len + message->key_len;
    note_offset(r, message->partition, message->offset);
    if (!r->first_ns)
        r->first_ns = now_ns();
    if (r->period_ns > 0 && id >= r->warm_id) {
        uint64_t now = now_ns(), due = due_ns(r, id);
        record_value(&r->latency_ns, now > due ? now - due : 0);
        note_silence(r, now);
    }
}

/* Partitions whose offsets aren't one run without holes. */
static int holed_partitions(const reports_t *r) {
    int i, holed = 0;
    for (i = 0; i < PARTITIONS_MAX; i++) {
        const offsets_t *o = &r->offsets[i];
        holed += o->cnt && o->max - o->min + 1 != o->cnt;
    }
    return holed;
}

static uint64_t missing_reports(const reports_t *r, uint64_t produced) {
    uint64_t reported = r->delivered + r->failed - r->duplicates;
    return produced > reported ? produced - reported : 0;
}

#endif
