//! Looks at a patch alone for what a person should know of it: secrets, its size, new dependencies, tests that are weaker.
//! Starts nothing and reads no file; what a finding means for the patch is said by the finding itself.

mod added;
mod dependencies;
mod rules;
mod secrets;
mod settings;
mod size;
mod weakened;

#[cfg(test)]
mod tests;

use std::fmt;

use base::{Patch, RelPath};

pub use settings::is_of_settings;
pub use size::Limits;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Probe {
    /// An added line holds what looks like a secret.
    Secret,
    /// Baton's own settings for the workspace are other ones.
    Settings,
    /// A test is gone, skipped, or asks for less.
    Test,
    /// A manifest names a dependency that it did not name before.
    Dependency,
    /// The patch is large.
    Size,
}

/// One thing that a person should know of a patch. Never repeats a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub probe: Probe,
    /// The file after the patch, if it is about one.
    pub path: Option<RelPath>,
    /// The line in that file, from 1.
    pub line: Option<u32>,
    /// What was found, in words.
    pub message: String,
    /// Whether it refuses the patch.
    pub refuses: bool,
}

impl fmt::Display for Finding {
    /// `src/a.py:3: looks like a secret`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, self.line) {
            (Some(path), Some(line)) => write!(f, "{path}:{line}: {}", self.message),
            (Some(path), None) => write!(f, "{path}: {}", self.message),
            (None, _) => f.write_str(&self.message),
        }
    }
}

/// What `patch` should be known for, the weightiest first.
pub fn probe(patch: &Patch, limits: Limits) -> Vec<Finding> {
    let mut findings = secrets::find(patch);
    findings.extend(settings::find(patch));
    findings.extend(weakened::find(patch));
    findings.extend(dependencies::find(patch));
    findings.extend(size::find(patch, limits));
    findings
}
