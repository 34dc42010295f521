/* roundtrip TOPIC PARTITIONS FILE [name=value ...]
 * Produces records of every shape (null, empty and binary keys and values, headers, timestamps, sizes up to 1 MB) to every
 * partition and writes to FILE, from the delivery reports, the lines that ReadBack's `dump` must print for the topic. */
#include "common.h"

enum { SHAPES = 14, MILLION = 1000000 - 600 };

typedef struct {
        int partition, shape, reports;
        int64_t timestamp_ms; /* 0: the library's clock */
        void *key, *value;
        size_t key_size, value_size;
} message_t;

static message_t *messages;
static FILE *expected;
static int64_t start_ms, good_reports, wrong_reports;

static unsigned crc32_of(const unsigned char *data, size_t size) {
        unsigned crc = ~0u;
        for (size_t i = 0; i < size; i++) {
                crc ^= data[i];
                for (int bit = 0; bit < 8; bit++)
                        crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
        }
        return ~crc;
}

static void print_bytes(const void *data, size_t size) {
        const unsigned char *bytes = data;
        if (!data) {
                fputs("null", expected);
        } else if (size > 256) {
                fprintf(expected, "crc:%zu:%08x", size, crc32_of(bytes, size));
        } else {
                putc('x', expected);
                for (size_t i = 0; i < size; i++)
                        fprintf(expected, "%02x", bytes[i]);
        }
}

/** Headers of a shape: none for even ones; odd ones carry a text, an empty, a null value and the same name twice. */
static rd_kafka_headers_t *headers_of(const message_t *m) {
        rd_kafka_headers_t *headers;
        if (m->shape % 2 == 0)
                return NULL;
        headers = rd_kafka_headers_new(4);
        rd_kafka_header_add(headers, "name", -1, "value\0binary", 12);
        rd_kafka_header_add(headers, "empty", -1, "", 0);
        rd_kafka_header_add(headers, "null", -1, NULL, 0);
        rd_kafka_header_add(headers, "name", 4, "again", -1);
        return headers;
}

static void print_headers(const message_t *m) {
        if (m->shape % 2)
                fputs(" x6e616d65=x76616c75650062696e617279 x656d707479=x x6e756c6c=null x6e616d65=x616761696e", expected);
}

static void *bytes_of(size_t size, unsigned seed, int random) {
        unsigned char *data = malloc(size + 1);
        for (size_t i = 0; i < size; i++) {
                seed    = seed * 1664525 + 1013904223;
                data[i] = random ? seed >> 24 : (unsigned char)"the quick brown fox "[i % 20];
        }
        return data;
}

/** Fills in what the shape says: see the table of (key size, value size); -1 is null. */
static void shape_message(message_t *m, int partition, int shape) {
        static const struct { int key, value, random; } table[SHAPES] = {
            {-1, -1, 0}, {-1, 0, 0}, {0, -1, 0},  {0, 0, 0},      {5, 10, 1},       {10, -1, 0},       {-1, 100, 0},
            {20, 256, 1}, {3, 1000, 0}, {8, 5000, 1}, {300, 20000, 0}, {8, 100000, 1}, {8, MILLION, 0}, {8, MILLION, 1}};
        memset(m, 0, sizeof(*m));
        m->partition = partition;
        m->shape     = shape;
        if (table[shape].key >= 0)
                m->key = bytes_of(m->key_size = table[shape].key, partition * 100 + shape, 1);
        if (table[shape].value >= 0)
                m->value = bytes_of(m->value_size = table[shape].value, partition * 77 + shape, table[shape].random);
        if (shape % 3 == 1)
                m->timestamp_ms = 1500000000000 + shape * 1000 + partition;
}

static void report(rd_kafka_t *rk, const rd_kafka_message_t *rkm, void *opaque) {
        message_t *m = rkm->_private;
        rd_kafka_timestamp_type_t type;
        int64_t timestamp_ms = rd_kafka_message_timestamp(rkm, &type);
        int ok = !rkm->err && rkm->partition == m->partition && rkm->offset >= 0 && m->reports++ == 0 &&
                 type == RD_KAFKA_TIMESTAMP_CREATE_TIME && rd_kafka_message_status(rkm) == RD_KAFKA_MSG_STATUS_PERSISTED &&
                 rkm->len == m->value_size && rkm->key_len == m->key_size && !!rkm->payload == !!m->value &&
                 (!m->value || !memcmp(rkm->payload, m->value, m->value_size)) &&
                 (!m->key || (rkm->key && !memcmp(rkm->key, m->key, m->key_size))) && rd_kafka_message_latency(rkm) > 0 &&
                 rd_kafka_message_broker_id(rkm) > 0;
        (void)rk, (void)opaque;
        if (m->timestamp_ms ? timestamp_ms != m->timestamp_ms : llabs(timestamp_ms - start_ms) > 120000)
                ok = 0;
        if (!ok) {
                wrong_reports++;
                printf("wrong report: shape %d partition %d/%d err %s offset %lld len %zu key_len %zu timestamp %lld\n",
                       m->shape, m->partition, rkm->partition, rd_kafka_err2name(rkm->err), (long long)rkm->offset, rkm->len,
                       rkm->key_len, (long long)timestamp_ms);
                return;
        }
        good_reports++;
        fprintf(expected, "%d %lld %lld CreateTime ", rkm->partition, (long long)rkm->offset, (long long)timestamp_ms);
        print_bytes(m->key, m->key_size);
        putc(' ', expected);
        print_bytes(m->value, m->value_size);
        print_headers(m);
        putc('\n', expected);
}

static void produce(rd_kafka_t *rk, const char *topic, message_t *m) {
        rd_kafka_headers_t *headers = headers_of(m);
        rd_kafka_resp_err_t err;
        while (1) {
                if (headers)
                        err = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(m->partition),
                                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(m->key, m->key_size),
                                                RD_KAFKA_V_VALUE(m->value, m->value_size),
                                                RD_KAFKA_V_TIMESTAMP(m->timestamp_ms), RD_KAFKA_V_HEADERS(headers),
                                                RD_KAFKA_V_OPAQUE(m), RD_KAFKA_V_END);
                else
                        err = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(m->partition),
                                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(m->key, m->key_size),
                                                RD_KAFKA_V_VALUE(m->value, m->value_size),
                                                RD_KAFKA_V_TIMESTAMP(m->timestamp_ms), RD_KAFKA_V_OPAQUE(m),
                                                RD_KAFKA_V_END);
                if (err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                        break;
                rd_kafka_poll(rk, 100);
        }
        if (err)
                die("producev shape %d: %s", m->shape, rd_kafka_err2str(err));
}

int main(int argc, char **argv) {
        rd_kafka_conf_t *conf;
        rd_kafka_t *rk;
        int partitions, total, i;
        if (argc < 4)
                die("usage: roundtrip TOPIC PARTITIONS FILE [name=value ...]");
        partitions = atoi(argv[2]);
        total      = partitions * SHAPES;
        expected   = fopen(argv[3], "w");
        start_ms   = (int64_t)time(NULL) * 1000;
        conf       = new_conf();
        set(conf, "linger.ms", "20");
        for (i = 4; i < argc; i++)
                set_pair(conf, argv[i]);
        rd_kafka_conf_set_dr_msg_cb(conf, report);
        rk       = new_producer(conf);
        messages = calloc(total, sizeof(*messages));
        for (i = 0; i < total; i++) {
                shape_message(&messages[i], i % partitions, i / partitions);
                produce(rk, argv[1], &messages[i]);
                rd_kafka_poll(rk, 0);
        }
        check(rd_kafka_flush(rk, 60000) == RD_KAFKA_RESP_ERR_NO_ERROR, "flush");
        check(good_reports == total && !wrong_reports, "%lld of %d delivery reports are right", (long long)good_reports, total);
        check(rd_kafka_outq_len(rk) == 0, "outq_len is 0");
        rd_kafka_destroy(rk);
        fclose(expected);
        return failures != 0;
}
