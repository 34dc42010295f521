//! Build script: generates the C headers from `src/capi`, compiles the C-variadic entry points
//! against them, names the shared object `librdkafka.so.1` and keeps it loaded once loaded.
//!
//! `UPDATE_HEADER=1 cargo build` copies the generated headers into `include/`; `tests/header.rs`
//! fails while they differ.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// A header: its name, the directory of modules that it is generated from, and the parts that cbindgen can't
/// express: macros, opaque handles (before the modules' items) and variadic prototypes (after them).
struct Header {
    name: &'static str,
    modules: &'static str,
    /// The modules that it begins with; the others follow in the order of `mod.rs`.
    first: &'static [&'static str],
    prelude: &'static str,
    postlude: &'static str,
    /// Name of the variable that tells the tests where it was generated.
    variable: &'static str,
}

const HEADERS: &[Header] = &[
    Header {
        name: "rdkafka.h",
        modules: "src/capi",
        first: &["version", "enums", "error_enum", "structs", "error"],
        prelude: "csrc/rdkafka_prelude.h",
        postlude: "csrc/rdkafka_postlude.h",
        variable: "GENERATED_HEADER",
    },
    Header {
        name: "rdkafka_mock.h",
        modules: "src/capi/mock",
        first: &["cluster", "requests", "faults", "topics", "partitions", "brokers", "settings"],
        prelude: "csrc/rdkafka_mock_prelude.h",
        postlude: "csrc/rdkafka_mock_postlude.h",
        variable: "GENERATED_MOCK_HEADER",
    },
];
const SHIMS: &[&str] = &["csrc/varargs.c", "csrc/mock_varargs.c"];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));

    link_args();
    let include = out.join("include");
    for header in HEADERS {
        let text = generate_header(&root, header);
        let path = include.join("librdkafka").join(header.name);
        write_if_changed(&path, &text);
        if env::var_os("UPDATE_HEADER").is_some() {
            write_if_changed(&root.join("include/librdkafka").join(header.name), &text);
        }
        println!("cargo:rustc-env={}={}", header.variable, path.display());
    }
    compile_shims(&root, &include);

    println!("cargo:rerun-if-env-changed=UPDATE_HEADER");
    for path in ["build.rs", "cbindgen.toml", "csrc", "src/capi"] {
        println!("cargo:rerun-if-changed={path}");
    }
}

fn link_args() {
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,librdkafka.so.1");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}

fn generate_header(root: &Path, header: &Header) -> String {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for module in capi_modules(&root.join(header.modules), header.first) {
        builder = builder.with_src(module);
    }
    let mut items = Vec::new();
    builder.generate().expect("src/capi parses").write(&mut items);
    // `rd_kafka_metadata` is a struct's tag and a function's name: a typedef would clash.
    let items = String::from_utf8(items)
        .expect("cbindgen writes UTF-8")
        .replace("typedef struct rd_kafka_metadata {", "struct rd_kafka_metadata {")
        .replace("} rd_kafka_metadata;", "};");
    let part = |name: &str| fs::read_to_string(root.join(name)).expect("a part of the header");
    format!("{}\n{}\n{}", part(header.prelude), items.trim(), part(header.postlude))
}

/// The files of a directory in the header's order. A directory within has a header of its own.
fn capi_modules(dir: &Path, first: &[&str]) -> Vec<PathBuf> {
    let text = fs::read_to_string(dir.join("mod.rs")).expect("mod.rs");
    let mut names: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            let name = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "))?;
            name.strip_suffix(';')
        })
        .collect();
    names.sort_by_key(|name| first.iter().position(|one| one == name).unwrap_or(first.len()));
    let paths = names.into_iter().map(|name| dir.join(format!("{name}.rs")));
    paths.filter(|path| path.exists()).collect()
}

/// Exactly the shims' symbols join the cdylib's dynamic symbol table.
fn compile_shims(root: &Path, include: &Path) {
    cc::Build::new()
        .files(SHIMS.iter().map(|shim| root.join(shim)))
        .include(include)
        .include(include.join("librdkafka"))
        .warnings(true)
        .extra_warnings(true)
        .link_lib_modifier("+whole-archive")
        .link_lib_modifier("+export-symbols")
        .compile("rdkafka_varargs");
}

fn write_if_changed(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file has a directory")).expect("create directory");
    fs::write(path, text).expect("write header");
}
