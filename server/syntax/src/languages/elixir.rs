//! Elixir. Scripts (`.exs`) too. It formats and runs nothing.

use std::sync::OnceLock;

use crate::language::Language;

/// Elixir.
pub static ELIXIR: Language = Language {
    id: "elixir",
    name: "Elixir",
    extensions: &["ex", "exs"],
    file_names: &[],
    shebangs: &["elixir"],
    grammar: tree_sitter_elixir::LANGUAGE,
    mask: None,
    chunk_query: include_str!("elixir.scm"),
    refs_query: include_str!("elixir.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "#",
    wrappers: &[],
    leading: &["comment"],
    inner_docs: &[],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["raise \"not implemented\"", "raise(\"not implemented\")", ":not_implemented"],
    formatters: &[],
    linters: &[],
    tests: &[],
};
