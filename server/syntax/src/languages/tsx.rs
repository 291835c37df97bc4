//! TypeScript with JSX: another grammar, the same queries as plain TypeScript.

use std::sync::OnceLock;

use crate::language::Language;
use crate::languages::javascript;
use crate::linter;

/// TypeScript with JSX.
pub static TSX: Language = Language {
    id: "typescriptreact",
    name: "TSX",
    extensions: &["tsx"],
    file_names: &[],
    shebangs: &[],
    grammar: tree_sitter_typescript::LANGUAGE_TSX,
    mask: None,
    chunk_query: concat!(include_str!("ecmascript.scm"), include_str!("typescript.scm")),
    refs_query: concat!(
        include_str!("ecmascript.refs.scm"),
        include_str!("jsx.refs.scm"),
        include_str!("typescript.refs.scm")
    ),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: javascript::WRAPPERS,
    leading: javascript::LEADING,
    inner_docs: &["/*!"],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: javascript::EMPTY_BODY,
    formatters: javascript::FORMATTERS,
    linters: linter::JAVASCRIPT,
    tests: javascript::TESTS,
};
