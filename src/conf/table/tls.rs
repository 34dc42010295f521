//! Transport security: TLS keys, certificates and verification.

use crate::conf::property::{Kind, Property, Word, boolean, global, one_of, text, word};

const SECURITY_PROTOCOL: &[Word] =
    &[word(0, "plaintext"), word(1, "ssl"), word(2, "sasl_plaintext"), word(3, "sasl_ssl")];

const SSL_ENDPOINT_IDENTIFICATION_ALGORITHM: &[Word] = &[word(0, "none"), word(1, "https")];

pub(super) const ROWS: &[Property] = &[
    global("security.protocol", one_of(0, SECURITY_PROTOCOL))
        .high()
        .doc("How to speak to brokers: plain TCP, TLS, and with or without SASL authentication."),
    global("ssl.cipher.suites", text(None)).doc("Cipher suites to offer, as OpenSSL writes them."),
    global("ssl.curves.list", text(None)).doc("Key exchange groups to offer."),
    global("ssl.sigalgs.list", text(None)).doc("Signature algorithms to offer."),
    global("ssl.key.location", text(None))
        .sensitive()
        .doc("File with the client's private key (PEM)."),
    global("ssl.key.password", text(None)).sensitive().doc("Passphrase of the private key."),
    global("ssl.key.pem", text(None)).sensitive().doc("The client's private key itself (PEM)."),
    global("ssl_key", Kind::Internal)
        .sensitive()
        .doc("Private key set by `rd_kafka_conf_set_ssl_cert()`."),
    global("ssl.certificate.location", text(None)).doc("File with the client's certificate (PEM)."),
    global("ssl.certificate.pem", text(None)).doc("The client's certificate itself (PEM)."),
    global("ssl_certificate", Kind::Internal)
        .doc("Certificate set by `rd_kafka_conf_set_ssl_cert()`."),
    global("ssl.ca.location", text(None)).doc(
        "File or directory with the certificate authorities that brokers' certificates are \
         checked against; `probe` looks in the usual places.",
    ),
    global("https.ca.location", text(None)).doc(
        "File or directory with the certificate authorities for HTTPS, as the OAuth token \
         endpoint uses; `probe` looks in the usual places.",
    ),
    global("https.ca.pem", text(None))
        .doc("Certificate authorities for HTTPS themselves (PEM), instead of `https.ca.location`."),
    global("ssl.ca.pem", text(None))
        .sensitive()
        .doc("Certificate authorities for brokers themselves (PEM)."),
    global("ssl_ca", Kind::Internal)
        .doc("Certificate authority set by `rd_kafka_conf_set_ssl_cert()`."),
    global("ssl.ca.certificate.stores", text(Some("Root")))
        .unsupported("configuration only valid on Windows")
        .doc("Windows certificate stores to take certificate authorities from."),
    global("ssl.crl.location", text(None)).doc("File with certificates that were revoked."),
    global("ssl.keystore.location", text(None))
        .doc("File with the client's key and certificate (PKCS#12)."),
    global("ssl.keystore.password", text(None)).sensitive().doc("Password of the PKCS#12 file."),
    global("ssl.providers", text(None)).doc("OpenSSL 3 providers to load, separated by commas."),
    global("ssl.engine.location", text(None))
        .deprecated()
        .doc("OpenSSL engine to load. Engines gave way to `ssl.providers`."),
    global("ssl.engine.id", text(Some("dynamic")))
        .doc("Name under which the OpenSSL engine is loaded."),
    global("ssl_engine_callback_data", Kind::Pointer)
        .doc("Pointer handed to the OpenSSL engine (`rd_kafka_conf_set_engine_callback_data()`)."),
    global("enable.ssl.certificate.verification", boolean(true))
        .doc("Check the broker's certificate. Turning it off lets anyone pose as the broker."),
    global(
        "ssl.endpoint.identification.algorithm",
        one_of(1, SSL_ENDPOINT_IDENTIFICATION_ALGORITHM),
    )
    .doc(
        "Check that the broker's certificate was made for its host name (`https`), or don't \
         (`none`).",
    ),
    global("ssl.certificate.verify_cb", Kind::Pointer).doc(
        "Called with each certificate of the broker's chain, to refuse or accept it \
         (`rd_kafka_conf_set_ssl_cert_verify_cb()`).",
    ),
    global("ssl.truststore.location", Kind::Invalid).doc(
        "Java TrustStores are not supported, use `ssl.ca.location` and a certificate file \
         instead. See https://github.com/confluentinc/librdkafka/wiki/Using-SSL-with-librdkafka \
         for more information.",
    ),
];
