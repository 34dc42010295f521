//! Which version of each API to speak with a broker (KIP-35): the highest that both sides know.

use crate::protocol::ApiKey;
use crate::protocol::api_versions::ApiVersionsResponse;

/// API versions the broker told us.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    ranges: Vec<(i16, i16, i16)>,
}

impl Versions {
    /// Takes the broker's answer.
    pub fn from_response(response: &ApiVersionsResponse<'_>) -> Self {
        let ranges = response
            .api_keys
            .iter()
            .map(|api| (api.api_key, api.min_version, api.max_version))
            .collect();
        Self { ranges }
    }

    /// The highest common version of `api` within `ours`, `None` if there is none.
    pub fn pick(&self, api: ApiKey, ours: std::ops::RangeInclusive<i16>) -> Option<i16> {
        let &(_, min, max) = self.ranges.iter().find(|(key, _, _)| *key == api.0)?;
        let version = max.min(*ours.end());
        (version >= min && version >= *ours.start()).then_some(version)
    }
}
