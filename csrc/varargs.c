/*
 * The C-variadic entry points, which stable Rust can't define. Each only gathers its arguments and
 * calls one Rust function; those are hidden from the dynamic symbol table.
 */
#include <stdarg.h>
#include <stdlib.h>

#include <librdkafka/rdkafka.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* Takes a description of `size` bytes (size 0: none). */
HIDDEN rd_kafka_error_t *rdkafka_oxide_error_new(rd_kafka_resp_err_t code,
                                                 const char *text,
                                                 size_t size);

rd_kafka_error_t *
rd_kafka_error_new(rd_kafka_resp_err_t code, const char *fmt, ...) {
        char small[512], *text = small;
        rd_kafka_error_t *error;
        size_t room = sizeof(small);
        int size;
        va_list ap;

        if (!fmt)
                return rdkafka_oxide_error_new(code, NULL, 0);

        va_start(ap, fmt);
        size = vsnprintf(small, room, fmt, ap);
        va_end(ap);
        if (size > 0 && (size_t)size >= room) {
                room = (size_t)size + 1;
                if (!(text = malloc(room)))
                        return rdkafka_oxide_error_new(code, NULL, 0);
                va_start(ap, fmt);
                size = vsnprintf(text, room, fmt, ap);
                va_end(ap);
        }

        error = rdkafka_oxide_error_new(code, text, size > 0 ? (size_t)size : 0);
        if (text != small)
                free(text);
        return error;
}
