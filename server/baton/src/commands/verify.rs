//! `baton verify`: the evidence for a change that somebody else has made.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use engine::{Change, Request, Uncommitted, Workspace};

use super::run::ORIGIN;
use crate::drive::{Asker, drive};
use crate::exit::{Exit, usage};
use crate::options::Verify;
use crate::session::Session;

/// Longer diffs are refused by their reader; a little more is read so that it can say so.
const MAX_BYTES: u64 = (16 << 20) + 1;

/// Examines the change and follows the run that does.
///
/// # Errors
/// Usage errors about the diff; those of the engine.
pub(crate) async fn verify(session: &mut Session, verify: &Verify) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    let Some(change) = change(session, &workspace, verify.diff.as_deref())? else {
        return Ok(Exit::Done);
    };
    let request = Request { change: Some(change), ..Request::new("verify", "", ORIGIN) };
    let run = workspace.start(request)?;
    drive(&workspace, &run, 0, Asker::Later, &mut session.out).await
}

/// The change of a diff, or what is not committed. `None`: there is none, which has been said.
///
/// # Errors
/// Usage errors about the diff; those of the engine.
pub(super) fn change(
    session: &mut Session,
    workspace: &Workspace,
    diff: Option<&Path>,
) -> anyhow::Result<Option<Change>> {
    if let Some(path) = diff {
        let diff = read(session, path)?;
        return Ok(Some(workspace.change_of_diff(&diff)?));
    }
    let Uncommitted { change, left_out } = workspace.uncommitted()?;
    for why in &left_out {
        session.out.say(why)?;
    }
    if change.is_none() {
        session.out.say(match left_out.is_empty() {
            true => "everything is committed",
            false => "everything else is committed",
        })?;
    }
    Ok(change)
}

fn read(session: &Session, path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut diff = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(MAX_BYTES).read_to_end(&mut diff).context("standard input")?;
        return Ok(diff);
    }
    let place = session.outside.cwd.as_std_path().join(path);
    let file = std::fs::File::open(&place)
        .map_err(|error| usage(format!("--diff {}: {error}", path.display())))?;
    file.take(MAX_BYTES).read_to_end(&mut diff).with_context(|| place.display().to_string())?;
    Ok(diff)
}
