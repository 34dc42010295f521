//! What a new handle logs about its configuration, under the facility `CONFWARN`.

use super::property::{Property, Role, Scope};
use super::set::GlobalConf;
use super::state::{State, state};
use super::value::{Value, default_value};

/// A line for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// syslog level: 4 warning, 5 notice.
    pub level: i32,
    /// The text.
    pub text: String,
}

const LOG_WARNING: i32 = 4;
const LOG_NOTICE: i32 = 5;

/// What a producer has to say about a finalized configuration. `has_brokers` tells whether it knows any broker (mock
/// brokers count).
pub fn warnings(conf: &GlobalConf, has_brokers: bool) -> Vec<Warning> {
    let mut texts = Vec::new();
    for (row, value) in conf.modified_rows() {
        about_row(row, value, &mut texts);
    }
    for (row, value) in conf.topic_conf().into_iter().flat_map(|topic| topic.modified_rows()) {
        about_row(row, value, &mut texts);
    }
    if conf.topic_conf_overwritten() {
        texts.push(
            "Topic configuration properties set in the global configuration were overwritten by \
             explicitly setting a default_topic_conf: recommend not using set_default_topic_conf"
                .to_string(),
        );
    }
    backoff(conf, &mut texts);
    sasl(conf, &mut texts);
    let warning = |text| Warning { level: LOG_WARNING, text };
    let mut warnings: Vec<Warning> = texts.into_iter().map(warning).collect();
    if !has_brokers {
        let text = "No `bootstrap.servers` configured: client will not be able to connect to \
                    Kafka cluster";
        warnings.push(Warning { level: LOG_NOTICE, text: text.to_string() });
    }
    warnings
}

fn about_row(row: &Property, value: &Value, texts: &mut Vec<String>) {
    let name = row.name;
    let mut said = false;
    if row.deprecated || row.experimental {
        let what = match (row.deprecated, row.experimental) {
            (true, true) => "deprecated and experimental",
            (true, false) => "deprecated",
            _ => "experimental",
        };
        texts.push(format!("Configuration property {name} is {what}: {}", row.doc));
    }
    if row.role == Role::Consumer {
        texts.push(format!(
            "Configuration property {name} is a consumer property and will be ignored by this \
             producer instance"
        ));
        said = true;
    }
    let (state, why) = state(row);
    if state == State::Accepted && !said && *value != default_value(&row.kind) {
        let scope = if row.scope == Scope::Topic { "Topic configuration" } else { "Configuration" };
        texts.push(format!(
            "{scope} property {name} is accepted but has no effect in this version of \
             librdkafka-oxide: {why}"
        ));
    }
}

fn backoff(conf: &GlobalConf, texts: &mut Vec<String>) {
    let max_ms = conf.int("retry.backoff.max.ms");
    let checked = [("retry.backoff.ms", true), ("topic.metadata.refresh.fast.interval.ms", false)];
    for (name, always) in checked {
        let value_ms = conf.int(name);
        if value_ms > max_ms && (always || conf.is_modified(name)) {
            texts.push(format!(
                "Configuration `{name}` with value {value_ms} is greater than configuration \
                 `retry.backoff.max.ms` with value {max_ms}. A static backoff with value \
                 `retry.backoff.max.ms` will be applied."
            ));
        }
    }
}

fn sasl(conf: &GlobalConf, texts: &mut Vec<String>) {
    let mechanism = conf.text("sasl.mechanisms").unwrap_or_default();
    let uses_sasl = conf.int("security.protocol") >= 2;
    if conf.is_modified("sasl.mechanisms") && !uses_sasl {
        texts.push(format!(
            "Configuration property `sasl.mechanism` set to `{mechanism}` but `security.protocol` \
             is not configured for SASL: recommend setting `security.protocol` to SASL_SSL or \
             SASL_PLAINTEXT"
        ));
    }
    let takes_name = mechanism.starts_with("SCRAM") || mechanism == "PLAIN";
    if conf.is_modified("sasl.username") && !takes_name {
        texts.push(
            "Configuration property `sasl.username` only applies when `sasl.mechanism` is set to \
             PLAIN or SCRAM-SHA-.."
                .to_string(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(settings: &[(&str, &str)]) -> Vec<String> {
        let mut conf = GlobalConf::new();
        for (name, value) in settings {
            conf.set(name, value).unwrap();
        }
        warnings(&conf, true).into_iter().map(|warning| warning.text).collect()
    }

    #[test]
    fn defaults_give_no_warning() {
        assert_eq!(texts(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_consumer_property_is_named_once() {
        let expected = "Configuration property group.id is a consumer property and will be ignored \
                        by this producer instance";
        assert_eq!(texts(&[("group.id", "g")]), [expected]);
    }

    #[test]
    fn a_property_without_effect_is_named_unless_it_is_set_to_its_default() {
        assert_eq!(texts(&[("message.copy.max.bytes", "65535")]).len(), 0);
        assert_eq!(texts(&[("message.copy.max.bytes", "1")]).len(), 1);
    }

    #[test]
    fn a_missing_broker_list_is_a_notice() {
        let warnings = warnings(&GlobalConf::new(), false);
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].level, 5);
    }

    #[test]
    fn a_backoff_above_its_maximum_is_told() {
        assert_eq!(texts(&[("retry.backoff.ms", "2000")]).len(), 1);
        assert_eq!(texts(&[("topic.metadata.refresh.fast.interval.ms", "2000")]).len(), 1);
    }
}
