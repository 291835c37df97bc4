//! How complex a task is, as a number with its reasons. What is counted is the caller's to find out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Tier;

/// What a task involves, as planned or as estimated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    /// Lines of code to write or to change.
    pub lines: u32,
    /// Files to write or to change.
    pub files: u32,
    /// Packages of others that the task is about.
    pub dependencies: u32,
    /// Interfaces of other systems that it speaks to.
    pub apis: u32,
    /// Whether it reads or writes a database.
    pub database: bool,
    /// Whether it decides who may do what.
    pub authentication: bool,
    /// Programming languages in it.
    pub languages: u32,
}

/// A score, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Complexity {
    /// Below 3 is simple, above 6 complex.
    pub score: u32,
    /// Such as `3 files: +3`.
    pub reasons: Vec<String>,
}

impl Complexity {
    /// Source: the table "Complexity Scoring" of the design that the tiers come from.
    pub fn of(work: &Work) -> Complexity {
        let named = |count: u32, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {many}"),
        };
        let parts = [
            (work.lines / 50, named(work.lines, "line", "lines")),
            (work.files, named(work.files, "file", "files")),
            (work.dependencies, named(work.dependencies, "dependency", "dependencies")),
            (work.apis.saturating_mul(2), named(work.apis, "API", "APIs")),
            (2 * u32::from(work.database), "a database".to_owned()),
            (2 * u32::from(work.authentication), "authentication".to_owned()),
            (3 * u32::from(1 < work.languages), named(work.languages, "language", "languages")),
        ];
        let parts: Vec<(u32, String)> =
            parts.into_iter().filter(|(points, _)| 0 < *points).collect();
        Complexity {
            score: parts.iter().fold(0u32, |sum, (points, _)| sum.saturating_add(*points)),
            reasons: parts.into_iter().map(|(points, what)| format!("{what}: +{points}")).collect(),
        }
    }

    /// The class of models for it.
    pub fn tier(&self) -> Tier {
        match self.score {
            0..3 => Tier::Fast,
            3..=6 => Tier::Balanced,
            7.. => Tier::Quality,
        }
    }
}

#[cfg(test)]
mod tests;
