//! Changes that somebody else has made, as `verify` takes them: from a diff, or from what is not committed.

use base::RelPath;
use tools::git::Git;

use crate::error::Error;
use crate::request::Change;
use crate::workspace::Workspace;

/// What is not committed.
#[derive(Debug)]
pub struct Uncommitted {
    /// Absent if nothing is.
    pub change: Option<Change>,
    /// What differs and cannot be shown as text, and why.
    pub left_out: Vec<String>,
}

impl Workspace {
    /// The change that a unified diff makes to the files as they are, unsaved text included. Reads files: not for a thread that
    /// others wait for.
    ///
    /// # Errors
    /// [`Error::BadRequest`]: the diff is none, or does not fit. [`Error::Workspace`].
    pub fn change_of_diff(&self, diff: &[u8]) -> Result<Change, Error> {
        self.vfs().refresh()?;
        let snapshot = self.vfs().snapshot();
        let read = |path: &RelPath| match snapshot.read(path) {
            Ok(text) => Ok(Some(text)),
            Err(vfs::Error::Absent { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        };
        let patch =
            tools::read_diff(diff, &read).map_err(|error| Error::BadRequest(error.to_string()))?;
        Ok(Change { patch, is_applied: false })
    }

    /// The change from the last commit to the files as they are, unsaved text included. Reads files, as above.
    ///
    /// # Errors
    /// [`Error::BadRequest`]: there is no repository. [`Error::Git`], [`Error::Workspace`].
    pub fn uncommitted(&self) -> Result<Uncommitted, Error> {
        self.vfs().refresh()?;
        let git = Git::open(self.root())?.ok_or_else(|| {
            Error::BadRequest(
                "this is no git repository: say which change is meant by a diff".into(),
            )
        })?;
        let tools::git::Uncommitted { patch, left_out } =
            git.uncommitted(&self.vfs().snapshot())?;
        let change = (!patch.is_empty()).then_some(Change { patch, is_applied: true });
        Ok(Uncommitted { change, left_out })
    }
}
