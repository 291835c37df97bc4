//! Committing: the commit object first, then the branch. Its id is recorded in between, so that a killed run finds out
//! whether the branch has moved and never commits twice.

use base::Patch;
use tools::git::{Git, Prepared};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Event;
use crate::workspace::blocking;

/// The new commit's id, or `None` where there is nothing to commit to.
pub(super) async fn commit(cx: &Cx, taken: &Patch, message: &str) -> Result<Option<String>, Error> {
    let prepared: Option<Prepared> = cx
        .step("prepare-commit", &(taken, message), async {
            let (root, patch, message) =
                (cx.workspace.root().clone(), taken.clone(), message.to_owned());
            blocking(move || match Git::open(&root)? {
                Some(git) => Ok(Some(git.prepare_commit(&patch, &message)?)),
                None => Ok(None),
            })
            .await?
        })
        .await?;
    let Some(prepared) = prepared else {
        cx.notice("This folder is not in a git repository, so nothing was committed.")?;
        return Ok(None);
    };
    let finished = cx
        .step("finish-commit", &prepared, async {
            let (root, prepared) = (cx.workspace.root().clone(), prepared.clone());
            let finished = blocking(move || match Git::open(&root)? {
                Some(git) => git.finish_commit(&prepared),
                None => Err(tools::Error::NotARepository),
            })
            .await??;
            for note in &finished.notes {
                cx.notice(note.clone())?;
            }
            let subject = message.lines().next().unwrap_or_default().to_owned();
            cx.emit(Event::Committed { id: prepared.oid.clone(), subject })?;
            Ok(prepared.oid.clone())
        })
        .await?;
    Ok(Some(finished))
}
