//! One process works on a run at a time: an advisory file lock beside the database.
//!
//! The system releases it when the process dies, so a killed run can be resumed at once.

use std::fs::{File, OpenOptions, TryLockError};
use std::time::{Duration, Instant};

use crate::open::{Error, Store};

/// A program that is being started has a copy of the handle until it runs, and whoever asks how a run is has the lock for a
/// moment: neither works on it.
const A_MOMENT: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(2);

/// Held while this process works on a run; released on drop or death.
#[derive(Debug)]
pub struct RunLock {
    /// `None` for a store in memory. The lock goes with the handle.
    _file: Option<File>,
}

impl Store {
    /// Takes the run for this process; `None` if another process has it. It waits up to a tenth of a second for that.
    ///
    /// # Errors
    /// [`Error::Directory`] if the lock file cannot be made.
    pub fn lock_run(&self, id: &str) -> Result<Option<RunLock>, Error> {
        self.lock_within(id, A_MOMENT)
    }

    /// Whether no process works on the run. It waits for nothing, so that a list of runs is there at once.
    ///
    /// # Errors
    /// As [`Store::lock_run`].
    pub fn is_run_free(&self, id: &str) -> Result<bool, Error> {
        Ok(self.lock_within(id, Duration::ZERO)?.is_some())
    }

    fn lock_within(&self, id: &str, wait: Duration) -> Result<Option<RunLock>, Error> {
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
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(RunLock { _file: Some(file) })),
                Err(TryLockError::WouldBlock) if started.elapsed() < wait => {
                    std::thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }
}
