//! ApiVersions v0 to v4: which APIs and versions a broker speaks (KIP-35, KIP-511, KIP-584).
//!
//! A broker that does not know the version asked answers in v0 with `UNSUPPORTED_VERSION`; the response header is
//! always v0.

use super::error_code::ErrorCode;
use super::message::{api, message};

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
