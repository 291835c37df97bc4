//! Swift. Package manifests (`Package.swift`) are Swift too. It formats and runs nothing.

use std::sync::OnceLock;

use crate::language::Language;

/// Swift 5 and 6.
pub static SWIFT: Language = Language {
    id: "swift",
    name: "Swift",
    extensions: &["swift"],
    file_names: &[],
    shebangs: &["swift"],
    grammar: tree_sitter_swift::LANGUAGE,
    mask: None,
    chunk_query: include_str!("swift.scm"),
    refs_query: include_str!("swift.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["comment", "multiline_comment", "attribute"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &["", "fatalError(", "preconditionFailure("],
    formatters: &[],
    linters: &[],
    tests: &[],
};
