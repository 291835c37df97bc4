//! Bounds what a job writes to folders of the host, where no file system does it; memory layers bound themselves.

use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use crate::copy::size;

/// One folder that a job may write.
pub(super) struct Disk {
    path: PathBuf,
    /// What was free at the start.
    free_bytes: u64,
    /// By how much that may shrink before the folder itself is measured.
    allowed_bytes: u64,
}

impl Disk {
    /// From now on, at most `allowed_bytes` may be in it once the disk has lost as much.
    pub(super) fn watch(path: &Path, allowed_bytes: u64) -> Disk {
        Disk { path: path.to_owned(), free_bytes: free(path), allowed_bytes }
    }

    /// Whether the disk has lost more than is allowed, and this folder has more than that in it.
    ///
    /// Measuring a folder takes long, so the disk is asked first; and other programs fill disks too, so the disk alone
    /// is no proof.
    pub(super) fn is_over(&self) -> bool {
        self.allowed_bytes < self.free_bytes.saturating_sub(free(&self.path))
            && size(&self.path, self.allowed_bytes).is_none()
    }
}

fn free(path: &Path) -> u64 {
    statvfs(path).map_or(0, |stat| stat.f_bavail * stat.f_frsize)
}
