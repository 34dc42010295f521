//! What helps somebody who set a property that there is not: the nearest name that there is, or what another client's
//! property is called here. Pure functions, for the path of errors only.

use strsim::normalized_damerau_levenshtein;

use super::property::{Kind, Property, Scope};
use super::table;

/// Longer names are not looked at: no property's is, and the comparison takes the product of both lengths.
const NAME_LEN_MAX: usize = 128;

/// How alike two names must be, from 0 to 1, for one to be proposed for the other.
const LIKENESS_MIN: f64 = 0.7;

/// Properties of Apache Kafka's own producer (and some of its consumer) that are called differently here, and what to
/// use instead. Names that both know are left out; a name that becomes a property of ours is found before this list.
const JAVA: &[(&str, &str)] = &[
    ("max.request.size", "use \"message.max.bytes\""),
    ("buffer.memory", "use \"queue.buffering.max.kbytes\""),
    ("max.block.ms", "produce with RD_KAFKA_MSG_F_BLOCK to wait for room in the queue"),
    ("key.serializer", "give rd_kafka_produce() bytes that are already serialized"),
    ("value.serializer", "give rd_kafka_produce() bytes that are already serialized"),
    ("partitioner.class", "use \"partitioner\"; Java's default is its \"murmur2_random\""),
    ("partitioner.ignore.keys", "use \"partitioner\" with \"random\" or \"round_robin\""),
    ("partitioner.adaptive.partitioning.enable", "there is no equivalent"),
    ("partitioner.availability.timeout.ms", "there is no equivalent"),
    ("compression.gzip.level", "use \"compression.level\""),
    ("compression.lz4.level", "use \"compression.level\""),
    ("compression.zstd.level", "use \"compression.level\""),
    ("metadata.max.idle.ms", "topics are known until the handle is destroyed"),
    ("send.buffer.bytes", "use \"socket.send.buffer.bytes\""),
    ("receive.buffer.bytes", "use \"socket.receive.buffer.bytes\""),
    ("socket.connection.setup.timeout.max.ms", "use \"socket.connection.setup.timeout.ms\""),
    ("default.api.timeout.ms", "the calls that wait take a timeout each"),
    ("interceptor.classes", "use rd_kafka_conf_interceptor_add_on_new()"),
    ("metric.reporters", "use \"statistics.interval.ms\" and rd_kafka_conf_set_stats_cb()"),
    ("metrics.num.samples", "use \"statistics.interval.ms\""),
    ("metrics.recording.level", "use \"statistics.interval.ms\""),
    ("metrics.sample.window.ms", "use \"statistics.interval.ms\""),
    ("auto.include.jmx.reporter", "use \"statistics.interval.ms\""),
    ("config.providers", "there is no equivalent"),
    ("security.providers", "use \"ssl.providers\""),
    ("transaction.two.phase.commit.enable", "there is no equivalent"),
    ("ssl.truststore.password", "PEM files need none; use \"ssl.ca.location\""),
    ("ssl.truststore.type", "use \"ssl.ca.location\" and a PEM file"),
    ("ssl.truststore.certificates", "use \"ssl.ca.pem\""),
    ("ssl.keystore.certificate.chain", "use \"ssl.certificate.pem\""),
    ("ssl.keystore.key", "use \"ssl.key.pem\""),
    ("ssl.keystore.type", "\"ssl.keystore.location\" takes PKCS#12"),
    ("ssl.protocol", "there is no equivalent"),
    ("ssl.provider", "use \"ssl.providers\""),
    ("ssl.enabled.protocols", "there is no equivalent"),
    ("ssl.engine.factory.class", "there is no equivalent"),
    ("sasl.client.callback.handler.class", "there is no equivalent"),
    ("sasl.login.callback.handler.class", "use rd_kafka_conf_set_oauthbearer_token_refresh_cb()"),
    ("sasl.login.class", "there is no equivalent"),
    ("key.deserializer", "messages are handed over as bytes"),
    ("value.deserializer", "messages are handed over as bytes"),
    ("fetch.max.wait.ms", "use \"fetch.wait.max.ms\""),
    ("exclude.internal.topics", "use \"topic.blacklist\""),
];

/// What to add to "No such configuration property", in parentheses; empty when nothing is near. `scope` is that of the
/// object on which `name` was to be set; a handle's takes topic properties too.
pub(super) fn hint(scope: Scope, name: &[u8]) -> String {
    let Ok(name) = std::str::from_utf8(name) else { return String::new() };
    if name.len() > NAME_LEN_MAX {
        return String::new();
    }
    let spelt = name.trim().to_ascii_lowercase().replace(['_', '-', ' '], ".");
    // Programs try one object and then the other: a name that the other knows is no slip.
    if scope == Scope::Topic && table::find(Scope::Global, name.as_bytes()).is_some() {
        return String::new();
    }
    if let Some((_, instead)) = JAVA.iter().find(|(java, _)| *java == spelt) {
        return format!(" (that is the Java client's: {instead})");
    }
    match nearest(scope, &spelt) {
        // With the prefix of topics' properties.
        Some(near) if near == name => " (it is not a property of topics)".to_owned(),
        Some(near) => format!(" (did you mean \"{near}\"?)"),
        None => String::new(),
    }
}

/// A property that applications set by its name.
fn is_settable(row: &Property) -> bool {
    !row.hidden && !matches!(row.kind, Kind::Pointer | Kind::Internal | Kind::Invalid)
}

fn nearest(scope: Scope, spelt: &str) -> Option<&'static str> {
    let wanted =
        |row: &&Property| is_settable(row) && (scope == Scope::Global || row.scope == scope);
    let likeness = |row: &'static Property| {
        let known = row.name.replace('_', ".");
        (normalized_damerau_levenshtein(spelt, &known), row.name)
    };
    let best = table::all()
        .filter(wanted)
        .map(likeness)
        .reduce(|best, other| if other.0 > best.0 { other } else { best });
    best.filter(|(likeness, _)| *likeness >= LIKENESS_MIN).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_name_that_was_meant() {
        for (wrong, right) in [
            ("bootstrap.server", "bootstrap.servers"),
            ("bootstrap_servers", "bootstrap.servers"),
            ("Linger.MS", "linger.ms"),
            ("compresion.type", "compression.type"),
            ("enable.idempotent", "enable.idempotence"),
            ("message.timout.ms", "message.timeout.ms"),
            ("queue.buffering.max.message", "queue.buffering.max.messages"),
            (" acks", "acks"),
            ("client-id", "client.id"),
        ] {
            let hint = hint(Scope::Global, wrong.as_bytes());
            assert_eq!(hint, format!(" (did you mean \"{right}\"?)"), "{wrong}");
        }
    }

    #[test]
    fn what_is_like_nothing_gets_no_hint() {
        let long = "x".repeat(1 << 20);
        for name in ["", "nope", "nothing", "x", "foo.bar", "\u{fc}", long.as_str()] {
            assert_eq!(hint(Scope::Global, name.as_bytes()), "", "{name:.20}");
        }
        assert_eq!(hint(Scope::Global, b"\xff\xfe"), "");
    }

    #[test]
    fn a_java_name_gets_its_equivalent() {
        let told = hint(Scope::Global, b"max.request.size");
        assert_eq!(told, " (that is the Java client's: use \"message.max.bytes\")");
        assert!(hint(Scope::Global, b"key.serializer").contains("already serialized"));
    }

    #[test]
    fn a_topic_configuration_is_told_of_topic_properties_only() {
        assert_eq!(hint(Scope::Topic, b"linger.ms"), "");
        assert_eq!(hint(Scope::Topic, b"lnger.ms"), "");
        assert_eq!(hint(Scope::Topic, b"ack"), " (did you mean \"acks\"?)");
    }

    /// What a hint says to use is there.
    #[test]
    fn every_equivalent_is_a_property() {
        for (java, instead) in JAVA {
            for quoted in instead.split('"').skip(1).step_by(2) {
                let is_value = ["murmur2_random", "random", "round_robin"].contains(&quoted);
                let known = table::all().any(|row| row.name == quoted);
                assert!(known || is_value, "{java}: {quoted} is not a property");
            }
        }
    }
}
