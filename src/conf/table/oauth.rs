//! SASL/OAUTHBEARER (KIP-255) and its OIDC token retrieval (KIP-768).

use crate::conf::property::{Kind, Property, Word, boolean, global, int, one_of, text, word};

const SASL_OAUTHBEARER_METHOD: &[Word] = &[word(0, "default"), word(1, "oidc")];

const SASL_OAUTHBEARER_GRANT_TYPE: &[Word] =
    &[word(0, "client_credentials"), word(1, "urn:ietf:params:oauth:grant-type:jwt-bearer")];

const SASL_OAUTHBEARER_ASSERTION_ALGORITHM: &[Word] = &[word(0, "RS256"), word(1, "ES256")];

const SASL_OAUTHBEARER_METADATA_AUTHENTICATION_TYPE: &[Word] =
    &[word(0, "none"), word(1, "azure_imds"), word(2, "aws_iam")];

pub(super) const ROWS: &[Property] = &[
    global("sasl.oauthbearer.config", text(None)).sensitive().doc(
        "Settings for whatever makes the OAuth token. The built-in unsecured token reads \
         `name=value` pairs: principal, principalClaimName, scope, scopeClaimName, lifeSeconds \
         and `extension_NAME`.",
    ),
    global("enable.sasl.oauthbearer.unsecure.jwt", boolean(false))
        .doc("Let the library make unsigned tokens itself. For tests only."),
    global("oauthbearer_token_refresh_cb", Kind::Pointer).doc(
        "Called when a new OAuth token is needed \
         (`rd_kafka_conf_set_oauthbearer_token_refresh_cb()`).",
    ),
    global("enable_sasl_queue", boolean(false))
        .hidden()
        .doc("Give SASL callbacks a queue of their own (`rd_kafka_conf_enable_sasl_queue()`)."),
    global("sasl.oauthbearer.method", one_of(0, SASL_OAUTHBEARER_METHOD)).doc(
        "Where tokens come from: `default` asks the application or makes unsecured ones, `oidc` \
         fetches them from an OpenID Connect provider.",
    ),
    global("sasl.oauthbearer.client.id", text(None))
        .doc("Name of this application at the OpenID provider."),
    global(
        "sasl.oauthbearer.client.credentials.client.id",
        Kind::Alias("sasl.oauthbearer.client.id"),
    ),
    global(
        "sasl.oauthbearer.client.credentials.client.secret",
        Kind::Alias("sasl.oauthbearer.client.secret"),
    ),
    global("sasl.oauthbearer.client.secret", text(None))
        .sensitive()
        .doc("Secret of this application at the OpenID provider."),
    global("sasl.oauthbearer.scope", text(None)).doc("Scope to ask the OpenID provider for."),
    global("sasl.oauthbearer.extensions", text(None))
        .doc("SASL extensions for the broker, as `key=value` separated by commas."),
    global("sasl.oauthbearer.token.endpoint.url", text(None))
        .doc("URL where the OpenID provider gives out tokens."),
    global("sasl.oauthbearer.sub.claim.name", text(Some("sub"))).doc(
        "Claim of the token that names the principal; it should be what the broker is configured \
         with.",
    ),
    global("sasl.oauthbearer.grant.type", one_of(0, SASL_OAUTHBEARER_GRANT_TYPE)).doc(
        "How this application proves itself to the OpenID provider: by its secret, or by a signed \
         assertion.",
    ),
    global("sasl.oauthbearer.assertion.algorithm", one_of(0, SASL_OAUTHBEARER_ASSERTION_ALGORITHM))
        .doc("Algorithm that signs the assertion."),
    global("sasl.oauthbearer.assertion.private.key.file", text(None))
        .sensitive()
        .doc("File with the key that signs the assertion (PEM)."),
    global("sasl.oauthbearer.assertion.private.key.passphrase", text(None))
        .sensitive()
        .doc("Passphrase of the key that signs the assertion."),
    global("sasl.oauthbearer.assertion.private.key.pem", text(None))
        .sensitive()
        .doc("The key that signs the assertion itself (PEM)."),
    global("sasl.oauthbearer.assertion.file", text(None)).doc("File with a ready-made assertion."),
    global("sasl.oauthbearer.assertion.claim.aud", text(None))
        .doc("Audience the assertion claims."),
    global("sasl.oauthbearer.assertion.claim.exp.seconds", int(1, i32::MAX, 300))
        .doc("How many seconds an assertion is valid."),
    global("sasl.oauthbearer.assertion.claim.iss", text(None)).doc("Issuer the assertion claims."),
    global("sasl.oauthbearer.assertion.claim.jti.include", boolean(false))
        .doc("Give each assertion a random identifier."),
    global("sasl.oauthbearer.assertion.claim.nbf.seconds", int(0, i32::MAX, 60))
        .doc("How many seconds before now an assertion is valid from."),
    global("sasl.oauthbearer.assertion.claim.sub", text(None)).doc("Subject the assertion claims."),
    global("sasl.oauthbearer.assertion.jwt.template.file", text(None))
        .doc("File with a JSON template of the assertion's header and claims."),
    global(
        "sasl.oauthbearer.metadata.authentication.type",
        one_of(0, SASL_OAUTHBEARER_METADATA_AUTHENTICATION_TYPE),
    )
    .doc(
        "Get tokens from the cloud the client runs in: `azure_imds` asks Azure's metadata \
         service, `aws_iam` uses the AWS role; `sasl.oauthbearer.config` carries their settings.",
    ),
];
