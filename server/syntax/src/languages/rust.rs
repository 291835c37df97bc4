//! Rust. The edition that rustfmt needs is filled in by whoever starts it.

use std::sync::OnceLock;

use crate::language::{Formatter, Language, Marker, Report, Select, TestRunner};
use crate::linter;

/// Rust.
pub static RUST: Language = Language {
    id: "rust",
    name: "Rust",
    extensions: &["rs"],
    file_names: &[],
    shebangs: &["rust-script"],
    grammar: tree_sitter_rust::LANGUAGE,
    mask: None,
    chunk_query: include_str!("rust.scm"),
    refs_query: include_str!("rust.refs.scm"),
    patterns: OnceLock::new(),
    separator: "::",
    line_comment: "//",
    wrappers: &[],
    leading: &["line_comment", "block_comment", "attribute_item"],
    inner_docs: &["//!", "/*!"],
    test_prefixes: &[],
    test_attributes: &["test", "rstest", "test_case", "quickcheck"],
    empty_body: &["", "todo!(", "unimplemented!("],
    formatters: &[Formatter {
        name: "rustfmt",
        argv: &["rustfmt", "--edition", "{edition}", "--emit", "stdout"],
        config_files: &["rustfmt.toml", ".rustfmt.toml"],
        markers: &[Marker::File("Cargo.toml")],
    }],
    linters: linter::RUST,
    tests: &[TestRunner {
        name: "cargo",
        argv: &["cargo", "test", "--offline", "--no-fail-fast"],
        select: Select::Append { before: &["--", "--exact"] },
        report: Report::LibtestText,
        markers: &[Marker::File("Cargo.toml")],
        test_files: &["*.rs"],
    }],
};
