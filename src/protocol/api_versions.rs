//! ApiVersions v0 to v4: which APIs and versions a broker speaks (KIP-35, KIP-511, KIP-584).
//!
//! A broker that does not know the version asked answers in v0 with `UNSUPPORTED_VERSION`; the response header is
//! always v0.

use super::error_code::ErrorCode;
use super::message::{Message, api, message};
use super::wire::{Reader, Result};

message! {
    /// Asks for the supported versions.
    pub struct ApiVersionsRequest<'a> {
        /// Name of the client library.
        client_software_name: &'a str [3..];
        /// Its version.
        client_software_version: &'a str [3..];
    }

    /// The supported versions.
    pub struct ApiVersionsResponse<'a> {
        /// `UNSUPPORTED_VERSION` when the request's version is unknown.
        error_code: ErrorCode [0..];
        /// One entry for each API.
        api_keys: Vec<ApiVersion> [0..];
        /// How long the client is throttled.
        throttle_time_ms: i32 [1..];
        /// Features the broker supports.
        supported_features: Vec<SupportedFeature<'a>> [3..] tag 0;
        /// Epoch of the finalized features, -1 when unknown.
        finalized_features_epoch: i64 [3..] tag 1 = -1;
        /// Features finalized in the cluster.
        finalized_features: Vec<FinalizedFeature<'a>> [3..] tag 2;
        /// Ready to migrate from ZooKeeper.
        zk_migration_ready: bool [3..] tag 3;
    }

    /// The versions of one API.
    pub struct ApiVersion {
        /// The API.
        api_key: i16 [0..];
        /// Lowest version.
        min_version: i16 [0..];
        /// Highest version.
        max_version: i16 [0..];
    }

    /// A feature and its supported versions.
    pub struct SupportedFeature<'a> {
        /// Name.
        name: &'a str [3..];
        /// Lowest version.
        min_version: i16 [3..];
        /// Highest version.
        max_version: i16 [3..];
    }

    /// A feature and its finalized version levels.
    pub struct FinalizedFeature<'a> {
        /// Name.
        name: &'a str [3..];
        /// Highest level.
        max_version_level: i16 [3..];
        /// Lowest level.
        min_version_level: i16 [3..];
    }
}

api!(API_VERSIONS [0..=4]: ApiVersionsRequest<'a>, ApiVersionsResponse<'a>);

impl<'a> ApiVersionsResponse<'a> {
    /// Reads the answer to a request in `version`. A broker that does not know that version says so in v0, with the
    /// versions it does know (KIP-511) or with none (before).
    pub fn decode_answer(reader: &mut Reader<'a>, version: i16) -> Result<Self> {
        let error_code = ErrorCode(reader.clone().i16()?);
        let refused = error_code == ErrorCode::UNSUPPORTED_VERSION;
        Self::decode(reader, if refused { 0 } else { version })
    }

    /// The versions of an API, if the broker speaks it.
    pub fn versions_of(&self, api_key: super::ApiKey) -> Option<std::ops::RangeInclusive<i16>> {
        let entry = self.api_keys.iter().find(|entry| entry.api_key == api_key.0)?;
        (entry.min_version <= entry.max_version).then_some(entry.min_version..=entry.max_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ApiKey;

    #[test]
    fn a_refusal_is_read_in_v0_whatever_was_asked() {
        let refusal = ApiVersionsResponse {
            error_code: ErrorCode::UNSUPPORTED_VERSION,
            api_keys: vec![ApiVersion { api_key: 18, min_version: 0, max_version: 2 }],
            ..Default::default()
        };
        let mut bytes = Vec::new();
        refusal.encode(0, &mut bytes);
        let read = ApiVersionsResponse::decode_answer(&mut Reader::new(&bytes), 4);
        assert_eq!(read.as_ref(), Ok(&refusal));
        let versions = read.expect("read").versions_of(ApiKey::API_VERSIONS);
        assert_eq!(versions, Some(0..=2));
        assert_eq!(refusal.versions_of(ApiKey::PRODUCE), None);
    }

    #[test]
    fn another_answer_is_read_in_the_version_asked() {
        let answer = ApiVersionsResponse { finalized_features_epoch: 7, ..Default::default() };
        let mut bytes = Vec::new();
        answer.encode(4, &mut bytes);
        assert_eq!(ApiVersionsResponse::decode_answer(&mut Reader::new(&bytes), 4), Ok(answer));
    }
}
