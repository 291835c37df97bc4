//! The results in words, for clients that show text alone: everything that the next call needs is in them.

use std::fmt::{Display, Formatter, Result};

use base::{Check, RelPath, Verdict, visible_line};
use engine::{Event, ItemEnd, MemorySummary, Outcome, Plan, PlanTask, QuestionKind};

use crate::output::{ProposalView, Resolved, RunView};

impl Display for RunView {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "Run {}: {}", self.run, self.state)?;
        for event in &self.events {
            writeln!(f, "- {event}")?;
        }
        if let Some(question) = &self.question {
            writeln!(f, "Question {}: {}", question.id.0, question.text)?;
            match question.kind {
                QuestionKind::Review => {
                    writeln!(f, "Look with proposal_show, decide with proposal_resolve.")?;
                }
                QuestionKind::Plan => {
                    writeln!(
                        f,
                        "The plan is above. Decide with proposal_resolve: accept, reject or revise."
                    )?;
                }
                QuestionKind::Choice => writeln!(
                    f,
                    "Answer with proposal_resolve, decision `choose`: {}.",
                    question.choices.join(", ")
                )?,
            }
        }
        if let Some(outcome) = &self.outcome {
            writeln!(f, "{}", end(outcome))?;
        }
        if self.state == "interrupted" {
            writeln!(f, "Go on with run_resume.")?;
        }
        write!(f, "Cursor: {}", self.cursor)
    }
}

impl Display for Resolved {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for conflict in &self.conflicts {
            let (hunk, path, reason) = (&conflict.hunk, &conflict.path, &conflict.reason);
            writeln!(f, "Hunk {hunk} of {path} was not applied: {reason}")?;
        }
        self.run.fmt(f)
    }
}

impl Display for ProposalView {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "Proposal {} of run {}: {}", self.proposal, self.run, self.message)?;
        for hunk in &self.hunks {
            writeln!(f, "\nHunk {} of {}\n{}", hunk.id, hunk.path, fenced(&hunk.diff))?;
        }
        writeln!(f, "\nEvidence ({}):", self.sandbox)?;
        for check in &self.checks {
            writeln!(f, "- {}: {}", check.name, verdict(check))?;
        }
        if !self.fixed_tests.is_empty() {
            writeln!(f, "- fixed: {}", self.fixed_tests.join(", "))?;
        }
        if self.partly_verified {
            writeln!(f, "Some checks gave no answer, so this is only partly verified.")?;
        }
        match &self.question {
            Some(question) => write!(f, "Question {}: {}", question.id.0, question.text),
            None => write!(f, "No decision is needed now."),
        }
    }
}

/// Code that may hold fences itself.
pub(crate) fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// An event in one line; the model's streamed text is left out, because only its verified result counts. What others have written
/// cannot begin a line, where it would pass for Baton's own words.
pub(crate) fn line(event: &Event) -> Option<String> {
    words(event).map(|text| visible_line(&text))
}

fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::Started { workflow, model, .. } => {
            format!("started {workflow} with {}", model.as_deref().unwrap_or("no model"))
        }
        Event::Resumed => "resumed".into(),
        Event::Stage { stage, state, attempt, note } => {
            let attempt =
                if *attempt > 0 { format!(" (attempt {attempt})") } else { String::new() };
            format!("{}{attempt} {}: {note}", stage.as_str(), format!("{state:?}").to_lowercase())
        }
        Event::Hits { hits, tokens } => {
            let names: Vec<String> = hits
                .iter()
                .map(|hit| format!("{}:{} {}", hit.path, hit.lines.0, hit.name))
                .collect();
            format!("context of {tokens} tokens: {}", names.join(", "))
        }
        Event::Recalled { memories } => {
            let of = |it: &MemorySummary| format!("{} in run {}", it.subject, it.run.short());
            format!("remembered: {}", memories.iter().map(of).collect::<Vec<_>>().join("; "))
        }
        Event::Roadmap { items } => format!("roadmap: {}", items.join("; ")),
        Event::Item { number, state, note } => {
            format!("item {number} {}: {note}", format!("{state:?}").to_lowercase())
        }
        Event::Planned { plan } => planned(plan),
        Event::Task { id, role, state, note } => {
            let (role, state) = (role.as_str(), format!("{state:?}").to_lowercase());
            format!("task {id} ({role}) {state}: {note}")
        }
        Event::InTask { task, what } => format!("[{task}] {}", words(what)?),
        Event::Debate { turn } => turn.to_string(),
        Event::Debated { cost } => cost.to_string(),
        Event::Escalated { what, defect } => format!("{what} was given up: {}", defect.summary),
        Event::Check { check, .. } => format!("check {}: {}", check.name, verdict(check)),
        Event::Refused { attempt, defect } => {
            format!("attempt {attempt} refused: {}", defect.summary)
        }
        Event::BestAttempt { attempt } => {
            let files = attempt.patch.files();
            let names: Vec<&str> = files.iter().map(RelPath::as_str).collect();
            let (number, names) = (attempt.number, names.join(", "));
            format!("attempt {number} on {names} came furthest, and is not applied")
        }
        Event::Notice { message } => message.clone(),
        Event::Proposed { proposal } => {
            format!("proposal {}: {}", proposal.id(), proposal.evidence_line())
        }
        Event::Applied { files, conflicts, .. } => {
            format!("applied to {} files, {} conflicts", files.len(), conflicts.len())
        }
        Event::Committed { id, subject } => format!("committed {id}: {subject}"),
        Event::Complexity { score, reasons, tier, is_overridden: false } => {
            format!("complexity {score}, {tier} ({})", reasons.join(", "))
        }
        Event::Usage { tokens_in, tokens_out, calls, usd } => {
            let cost =
                usd.filter(|it| 0.0 < *it).map_or_else(String::new, |it| format!(", ${it:.4}"));
            format!("{calls} model calls, {tokens_in} tokens in, {tokens_out} out{cost}")
        }
        Event::Text { .. }
        | Event::Thinking { .. }
        | Event::Complexity { .. }
        | Event::Reply { .. }
        | Event::Progress { .. }
        | Event::Ask { .. }
        | Event::Answered { .. }
        | Event::Finished { .. } => return None,
    })
}

fn planned(plan: &Plan) -> String {
    let task = |task: &PlanTask| {
        let after = match task.depends_on.as_slice() {
            [] => String::new(),
            before => format!(" after {}", before.join(", ")),
        };
        let (id, role, files) = (&task.id, task.role.as_str(), task.files.join(", "));
        format!("{id} ({role}{after}; {files}): {}", task.instruction)
    };
    let tasks: Vec<String> = plan.tasks.iter().map(task).collect();
    format!("plan: {} Tasks: {}", plan.analysis.summary, tasks.join(" | "))
}

fn verdict(check: &Check) -> String {
    match &check.after {
        Verdict::Clean => "clean".into(),
        Verdict::Findings(found) => found.join("; "),
        Verdict::NoAnswer(why) => format!("no answer: {why}"),
    }
}

fn end(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered { files, commit, .. } => {
            let files: Vec<&str> = files.iter().map(RelPath::as_str).collect();
            let commit =
                commit.as_ref().map_or(String::new(), |id| format!(" and committed as {id}"));
            format!("Delivered: {} changed{commit}.", files.join(", "))
        }
        Outcome::Verified { defect: Some(defect), .. } => format!("Refused: {}", defect.summary),
        Outcome::Verified { evidence, defect: None } => {
            let unanswered: Vec<&str> = evidence.unanswered().map(|it| it.name.as_str()).collect();
            match unanswered.is_empty() {
                true => "Nothing speaks against the change.".into(),
                false => format!(
                    "Nothing speaks against the change, and this gave no answer: {}.",
                    unanswered.join(", ")
                ),
            }
        }
        Outcome::Explained { text } => text.clone(),
        Outcome::Reviewed { findings, dropped } => match findings.as_slice() {
            [] if 0 < *dropped => {
                "What was found cannot be placed: the code that is quoted is not there.".into()
            }
            [] => "Nothing was found.".into(),
            found => found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        },
        Outcome::Mission { items } => {
            let item = |(item, n): (&ItemEnd, usize)| {
                let mark = if item.is_done { "done" } else { "not done" };
                format!("{n}. {} ({mark}): {}", item.title, item.note)
            };
            items.iter().zip(1..).map(item).collect::<Vec<_>>().join("\n")
        }
        Outcome::PlanRejected { why: Some(why) } => format!("The plan was rejected: {why}."),
        Outcome::PlanRejected { why: None } => "The plan was turned down: nothing changed.".into(),
        Outcome::Rejected => "Rejected: nothing changed.".into(),
        Outcome::NothingToDo { why } => format!("Nothing to do: {why}."),
        Outcome::Cancelled => "Cancelled: nothing changed.".into(),
        Outcome::Failed { failure } => {
            let how = if failure.resumable { " run_resume goes on from there." } else { "" };
            format!("Failed ({}): {}.{how}", failure.kind, failure.message)
        }
    }
}
