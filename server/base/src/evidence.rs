//! What was checked on a patch and what came out; how the checks are made is elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a check found. "No answer" is never "clean".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It ran and found nothing wrong.
    Clean,
    /// It ran and found these, one line each.
    Findings(Vec<String>),
    /// It did not run, or did not get to an end; and why.
    NoAnswer(String),
}

impl Verdict {
    /// `Clean` if there are no findings, else those.
    pub fn of(findings: Vec<String>) -> Verdict {
        if findings.is_empty() { Verdict::Clean } else { Verdict::Findings(findings) }
    }

    /// Whether it ran and found nothing wrong.
    pub fn is_clean(&self) -> bool {
        matches!(self, Verdict::Clean)
    }

    /// Whether it ran to an end, whatever it found.
    pub fn is_answer(&self) -> bool {
        !matches!(self, Verdict::NoAnswer(_))
    }
}

/// A program that a check has started.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// What people call it: `ruff`, `pytest`.
    pub name: String,
    /// What it says of its version; `None` where it says nothing.
    #[serde(default)]
    pub version: Option<String>,
    /// Program and arguments, as they were started last.
    #[serde(default)]
    pub command: Vec<String>,
}

/// One check, before and after the patch.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Which one: `parse`, `format`, `lint: ruff`, `tests: pytest`.
    pub name: String,
    /// On the unchanged workspace; `None` if that says nothing (a new file). Of a linter only what differs: here what is
    /// gone with the patch, in `after` what came with it.
    #[serde(default)]
    pub before: Option<Verdict>,
    /// With the patch.
    pub after: Verdict,
    /// How long it took.
    pub wall_ms: u64,
    /// What it came to, in a few words.
    #[serde(default)]
    pub detail: Option<String>,
    /// What it started.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// The end of its output, bounded, where it did not find everything in order.
    #[serde(default)]
    pub log: Option<String>,
}

impl Check {
    /// A check that is compared with nothing and started nothing.
    pub fn new(name: &str, after: Verdict, wall_ms: u64) -> Check {
        Check {
            name: name.to_owned(),
            before: None,
            after,
            wall_ms,
            detail: None,
            tools: Vec::new(),
            log: None,
        }
    }
}

/// All that is known about a patch's worth.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// In the order in which they ran.
    pub checks: Vec<Check>,
    /// Tests that failed before and pass after.
    pub fixed: Vec<String>,
    /// How the commands were confined, in words.
    pub sandbox: String,
}

impl Evidence {
    /// Whether there were checks, and every one ran and found nothing wrong.
    pub fn is_clean(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.after.is_clean())
    }

    /// The checks that gave no answer.
    pub fn unanswered(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.after.is_answer())
    }
}
