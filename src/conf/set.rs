//! The configuration objects: what was set, what was not, and how text gets in and out. Owned by the application
//! thread that fills them; a handle keeps its own copy. No locks, no I/O.

use super::hooks::Hooks;
use super::property::{Kind, Property, Scope};
use super::suggest;
use super::table;
use super::value::{Change, Value, default_value, parse, show};

/// Why a property could not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetErrorCode {
    /// There is no such property: RD_KAFKA_CONF_UNKNOWN.
    Unknown,
    /// It does not take this value: RD_KAFKA_CONF_INVALID.
    Invalid,
}

/// A property could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetError {
    /// What kind of failure.
    pub code: SetErrorCode,
    /// librdkafka's text for it.
    pub message: String,
}

impl SetError {
    /// No property is called `name`.
    pub fn unknown(name: &[u8]) -> SetError {
        let name = String::from_utf8_lossy(name);
        let message = format!("No such configuration property: \"{name}\"");
        SetError { code: SetErrorCode::Unknown, message }
    }

    /// The same with what helps, if it is that no property is called `name`.
    fn with_hint(mut self, scope: Scope, name: &[u8]) -> SetError {
        if self.code == SetErrorCode::Unknown {
            self.message.push_str(&suggest::hint(scope, name));
        }
        self
    }
}

/// The values of one scope, a slot per row of its table.
#[derive(Clone, Debug)]
struct Store {
    scope: Scope,
    values: Vec<Value>,
    modified: Vec<bool>,
}

impl Store {
    fn new(scope: Scope) -> Store {
        let rows = table::rows(scope);
        let values = rows.iter().map(|row| default_value(&row.kind)).collect();
        Store { scope, values, modified: vec![false; rows.len()] }
    }

    fn find(&self, name: &[u8]) -> Option<(usize, &'static Property)> {
        table::find(self.scope, name)
    }

    fn set(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), SetError> {
        let (index, row) = self.find(name).ok_or_else(|| SetError::unknown(name))?;
        // An empty text is no text: it resets strings.
        match parse(row, value.filter(|v| !v.is_empty()))? {
            Change::Nothing => Ok(()),
            Change::Replace(value) => {
                self.put(index, value);
                Ok(())
            }
            Change::Flags { steps, failed } => {
                for (add, bits) in steps {
                    let Value::Int(old) = self.values[index] else { continue };
                    self.put(index, Value::Int(if add { old | bits } else { old & !bits }));
                }
                failed.map_or(Ok(()), Err)
            }
        }
    }

    fn put(&mut self, index: usize, value: Value) {
        self.values[index] = value;
        self.modified[index] = true;
    }

    /// Gives a property a value of its own type without marking it as set by the application.
    fn adjust(&mut self, name: &str, value: Value) {
        if let Some((index, _)) = self.find(name.as_bytes()) {
            self.values[index] = value;
        }
    }

    fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        let (index, row) = self.find(name)?;
        show(row, &self.values[index])
    }

    fn value(&self, name: &str) -> &Value {
        match self.find(name.as_bytes()) {
            Some((index, _)) => &self.values[index],
            None => &Value::None,
        }
    }

    fn is_modified(&self, name: &str) -> bool {
        self.find(name.as_bytes()).is_some_and(|(index, _)| self.modified[index])
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static Property, Vec<u8>)> {
        let rows = table::rows(self.scope).iter().zip(&self.values).zip(&self.modified);
        let rows = rows.filter(|((row, _), modified)| !row.ours || **modified);
        rows.filter_map(|((row, value), _)| show(row, value).map(|text| (row, text)))
    }

    fn modified_rows(&self) -> impl Iterator<Item = (&'static Property, &Value)> {
        let rows = table::rows(self.scope).iter().zip(&self.values).zip(&self.modified);
        rows.filter(|(_, modified)| **modified).map(|((row, value), _)| (row, value))
    }

    /// A copy of what was set; what was not set starts from the defaults again. A property whose name starts with one
    /// of `filters` is not copied. Default callbacks stay.
    fn dup(&self, filters: &[&[u8]]) -> Store {
        let mut copy = Store::new(self.scope);
        for (index, row) in table::rows(self.scope).iter().enumerate() {
            let filtered = filters.iter().any(|filter| row.name.as_bytes().starts_with(filter));
            if self.modified[index] && !filtered {
                copy.put(index, self.values[index].clone());
            } else if matches!(row.kind, Kind::Pointer) && !self.modified[index] {
                copy.values[index] = self.values[index].clone();
            }
        }
        copy
    }
}

/// Accessors that both objects share. They take canonical names or aliases; a name of another type or scope gives the
/// type's zero, which a test of the resolver would show.
macro_rules! accessors {
    () => {
        /// Whether the application set the property.
        pub fn is_modified(&self, name: &str) -> bool {
            self.store.is_modified(name)
        }

        /// The value of an integer, enum, boolean or flags property.
        pub fn int(&self, name: &str) -> i32 {
            match self.store.value(name) {
                Value::Int(value) => *value,
                _ => 0,
            }
        }

        /// The value of a boolean property.
        pub fn flag(&self, name: &str) -> bool {
            self.int(name) != 0
        }

        /// The value of a float property.
        pub fn float(&self, name: &str) -> f64 {
            match self.store.value(name) {
                Value::Float(value) => *value,
                _ => 0.0,
            }
        }

        /// The value of a string property, None when unset. Bytes that are not UTF-8 are replaced.
        pub fn text(&self, name: &str) -> Option<String> {
            match self.store.value(name) {
                Value::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
                _ => None,
            }
        }

        /// The callback or opaque set under this name, 0 when none is.
        pub fn pointer(&self, name: &str) -> usize {
            match self.store.value(name) {
                Value::Pointer(value) => *value,
                _ => 0,
            }
        }

        /// Sets a callback or opaque.
        pub fn set_pointer(&mut self, name: &str, value: usize) {
            if let Some((index, _)) = self.store.find(name.as_bytes()) {
                self.store.put(index, Value::Pointer(value));
            }
        }

        /// Gives a callback a default, which does not count as set by the application.
        pub fn set_default_pointer(&mut self, name: &str, value: usize) {
            self.store.adjust(name, Value::Pointer(value));
        }

        /// Gives a property a value without marking it as set by the application.
        pub(super) fn adjust(&mut self, name: &str, value: Value) {
            self.store.adjust(name, value);
        }

        /// The rows the application set, in table order.
        pub(super) fn modified_rows(&self) -> impl Iterator<Item = (&'static Property, &Value)> {
            self.store.modified_rows()
        }
    };
}

/// Topic properties may be written with their scope in front.
fn without_prefix(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"topic.").unwrap_or(name)
}

/// `rd_kafka_topic_conf_t`.
#[derive(Clone, Debug)]
pub struct TopicConf {
    store: Store,
}

impl Default for TopicConf {
    fn default() -> Self {
        TopicConf::new()
    }
}

impl TopicConf {
    /// Everything at its default.
    pub fn new() -> TopicConf {
        TopicConf { store: Store::new(Scope::Topic) }
    }

    /// Sets a property from text. A leading `topic.` in the name is dropped.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SetError> {
        self.set_bytes(name.as_bytes(), Some(value.as_bytes()))
    }

    /// As [`TopicConf::set`], for C strings; None or an empty value resets a string.
    pub fn set_bytes(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), SetError> {
        let name = without_prefix(name);
        self.store.set(name, value).map_err(|error| error.with_hint(Scope::Topic, name))
    }

    /// The text of a property; None when it is unknown or unset.
    pub fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.store.get(name)
    }

    /// Every property that has a value, in table order; our own only if they were set.
    pub fn dump(&self) -> Vec<(&'static str, Vec<u8>)> {
        self.store.pairs().map(|(row, text)| (row.name, text)).collect()
    }

    /// A copy of what was set.
    pub fn dup(&self) -> TopicConf {
        TopicConf { store: self.store.dup(&[]) }
    }

    /// Whether the application set anything.
    pub fn is_any_modified(&self) -> bool {
        self.store.modified.contains(&true)
    }

    accessors!();
}

/// `rd_kafka_conf_t`.
#[derive(Clone, Debug)]
pub struct GlobalConf {
    store: Store,
    // Boxed: C callers hold its address.
    topic: Option<Box<TopicConf>>,
    topic_overwritten: bool,
    /// Interceptors and plugins. A copy starts without.
    pub hooks: Hooks,
}

impl Default for GlobalConf {
    fn default() -> Self {
        GlobalConf::new()
    }
}

const DEFAULT_TOPIC_CONF: &str = "default_topic_conf";

impl GlobalConf {
    /// Everything at its default, without a default topic configuration.
    pub fn new() -> GlobalConf {
        GlobalConf {
            store: Store::new(Scope::Global),
            topic: None,
            topic_overwritten: false,
            hooks: Hooks::default(),
        }
    }

    /// Sets a property from text. A name that is not a global property is tried on the default topic configuration,
    /// which is made for it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SetError> {
        self.set_bytes(name.as_bytes(), Some(value.as_bytes()))
    }

    /// As [`GlobalConf::set`], for C strings; None or an empty value resets a string.
    pub fn set_bytes(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), SetError> {
        match self.store.set(name, value) {
            Err(error) if error.code == SetErrorCode::Unknown => {
                if self.topic.is_none() {
                    self.set_topic_conf(Some(Box::default()));
                }
                let name = without_prefix(name);
                let topic = self.topic.as_mut();
                topic
                    .map_or(Err(error), |topic| topic.store.set(name, value))
                    .map_err(|error| error.with_hint(Scope::Global, name))
            }
            result => result,
        }
    }

    /// The text of a property, of the default topic configuration if it is not a global one; None when it is unknown
    /// or unset.
    pub fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        if name == DEFAULT_TOPIC_CONF.as_bytes() {
            return self.topic_pointer_text();
        }
        self.store.get(name).or_else(|| self.topic.as_ref().and_then(|topic| topic.get(name)))
    }

    fn topic_pointer_text(&self) -> Option<Vec<u8>> {
        self.topic.as_deref().map(|topic| format!("{:p}", std::ptr::from_ref(topic)).into_bytes())
    }

    /// Every global property that has a value, in table order; our own only if they were set.
    pub fn dump(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut pairs: Vec<_> = self.store.pairs().map(|(row, text)| (row.name, text)).collect();
        if let Some(text) = self.topic_pointer_text() {
            let order = |name: &str| table::find(Scope::Global, name.as_bytes()).map(|(i, _)| i);
            let at = order(DEFAULT_TOPIC_CONF);
            let index = pairs.partition_point(|(name, _)| order(name) < at);
            pairs.insert(index, (DEFAULT_TOPIC_CONF, text));
        }
        pairs
    }

    /// A copy of what was set.
    pub fn dup(&self) -> GlobalConf {
        self.dup_filter(&[])
    }

    /// A copy of what was set, without the properties whose names start with one of `filters`.
    pub fn dup_filter(&self, filters: &[&[u8]]) -> GlobalConf {
        let filtered = filters.iter().any(|f| DEFAULT_TOPIC_CONF.as_bytes().starts_with(f));
        let topic = self.topic.as_ref().filter(|_| !filtered);
        GlobalConf {
            store: self.store.dup(filters),
            topic: topic.map(|topic| Box::new(topic.dup())),
            topic_overwritten: false,
            hooks: Hooks::default(),
        }
    }

    /// What [`GlobalConf::dup_filter`] copies, in its order, for copies that others have a say in: names, and the texts of
    /// what has one.
    pub fn copied(&self, filters: &[&[u8]]) -> Vec<(&'static str, Option<Vec<u8>>)> {
        let filtered = |name: &str| filters.iter().any(|f| name.as_bytes().starts_with(f));
        let rows = self.modified_rows().filter(|(row, _)| !filtered(row.name));
        rows.map(|(row, value)| (row.name, show(row, value))).collect()
    }

    /// Takes over one property of another object.
    pub fn copy_property(&mut self, from: &GlobalConf, name: &str) {
        if let Some((index, _)) = self.store.find(name.as_bytes()) {
            self.store.put(index, from.store.values[index].clone());
        }
    }

    /// The default topic configuration, if one was set or a topic property went into it.
    pub fn topic_conf(&self) -> Option<&TopicConf> {
        self.topic.as_deref()
    }

    /// As [`GlobalConf::topic_conf`], to be changed.
    pub fn topic_conf_mut(&mut self) -> Option<&mut TopicConf> {
        self.topic.as_deref_mut()
    }

    /// Replaces the default topic configuration.
    pub fn set_topic_conf(&mut self, topic: Option<Box<TopicConf>>) {
        self.topic_overwritten |= self.topic.as_ref().is_some_and(|old| old.is_any_modified());
        self.topic = topic;
    }

    /// Whether topic properties already set were lost to `set_topic_conf`.
    pub fn topic_conf_overwritten(&self) -> bool {
        self.topic_overwritten
    }

    accessors!();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Option<Vec<u8>>) -> String {
        value.map_or_else(|| "(unset)".to_string(), |v| String::from_utf8(v).unwrap())
    }

    fn message(result: Result<(), SetError>) -> String {
        result.unwrap_err().message
    }

    #[test]
    fn an_alias_sets_and_reads_the_property_it_stands_for() {
        let mut conf = GlobalConf::new();
        conf.set("max.in.flight", "19").unwrap();
        assert_eq!(text(conf.get(b"max.in.flight.requests.per.connection")), "19");
        assert!(conf.is_modified("max.in.flight"));
        let error = message(conf.set("linger.ms", "x"));
        assert_eq!(error, "Invalid value for configuration property \"queue.buffering.max.ms\"");
    }

    #[test]
    fn topic_properties_fall_through_to_the_default_topic_configuration() {
        let mut conf = GlobalConf::new();
        assert!(conf.topic_conf().is_none() && conf.get(b"acks").is_none());
        conf.set("acks", "all").unwrap();
        conf.set("topic.partitioner", "murmur2").unwrap();
        assert_eq!(text(conf.get(b"acks")), "-1");
        assert_eq!(text(conf.get(b"partitioner")), "murmur2");
        let error = conf.set("topic.nothing", "1").unwrap_err();
        assert_eq!(error.code, SetErrorCode::Unknown);
        assert_eq!(error.message, "No such configuration property: \"nothing\"");
    }

    #[test]
    fn a_global_property_is_unknown_to_a_topic_configuration() {
        let error = TopicConf::new().set("linger.ms", "1").unwrap_err();
        assert_eq!(error.code, SetErrorCode::Unknown);
    }

    #[test]
    fn out_of_range_names_the_range_and_changes_nothing() {
        let mut conf = GlobalConf::new();
        let error = message(conf.set("message.max.bytes", "1"));
        let expected = "Configuration property \"message.max.bytes\" value 1 is outside allowed \
                        range 1000..1000000000\n";
        assert_eq!(error, expected);
        assert!(!conf.is_modified("message.max.bytes"));
        assert_eq!(conf.int("message.max.bytes"), 1_000_000);
    }

    #[test]
    fn flags_before_a_wrong_one_take_effect() {
        let mut conf = GlobalConf::new();
        assert!(conf.set("debug", "msg,bogus,topic").is_err());
        assert_eq!(text(conf.get(b"debug")), "msg");
        conf.set("debug", "-msg,+broker").unwrap();
        assert_eq!(text(conf.get(b"debug")), "broker");
    }

    #[test]
    fn an_empty_value_resets_a_string_and_is_refused_by_a_number() {
        let mut conf = GlobalConf::new();
        conf.set("client.id", " me").unwrap();
        assert_eq!(text(conf.get(b"client.id")), "me");
        conf.set("client.id", "").unwrap();
        assert_eq!(text(conf.get(b"client.id")), "rdkafka");
        let error = message(conf.set("retries", ""));
        let expected = "Integer configuration property \"message.send.max.retries\" cannot be set \
                        to empty value";
        assert_eq!(error, expected);
    }

    #[test]
    fn an_unset_string_reads_as_unknown() {
        assert!(GlobalConf::new().get(b"transactional.id").is_none());
    }

    #[test]
    fn a_copy_has_what_was_set_and_what_passes_the_filters() {
        let mut conf = GlobalConf::new();
        conf.set("linger.ms", "7").unwrap();
        conf.set("client.id", "me").unwrap();
        conf.set("acks", "1").unwrap();
        conf.set_pointer("opaque", 0x1234);
        let copy = conf.dup();
        assert!(copy.is_modified("linger.ms") && copy.pointer("opaque") == 0x1234);
        assert_eq!(copy.topic_conf().map(|topic| topic.int("acks")), Some(1));
        let filters: [&[u8]; 2] = [b"queue.buffering.max.ms", b"default_topic"];
        let copy = conf.dup_filter(&filters);
        assert_eq!(copy.float("linger.ms"), 5.0);
        assert_eq!(text(copy.get(b"client.id")), "me");
        assert!(copy.topic_conf().is_none());
    }

    #[test]
    fn a_default_pointer_survives_a_copy_and_is_not_the_applications() {
        let mut conf = GlobalConf::new();
        conf.set_default_pointer("log_cb", 0x99);
        assert!(!conf.is_modified("log_cb"));
        assert_eq!(conf.dup().pointer("log_cb"), 0x99);
        conf.set_pointer("log_cb", 0);
        assert_eq!(conf.dup().pointer("log_cb"), 0);
    }

    #[test]
    fn replacing_a_changed_topic_configuration_is_remembered() {
        let mut conf = GlobalConf::new();
        conf.set_topic_conf(Some(Box::default()));
        conf.set_topic_conf(Some(Box::default()));
        assert!(!conf.topic_conf_overwritten());
        conf.set("acks", "1").unwrap();
        conf.set_topic_conf(Some(Box::default()));
        assert!(conf.topic_conf_overwritten());
    }

    #[test]
    fn a_dump_follows_the_table_and_leaves_out_what_is_unset() {
        let mut conf = GlobalConf::new();
        conf.set("acks", "1").unwrap();
        let names: Vec<&str> = conf.dump().into_iter().map(|(name, _)| name).collect();
        let place = |name| names.iter().position(|n| *n == name);
        assert_eq!(place("builtin.features"), Some(0));
        assert!(place("bootstrap.servers").is_none() && place("transactional.id").is_none());
        assert!(place("log.connection.close") < place("default_topic_conf"));
        assert!(place("default_topic_conf") < place("api.version.request"));
    }
}
