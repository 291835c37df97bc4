//! Java. How its projects are built, tested and formatted is not known here yet.

use std::sync::OnceLock;

use crate::language::Language;

/// Java, up to records, sealed types and patterns.
pub static JAVA: Language = Language {
    id: "java",
    name: "Java",
    extensions: &["java"],
    file_names: &[],
    shebangs: &[],
    grammar: tree_sitter_java::LANGUAGE,
    mask: None,
    chunk_query: include_str!("java.scm"),
    refs_query: include_str!("java.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["line_comment", "block_comment", "marker_annotation", "annotation"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &[
        "",
        "throw new UnsupportedOperationException(",
        "throw new NotImplementedException(",
    ],
    formatters: &[],
    linters: &[],
    tests: &[],
};
