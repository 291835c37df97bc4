//! Scala, 2 and 3, and build files of sbt.

use std::sync::OnceLock;

use crate::language::Language;

/// Scala 2 and 3.
pub static SCALA: Language = Language {
    id: "scala",
    name: "Scala",
    extensions: &["scala", "sc", "sbt"],
    file_names: &[],
    shebangs: &["scala", "amm", "scala-cli"],
    grammar: tree_sitter_scala::LANGUAGE,
    mask: None,
    chunk_query: include_str!("scala.scm"),
    refs_query: include_str!("scala.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["comment", "block_comment", "annotation"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &["???"],
    formatters: &[],
    linters: &[],
    tests: &[],
};
