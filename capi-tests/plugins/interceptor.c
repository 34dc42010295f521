/* A plugin for 0141-plugins.c, which loads it several times under several names. What it is told, it tells the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

/* The program's own, found when the plugin is loaded. */
extern void plugin_note(const char *what, const char *detail);

static rd_kafka_conf_res_t on_conf_set(rd_kafka_conf_t *conf, const char *name, const char *val,
                                       char *errstr, size_t errstr_size, void *ic_opaque) {
    (void)conf, (void)errstr, (void)errstr_size, (void)ic_opaque;
    if (strcmp(name, "plugin.say"))
        return RD_KAFKA_CONF_UNKNOWN;
    plugin_note("say", val ? val : "(null)");
    return RD_KAFKA_CONF_OK;
}

static rd_kafka_resp_err_t on_conf_destroy(void *ic_opaque) {
    plugin_note("destroy", ic_opaque);
    free(ic_opaque);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_send(rd_kafka_t *rk, rd_kafka_message_t *msg, void *ic_opaque) {
    (void)rk, (void)msg;
    plugin_note("send", ic_opaque);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *ic_opaque,
                                  char *errstr, size_t errstr_size) {
    (void)conf, (void)errstr, (void)errstr_size;
    plugin_note("new", ic_opaque);
    return rd_kafka_interceptor_add_on_send(rk, "plugin", on_send, ic_opaque);
}

rd_kafka_resp_err_t conf_init(rd_kafka_conf_t *conf, void **plug_opaquep, char *errstr,
                              size_t errstr_size) {
    char *opaque = strdup("state");
    (void)plug_opaquep;
    plugin_note("init", "");
    if (getenv("PLUGIN_FAILS")) {
        free(opaque);
        snprintf(errstr, errstr_size, "it does not want to");
        return RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
    }
    rd_kafka_conf_interceptor_add_on_conf_destroy(conf, "plugin", on_conf_destroy, opaque);
    rd_kafka_conf_interceptor_add_on_conf_set(conf, "plugin", on_conf_set, opaque);
    return rd_kafka_conf_interceptor_add_on_new(conf, "plugin", on_new, opaque);
}
