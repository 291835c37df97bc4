//! Linters as data, language by language: how they are started, whom they belong to, and what their end means.
//! Starts nothing and reads no report; that is the `tools` crate's part.

use crate::language::{Marker, Reuse};

/// A program that says what is wrong with source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linter {
    /// The name shown to people.
    pub name: &'static str,
    /// Program and arguments; of a linter of files, the files follow.
    pub argv: &'static [&'static str],
    /// Arguments in place of a configuration, where the project has none; `None`: then it is not started.
    pub plain: Option<&'static [&'static str]>,
    /// What it is started for.
    pub scope: Scope,
    /// This linter is the project's choice when one of these files exists in the file's folder or above.
    pub config_files: &'static [&'static str],
    /// Likewise, when one of these holds (a section of a file that several tools share).
    pub markers: &'static [Marker],
    /// How its report is written.
    pub report: LintReport,
    /// The exit codes of a run that got to its end.
    pub answers: Codes,
    /// Rules that judge what is installed rather than the text.
    pub surroundings: &'static [&'static str],
    /// Errors whose rule starts so are the compiler's: they speak against a change in every project.
    pub compiler: Option<&'static str>,
    /// Arguments that make the program tell its version.
    pub version: &'static [&'static str],
}

/// What one run of a linter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The files on its command line.
    Files,
    /// The package whose folder has this file.
    Package {
        /// The manifest's file name.
        manifest: &'static str,
        /// With [`Reuse::Content`] it runs nothing of the package's, so that what it makes of any text may be kept.
        reuse: Reuse,
    },
}

/// The form of a linter's report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LintReport {
    /// ruff's `json`.
    Ruff,
    /// pylint's `json2`.
    Pylint,
    /// eslint's `json`.
    Eslint,
    /// cargo's messages, a JSON object on each line.
    Cargo,
    /// JSON objects of `go vet -json`, one after the other.
    GoVet,
}

/// Which exit codes are an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codes {
    /// These.
    OneOf(&'static [i32]),
    /// Those without these bits.
    Without(i32),
}

impl Codes {
    /// Whether a run that ended with `code` got to its end.
    pub fn accept(self, code: i32) -> bool {
        match self {
            Codes::OneOf(codes) => codes.contains(&code),
            Codes::Without(bits) => code & bits == 0,
        }
    }
}

pub(crate) const PYTHON: &[Linter] = &[
    Linter {
        name: "ruff",
        // What the project excludes stays excluded when it is named.
        argv: &["ruff", "check", "--no-cache", "--force-exclude", "--output-format", "json"],
        plain: Some(&["--isolated"]),
        scope: Scope::Files,
        config_files: &["ruff.toml", ".ruff.toml"],
        // A table that speaks of the formatter alone is no choice of a linter.
        markers: &[
            Marker::Contains { file: "pyproject.toml", text: "[tool.ruff]" },
            Marker::Contains { file: "pyproject.toml", text: "[tool.ruff.lint" },
        ],
        report: LintReport::Ruff,
        answers: Codes::OneOf(&[0, 1]),
        surroundings: &[],
        compiler: None,
        version: &["--version"],
    },
    Linter {
        name: "pylint",
        argv: &["pylint", "--output-format=json2", "--jobs=1", "--persistent=n"],
        plain: None,
        scope: Scope::Files,
        config_files: &[".pylintrc", "pylintrc", ".pylintrc.toml", "pylintrc.toml"],
        markers: &[
            Marker::Contains { file: "pyproject.toml", text: "[tool.pylint" },
            Marker::Contains { file: "setup.cfg", text: "[pylint" },
            Marker::Contains { file: "tox.ini", text: "[pylint" },
        ],
        report: LintReport::Pylint,
        // A fatal message, and a wrong command line or configuration.
        answers: Codes::Without(1 | 32),
        surroundings: &["E0401", "E0611", "E1101"],
        compiler: None,
        version: &["--version"],
    },
];

pub(crate) const JAVASCRIPT: &[Linter] = &[Linter {
    name: "eslint",
    argv: &["eslint", "--format", "json", "--no-error-on-unmatched-pattern"],
    plain: None,
    scope: Scope::Files,
    config_files: &[
        "eslint.config.js",
        "eslint.config.mjs",
        "eslint.config.cjs",
        "eslint.config.ts",
        "eslint.config.mts",
        "eslint.config.cts",
        ".eslintrc",
        ".eslintrc.js",
        ".eslintrc.cjs",
        ".eslintrc.json",
        ".eslintrc.yml",
        ".eslintrc.yaml",
    ],
    markers: &[Marker::Contains { file: "package.json", text: "\"eslintConfig\"" }],
    report: LintReport::Eslint,
    answers: Codes::OneOf(&[0, 1]),
    surroundings: &["import/no-unresolved", "n/no-missing-import", "node/no-missing-import"],
    compiler: None,
    version: &["--version"],
}];

pub(crate) const RUST: &[Linter] = &[Linter {
    name: "clippy",
    argv: &["cargo", "clippy", "--offline", "--quiet", "--all-targets", "--message-format", "json"],
    plain: Some(&[]),
    scope: Scope::Package { manifest: "Cargo.toml", reuse: Reuse::Times },
    config_files: &["clippy.toml", ".clippy.toml"],
    markers: &[
        Marker::Contains { file: "Cargo.toml", text: "[lints.clippy" },
        Marker::Contains { file: "Cargo.toml", text: "[workspace.lints.clippy" },
    ],
    report: LintReport::Cargo,
    // 101: a lint that is denied, or code that does not compile; the messages tell which.
    answers: Codes::OneOf(&[0, 101]),
    surroundings: &[],
    compiler: Some("E0"),
    version: &["clippy", "--version"],
}];

#[cfg(feature = "lang-go")]
pub(crate) const GO: &[Linter] = &[Linter {
    name: "go vet",
    argv: &["go", "vet", "-json", "./..."],
    plain: None,
    scope: Scope::Package { manifest: "go.mod", reuse: Reuse::Content },
    // It comes with the language, and `go test` itself runs a part of it.
    config_files: &["go.mod"],
    markers: &[],
    report: LintReport::GoVet,
    answers: Codes::OneOf(&[0]),
    surroundings: &[],
    compiler: None,
    version: &["version"],
}];
