/*
 * The C-variadic entry points, which stable Rust can't define. Each only gathers its arguments and
 * calls one Rust function; those are hidden from the dynamic symbol table.
 */
#include <stdarg.h>
#include <stdlib.h>

#include <librdkafka/rdkafka.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* Takes a description of `size` bytes (NULL: none). */
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

        error = rdkafka_oxide_error_new(code, size < 0 ? NULL : text, size > 0 ? (size_t)size : 0);
        if (text != small)
                free(text);
        return error;
}

/* Arguments of one message that fit without allocating. */
#define SMALL_CNT 16
/* No message has more: a missing RD_KAFKA_V_END must end somewhere. */
#define CNT_MAX (1 << 20)

HIDDEN rd_kafka_resp_err_t
rdkafka_oxide_producev(rd_kafka_t *rk, const rd_kafka_vu_t *vus, size_t cnt);

/* Makes room for twice as many; NULL if there is no memory. */
static rd_kafka_vu_t *grow(rd_kafka_vu_t *vus, const rd_kafka_vu_t *small, size_t *room) {
        rd_kafka_vu_t *more;
        size_t i;

        if (*room >= CNT_MAX)
                return NULL;
        more = realloc(vus == small ? NULL : vus, 2 * *room * sizeof(*vus));
        if (more && vus == small)
                for (i = 0; i < *room; i++)
                        more[i] = small[i];
        if (more)
                *room *= 2;
        return more;
}

rd_kafka_resp_err_t rd_kafka_producev(rd_kafka_t *rk, ...) {
        rd_kafka_vu_t small[SMALL_CNT], *vus = small;
        rd_kafka_resp_err_t err;
        size_t room = SMALL_CNT, cnt = 0;
        int known = 1, vtype;
        va_list ap;

        va_start(ap, rk);
        while (known && (vtype = va_arg(ap, int)) != RD_KAFKA_VTYPE_END) {
                rd_kafka_vu_t *vu, *more;

                if (cnt == room) {
                        if (!(more = grow(vus, small, &room))) {
                                va_end(ap);
                                if (vus != small)
                                        free(vus);
                                return RD_KAFKA_RESP_ERR__INVALID_ARG;
                        }
                        vus = more;
                }
                vu = &vus[cnt++];
                vu->vtype = (rd_kafka_vtype_t)vtype;
                switch (vtype) {
                case RD_KAFKA_VTYPE_TOPIC:
                        vu->u.cstr = va_arg(ap, const char *);
                        break;
                case RD_KAFKA_VTYPE_RKT:
                        vu->u.rkt = va_arg(ap, rd_kafka_topic_t *);
                        break;
                case RD_KAFKA_VTYPE_PARTITION:
                        vu->u.i32 = va_arg(ap, int32_t);
                        break;
                case RD_KAFKA_VTYPE_VALUE:
                case RD_KAFKA_VTYPE_KEY:
                        vu->u.mem.ptr = va_arg(ap, void *);
                        vu->u.mem.size = va_arg(ap, size_t);
                        break;
                case RD_KAFKA_VTYPE_OPAQUE:
                        vu->u.ptr = va_arg(ap, void *);
                        break;
                case RD_KAFKA_VTYPE_MSGFLAGS:
                        vu->u.i = va_arg(ap, int);
                        break;
                case RD_KAFKA_VTYPE_TIMESTAMP:
                        vu->u.i64 = va_arg(ap, int64_t);
                        break;
                case RD_KAFKA_VTYPE_HEADER:
                        vu->u.header.name = va_arg(ap, const char *);
                        vu->u.header.val = va_arg(ap, const void *);
                        vu->u.header.size = va_arg(ap, ssize_t);
                        break;
                case RD_KAFKA_VTYPE_HEADERS:
                        vu->u.headers = va_arg(ap, rd_kafka_headers_t *);
                        break;
                default:
                        /* How much to skip isn't known: the Rust side refuses the tag. */
                        known = 0;
                        break;
                }
        }
        va_end(ap);

        err = rdkafka_oxide_producev(rk, vus, cnt);
        if (vus != small)
                free(vus);
        return err;
}
