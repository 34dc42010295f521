//! CONFIGURATION.md says what the property table says. `UPDATE_DOCS=1 cargo test --test configuration` rewrites it.

#[test]
fn configuration_md_is_the_property_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/CONFIGURATION.md");
    let expected = rdkafka::conf::docs::markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let differs = written.lines().zip(expected.lines()).find(|(have, want)| have != want);
    assert!(
        written == expected,
        "CONFIGURATION.md is out of date (run with UPDATE_DOCS=1); first difference: {differs:?}"
    );
}
