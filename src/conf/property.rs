//! One row of the property table: what a property is called, what it accepts, what it means and what this library does
//! with it. Pure data, made of `const fn` builders so that a row reads like the line it becomes in CONFIGURATION.md.

/// Which configuration object a property lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `rd_kafka_conf_t`.
    Global,
    /// `rd_kafka_topic_conf_t`.
    Topic,
}

/// Which kind of client a property is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Producers and consumers.
    Both,
    /// Producers only.
    Producer,
    /// Consumers only.
    Consumer,
}

/// How much a property matters to most applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// Rarely touched.
    Low,
    /// Worth knowing.
    Medium,
    /// Most applications look at it.
    High,
}

/// A word that a property accepts and the number it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The number.
    pub value: i32,
    /// The word, compared without regard to ASCII case.
    pub text: &'static str,
    /// Why this build refuses the word when it is set, if it does.
    pub unsupported: Option<&'static str>,
}

/// A word this build accepts.
pub(super) const fn word(value: i32, text: &'static str) -> Word {
    Word { value, text, unsupported: None }
}

/// A word this build knows but refuses.
pub(super) const fn unsupported_word(value: i32, text: &'static str, why: &'static str) -> Word {
    Word { value, text, unsupported: Some(why) }
}

/// Further test of a string value, beyond being a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Any string.
    Any,
    /// One item: neither comma nor space.
    SingleItem,
    /// A broker version whose protocol is known.
    BrokerVersion,
    /// The name of a built-in partitioner.
    Partitioner,
    /// Nothing but the default, and why: what it asks for is not built.
    NotBuilt(&'static str),
}

/// The type of a property, with its range and default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A string; `trimmed` drops leading white space when set.
    Text {
        /// Value when never set.
        default: Option<&'static str>,
        /// Further test.
        check: Check,
        /// Whether leading white space is dropped.
        trimmed: bool,
    },
    /// A 32-bit integer; `words` are accepted in place of digits.
    Int {
        /// Smallest value.
        min: i32,
        /// Largest value.
        max: i32,
        /// Value when never set.
        default: i32,
        /// Words accepted in place of digits.
        words: &'static [Word],
    },
    /// A double.
    Float {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Value when never set.
        default: f64,
    },
    /// true or false.
    Bool {
        /// Value when never set.
        default: bool,
    },
    /// Exactly one word of a list.
    Enum {
        /// The words.
        words: &'static [Word],
        /// Value when never set.
        default: i32,
    },
    /// A comma-separated set of words; each may be prefixed by `+` or `-`.
    Flags {
        /// The words.
        words: &'static [Word],
        /// Value when never set.
        default: i32,
    },
    /// A comma-separated list of regular expressions.
    Patterns,
    /// A callback or an opaque, set by its own function.
    Pointer,
    /// Another name for the property of this name in the same scope.
    Alias(&'static str),
    /// State of the library kept in the configuration: neither set nor read by applications.
    Internal,
    /// A name that exists elsewhere (Java) and is refused with an explanation: the row's `doc`.
    Invalid,
}

/// One property.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Which object it lives in.
    pub scope: Scope,
    /// Which clients it is for.
    pub role: Role,
    /// How much it matters.
    pub importance: Importance,
    /// Type, range, default.
    pub kind: Kind,
    /// Left out of listings; meant for language bindings and tests.
    pub hidden: bool,
    /// librdkafka does not have it: listed for itself, and dumped only if it was set.
    pub ours: bool,
    /// Kept for old applications.
    pub deprecated: bool,
    /// May change or go.
    pub experimental: bool,
    /// Its value must not be logged.
    pub sensitive: bool,
    /// Why `set` refuses it always in this build, if it does.
    pub unsupported: Option<&'static str>,
    /// What it does, in our own words.
    pub doc: &'static str,
}

const fn row(scope: Scope, role: Role, name: &'static str, kind: Kind) -> Property {
    Property {
        name,
        scope,
        role,
        importance: Importance::Low,
        kind,
        hidden: false,
        ours: false,
        deprecated: false,
        experimental: false,
        sensitive: false,
        unsupported: None,
        doc: "",
    }
}

/// A property of every client.
pub(super) const fn global(name: &'static str, kind: Kind) -> Property {
    row(Scope::Global, Role::Both, name, kind)
}

/// A property of producers.
pub(super) const fn producer(name: &'static str, kind: Kind) -> Property {
    row(Scope::Global, Role::Producer, name, kind)
}

/// A property of consumers.
pub(super) const fn consumer(name: &'static str, kind: Kind) -> Property {
    row(Scope::Global, Role::Consumer, name, kind)
}

/// A property of every topic.
pub(super) const fn topic(name: &'static str, kind: Kind) -> Property {
    row(Scope::Topic, Role::Both, name, kind)
}

/// A property of a topic that is produced to.
pub(super) const fn topic_producer(name: &'static str, kind: Kind) -> Property {
    row(Scope::Topic, Role::Producer, name, kind)
}

/// A property of a topic that is consumed.
pub(super) const fn topic_consumer(name: &'static str, kind: Kind) -> Property {
    row(Scope::Topic, Role::Consumer, name, kind)
}

/// A string with a default, or none.
pub(super) const fn text(default: Option<&'static str>) -> Kind {
    Kind::Text { default, check: Check::Any, trimmed: true }
}

/// A string that must pass a check.
pub(super) const fn checked(default: &'static str, check: Check) -> Kind {
    Kind::Text { default: Some(default), check, trimmed: true }
}

/// A string taken as it is, leading white space included.
pub(super) const fn verbatim(default: &'static str) -> Kind {
    Kind::Text { default: Some(default), check: Check::Any, trimmed: false }
}

/// An integer within a range.
pub(super) const fn int(min: i32, max: i32, default: i32) -> Kind {
    Kind::Int { min, max, default, words: &[] }
}

/// An integer within a range that may also be given as a word.
pub(super) const fn int_or(min: i32, max: i32, default: i32, words: &'static [Word]) -> Kind {
    Kind::Int { min, max, default, words }
}

/// A double within a range.
pub(super) const fn float(min: f64, max: f64, default: f64) -> Kind {
    Kind::Float { min, max, default }
}

/// A boolean.
pub(super) const fn boolean(default: bool) -> Kind {
    Kind::Bool { default }
}

/// One word of a list.
pub(super) const fn one_of(default: i32, words: &'static [Word]) -> Kind {
    Kind::Enum { words, default }
}

/// Any words of a list.
pub(super) const fn flags(default: i32, words: &'static [Word]) -> Kind {
    Kind::Flags { words, default }
}

impl Property {
    pub(super) const fn medium(mut self) -> Self {
        self.importance = Importance::Medium;
        self
    }

    pub(super) const fn high(mut self) -> Self {
        self.importance = Importance::High;
        self
    }

    pub(super) const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    pub(super) const fn ours(mut self) -> Self {
        self.ours = true;
        self
    }

    pub(super) const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    pub(super) const fn experimental(mut self) -> Self {
        self.experimental = true;
        self
    }

    pub(super) const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    pub(super) const fn unsupported(mut self, why: &'static str) -> Self {
        self.unsupported = Some(why);
        self
    }

    pub(super) const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }
}
