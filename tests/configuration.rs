//! CONFIGURATION.md and the README's count say what the property table says. `UPDATE_DOCS=1 cargo test --test configuration`
//! rewrites both.

use rdkafka::conf::docs;

fn update(file: &str, expected: impl Fn(&str) -> String) {
    let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    let expected = expected(&std::fs::read_to_string(&path).unwrap_or_default());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("write the file");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(expected.lines()).find(|(have, want)| have != want);
    assert!(
        written == expected,
        "{file} is out of date (run with UPDATE_DOCS=1); first difference: {differs:?}"
    );
}

#[test]
fn configuration_md_is_the_property_table() {
    update("CONFIGURATION.md", |_| docs::markdown());
}

#[test]
fn the_readme_counts_the_properties() {
    let start = "<!-- properties: written by UPDATE_DOCS=1 cargo test --test configuration -->\n";
    let end = "<!-- end of properties -->";
    update("README.md", |written| {
        let (before, rest) = written.split_once(start).expect("where the count begins");
        let (_, after) = rest.split_once(end).expect("where the count ends");
        format!("{before}{start}{}{end}{after}", docs::counts())
    });
}
