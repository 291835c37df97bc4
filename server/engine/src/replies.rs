//! What agents reply in JSON, one type each. Their schemas are what models are told, and lie in `schemas/replies/`.

use base::Severity;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A type of reply.
pub(crate) trait Shape: DeserializeOwned + JsonSchema {
    /// What front matter calls it.
    const NAME: &'static str;
}

/// What is wrong in code, as a model has seen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Findings {
    /// Worst first; may be empty.
    pub(crate) findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Finding {
    /// The file, as it was shown.
    pub(crate) path: String,
    /// One whole line of that file, exactly as it was shown: where it is wrong.
    pub(crate) quote: String,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What sort of thing it is.
    pub(crate) category: Category,
    /// What is wrong, and what comes of it.
    pub(crate) message: String,
    /// What to do instead.
    pub(crate) suggestion: String,
}

/// Sorts of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Category {
    /// It does not do what it should.
    Correctness,
    /// Somebody can do what they should not.
    Security,
    /// It takes more time or memory than it has to.
    Performance,
    /// It is hard to read or to change.
    Maintainability,
    /// Nothing tests it.
    Testing,
}

impl Shape for Findings {
    const NAME: &'static str = "findings";
}

impl Category {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Category::Correctness => "correctness",
            Category::Security => "security",
            Category::Performance => "performance",
            Category::Maintainability => "maintainability",
            Category::Testing => "testing",
        }
    }
}

#[cfg(test)]
mod tests;
