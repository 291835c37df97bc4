//! One process works on a run at a time: an advisory file lock beside the database.
//!
//! The system releases it when the process dies, so a killed run can be resumed at once.

use std::fs::{File, OpenOptions, TryLockError};

use crate::open::{Error, Store};

/// Held while this process works on a run; released on drop or death.
#[derive(Debug)]
pub struct RunLock {
    /// `None` for a store in memory. The lock goes with the handle.
    _file: Option<File>,
}

impl Store {
    /// Takes the run for this process; `None` if another process has it.
    ///
    /// # Errors
    /// [`Error::Directory`] if the lock file cannot be made.
    pub fn lock_run(&self, id: &str) -> Result<Option<RunLock>, Error> {
        let Some(dir) = &self.dir else {
            return Ok(Some(RunLock { _file: None }));
        };
        let path = dir.join("locks");
        let failed = |source| Error::Directory { path: path.clone(), source };
        std::fs::create_dir_all(&path).map_err(failed)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(format!("{id}.lock")))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(RunLock { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
