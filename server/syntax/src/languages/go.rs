//! Go, and the tools of its own distribution.

use std::sync::OnceLock;

use crate::language::{
    BuildCache, Choice, Formatter, Language, Marker, Report, Reuse, Select, TestRunner,
};

/// Go.
pub static GO: Language = Language {
    id: "go",
    name: "Go",
    extensions: &["go"],
    file_names: &[],
    shebangs: &["gorun"],
    grammar: tree_sitter_go::LANGUAGE,
    mask: None,
    chunk_query: include_str!("go.scm"),
    refs_query: include_str!("go.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["comment"],
    inner_docs: &["//go:build", "// +build"],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", "panic(\"not implemented", "panic(\"unimplemented", "panic(\"TODO"],
    formatters: &[Formatter {
        name: "gofmt",
        argv: &["gofmt", "-e"],
        config_files: &[],
        markers: &[],
        choice: Choice::Usual,
    }],
    tests: &[TestRunner {
        name: "go",
        build: &[],
        // Go keeps results of tests too, which are none of what runs here.
        argv: &["go", "test", "-json", "-count=1", "./..."],
        cache: Some(BuildCache { name: "go", env: Some("GOCACHE"), reuse: Reuse::Content }),
        select: Select::GoRun,
        report: Report::GoJson,
        markers: &[Marker::File("go.mod")],
        nested: Some("go.mod"),
        test_files: &["*_test.go"],
    }],
};
