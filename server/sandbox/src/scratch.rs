//! A private temporary folder that goes away whatever a job has made of it; what is in it is up to the backends.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

#[cfg(test)]
mod tests;

/// Readable by this user only; removed when dropped.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty one.
    pub(crate) fn new() -> io::Result<Scratch> {
        let dir = tempfile::Builder::new()
            .prefix("baton-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()?;
        // Links in the name of the temporary folder would have to be followed inside too.
        Ok(Scratch(dir.keep().canonicalize()?))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Leaves the folder to somebody else, who is to [`remove`] it.
    pub(crate) fn hand_over(mut self) -> PathBuf {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Empty: handed over.
        if !self.0.as_os_str().is_empty() {
            remove(&self.0);
        }
    }
}

/// Removes a folder with all in it, and follows no link.
pub(crate) fn remove(dir: &Path) {
    if fs::remove_dir(dir).is_ok() || fs::remove_dir_all(dir).is_ok() {
        return;
    }
    unlock(dir);
    if let Err(error) = fs::remove_dir_all(dir)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(folder = %dir.display(), %error, "a job's temporary folder stays behind");
    }
}

/// Makes every folder below writable; a job can take that away from its own.
fn unlock(dir: &Path) {
    let _ = fs::set_permissions(dir, Permissions::from_mode(0o700));
    let Ok(entries) = fs::read_dir(dir) else { return };
    // The type is that of the entry itself: links are not followed.
    for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
    {
        unlock(&entry.path());
    }
}
