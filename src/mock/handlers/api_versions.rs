//! ApiVersions: what the brokers speak (KIP-35, KIP-511).

use super::{Reply, Request, Result, advertised};
use crate::mock::cluster::Cluster;
use crate::protocol::api_versions::{ApiVersion, ApiVersionsRequest, ApiVersionsResponse};
use crate::protocol::header::encode_response;
use crate::protocol::{ApiKey, ErrorCode};

pub(super) fn handle(cluster: &mut Cluster, request: &Request<'_>, out: &mut Vec<u8>) -> Result {
    request.decode::<ApiVersionsRequest<'_>>()?;
    request.reply(&response(cluster, request.injected, |_| true), out)
}

/// A version not spoken: version 0 of the response tells which are.
pub(super) fn refuse_version(cluster: &Cluster, correlation_id: i32, out: &mut Vec<u8>) -> Reply {
    let own = |key| key == ApiKey::API_VERSIONS;
    encode_response(
        &response(cluster, ErrorCode::UNSUPPORTED_VERSION, own),
        0,
        correlation_id,
        out,
    );
    Reply::Written
}

fn response(
    cluster: &Cluster,
    error_code: ErrorCode,
    wanted: impl Fn(ApiKey) -> bool,
) -> ApiVersionsResponse<'static> {
    let api_keys = advertised(cluster)
        .filter(|&(key, ..)| wanted(key))
        .map(|(key, min_version, max_version)| ApiVersion {
            api_key: key.0,
            min_version,
            max_version,
        })
        .collect();
    ApiVersionsResponse { error_code, api_keys, ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::test_support::Client;

    #[test]
    fn every_version_tells_the_same_apis() {
        for version in 0..=4 {
            let mut client = Client::new();
            let bytes = client.call(&ApiVersionsRequest::default(), version);
            let response: ApiVersionsResponse<'_> = Client::decode(&bytes, version);
            let produce = response.api_keys.iter().find(|api| api.api_key == 0).expect("Produce");
            assert_eq!((produce.min_version, produce.max_version), (0, 13));
        }
    }

    #[test]
    fn an_unknown_version_is_answered_in_version_0() {
        let mut client = Client::new();
        let bytes = client.call_raw(ApiKey::API_VERSIONS, 99, &[1, 2, 3]);
        let response: ApiVersionsResponse<'_> = Client::decode(&bytes, 0);
        assert_eq!(response.error_code, ErrorCode::UNSUPPORTED_VERSION);
        assert_eq!(response.api_keys.len(), 1);
        assert_eq!(response.api_keys[0].api_key, 18);
    }

    #[test]
    fn versions_can_be_limited_and_hidden() {
        let mut client = Client::new();
        client.cluster().set_api_versions(ApiKey::PRODUCE, Some((0, 7)));
        client.cluster().set_api_versions(ApiKey::FETCH, None);
        let bytes = client.call(&ApiVersionsRequest::default(), 0);
        let response: ApiVersionsResponse<'_> = Client::decode(&bytes, 0);
        assert_eq!(response.api_keys[0].max_version, 7);
        assert!(response.api_keys.iter().all(|api| api.api_key != 1));
        assert!(client.try_call_raw(ApiKey::PRODUCE, 8, &[]).is_none(), "closed");
    }
}
