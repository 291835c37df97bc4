//! What the user has changed since the last commit, staged or not, as a patch from that commit to the files as they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Patch, RelPath};
use git2::StatusOptions;
use vfs::Snapshot;

use super::Git;
use crate::Error;

/// The difference between the last commit and the workspace.
#[derive(Debug)]
pub struct Uncommitted {
    /// Text files that differ; line ends of a file are compared as git compares them.
    pub patch: Patch,
    /// What differs and cannot be shown as text, and why.
    pub left_out: Vec<String>,
}

impl Git {
    /// What differs between HEAD and `snap`, unsaved buffers and files that git does not know yet included.
    ///
    /// # Errors
    /// `Git`: the repository cannot be read.
    pub fn uncommitted(&self, snap: &Snapshot) -> Result<Uncommitted, Error> {
        let tree = match self.repo.head() {
            Ok(head) => Some(
                head.peel_to_tree()
                    .map_err(|err| Error::git("cannot read the last commit", err))?,
            ),
            // A branch without a commit: everything is new.
            Err(_) => None,
        };
        let (mut files, mut left_out) = (Vec::new(), Vec::new());
        for path in self.touched(snap)? {
            let committed = match &tree {
                Some(tree) => self.entry(tree, &path).map(|it| it.map(|it| it.text)),
                None => Ok(None),
            };
            let present = match snap.read(&path) {
                Ok(text) => Ok(Some(text)),
                Err(vfs::Error::Absent { .. }) => Ok(None),
                Err(error) => Err(error.to_string()),
            };
            match (committed, present) {
                (Ok(old), Ok(new)) => {
                    let old = old.map(|old| self.as_checked_out(&path, old, new.as_deref()));
                    files.push((path, old, new.map(|it| it.to_string())));
                }
                (Err(error), _) => left_out.push(error.to_string()),
                (_, Err(why)) => left_out.push(why),
            }
        }
        Ok(Uncommitted { patch: Patch::between(files), left_out })
    }

    /// Paths whose state differs, and those of open buffers.
    fn touched(&self, snap: &Snapshot) -> Result<BTreeSet<RelPath>, Error> {
        let mut options = StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true).include_ignored(false);
        let statuses = self
            .repo
            .statuses(Some(&mut options))
            .map_err(|err| Error::git("cannot read the repository's status", err))?;
        let in_workspace = |path: &str| RelPath::parse(path.strip_prefix(&self.prefix)?).ok();
        let mut touched: BTreeSet<RelPath> =
            statuses.iter().filter_map(|entry| entry.path().ok().and_then(in_workspace)).collect();
        touched.extend(snap.overlay().into_iter().map(|(path, _)| path));
        Ok(touched)
    }

    /// A committed text as the user would have it: with the line ends of the present one where git would store both alike.
    fn as_checked_out(&self, path: &RelPath, old: String, new: Option<&str>) -> Arc<str> {
        let Some(new) = new.filter(|new| new.contains("\r\n") && !old.contains('\r')) else {
            return old.into();
        };
        match self.clean(path, new) {
            Ok(stored) if !stored.contains('\r') => old.replace('\n', "\r\n").into(),
            _ => old.into(),
        }
    }
}
