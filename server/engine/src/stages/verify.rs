//! Proves a patch, cheapest check first: it applies, holds no secret, parses, keeps its format, brings no new errors of the
//! project's language servers and linters, repairs what it must and breaks nothing; the tests that it was asked for show something;
//! and it is what was asked for.
//!
//! The only place where a [`Proposal`] is made. A check without an answer is recorded as such and never as clean.

mod cause;
mod coherence;
mod diagnostics_check;
mod lint_check;
mod new_tests;
mod probe_check;
mod proposal;
mod reading;
mod scope;
mod started;
mod tests_check;

use std::sync::Arc;

use base::{
    Check, Defect, DefectKind, Evidence, FileChange, Patch, RelPath, Tool, Verdict, rebase,
};
use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Event, Stage, StageState};
use crate::request::Review;
use crate::stages::baseline::Baseline;
use crate::stages::verify::tests_check::Passed;

pub(crate) use coherence::{Asked, TASK, is_looked_at};
pub(crate) use new_tests::{NewTests, selected};
pub use proposal::Proposal;
pub(crate) use proposal::evidence_line;
pub(crate) use reading::while_reading;
pub(crate) use scope::Scope;
pub(crate) use started::runner;

/// What became of a patch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Verified {
    /// It may be shown.
    Passed(Proposal),
    /// It goes back to the model.
    Refused {
        /// Why.
        defect: Defect,
        /// Its tests are worth keeping: the next attempt goes on from them.
        keeps_tests: bool,
        /// Every check up to the one that refused it; `None`: there was nothing to check.
        #[serde(default)]
        evidence: Option<Evidence>,
    },
}

/// What is proved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) patch: &'a Patch,
    /// The model's commit message, not yet checked.
    pub(crate) message: Option<&'a str>,
    /// What the tests that it adds have to show.
    pub(crate) tests: NewTests,
    /// What it may change.
    pub(crate) scope: &'a Scope,
    /// Counts from 1.
    pub(crate) attempt: u32,
    /// What a model is asked about it once it has passed; `None`: nothing.
    pub(crate) asked: Option<Asked<'a>>,
}

/// Proves a patch.
pub(crate) async fn verify(
    cx: &Cx,
    candidate: Candidate<'_>,
    before: &Baseline,
) -> Result<Verified, Error> {
    let Candidate { message, attempt, .. } = candidate;
    cx.stage(Stage::Verify, StageState::Running, attempt, "checking the edit")?;
    let mut log = Log::new(cx, attempt);
    let verified = match prove(cx, candidate, before, &mut log).await? {
        Ok((patch, fixed)) => {
            Verified::Passed(Proposal::new(patch, evidence(cx, log.checks, fixed), message))
        }
        Err(defect) => Verified::Refused {
            defect,
            keeps_tests: log.keeps_tests,
            evidence: Some(evidence(cx, log.checks, Vec::new())),
        },
    };
    let (state, note) = match &verified {
        Verified::Passed(proposal) => (StageState::Done, proposal.evidence_line()),
        Verified::Refused { defect, .. } => (StageState::Failed, defect.summary.clone()),
    };
    cx.stage(Stage::Verify, state, attempt, note)?;
    Ok(verified)
}

/// What every check says of `patch`, which stays as it is, up to the first that refuses it.
pub(crate) async fn examine(
    cx: &Cx,
    patch: &Patch,
    before: &Baseline,
) -> Result<(Evidence, Option<Defect>), Error> {
    const ATTEMPT: u32 = 1;
    cx.stage(Stage::Verify, StageState::Running, ATTEMPT, "checking the change")?;
    let mut log = Log::new(cx, ATTEMPT);
    let (fixed, defect) = match prove_as_it_is(cx, patch, before, &mut log).await? {
        Ok(fixed) => (fixed, None),
        Err(defect) => (Vec::new(), Some(defect)),
    };
    let evidence = evidence(cx, log.checks, fixed);
    let (state, note) = match &defect {
        None => (StageState::Done, evidence_line(&evidence)),
        Some(defect) => (StageState::Failed, defect.summary.clone()),
    };
    cx.stage(Stage::Verify, state, ATTEMPT, note)?;
    Ok((evidence, defect))
}

async fn prove_as_it_is(
    cx: &Cx,
    patch: &Patch,
    before: &Baseline,
    log: &mut Log<'_>,
) -> Result<Result<Vec<String>, Defect>, Error> {
    // First of all: what other checks say may repeat a secret.
    if let Err(defect) = probe_check::check_probes(patch, log)? {
        return Ok(Err(defect));
    }
    if let Err(defect) = check_parse(patch, log)? {
        return Ok(Err(defect));
    }
    check_is_formatted(cx, patch, log).await?;
    let passed = check_code(cx, patch, NewTests::Unasked, before, log).await?;
    Ok(passed.map(|passed| passed.fixed))
}

/// What language servers, linters and tests say. What a linter refuses waits for the tests: they may say why.
async fn check_code(
    cx: &Cx,
    patch: &Patch,
    tests: NewTests,
    before: &Baseline,
    log: &mut Log<'_>,
) -> Result<Result<Passed, Defect>, Error> {
    if let Err(defect) = diagnostics_check::check_diagnostics(cx, patch, log).await? {
        return Ok(Err(defect));
    }
    let has_tests = before.runs.iter().any(|tested| tested.report.answered.is_ok());
    let linted = lint_check::check_lint(cx, patch, has_tests, log).await?;
    let (passed, tested) = match tests_check::check_tests(cx, patch, before, log).await? {
        Ok(passed) => (passed, None),
        Err(defect) => {
            new_tests::judge_refused(cx, patch, tests, before, log).await?;
            (Passed::default(), Some(new_tests::told(defect, tests, before)))
        }
    };
    let defects = linted.into_iter().chain(tested).collect();
    Ok(cause::join(defects).map_or(Ok(passed), Err))
}

/// The checks of one patch, shown as they come in.
struct Log<'a> {
    cx: &'a Cx,
    attempt: u32,
    checks: Vec<Check>,
    /// The tests that the patch adds are worth keeping, whatever else is wrong with it.
    keeps_tests: bool,
}

impl<'a> Log<'a> {
    fn new(cx: &'a Cx, attempt: u32) -> Log<'a> {
        Log { cx, attempt, checks: Vec::new(), keeps_tests: false }
    }

    fn add(&mut self, check: Check) -> Result<(), Error> {
        self.cx.emit(Event::Check { attempt: self.attempt, check: check.clone() })?;
        self.checks.push(check);
        Ok(())
    }
}

/// The patch as it would be applied, and the tests that it repairs; or why not.
async fn prove(
    cx: &Cx,
    candidate: Candidate<'_>,
    before: &Baseline,
    log: &mut Log<'_>,
) -> Result<Result<(Patch, Vec<String>), Defect>, Error> {
    let Candidate { patch, tests, scope, asked, .. } = candidate;
    let patch = match bring_up_to_date(cx, patch) {
        Ok(patch) => patch,
        Err(defect) => return Ok(Err(defect)),
    };
    // First of all: what other checks say may repeat a secret.
    if let Err(defect) = probe_check::check_probes(&patch, log)? {
        return Ok(Err(defect));
    }
    // What was written of nothing but tests is gone on from, also where it does not parse.
    log.keeps_tests = tests == NewTests::Alone;
    if let Err(defect) = new_tests::check_scope(&patch, tests) {
        return Ok(Err(defect));
    }
    if let Err(defect) = check_parse(&patch, log)? {
        return Ok(Err(defect));
    }
    if let Err(defect) = scope::check_scope(&patch, scope, log)? {
        return Ok(Err(defect));
    }
    let is_seen = cx.request().review == Review::Ask || cx.request().change.is_some();
    if let Err(defect) = scope::check_settings(&patch, is_seen) {
        return Ok(Err(defect));
    }
    // A formatter may go further than documentation does.
    let patch = match scope {
        Scope::All | Scope::Files(_) => check_format(cx, patch, log).await?,
        Scope::Documentation => patch,
    };
    let before = &new_tests::with_new_commands(cx, &patch, tests, before);
    let passed = match check_code(cx, &patch, tests, before, log).await? {
        Ok(passed) => passed,
        Err(defect) => return Ok(Err(defect)),
    };
    let judged =
        new_tests::check_new_tests(cx, &patch, tests, before, &passed.reports, log).await?;
    if let Err(defect) = judged {
        return Ok(Err(defect));
    }
    if let Some(asked) = asked
        && let Err(defect) = coherence::check_coherence(cx, &patch, asked, log).await?
    {
        return Ok(Err(defect));
    }
    Ok(Ok((patch, passed.fixed)))
}

/// The patch on the text as it is now. Where the user has meanwhile changed the same lines, the model has to look again.
fn bring_up_to_date(cx: &Cx, patch: &Patch) -> Result<Patch, Defect> {
    let snapshot = cx.snapshot();
    let rebased = rebase(patch, &|path| snapshot.read(path).ok());
    let defect = |kind, summary: String, detail: String| Defect {
        kind,
        summary,
        detail,
        paths: patch.files(),
        tests: Vec::new(),
        suggestion: String::new(),
    };
    if !rebased.conflicts.is_empty() {
        let reasons: Vec<String> =
            rebased.conflicts.iter().map(|c| format!("{}: {}", c.path, c.reason)).collect();
        let summary = "the file has changed where the edit applies".into();
        return Err(defect(DefectKind::AnchorMissing, summary, reasons.join("\n")));
    }
    if rebased.patch.is_empty() {
        let summary = "the workspace already has this change".into();
        return Err(defect(DefectKind::EmptyPatch, summary, String::new()));
    }
    Ok(rebased.patch)
}

fn check_parse(patch: &Patch, log: &mut Log<'_>) -> Result<Result<(), Defect>, Error> {
    let started = std::time::Instant::now();
    let (mut findings, mut unknown, mut paths) = (Vec::new(), Vec::new(), Vec::new());
    for change in patch.changes() {
        let Some(after) = change.new_text() else { continue };
        let trees = log.cx.workspace.trees();
        match trees.check(change.old_text(), &after, change.path()) {
            Verdict::Clean => {}
            Verdict::Findings(found) => {
                findings.extend(found);
                paths.push(change.path().clone());
            }
            Verdict::NoAnswer(why) => unknown.push(why),
        }
    }
    let verdict = if !findings.is_empty() {
        Verdict::Findings(findings.clone())
    } else if unknown.is_empty() {
        Verdict::Clean
    } else {
        unknown.dedup();
        Verdict::NoAnswer(unknown.join("; "))
    };
    log.add(check("parse", verdict, started, Vec::new()))?;
    if findings.is_empty() {
        return Ok(Ok(()));
    }
    Ok(Err(Defect {
        kind: DefectKind::Syntax,
        summary: format!("the result does not parse: {}", findings[0]),
        detail: findings.join("\n"),
        paths,
        tests: Vec::new(),
        suggestion: String::new(),
    }))
}

/// Formats what the patch touches, where a formatter is there and the file was kept in its format.
async fn check_format(cx: &Cx, patch: Patch, log: &mut Log<'_>) -> Result<Patch, Error> {
    let started = std::time::Instant::now();
    let Formatting { changes, unknown, tools } = format_all(cx, &patch).await?;
    // Formatting may undo the whole change (spaces only); then the unformatted patch stands, and is called that.
    let formatted = Patch::new(changes).ok().filter(|formatted| !formatted.is_empty());
    let verdict = if formatted.is_none() {
        Verdict::Findings(vec!["the formatter would undo this change".into()])
    } else if unknown.is_empty() {
        Verdict::Clean
    } else {
        Verdict::NoAnswer(unknown.join("; "))
    };
    log.add(check("format", verdict, started, tools))?;
    Ok(formatted.unwrap_or(patch))
}

/// Says which files are not in their format any more. That is for the person to know, and refuses nothing.
async fn check_is_formatted(cx: &Cx, patch: &Patch, log: &mut Log<'_>) -> Result<(), Error> {
    let started = std::time::Instant::now();
    let Formatting { changes, unknown, tools } = format_all(cx, patch).await?;
    let differs = |(given, formatted): (&FileChange, &FileChange)| {
        let path = given.path();
        (given.new_text() != formatted.new_text())
            .then(|| format!("{path}: a formatter would write it otherwise"))
    };
    let findings: Vec<String> = patch.changes().iter().zip(&changes).filter_map(differs).collect();
    let verdict = match (findings.is_empty(), unknown.is_empty()) {
        (true, false) => Verdict::NoAnswer(unknown.join("; ")),
        _ => Verdict::of(findings),
    };
    log.add(check("format", verdict, started, tools))
}

/// What formatters say of a patch.
struct Formatting {
    /// The same changes, formatted, in the same order.
    changes: Vec<FileChange>,
    /// Why a file could not be formatted.
    unknown: Vec<String>,
    /// The formatters that were used, each once.
    tools: Vec<Tool>,
}

async fn format_all(cx: &Cx, patch: &Patch) -> Result<Formatting, Error> {
    let (mut changes, mut unknown) = (Vec::new(), Vec::new());
    let mut tools: Vec<Tool> = Vec::new();
    for change in patch.changes() {
        let Some(after) = change.new_text() else {
            changes.push(change.clone());
            continue;
        };
        let found = match find_formatter(cx, change.path(), &after) {
            Ok(found) => found,
            Err(why) => {
                unknown.push(why);
                changes.push(change.clone());
                continue;
            }
        };
        let source =
            tools::format::Source { path: change.path(), before: change.old_text(), after: &after };
        let result = if tools.iter().any(|tool| tool.name == found.name) {
            format(cx, &found, source).await
        } else {
            // Each is a start of a program.
            let (result, tool) =
                tokio::join!(format(cx, &found, source), started::formatter(cx, &found));
            tools.push(tool?);
            result
        };
        cx.check()?;
        if let Verdict::NoAnswer(why) = result.verdict {
            unknown.push(why);
        }
        changes.push(match result.text {
            Some(text) => with_text(change, &text),
            None => change.clone(),
        });
    }
    unknown.sort();
    unknown.dedup();
    Ok(Formatting { changes, unknown, tools })
}

fn find_formatter(cx: &Cx, path: &RelPath, text: &str) -> Result<tools::format::Found, String> {
    let (workspace, snapshot) = (&cx.workspace, cx.snapshot());
    let choices = &workspace.config().choices;
    tools::format::find(workspace.sandbox(), workspace.root(), &snapshot, choices, path, text)
}

async fn format(
    cx: &Cx,
    found: &tools::format::Found,
    source: tools::format::Source<'_>,
) -> tools::format::Formatted {
    let (sandbox, root) = (cx.workspace.sandbox(), cx.workspace.root());
    tools::format::format(sandbox, root, found, source, cx.cancel()).await
}

/// The same change with another result.
fn with_text(change: &FileChange, text: &str) -> FileChange {
    match change {
        FileChange::Create { path, .. } => {
            FileChange::Create { path: path.clone(), text: Arc::from(text) }
        }
        FileChange::Edit { path, base, .. } => {
            FileChange::edit(path.clone(), base.text.clone(), text)
        }
        FileChange::Rename { from, to, base, .. } => {
            FileChange::rename(from.clone(), to.clone(), base.text.clone(), text)
        }
        FileChange::Delete { .. } => change.clone(),
    }
}

/// A check of the patch alone; its detail names the tools.
fn check(name: &str, after: Verdict, started: std::time::Instant, tools: Vec<Tool>) -> Check {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let detail = (!names.is_empty()).then(|| names.join(", "));
    Check { detail, tools, ..Check::new(name, after, elapsed_ms(started)) }
}

fn elapsed_ms(started: std::time::Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn evidence(cx: &Cx, checks: Vec<Check>, fixed: Vec<String>) -> Evidence {
    Evidence { checks, fixed, sandbox: describe(cx.workspace.sandbox().level()).into() }
}

fn describe(level: sandbox::Level) -> &'static str {
    match level {
        sandbox::Level::Full => "sandboxed: own view of the files, no network, limits",
        sandbox::Level::Restricted => "partly sandboxed: failing tests count as not verified",
        sandbox::Level::Container => "in a container: a copy at its own path, no network, limits",
        sandbox::Level::Closed => "no sandbox: nothing of the workspace was run",
        sandbox::Level::Off => "sandbox switched off by the user",
    }
}
