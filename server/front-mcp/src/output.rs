//! What the tools return, as structured content with a schema. It holds engine data and adds none; `render` puts it in words.

use base::{Check, Conflict};
use engine::{Event, Outcome, Proposal, Question, Record};
use schemars::JsonSchema;
use serde::Serialize;

use crate::render::line;

/// Result of `run_start`, `run_status`, `run_resume` and `run_cancel`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunView {
    /// Its name.
    pub(crate) run: String,
    /// `running`, `waiting`, `succeeded`, `failed`, `rejected`, `cancelled`, or `interrupted`.
    pub(crate) state: String,
    /// What happened since the cursor, a line each.
    pub(crate) events: Vec<String>,
    /// Give this to the next `run_status`.
    pub(crate) cursor: u64,
    /// Present while a decision is needed: look with `proposal_show`, decide with `proposal_resolve`.
    pub(crate) question: Option<Question>,
    /// Present once the run has ended.
    pub(crate) outcome: Option<Outcome>,
}

impl RunView {
    /// Tells the events from `cursor` on; the whole log decides what is still open.
    pub(crate) fn new(record: &Record, cursor: u64) -> RunView {
        let all = &record.events;
        let from = usize::try_from(cursor).unwrap_or(usize::MAX).min(all.len());
        let state = match record.summary.interrupted {
            true => "interrupted",
            false => record.summary.state.as_str(),
        };
        RunView {
            run: record.summary.id.to_string(),
            state: state.to_owned(),
            events: all[from..].iter().filter_map(line).collect(),
            cursor: all.len() as u64,
            question: open_question(all).cloned(),
            outcome: outcome(all).cloned(),
        }
    }
}

/// The question that waits for an answer. A run that was resumed has to ask again first.
pub(crate) fn open_question(events: &[Event]) -> Option<&Question> {
    events.iter().rev().find_map(|event| match event {
        Event::Ask { question } => Some(Some(question)),
        Event::Answered { .. } | Event::Resumed | Event::Finished { .. } => Some(None),
        _ => None,
    })?
}

/// How the run ended, unless it was resumed after that.
pub(crate) fn outcome(events: &[Event]) -> Option<&Outcome> {
    events.iter().rev().find_map(|event| match event {
        Event::Finished { outcome } => Some(Some(outcome)),
        Event::Resumed => Some(None),
        _ => None,
    })?
}

/// Result of `proposal_show`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProposalView {
    /// The run that made it.
    pub(crate) run: String,
    /// Its name within the run.
    pub(crate) proposal: String,
    /// The commit message that would be used.
    pub(crate) message: String,
    /// The whole change as a unified diff.
    pub(crate) diff: String,
    /// Its separately acceptable pieces.
    pub(crate) hunks: Vec<HunkView>,
    /// Tests that failed before and pass with the change.
    pub(crate) fixed_tests: Vec<String>,
    /// Every check that ran, with what it said before and after.
    pub(crate) checks: Vec<Check>,
    /// Where the checks ran.
    pub(crate) sandbox: String,
    /// Whether some check gave no answer.
    pub(crate) partly_verified: bool,
    /// The question to answer with `proposal_resolve`, if it is still open.
    pub(crate) question: Option<Question>,
}

/// One hunk.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HunkView {
    /// For `proposal_resolve`.
    pub(crate) id: String,
    /// Relative to the workspace.
    pub(crate) path: String,
    /// Its part of the diff.
    pub(crate) diff: String,
}

impl ProposalView {
    pub(crate) fn new(record: &Record, proposal: &Proposal) -> ProposalView {
        let patch = proposal.patch();
        let hunk = |hunk: base::Hunk| HunkView {
            id: hunk.id.to_string(),
            path: hunk.path.to_string(),
            diff: hunk.hunk_diff(patch),
        };
        ProposalView {
            run: record.summary.id.to_string(),
            proposal: proposal.id().to_owned(),
            message: proposal.message().trim_end().to_owned(),
            diff: base::unified(patch),
            hunks: patch.hunks().into_iter().map(hunk).collect(),
            fixed_tests: proposal.evidence().fixed.clone(),
            checks: proposal.evidence().checks.clone(),
            sandbox: proposal.evidence().sandbox.clone(),
            partly_verified: proposal.is_partly_verified(),
            question: open_question(&record.events).cloned(),
        }
    }
}

/// Result of `proposal_resolve`: the run after the decision, and what reached the files.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Resolved {
    /// The run after the decision.
    #[serde(flatten)]
    pub(crate) run: RunView,
    /// Hunks that could not be applied, each with the reason.
    pub(crate) conflicts: Vec<Conflict>,
}

impl Resolved {
    /// `cursor`: where the log was when the decision was made.
    pub(crate) fn new(record: &Record, cursor: u64) -> Resolved {
        let from = usize::try_from(cursor).unwrap_or(usize::MAX).min(record.events.len());
        let conflicts = record.events[from..].iter().rev().find_map(|event| match event {
            Event::Applied { conflicts, .. } => Some(conflicts.clone()),
            _ => None,
        });
        let conflicts = conflicts.unwrap_or_default();
        Resolved { run: RunView::new(record, cursor), conflicts }
    }
}
