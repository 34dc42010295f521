//! The committed header is what build.rs generates, and says what librdkafka's headers say: the same
//! prototypes, values and layouts (facts in tests/data, taken from librdkafka 2.12 to 2.16).

#![allow(clippy::unwrap_used)]

mod abi;

use std::fmt::Write;

use abi::{assert_compiles, compile, declared, root, table};

/// The two headers, in the one order that librdkafka allows.
const BOTH: &str = "#include <librdkafka/rdkafka.h>\n#include <librdkafka/rdkafka_mock.h>\n";

#[test]
fn the_committed_headers_are_the_generated_ones() {
    for (generated, committed) in
        [(env!("GENERATED_HEADER"), "rdkafka.h"), (env!("GENERATED_MOCK_HEADER"), "rdkafka_mock.h")]
    {
        let generated = std::fs::read_to_string(generated).unwrap();
        let committed = root().join("include/librdkafka").join(committed);
        let committed = std::fs::read_to_string(committed).unwrap();
        assert!(generated == committed, "run UPDATE_HEADER=1 cargo build and commit include/");
    }
}

#[test]
fn the_header_stands_alone_in_c_and_cpp() {
    let source = "#include <librdkafka/rdkafka.h>\n";
    for standard in ["-std=c99", "-std=c11", "-std=gnu17"] {
        assert_compiles("cc", &[standard, "-Wall", "-Wextra", "-Werror"], source);
    }
    assert_compiles("c++", &["-std=c++11", "-Wall", "-Wextra", "-Werror"], source);
}

#[test]
fn the_mock_header_needs_the_other_one_before_it() {
    let strict = ["-std=c99", "-Wall", "-Wextra", "-Werror"];
    assert_compiles("cc", &strict, BOTH);
    assert_compiles("c++", &["-std=c++11", "-Wall", "-Wextra", "-Werror"], BOTH);
    assert!(!compile("cc", &[], "#include <librdkafka/rdkafka_mock.h>\n").status.success());
}

/// A function may be declared twice if both declarations agree: the compiler compares. In C++, where
/// an enum isn't an integer's equal.
#[test]
fn prototypes_are_librdkafkas() {
    let ours = declared();
    let mut source = format!("{BOTH}extern \"C\" {{\n");
    let (mut count, mut mock_count) = (0, 0);
    for row in table("functions.tsv") {
        if ours.contains(&row[0]) {
            mock_count += usize::from(row[0].starts_with("rd_kafka_mock"));
            // A const integer as a result means nothing to a caller and is a warning to compilers.
            writeln!(source, "{}", row[1].replace("const int rd_kafka_", "int rd_kafka_")).unwrap();
            count += 1;
        }
    }
    assert!(count > 40, "only {count} prototypes found");
    assert_eq!(mock_count, 57, "all of rdkafka_mock.h, but for rd_kafka_handle_mock_cluster");
    assert_compiles("c++", &[], &format!("{source}}}\n"));

    // The comparison can fail: another type is noticed, be it only an enum's integer.
    for wrong in [
        "int rd_kafka_last_error(void)",
        "const char *rd_kafka_err2str(int err)",
        "int rd_kafka_mock_cluster_destroy(rd_kafka_mock_cluster_t *mcluster)",
    ] {
        assert!(!compile("c++", &[], &format!("{source}{wrong};\n}}\n")).status.success());
    }
}

#[test]
fn every_declared_function_is_one_of_librdkafkas() {
    let known: Vec<String> = table("functions.tsv").into_iter().map(|row| row[0].clone()).collect();
    let unknown: Vec<_> = declared().into_iter().filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "not in librdkafka: {unknown:?}");
}

#[test]
fn every_function_of_librdkafkas_main_header_is_declared() {
    let ours = declared();
    let missing: Vec<_> = table("functions.tsv")
        .into_iter()
        .filter(|row| !ours.contains(&row[0]))
        .map(|row| row[0].clone())
        .collect();
    assert!(missing.is_empty(), "not declared: {missing:?}");
}

#[test]
fn constants_have_librdkafkas_values() {
    let mut source = String::from("#include <librdkafka/rdkafka.h>\n");
    for row in table("constants.tsv") {
        writeln!(source, "_Static_assert(({}) == ({}), \"{}\");", row[0], row[1], row[0]).unwrap();
    }
    assert_compiles("cc", &[], &source);
}

#[cfg(target_pointer_width = "64")]
#[test]
fn structs_have_librdkafkas_layout() {
    let mut source = String::from("#include <librdkafka/rdkafka.h>\n#include <stddef.h>\n");
    for row in table("layouts.tsv") {
        let (name, member, offset, size) = (&row[0], &row[1], &row[2], &row[3]);
        if member.is_empty() {
            writeln!(source, "_Static_assert(sizeof({name}) == {size}, \"{name}\");").unwrap();
        } else {
            writeln!(
                source,
                "_Static_assert(offsetof({name}, {member}) == {offset} && \
                 sizeof((({name} *)0)->{member}) == {size}, \"{name}.{member}\");"
            )
            .unwrap();
        }
    }
    assert_compiles("cc", &[], &source);
}

#[test]
fn the_error_enum_and_the_error_table_agree() {
    use rdkafka::capi::error_code::TABLE;
    let mut source = String::from("#include <librdkafka/rdkafka.h>\n");
    for row in TABLE {
        let name = row.name.to_str().unwrap();
        writeln!(source, "_Static_assert(RD_KAFKA_RESP_ERR_{name} == {}, \"{name}\");", row.code)
            .unwrap();
    }
    let end = TABLE.last().unwrap().code + 1;
    writeln!(source, "_Static_assert(RD_KAFKA_RESP_ERR_END_ALL == {end}, \"end\");").unwrap();
    assert_compiles("cc", &[], &source);
}

#[test]
fn producev_macros_check_their_arguments_types() {
    let good = r#"
        #include <librdkafka/rdkafka.h>
        static void sink(int first, ...) { (void)first; }
        void f(rd_kafka_topic_t *rkt, rd_kafka_headers_t *hdrs);
        void f(rd_kafka_topic_t *rkt, rd_kafka_headers_t *hdrs) {
            sink(0, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_RKT(rkt), RD_KAFKA_V_PARTITION(1),
                 RD_KAFKA_V_VALUE("v", 1), RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_OPAQUE(rkt),
                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_TIMESTAMP(5),
                 RD_KAFKA_V_HEADER("n", "v", -1), RD_KAFKA_V_HEADERS(hdrs), RD_KAFKA_V_END);
        }"#;
    assert_compiles("cc", &["-Wall", "-Wextra", "-Werror"], good);
    let plain = ["-Wall", "-Werror", "-std=c99", "-DLIBRDKAFKA_TYPECHECKS=0"];
    assert_compiles("cc", &plain, good);
    let bad = good.replace("RD_KAFKA_V_TOPIC(\"t\")", "RD_KAFKA_V_TOPIC(5)");
    assert!(!compile("cc", &["-Wall", "-Werror"], &bad).status.success());
}
