//! What the tools return, as structured content with a schema. It renders engine data and adds none.

use base::{Check, Conflict};
use engine::{Event, Hit, Outcome, Proposal, Question, Record, SearchResult};
use schemars::JsonSchema;
use serde::Serialize;

/// Result of `search_code`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// Best first.
    hits: Vec<FoundHit>,
    /// Files that are not searched because they are binary, too large or not UTF-8.
    skipped_files: usize,
}

/// One hit.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FoundHit {
    /// Relative to the workspace.
    path: String,
    /// Counted from 1.
    start_line: u32,
    /// Included.
    end_line: u32,
    /// Qualified name of the function or class, or empty.
    name: String,
    /// What matched.
    reason: String,
    /// Comparable within this answer only.
    score: f32,
    /// The code, unsaved changes included.
    text: String,
}

impl Found {
    pub(crate) fn new(result: SearchResult) -> Found {
        let hit = |hit: Hit| FoundHit {
            path: hit.path.to_string(),
            start_line: hit.chunk.lines.0,
            end_line: hit.chunk.lines.1,
            name: hit.chunk.qualified,
            reason: hit.reason,
            score: hit.score,
            text: hit.text,
        };
        let hits = result.hits.into_iter().map(hit).collect();
        Found { hits, skipped_files: result.skipped.len() }
    }
}

/// Result of `run_start`, `run_status`, `proposal_resolve` and `run_cancel`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunView {
    /// Its name.
    run: String,
    /// `running`, `waiting`, `succeeded`, `failed`, `rejected`, `cancelled`, or `interrupted`.
    state: String,
    /// What happened since the cursor, a line each.
    events: Vec<String>,
    /// Give this to the next `run_status`.
    cursor: u64,
    /// Present while a decision is needed: look with `proposal_show`, decide with `proposal_resolve`.
    question: Option<Question>,
    /// Present once the run has ended.
    outcome: Option<Outcome>,
}

impl RunView {
    /// `events` are those from `cursor` on; `all` decides what is still open.
    pub(crate) fn new(record: &Record, cursor: u64) -> RunView {
        let all = &record.events;
        let from = usize::try_from(cursor).unwrap_or(usize::MAX).min(all.len());
        let outcome = all.iter().rev().find_map(|event| match event {
            Event::Finished { outcome } => Some(Some(outcome.clone())),
            Event::Resumed => Some(None),
            _ => None,
        });
        let outcome = outcome.flatten();
        let question = if outcome.is_some() { None } else { open_question(all) };
        let state = match record.summary.interrupted {
            true => "interrupted",
            false => record.summary.state.as_str(),
        };
        RunView {
            run: record.summary.id.to_string(),
            state: state.to_owned(),
            events: all[from..].iter().filter_map(line).collect(),
            cursor: all.len() as u64,
            question,
            outcome,
        }
    }
}

/// The last question that has no answer yet.
pub(crate) fn open_question(events: &[Event]) -> Option<Question> {
    events.iter().rev().find_map(|event| match event {
        Event::Ask { question } => Some(Some(question.clone())),
        Event::Answered { .. } => Some(None),
        _ => None,
    })?
}

/// An event in one line; the model's streamed text is left out, because only its verified result counts.
pub(crate) fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Started { workflow, model, .. } => {
            format!("started {workflow} with {}", model.as_deref().unwrap_or("no model"))
        }
        Event::Resumed => "resumed".into(),
        Event::Stage { stage, state, attempt, note } => {
            let attempt = if *attempt > 0 { format!(" (attempt {attempt})") } else { String::new() };
            format!("{}{attempt} {}: {note}", stage.as_str(), format!("{state:?}").to_lowercase())
        }
        Event::Hits { hits, tokens } => {
            let names: Vec<String> =
                hits.iter().map(|hit| format!("{}:{} {}", hit.path, hit.lines.0, hit.name)).collect();
            format!("context of {} tokens: {}", tokens.0, names.join(", "))
        }
        Event::Check { check, .. } => format!("check {}: {}", check.name, verdict(check)),
        Event::Refused { attempt, defect } => format!("attempt {attempt} refused: {}", defect.summary),
        Event::Notice { message } => message.clone(),
        Event::Proposed { proposal } => format!("proposal {}: {}", proposal.id(), proposal.evidence_line()),
        Event::Applied { files, conflicts, .. } => {
            format!("applied to {} files, {} conflicts", files.len(), conflicts.len())
        }
        Event::Committed { id, subject } => format!("committed {id}: {subject}"),
        Event::Usage { tokens_in, tokens_out, calls } => {
            format!("{calls} model calls, {tokens_in} tokens in, {tokens_out} out")
        }
        Event::Text { .. }
        | Event::Thinking { .. }
        | Event::Progress { .. }
        | Event::Ask { .. }
        | Event::Answered { .. }
        | Event::Finished { .. } => return None,
    })
}

fn verdict(check: &Check) -> String {
    match &check.after {
        base::Verdict::Clean => "clean".into(),
        base::Verdict::Findings(found) => found.join("; "),
        base::Verdict::NoAnswer(why) => format!("no answer: {why}"),
    }
}

/// Result of `proposal_show`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProposalView {
    /// The run that made it.
    run: String,
    /// Its name within the run.
    proposal: String,
    /// The commit message that would be used.
    message: String,
    /// The whole change as a unified diff.
    diff: String,
    /// Its separately acceptable pieces.
    hunks: Vec<HunkView>,
    /// Tests that failed before and pass with the change.
    fixed_tests: Vec<String>,
    /// Every check that ran, with what it said before and after.
    checks: Vec<Check>,
    /// Where the checks ran.
    sandbox: String,
    /// Whether some check gave no answer.
    partly_verified: bool,
    /// The question to answer with `proposal_resolve`, if it is still open.
    question: Option<Question>,
}

/// One hunk.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HunkView {
    /// For `proposal_resolve`.
    id: String,
    /// Relative to the workspace.
    path: String,
    /// Its part of the diff.
    diff: String,
}

impl ProposalView {
    pub(crate) fn new(run: &str, proposal: &Proposal, question: Option<Question>) -> ProposalView {
        let patch = proposal.patch();
        let hunk = |hunk: base::Hunk| HunkView {
            id: hunk.id.to_string(),
            path: hunk.path.to_string(),
            diff: hunk.hunk_diff(patch),
        };
        ProposalView {
            run: run.to_owned(),
            proposal: proposal.id().to_owned(),
            message: proposal.message().to_owned(),
            diff: base::unified(patch),
            hunks: patch.hunks().into_iter().map(hunk).collect(),
            fixed_tests: proposal.evidence().fixed.clone(),
            checks: proposal.evidence().checks.clone(),
            sandbox: proposal.evidence().sandbox.clone(),
            partly_verified: proposal.is_partly_verified(),
            question,
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
