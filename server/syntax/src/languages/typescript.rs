//! TypeScript, with declaration files. Files with JSX are `tsx`.

use std::sync::OnceLock;

use crate::language::Language;
use crate::languages::javascript;
use crate::linter;

/// TypeScript without JSX.
pub static TYPESCRIPT: Language = Language {
    id: "typescript",
    name: "TypeScript",
    extensions: &["ts", "mts", "cts"],
    file_names: &[],
    shebangs: &["deno", "ts-node", "tsx"],
    grammar: tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
    mask: None,
    chunk_query: concat!(include_str!("ecmascript.scm"), include_str!("typescript.scm")),
    refs_query: concat!(include_str!("ecmascript.refs.scm"), include_str!("typescript.refs.scm")),
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
