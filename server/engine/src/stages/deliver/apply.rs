//! Applying: through the editor that has a file open, else on disk. What arrived is read from the text, never from anyone's
//! word that it did.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::{Conflict, ContentHash, FileChange, HunkId, Patch, RelPath, rebase};
use serde::{Deserialize, Serialize};
use vfs::{Buffer, Vfs};

use crate::cx::Cx;
use crate::editor::{Editor, EditorChange};
use crate::error::Error;
use crate::stages::deliver::Way;
use crate::workspace::blocking;

/// How long an editor gets to report the new text after it answered.
const EDITOR_REPORTS: Duration = Duration::from_secs(3);

/// What is in the files now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Applied {
    pub(super) files: Vec<RelPath>,
    pub(super) hunks: Vec<HunkId>,
    pub(super) conflicts: Vec<Conflict>,
}

/// Applies every hunk that still fits.
pub(super) async fn apply(cx: &Cx, patch: &Patch, way: Way) -> Result<Applied, Error> {
    // Looked at once: what is typed from here on is for a later version than the edits.
    let vfs = cx.workspace.vfs();
    let buffers: BTreeMap<RelPath, Buffer> = patch
        .files()
        .into_iter()
        .filter_map(|path| vfs.buffer(&path).map(|it| (path, it)))
        .collect();
    let rebased = rebase(patch, &|path| match buffers.get(path) {
        Some(buffer) => Some(Arc::from(buffer.text.to_string())),
        None => on_disk(cx, path),
    });
    let (mut in_editor, mut on_disk) = (Vec::new(), Vec::new());
    for change in rebased.patch.changes() {
        match editor_for(cx, change, &buffers) {
            Some((editor, buffer)) => in_editor.push((editor, buffer)),
            None => on_disk.push(change.clone()),
        }
    }
    let mut refusals = Vec::new();
    for change in on_disk {
        let (vfs, path) = (cx.workspace.vfs().clone(), change.path().clone());
        if way == Way::Editor {
            refusals.push((path, "the file is not open in the editor any more".to_owned()));
            continue;
        }
        match blocking(move || write(&vfs, &change)).await? {
            Ok(()) => {}
            // Somebody was quicker: the hunk is reported as a conflict below, like any other change of theirs.
            Err(
                error @ (vfs::Error::Stale { .. }
                | vfs::Error::Exists { .. }
                | vfs::Error::Absent { .. }),
            ) => {
                refusals.push((path, error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let label = cx.request().text.lines().next().unwrap_or("Baton").to_owned();
    for (editor, changes) in by_editor(in_editor) {
        let paths: Vec<RelPath> = changes.iter().map(|change| change.path.clone()).collect();
        // A person who looks at the editor's preview may also cancel the run instead.
        let made = tokio::select! {
            made = editor.apply(&label, changes) => made,
            () = cx.cancel().cancelled() => Err("the run was cancelled".to_owned()),
        };
        match made {
            Ok(()) => wait_for_report(cx, patch).await,
            // What was made in spite of that has been reported before the refusal.
            Err(why) => refusals.extend(paths.into_iter().map(|path| (path, why.clone()))),
        }
    }
    Ok(outcome(cx, patch, rebased.conflicts, &refusals))
}

/// What stands for a file that is there and cannot be read: files with this byte are not text, so no patch is for it.
const UNREADABLE: &str = "\0";

/// The text that the user sees: the open buffer, else the file.
fn now(cx: &Cx, path: &RelPath) -> Option<Arc<str>> {
    match cx.workspace.vfs().buffer(path) {
        Some(buffer) => Some(Arc::from(buffer.text.to_string())),
        None => on_disk(cx, path),
    }
}

/// As [`now`] once the change is made: a file that it takes away is gone from the folder, whatever an editor still shows.
fn afterwards(cx: &Cx, patch: &Patch, path: &RelPath) -> Option<Arc<str>> {
    let takes_away = |change: &FileChange| match change {
        FileChange::Delete { path: gone, .. } | FileChange::Rename { from: gone, .. } => {
            gone == path
        }
        FileChange::Create { .. } | FileChange::Edit { .. } => false,
    };
    if patch.changes().iter().any(takes_away) { on_disk(cx, path) } else { now(cx, path) }
}

fn on_disk(cx: &Cx, path: &RelPath) -> Option<Arc<str>> {
    cx.workspace.vfs().read_disk(path).unwrap_or_else(|_| Some(Arc::from(UNREADABLE)))
}

fn editor_for(
    cx: &Cx,
    change: &FileChange,
    buffers: &BTreeMap<RelPath, Buffer>,
) -> Option<(Arc<dyn Editor>, EditorChange)> {
    // Creating, deleting and renaming are changes of the folder, which no buffer holds.
    let FileChange::Edit { path, base, edits } = change else { return None };
    let editor = cx.workspace.editors().holding(path)?;
    // Opened only now: then it shows the file.
    let opened = || cx.workspace.vfs().buffer(path);
    let version = buffers.get(path).cloned().or_else(opened)?.version;
    let (path, old, edits) = (path.clone(), base.text.clone(), edits.clone());
    Some((editor, EditorChange { path, version, old, edits }))
}

fn by_editor(
    changes: Vec<(Arc<dyn Editor>, EditorChange)>,
) -> Vec<(Arc<dyn Editor>, Vec<EditorChange>)> {
    let mut groups: Vec<(Arc<dyn Editor>, Vec<EditorChange>)> = Vec::new();
    for (editor, change) in changes {
        match groups.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &editor)) {
            Some((_, list)) => list.push(change),
            None => groups.push((editor, vec![change])),
        }
    }
    groups
}

/// One change on disk. A rename writes the new file before the old one goes: a kill in between leaves both, never neither.
fn write(vfs: &Vfs, change: &FileChange) -> Result<(), vfs::Error> {
    match change {
        FileChange::Create { path, text } => vfs.write(path, None, Some(text)),
        FileChange::Edit { path, base, edits } => {
            vfs.write(path, Some(base.hash), Some(&edits.apply(&base.text)))
        }
        FileChange::Delete { path, base } => vfs.write(path, Some(base.hash), None),
        FileChange::Rename { from, to, base, edits } => {
            let text = edits.apply(&base.text);
            let there = vfs.read_disk(to)?.map(|now| ContentHash::of(now.as_bytes()));
            if there != Some(ContentHash::of(text.as_bytes())) {
                vfs.write(to, None, Some(&text))?;
            }
            vfs.write(from, Some(base.hash), None)
        }
    }
}

/// Waits until the editor has reported text in which every hunk is found, or for a moment at most.
async fn wait_for_report(cx: &Cx, patch: &Patch) {
    let mut revisions = cx.workspace.vfs().subscribe();
    let all_there = async {
        loop {
            revisions.mark_unchanged();
            if rebase(patch, &|path| afterwards(cx, patch, path)).patch.is_empty() {
                return;
            }
            if revisions.changed().await.is_err() {
                return;
            }
        }
    };
    // Running out of time is no failure: what is there by then is what was accepted.
    let _ = tokio::time::timeout(EDITOR_REPORTS, all_there).await;
}

/// Reads back what is there. A hunk that is not there is a conflict, with the best reason known.
fn outcome(
    cx: &Cx,
    patch: &Patch,
    mut conflicts: Vec<Conflict>,
    refusals: &[(RelPath, String)],
) -> Applied {
    let found = rebase(patch, &|path| afterwards(cx, patch, path));
    let reasons: BTreeMap<&RelPath, &String> =
        refusals.iter().map(|(path, why)| (path, why)).collect();
    let mut files = Vec::new();
    for hunk in patch.hunks() {
        if found.already.contains(&hunk.id) {
            files.push(hunk.path);
        } else if conflicts.iter().all(|conflict| conflict.hunk != hunk.id) {
            let reason =
                reasons.get(&hunk.path).map_or("the editor did not make this change", |why| why);
            conflicts.push(Conflict {
                hunk: hunk.id,
                path: hunk.path.clone(),
                reason: reason.to_owned(),
            });
        }
    }
    conflicts.retain(|conflict| !found.already.contains(&conflict.hunk));
    files.dedup();
    Applied { files, hunks: found.already, conflicts }
}
