//! A run in words. Each event becomes lines; which stream they go to is said here, writing them is not done here.

use base::{Defect, Diagnostic, Evidence, Severity, Tokens};
use engine::{
    Answer, Attempt, Event, HitSummary, ItemEnd, ItemState, MemorySummary, Outcome, Plan, Proposal,
    Stage, StageState, TaskState,
};

use super::safe::{safe_line, safe_text, shorten};
use super::{diff, evidence, style, table};

/// Hits that are shown; the rest is counted.
const SHOWN_HITS: usize = 12;
/// Lines of a refusal's details that are shown.
const SHOWN_DETAIL: usize = 14;
/// A line of the model's text is shown up to this many characters.
const TEXT_WIDTH: usize = 160;

/// What to do about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Say {
    /// A result: one line or several.
    Result(String),
    /// Progress: one line or several.
    Progress(String),
    /// Something is under way.
    Busy(String),
    /// It is so far.
    BusyAt { done: u64, total: Option<u64>, text: String },
    /// Nothing is under way any more.
    Rest,
}

/// How a proposal is shown when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// With its diff.
    Whole,
    /// Files only: the hunks come one by one in the review.
    Files,
}

/// Tells one run. Holds the line of the model's text that is not complete yet.
#[derive(Debug)]
pub(crate) struct Narrator {
    shown: Shown,
    line: String,
    /// What the model writes is the result, and is shown at the end, when it is whole.
    is_answer: bool,
}

impl Narrator {
    pub(crate) fn new(shown: Shown) -> Narrator {
        Narrator { shown, line: String::new(), is_answer: false }
    }

    /// The lines for one event, in order.
    pub(crate) fn say(&mut self, event: &Event) -> Vec<Say> {
        let mut said = Vec::new();
        if !matches!(event, Event::Text { .. }) {
            said.extend(self.end_text());
        }
        match event {
            Event::Started { workflow, text, model } => {
                self.is_answer = workflow == "explain";
                said.push(Say::Progress(started(workflow, text, model.as_deref())));
            }
            Event::Resumed => said.push(Say::Progress(style::head("The run goes on."))),
            Event::Stage { stage, state, attempt, note } => {
                said.extend(stage_line(*stage, *state, *attempt, note));
            }
            Event::Progress { done, total, message } => {
                let text = safe_line(message);
                said.push(Say::BusyAt { done: *done, total: *total, text });
            }
            Event::Text { text } => said.extend(self.text(text)),
            Event::Thinking { text } => {
                said.push(Say::Busy(format!("thinking: {}", safe_line(text))));
            }
            Event::Hits { hits, tokens } => said.push(Say::Result(hits_table(hits, *tokens))),
            Event::Recalled { memories } => said.push(Say::Result(recalled(memories))),
            Event::Roadmap { items } => {
                let lines =
                    items.iter().zip(1..).map(|(item, n)| format!("  {n}. {}", safe_line(item)));
                let lines: Vec<String> =
                    std::iter::once(style::head("Roadmap:")).chain(lines).collect();
                said.push(Say::Result(lines.join("\n")));
            }
            Event::Item { number, state, note } => {
                let line = format!("item {number}: {}", safe_line(note));
                said.push(Say::Result(match state {
                    ItemState::Running => style::head(line),
                    ItemState::Done => style::good(line),
                    ItemState::Failed => style::bad(line),
                }));
            }
            Event::Planned { plan } => said.push(Say::Result(planned(plan))),
            Event::Task { id, role, state, note } => {
                let (id, note) = (safe_line(id), shorten(&safe_line(note), TEXT_WIDTH));
                let line = format!("task {id} ({}): {note}", role.as_str());
                said.push(Say::Progress(match state {
                    TaskState::Running => style::head(line),
                    TaskState::Done => style::good(line),
                    TaskState::Failed => style::bad(line),
                    TaskState::Skipped => style::doubt(line),
                }));
            }
            Event::InTask { task, what } => said.extend(in_task(task, what)),
            Event::Debate { turn } => {
                let line = safe_line(&turn.to_string());
                said.push(Say::Progress(format!("  {}", shorten(&line, 4 * TEXT_WIDTH))));
            }
            Event::Debated { cost } => {
                said.push(Say::Progress(style::dim(format!("  {}", safe_line(&cost.to_string())))));
            }
            Event::Escalated { what, defect } => {
                let line =
                    format!("{} was given up: {}", safe_line(what), safe_line(&defect.summary));
                said.push(Say::Result(style::bad(line)));
            }
            Event::Check { check, .. } => {
                said.push(Say::Result(format!("  {}", evidence::check(check))));
            }
            Event::Refused { attempt, defect } => {
                let summary = safe_line(&defect.summary);
                let mut text = style::bad(format!("✗ attempt {attempt} refused: {summary}"));
                text.push_str(&detail(&defect.detail));
                said.push(Say::Result(text));
            }
            Event::BestAttempt { attempt } => said.push(Say::Result(best_attempt(attempt))),
            Event::Notice { message } => {
                said.push(Say::Progress(style::doubt(format!("note: {}", safe_line(message)))));
            }
            Event::Proposed { proposal } => said.push(Say::Result(self.proposed(proposal))),
            Event::Ask { .. } => said.push(Say::Rest),
            // The review's end says the rest.
            Event::Answered { answer: Answer::Revise { feedback }, .. } => {
                let text = format!("asked for: {}", safe_line(feedback));
                said.push(Say::Progress(style::doubt(text)));
            }
            Event::Answered { .. } => {}
            Event::Applied { files, hunks, conflicts } => {
                let names: Vec<String> =
                    files.iter().map(|path| safe_line(path.as_str())).collect();
                if !hunks.is_empty() {
                    let n = count(hunks.len(), "hunk");
                    said.push(Say::Result(format!("applied {n} in {}", names.join(", "))));
                }
                said.extend(conflicts.iter().map(|conflict| {
                    let (path, reason) =
                        (safe_line(conflict.path.as_str()), safe_line(&conflict.reason));
                    Say::Result(style::bad(format!("✗ not applied in {path}: {reason}")))
                }));
            }
            Event::Committed { id, subject } => {
                let line = format!("{} {id} {}", style::good("committed"), safe_line(subject));
                said.push(Say::Result(line));
            }
            Event::Complexity { score, reasons, tier, is_overridden } => {
                said.extend(complexity(*score, reasons, tier, *is_overridden));
            }
            Event::Reply {
                model,
                tokens_in,
                cached,
                tokens_out,
                seconds,
                tokens_per_second,
                ..
            } => {
                let cached =
                    if *cached == 0 { String::new() } else { format!(" ({cached} cached)") };
                let line = format!(
                    "  {}: {tokens_in} tokens in{cached}, {tokens_out} out in {seconds:.1} s, {tokens_per_second:.0} a second",
                    safe_line(model)
                );
                said.push(Say::Progress(style::dim(line)));
            }
            Event::Usage { tokens_in, tokens_out, calls, usd } => {
                let calls = count(usize::try_from(*calls).unwrap_or(usize::MAX), "call");
                let cost = match usd {
                    Some(usd) if 0.0 < *usd => format!(", ${usd:.4}"),
                    Some(_) => String::new(),
                    None => ", nobody knows for how much".to_owned(),
                };
                let line =
                    format!("  so far {calls}, {tokens_in} tokens in, {tokens_out} out{cost}");
                said.push(Say::Progress(style::dim(line)));
            }
            Event::Finished { outcome } => {
                said.push(Say::Rest);
                said.push(Say::Result(finished(outcome)));
            }
        }
        said
    }

    fn proposed(&self, proposal: &Proposal) -> String {
        let subject = safe_line(proposal.message().lines().next().unwrap_or_default());
        let mut lines = vec![format!("{} {subject}", style::head("Proposal:"))];
        lines.extend(diff::stat(proposal.patch()).into_iter().map(|line| format!("  {line}")));
        lines.extend(evidence::lines(proposal.evidence()));
        let mut text = lines.join("\n");
        if self.shown == Shown::Whole {
            text.push('\n');
            text.push_str(&diff::patch(proposal.patch()));
        }
        text
    }

    /// Whole lines are kept on screen; the one that grows is shown by the spinner.
    fn text(&mut self, piece: &str) -> Vec<Say> {
        self.line.push_str(piece);
        let mut said = Vec::new();
        while let Some(end) = self.line.find('\n') {
            let line: String = self.line.drain(..=end).collect();
            if !self.is_answer {
                said.push(Say::Progress(model_line(&line)));
            }
        }
        said.push(Say::Busy(safe_line(&self.line)));
        said
    }

    fn end_text(&mut self) -> Option<Say> {
        let line = std::mem::take(&mut self.line);
        (!line.trim().is_empty() && !self.is_answer).then(|| Say::Progress(model_line(&line)))
    }
}

/// Of a task that is under way beside others: its stages and what was refused, each with the task's name. What its model
/// writes would be mixed with what the others' do.
fn in_task(task: &str, what: &Event) -> Vec<Say> {
    let said = match what {
        Event::Text { .. } | Event::Thinking { .. } | Event::Progress { .. } => return Vec::new(),
        what => Narrator::new(Shown::Files).say(what),
    };
    let task = safe_line(task);
    let named = |text: String| {
        let lines = text.lines().map(|line| format!("{} {line}", style::dim(format!("[{task}]"))));
        lines.collect::<Vec<_>>().join("\n")
    };
    let of_task = |say| match say {
        Say::Result(text) | Say::Progress(text) => Some(Say::Progress(named(text))),
        Say::Busy(_) | Say::BusyAt { .. } | Say::Rest => None,
    };
    said.into_iter().filter_map(of_task).collect()
}

/// With its diff, for whoever goes on from there by hand.
fn best_attempt(attempt: &Attempt) -> String {
    let summary = safe_line(&attempt.defect.summary);
    let title = format!(
        "No attempt is left. Attempt {} came furthest, and is not applied:",
        attempt.number
    );
    let mut lines = vec![style::bad(title), format!("  {summary}")];
    lines.extend(diff::stat(&attempt.patch).into_iter().map(|line| format!("  {line}")));
    lines.extend(evidence::lines(&attempt.evidence));
    format!("{}\n{}", lines.join("\n"), diff::patch(&attempt.patch))
}

fn planned(plan: &Plan) -> String {
    let summary = safe_line(plan.analysis.summary.trim());
    let mut lines = vec![format!("{} {summary}", style::head("Plan:"))];
    for task in &plan.tasks {
        let after = match task.depends_on.as_slice() {
            [] => String::new(),
            before => style::dim(format!(" after {}", safe_line(&before.join(", ")))),
        };
        let (id, role) = (safe_line(&task.id), task.role.as_str());
        let files = safe_line(&task.files.join(", "));
        lines.push(format!("  {id} ({role}) {files}{after}"));
        // All of it: whoever agrees to the plan agrees to this.
        let instruction = safe_text(task.instruction.trim());
        lines.extend(instruction.lines().map(|line| style::dim(format!("    {line}"))));
        let checks = task.acceptance.iter().map(|it| format!("    - {}", safe_line(it)));
        lines.extend(checks.map(style::dim));
    }
    lines.join("\n")
}

fn mission(items: &[ItemEnd]) -> String {
    let n_done = items.iter().filter(|item| item.is_done).count();
    let mut lines: Vec<String> = items
        .iter()
        .zip(1..)
        .map(|(item, n)| {
            let line = format!("  {n}. {}: {}", safe_line(&item.title), safe_line(&item.note));
            if item.is_done { style::good(line) } else { style::bad(line) }
        })
        .collect();
    lines.insert(0, format!("{n_done} of {} done", count(items.len(), "item")));
    lines.join("\n")
}

fn model_line(line: &str) -> String {
    // Indentation is part of what is read here, so tabs stay.
    let line = safe_text(line.trim_end());
    style::dim(format!("  | {}", shorten(&line, TEXT_WIDTH)).trim_end())
}

/// Said only where it decides something.
fn complexity(score: u32, reasons: &[String], tier: &str, is_overridden: bool) -> Option<Say> {
    let line = format!("  complexity {score}, {tier} models ({})", reasons.join(", "));
    (!is_overridden).then(|| Say::Progress(style::dim(line)))
}

fn started(workflow: &str, text: &str, model: Option<&str>) -> String {
    let mut line = style::head(safe_line(workflow));
    if !text.trim().is_empty() {
        line.push_str(&format!(": {}", shorten(&safe_line(text), 200)));
    }
    if let Some(model) = model {
        line.push_str(&style::dim(format!(" (model {})", safe_line(model))));
    }
    line
}

fn stage_line(stage: Stage, state: StageState, attempt: u32, note: &str) -> Vec<Say> {
    let mut name = stage.as_str().to_owned();
    if 0 < attempt {
        name.push_str(&format!(" {attempt}"));
    }
    let note = safe_line(note);
    match (state, stage) {
        // A person is asked in a moment; a spinner would stand in the way.
        (StageState::Running, Stage::Review) => vec![Say::Rest],
        (StageState::Running, Stage::Generate) => vec![
            Say::Progress(format!("{} {note}", style::head(&name))),
            Say::Busy(format!("{name}: {note}")),
        ],
        (StageState::Running, _) => vec![Say::Busy(format!("{name}: {note}"))],
        // Results in their own right: nothing else says how the tests stood, or that a decision was made in advance.
        (StageState::Done, Stage::Baseline | Stage::Review) => {
            vec![Say::Rest, Say::Result(format!("{} {note}", style::head(&name)))]
        }
        // The proposal, the refusal and the commit that follow say more.
        (StageState::Done, Stage::Verify | Stage::Deliver)
        | (StageState::Failed, Stage::Verify) => vec![Say::Rest],
        (StageState::Done, _) => {
            vec![Say::Rest, Say::Progress(format!("{} {note}", style::head(&name)))]
        }
        (StageState::Failed, _) => {
            let note = style::bad(note);
            vec![Say::Rest, Say::Progress(format!("{} {note}", style::head(&name)))]
        }
    }
}

fn recalled(memories: &[MemorySummary]) -> String {
    let head = format!("{} {}", style::head("memory"), count(memories.len(), "turn"));
    let row = |it: &MemorySummary| {
        let became = if it.passed { "passed" } else { "refused" };
        vec![
            format!("  {} in run {}", safe_line(&it.agent), safe_line(it.run.short())),
            became.to_owned(),
            shorten(&safe_line(&it.subject), 60),
            shorten(&safe_line(&it.files), 90),
        ]
    };
    let rows: Vec<Vec<String>> = memories.iter().map(row).collect();
    let styles = [table::place, table::plain, table::plain, table::dim];
    [vec![head], table::columns(&rows, &styles)].concat().join("\n")
}

fn hits_table(hits: &[HitSummary], tokens: Tokens) -> String {
    let head =
        format!("{} {}, {} tokens", style::head("context"), count(hits.len(), "hit"), tokens.0);
    let row = |hit: &HitSummary| {
        let (first, last) = hit.lines;
        vec![
            format!("  {}:{first}-{last}", safe_line(hit.path.as_str())),
            shorten(&safe_line(&hit.name), 40),
            shorten(&safe_line(&hit.reason), 90),
        ]
    };
    let rows: Vec<Vec<String>> = hits.iter().take(SHOWN_HITS).map(row).collect();
    let mut lines = vec![head];
    lines.extend(table::columns(&rows, &[table::place, table::plain, table::dim]));
    if SHOWN_HITS < hits.len() {
        lines.push(style::dim(format!("  and {} more", hits.len() - SHOWN_HITS)));
    }
    lines.join("\n")
}

/// The first lines of a refusal's details, each on a line of its own, indented.
fn detail(text: &str) -> String {
    let text = safe_text(text.trim_end());
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut out = String::new();
    for line in lines.iter().take(SHOWN_DETAIL) {
        out.push('\n');
        out.push_str(&style::dim(format!("    {}", shorten(line, TEXT_WIDTH))));
    }
    if SHOWN_DETAIL < lines.len() {
        out.push('\n');
        out.push_str(&style::dim(format!("    ({} more lines)", lines.len() - SHOWN_DETAIL)));
    }
    out
}

fn finished(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered { files, conflicts, .. } => {
            let line = format!("done: {} changed", count(files.len(), "file"));
            if conflicts.is_empty() {
                style::good(line)
            } else {
                style::doubt(format!("{line}, {} not applied", count(conflicts.len(), "hunk")))
            }
        }
        Outcome::Verified { evidence, defect } => examined(evidence, defect.as_ref()),
        Outcome::Mission { items } => mission(items),
        Outcome::PlanRejected { why: Some(why) } => style::bad(format!(
            "the plan was rejected, and nothing was built: {}",
            safe_line(&why.to_string())
        )),
        Outcome::PlanRejected { why: None } => {
            style::doubt("the plan was turned down: nothing was built")
        }
        Outcome::Explained { text } => safe_text(text.trim_end()).into_owned(),
        Outcome::Reviewed { findings, dropped } => reviewed(findings, *dropped),
        Outcome::Rejected => style::doubt("rejected: nothing was changed"),
        Outcome::NothingToDo { why } => style::doubt(format!("nothing to do: {}", safe_line(why))),
        Outcome::Cancelled => style::doubt("cancelled: nothing was changed"),
        Outcome::Failed { failure } => {
            let mut line = style::bad(format!("failed: {}", safe_line(&failure.message)));
            if failure.resumable {
                line.push_str("\n  `baton runs` names the run, and `baton runs resume ID` goes on from the last finished step");
            }
            line
        }
    }
}

fn reviewed(findings: &[Diagnostic], dropped: u64) -> String {
    if findings.is_empty() && 0 < dropped {
        return style::doubt(
            "what was found cannot be placed: the code that is quoted is not there",
        );
    }
    if findings.is_empty() {
        return style::good("nothing was found; nothing was run to prove it");
    }
    let mut lines = Vec::new();
    for finding in findings {
        let place = format!("{}:{}", safe_line(finding.path.as_str()), finding.line);
        let severity = finding.severity.to_string();
        let severity = match finding.severity {
            Severity::Error => style::bad(severity),
            Severity::Warning => style::doubt(severity),
            Severity::Info | Severity::Hint => style::dim(severity),
        };
        let category = finding.code.as_deref().unwrap_or_default();
        let message = safe_text(finding.message.trim_end());
        let mut said = message.lines();
        let first = said.next().unwrap_or_default();
        lines.push(format!("{place}: {severity}: {first} [{}]", safe_line(category)));
        lines.extend(said.map(|line| style::dim(format!("    {line}"))));
    }
    lines.push(count(findings.len(), "finding"));
    lines.join("\n")
}

fn examined(evidence: &Evidence, defect: Option<&Defect>) -> String {
    let unanswered: Vec<&str> = evidence.unanswered().map(|check| check.name.as_str()).collect();
    match (defect, unanswered.is_empty()) {
        (Some(defect), _) => {
            let mut text = style::bad(format!("refused: {}", safe_line(&defect.summary)));
            text.push_str(&detail(&defect.detail));
            text
        }
        (None, true) => style::good("nothing speaks against the change"),
        (None, false) => style::doubt(format!(
            "nothing speaks against the change, and this gave no answer: {}",
            safe_line(&unanswered.join(", "))
        )),
    }
}

/// `1 file`, `2 files`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests;
