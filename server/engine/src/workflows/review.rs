//! Looks for what is wrong in a change or a place, and says so where it is. Changes no file.
//!
//! What a model says counts only where the line that it quotes is there.

use base::{ByteRange, Diagnostic, FileChange, RelPath};
use serde::{Deserialize, Serialize};
use vfs::Snapshot;

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Outcome, Stage, StageState};
use crate::replies::{Finding, Findings};
use crate::request::Request;
use crate::run::plural;
use crate::workflows::Workflow;
use crate::workflows::begin::begin;
use crate::workflows::task::Task;

pub(super) const REVIEW: Workflow = Workflow {
    name: "review",
    doc: "say what is wrong in a change, a place, or what a request names",
    asks: true,
    refuses: |request| {
        let Request { text, selection, change, .. } = request;
        let said = !text.trim().is_empty() || selection.is_some() || change.is_some();
        (!said).then(|| "`review` needs a change, a selection, or words".into())
    },
    run: |cx| Box::pin(run(cx)),
};

/// What was found, and what was not there.
#[derive(Debug, Serialize, Deserialize)]
struct Placed {
    findings: Vec<Diagnostic>,
    /// Findings that quote what is in no file.
    n_dropped: usize,
}

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    // Recorded: made anew from a text that has changed, it would have the model asked again.
    let task = async { Ok(Task::review(cx.request(), &cx.snapshot())) };
    let task = cx.step("task", &(), task).await?;
    let begun = begin(cx, &task).await?;
    let asked = async {
        let begins =
            |model: &str| cx.stage(Stage::Generate, StageState::Running, 0, model.to_owned());
        let found = cx.ask_for::<Findings>(&begun.talk, begins).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                cx.stage(Stage::Generate, StageState::Failed, 0, error.to_string())?;
                return Err(error);
            }
        };
        let placed = place(&found.value.findings, cx.request(), &seen(cx));
        cx.stage(Stage::Generate, StageState::Done, 0, plural(placed.findings.len(), "finding"))?;
        Ok(placed)
    };
    let Placed { findings, n_dropped } = cx.step("review", &begun.talk.messages, asked).await?;
    if 0 < n_dropped {
        let dropped = plural(n_dropped, "finding");
        let told =
            async { cx.notice(format!("{dropped} dropped: the code that is quoted is not there")) };
        cx.step("dropped", &n_dropped, told).await?;
    }
    Ok(Outcome::Reviewed { findings, dropped: n_dropped as u64 })
}

/// The text that is reviewed: with the change, where that is not in the files yet.
fn seen(cx: &Cx) -> Snapshot {
    let snapshot = cx.snapshot();
    let Some(change) = cx.request().change.as_ref().filter(|change| !change.is_applied) else {
        return snapshot;
    };
    let changes = || change.patch.changes().iter();
    let gone = changes().flat_map(|change| change.touched().cloned().collect::<Vec<_>>());
    let text = |change: &FileChange| Some((change.path().clone(), change.new_text()?.into()));
    snapshot.without(gone).over(changes().filter_map(text))
}

/// Findings at their lines, worst first, and in the order of the text. What is said twice of a line is said once.
fn place(found: &[Finding], request: &Request, snapshot: &Snapshot) -> Placed {
    let mut findings: Vec<Diagnostic> =
        found.iter().filter_map(|finding| diagnostic(finding, request, snapshot)).collect();
    let n_dropped = found.len() - findings.len();
    findings.sort_by(|a, b| {
        (a.severity, &a.path, a.line, &a.message).cmp(&(b.severity, &b.path, b.line, &b.message))
    });
    findings.dedup();
    Placed { findings, n_dropped }
}

fn diagnostic(finding: &Finding, request: &Request, snapshot: &Snapshot) -> Option<Diagnostic> {
    let path = RelPath::parse(&finding.path).ok()?;
    let text = snapshot.read(&path).ok()?;
    let wanted = finding.quote.trim();
    if wanted.is_empty() {
        return None;
    }
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let at = start;
        start += line.len();
        (at, line)
    });
    let same = lines.enumerate().filter(|(_, (_, line))| line.trim() == wanted);
    let places: Vec<(usize, ByteRange)> = same
        .map(|(line_idx, (at, line))| {
            let indent = line.len() - line.trim_start().len();
            (line_idx, ByteRange::new(at + indent, at + indent + wanted.len()))
        })
        .collect();
    // Of the same lines the one that was asked about.
    let asked = request.selection.as_ref().filter(|it| it.path == path).map(|it| it.range);
    let is_asked = |range: &ByteRange| {
        asked.is_some_and(|asked| asked.start <= range.end && range.start <= asked.end)
    };
    let place = places.iter().find(|(_, range)| is_asked(range)).or(places.first())?;
    let suggestion = finding.suggestion.trim();
    let message = match suggestion.is_empty() {
        true => finding.message.trim().to_owned(),
        false => format!("{}\n{suggestion}", finding.message.trim()),
    };
    Some(Diagnostic {
        path,
        range: place.1,
        line: u32::try_from(place.0 + 1).unwrap_or(u32::MAX),
        severity: finding.severity,
        source: "baton".to_owned(),
        code: Some(finding.category.as_str().to_owned()),
        message,
    })
}
