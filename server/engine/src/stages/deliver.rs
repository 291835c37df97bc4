//! Brings accepted hunks into the user's files and, if wanted, into a commit: exactly those, on the text as it is now.
//!
//! Safe to enter again after a kill at any moment: what is already there is recognised, what is not is done.

mod apply;
mod commit;
mod stale;

use std::collections::BTreeSet;

use base::{HunkId, Patch, RelPath};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Event, Outcome, Stage, StageState};
use crate::run::plural;
use crate::stages::verify::Proposal;

/// The part of a proposal that a person took.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    patch: Patch,
    message: String,
    /// The proposal's message describes all of it; for a part a plain one is made.
    whole: bool,
    commit: Option<bool>,
    way: Way,
}

/// How accepted hunks may reach the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Through an editor where one has the file open, else on disk.
    Any,
    /// Through an editor only, where the person confirms.
    Editor,
}

impl Accepted {
    pub(crate) fn new(
        proposal: &Proposal,
        hunks: Option<BTreeSet<HunkId>>,
        commit: Option<bool>,
    ) -> Accepted {
        let whole = hunks.as_ref().is_none_or(|ids| ids.len() == proposal.patch().hunks().len());
        let patch = match hunks {
            Some(ids) => proposal.patch().select(&ids),
            None => proposal.patch().clone(),
        };
        Accepted { patch, message: proposal.message().to_owned(), whole, commit, way: Way::Any }
    }

    /// Everything, as far as the person confirms it in the editor.
    pub(crate) fn in_editor(proposal: &Proposal) -> Accepted {
        Accepted { way: Way::Editor, ..Accepted::new(proposal, None, None) }
    }
}

/// Applies and commits.
pub(crate) async fn deliver(cx: &Cx, accepted: Accepted) -> Result<Outcome, Error> {
    if accepted.patch.is_empty() {
        return Ok(Outcome::Rejected);
    }
    let applied = cx
        .step("apply", &accepted.patch, async {
            cx.stage(Stage::Deliver, StageState::Running, 0, "applying")?;
            let stale = stale::changed_since(cx, &accepted.patch);
            if !stale.is_empty() {
                let paths: Vec<&str> = stale.iter().map(RelPath::as_str).collect();
                cx.notice(stale::said(&paths, None))?;
            }
            let applied = apply::apply(cx, &accepted.patch, accepted.way).await?;
            cx.emit(Event::Applied {
                files: applied.files.clone(),
                hunks: applied.hunks.clone(),
                conflicts: applied.conflicts.clone(),
            })?;
            stale::tell_others(cx, &applied.files)?;
            Ok(applied)
        })
        .await?;
    let wanted = accepted.commit.unwrap_or(cx.request().commit);
    let commit = if wanted && !applied.hunks.is_empty() {
        let taken = accepted.patch.select(&applied.hunks.iter().cloned().collect());
        let whole = accepted.whole && applied.conflicts.is_empty();
        let message = if whole && cx.workspace.config().commit.model_message {
            accepted.message.clone()
        } else {
            tools::git::plain_message(&taken)
        };
        let committed = commit::commit(cx, &taken, &message).await;
        // A cancel may come when the commit is made.
        if committed.as_ref().is_err_and(|error| !matches!(error, Error::Cancelled)) {
            cx.notice("The change is in your files; only the commit was not made.")?;
        }
        committed?
    } else {
        None
    };
    let note = match &commit {
        Some(id) => format!("{}, commit {id}", plural(applied.files.len(), "file")),
        None => plural(applied.files.len(), "file"),
    };
    cx.step("delivered", &applied, async { cx.stage(Stage::Deliver, StageState::Done, 0, note) })
        .await?;
    Ok(Outcome::Delivered { files: applied.files, commit, conflicts: applied.conflicts })
}
