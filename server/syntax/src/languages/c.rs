//! C. A header is C unless its text shows that it is C++: see `languages::detect`.

use std::sync::OnceLock;

use crate::c_family;
use crate::language::Language;
use crate::preprocessor;

/// C, with its preprocessor.
pub static C: Language = Language {
    id: "c",
    name: "C",
    extensions: &["c", "h"],
    file_names: &[],
    shebangs: &["tcc"],
    grammar: tree_sitter_c::LANGUAGE,
    mask: Some(preprocessor::mask_c),
    chunk_query: include_str!("c.scm"),
    refs_query: include_str!("c.refs.scm"),
    patterns: OnceLock::new(),
    separator: "::",
    line_comment: "//",
    wrappers: &[],
    leading: &["comment"],
    inner_docs: &[],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", "abort(", "assert(0"],
    formatters: c_family::FORMATTERS,
    tests: c_family::TESTS,
};
