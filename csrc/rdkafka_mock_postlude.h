
/* Variadic functions: csrc/mock_varargs.c gathers their arguments. */

/**
 * Has the next cnt requests of that kind, to whichever broker of the cluster, fail with these errors
 * (rd_kafka_resp_err_t), in this order, after those pushed before. RD_KAFKA_RESP_ERR_NO_ERROR lets its request pass,
 * RD_KAFKA_RESP_ERR__TRANSPORT closes the connection. A request that fails so changes nothing.
 *
 * @param api_key Kind of request: the protocol's ApiKey, such as 0 for Produce.
 * @param cnt Number of errors that follow.
 */
RD_EXPORT void
rd_kafka_mock_push_request_errors(rd_kafka_mock_cluster_t *mcluster,
                                  int16_t api_key,
                                  size_t cnt,
                                  ...);

/**
 * As rd_kafka_mock_push_request_errors(), for the requests to one broker, and with a delay for each. A broker's own
 * errors are used up before those of the cluster.
 *
 * @param cnt Number of pairs that follow: rd_kafka_resp_err_t err, int rtt_ms.
 *
 * @returns RD_KAFKA_RESP_ERR__UNKNOWN_BROKER if there is no such broker.
 */
RD_EXPORT rd_kafka_resp_err_t
rd_kafka_mock_broker_push_request_error_rtts(rd_kafka_mock_cluster_t *mcluster,
                                             int32_t broker_id,
                                             int16_t api_key,
                                             size_t cnt,
                                             ...);

/**
 * As rd_kafka_mock_push_request_errors(), for one partition's part of Produce, Fetch and ListOffsets requests: the
 * rest of the request is served. The topic is created if there is none.
 *
 * @returns RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART if there is no such partition.
 */
RD_EXPORT rd_kafka_resp_err_t
rd_kafka_mock_partition_push_request_errors(rd_kafka_mock_cluster_t *mcluster,
                                            const char *topic,
                                            int32_t partition,
                                            int16_t api_key,
                                            size_t cnt,
                                            ...);

#ifdef __cplusplus
}
#endif
#endif /* _RDKAFKA_MOCK_H_ */
