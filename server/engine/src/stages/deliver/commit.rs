//! Committing: the commit object first, then the branch. Its id is recorded in between, so that a killed run finds out
//! whether the branch has moved and never commits twice.

use base::Patch;
use tools::git::{Finished, Git, Prepared};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Event;
use crate::workspace::blocking;

/// How often somebody else may commit between our two steps before we give up.
const ROUNDS: u32 = 3;

/// The new commit's id, or `None` where there is nothing to commit to.
pub(super) async fn commit(cx: &Cx, taken: &Patch, message: &str) -> Result<Option<String>, Error> {
    for round in 1..=ROUNDS {
        let input = (taken, message, round);
        let Some(prepared) = cx.step("prepare-commit", &input, prepare(cx, taken, message)).await?
        else {
            cx.notice("This folder is not in a git repository, so nothing was committed.")?;
            return Ok(None);
        };
        match cx.step("finish-commit", &prepared, finish(cx, &prepared)).await {
            Ok(()) => return Ok(Some(prepared.oid)),
            Err(Error::Git(tools::Error::Moved { .. })) if round < ROUNDS => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

async fn prepare(cx: &Cx, taken: &Patch, message: &str) -> Result<Option<Prepared>, Error> {
    let (root, patch, message) = (cx.workspace.root().clone(), taken.clone(), message.to_owned());
    blocking(move || match Git::open(&root)? {
        Some(git) => Ok(Some(git.prepare_commit(&patch, &message)?)),
        None => Ok(None),
    })
    .await?
}

async fn finish(cx: &Cx, prepared: &Prepared) -> Result<(), Error> {
    let (root, ours) = (cx.workspace.root().clone(), prepared.clone());
    let begun = cx.begins("finish-commit", prepared)?;
    let finished: Finished = blocking(move || match Git::open(&root)? {
        Some(git) => {
            for begun in begun {
                git.remove_stale_locks(&ours, begun.into());
            }
            Ok(git.finish_commit(&ours)?)
        }
        None => Err(Error::BadRequest("the git repository is gone".into())),
    })
    .await?
    .inspect_err(|_| {
        // A lock that is there is somebody else's then. Where even that cannot be recorded, the error itself says more.
        let _ = cx.has_failed("finish-commit", prepared);
    })?;
    for (path, why) in &prepared.left_out {
        cx.notice(format!("`{path}` is not in the commit: {why}"))?;
    }
    for (path, why) in &finished.kept_staged {
        cx.notice(format!("What you had staged of `{path}` was left as it is: {why}"))?;
    }
    for note in &prepared.notes {
        cx.notice(note.clone())?;
    }
    cx.emit(Event::Committed { id: prepared.oid.clone(), subject: prepared.subject.clone() })
}
