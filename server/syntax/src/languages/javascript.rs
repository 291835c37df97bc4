//! JavaScript, with JSX; and the formatters and test runners that TypeScript shares with it.

use std::sync::OnceLock;

use crate::language::{Choice, Formatter, Language, Marker, Report, Select, TestRunner};

/// JavaScript, modules and scripts, with JSX.
pub static JAVASCRIPT: Language = Language {
    id: "javascript",
    name: "JavaScript",
    extensions: &["js", "jsx", "mjs", "cjs"],
    file_names: &["Jakefile"],
    shebangs: &["node", "bun"],
    grammar: tree_sitter_javascript::LANGUAGE,
    mask: None,
    chunk_query: concat!(include_str!("ecmascript.scm"), include_str!("javascript.scm")),
    refs_query: concat!(
        include_str!("ecmascript.refs.scm"),
        include_str!("jsx.refs.scm"),
        include_str!("javascript.refs.scm")
    ),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: WRAPPERS,
    leading: LEADING,
    inner_docs: &["/*!"],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: EMPTY_BODY,
    formatters: FORMATTERS,
    tests: TESTS,
};

pub(super) const WRAPPERS: &[&str] = &[
    "export_statement",
    "expression_statement",
    "ambient_declaration",
    "lexical_declaration",
    "variable_declaration",
];
pub(super) const LEADING: &[&str] = &["comment", "decorator"];
pub(super) const EMPTY_BODY: &[&str] =
    &["", "throw new Error(\"not implemented", "throw new Error('not implemented"];

pub(super) const FORMATTERS: &[Formatter] = &[Formatter {
    name: "prettier",
    argv: &["prettier", "--stdin-filepath", "{path}"],
    config_files: &[
        ".prettierrc",
        ".prettierrc.json",
        ".prettierrc.yaml",
        ".prettierrc.yml",
        ".prettierrc.toml",
        ".prettierrc.js",
        ".prettierrc.cjs",
        ".prettierrc.mjs",
        "prettier.config.js",
        "prettier.config.cjs",
        "prettier.config.mjs",
    ],
    markers: &[
        Marker::Dependency("prettier"),
        Marker::Contains { file: "package.json", text: "\"prettier\":" },
    ],
    choice: Choice::Usual,
}];

const TEST_FILES: &[&str] = &["*.test.*", "*.spec.*", "*-test.*", "*_test.*", "test-*.*", "test.*"];

pub(super) const TESTS: &[TestRunner] = &[
    TestRunner {
        name: "vitest",
        build: &[],
        argv: &["node_modules/.bin/vitest", "run", "--reporter=json", "--outputFile={report}"],
        cache: None,
        select: Select::Pattern { flag: "--testNamePattern" },
        report: Report::JestJson,
        markers: &[
            Marker::Dependency("vitest"),
            Marker::Script("vitest"),
            Marker::File("vitest.config.ts"),
            Marker::File("vitest.config.js"),
            Marker::File("vitest.config.mts"),
            Marker::File("vitest.config.mjs"),
        ],
        nested: None,
        test_files: TEST_FILES,
    },
    TestRunner {
        name: "jest",
        build: &[],
        argv: &["node_modules/.bin/jest", "--ci", "--json", "--outputFile={report}"],
        cache: None,
        select: Select::Pattern { flag: "--testNamePattern" },
        report: Report::JestJson,
        markers: &[
            Marker::Dependency("jest"),
            Marker::Script("jest"),
            Marker::File("jest.config.js"),
            Marker::File("jest.config.ts"),
            Marker::File("jest.config.cjs"),
            Marker::File("jest.config.mjs"),
        ],
        nested: None,
        test_files: TEST_FILES,
    },
    TestRunner {
        name: "node-test",
        build: &[],
        argv: &["node", "--test", "--test-reporter=junit", "--test-reporter-destination={report}"],
        cache: None,
        select: Select::Pattern { flag: "--test-name-pattern" },
        report: Report::NodeJunit,
        markers: &[
            Marker::Script("node --test"),
            Marker::AnyFile { name: "*.js", text: "node:test" },
            Marker::AnyFile { name: "*.mjs", text: "node:test" },
            Marker::AnyFile { name: "*.cjs", text: "node:test" },
            Marker::AnyFile { name: "*.ts", text: "node:test" },
        ],
        nested: None,
        test_files: TEST_FILES,
    },
];
