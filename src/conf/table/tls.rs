//! Transport security: TLS keys, certificates and verification.

use crate::conf::property::{Kind, Property, Word, boolean, global, one_of, text, word};

const SECURITY_PROTOCOL: &[Word] =
    &[word(0, "plaintext"), word(1, "ssl"), word(2, "sasl_plaintext"), word(3, "sasl_ssl")];

const SSL_ENDPOINT_IDENTIFICATION_ALGORITHM: &[Word] = &[word(0, "none"), word(1, "https")];

pub(super) const ROWS: &[Property] = &[
    global("security.protocol", one_of(0, SECURITY_PROTOCOL)).high().doc(""),
    global("ssl.cipher.suites", text(None)).doc(""),
    global("ssl.curves.list", text(None)).doc(""),
    global("ssl.sigalgs.list", text(None)).doc(""),
    global("ssl.key.location", text(None)).sensitive().doc(""),
    global("ssl.key.password", text(None)).sensitive().doc(""),
    global("ssl.key.pem", text(None)).sensitive().doc(""),
    global("ssl_key", Kind::Internal).sensitive().doc(""),
    global("ssl.certificate.location", text(None)).doc(""),
    global("ssl.certificate.pem", text(None)).doc(""),
    global("ssl_certificate", Kind::Internal).doc(""),
    global("ssl.ca.location", text(None)).doc(""),
    global("https.ca.location", text(None)).doc(""),
    global("https.ca.pem", text(None)).doc(""),
    global("ssl.ca.pem", text(None)).sensitive().doc(""),
    global("ssl_ca", Kind::Internal).doc(""),
    global("ssl.ca.certificate.stores", text(Some("Root")))
        .unsupported("configuration only valid on Windows")
        .doc(""),
    global("ssl.crl.location", text(None)).doc(""),
    global("ssl.keystore.location", text(None)).doc(""),
    global("ssl.keystore.password", text(None)).sensitive().doc(""),
    global("ssl.providers", text(None)).doc(""),
    global("ssl.engine.location", text(None)).deprecated().doc(""),
    global("ssl.engine.id", text(Some("dynamic"))).doc(""),
    global("ssl_engine_callback_data", Kind::Pointer).doc(""),
    global("enable.ssl.certificate.verification", boolean(true)).doc(""),
    global(
        "ssl.endpoint.identification.algorithm",
        one_of(1, SSL_ENDPOINT_IDENTIFICATION_ALGORITHM),
    )
    .doc(""),
    global("ssl.certificate.verify_cb", Kind::Pointer).doc(""),
    global("ssl.truststore.location", Kind::Invalid).doc(
        "Java TrustStores are not supported, use `ssl.ca.location` and a certificate file \
         instead. See https://github.com/confluentinc/librdkafka/wiki/Using-SSL-with-librdkafka \
         for more information.",
    ),
];
