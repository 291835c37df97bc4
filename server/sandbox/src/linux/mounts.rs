//! The keeper's own view of the files: a bounded memory file system, and layers of it over folders of the host.

use std::{
    ffi::CString,
    fs, io,
    os::fd::{AsRawFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    mount::{MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_change, unmount},
    process::{getgid, getuid},
    thread::{UnshareFlags, unshare_unsafe},
};

use super::beneath::folder;

/// Bytes of scratch space that come with one file.
const BYTES_PER_FILE: u64 = 16 * 1024;

/// Leaves the user's namespaces for own ones in which this process may mount. Nothing outside sees these mounts.
///
/// Root stays in its user namespace where it may mount there: in one of its own it would lose its power over files of other
/// users (an archive unpacked by root keeps its owners), and the view could not replace them. The job itself is in a user
/// namespace of its own in any case.
pub(super) fn enter() -> Result<(), String> {
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    // SAFETY: the descriptor table is not unshared.
    if uid == 0 && unsafe { unshare_unsafe(UnshareFlags::NEWNS) }.is_ok() {
        return keep_private();
    }
    // SAFETY: the descriptor table is not unshared.
    unsafe { unshare_unsafe(UnshareFlags::NEWUSER | UnshareFlags::NEWNS) }
        .map_err(|error| format!("user namespace: {error}"))?;
    let map = |file: &str, text: String| {
        fs::write(file, text).map_err(|error| format!("user namespace: {file}: {error}"))
    };
    map("/proc/self/setgroups", "deny".to_owned())?;
    map("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
    map("/proc/self/gid_map", format!("{gid} {gid} 1"))?;
    keep_private()
}

fn keep_private() -> Result<(), String> {
    mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE)
        .map_err(|error| format!("mount namespace: {error}"))
}

/// Mounts an empty memory file system over `at`.
pub(super) fn memory(at: &Path, bytes: u64) -> Result<(), String> {
    let files = (bytes / BYTES_PER_FILE).clamp(4096, 1 << 18);
    let options = format!("size={bytes},nr_inodes={files},mode=0700");
    let options = CString::new(options).expect("numbers contain no NUL");
    mount("tmpfs", at, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, options.as_c_str())
        .map_err(|error| format!("memory file system: {error}"))
}

/// Takes away what [`memory`] put there, with all that is mounted inside.
pub(super) fn leave(at: &Path) {
    // Nothing may be mounted yet.
    let _ = unmount(at, UnmountFlags::DETACH);
}

/// A copy-on-write view of `lower`: reads go through to it, changes stay in `layer`, a new folder in memory. Returns
/// where the view is.
pub(super) fn overlay(lower: &Path, layer: &Path) -> Result<PathBuf, String> {
    try_overlay(lower, layer).map_err(|error| format!("overlay over {}: {error}", lower.display()))
}

fn try_overlay(lower: &Path, layer: &Path) -> io::Result<PathBuf> {
    let [data, work, merged] = ["data", "work", "merged"].map(|name| layer.join(name));
    fs::create_dir(layer)?;
    for folder in [&data, &work, &merged] {
        fs::create_dir(folder)?;
    }
    // The root of the merged tree takes its mode from here.
    fs::set_permissions(&data, fs::metadata(lower)?.permissions())?;
    let (lower, data, work) = (folder(lower)?, folder(&data)?, folder(&work)?);
    // By descriptor, as paths may contain what separates options.
    let options = format!(
        "userxattr,lowerdir={},upperdir={},workdir={}",
        by_fd(&lower).display(),
        by_fd(&data).display(),
        by_fd(&work).display()
    );
    let options = CString::new(options).map_err(io::Error::other)?;
    mount(
        "overlay",
        &merged,
        "overlay",
        MountFlags::NOSUID | MountFlags::NODEV,
        options.as_c_str(),
    )?;
    Ok(merged)
}

fn by_fd(fd: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()))
}
