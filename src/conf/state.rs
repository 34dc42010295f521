//! What this version does with each property: the one place to change when a feature is built. Everything not listed
//! here is honoured, except what is for consumers only, which a producer accepts and ignores.

use super::property::{Kind, Property, Role};

/// What this version does with a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does what it says.
    Honoured,
    /// It can be set and read back, but has no effect; the handle's log says so once when it is set.
    Accepted,
    /// A handle refuses to start when it is set to anything but its default: ignoring it would mislead.
    Refused,
}

/// Accepted without effect, and why.
const ACCEPTED: &[(&str, &str)] = &[
    ("message.copy.max.bytes", "payloads are always copied into their batch once"),
    ("metadata.request.timeout.ms", "librdkafka ignores it too"),
    ("topic.metadata.refresh.fast.cnt", "librdkafka ignores it too"),
    ("socket.blocking.max.ms", "librdkafka ignores it too"),
    ("reconnect.backoff.jitter.ms", "librdkafka ignores it too"),
    ("produce.offset.report", "offsets are always reported"),
    ("topic.blacklist", "regular expressions are not built"),
    ("enable.sparse.connections", "connections are always made on demand"),
    ("enable.random.seed", "srand() is never called"),
    ("api.version.request", "versions are always requested"),
    ("api.version.fallback.ms", "brokers too old to tell their versions are not supported"),
    ("broker.version.fallback", "brokers too old to tell their versions are not supported"),
    ("client.rack", "only consumers use it"),
    ("client.dns.lookup", "bootstrap names are never made canonical"),
    ("enable.metrics.push", "client metrics are not built"),
    ("queuing.strategy", "queues are always fifo"),
    ("socket.max.fails", "a request that timed out always ends its connection"),
    ("internal.termination.signal", "threads are woken without signals"),
    ("msg_order_cmp", "queues are always fifo"),
    ("transaction.timeout.ms", "transactions are not built"),
    ("oauthbearer_token_refresh_cb", "SASL is not built"),
    ("enable_sasl_queue", "SASL is not built"),
    ("ut_handle_ProduceResponse", "it belongs to librdkafka's own tests"),
];

/// Refused unless at their defaults, and why.
const REFUSED: &[(&str, &str)] = &[
    ("security.protocol", "only `plaintext` is built; TLS and SASL are not"),
    ("transactional.id", "transactions are not built"),
];

/// Properties that do nothing unless `security.protocol` asks for what is refused above.
const ACCEPTED_PREFIXES: &[(&str, &str)] = &[
    ("ssl.", "TLS is not built"),
    ("ssl_", "TLS is not built"),
    ("enable.ssl.", "TLS is not built"),
    ("https.", "OAuth over HTTPS is not built"),
    ("sasl.", "SASL is not built"),
    ("enable.sasl.", "SASL is not built"),
];

fn listed(list: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    list.iter().find(|(listed, _)| *listed == name).map(|(_, why)| *why)
}

/// What this version does with `row`, and why if it is less than everything.
pub fn state(row: &Property) -> (State, &'static str) {
    let name = match row.kind {
        Kind::Alias(target) => target,
        _ => row.name,
    };
    if let Some(why) = listed(REFUSED, name) {
        return (State::Refused, why);
    }
    if row.role == Role::Consumer {
        return (State::Accepted, "consumers are not built");
    }
    if let Some(why) = listed(ACCEPTED, name) {
        return (State::Accepted, why);
    }
    match ACCEPTED_PREFIXES.iter().find(|(prefix, _)| name.starts_with(prefix)) {
        Some((_, why)) => (State::Accepted, why),
        None => (State::Honoured, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conf::table;

    #[test]
    fn every_listed_name_is_a_property() {
        for (name, _) in ACCEPTED.iter().chain(REFUSED) {
            let known = table::all().any(|row| row.name == *name);
            assert!(known, "{name} is not a property");
        }
    }

    #[test]
    fn an_alias_has_the_state_of_its_target() {
        for row in table::all() {
            if let Kind::Alias(target) = row.kind {
                let (_, target) = table::find(row.scope, target.as_bytes()).expect("target");
                assert_eq!(state(row).0, state(target).0, "{}", row.name);
            }
        }
    }
}
