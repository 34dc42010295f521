/*
 * Objects of admin requests, which need no broker: prints what making and reading them gives. The runner compares
 * the output on librdkafka and on ours, like that of 0900. Requests themselves are in 0101.
 */
#include <stdio.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

static char errstr[256];

static const char *text(const char *s) { return s ? s : "(null)"; }

static void told(const char *what, int result) {
    printf("%s: %d %s\n", what, result, result ? errstr : "");
    *errstr = '\0';
}

static void made(const char *what, const void *object) {
    printf("%s: %s %s\n", what, object ? "made" : "not made", object ? "" : errstr);
    *errstr = '\0';
}

static void error(const char *what, rd_kafka_error_t *object) {
    printf("%s: %d %s\n", what, object ? rd_kafka_error_code(object) : 0,
           object ? rd_kafka_error_string(object) : "");
    if (object)
        rd_kafka_error_destroy(object);
}

static void topics(void) {
    int32_t brokers[] = {1, 2, 3};
    rd_kafka_NewTopic_t *topic;
    rd_kafka_NewPartitions_t *parts;
    made("no name", rd_kafka_NewTopic_new(NULL, 1, 1, errstr, sizeof(errstr)));
    made("-2 partitions", rd_kafka_NewTopic_new("t", -2, 1, errstr, sizeof(errstr)));
    made("many partitions", rd_kafka_NewTopic_new("t", 100001, 1, errstr, sizeof(errstr)));
    made("-2 replicas", rd_kafka_NewTopic_new("t", 1, -2, errstr, sizeof(errstr)));
    made("many replicas", rd_kafka_NewTopic_new("t", 1, 10001, errstr, sizeof(errstr)));
    topic = rd_kafka_NewTopic_new("t", 3, 1, errstr, sizeof(errstr));
    told("factor and assignment", rd_kafka_NewTopic_set_replica_assignment(
        topic, 0, brokers, 3, errstr, sizeof(errstr)));
    told("config", rd_kafka_NewTopic_set_config(topic, "retention.ms", "1000"));
    rd_kafka_NewTopic_destroy(topic);
    topic = rd_kafka_NewTopic_new("t", 3, -1, errstr, sizeof(errstr));
    told("second first", rd_kafka_NewTopic_set_replica_assignment(
        topic, 1, brokers, 3, errstr, sizeof(errstr)));
    told("first", rd_kafka_NewTopic_set_replica_assignment(
        topic, 0, brokers, 3, errstr, sizeof(errstr)));
    told("second", rd_kafka_NewTopic_set_replica_assignment(
        topic, 1, brokers, 2, errstr, sizeof(errstr)));
    rd_kafka_NewTopic_destroy_array(&topic, 1);
    made("0 partitions", rd_kafka_NewPartitions_new("t", 0, errstr, sizeof(errstr)));
    made("many partitions", rd_kafka_NewPartitions_new("t", 100001, errstr, sizeof(errstr)));
    parts = rd_kafka_NewPartitions_new("t", 5, errstr, sizeof(errstr));
    told("not the first", rd_kafka_NewPartitions_set_replica_assignment(
        parts, 3, brokers, 3, errstr, sizeof(errstr)));
    told("the first", rd_kafka_NewPartitions_set_replica_assignment(
        parts, 0, brokers, 3, errstr, sizeof(errstr)));
    rd_kafka_NewPartitions_destroy(parts);
}

static void configs(void) {
    rd_kafka_ConfigResource_t *resource;
    const rd_kafka_ConfigEntry_t **entries;
    size_t cnt = 99, i;
    made("no name", rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, NULL));
    made("empty name", rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, ""));
    resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, "t");
    entries = rd_kafka_ConfigResource_configs(resource, &cnt);
    printf("%s %zu\n", entries ? "entries" : "none", cnt);
    told("no value", rd_kafka_ConfigResource_set_config(resource, "a", NULL));
    told("no name", rd_kafka_ConfigResource_set_config(resource, "", "1"));
    told("one", rd_kafka_ConfigResource_set_config(resource, "a", "1"));
    told("again", rd_kafka_ConfigResource_set_config(resource, "a", "2"));
    told("empty", rd_kafka_ConfigResource_set_config(resource, "b", ""));
    entries = rd_kafka_ConfigResource_configs(resource, &cnt);
    for (i = 0; i < cnt; i++) {
        size_t synonyms = 99;
        const rd_kafka_ConfigEntry_t *e = entries[i];
        rd_kafka_ConfigEntry_synonyms(e, &synonyms);
        printf("%s=%s source %s, %d %d %d %d, %zu synonyms\n", rd_kafka_ConfigEntry_name(e),
               text(rd_kafka_ConfigEntry_value(e)),
               rd_kafka_ConfigSource_name(rd_kafka_ConfigEntry_source(e)),
               rd_kafka_ConfigEntry_is_read_only(e), rd_kafka_ConfigEntry_is_default(e),
               rd_kafka_ConfigEntry_is_sensitive(e), rd_kafka_ConfigEntry_is_synonym(e), synonyms);
    }
    printf("%s %s %d %s\n",
           rd_kafka_ResourceType_name(rd_kafka_ConfigResource_type(resource)),
           rd_kafka_ConfigResource_name(resource), rd_kafka_ConfigResource_error(resource),
           text(rd_kafka_ConfigResource_error_string(resource)));
    rd_kafka_ConfigResource_destroy_array(&resource, 1);
}

static void acls(void) {
    int type, pattern, operation, permission;
    rd_kafka_AclBinding_t *acl;
    /* 5 was added later. */
    for (type = -1; type < 8; type += type == 3 ? 4 : 2)
        for (pattern = -1; pattern < 7; pattern++)
            for (operation = -1; operation < 15; operation += 7)
                for (permission = -1; permission < 6; permission++) {
                    int filter;
                    for (filter = 0; filter < 2; filter++) {
                        *errstr = '\0';
                        acl = filter ? rd_kafka_AclBindingFilter_new(
                                  (rd_kafka_ResourceType_t)type, NULL,
                                  (rd_kafka_ResourcePatternType_t)pattern, NULL, NULL,
                                  (rd_kafka_AclOperation_t)operation,
                                  (rd_kafka_AclPermissionType_t)permission, errstr, sizeof(errstr))
                            : rd_kafka_AclBinding_new(
                                  (rd_kafka_ResourceType_t)type, "n",
                                  (rd_kafka_ResourcePatternType_t)pattern, "User:a", "*",
                                  (rd_kafka_AclOperation_t)operation,
                                  (rd_kafka_AclPermissionType_t)permission, errstr, sizeof(errstr));
                        printf("%d %d %d %d %s\n", type, pattern, operation, permission,
                               acl ? "made" : errstr);
                        if (acl)
                            rd_kafka_AclBinding_destroy(acl);
                    }
                }
    acl = rd_kafka_AclBinding_new(RD_KAFKA_RESOURCE_TOPIC, "n", RD_KAFKA_RESOURCE_PATTERN_LITERAL,
                                  "User:a", "*", RD_KAFKA_ACL_OPERATION_READ,
                                  RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, errstr, sizeof(errstr));
    printf("%d %s %s %s %d %d %d %s\n", rd_kafka_AclBinding_restype(acl),
           rd_kafka_AclBinding_name(acl), rd_kafka_AclBinding_principal(acl),
           rd_kafka_AclBinding_host(acl), rd_kafka_AclBinding_operation(acl),
           rd_kafka_AclBinding_permission_type(acl), rd_kafka_AclBinding_resource_pattern_type(acl),
           rd_kafka_AclBinding_error(acl) ? "error" : "no error");
    rd_kafka_AclBinding_destroy_array(&acl, 1);
    made("no name", rd_kafka_AclBinding_new(
        RD_KAFKA_RESOURCE_TOPIC, NULL, RD_KAFKA_RESOURCE_PATTERN_LITERAL, "User:a", "*",
        RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, errstr, sizeof(errstr)));
    made("no principal", rd_kafka_AclBinding_new(
        RD_KAFKA_RESOURCE_TOPIC, "n", RD_KAFKA_RESOURCE_PATTERN_LITERAL, NULL, "*",
        RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, errstr, sizeof(errstr)));
    made("no host", rd_kafka_AclBinding_new(
        RD_KAFKA_RESOURCE_TOPIC, "n", RD_KAFKA_RESOURCE_PATTERN_LITERAL, "User:a", NULL,
        RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, errstr, sizeof(errstr)));
}

static void names(void) {
    static const char *words[] = {"Stable", "sTABLE", "Empty", "PreparingRebalance", "nope", ""};
    int i;
    for (i = -1; i < 16; i++)
        printf("%d %s %s %s %s %s\n", i,
               i == 5 ? "" : rd_kafka_ResourceType_name((rd_kafka_ResourceType_t)i),
               rd_kafka_ResourcePatternType_name((rd_kafka_ResourcePatternType_t)i),
               rd_kafka_AclOperation_name((rd_kafka_AclOperation_t)i),
               rd_kafka_AclPermissionType_name((rd_kafka_AclPermissionType_t)i),
               text(rd_kafka_consumer_group_state_name((rd_kafka_consumer_group_state_t)i)));
    /* 6 and above were added later. */
    for (i = -1; i < 6; i++)
        printf("%d %s\n", i, rd_kafka_ConfigSource_name((rd_kafka_ConfigSource_t)i));
    for (i = 0; i < (int)(sizeof(words) / sizeof(*words)); i++)
        printf("%s %d\n", words[i], rd_kafka_consumer_group_state_code(words[i]));
}

static void options(rd_kafka_t *rk) {
    /* Requests that librdkafka 2.0 knows, by the options that they have. */
    static const int requests[] = {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15};
    size_t i;
    for (i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
        static const rd_kafka_consumer_group_state_t states[] = {
            RD_KAFKA_CONSUMER_GROUP_STATE_STABLE, RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY,
            RD_KAFKA_CONSUMER_GROUP_STATE_STABLE};
        rd_kafka_AdminOptions_t *o =
            rd_kafka_AdminOptions_new(rk, (rd_kafka_admin_op_t)requests[i]);
        int value;
        printf("request %d\n", requests[i]);
        made("options", o);
        if (!o)
            continue;
        for (value = -2; value < 4000000; value += value < 3 ? 1 : 1800000) {
            printf("value %d\n", value);
            told("request", rd_kafka_AdminOptions_set_request_timeout(o, value, errstr, 256));
            if (requests[i] != 0)
                told("operation", rd_kafka_AdminOptions_set_operation_timeout(o, value, errstr, 256));
            told("validate", rd_kafka_AdminOptions_set_validate_only(o, value, errstr, 256));
            told("broker", rd_kafka_AdminOptions_set_broker(o, value, errstr, 256));
            error("stable", rd_kafka_AdminOptions_set_require_stable_offsets(o, value));
        }
        error("states", rd_kafka_AdminOptions_set_match_consumer_group_states(o, states, 2));
        error("states twice", rd_kafka_AdminOptions_set_match_consumer_group_states(o, states, 3));
        rd_kafka_AdminOptions_set_opaque(o, o);
        rd_kafka_AdminOptions_destroy(o);
    }
}

static void groups(void) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_DeleteGroup_t *group = rd_kafka_DeleteGroup_new("g");
    rd_kafka_ListConsumerGroupOffsets_t *offsets = rd_kafka_ListConsumerGroupOffsets_new("g", NULL);
    rd_kafka_AlterConsumerGroupOffsets_t *alter;
    rd_kafka_DeleteConsumerGroupOffsets_t *del;
    rd_kafka_DeleteRecords_t *records;
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new("t");
    rd_kafka_topic_partition_list_add(list, "t", 1)->offset = 5;
    alter = rd_kafka_AlterConsumerGroupOffsets_new("g", list);
    del = rd_kafka_DeleteConsumerGroupOffsets_new("g", list);
    records = rd_kafka_DeleteRecords_new(list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_DeleteGroup_destroy_array(&group, 1);
    rd_kafka_ListConsumerGroupOffsets_destroy_array(&offsets, 1);
    rd_kafka_AlterConsumerGroupOffsets_destroy_array(&alter, 1);
    rd_kafka_DeleteConsumerGroupOffsets_destroy_array(&del, 1);
    rd_kafka_DeleteRecords_destroy_array(&records, 1);
    rd_kafka_DeleteTopic_destroy_array(&topic, 1);
}

int main(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk;
    fprintf(stderr, "%s\n", rd_kafka_version_str());
    rd_kafka_conf_set_log_cb(conf, NULL);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    topics();
    configs();
    acls();
    names();
    options(rk);
    groups();
    rd_kafka_destroy(rk);
    return 0;
}
