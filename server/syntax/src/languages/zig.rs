//! Zig. ZON data is text. It formats and runs nothing.

use std::sync::OnceLock;

use crate::language::Language;

/// Zig.
pub static ZIG: Language = Language {
    id: "zig",
    name: "Zig",
    extensions: &["zig"],
    file_names: &[],
    shebangs: &[],
    grammar: tree_sitter_zig::LANGUAGE,
    mask: None,
    chunk_query: include_str!("zig.scm"),
    refs_query: include_str!("zig.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["comment"],
    inner_docs: &["//!"],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &[
        "",
        "@panic(\"TODO\");",
        "@panic(\"not implemented\");",
        "@compileError(",
        "unreachable;",
    ],
    formatters: &[],
    linters: &[],
    tests: &[],
};
