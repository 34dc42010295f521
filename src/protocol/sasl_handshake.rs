//! SaslHandshake v0 and v1: agrees on the SASL mechanism; after v1 the tokens travel in SaslAuthenticate (KIP-152).

use super::error_code::ErrorCode;
use super::message::{api, message};

message! {
    /// Proposes a mechanism.
    pub struct SaslHandshakeRequest<'a> {
        /// Its name.
        mechanism: &'a str [0..];
    }

    /// The answer.
    pub struct SaslHandshakeResponse<'a> {
        /// `UNSUPPORTED_SASL_MECHANISM` or none.
        error_code: ErrorCode [0..];
        /// What the broker supports.
        mechanisms: Vec<&'a str> [0..];
    }
}

api!(SASL_HANDSHAKE [0..=1]: SaslHandshakeRequest<'a>, SaslHandshakeResponse<'a>);
