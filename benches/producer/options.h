/* What one run does, from the command line. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROPERTIES_MAX 64

typedef enum { TARGET_ONE, TARGET_ROUND, TARGET_KEYLESS, TARGET_KEYS } target_t;
typedef enum { MODE_PRODUCE, MODE_IDLE, MODE_HELD } bench_mode_t;

typedef struct {
    const char *brokers, *topic, *expect, *payload, *corpus_file;
    uint64_t count; /* of all threads; 0: until the time is up */
    double seconds; /* 0: until the count is reached */
    double rate;    /* messages/s of all threads, 0: as fast as the library takes them */
    double patience_s;
    size_t size_bytes;
    int partitions, keys, threads, poll_every, sample_every;
    int poller, producev;
    target_t target;
    bench_mode_t mode;
    int property_cnt;
    char *properties[PROPERTIES_MAX]; /* name=value */
} options_t;

static const char USAGE[] =
    "usage: producer [options]\n"
    "  -b, --brokers LIST      bootstrap servers (default: what -X says)\n"
    "  -t, --topic NAME        (default bench)\n"
    "  -n, --count N           messages of all threads together\n"
    "  -d, --seconds S         instead of a count: produce for so long\n"
    "  -s, --size BYTES        of each value (default 100); 0: the payload's natural length\n"
    "  -P, --partitions N      that the topic has (default 1)\n"
    "      --target one|round|keyless|keys   partition 0, round robin by number, none and no key, random keys\n"
    "      --keys N            how many different keys (default 100000)\n"
    "      --threads N         that produce; with more than 1 another one polls\n"
    "      --poller            poll in a thread of its own also with one producing thread\n"
    "      --poll-every N      with one thread: poll(0) after N messages (default 1000)\n"
    "      --payload filler|log|json\n"
    "  -z, --codec NAME        -l, --linger MS        -X, --property NAME=VALUE\n"
    "  -r, --rate N            messages/s on a fixed schedule; latency counts from the scheduled time\n"
    "      --producev          rd_kafka_producev instead of rd_kafka_produce\n"
    "      --sample-every N    time every N-th produce() (default 64), 0: none\n"
    "      --idle              deliver one message, then nothing for --seconds; count context switches\n"
    "      --held              memory held by --count messages that cannot be sent (brokers down)\n"
    "      --write-corpus FILE write the values, for programs in other languages, and end\n"
    "      --expect TEXT       that rd_kafka_version_str() must contain\n"
    "      --patience S        give up when reports stay out for so long (default 60)\n";

static void usage(const char *reason) {
    fprintf(stderr, "producer: %s\n%s", reason, USAGE);
    exit(2);
}

static void add_property(options_t *o, const char *name, const char *value) {
    char *property = malloc(strlen(name) + strlen(value) + 2);
    if (o->property_cnt == PROPERTIES_MAX || !property)
        usage("too many properties");
    sprintf(property, "%s%s%s", name, *name ? "=" : "", value);
    if (!strchr(property, '='))
        usage("-X wants NAME=VALUE");
    o->properties[o->property_cnt++] = property;
}

static target_t parse_target(const char *name) {
    static const char *const names[] = {"one", "round", "keyless", "keys"};
    int i;
    for (i = 0; i < 4; i++)
        if (!strcmp(name, names[i]))
            return (target_t)i;
    usage("unknown --target");
    return TARGET_ONE;
}

enum {
    OPT_TARGET = 256, OPT_KEYS, OPT_THREADS, OPT_POLLER, OPT_POLL_EVERY, OPT_PAYLOAD, OPT_PRODUCEV,
    OPT_SAMPLE, OPT_WRITE_CORPUS, OPT_IDLE, OPT_HELD, OPT_EXPECT, OPT_PATIENCE
};

static const struct option LONG_OPTIONS[] = {
    {"brokers", 1, 0, 'b'}, {"topic", 1, 0, 't'}, {"count", 1, 0, 'n'}, {"seconds", 1, 0, 'd'},
    {"size", 1, 0, 's'}, {"partitions", 1, 0, 'P'}, {"codec", 1, 0, 'z'}, {"linger", 1, 0, 'l'},
    {"property", 1, 0, 'X'}, {"rate", 1, 0, 'r'},
    {"target", 1, 0, OPT_TARGET}, {"keys", 1, 0, OPT_KEYS}, {"threads", 1, 0, OPT_THREADS},
    {"poller", 0, 0, OPT_POLLER}, {"poll-every", 1, 0, OPT_POLL_EVERY},
    {"payload", 1, 0, OPT_PAYLOAD}, {"producev", 0, 0, OPT_PRODUCEV},
    {"sample-every", 1, 0, OPT_SAMPLE}, {"write-corpus", 1, 0, OPT_WRITE_CORPUS}, {"idle", 0, 0, OPT_IDLE}, {"held", 0, 0, OPT_HELD},
    {"expect", 1, 0, OPT_EXPECT}, {"patience", 1, 0, OPT_PATIENCE}, {0, 0, 0, 0},
};

static void apply_option(options_t *o, int option, const char *value) {
    switch (option) {
    case 'b': o->brokers = value; break;
    case 't': o->topic = value; break;
    case 'n': o->count = strtoull(value, NULL, 10); break;
    case 'd': o->seconds = atof(value); break;
    case 's': o->size_bytes = strtoull(value, NULL, 10); break;
    case 'P': o->partitions = atoi(value); break;
    case 'z': add_property(o, "compression.codec", value); break;
    case 'l': add_property(o, "linger.ms", value); break;
    case 'X': add_property(o, "", value); break;
    case 'r': o->rate = atof(value); break;
    case OPT_TARGET: o->target = parse_target(value); break;
    case OPT_KEYS: o->keys = atoi(value); break;
    case OPT_THREADS: o->threads = atoi(value); break;
    case OPT_POLLER: o->poller = 1; break;
    case OPT_POLL_EVERY: o->poll_every = atoi(value); break;
    case OPT_PAYLOAD: o->payload = value; break;
    case OPT_PRODUCEV: o->producev = 1; break;
    case OPT_SAMPLE: o->sample_every = atoi(value); break;
    case OPT_WRITE_CORPUS: o->corpus_file = value; break;
    case OPT_IDLE: o->mode = MODE_IDLE; break;
    case OPT_HELD: o->mode = MODE_HELD; break;
    case OPT_EXPECT: o->expect = value; break;
    case OPT_PATIENCE: o->patience_s = atof(value); break;
    default: usage("unknown option");
    }
}

static options_t parse_options(int argc, char **argv) {
    options_t o;
    int option;
    memset(&o, 0, sizeof(o));
    o.topic = "bench", o.payload = "filler", o.size_bytes = 100, o.partitions = 1, o.keys = 100000;
    o.threads = 1, o.poll_every = 1000, o.sample_every = 64, o.patience_s = 60;
    while ((option = getopt_long(argc, argv, "b:t:n:d:s:P:z:l:X:r:", LONG_OPTIONS, NULL)) != -1)
        apply_option(&o, option, optarg);
    if (optind != argc)
        usage("argument too many");
    if (o.threads < 1 || o.partitions < 1 || o.keys < 1 || o.poll_every < 1 || o.sample_every < 0)
        usage("a number is out of range");
    if (o.size_bytes > 16 * 1024 * 1024)
        usage("--size is over 16 MiB");
    if (!o.count && o.seconds <= 0 && !o.corpus_file)
        usage("one of --count and --seconds is needed");
    if (o.rate > 0 && !o.count)
        o.count = (uint64_t)(o.rate * o.seconds);
    if (o.threads > 1 || o.rate > 0)
        o.poller = 1; /* so that reports are served, and timed, by one thread only */
    return o;
}

#endif
