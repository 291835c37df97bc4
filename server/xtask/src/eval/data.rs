//! The packages of an evaluation: which, and how they are broken. It fetches nothing and runs nothing.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::languages::Language;

/// One data file: the packages of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Set {
    pub(super) package: Vec<Package>,
}

/// A released source package with its own tests.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Package {
    /// As its registry calls it.
    pub(super) name: String,
    pub(super) version: String,
    /// Of the archive, in hex; of a Go module its `h1:` sum, which is a SHA-256 of those of its files.
    pub(super) sha256: String,
    /// Of the archive with the tests, where they are released apart from the sources.
    #[serde(default)]
    pub(super) tests_sha256: String,
    /// For the reader of the data file.
    pub(super) licence: String,
    /// What its tests need beside it, as the registry calls it.
    #[serde(default)]
    pub(super) requires: Vec<String>,
    /// Files of tests that do not look like it.
    #[serde(default)]
    pub(super) test_files: Vec<String>,
    /// Options of CMake that turn the tests on.
    #[serde(default)]
    pub(super) options: Vec<String>,
    pub(super) mutation: Vec<Mutation>,
}

/// One broken function.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mutation {
    pub(super) function: String,
    pub(super) path: String,
    /// Occurs exactly once in the file.
    pub(super) original: String,
    /// Occurs exactly once in the file that has it.
    pub(super) broken: String,
    /// A repair that does not repair.
    pub(super) wrong: String,
}

impl Set {
    /// The packages of `language`.
    ///
    /// # Errors
    /// The file cannot be read or is not in the format.
    pub(super) fn load(root: &Path, language: Language) -> Result<Set> {
        let path = root.join("tests/evals/real").join(format!("{}.toml", language.name()));
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }
}

impl Package {
    /// Name and version, fit for a file's name.
    pub(super) fn label(&self) -> String {
        format!("{}-{}", self.name.replace(['/', '@', ':'], "_"), self.version)
    }
}

impl Mutation {
    /// The original's text with the function broken, and with the wrong repair.
    ///
    /// # Errors
    /// The lines to be swapped are not where the data file says.
    pub(super) fn texts(&self, original: &str) -> Result<(String, String)> {
        let ends = if original.contains("\r\n") { "\r\n" } else { "\n" };
        let [right, broken, wrong] =
            [&self.original, &self.broken, &self.wrong].map(|lines| lines.replace('\n', ends));
        let n = original.matches(&right).count();
        ensure!(n == 1, "{}: the original of `{}` occurs {n} times", self.path, self.function);
        let with_broken = original.replace(&right, &broken);
        let n = with_broken.matches(&broken).count();
        ensure!(n == 1, "{}: the broken `{}` occurs {n} times", self.path, self.function);
        Ok((with_broken, original.replace(&right, &wrong)))
    }

    /// A reply of the model that replaces the broken lines by `lines`.
    pub(super) fn reply(&self, lines: &str) -> String {
        format!(
            "{}\n<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n\nAll tests pass now.\nCOMMIT: fix: repair {}\n",
            self.path, self.broken, lines, self.function
        )
    }
}

#[cfg(test)]
mod tests;
