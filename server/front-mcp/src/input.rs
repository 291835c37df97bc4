//! What the tools take. The doc comments are what a client's model reads.

use schemars::JsonSchema;
use serde::Deserialize;

/// Arguments of `search_code`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// What to look for: words, identifiers, or an error message.
    pub(crate) query: String,
    /// How many hits at most.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 50))]
    pub(crate) limit: usize,
    /// Only files that match one of these globs, such as `src/**/*.rs`.
    #[serde(default)]
    pub(crate) paths: Vec<String>,
}

fn ten() -> usize {
    10
}

/// Arguments of `run_start`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// What sort of change.
    pub(crate) workflow: Workflow,
    /// What is wanted, in words. May be left out for `fix` when tests fail or a diagnostic is given.
    #[serde(default)]
    pub(crate) request: String,
    /// The file that the request is about, relative to the workspace.
    pub(crate) file: Option<String>,
    /// First line of the part in question, counted from 1.
    pub(crate) line: Option<u32>,
    /// Last line of the part in question; the first line alone when left out.
    pub(crate) end_line: Option<u32>,
    /// The message of a compiler or linter about that part.
    pub(crate) diagnostic: Option<String>,
    /// Failing tests to repair, by id or part of an id; all that fail when left out.
    #[serde(default)]
    pub(crate) tests: Vec<String>,
    /// `provider/model` instead of the configured one.
    pub(crate) model: Option<String>,
    /// Whether accepted hunks are committed.
    #[serde(default)]
    pub(crate) commit: bool,
}

/// Sorts of change.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Workflow {
    /// Repair a diagnostic or failing tests.
    Fix,
    /// Write what is asked for.
    Implement,
}

impl Workflow {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Workflow::Fix => "fix",
            Workflow::Implement => "implement",
        }
    }
}

/// Arguments of `run_status`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    /// The run, as `run_start` named it.
    pub(crate) run: String,
    /// How long to wait for the run to need a decision or to end, in seconds. At most 45, because many clients give a call
    /// a minute.
    #[serde(default = "most")]
    #[schemars(range(min = 0, max = 45))]
    pub(crate) wait_seconds: u64,
    /// The `cursor` of the last answer: only later events are told.
    #[serde(default)]
    pub(crate) cursor: u64,
}

fn most() -> u64 {
    45
}

/// Arguments of `proposal_show` and `run_cancel`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfRun {
    /// The run, as `run_start` named it.
    pub(crate) run: String,
}

/// Arguments of `proposal_resolve`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolve {
    /// The run, as `run_start` named it.
    pub(crate) run: String,
    /// What to do with the proposal.
    pub(crate) decision: Decision,
    /// With `accept`: the ids of the hunks to take; all of them when left out.
    pub(crate) hunks: Option<Vec<String>>,
    /// With `accept`: whether to commit; as `run_start` said when left out.
    pub(crate) commit: Option<bool>,
    /// With `reject`: why. With `revise`: what should be different.
    pub(crate) feedback: Option<String>,
}

/// What to do with a proposal.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// Apply it to the files.
    Accept,
    /// Leave the files as they are and end the run.
    Reject,
    /// Try again with the feedback in mind.
    Revise,
}
