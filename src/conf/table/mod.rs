//! The property table: every property of librdkafka 2.16, in its order, because dumps and listings follow it; then our
//! own. The rows stand in one file per area.

use super::property::{Kind, Property, Scope};

mod client;
mod consumer;
mod handle;
mod network;
mod oauth;
mod ours;
mod producer;
mod sasl;
mod tls;
mod topic;

const GLOBAL_PARTS: &[&[Property]] = &[
    client::ROWS,
    network::ROWS,
    handle::ROWS,
    tls::ROWS,
    sasl::ROWS,
    oauth::ROWS,
    handle::EXTENSION_ROWS,
    consumer::ROWS,
    producer::ROWS,
    ours::ROWS,
];

const GLOBAL_LEN: usize = {
    let (mut part, mut len) = (0, 0);
    while part < GLOBAL_PARTS.len() {
        len += GLOBAL_PARTS[part].len();
        part += 1;
    }
    len
};

static GLOBAL: [Property; GLOBAL_LEN] = {
    let mut rows = [GLOBAL_PARTS[0][0]; GLOBAL_LEN];
    let (mut part, mut at) = (0, 0);
    while part < GLOBAL_PARTS.len() {
        let mut row = 0;
        while row < GLOBAL_PARTS[part].len() {
            rows[at] = GLOBAL_PARTS[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    rows
};

/// The rows of a scope, in order.
pub fn rows(scope: Scope) -> &'static [Property] {
    match scope {
        Scope::Global => &GLOBAL,
        Scope::Topic => topic::ROWS,
    }
}

/// The contexts of `debug`, each a bit and its name.
pub fn debug_contexts() -> impl Iterator<Item = (i32, &'static str)> {
    let single = client::DEBUG_CONTEXTS.iter().filter(|word| word.value.count_ones() == 1);
    single.map(|word| (word.value, word.text))
}

/// All rows: global, then topic.
pub fn all() -> impl Iterator<Item = &'static Property> {
    rows(Scope::Global).iter().chain(rows(Scope::Topic))
}

/// The row called `name` in a scope, through its aliases, and its place among the scope's rows.
pub fn find(scope: Scope, name: &[u8]) -> Option<(usize, &'static Property)> {
    let place = |name: &[u8]| rows(scope).iter().position(|row| row.name.as_bytes() == name);
    let index = place(name)?;
    let row = &rows(scope)[index];
    match row.kind {
        Kind::Alias(target) => place(target.as_bytes()).map(|index| (index, &rows(scope)[index])),
        _ => Some((index, row)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_within_a_scope() {
        for scope in [Scope::Global, Scope::Topic] {
            for (index, row) in rows(scope).iter().enumerate() {
                assert_eq!(row.scope, scope, "{} stands in the wrong table", row.name);
                let first = rows(scope).iter().position(|other| other.name == row.name);
                assert_eq!(first, Some(index), "{} appears twice", row.name);
            }
        }
    }

    #[test]
    fn every_alias_leads_to_a_property_that_is_not_one() {
        for row in all() {
            if let Kind::Alias(_) = row.kind {
                let found = find(row.scope, row.name.as_bytes()).map(|(_, target)| target.kind);
                assert!(found.is_some_and(|kind| !matches!(kind, Kind::Alias(_))), "{}", row.name);
            }
        }
    }

    #[test]
    fn every_row_is_described() {
        for row in all().filter(|row| !matches!(row.kind, Kind::Alias(_))) {
            assert!(!row.doc.is_empty(), "{} has no description", row.name);
        }
    }

    #[test]
    fn defaults_are_within_their_ranges() {
        for row in all() {
            match row.kind {
                Kind::Int { min, max, default, .. } => {
                    assert!((min..=max).contains(&default), "{}", row.name);
                }
                Kind::Float { min, max, default } => {
                    assert!((min..=max).contains(&default), "{}", row.name);
                }
                Kind::Enum { words, default } => {
                    assert!(words.iter().any(|w| w.value == default), "{}", row.name);
                }
                _ => {}
            }
        }
    }
}
