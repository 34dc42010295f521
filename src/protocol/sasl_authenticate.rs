//! SaslAuthenticate v0 to v2: one step of a SASL exchange (KIP-152, re-authentication: KIP-368).

use super::error_code::ErrorCode;
use super::message::{api, message};

message! {
    /// A token from the client.
    pub struct SaslAuthenticateRequest<'a> {
        /// The token, as the mechanism defines it.
        auth_bytes: &'a [u8] [0..];
    }

    /// A token from the broker.
    pub struct SaslAuthenticateResponse<'a> {
        /// Error.
        error_code: ErrorCode [0..];
        /// Its text.
        error_message: Option<&'a str> [0..];
        /// The token.
        auth_bytes: &'a [u8] [0..];
        /// When to authenticate again, 0 for never.
        session_lifetime_ms: i64 [1..];
    }
}

api!(SASL_AUTHENTICATE [0..=2]: SaslAuthenticateRequest<'a>, SaslAuthenticateResponse<'a>);
