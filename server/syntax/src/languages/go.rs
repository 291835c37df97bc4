//! Go. Its tests and formatter are not known here yet: search needs only the grammar.

use std::sync::OnceLock;

use crate::language::Language;
use crate::linter;

/// Go.
pub static GO: Language = Language {
    id: "go",
    name: "Go",
    extensions: &["go"],
    file_names: &[],
    shebangs: &["gorun"],
    grammar: tree_sitter_go::LANGUAGE,
    mask: None,
    chunk_query: include_str!("go.scm"),
    refs_query: include_str!("go.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["comment"],
    inner_docs: &["//go:build", "// +build"],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", "panic(\"not implemented", "panic(\"unimplemented", "panic(\"TODO"],
    formatters: &[],
    linters: linter::GO,
    tests: &[],
};
