/*
 * JSON for the tests of statistics: a reader that takes nothing but whole, well-formed objects of objects, integers,
 * strings and booleans, and look-ups in what it read.
 */
#ifndef CAPI_JSON_H
#define CAPI_JSON_H

#include "test.h"

typedef struct json {
    char type; /* o object, i integer, s string, b boolean */
    char *key;
    char *text;
    long long number;
    struct json *first; /* member of an object */
    struct json *next;
} json_t;

static const char *json_at;

static T_UNUSED void json_space(void) {
    while (*json_at == ' ' || *json_at == '\n' || *json_at == '\t')
        json_at++;
}

static T_UNUSED void json_expect(char wanted) {
    json_space();
    if (*json_at != wanted)
        FAIL("JSON: '%c' expected at: %.60s", wanted, json_at);
    json_at++;
}

static T_UNUSED char *json_string(void) {
    const char *from;
    json_expect('"');
    for (from = json_at; *json_at && *json_at != '"'; json_at++)
        if (*json_at == '\\' && !*++json_at)
            break;
    json_expect('"');
    return strndup(from, (size_t)(json_at - 1 - from));
}

static json_t *json_value(void) {
    json_t *value = calloc(1, sizeof(*value)), **last = &value->first;
    json_space();
    if (*json_at == '{') {
        value->type = 'o';
        json_at++;
        for (json_space(); *json_at != '}'; json_space()) {
            char *key;
            if (value->first)
                json_expect(',');
            key = json_string();
            json_expect(':');
            *last = json_value();
            (*last)->key = key;
            last = &(*last)->next;
        }
        json_at++;
    } else if (*json_at == '"') {
        value->type = 's';
        value->text = json_string();
    } else if (!strncmp(json_at, "true", 4) || !strncmp(json_at, "false", 5)) {
        value->type = 'b';
        value->number = *json_at == 't';
        json_at += *json_at == 't' ? 4 : 5;
    } else {
        char *end;
        value->type = 'i';
        value->number = strtoll(json_at, &end, 10);
        if (end == json_at)
            FAIL("JSON: a value expected at: %.60s", json_at);
        json_at = end;
    }
    return value;
}

/* The whole text is one value. */
static T_UNUSED json_t *json_read(const char *text) {
    json_t *value;
    json_at = text;
    value = json_value();
    json_space();
    if (*json_at)
        FAIL("JSON: more behind its end: %.60s", json_at);
    return value;
}

static T_UNUSED void json_free(json_t *value) {
    while (value) {
        json_t *next = value->next;
        json_free(value->first);
        free(value->key);
        free(value->text);
        free(value);
        value = next;
    }
}

/* NULL if there is none. */
static T_UNUSED json_t *json_find(const json_t *object, const char *key) {
    json_t *member;
    for (member = object->first; member; member = member->next)
        if (!strcmp(member->key, key))
            return member;
    return NULL;
}

static T_UNUSED json_t *json_get(const json_t *object, const char *key) {
    json_t *member = json_find(object, key);
    if (!member)
        FAIL("JSON: no \"%s\" in \"%s\"", key, object->key ? object->key : "(the whole)");
    return member;
}

static T_UNUSED long long json_int(const json_t *object, const char *key) {
    json_t *member = json_get(object, key);
    if (member->type != 'i')
        FAIL("JSON: \"%s\" is no integer", key);
    return member->number;
}

static T_UNUSED const char *json_str(const json_t *object, const char *key) {
    json_t *member = json_get(object, key);
    if (member->type != 's')
        FAIL("JSON: \"%s\" is no string", key);
    return member->text;
}

/* The sum of a field over all members of an object. */
static T_UNUSED long long json_sum(const json_t *object, const char *key) {
    const json_t *member;
    long long sum = 0;
    for (member = object->first; member; member = member->next)
        sum += json_int(member, key);
    return sum;
}

/* Fields of an object, "type:name", separated by spaces; those in brackets may be missing. */
static T_UNUSED void json_check_fields(const json_t *object, const char *fields) {
    char *copy = strdup(fields), *field, *rest = NULL;
    const json_t *member;
    int known = 0, count = 0;
    for (field = strtok_r(copy, " ", &rest); field; field = strtok_r(NULL, " ", &rest)) {
        int optional = *field == '[';
        char *name = field + optional + 2;
        json_t *found;
        if (optional)
            name[strlen(name) - 1] = '\0';
        found = json_find(object, name);
        if (!found && !optional)
            FAIL("no \"%s\" in \"%s\"", name, object->key ? object->key : "(the whole)");
        if (!found)
            continue;
        known++;
        if (found->type != field[optional])
            FAIL("\"%s\" in \"%s\" has the wrong type", name, object->key ? object->key : "(the whole)");
    }
    for (member = object->first; member; member = member->next)
        count++;
    if (count != known)
        FAIL("%d fields in \"%s\", of which %d are known", count, object->key ? object->key : "(the whole)", known);
    free(copy);
}

#endif
