//! What can go wrong with a workspace's files, by what the caller does about it; and why a file is left out.
//!
//! A file that cannot be shown as text is not an error of the workspace: it is a [`Skipped`] entry. Only a caller that
//! asks for that very file gets [`Error::Skipped`].

use std::fmt;
use std::io;

use base::{AbsPathBuf, ContentHash, RelPath};
use rustix::io::Errno;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The root is missing, is no directory, or its path is not UTF-8. Ask the user for another folder.
    #[error("cannot open workspace `{path}`: {source}")]
    Root {
        /// The root as it was given.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file's content is not what the caller last saw. Read it again and rebase the change.
    #[error("`{path}` has changed since it was read (expected {}, found {})", .expected.short(), .found.short())]
    Stale {
        /// The file.
        path: RelPath,
        /// Hash of the content that the change was made against.
        expected: ContentHash,
        /// Hash of what lies on disk now.
        found: ContentHash,
    },
    /// A file to be created is there already. Read it and decide.
    #[error("`{path}` already exists")]
    Exists {
        /// The file.
        path: RelPath,
    },
    /// The file does not exist (any more). Take a new snapshot.
    #[error("`{path}` does not exist")]
    Absent {
        /// The file.
        path: RelPath,
    },
    /// A part of the path is a symbolic link; links are never followed. Name the real file instead.
    #[error("`{path}` goes through the symbolic link `{link}`; name the file that it points to")]
    Symlink {
        /// The file that was asked for.
        path: RelPath,
        /// The part that is a link.
        link: String,
    },
    /// The path lies outside the workspace.
    #[error("`{path}` is outside the workspace")]
    Outside {
        /// The path as it was given.
        path: String,
    },
    /// The path goes into a `.git` directory, which belongs to git alone.
    #[error("`{path}` is inside a `.git` directory, which is never read or written as a file")]
    Git {
        /// The file.
        path: RelPath,
    },
    /// The path names a directory, a pipe or a device.
    #[error("`{path}` is not a regular file")]
    NotAFile {
        /// The path.
        path: RelPath,
    },
    /// The file is there but is not shown as text.
    #[error("`{path}` is left out: {reason}")]
    Skipped {
        /// The file.
        path: RelPath,
        /// Why.
        reason: SkipReason,
    },
    /// A change came for a buffer that was never opened. The client has to open it first.
    #[error("`{path}` is not open")]
    NotOpen {
        /// The file.
        path: RelPath,
    },
    /// No space, or the quota is used up. The file is as it was; free some space and try again.
    #[error("no space left on the disk to write `{path}`; the file is unchanged")]
    DiskFull {
        /// The file.
        path: RelPath,
    },
    /// Another writer holds the file's directory for too long. Try again.
    #[error("`{path}` is being written by another process; try again")]
    Busy {
        /// The file.
        path: RelPath,
    },
    /// Changes on disk cannot be watched. The workspace works on; call [`crate::Vfs::refresh`] instead.
    #[error("cannot watch `{root}` for changes: {source}")]
    Watch {
        /// The root.
        root: AbsPathBuf,
        /// What the watcher said.
        source: notify::Error,
    },
    /// Anything else that the system refused.
    #[error("cannot access `{path}`: {source}")]
    Io {
        /// The file, or the directory.
        path: RelPath,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// The error for a failed system call on `path`: a full disk is told from everything else.
    pub(crate) fn io(path: &RelPath, source: impl Into<io::Error>) -> Error {
        let source = source.into();
        let path = path.clone();
        match source.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOSPC | Errno::DQUOT) => Error::DiskFull { path },
            _ => Error::Io { path, source },
        }
    }
}

/// A path that is left out of the workspace's files, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Skipped {
    /// Workspace-relative; lossy where the name is not UTF-8, so for display only.
    pub path: String,
    /// Why it is left out.
    pub reason: SkipReason,
}

/// Why a path is left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// A NUL byte in the first 8 KB, or a well-known binary header.
    Binary,
    /// Longer than [`crate::MAX_FILE_BYTES`]; its length in bytes.
    TooLarge(u64),
    /// The content is not UTF-8.
    NotUtf8,
    /// It may not be read, or its name cannot be a workspace path; the reason in words.
    Unreadable(String),
    /// The name is not UTF-8.
    NotUtf8Name,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::Binary => f.write_str("binary"),
            SkipReason::TooLarge(len) => {
                write!(f, "{len} bytes, more than {}", crate::MAX_FILE_BYTES)
            }
            SkipReason::NotUtf8 => f.write_str("not UTF-8"),
            SkipReason::Unreadable(why) => write!(f, "unreadable: {why}"),
            SkipReason::NotUtf8Name => f.write_str("the name is not UTF-8"),
        }
    }
}

#[cfg(test)]
mod tests;
