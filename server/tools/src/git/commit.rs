//! First phase of a commit: objects are written, nothing is moved.
//! Does not read the work tree: what is committed is HEAD plus the accepted hunks, so that everything else that is
//! uncommitted stays so.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use base::{FileChange, Patch, RelPath, rebase};
use git2::{Commit, ErrorCode, FileMode, Oid, Signature, Tree, build::TreeUpdateBuilder};
use serde::{Deserialize, Serialize};

use super::{Git, message::plain_message};
use crate::Error;

/// A commit that is written and that no branch has yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// The commit, in hex.
    pub oid: String,
    /// Its parent; `None` for the first commit of a branch.
    pub parent: Option<String>,
    /// The reference that will move: `refs/heads/...`, or `HEAD` when it is detached.
    pub reference: String,
    /// First line of the message.
    pub subject: String,
    /// Accepted files that are not in the commit, and why.
    pub left_out: Vec<(RelPath, String)>,
    /// What the person may expect of a commit and this one does not do, in words.
    pub notes: Vec<String>,
}

/// What becomes of one path of the tree.
enum Update {
    Put { text: String, mode: i32 },
    Remove,
}

impl Git {
    /// Writes a commit of `patch`, and of nothing else, on top of HEAD.
    ///
    /// Each file is HEAD's text with the hunks rebased onto it, in the form in which git stores it; modes stay. Left out,
    /// and named in the result: files that git ignores, and files that the last commit does not have (the person has not
    /// added them). An empty `message` becomes [`plain_message`]. Author and committer come from git's configuration.
    ///
    /// # Errors
    /// `InProgress`, `NoIdentity`, `Conflict`, `Unsupported`, `NothingToCommit`: nothing was changed. `Git`: the
    /// repository cannot be read or written.
    pub fn prepare_commit(&self, patch: &Patch, message: &str) -> Result<Prepared, Error> {
        if let Some(what) = self.in_progress() {
            return Err(Error::InProgress(what));
        }
        let index =
            self.repo.index().map_err(|err| Error::git("cannot read the git index", err))?;
        if index.has_conflicts() {
            return Err(Error::InProgress("merge conflict"));
        }
        let author = self.identity()?;
        let reference = self.head_ref()?;
        let parent = self.parent()?;
        let tree = self.tree_of(parent.as_ref())?;

        let mut left_out = Vec::new();
        let mut updates = BTreeMap::new();
        for change in patch.changes() {
            self.update(&tree, change, &mut updates, &mut left_out)?;
        }
        let new_tree = self.write_tree(&tree, updates)?;
        if new_tree == tree.id() {
            let left_out =
                left_out.iter().map(|(path, why)| format!("`{path}` is left out: {why}")).collect();
            return Err(Error::NothingToCommit { left_out });
        }

        let err = |err| Error::git("cannot write the commit", err);
        let message =
            if message.trim().is_empty() { plain_message(patch) } else { message.to_owned() };
        let new_tree = self.repo.find_tree(new_tree).map_err(err)?;
        let parents: Vec<&Commit<'_>> = parent.iter().collect();
        let oid =
            self.repo.commit(None, &author, &author, &message, &new_tree, &parents).map_err(err)?;
        Ok(Prepared {
            oid: oid.to_string(),
            parent: parent.as_ref().map(|parent| parent.id().to_string()),
            reference,
            subject: message.lines().next().unwrap_or_default().to_owned(),
            left_out,
            notes: self.notes(),
        })
    }

    fn identity(&self) -> Result<Signature<'static>, Error> {
        match self.repo.signature() {
            Ok(signature) => Ok(signature),
            Err(err) if err.code() == ErrorCode::NotFound => Err(Error::NoIdentity),
            // An empty name or address.
            Err(err) if err.class() == git2::ErrorClass::Invalid => Err(Error::NoIdentity),
            Err(err) => Err(Error::git("cannot read git's configuration", err)),
        }
    }

    fn parent(&self) -> Result<Option<Commit<'_>>, Error> {
        match self.repo.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => Ok(Some(commit)),
            Err(err) if matches!(err.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
                Ok(None)
            }
            Err(err) => Err(Error::git("cannot read HEAD", err)),
        }
    }

    pub(super) fn tree_of(&self, commit: Option<&Commit<'_>>) -> Result<Tree<'_>, Error> {
        let err = |err| Error::git("cannot read the last commit", err);
        let id = match commit {
            Some(commit) => commit.tree_id(),
            None => self.repo.treebuilder(None).and_then(|empty| empty.write()).map_err(err)?,
        };
        self.repo.find_tree(id).map_err(err)
    }

    fn update(
        &self,
        tree: &Tree<'_>,
        change: &FileChange,
        updates: &mut BTreeMap<RelPath, Update>,
        left_out: &mut Vec<(RelPath, String)>,
    ) -> Result<(), Error> {
        const UNTRACKED: &str = "it is not in the last commit; add it with git first";
        let path = change.path();
        let here = self.entry(tree, path)?;
        if !matches!(change, FileChange::Delete { .. }) {
            self.check_filters(path)?;
        }
        match change {
            FileChange::Create { text, .. } => {
                let text = self.clean(path, text)?;
                match here {
                    Some(entry) if entry.text == text => {}
                    Some(_) => {
                        let reason = "the last commit has another file of that name".to_owned();
                        return Err(Error::Conflict { path: path.clone(), reason });
                    }
                    None if self.is_ignored(path)? => {
                        left_out.push((path.clone(), "git ignores it".to_owned()))
                    }
                    None => {
                        let mode = i32::from(FileMode::Blob);
                        updates.insert(path.clone(), Update::Put { text, mode });
                    }
                }
            }
            FileChange::Edit { base, .. } => match here {
                Some(entry) => {
                    let new = change.new_text().unwrap_or_default();
                    let text = self.rebased(path, &base.text, &new, &entry.text)?;
                    updates.insert(path.clone(), Update::Put { text, mode: entry.mode });
                }
                None => left_out.push((path.clone(), UNTRACKED.to_owned())),
            },
            // Whatever HEAD's text is: it stays in the history.
            FileChange::Delete { .. } => match here {
                Some(_) => {
                    updates.insert(path.clone(), Update::Remove);
                }
                None => left_out.push((path.clone(), UNTRACKED.to_owned())),
            },
            FileChange::Rename { from, base, .. } => match (self.entry(tree, from)?, here) {
                (Some(entry), None) => {
                    let new = change.new_text().unwrap_or_default();
                    let text = self.rebased(from, &base.text, &new, &entry.text)?;
                    updates.insert(from.clone(), Update::Remove);
                    updates.insert(path.clone(), Update::Put { text, mode: entry.mode });
                }
                (_, Some(_)) => {
                    let reason = "the last commit has another file of that name".to_owned();
                    return Err(Error::Conflict { path: path.clone(), reason });
                }
                (None, None) => left_out.push((path.clone(), UNTRACKED.to_owned())),
            },
        }
        Ok(())
    }

    /// What `stored` becomes by the change from `old` to `new`, which are as in the work tree.
    fn rebased(&self, path: &RelPath, old: &str, new: &str, stored: &str) -> Result<String, Error> {
        let (old, new) = (self.clean(path, old)?, self.clean(path, new)?);
        three_way(path, &old, &new, stored)
            .map_err(|reason| Error::Conflict { path: path.clone(), reason })
    }

    fn is_ignored(&self, path: &RelPath) -> Result<bool, Error> {
        self.repo
            .is_path_ignored(Path::new(&self.in_repo(path)))
            .map_err(|err| Error::git("cannot read git's ignore rules", err))
    }

    fn write_tree(
        &self,
        tree: &Tree<'_>,
        updates: BTreeMap<RelPath, Update>,
    ) -> Result<Oid, Error> {
        let err = |err| Error::git("cannot write to the repository", err);
        let mut builder = TreeUpdateBuilder::new();
        for (path, update) in updates {
            match update {
                Update::Put { text, mode } => {
                    let blob = self.repo.blob(text.as_bytes()).map_err(err)?;
                    let mode = if mode == i32::from(FileMode::BlobExecutable) {
                        FileMode::BlobExecutable
                    } else {
                        FileMode::Blob
                    };
                    builder.upsert(self.in_repo(&path), blob, mode);
                }
                Update::Remove => {
                    builder.remove(self.in_repo(&path));
                }
            }
        }
        builder.create_updated(&self.repo, tree).map_err(err)
    }

    fn notes(&self) -> Vec<String> {
        let config = self.repo.config();
        let signs = config.and_then(|config| config.get_bool("commit.gpgsign")).unwrap_or(false);
        let mut notes = Vec::new();
        if signs {
            notes.push("the commit is not signed, though `commit.gpgsign` is set".to_owned());
        }
        for hook in ["pre-commit", "commit-msg"] {
            if self.repo.path().join("hooks").join(hook).exists() {
                notes.push(format!("the hook `{hook}` did not run"));
            }
        }
        notes
    }
}

/// What `onto` becomes by the change from `old` to `new`; in words why not, when both changed the same lines.
pub(super) fn three_way(
    path: &RelPath,
    old: &str,
    new: &str,
    onto: &str,
) -> Result<String, String> {
    if old == new {
        return Ok(onto.to_owned());
    }
    if old == onto {
        return Ok(new.to_owned());
    }
    let change = FileChange::edit(path.clone(), old, new);
    let patch = Patch::new(vec![change]).map_err(|err| err.to_string())?;
    let onto: Arc<str> = onto.into();
    let rebased = rebase(&patch, &|_| Some(onto.clone()));
    if let Some(conflict) = rebased.conflicts.first() {
        return Err(conflict.reason.clone());
    }
    Ok(rebased
        .patch
        .changes()
        .first()
        .and_then(FileChange::new_text)
        .unwrap_or_else(|| onto.to_string()))
}
