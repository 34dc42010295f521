//! SASL/OAUTHBEARER (KIP-255) and its OIDC token retrieval (KIP-768).

use crate::conf::property::{Kind, Property, Word, boolean, global, int, one_of, text, word};

const SASL_OAUTHBEARER_METHOD: &[Word] = &[word(0, "default"), word(1, "oidc")];

const SASL_OAUTHBEARER_GRANT_TYPE: &[Word] =
    &[word(0, "client_credentials"), word(1, "urn:ietf:params:oauth:grant-type:jwt-bearer")];

const SASL_OAUTHBEARER_ASSERTION_ALGORITHM: &[Word] = &[word(0, "RS256"), word(1, "ES256")];

const SASL_OAUTHBEARER_METADATA_AUTHENTICATION_TYPE: &[Word] =
    &[word(0, "none"), word(1, "azure_imds"), word(2, "aws_iam")];

pub(super) const ROWS: &[Property] = &[
    global("sasl.oauthbearer.config", text(None)).sensitive().doc(""),
    global("enable.sasl.oauthbearer.unsecure.jwt", boolean(false)).doc(""),
    global("oauthbearer_token_refresh_cb", Kind::Pointer).doc(""),
    global("enable_sasl_queue", boolean(false)).hidden().doc(""),
    global("sasl.oauthbearer.method", one_of(0, SASL_OAUTHBEARER_METHOD)).doc(""),
    global("sasl.oauthbearer.client.id", text(None)).doc(""),
    global(
        "sasl.oauthbearer.client.credentials.client.id",
        Kind::Alias("sasl.oauthbearer.client.id"),
    ),
    global(
        "sasl.oauthbearer.client.credentials.client.secret",
        Kind::Alias("sasl.oauthbearer.client.secret"),
    ),
    global("sasl.oauthbearer.client.secret", text(None)).sensitive().doc(""),
    global("sasl.oauthbearer.scope", text(None)).doc(""),
    global("sasl.oauthbearer.extensions", text(None)).doc(""),
    global("sasl.oauthbearer.token.endpoint.url", text(None)).doc(""),
    global("sasl.oauthbearer.sub.claim.name", text(Some("sub"))).doc(""),
    global("sasl.oauthbearer.grant.type", one_of(0, SASL_OAUTHBEARER_GRANT_TYPE)).doc(""),
    global("sasl.oauthbearer.assertion.algorithm", one_of(0, SASL_OAUTHBEARER_ASSERTION_ALGORITHM))
        .doc(""),
    global("sasl.oauthbearer.assertion.private.key.file", text(None)).sensitive().doc(""),
    global("sasl.oauthbearer.assertion.private.key.passphrase", text(None)).sensitive().doc(""),
    global("sasl.oauthbearer.assertion.private.key.pem", text(None)).sensitive().doc(""),
    global("sasl.oauthbearer.assertion.file", text(None)).doc(""),
    global("sasl.oauthbearer.assertion.claim.aud", text(None)).doc(""),
    global("sasl.oauthbearer.assertion.claim.exp.seconds", int(1, i32::MAX, 300)).doc(""),
    global("sasl.oauthbearer.assertion.claim.iss", text(None)).doc(""),
    global("sasl.oauthbearer.assertion.claim.jti.include", boolean(false)).doc(""),
    global("sasl.oauthbearer.assertion.claim.nbf.seconds", int(0, i32::MAX, 60)).doc(""),
    global("sasl.oauthbearer.assertion.claim.sub", text(None)).doc(""),
    global("sasl.oauthbearer.assertion.jwt.template.file", text(None)).doc(""),
    global(
        "sasl.oauthbearer.metadata.authentication.type",
        one_of(0, SASL_OAUTHBEARER_METADATA_AUTHENTICATION_TYPE),
    )
    .doc(""),
];
