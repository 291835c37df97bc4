//! Rust. The edition that rustfmt needs is filled in by whoever starts it.

use std::sync::OnceLock;

use crate::language::{
    BuildCache, Choice, Formatter, Language, Marker, Report, Reuse, Select, TestRunner,
};

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
        choice: Choice::Usual,
    }],
    tests: &[TestRunner {
        name: "cargo",
        build: &[],
        argv: &["cargo", "test", "--offline", "--no-fail-fast"],
        cache: Some(BuildCache {
            name: "cargo",
            env: Some("CARGO_TARGET_DIR"),
            reuse: Reuse::Times,
        }),
        select: Select::Append { before: &["--", "--exact"] },
        report: Report::LibtestText,
        markers: &[Marker::File("Cargo.toml")],
        nested: None,
        test_files: &["*.rs"],
    }],
};
