/*
 * Prints what a library says about its properties, for tests/data/properties.txt: each property's
 * listed columns (not its description), what it stands for, its default, and what becomes of a row
 * of texts given to it. The runner compares ours with the lines that librdkafka 2.16 printed.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

enum { GLOBAL, TOPIC };

static const char *scopes[] = {"global", "topic"};

static const char *hidden[] = {"client.software.name", "client.software.version",
                               "metadata.request.timeout.ms", "enable.sparse.connections",
                               "enable_sasl_queue", "test.mock.num.brokers", "test.mock.broker.rtt",
                               "ssl.truststore.location", "sasl.jaas.config",
                               "ssl_engine_callback_data"};

static const char *texts[] = {NULL, "", " ", "x", "true", "TRUE", "T", "1", "false", "0", "f", "yes",
                              "on", "-1", " 7", "0x10", "010", "12abc", "2147483647", "2147483648",
                              "-2147483648", "1e3", "none", "all", "a,b", "a b", "+x", "-x", ","};

typedef struct {
    void *conf;
    int scope;
} object_t;

static object_t make(int scope) {
    object_t object = {scope == GLOBAL ? (void *)rd_kafka_conf_new() : (void *)rd_kafka_topic_conf_new(), scope};
    return object;
}

static void destroy(object_t object) {
    if (object.scope == GLOBAL)
        rd_kafka_conf_destroy(object.conf);
    else
        rd_kafka_topic_conf_destroy(object.conf);
}

static int set(object_t object, const char *name, const char *value, char *errstr, size_t size) {
    *errstr = '\0';
    return object.scope == GLOBAL ? rd_kafka_conf_set(object.conf, name, value, errstr, size)
                                  : rd_kafka_topic_conf_set(object.conf, name, value, errstr, size);
}

static const char **dump(object_t object, size_t *cnt) {
    return object.scope == GLOBAL ? rd_kafka_conf_dump(object.conf, cnt)
                                  : rd_kafka_topic_conf_dump(object.conf, cnt);
}

/* A text on one line. Pointers differ from run to run. */
static void put(const char *text) {
    if (!strncmp(text, "0x", 2) && strlen(text) > 6)
        text = "(pointer)";
    for (; *text; text++)
        *text == '\n' ? fputs("\\n", stdout) : *text == '\t' ? fputs("\\t", stdout) : putchar(*text);
}

/* An error's text, with the property's own name left out: many say the same. */
static void put_error(const char *errstr, const char *name, const char *target) {
    char *text = strdup(errstr);
    const char *names[] = {name, target};
    size_t i;
    for (i = 0; i < 2; i++) {
        char quoted[256], *at;
        snprintf(quoted, sizeof(quoted), "\"%s\"", names[i]);
        if (*names[i] && (at = strstr(text, quoted))) {
            memmove(at + 2, at + strlen(quoted), strlen(at + strlen(quoted)) + 1);
            memcpy(at, i ? "%t" : "%s", 2);
        }
    }
    put(text);
    free(text);
}

/* The property that an object has under this name: itself, or what the name is an alias for. */
static void target_of(int scope, const char *name, char *target, size_t size) {
    static const char marker[] = "a\x01marker";
    object_t object = make(scope);
    char errstr[1024];
    const char **all;
    size_t cnt, i;
    *target = '\0';
    if (set(object, name, marker, errstr, sizeof(errstr)) == RD_KAFKA_CONF_OK) {
        all = dump(object, &cnt);
        for (i = 0; i < cnt; i += 2)
            if (!strcmp(all[i + 1], marker))
                snprintf(target, size, "%s", all[i]);
        rd_kafka_conf_dump_free(all, cnt);
    } else {
        const char *from = strstr(errstr, "property \""), *to;
        if (!from)
            from = strstr(errstr, "value for \"");
        if (from && (from = strchr(from, '"') + 1) && (to = strchr(from, '"')))
            snprintf(target, size, "%.*s", (int)(to - from), from);
    }
    destroy(object);
}

static void show_value(object_t object, const char *name) {
    char value[1024];
    size_t size = sizeof(value);
    int result = object.scope == GLOBAL ? rd_kafka_conf_get(object.conf, name, value, &size)
                                        : rd_kafka_topic_conf_get(object.conf, name, value, &size);
    if (result == RD_KAFKA_CONF_OK)
        put(value);
    else
        printf("(unset)");
}

/* What each text gives: value read back, or the error. */
static void try_texts(int scope, const char *name, const char *target) {
    size_t i;
    for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        object_t object = make(scope);
        char errstr[1024];
        int result = set(object, name, texts[i], errstr, sizeof(errstr));
        printf("%s\t%s\ttext <%s>\t%d ", scopes[scope], name, texts[i] ? texts[i] : "NULL", result);
        if (result == RD_KAFKA_CONF_OK)
            show_value(object, name);
        else
            put_error(errstr, name, target);
        putchar('\n');
        destroy(object);
    }
}

/* Each word of the listed range. */
static void try_words(int scope, const char *name, const char *range) {
    char *words = strdup(range), *save = NULL, *word;
    for (word = strtok_r(words, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
        object_t object = make(scope);
        char errstr[1024];
        int result = set(object, name, word, errstr, sizeof(errstr));
        printf("%s\t%s\tword %s\t%d ", scopes[scope], name, word, result);
        if (result == RD_KAFKA_CONF_OK)
            show_value(object, name);
        else
            put(errstr);
        putchar('\n');
        destroy(object);
    }
    free(words);
}

static void about(int scope, const char *name, const char *range) {
    char target[256];
    object_t object = make(scope);
    target_of(scope, name, target, sizeof(target));
    printf("%s\t%s\tstands for\t%s\n%s\t%s\tdefault\t", scopes[scope], name, target, scopes[scope], name);
    show_value(object, name);
    putchar('\n');
    destroy(object);
    try_texts(scope, name, strcmp(target, name) ? target : "");
    if (!strstr(range, " .. "))
        try_words(scope, name, range);
}

static char *trim(char *text) {
    char *end = text + strlen(text);
    while (*text == ' ')
        text++;
    while (end > text && end[-1] == ' ')
        *--end = '\0';
    return text;
}

/* One line of the listing: columns separated by " | ", the type at the end of the description. */
static void listed(int scope, char *line) {
    char *column[6], *type = strstr(line, "<br>*Type: ");
    int i;
    for (i = 0; i < 5; i++) {
        char *end = strstr(line, " | ");
        if (!end)
            return;
        *end = '\0';
        column[i] = trim(line);
        line = end + 3;
    }
    column[5] = line;
    if (!type || !strcmp(column[0], "Property"))
        return;
    type += strlen("<br>*Type: ");
    type[strcspn(type, "*")] = '\0';
    printf("%s\t%s\tlisted\t%s\t%s\t%s\t%s\t%s\t%s%s\n", scopes[scope], column[0], column[1],
           column[2], column[3], column[4], type,
           strstr(column[5], "**DEPRECATED**") ? "deprecated " : "",
           strstr(column[5], "**EXPERIMENTAL**") ? "experimental" : "");
    about(scope, column[0], column[2]);
}

static void order_of_dump(int scope) {
    object_t object = make(scope);
    size_t cnt, i;
    const char **all = dump(object, &cnt);
    for (i = 0; i < cnt; i += 2) {
        printf("%s\t%s\tdumped\t", scopes[scope], all[i]);
        put(all[i + 1]);
        putchar('\n');
    }
    rd_kafka_conf_dump_free(all, cnt);
    destroy(object);
}

int main(void) {
    char *text = NULL, *line, *save = NULL;
    size_t size = 0, i;
    int scope = GLOBAL;
    FILE *file = open_memstream(&text, &size);
    rd_kafka_conf_properties_show(file);
    fclose(file);
    for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (strstr(line, "Topic configuration properties"))
            scope = TOPIC;
        else
            listed(scope, line);
    }
    for (i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
        about(GLOBAL, hidden[i], "");
    order_of_dump(GLOBAL);
    order_of_dump(TOPIC);
    free(text);
    return 0;
}
