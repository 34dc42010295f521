//! What `rd_kafka_new` does to a configuration before it uses it: values that follow from others, and combinations that
//! can't work. Texts are librdkafka's.

use super::property::Property;
use super::set::{GlobalConf, TopicConf};
use super::state::{State, state};
use super::value::{Value, default_value};

/// Most requests in flight that an idempotent producer may have (the broker remembers five batches).
const IDEMPOTENT_MAX_IN_FLIGHT: i32 = 5;

/// Idle connections to Azure are cut by its load balancer after four minutes: close them before.
const AZURE_MAX_IDLE_MS: i32 = (4 * 60 - 10) * 1000;

fn fail(text: &str) -> Result<(), String> {
    Err(text.to_string())
}

/// Checks and completes a producer's configuration in place, so that reading it back gives the values in use.
pub fn finalize(conf: &mut GlobalConf) -> Result<(), String> {
    software_strings(conf);
    callbacks(conf)?;
    tls(conf)?;
    transaction(conf)?;
    idempotence(conf)?;
    if !conf.is_modified("sticky.partitioning.linger.ms") {
        let twice = 2.0 * conf.float("linger.ms");
        let twice_ms = if twice > 900_000.0 { 900_000 } else { twice as i32 };
        conf.adjust("sticky.partitioning.linger.ms", Value::Int(twice_ms));
    }
    connections(conf)?;
    memory(conf)?;
    if !conf.is_modified("allow.auto.create.topics") {
        conf.adjust("allow.auto.create.topics", Value::Int(1));
    }
    if conf.int("test.mock.num.brokers") > 0 {
        // The embedded cluster speaks plaintext whatever was configured.
        conf.adjust("security.protocol", Value::Int(0));
    }
    default_topic(conf)?;
    refusals(conf)
}

/// KIP-511 allows letters, digits, `-` and `.`, starting and ending with a letter or digit.
fn software_strings(conf: &mut GlobalConf) {
    if conf.text("client.software.name").is_none() {
        conf.adjust("client.software.name", Value::Text(b"librdkafka".to_vec()));
    }
    for name in ["client.software.name", "client.software.version"] {
        if let Some(text) = conf.text(name) {
            conf.adjust(name, Value::Text(sanitized(&text).into_bytes()));
        }
    }
}

fn sanitized(text: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let text: String = text.bytes().map(|b| if safe(b) { b as char } else { '-' }).collect();
    text.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_string()
}

/// A default pointer is set when the object is made, so 0 means that the application took it away.
fn callbacks(conf: &GlobalConf) -> Result<(), String> {
    for name in ["socket_cb", "open_cb"] {
        if conf.is_modified(name) && conf.pointer(name) == 0 {
            return Err(format!("Mandatory config property `{name}` not set"));
        }
    }
    Ok(())
}

fn tls(conf: &GlobalConf) -> Result<(), String> {
    let is_set = |name: &str| conf.text(name).is_some();
    if is_set("ssl.keystore.location") && !is_set("ssl.keystore.password") {
        return fail("`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set");
    }
    if is_set("https.ca.location") && is_set("https.ca.pem") {
        return fail("`https.ca.location` and `https.ca.pem` are mutually exclusive");
    }
    Ok(())
}

fn transaction(conf: &mut GlobalConf) -> Result<(), String> {
    if conf.text("transactional.id").is_none() {
        return Ok(());
    }
    if !conf.flag("enable.idempotence") {
        if conf.is_modified("enable.idempotence") {
            return fail("`transactional.id` requires `enable.idempotence=true`");
        }
        conf.adjust("enable.idempotence", Value::Int(1));
    }
    // At least one request must fit into a transaction's time.
    let timeout_ms = conf.int("transaction.timeout.ms");
    if !conf.is_modified("socket.timeout.ms") {
        conf.adjust("socket.timeout.ms", Value::Int((timeout_ms - 100).max(900)));
    } else if timeout_ms.saturating_add(100) < conf.int("socket.timeout.ms") {
        return fail("`socket.timeout.ms` must be set <= `transaction.timeout.ms` + 100");
    }
    Ok(())
}

fn idempotence(conf: &mut GlobalConf) -> Result<(), String> {
    if !conf.flag("enable.idempotence") {
        if conf.is_modified("enable.gapless.guarantee") && conf.flag("enable.gapless.guarantee") {
            return fail("`enable.gapless.guarantee` requires `enable.idempotence` to be enabled");
        }
        return Ok(());
    }
    let max_in_flight = conf.int("max.in.flight");
    if !conf.is_modified("max.in.flight") {
        let fewer = max_in_flight.min(IDEMPOTENT_MAX_IN_FLIGHT);
        conf.adjust("max.in.flight", Value::Int(fewer));
    } else if max_in_flight > IDEMPOTENT_MAX_IN_FLIGHT {
        return fail("`max.in.flight` must be set <= 5 when `enable.idempotence` is true");
    }
    if !conf.is_modified("retries") {
        conf.adjust("retries", Value::Int(i32::MAX));
    } else if conf.int("retries") < 1 {
        return fail("`retries` must be set >= 1 when `enable.idempotence` is true");
    }
    if conf.int("queue.buffering.backpressure.threshold") > 1 {
        return fail(
            "`queue.buffering.backpressure.threshold` must be set to 1 when \
             `enable.idempotence` is true",
        );
    }
    Ok(())
}

fn connections(conf: &mut GlobalConf) -> Result<(), String> {
    let refresh_ms = conf.int("topic.metadata.refresh.interval.ms");
    if !conf.is_modified("metadata.max.age.ms") && refresh_ms > 0 {
        conf.adjust("metadata.max.age.ms", Value::Int(refresh_ms.saturating_mul(3)));
    }
    if conf.int("reconnect.backoff.max.ms") < conf.int("reconnect.backoff.ms") {
        return fail("`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`");
    }
    if !conf.is_modified("topic.metadata.refresh.fast.interval.ms") {
        let backoff_ms = conf.int("retry.backoff.ms");
        conf.adjust("topic.metadata.refresh.fast.interval.ms", Value::Int(backoff_ms));
    }
    let brokers = conf.text("bootstrap.servers").unwrap_or_default();
    let on_azure = brokers.to_ascii_lowercase().contains("azure");
    if on_azure && !conf.is_modified("connections.max.idle.ms") {
        conf.adjust("connections.max.idle.ms", Value::Int(AZURE_MAX_IDLE_MS));
    }
    Ok(())
}

/// Less would not hold what a batch or two grow by.
const BUFFER_MEMORY_MIN_BYTES: i32 = 1 << 20;

fn memory(conf: &GlobalConf) -> Result<(), String> {
    match conf.int("buffer.memory") {
        1..BUFFER_MEMORY_MIN_BYTES => fail("`buffer.memory` must be 0 or >= 1048576"),
        _ => Ok(()),
    }
}

const TIMEOUT_BELOW_LINGER: &str = "`message.timeout.ms` must be greater than `linger.ms`";

fn default_topic(conf: &mut GlobalConf) -> Result<(), String> {
    let Some(mut topic) = conf.topic_conf().cloned() else { return Ok(()) };
    let timeout_ms = topic.int("message.timeout.ms");
    if timeout_ms != 0 && f64::from(timeout_ms) <= conf.float("linger.ms") {
        if conf.is_modified("linger.ms") {
            return fail(TIMEOUT_BELOW_LINGER);
        }
        conf.adjust("queue.buffering.max.ms", Value::Float(f64::from(timeout_ms) - 0.1));
    }
    finalize_topic(conf, &mut topic)?;
    if let Some(own) = conf.topic_conf_mut() {
        *own = topic;
    }
    Ok(())
}

/// Checks and completes a topic's configuration in place; `conf` must have been finalized.
pub fn finalize_topic(conf: &GlobalConf, topic: &mut TopicConf) -> Result<(), String> {
    if conf.flag("enable.idempotence") {
        if topic.is_modified("acks") && topic.int("acks") != -1 {
            return fail("`acks` must be set to `all` when `enable.idempotence` is true");
        }
        if topic.is_modified("queuing.strategy") && topic.int("queuing.strategy") != 0 {
            return fail(
                "`queuing.strategy` must be set to `fifo` when `enable.idempotence` is true",
            );
        }
        if conf.text("transactional.id").is_some() {
            let timeout_ms = conf.int("transaction.timeout.ms");
            if !topic.is_modified("message.timeout.ms") {
                topic.adjust("message.timeout.ms", Value::Int(timeout_ms));
            } else if topic.int("message.timeout.ms") > timeout_ms {
                return fail("`message.timeout.ms` must be set <= `transaction.timeout.ms`");
            }
        }
    }
    let timeout_ms = topic.int("message.timeout.ms");
    let too_short = timeout_ms != 0 && f64::from(timeout_ms) <= conf.float("linger.ms");
    if too_short && conf.is_modified("linger.ms") {
        return fail(TIMEOUT_BELOW_LINGER);
    }
    Ok(())
}

/// What is not built and would mislead if it were ignored.
fn refusals(conf: &GlobalConf) -> Result<(), String> {
    let refused = |row: &Property, value: &Value| {
        state(row).0 == State::Refused && *value != default_value(&row.kind)
    };
    match conf.modified_rows().find(|(row, value)| refused(row, value)) {
        None => Ok(()),
        Some((row, _)) => Err(format!(
            "Configuration property \"{}\" is not supported by this version of librdkafka-oxide: {}",
            row.name,
            state(row).1
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finalized(settings: &[(&str, &str)]) -> Result<GlobalConf, String> {
        let mut conf = GlobalConf::new();
        for (name, value) in settings {
            conf.set(name, value).unwrap();
        }
        finalize(&mut conf).map(|()| conf)
    }

    #[test]
    fn a_message_timeout_at_or_below_linger_is_refused_when_linger_was_set() {
        let conf = finalized(&[("linger.ms", "100"), ("message.timeout.ms", "100")]);
        assert_eq!(conf.err().as_deref(), Some(TIMEOUT_BELOW_LINGER));
        assert!(finalized(&[("linger.ms", "100"), ("message.timeout.ms", "0")]).is_ok());
        assert!(finalized(&[("linger.ms", "100"), ("message.timeout.ms", "101")]).is_ok());
    }

    #[test]
    fn a_default_linger_gives_way_to_a_short_message_timeout() {
        let conf = finalized(&[("message.timeout.ms", "3")]).unwrap();
        assert_eq!(conf.get(b"linger.ms").as_deref(), Some(&b"2.9"[..]));
    }

    #[test]
    fn a_buffer_memory_too_small_for_a_batch_is_refused() {
        for (bytes, good) in [("0", true), ("1048575", false), ("1048576", true)] {
            assert_eq!(finalized(&[("buffer.memory", bytes)]).is_ok(), good, "{bytes}");
        }
    }

    #[test]
    fn a_reconnect_backoff_above_its_maximum_is_refused() {
        let conf = finalized(&[("reconnect.backoff.ms", "20000")]);
        assert_eq!(
            conf.err().as_deref(),
            Some("`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`")
        );
    }

    #[test]
    fn values_follow_those_they_default_to() {
        let conf = finalized(&[
            ("linger.ms", "50"),
            ("topic.metadata.refresh.interval.ms", "1000"),
            ("retry.backoff.ms", "77"),
            ("bootstrap.servers", "x.Azure.example:9093"),
        ]);
        let conf = conf.unwrap();
        assert_eq!(conf.int("sticky.partitioning.linger.ms"), 100);
        assert_eq!(conf.int("metadata.max.age.ms"), 3000);
        assert_eq!(conf.int("topic.metadata.refresh.fast.interval.ms"), 77);
        assert_eq!(conf.int("connections.max.idle.ms"), 230_000);
        assert!(conf.flag("allow.auto.create.topics"));
        assert!(!conf.is_modified("metadata.max.age.ms"));
    }

    #[test]
    fn what_is_not_built_is_refused_by_name() {
        for (name, value) in [("security.protocol", "ssl"), ("transactional.id", "t")] {
            let error = finalized(&[(name, value)]).err().unwrap();
            assert!(error.contains(name), "{error}");
        }
        assert!(finalized(&[("security.protocol", "plaintext")]).is_ok());
        assert!(finalized(&[("security.protocol", "ssl"), ("test.mock.num.brokers", "1")]).is_ok());
    }

    #[test]
    fn what_idempotence_needs_is_demanded_of_the_application_and_else_adjusted() {
        let error = finalized(&[("enable.idempotence", "1"), ("max.in.flight", "6")]).err();
        let expected = "`max.in.flight` must be set <= 5 when `enable.idempotence` is true";
        assert_eq!(error.as_deref(), Some(expected));
        let error = finalized(&[("enable.idempotence", "1"), ("acks", "1")]).err();
        let expected = "`acks` must be set to `all` when `enable.idempotence` is true";
        assert_eq!(error.as_deref(), Some(expected));
        let error = finalized(&[("enable.idempotence", "1"), ("retries", "0")]).err();
        let expected = "`retries` must be set >= 1 when `enable.idempotence` is true";
        assert_eq!(error.as_deref(), Some(expected));
        let conf = finalized(&[("enable.idempotence", "1")]).unwrap();
        assert_eq!((conf.int("max.in.flight"), conf.int("retries")), (5, i32::MAX));
    }

    #[test]
    fn software_names_are_made_safe_for_the_broker() {
        assert_eq!(sanitized(" .~aba. va! !.~~"), "aba.-va");
        assert_eq!(sanitized("!1.2.3.4.5!!! a"), "1.2.3.4.5----a");
    }
}
