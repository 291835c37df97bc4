//! Kotlin, and its scripts.

use std::sync::OnceLock;

use crate::language::Language;

/// Kotlin.
pub static KOTLIN: Language = Language {
    id: "kotlin",
    name: "Kotlin",
    extensions: &["kt", "kts"],
    file_names: &[],
    shebangs: &["kotlin", "kotlinc"],
    grammar: tree_sitter_kotlin_ng::LANGUAGE,
    mask: None,
    chunk_query: include_str!("kotlin.scm"),
    compiled: OnceLock::new(),
    refs_query: include_str!("kotlin.refs.scm"),
    compiled_refs: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["line_comment", "block_comment", "annotation"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &["", "TODO(", "throw NotImplementedError("],
    formatters: &[],
    tests: &[],
};
