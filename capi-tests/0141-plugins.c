/* plugin.library.paths: what is loaded, when, how often, and the texts of what fails. The plugin is made by the C compiler
 * here, from plugins/interceptor.c. */
#include "test.h"


static char journal[4096];

void plugin_note(const char *what, const char *detail);

void plugin_note(const char *what, const char *detail) {
    size_t used = strlen(journal);
    snprintf(journal + used, sizeof(journal) - used, "%s %s\n", what, detail);
}

static char dir[256];

/* A path in the directory of this run. */
static const char *path(const char *name) {
    static char paths[8][512];
    static int next;
    char *text = paths[next++ % 8];
    snprintf(text, sizeof(paths[0]), "%s/%s", dir, name);
    return text;
}

static void compile(void) {
    const char *compiler = getenv("CC"), *source = getenv("CAPI_PLUGIN"), *flags = getenv("CAPI_PLUGIN_FLAGS");
    char command[2048];
    if (!source) {
        printf("%s: skipped, CAPI_PLUGIN names no source\n", t_name);
        exit(T_SKIPPED);
    }
    snprintf(dir, sizeof(dir), "/tmp/capi-plugins-%d", (int)getpid());
    snprintf(command, sizeof(command), "mkdir %s && %s %s -shared -fPIC -o %s '%s' && cp %s %s && touch %s", dir,
             compiler && *compiler ? compiler : "cc", flags ? flags : "", path("plug.so"), source,
             path("plug.so"), path("other.so"), path("text.so"));
    CHECK_INT(system(command), 0);
}

static void set_fails(rd_kafka_conf_t *conf, const char *value, const char *why) {
    char errstr[512] = "";
    CHECK_INT(rd_kafka_conf_set(conf, "plugin.library.paths", value, errstr, sizeof(errstr)),
              RD_KAFKA_CONF_INVALID);
    CHECK_HAS(errstr, why);
    CHECK_HAS(errstr, " (plugin ");
}

static void failures(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set_fails(conf, path("nothing"), "dlopen() failed: ");
    set_fails(conf, path("nothing"), "nothing.so: cannot open shared object file");
    set_fails(conf, path("nothing.so"), "nothing.so: cannot open shared object file");
    set_fails(conf, path("text.so"), "file too short");
    set_fails(conf, "libm.so.6", "Failed to load symbol \"conf_init\": ");
    CHECK_STR(journal, "");
    setenv("PLUGIN_FAILS", "1", 1);
    set_fails(conf, path("plug"), "it does not want to (plugin /tmp/capi-plugins-");
    unsetenv("PLUGIN_FAILS");
    CHECK_STR(journal, "init \n");
    rd_kafka_conf_destroy(conf);
    CHECK_STR(journal, "init \n");
}

static void in_use(void) {
    rd_kafka_conf_t *conf = t_mock_conf("1"), *copy;
    char both[1100], value[1100];
    size_t size = sizeof(value);
    rd_kafka_t *rk;
    *journal = 0;
    /* With and without extension; what is named twice is loaded once. */
    snprintf(both, sizeof(both), "%s;%s;%s", path("plug"), path("other.so"), path("plug"));
    t_set(conf, "plugin.library.paths", both);
    CHECK_STR(journal, "init \ninit \n");
    CHECK_INT(rd_kafka_conf_get(conf, "plugin.library.paths", value, &size), RD_KAFKA_CONF_OK);
    CHECK_STR(value, both);
    t_set(conf, "plugin.say", "hello");
    CHECK_STR(journal, "init \ninit \nsay hello\n");
    *journal = 0;
    /* A copy loads them again, and tells them what they had taken. */
    copy = rd_kafka_conf_dup(conf);
    CHECK_STR(journal, "init \ninit \nsay hello\n");
    *journal = 0;
    rd_kafka_conf_destroy(conf);
    CHECK_STR(journal, "destroy state\ndestroy state\n");
    *journal = 0;
    rk = t_producer(copy);
    CHECK_STR(journal, "new state\nnew state\n");
    CHECK_ERR(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK_STR(journal, "new state\nnew state\nsend state\nsend state\n");
    rd_kafka_flush(rk, t_patience(10000));
    *journal = 0;
    rd_kafka_destroy(rk);
    CHECK_STR(journal, "destroy state\ndestroy state\n");
}

int main(void) {
    char command[512];
    t_start(__FILE__, 60);
    compile();
    failures();
    in_use();
    snprintf(command, sizeof(command), "rm -r '%s'", dir);
    CHECK_INT(system(command), 0);
    return t_done();
}
