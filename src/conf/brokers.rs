//! Lists of brokers as text: `bootstrap.servers` and `rd_kafka_brokers_add()`. Pure functions.

/// Where a broker listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BrokerAddress {
    /// Host name or address, without brackets around an IPv6 address.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// Kafka's usual port.
pub const DEFAULT_PORT: u16 = 9092;

const PROTOCOLS: [&str; 4] = ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"];

/// Reads a comma-separated list of `[protocol://]host[:port]`. Like librdkafka it stops at the first entry it can't
/// read, keeps those before it, and tells what was wrong with it. `protocol` is the configured `security.protocol`.
pub fn parse_broker_list(list: &str, protocol: &str) -> (Vec<BrokerAddress>, Option<String>) {
    let mut brokers = Vec::new();
    for entry in list.split(',') {
        let entry = entry.trim_start_matches(' ');
        if entry.is_empty() {
            continue;
        }
        match parse_broker(entry, protocol) {
            Ok(broker) => brokers.push(broker),
            Err(error) => return (brokers, Some(error)),
        }
    }
    (brokers, None)
}

fn parse_broker(entry: &str, protocol: &str) -> Result<BrokerAddress, String> {
    let mut name = entry;
    if let Some((given, rest)) = entry.split_once("://") {
        let failed = |why: String| format!("Broker name \"{entry}\" parse error: {why}");
        let upper = given.to_ascii_uppercase();
        if given.is_empty() {
            return Err(failed("empty protocol name".into()));
        }
        if !PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(given)) {
            return Err(failed(format!("unsupported protocol \"{upper}\"")));
        }
        if !given.eq_ignore_ascii_case(protocol) {
            return Err(failed(format!(
                "protocol \"{upper}\" does not match security.protocol setting \"{protocol}\""
            )));
        }
        name = rest.split('/').next().unwrap_or(rest);
    }
    let (host, port) = split_port(name);
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let host = if host.is_empty() { "localhost" } else { host };
    Ok(BrokerAddress { host: host.trim_end().to_string(), port })
}

/// A single colon, or one after a bracket, starts the port; several without brackets are an IPv6 address alone.
fn split_port(name: &str) -> (&str, u16) {
    match name.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, atoi_port(port)),
        _ => (name, DEFAULT_PORT),
    }
}

/// The digits a port starts with, as C's atoi cut to 16 bits; 0 when there are none.
fn atoi_port(text: &str) -> u16 {
    let digits = text.trim_start().bytes().take_while(u8::is_ascii_digit);
    let value = digits.fold(0u64, |sum, b| (sum * 10 + u64::from(b - b'0')).min(1 << 40));
    (value & 0xffff) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(list: &str) -> Vec<(String, u16)> {
        let (brokers, error) = parse_broker_list(list, "plaintext");
        assert_eq!(error, None);
        brokers.into_iter().map(|b| (b.host, b.port)).collect()
    }

    #[test]
    fn hosts_ports_addresses_and_urls_are_told_apart() {
        let expected = |host: &str, port| (host.to_string(), port);
        assert_eq!(parsed("a"), [expected("a", 9092)]);
        assert_eq!(
            parsed("a:1, b:2,,c"),
            [expected("a", 1), expected("b", 2), expected("c", 9092)]
        );
        assert_eq!(parsed("[::1]:9093"), [expected("::1", 9093)]);
        assert_eq!(parsed("[::1]"), [expected("::1", 9092)]);
        assert_eq!(parsed("::1"), [expected("::1", 9092)]);
        assert_eq!(parsed("PLAINTEXT://h:7/path"), [expected("h", 7)]);
        assert_eq!(parsed(":9093"), [expected("localhost", 9093)]);
        assert_eq!(parsed(""), []);
    }

    #[test]
    fn a_wrong_protocol_ends_the_list_and_is_named() {
        let (brokers, error) = parse_broker_list("a:1,ssl://b,c", "plaintext");
        assert_eq!(brokers.len(), 1);
        assert_eq!(
            error.as_deref(),
            Some(
                "Broker name \"ssl://b\" parse error: protocol \"SSL\" does not match \
                 security.protocol setting \"plaintext\""
            )
        );
        assert!(parse_broker_list("foo://b", "plaintext").1.is_some());
        assert!(parse_broker_list("://b", "plaintext").1.is_some());
    }
}
