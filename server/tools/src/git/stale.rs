//! Locks that this program has left in a repository because it was killed: removed where nobody else can have made them.
//!
//! A lock names nobody. What is known is when a commit was begun whose process was killed, and that it would have taken no longer than
//! a moment. Where somebody else had a lock, it would have failed and not been killed; so one of that moment, which nobody lets go of, is
//! taken for ours.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use super::{Git, Prepared};

/// From the beginning of a commit to its last lock, at most.
const MOMENT: Duration = Duration::from_secs(2);
/// Times of files are taken from a clock that is a little behind.
const CLOCK: Duration = Duration::from_millis(50);
/// A lock of a process that lives has gone by then, or is written anew.
const AGE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

impl Git {
    /// Removes the locks that finishing `prepared` has left, which was begun at `begun` by a process that is gone.
    pub fn remove_stale_locks(&self, prepared: &Prepared, begun: SystemTime) {
        // Branches are of all work trees, the others of this one.
        let branch = self.repo.commondir().join(format!("{}.lock", prepared.reference));
        let own = ["HEAD.lock", "index.lock"].map(|name| self.repo.path().join(name));
        for lock in [branch].iter().chain(&own) {
            if self.is_own(lock) {
                remove(lock, begun);
            }
        }
    }
}

impl Git {
    /// Whether a lock lies in the repository: a folder of references may be a link to somewhere else.
    fn is_own(&self, lock: &Path) -> bool {
        let real = |path: &Path| fs::canonicalize(path).ok();
        let folders = [self.repo.commondir(), self.repo.path()];
        let Some(parent) = lock.parent().and_then(real) else { return false };
        folders.iter().filter_map(|it| real(it)).any(|folder| parent.starts_with(folder))
    }
}

fn remove(lock: &Path, begun: SystemTime) {
    let of_then = || {
        let modified = fs::symlink_metadata(lock).ok()?.modified().ok()?;
        let from = begun.checked_sub(CLOCK).unwrap_or(begun);
        (from <= modified && modified <= begun + MOMENT).then_some(modified)
    };
    let Some(first) = of_then() else { return };
    while first.elapsed().is_ok_and(|age| age < AGE) {
        #[allow(
            clippy::disallowed_methods,
            reason = "a file system tells nobody that a lock goes"
        )]
        thread::sleep(PAUSE);
        if of_then() != Some(first) {
            return;
        }
    }
    #[allow(
        clippy::disallowed_methods,
        reason = "no file of the user's, but one that this program has left"
    )]
    let removed = fs::remove_file(lock);
    match removed {
        Ok(()) => {
            tracing::warn!(lock = %lock.display(), "a lock of a commit that was killed is removed")
        }
        Err(error) => tracing::warn!(lock = %lock.display(), %error, "a lock stays"),
    }
}
