//! Waiting for the index in front of a terminal: how far it is, how long it still takes, Ctrl-C. And what an answer is about.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use engine::{Indexing, Searched, Unsettled, Workspace};
use serde_json::{Value, json};
use vfs::{SkipReason, Skipped};

use crate::exit::Exit;
use crate::render::out::Out;
use crate::render::safe::safe_line;
use crate::render::style;
use crate::stop::{Asked, Stop};

#[cfg(test)]
mod tests;

/// What is over sooner needs no progress.
const QUICK: Duration = Duration::from_secs(1);

/// Waits for `answer`. Ctrl-C stops it, keeps what is indexed, and breaks with the exit code.
///
/// # Errors
/// Those of the answer; no room for listening to signals.
pub(crate) async fn watched<T>(
    out: &mut Out,
    workspace: &Workspace,
    answer: impl Future<Output = Result<T, engine::Error>>,
) -> anyhow::Result<ControlFlow<Exit, T>> {
    let mut stop = Stop::listen()?;
    let mut indexing = workspace.indexing();
    let mut answer = Box::pin(answer);
    let mut is_quick = true;
    let quick = tokio::time::sleep(QUICK);
    tokio::pin!(quick);
    loop {
        tokio::select! {
            biased;
            asked = stop.asked() => {
                drop(answer);
                out.rest();
                workspace.shutdown().await;
                return Ok(ControlFlow::Break(match asked {
                    Asked::Interrupt => Exit::Cancelled,
                    Asked::Terminate => Exit::Parked,
                }));
            }
            answer = &mut answer => {
                out.rest();
                return Ok(ControlFlow::Continue(answer?));
            }
            () = &mut quick, if is_quick => is_quick = false,
            Ok(()) = indexing.changed() => {}
        }
        let at = *indexing.borrow_and_update();
        match at {
            _ if is_quick => {}
            Some(at) => out.busy_at(at.done as u64, Some(at.total as u64), &line(&at)),
            None => out.busy("indexing"),
        }
    }
}

fn line(at: &Indexing) -> String {
    let left = at.left().map(|left| left.as_secs_f64().round() as u64);
    match left {
        Some(left) if 90 <= left => format!("files indexed, about {} min left", (left + 30) / 60),
        Some(left) => format!("files indexed, about {left} s left"),
        None => "files indexed".to_owned(),
    }
}

/// Says what the reader should know of what was searched.
///
/// # Errors
/// Output that cannot be written.
pub(crate) fn tell(out: &mut Out, searched: &Searched) -> anyhow::Result<()> {
    for note in &searched.notes {
        out.say(&format!("note: {}", safe_line(note)))?;
    }
    if let Some(line) = skipped_line(&searched.skipped) {
        out.progress(&style::dim(line))?;
    }
    Ok(())
}

/// Says what is still to be done for search by meaning: with the end of the program it ends as well.
///
/// # Errors
/// Output that cannot be written.
pub(crate) fn tell_unsettled(out: &mut Out, left: &Unsettled) -> anyhow::Result<()> {
    if let Some(note) = unsettled_note(left) {
        out.say(&format!("note: {}", safe_line(&note)))?;
    }
    Ok(())
}

/// The same after an answer, whose own notes say what is wrong with the server.
///
/// # Errors
/// Those of the engine; output that cannot be written.
pub(crate) async fn tell_rest(out: &mut Out, workspace: &Workspace) -> anyhow::Result<()> {
    let left = workspace.unsettled().await?;
    if left.problem.is_none() { tell_unsettled(out, &left) } else { Ok(()) }
}

fn unsettled_note(left: &Unsettled) -> Option<String> {
    let mut parts = Vec::new();
    if 0 < left.vectors {
        parts.push(format!(
            "{} files have no vectors yet and are found by their words",
            left.vectors
        ));
    }
    match &left.problem {
        Some(problem) => parts.push(format!("the vector server gets nothing: {problem}")),
        None if left.is_behind => parts.push(
            "the vector server is not in step yet, so this machine's own index answers".to_owned(),
        ),
        None => {}
    }
    if left.problem.is_none() && !parts.is_empty() {
        parts.push("`baton index --wait` goes on until that is done".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The same as data.
pub(crate) fn unsettled_json(left: &Unsettled) -> Value {
    json!({
        "vectors": left.vectors,
        "server_is_behind": left.is_behind,
        "problem": left.problem,
    })
}

/// The same as data.
pub(crate) fn searched_json(searched: &Searched) -> Value {
    json!({
        "complete": searched.is_complete,
        "revision": searched.revision.map(|revision| revision.0),
        "skipped": by_reason(&searched.skipped),
        "notes": searched.notes,
    })
}

/// How many files are not searched, by reason.
pub(crate) fn by_reason(skipped: &[Skipped]) -> BTreeMap<&'static str, usize> {
    let mut reasons = BTreeMap::new();
    for file in skipped {
        let reason = match &file.reason {
            SkipReason::Binary => "binary",
            SkipReason::TooLarge(_) => "too large",
            SkipReason::NotUtf8 => "not UTF-8",
            SkipReason::NotUtf8Name => "with a name that is not UTF-8",
            SkipReason::Unreadable(_) => "unreadable",
        };
        *reasons.entry(reason).or_default() += 1;
    }
    reasons
}

/// The same in one line; `None` if all are searched.
pub(crate) fn skipped_line(skipped: &[Skipped]) -> Option<String> {
    let parts: Vec<String> =
        by_reason(skipped).iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    (!parts.is_empty()).then(|| format!("not searched: {}", parts.join(", ")))
}
