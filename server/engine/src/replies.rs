//! What agents reply in JSON, one type each. Their schemas are what models are told, and lie in `schemas/replies/`.

use base::Severity;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::debate::{Challenge, Vote};
use crate::plan::Plan;

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

/// What the architect answers to what others have against a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Revision {
    /// A sentence for each risk: what is changed, or why nothing is.
    pub(crate) answers: Vec<String>,
    /// The whole plan, revised; left out where it stays.
    #[serde(default)]
    pub(crate) plan: Option<Plan>,
}

/// What a goal comes to, piece by piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Roadmap {
    /// In the order in which they are done.
    pub(crate) items: Vec<Item>,
}

/// A piece of work that leaves the workspace working.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Item {
    /// In a few words.
    pub(crate) title: String,
    /// What is to be there afterwards.
    pub(crate) what: String,
    /// Stages that it does not need.
    #[serde(default)]
    pub(crate) drop: Vec<Droppable>,
}

/// Stages that may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Droppable {
    /// What others have against its plan.
    Debate,
}

impl Item {
    /// As a person has written it: the first line, or all of it.
    pub(crate) fn of(text: &str) -> Item {
        let text = text.trim();
        let title = text.lines().next().unwrap_or_default().trim();
        Item { title: title.to_owned(), what: text.to_owned(), drop: Vec::new() }
    }

    /// As an architect is told it.
    pub(crate) fn text(&self) -> String {
        if self.what.starts_with(&self.title) {
            return self.what.clone();
        }
        format!("{}\n\n{}", self.title, self.what)
    }
}

/// What a model wants run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Commands {
    /// One after the other; the first that fails ends it.
    pub(crate) commands: Vec<Command>,
}

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Command {
    /// A word each.
    pub(crate) argv: Vec<String>,
    /// What it does, in a sentence.
    pub(crate) why: String,
}

/// Whether a change does what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Coherence {
    /// It does, and nothing else.
    pub(crate) is_coherent: bool,
    /// What was asked for and is not done, a sentence each.
    #[serde(default)]
    pub(crate) missing: Vec<String>,
    /// What is done and was not asked for, a sentence each.
    #[serde(default)]
    pub(crate) unasked: Vec<String>,
}

macro_rules! shapes {
    ($($name:literal: $type:ty;)+) => {
        $(impl Shape for $type {
            const NAME: &'static str = $name;
        })+
    };
}

shapes! {
    "challenge": Challenge;
    "coherence": Coherence;
    "commands": Commands;
    "findings": Findings;
    "plan": Plan;
    "revision": Revision;
    "roadmap": Roadmap;
    "vote": Vote;
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
