//! PHP. Files with HTML around the code too. It formats and runs nothing.

use std::sync::OnceLock;

use crate::language::Language;

/// PHP 7 and 8.
pub static PHP: Language = Language {
    id: "php",
    name: "PHP",
    extensions: &["php", "phtml", "phpt"],
    file_names: &[],
    shebangs: &["php"],
    grammar: tree_sitter_php::LANGUAGE_PHP,
    mask: None,
    chunk_query: include_str!("php.scm"),
    refs_query: include_str!("php.refs.scm"),
    patterns: OnceLock::new(),
    separator: "\\",
    line_comment: "//",
    wrappers: &["expression_statement"],
    leading: &["comment", "attribute_list"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &[
        "",
        "throw new NotImplementedException(",
        r"throw new \BadMethodCallException(",
        r"throw new \Exception('not implemented');",
        r"throw new \LogicException('not implemented');",
        r"throw new \RuntimeException('not implemented');",
    ],
    formatters: &[],
    linters: &[],
    tests: &[],
};
