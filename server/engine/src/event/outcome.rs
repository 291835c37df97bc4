//! How a run ends.

use base::{Conflict, Defect, Diagnostic, Evidence, Patch, RelPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::debate::Rejection;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted hunks are in the user's files.
    Delivered {
        /// Files that changed.
        files: Vec<RelPath>,
        /// The commit, if one was made.
        commit: Option<String>,
        /// Hunks that could not be applied.
        conflicts: Vec<Conflict>,
    },
    /// A change that somebody else has made was examined; nothing changed.
    Verified {
        /// Every check, in order.
        evidence: Evidence,
        /// Why it would be refused, if so; what would have been checked after that was not.
        defect: Option<Defect>,
    },
    /// A question was answered; nothing changed.
    Explained {
        /// The answer, in Markdown.
        text: String,
    },
    /// Code was looked at; nothing changed.
    Reviewed {
        /// Worst first. Each lies at a line that is there.
        findings: Vec<Diagnostic>,
        /// Findings that quoted what is in no file.
        #[serde(default)]
        dropped: u64,
    },
    /// A roadmap was gone through.
    Mission {
        /// In its order.
        items: Vec<ItemEnd>,
    },
    /// The plan was rejected; nothing was built.
    PlanRejected {
        /// Why; absent where a person has done so.
        why: Option<Rejection>,
    },
    /// The proposal was turned down; nothing changed.
    Rejected,
    /// There was nothing to change.
    NothingToDo {
        /// Why.
        why: String,
    },
    /// Ended by the user; nothing changed.
    Cancelled,
    /// Ended without a result. Files have changed only if the change was already being delivered.
    Failed {
        /// What failed.
        failure: Failure,
    },
}

/// A patch that was refused, with all that is known of it. It is no proposal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// Counts from 1.
    pub number: u32,
    /// What it would change.
    pub patch: Patch,
    /// Every check up to the one that refused it.
    pub evidence: Evidence,
    /// Why it was refused.
    pub defect: Defect,
}

impl Attempt {
    /// The one that more was found out about; of two alike the later one, which has learned from the other.
    pub(crate) fn better(self, other: Option<Attempt>) -> Attempt {
        let far = |it: &Attempt| (it.evidence.checks.len(), it.number);
        match other {
            Some(other) if far(&self) < far(&other) => other,
            _ => self,
        }
    }
}

/// Why a run ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// A stable word: `attempts_exhausted`, `no_model`, `model_auth`, `internal`, ...
    pub kind: String,
    /// What failed, on what, and what to do.
    pub message: String,
    /// Whether `resume` can go on from the last finished step.
    pub resumable: bool,
}

/// How an item of a roadmap stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// It is being done.
    Running,
    /// It is in the files.
    Done,
    /// It was given up.
    Failed,
}

/// What became of an item of a roadmap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemEnd {
    /// In a few words.
    pub title: String,
    /// It is in the files.
    pub is_done: bool,
    /// What came of it, or why nothing did.
    pub note: String,
    /// Files that changed.
    pub files: Vec<RelPath>,
    /// The commit, if one was made.
    pub commit: Option<String>,
    /// Tasks of its plan that were left out or skipped.
    pub left_out: Vec<String>,
}

impl ItemEnd {
    pub(crate) fn left_out(title: &str, why: &str) -> ItemEnd {
        ItemEnd {
            title: title.to_owned(),
            is_done: false,
            note: why.to_owned(),
            files: Vec::new(),
            commit: None,
            left_out: Vec::new(),
        }
    }
}
