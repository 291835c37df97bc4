//! Proposals that have grown old: their files have changed since they were proved. They are brought to the text as it is now; that
//! nobody has proved what comes of it is said, to whoever takes one and to whoever still has one before them.

use base::{FileChange, Patch, RelPath};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Event, QuestionKind};

/// Files of `patch` that hold neither what it was made from nor what it makes of it.
pub(super) fn changed_since(cx: &Cx, patch: &Patch) -> Vec<RelPath> {
    let snapshot = cx.snapshot();
    let now = |path: &RelPath| snapshot.read(path).ok();
    let is_other = |change: &&FileChange| {
        let is_as_proved =
            now(change.old_path().unwrap_or(change.path())).as_deref() == change.old_text();
        // A run that was killed while it delivered goes on from here.
        let is_done = now(change.path()).as_deref() == change.new_text().as_deref();
        !is_as_proved && !is_done
    };
    patch.changes().iter().filter(is_other).map(|it| it.path().clone()).collect()
}

/// Tells the other runs of this workspace whose proposals wait for a decision and touch `files`.
pub(super) fn tell_others(cx: &Cx, files: &[RelPath]) -> Result<(), Error> {
    for other in cx.workspace.live_runs() {
        let waits = other.pending().is_some_and(|it| it.kind == QuestionKind::Review);
        if !waits || other.id() == cx.run.id() {
            continue;
        }
        let Some(proposal) = other.proposal() else { continue };
        let touched = proposal.patch().files();
        let shared: Vec<&str> =
            files.iter().filter(|path| touched.contains(path)).map(RelPath::as_str).collect();
        if !shared.is_empty() {
            other.emit(Event::Notice { message: said(&shared, Some(cx.run.id().short())) })?;
        }
    }
    Ok(())
}

/// What a person is told of it.
pub(super) fn said(paths: &[&str], by: Option<&str>) -> String {
    let by = by.map_or_else(String::new, |run| format!(", by run {run}"));
    let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    format!(
        "{} changed after this was proved{by}. What is taken is brought to the text as it is now, and that is not proved: `baton verify` does.",
        paths.join(", ")
    )
}
