//! Build script: generates the C header from `src/capi`, compiles the C-variadic entry points
//! against it, names the shared object `librdkafka.so.1` and keeps it loaded once loaded.
//!
//! `UPDATE_HEADER=1 cargo build` copies the generated header into `include/`; `tests/header.rs`
//! fails while the two differ.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Part of the header that cbindgen can't express: macros, opaque handles (before the items of
/// `src/capi`) and variadic prototypes (after them).
const PRELUDE: &str = "csrc/rdkafka_prelude.h";
const POSTLUDE: &str = "csrc/rdkafka_postlude.h";
/// The modules of `src/capi` that the header begins with; the others follow in the order of `mod.rs`.
const FIRST: &[&str] = &["version", "enums", "error_enum", "structs", "error"];
const SHIM: &str = "csrc/varargs.c";

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));

    link_args();
    let header = generate_header(&root);
    let include = out.join("include");
    write_if_changed(&include.join("librdkafka/rdkafka.h"), &header);
    if env::var_os("UPDATE_HEADER").is_some() {
        write_if_changed(&root.join("include/librdkafka/rdkafka.h"), &header);
    }
    compile_shim(&root, &include);

    println!("cargo:rustc-env=GENERATED_HEADER={}", include.join("librdkafka/rdkafka.h").display());
    println!("cargo:rerun-if-env-changed=UPDATE_HEADER");
    for path in ["build.rs", "cbindgen.toml", "csrc", "src/capi"] {
        println!("cargo:rerun-if-changed={path}");
    }
}

fn link_args() {
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,librdkafka.so.1");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}

fn generate_header(root: &Path) -> String {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for module in capi_modules(&root.join("src/capi")) {
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
    format!("{}\n{}\n{}", part(PRELUDE), items.trim(), part(POSTLUDE))
}

/// The files of `src/capi` in the header's order.
fn capi_modules(dir: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(dir.join("mod.rs")).expect("src/capi/mod.rs");
    let mut names: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            let name = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "))?;
            name.strip_suffix(';')
        })
        .collect();
    names.sort_by_key(|name| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    names.into_iter().map(|name| dir.join(format!("{name}.rs"))).collect()
}

/// Exactly the shim's symbols join the cdylib's dynamic symbol table.
fn compile_shim(root: &Path, include: &Path) {
    cc::Build::new()
        .file(root.join(SHIM))
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
