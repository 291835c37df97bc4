//! Bounds what a job writes to folders of the host, where no file system does it; memory layers bound themselves.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rustix::fs::statvfs;

use super::tree::descendants;
use crate::copy::{BLOCK, size};

/// One folder that a job may write.
pub(super) struct Disk {
    path: PathBuf,
    /// What was free at the start, see [`free`].
    free_bytes: u64,
    /// By how much that may shrink before the folder itself is measured.
    allowed_bytes: u64,
}

impl Disk {
    /// From now on, at most `allowed_bytes` may be in it once the disk has lost as much.
    pub(super) fn watch(path: &Path, allowed_bytes: u64) -> Disk {
        Disk { path: path.to_owned(), free_bytes: free(path), allowed_bytes }
    }

    /// Whether the disk has lost more than is allowed, and this folder has more than that in it, with what the job has open and
    /// is in no folder any more.
    ///
    /// Measuring a folder takes long, so the disk is asked first; and other programs fill disks too, so the disk alone
    /// is no proof.
    pub(super) fn is_over(&self) -> bool {
        self.allowed_bytes < self.free_bytes.saturating_sub(free(&self.path))
            && size(&self.path, self.allowed_bytes.saturating_sub(unlinked())).is_none()
    }
}

/// Of bytes and of places for files, as files without content fill a disk too.
fn free(path: &Path) -> u64 {
    statvfs(path).map_or(0, |stat| stat.f_bavail * stat.f_frsize + stat.f_favail * BLOCK)
}

/// The bytes of open files that have no name.
fn unlinked() -> u64 {
    let folders =
        descendants().into_iter().filter_map(|pid| fs::read_dir(format!("/proc/{pid}/fd")).ok());
    // The link itself leads nowhere; following it leads to the file.
    let files = folders.flatten().flatten().filter_map(|entry| fs::metadata(entry.path()).ok());
    let files = files.filter(|meta| meta.is_file() && meta.nlink() == 0);
    let sizes: HashMap<_, _> =
        files.map(|meta| ((meta.dev(), meta.ino()), meta.blocks() * 512)).collect();
    sizes.values().sum()
}
