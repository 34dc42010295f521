//! Requests sent, by their kind.

use serde::Serializer;
use serde::ser::SerializeMap;

/// What a producer may send, by librdkafka's names, and whether it is shown before it was sent once.
const KINDS: &[(i16, &str, bool)] = &[
    (0, "Produce", true),
    (2, "ListOffsets", true),
    (3, "Metadata", true),
    (10, "FindCoordinator", true),
    (15, "DescribeGroups", false),
    (16, "ListGroups", false),
    (17, "SaslHandshake", true),
    (18, "ApiVersion", true),
    (19, "CreateTopics", false),
    (20, "DeleteTopics", false),
    (21, "DeleteRecords", false),
    (22, "InitProducerId", true),
    (24, "AddPartitionsToTxn", true),
    (25, "AddOffsetsToTxn", true),
    (26, "EndTxn", true),
    (28, "TxnOffsetCommit", true),
    (32, "DescribeConfigs", false),
    (33, "AlterConfigs", false),
    (36, "SaslAuthenticate", true),
    (37, "CreatePartitions", false),
    (60, "DescribeCluster", true),
    (61, "DescribeProducers", true),
    (65, "DescribeTransactions", true),
    (66, "ListTransactions", true),
    (71, "GetTelemetrySubscriptions", true),
    (72, "PushTelemetry", true),
    (76, "ShareGroupHeartbeat", true),
    (78, "ShareFetch", true),
    (79, "ShareAcknowledge", true),
];

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// By API key; a handful.
    sent: Vec<(i16, u64)>,
}

impl RequestCounts {
    /// Counts one.
    pub fn count(&mut self, api_key: i16) {
        match self.sent.iter_mut().find(|(key, _)| *key == api_key) {
            Some((_, count)) => *count += 1,
            None => self.sent.push((api_key, 1)),
        }
    }

    /// How many of a kind were sent.
    pub fn of(&self, api_key: i16) -> u64 {
        self.sent.iter().find(|(key, _)| *key == api_key).map_or(0, |(_, count)| *count)
    }
}

impl serde::Serialize for RequestCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for &(key, name, always) in KINDS {
            let count = self.of(key);
            if always || count > 0 {
                map.serialize_entry(name, &count)?;
            }
        }
        for &(key, count) in &self.sent {
            if !KINDS.iter().any(|(known, _, _)| *known == key) {
                map.serialize_entry(&format!("Unknown-{key}?"), &count)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_kinds_are_shown_always_and_others_once_they_were_sent() {
        let mut counts = RequestCounts::default();
        for key in [0, 0, 16, 99] {
            counts.count(key);
        }
        let json: serde_json::Value = serde_json::to_value(&counts).unwrap();
        let shown = |name: &str| json.get(name).and_then(serde_json::Value::as_u64);
        assert_eq!(shown("Produce"), Some(2));
        assert_eq!(shown("Metadata"), Some(0));
        assert_eq!(shown("ListGroups"), Some(1));
        assert_eq!(shown("DescribeGroups"), None);
        assert_eq!(shown("Unknown-99?"), Some(1));
    }
}
