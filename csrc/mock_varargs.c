/*
 * The C-variadic entry points of rdkafka_mock.h; see varargs.c.
 */
#include <stdarg.h>
#include <stdlib.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* More errors in one call are a mistake. */
#define CNT_MAX (1 << 20)

struct error_rtt {
        rd_kafka_resp_err_t err;
        int rtt_ms;
};

HIDDEN rd_kafka_resp_err_t
rdkafka_oxide_mock_broker_push(rd_kafka_mock_cluster_t *mcluster,
                               int32_t broker_id,
                               int16_t api_key,
                               size_t cnt,
                               const struct error_rtt *errors);

HIDDEN rd_kafka_resp_err_t
rdkafka_oxide_mock_partition_push(rd_kafka_mock_cluster_t *mcluster,
                                  const char *topic,
                                  int32_t partition,
                                  int16_t api_key,
                                  size_t cnt,
                                  const rd_kafka_resp_err_t *errors);

/* NULL if there are too many or there is no memory. */
static rd_kafka_resp_err_t *gather(va_list ap, size_t cnt) {
        rd_kafka_resp_err_t *errors = NULL;
        size_t i;

        if (cnt <= CNT_MAX)
                errors = malloc((cnt ? cnt : 1) * sizeof(*errors));
        for (i = 0; errors && i < cnt; i++)
                errors[i] = va_arg(ap, rd_kafka_resp_err_t);
        return errors;
}

void rd_kafka_mock_push_request_errors(rd_kafka_mock_cluster_t *mcluster,
                                       int16_t api_key,
                                       size_t cnt,
                                       ...) {
        rd_kafka_resp_err_t *errors;
        va_list ap;

        va_start(ap, cnt);
        errors = gather(ap, cnt);
        va_end(ap);
        if (errors)
                rd_kafka_mock_push_request_errors_array(mcluster, api_key, cnt,
                                                        errors);
        free(errors);
}

rd_kafka_resp_err_t
rd_kafka_mock_broker_push_request_error_rtts(rd_kafka_mock_cluster_t *mcluster,
                                             int32_t broker_id,
                                             int16_t api_key,
                                             size_t cnt,
                                             ...) {
        rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__INVALID_ARG;
        struct error_rtt *errors = NULL;
        size_t i;
        va_list ap;

        if (cnt <= CNT_MAX)
                errors = malloc((cnt ? cnt : 1) * sizeof(*errors));
        va_start(ap, cnt);
        for (i = 0; errors && i < cnt; i++) {
                errors[i].err = va_arg(ap, rd_kafka_resp_err_t);
                errors[i].rtt_ms = va_arg(ap, int);
        }
        va_end(ap);
        if (errors)
                err = rdkafka_oxide_mock_broker_push(mcluster, broker_id,
                                                     api_key, cnt, errors);
        free(errors);
        return err;
}

rd_kafka_resp_err_t
rd_kafka_mock_partition_push_request_errors(rd_kafka_mock_cluster_t *mcluster,
                                            const char *topic,
                                            int32_t partition,
                                            int16_t api_key,
                                            size_t cnt,
                                            ...) {
        rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__INVALID_ARG;
        rd_kafka_resp_err_t *errors;
        va_list ap;

        va_start(ap, cnt);
        errors = gather(ap, cnt);
        va_end(ap);
        if (errors)
                err = rdkafka_oxide_mock_partition_push(
                    mcluster, topic, partition, api_key, cnt, errors);
        free(errors);
        return err;
}
