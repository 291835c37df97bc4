//! What can go wrong in a tool, by what the caller does about it.
//! A broken edit is no error but a [`base::Defect`], and a check that could not run is [`base::Verdict::NoAnswer`].

use base::RelPath;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is asked about is not there, or several things are. They ask again.
    #[error("{0}")]
    Question(String),
    /// A diff that somebody wrote is of no use. They write another.
    #[error("the diff cannot be used: {0}")]
    Diff(String),
    /// Git does not know who commits. The person sets it once.
    #[error(
        "git does not know who you are; run `git config user.name \"Your Name\"` and `git config user.email you@example.org`"
    )]
    NoIdentity,
    /// Git is in the middle of something. The person ends it first.
    #[error("a {0} is in progress in the repository; finish or abort it, then commit again")]
    InProgress(&'static str),
    /// The branch is no longer where the commit was prepared. Prepare again.
    #[error("`{branch}` has moved since the commit was prepared; commit again")]
    Moved {
        /// The branch, or `HEAD`.
        branch: String,
    },
    /// The accepted change touches lines that the person has changed and not committed.
    #[error(
        "cannot commit the change to `{path}` alone: {reason}; commit your own changes to it first"
    )]
    Conflict {
        /// The file.
        path: RelPath,
        /// Which lines, in words.
        reason: String,
    },
    /// Committing this file needs something that is not done here. The person commits it.
    #[error("cannot commit `{path}`: {reason}; commit it with git itself")]
    Unsupported {
        /// The file.
        path: RelPath,
        /// What it needs.
        reason: String,
    },
    /// The last commit already holds all of it, or every file was left out.
    #[error("there is nothing to commit{}", .left_out.iter().map(|why| format!("; {why}")).collect::<String>())]
    NothingToCommit {
        /// What was left out, and why.
        left_out: Vec<String>,
    },
    /// Another process writes the index. The commit itself is done; finish it again later.
    #[error("the git index is locked by another process; if none is running, remove `index.lock`")]
    IndexLocked,
    /// Anything else that git refused.
    #[error("{what}: {}", .source.message())]
    Git {
        /// What was tried.
        what: &'static str,
        /// What libgit2 said.
        source: git2::Error,
    },
}

impl Error {
    pub(crate) fn git(what: &'static str, source: git2::Error) -> Error {
        match source.code() {
            git2::ErrorCode::Locked if source.class() == git2::ErrorClass::Index => {
                Error::IndexLocked
            }
            _ => Error::Git { what, source },
        }
    }
}
