//! The user's git repository: where it stands, what is uncommitted, and committing an accepted patch.
//! Does not run hooks, sign, push, or start any program; an external filter (git LFS) is refused, not imitated.
//!
//! Everything is read through libgit2, which runs nothing that a repository's configuration names, and which refuses a
//! repository of another owner as git does.
//!
//! A commit has two phases, so that a killed process can go on: [`Git::prepare_commit`] writes objects and moves nothing;
//! [`Git::finish_commit`] moves the branch and then the index, and may be called again with the same [`Prepared`].

mod clean;
mod commit;
mod index;
mod message;
mod stale;
mod uncommitted;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use base::{AbsPathBuf, RelPath};
use git2::{ErrorCode, Repository, RepositoryState, Status, StatusOptions};
use serde::{Deserialize, Serialize};

pub use commit::Prepared;
pub use index::Finished;
pub use message::{clean_message, plain_message};
pub use uncommitted::Uncommitted;

use crate::Error;

/// A repository whose work tree holds the workspace.
pub struct Git {
    repo: Repository,
    /// Where the workspace lies in the work tree: empty, or ends with `/`.
    prefix: String,
}

/// Where the repository stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Short name of the branch; `None` when HEAD is detached.
    pub branch: Option<String>,
    /// The commit, in hex; `None` when the branch has none yet.
    pub oid: Option<String>,
}

/// What is uncommitted in one file. All false: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStatus {
    /// The index differs from HEAD.
    pub staged: bool,
    /// The file differs from the index.
    pub unstaged: bool,
    /// Git does not know the file.
    pub untracked: bool,
    /// Git is told to ignore the file.
    pub ignored: bool,
}

impl Git {
    /// Opens the repository at `root` or above it; `None` when there is none, or when `root` is not in its work tree.
    ///
    /// # Errors
    /// `Git`: there is one, and it cannot be read or belongs to somebody else.
    pub fn open(root: &AbsPathBuf) -> Result<Option<Git>, Error> {
        let repo = match Repository::discover(root.as_std_path()) {
            Ok(repo) => repo,
            Err(err) if err.code() == ErrorCode::NotFound => return Ok(None),
            Err(err) => return Err(Error::git("cannot open the repository", err)),
        };
        // `core.worktree` may name any folder; one that does not hold the workspace is not its repository.
        let (Some(workdir), Some(root)) =
            (repo.workdir().and_then(canonical), canonical(root.as_std_path()))
        else {
            return Ok(None);
        };
        let Some(inside) = root.strip_prefix(&workdir).ok().and_then(Path::to_str) else {
            return Ok(None);
        };
        let prefix = if inside.is_empty() { String::new() } else { format!("{inside}/") };
        Ok(Some(Git { repo, prefix }))
    }

    /// The branch and the commit that HEAD names.
    ///
    /// # Errors
    /// `Git`: HEAD cannot be read.
    pub fn head(&self) -> Result<Head, Error> {
        let err = |err| Error::git("cannot read HEAD", err);
        let refname = self.head_ref()?;
        let oid = match self.repo.head() {
            Ok(head) => Some(head.peel_to_commit().map_err(err)?.id().to_string()),
            Err(e) if matches!(e.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => None,
            Err(e) => return Err(err(e)),
        };
        let branch = refname.strip_prefix("refs/heads/").map(str::to_owned);
        Ok(Head { branch, oid })
    }

    /// What is uncommitted in `paths`; a path that git has nothing to say about is all false.
    ///
    /// # Errors
    /// `Git`: the repository cannot be read.
    pub fn status(&self, paths: &[RelPath]) -> Result<BTreeMap<RelPath, FileStatus>, Error> {
        let mut statuses: BTreeMap<RelPath, FileStatus> =
            paths.iter().map(|path| (path.clone(), FileStatus::default())).collect();
        if paths.is_empty() {
            return Ok(statuses);
        }
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .include_ignored(true)
            .recurse_ignored_dirs(true);
        // Paths are names, not patterns.
        options.disable_pathspec_match(true);
        for path in paths {
            options.pathspec(self.in_repo(path));
        }
        let found = self
            .repo
            .statuses(Some(&mut options))
            .map_err(|err| Error::git("cannot read the repository's status", err))?;
        for entry in found.iter() {
            let path = entry
                .path()
                .ok()
                .and_then(|path| path.strip_prefix(&self.prefix))
                .and_then(|path| RelPath::parse(path).ok());
            if let Some(slot) = path.and_then(|path| statuses.get_mut(&path)) {
                *slot = file_status(entry.status());
            }
        }
        Ok(statuses)
    }

    /// Whether HEAD is the commit `oid` or descends from it; `false` for an id that the repository does not have.
    ///
    /// # Errors
    /// `Git`: HEAD cannot be read.
    pub fn contains(&self, oid: &str) -> Result<bool, Error> {
        let Ok(oid) = git2::Oid::from_str(oid) else {
            return Ok(false);
        };
        let head = match self.repo.head().and_then(|head| head.peel_to_commit()) {
            Ok(head) => head.id(),
            Err(err) if matches!(err.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
                return Ok(false);
            }
            Err(err) => return Err(Error::git("cannot read HEAD", err)),
        };
        Ok(head == oid || self.repo.graph_descendant_of(head, oid).unwrap_or(false))
    }

    /// The reference that a commit moves: the branch, or `HEAD` itself when it is detached.
    fn head_ref(&self) -> Result<String, Error> {
        let err = |err| Error::git("cannot read HEAD", err);
        let head = self.repo.find_reference("HEAD").map_err(err)?;
        match head.symbolic_target() {
            Ok(Some(target)) => Ok(target.to_owned()),
            _ => Ok("HEAD".to_owned()),
        }
    }

    fn in_repo(&self, path: &RelPath) -> String {
        format!("{}{path}", self.prefix)
    }

    /// What git is in the middle of, in words.
    fn in_progress(&self) -> Option<&'static str> {
        match self.repo.state() {
            RepositoryState::Clean => None,
            RepositoryState::Merge => Some("merge"),
            RepositoryState::Revert | RepositoryState::RevertSequence => Some("revert"),
            RepositoryState::CherryPick | RepositoryState::CherryPickSequence => {
                Some("cherry-pick")
            }
            RepositoryState::Bisect => Some("bisect"),
            RepositoryState::Rebase
            | RepositoryState::RebaseInteractive
            | RepositoryState::RebaseMerge => Some("rebase"),
            RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => Some("am"),
        }
    }
}

fn canonical(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

fn file_status(status: Status) -> FileStatus {
    FileStatus {
        staged: status.intersects(
            Status::INDEX_NEW
                | Status::INDEX_MODIFIED
                | Status::INDEX_DELETED
                | Status::INDEX_RENAMED
                | Status::INDEX_TYPECHANGE,
        ),
        unstaged: status.intersects(
            Status::WT_MODIFIED
                | Status::WT_DELETED
                | Status::WT_RENAMED
                | Status::WT_TYPECHANGE
                | Status::CONFLICTED,
        ),
        untracked: status.contains(Status::WT_NEW),
        ignored: status.contains(Status::IGNORED),
    }
}
