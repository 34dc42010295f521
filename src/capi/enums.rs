//! The header's small enums, for C only: Rust code uses the integers of `types.rs`.
#![allow(non_camel_case_types, dead_code)]

/// What a client does.
#[repr(C)]
pub enum rd_kafka_type_t {
    /// Produces messages.
    RD_KAFKA_PRODUCER,
    /// Consumes messages.
    RD_KAFKA_CONSUMER,
}

/// Who set a message's timestamp.
#[repr(C)]
pub enum rd_kafka_timestamp_type_t {
    /// There is no timestamp.
    RD_KAFKA_TIMESTAMP_NOT_AVAILABLE,
    /// The producer.
    RD_KAFKA_TIMESTAMP_CREATE_TIME,
    /// The broker, when it appended the message to its log.
    RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
}

/// Tags of rd_kafka_producev()'s and rd_kafka_produceva()'s arguments.
#[repr(C)]
pub enum rd_kafka_vtype_t {
    /// Ends the argument list.
    RD_KAFKA_VTYPE_END,
    /// (const char *) Topic name.
    RD_KAFKA_VTYPE_TOPIC,
    /// (rd_kafka_topic_t *) Topic handle.
    RD_KAFKA_VTYPE_RKT,
    /// (int32_t) Partition.
    RD_KAFKA_VTYPE_PARTITION,
    /// (void *, size_t) Message value.
    RD_KAFKA_VTYPE_VALUE,
    /// (void *, size_t) Message key.
    RD_KAFKA_VTYPE_KEY,
    /// (void *) Per-message pointer for the delivery report.
    RD_KAFKA_VTYPE_OPAQUE,
    /// (int) RD_KAFKA_MSG_F_.. flags.
    RD_KAFKA_VTYPE_MSGFLAGS,
    /// (int64_t) Milliseconds since 1970-01-01 UTC.
    RD_KAFKA_VTYPE_TIMESTAMP,
    /// (const char *, const void *, ssize_t) One header.
    RD_KAFKA_VTYPE_HEADER,
    /// (rd_kafka_headers_t *) A header list.
    RD_KAFKA_VTYPE_HEADERS,
}

/// Whether a message reached the partition's log.
#[repr(C)]
pub enum rd_kafka_msg_status_t {
    /// Never sent, or refused: it isn't in the log.
    RD_KAFKA_MSG_STATUS_NOT_PERSISTED = 0,
    /// Sent but not acknowledged: it may be in the log.
    RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED = 1,
    /// Acknowledged: it is in the log.
    RD_KAFKA_MSG_STATUS_PERSISTED = 2,
}

/// Result of a configuration call.
#[repr(C)]
pub enum rd_kafka_conf_res_t {
    /// No such property.
    RD_KAFKA_CONF_UNKNOWN = -2,
    /// The property doesn't accept this value, or not here.
    RD_KAFKA_CONF_INVALID = -1,
    /// Done.
    RD_KAFKA_CONF_OK = 0,
}

/// What rd_kafka_conf_set_ssl_cert() is given.
#[repr(C)]
pub enum rd_kafka_cert_type_t {
    /// The client's certificate.
    RD_KAFKA_CERT_PUBLIC_KEY,
    /// The client's private key.
    RD_KAFKA_CERT_PRIVATE_KEY,
    /// Certificates of trusted authorities.
    RD_KAFKA_CERT_CA,
    /// Number of types.
    RD_KAFKA_CERT__CNT,
}

/// How a certificate is encoded.
#[repr(C)]
pub enum rd_kafka_cert_enc_t {
    /// PKCS#12
    RD_KAFKA_CERT_ENC_PKCS12,
    /// DER (ASN.1)
    RD_KAFKA_CERT_ENC_DER,
    /// PEM
    RD_KAFKA_CERT_ENC_PEM,
    /// Number of encodings.
    RD_KAFKA_CERT_ENC__CNT,
}

/// Kinds of internal threads, as interceptors see them.
#[repr(C)]
pub enum rd_kafka_thread_type_t {
    /// The handle's main thread.
    RD_KAFKA_THREAD_MAIN,
    /// Runs the application's background event callback.
    RD_KAFKA_THREAD_BACKGROUND,
    /// Talks to brokers.
    RD_KAFKA_THREAD_BROKER,
}
