//! What a front asks for: plain data, stored with the run.

use base::{ByteRange, Diagnostic, Patch, RelPath};
use models::{ModelName, Tier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A run to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Name of a workflow: see [`WORKFLOWS`](crate::WORKFLOWS).
    pub workflow: String,
    /// What is wanted, in the user's words; may be empty where a diagnostic or a test says it all.
    pub text: String,
    /// The diagnostic to repair.
    pub diagnostic: Option<Diagnostic>,
    /// The change whose worth is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The part of a file that the request is about.
    pub selection: Option<Selection>,
    /// Ids or parts of ids of the failing tests to repair; empty: those named in `text`, else all that fail.
    pub tests: Vec<String>,
    /// Whether a change comes with a test of its own; as the settings say when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_tests: Option<bool>,
    /// The items of a mission, in their order; empty: made of `text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roadmap: Vec<String>,
    /// Whether a request goes through a plan. A mission always does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_plan: bool,
    /// A person decides about a plan before it is carried out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approve_plan: bool,
    /// The model to ask instead of the configured one.
    pub model: Option<ModelName>,
    /// The class of models to ask, whatever the request's complexity.
    #[serde(default)]
    pub tier: Option<Tier>,
    /// Who decides about the proposal.
    pub review: Review,
    /// Whether accepted hunks are committed.
    pub commit: bool,
    /// Which front asks: `cli`, `lsp`, `mcp`. Shown in lists, decides nothing.
    pub origin: String,
}

impl Request {
    /// A request in words; everything else unset.
    pub fn new(workflow: &str, text: &str, origin: &str) -> Request {
        Request {
            workflow: workflow.into(),
            text: text.into(),
            diagnostic: None,
            change: None,
            selection: None,
            tests: Vec::new(),
            with_tests: None,
            roadmap: Vec::new(),
            with_plan: false,
            approve_plan: false,
            model: None,
            tier: None,
            review: Review::Ask,
            commit: false,
            origin: origin.into(),
        }
    }
}

/// A change that somebody else has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What changes.
    pub patch: Patch,
    /// The files have it already: what is compared with is how they were before.
    pub is_applied: bool,
}

/// Who decides about a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// A person, through any front.
    Ask,
    /// Every hunk of a proposal is taken; what its evidence leaves open is shown, not asked about.
    AcceptAll,
}

/// Part of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Selection {
    /// The file.
    pub path: RelPath,
    /// Bytes of its present text.
    pub range: ByteRange,
}
