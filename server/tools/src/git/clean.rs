//! Text as git stores it: line breaks and `$Id$` as the attributes of its path say.
//! Does not run filter programs; a path that needs one is refused.

use std::{io::Write as _, path::Path};

use base::RelPath;
use git2::{AttrCheckFlags, AttrValue, Oid, Tree};

use super::Git;
use crate::Error;

/// A file in a tree.
pub(super) struct Entry {
    pub(super) mode: i32,
    pub(super) text: String,
}

impl Git {
    /// `text` as it would be stored for `path`.
    pub(super) fn clean(&self, path: &RelPath, text: &str) -> Result<String, Error> {
        let oid = self.write_clean(path, text)?;
        self.text_of(path, oid)
    }

    fn write_clean(&self, path: &RelPath, text: &str) -> Result<Oid, Error> {
        let err = |err| Error::git("cannot write to the repository", err);
        let in_repo = self.in_repo(path);
        let mut writer = self.repo.blob_writer(Some(Path::new(&in_repo))).map_err(err)?;
        writer
            .write_all(text.as_bytes())
            .map_err(|io| err(git2::Error::from_str(&io.to_string())))?;
        writer.commit().map_err(err)
    }

    /// Refuses a path whose stored form only a program or another encoding can make.
    pub(super) fn check_filters(&self, path: &RelPath) -> Result<(), Error> {
        let in_repo = self.in_repo(path);
        for name in ["filter", "working-tree-encoding"] {
            let value = self
                .repo
                .get_attr(Path::new(&in_repo), name, AttrCheckFlags::FILE_THEN_INDEX)
                .map_err(|err| Error::git("cannot read git attributes", err))?;
            if let AttrValue::String(value) = AttrValue::from_string(value) {
                let reason = format!("its attributes ask for `{name}={value}`");
                return Err(Error::Unsupported { path: path.clone(), reason });
            }
        }
        Ok(())
    }

    /// The text of a stored file, as it is stored.
    pub(super) fn text_of(&self, path: &RelPath, oid: Oid) -> Result<String, Error> {
        let blob = self
            .repo
            .find_blob(oid)
            .map_err(|err| Error::git("cannot read a file from the repository", err))?;
        String::from_utf8(blob.content().to_vec()).map_err(|_| Error::Unsupported {
            path: path.clone(),
            reason: "it is not UTF-8 in the repository".to_owned(),
        })
    }

    /// The file `path` of `tree`; `None` when the tree has nothing there.
    ///
    /// # Errors
    /// `Unsupported`: there is something that is no text file: a link, a submodule, a folder.
    pub(super) fn entry(&self, tree: &Tree<'_>, path: &RelPath) -> Result<Option<Entry>, Error> {
        let entry = match tree.get_path(Path::new(&self.in_repo(path))) {
            Ok(entry) => entry,
            Err(err) if err.code() == git2::ErrorCode::NotFound => return Ok(None),
            Err(err) => return Err(Error::git("cannot read the last commit", err)),
        };
        let mode = entry.filemode();
        if mode != i32::from(git2::FileMode::Blob)
            && mode != i32::from(git2::FileMode::BlobExecutable)
        {
            let reason = "it is no regular file in the last commit".to_owned();
            return Err(Error::Unsupported { path: path.clone(), reason });
        }
        Ok(Some(Entry { mode, text: self.text_of(path, entry.id())? }))
    }
}
