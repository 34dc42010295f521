//! The property table as text: CONFIGURATION.md, and the listing of `rd_kafka_conf_properties_show()`. Pure functions.

use std::fmt::Write;

use super::property::{Importance, Kind, Property, Role, Scope, Word};
use super::state::{State, state};
use super::table;
use super::value::format_g;

/// The columns of one listed row.
struct Cells {
    role: &'static str,
    range: String,
    default: String,
    importance: &'static str,
    description: String,
    kind: &'static str,
}

fn join(words: &[Word], mask: i32) -> String {
    let set = words.iter().filter(|w| mask & w.value == w.value && w.unsupported.is_none());
    set.map(|w| w.text).collect::<Vec<_>>().join(", ")
}

fn type_cells(row: &Property) -> (&'static str, String, String) {
    match row.kind {
        Kind::Text { default, .. } => ("string", String::new(), default.unwrap_or("").to_string()),
        Kind::Patterns => ("pattern list", String::new(), String::new()),
        Kind::Bool { default } => ("boolean", "true, false".to_string(), default.to_string()),
        Kind::Int { min, max, default, .. } => {
            ("integer", format!("{min} .. {max}"), default.to_string())
        }
        Kind::Float { min, max, default } => {
            ("float", format!("{} .. {}", format_g(min), format_g(max)), format_g(default))
        }
        Kind::Enum { words, default } => {
            let chosen = words.iter().find(|w| w.value == default).map_or("", |w| w.text);
            ("enum value", join(words, -1), chosen.to_string())
        }
        Kind::Flags { words, default } => {
            // The range of builtin.features is its default: shown once.
            let range = if default == 0 { join(words, -1) } else { String::new() };
            ("CSV flags", range, join(words, default))
        }
        Kind::Pointer | Kind::Internal | Kind::Alias(_) | Kind::Invalid => {
            ("see dedicated API", String::new(), String::new())
        }
    }
}

fn cells(row: &Property) -> Cells {
    let alias = matches!(row.kind, Kind::Alias(_));
    let meant = table::find(row.scope, row.name.as_bytes()).map_or(row, |(_, target)| target);
    let (kind, range, default) = type_cells(meant);
    let mut description = String::new();
    if meant.experimental {
        description.push_str("**EXPERIMENTAL**: subject to change or removal. ");
    }
    if meant.deprecated {
        description.push_str("**DEPRECATED** ");
    }
    if alias {
        let _ = write!(description, "Alias for `{}`: ", meant.name);
    }
    description.push_str(meant.doc);
    Cells {
        role: match meant.role {
            Role::Both => "*",
            Role::Producer => "P",
            Role::Consumer => "C",
        },
        range,
        default,
        importance: match meant.importance {
            Importance::High => "high",
            Importance::Medium => "medium",
            Importance::Low => "low",
        },
        description,
        kind,
    }
}

fn listed(scope: Scope) -> impl Iterator<Item = &'static Property> {
    let rows = table::rows(scope).iter().filter(|row| !row.ours);
    rows.filter(|row| !row.hidden && !matches!(row.kind, Kind::Invalid))
}

fn ours() -> impl Iterator<Item = &'static Property> {
    table::all().filter(|row| row.ours)
}

const LEGEND: &str = "### C/P legend: C = Consumer, P = Producer, * = both\n";

/// What `rd_kafka_conf_properties_show()` prints: librdkafka's layout with our descriptions.
pub fn properties_text() -> String {
    let mut out = String::new();
    let dashes = |count: usize| "-".repeat(count);
    for (scope, title) in [(Scope::Global, "Global"), (Scope::Topic, "\n\n## Topic")] {
        let title = if scope == Scope::Global { "## Global" } else { title };
        let _ = writeln!(out, "{title} configuration properties\n");
        let _ = writeln!(
            out,
            "{:<40} | {:>3} | {:<15} | {:>13} | {:<10} | {:<25}",
            "Property", "C/P", "Range", "Default", "Importance", "Description"
        );
        let _ = writeln!(
            out,
            "{}-|-{}-|-{}-|-{}:|-{}-| -{}",
            dashes(40),
            dashes(3),
            dashes(15),
            dashes(13),
            dashes(10),
            dashes(25)
        );
        for row in listed(scope) {
            let c = cells(row);
            let _ = writeln!(
                out,
                "{:<40} |  {}  | {:<15} | {:>13} | {:<10} | {} <br>*Type: {}*",
                row.name, c.role, c.range, c.default, c.importance, c.description, c.kind
            );
        }
    }
    out + "\n" + LEGEND
}

const INTRODUCTION: &str = "\
# Configuration properties

Generated from the property table in `src/conf/table/` (`UPDATE_DOCS=1 cargo test --test configuration`). Names, ranges
and defaults are librdkafka's.

State says what this version does with a property: **honoured**: it has its effect; **accepted**: it can be set and read
back, but has no effect, and a handle logs that once if it is not at its default; **refused**: a handle does not start
when it is set to anything but its default, because ignoring it would mislead. A consumer's properties are accepted by
a producer, and named in its log.
";

const OURS: &str = "
## Properties of librdkafka-oxide

librdkafka does not know these. At their defaults they change nothing, and a dump shows them only where they were set.

";

const TABLE_HEAD: &str = "\
Property | C/P | Range | Default | Importance | State | Description
---------|-----|-------|--------:|------------|-------|------------
";

/// CONFIGURATION.md.
pub fn markdown() -> String {
    let mut out = INTRODUCTION.to_string();
    for (scope, title) in [(Scope::Global, "Global"), (Scope::Topic, "Topic")] {
        let _ = write!(out, "\n## {title} properties\n\n{TABLE_HEAD}");
        listed(scope).for_each(|row| write_row(&mut out, row));
    }
    out.push_str(OURS);
    out.push_str(TABLE_HEAD);
    ours().for_each(|row| write_row(&mut out, row));
    out + "\n" + LEGEND
}

fn write_row(out: &mut String, row: &Property) {
    let c = cells(row);
    let state = match state(row) {
        (State::Honoured, _) => "honoured".to_string(),
        (State::Accepted, why) => format!("accepted: {why}"),
        (State::Refused, why) => format!("refused: {why}"),
    };
    let line = [
        row.name,
        c.role,
        &c.range,
        &c.default,
        c.importance,
        &state,
        &format!("{} *Type: {}*", c.description, c.kind),
    ];
    let escaped: Vec<String> = line.iter().map(|cell| cell.replace('|', "\\|")).collect();
    out.push_str(&escaped.join(" | "));
    out.push('\n');
}

/// How many listed properties are honoured, accepted, refused: the README's table.
pub fn counts() -> String {
    let mut out = "| properties | honoured | accepted | refused |\n|---|---|---|---|\n".to_string();
    let all = || listed(Scope::Global).chain(listed(Scope::Topic));
    let is_security = |row: &Property| {
        let prefixes = ["ssl", "sasl.", "https.", "enable.ssl.", "enable.sasl.", "oauthbearer_"];
        row.name == "security.protocol" || prefixes.iter().any(|p| row.name.starts_with(p))
    };
    let is_consumers = |row: &Property| row.role == Role::Consumer;
    let mut line = |title: &str, rows: &[&'static Property]| {
        let count = |wanted| rows.iter().filter(|row| state(row).0 == wanted).count();
        let [honoured, accepted, refused] =
            [State::Honoured, State::Accepted, State::Refused].map(count);
        let _ = writeln!(out, "| {title}, {} | {honoured} | {accepted} | {refused} |", rows.len());
    };
    let of =
        |wanted: &dyn Fn(&Property) -> bool| all().filter(|row| wanted(row)).collect::<Vec<_>>();
    line("for producers", &of(&|row| !is_security(row) && !is_consumers(row)));
    line("of TLS and SASL", &of(&is_security));
    line("for consumers only", &of(&|row| !is_security(row) && is_consumers(row)));
    line("all", &of(&|_| true));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_listed_with_its_targets_range() {
        let text = properties_text();
        let line = text.lines().find(|line| line.starts_with("linger.ms ")).unwrap();
        assert!(line.contains("|  P  | 0 .. 900000     |             5 | high       | Alias for"));
    }

    #[test]
    fn hidden_and_invalid_properties_are_not_listed() {
        let text = properties_text();
        assert!(!text.contains("test.mock.num.brokers") && !text.contains("sasl.jaas.config"));
    }

    #[test]
    fn our_own_properties_stand_apart() {
        assert!(!properties_text().contains("max.block.ms"));
        let text = markdown();
        let (before, after) = text.split_once(OURS).unwrap();
        assert!(!before.contains("\nmax.block.ms |") && after.contains("\nmax.block.ms |"));
    }
}
