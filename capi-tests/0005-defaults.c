/* All properties with their defaults, and all error codes, of API level 2.16.0. */
#include "test.h"

enum { GLOBAL, TOPIC };

static const struct {
    int scope;
    const char *name, *value;
} defaults[] = {
#define DEFAULT(scope, since, name, value) {scope, name, value},
#include "defaults.h"
};
#define DEFAULTS (sizeof(defaults) / sizeof(*defaults))

static const struct {
    int code;
    const char *name, *text;
} errors[] = {
#define ERROR(since, code, name, text) {code, name, text},
#include "errors.h"
};
#define ERRORS (sizeof(errors) / sizeof(*errors))

static int check_defaults(int scope, const char **dump, size_t cnt) {
    int wrong = 0;
    size_t i, j;
    for (i = 0; i < DEFAULTS; i++) {
        if (defaults[i].scope != scope)
            continue;
        for (j = 0; j < cnt && strcmp(dump[j], defaults[i].name); j += 2)
            ;
        if (j >= cnt)
            fprintf(stderr, "%s is missing\n", defaults[i].name);
        else if (strcmp(dump[j + 1], defaults[i].value))
            fprintf(stderr, "%s is %s, expected %s\n", defaults[i].name, dump[j + 1],
                    defaults[i].value);
        else
            continue;
        wrong++;
    }
    rd_kafka_conf_dump_free(dump, cnt);
    return wrong;
}

static int check_errors(void) {
    int wrong = 0;
    size_t i;
    for (i = 0; i < ERRORS; i++) {
        const char *name = rd_kafka_err2name((rd_kafka_resp_err_t)errors[i].code);
        const char *text = rd_kafka_err2str((rd_kafka_resp_err_t)errors[i].code);
        if (!strcmp(name, errors[i].name) && !strcmp(text, errors[i].text))
            continue;
        fprintf(stderr, "%d is %s (%s), expected %s (%s)\n", errors[i].code, name, text,
                errors[i].name, errors[i].text);
        wrong++;
    }
    return wrong;
}

int main(void) {
    rd_kafka_conf_t *conf;
    rd_kafka_topic_conf_t *tconf;
    const char **dump;
    size_t cnt;
    int wrong;
    t_start(__FILE__, 20);
    if (rd_kafka_version() >> 16 != 0x0210) {
        printf("skipped: the tables are those of 2.16\n");
        return T_SKIPPED;
    }
    conf = rd_kafka_conf_new();
    tconf = rd_kafka_topic_conf_new();
    dump = rd_kafka_conf_dump(conf, &cnt);
    wrong = check_defaults(GLOBAL, dump, cnt);
    dump = rd_kafka_topic_conf_dump(tconf, &cnt);
    wrong += check_defaults(TOPIC, dump, cnt);
    wrong += check_errors();
    CHECK_INT(wrong, 0);
    rd_kafka_topic_conf_destroy(tconf);
    rd_kafka_conf_destroy(conf);
    return t_done();
}
