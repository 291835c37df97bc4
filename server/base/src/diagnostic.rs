//! What a tool or an editor has to say about a place in a file; not where it came from on the wire.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ByteRange, RelPath};

#[cfg(test)]
mod tests;

/// How bad it is, worst first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The code does not work.
    Error,
    /// The code may not work.
    Warning,
    /// Worth knowing.
    Info,
    /// Worth a thought.
    Hint,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
            Severity::Hint => "hint",
        })
    }
}

/// One message about one place.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Diagnostic {
    /// The file.
    pub path: RelPath,
    /// The place, in bytes of the file's text at that time.
    pub range: ByteRange,
    /// The line of the range's start, from 1.
    pub line: u32,
    /// How bad it is.
    pub severity: Severity,
    /// Who says so: `pyright`, `rustc`.
    pub source: String,
    /// Which rule, as `source` calls it: `E0308`.
    #[serde(default)]
    pub code: Option<String>,
    /// What is wrong, in words.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    /// `src/a.py:3: error: undefined name [pyflakes F821]`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.severity, self.message)?;
        match &self.code {
            Some(code) => write!(f, " [{} {code}]", self.source),
            None => write!(f, " [{}]", self.source),
        }
    }
}
