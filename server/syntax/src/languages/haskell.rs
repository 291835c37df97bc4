//! Haskell. Literate files are text. It formats and runs nothing.

use std::sync::OnceLock;

use crate::language::Language;

/// Haskell, as GHC extends it.
pub static HASKELL: Language = Language {
    id: "haskell",
    name: "Haskell",
    extensions: &["hs", "hs-boot", "hsc"],
    file_names: &[],
    shebangs: &["runghc", "runhaskell", "stack", "cabal"],
    grammar: tree_sitter_haskell::LANGUAGE,
    mask: None,
    chunk_query: include_str!("haskell.scm"),
    refs_query: include_str!("haskell.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "--",
    wrappers: &[],
    leading: &["comment", "haddock", "pragma"],
    inner_docs: &["-- ^", "-- $", "-- *"],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["= undefined", "= error \"not implemented\"", "= error \"TODO\""],
    formatters: &[],
    linters: &[],
    tests: &[],
};
