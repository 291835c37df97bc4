//! Python. Stub files (`.pyi`) parse as Python too.

use std::sync::OnceLock;

use crate::language::{Choice, Formatter, Language, Marker, Report, Select, TestRunner};

/// Python 3.
pub static PYTHON: Language = Language {
    id: "python",
    name: "Python",
    extensions: &["py", "pyi", "pyw"],
    file_names: &["SConstruct", "SConscript", "wscript"],
    shebangs: &["python", "pypy"],
    grammar: tree_sitter_python::LANGUAGE,
    mask: None,
    chunk_query: include_str!("python.scm"),
    refs_query: include_str!("python.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "#",
    wrappers: &["decorated_definition", "expression_statement"],
    leading: &["comment", "decorator"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &["pass", "...", "raise NotImplementedError", "raise NotImplementedError("],
    formatters: &[
        Formatter {
            name: "ruff",
            argv: &["ruff", "format", "--stdin-filename", "{path}", "-"],
            config_files: &["ruff.toml", ".ruff.toml"],
            markers: &[Marker::Contains { file: "pyproject.toml", text: "[tool.ruff" }],
            choice: Choice::Usual,
        },
        Formatter {
            name: "black",
            argv: &["black", "-q", "--stdin-filename", "{path}", "-"],
            config_files: &[],
            markers: &[Marker::Contains { file: "pyproject.toml", text: "[tool.black" }],
            choice: Choice::Usual,
        },
        Formatter {
            name: "autopep8",
            // It finds its settings from the folder that it is started in.
            argv: &["autopep8", "-"],
            config_files: &[],
            markers: &[
                Marker::Contains { file: "pyproject.toml", text: "[tool.autopep8" },
                Marker::Contains { file: "setup.cfg", text: "[autopep8]" },
                Marker::Contains { file: "tox.ini", text: "[autopep8]" },
                Marker::Contains { file: ".pre-commit-config.yaml", text: "autopep8" },
            ],
            choice: Choice::Configured,
        },
    ],
    tests: &[
        TestRunner {
            name: "pytest",
            build: &[],
            // `xunit1` is the JUnit family that names each test's file.
            argv: &[
                "python3",
                "-m",
                "pytest",
                "-q",
                "-o",
                "junit_family=xunit1",
                "--junitxml={report}",
            ],
            cache: None,
            select: Select::Append { before: &[] },
            report: Report::Junit,
            markers: &[
                Marker::File("pytest.ini"),
                Marker::File("conftest.py"),
                Marker::Contains { file: "pyproject.toml", text: "[tool.pytest" },
                Marker::Contains { file: "setup.cfg", text: "[tool:pytest]" },
                Marker::Contains { file: "tox.ini", text: "pytest" },
                Marker::Contains { file: "pyproject.toml", text: "pytest" },
                Marker::Contains { file: "requirements-dev.txt", text: "pytest" },
                Marker::Contains { file: "requirements.txt", text: "pytest" },
                Marker::AnyFile { name: "conftest.py", text: "" },
                Marker::AnyFile { name: "test_*.py", text: "import pytest" },
                Marker::AnyFile { name: "*_test.py", text: "import pytest" },
                // Bare test functions at the margin: unittest would not find them.
                Marker::AnyFile { name: "test_*.py", text: "\ndef test_" },
                Marker::AnyFile { name: "*_test.py", text: "\ndef test_" },
            ],
            nested: None,
            test_files: &["test_*.py", "*_test.py"],
        },
        TestRunner {
            name: "unittest",
            build: &[],
            argv: &["python3", "-m", "unittest", "-v"],
            cache: None,
            select: Select::Append { before: &[] },
            report: Report::UnittestText,
            markers: &[Marker::AnyFile { name: "test*.py", text: "unittest" }],
            nested: None,
            test_files: &["test*.py"],
        },
    ],
};
