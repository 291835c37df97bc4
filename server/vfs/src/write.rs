//! Changes one file on disk, whole or not at all.
//!
//! The path is walked one opened directory at a time and no link is followed, so nothing that happens to the tree
//! meanwhile can lead a write outside of it. It does not decide who may write what, and it does not merge.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::{Duration, Instant};

use base::{AbsPathBuf, ContentHash, RelPath};
use rustix::fs::{self, AtFlags, Dir, FileType, FlockOperation, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;

use crate::disk::{self, Stamp};
use crate::error::Error;
use crate::temp::{self, TempNames};

/// How long to wait for another writer in the same directory. A write takes milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(10);
const LOCK_RETRY: Duration = Duration::from_millis(2);

/// See [`crate::Vfs::write`].
pub(crate) fn write(
    root: &AbsPathBuf,
    temps: &TempNames,
    path: &RelPath,
    expected: Option<ContentHash>,
    text: Option<&str>,
) -> Result<(), Error> {
    let mut made = Made::default();
    let dir = match disk::open_parent(root, path)? {
        Some(dir) => Ok(dir),
        None => match (expected, text) {
            (Some(_), _) => return Err(Error::Absent { path: path.clone() }),
            (None, None) => return Ok(()),
            (None, Some(_)) => make_parent(root, path, &mut made),
        },
    };
    let res = dir.and_then(|dir| write_in(&dir, temps, path, expected, text));
    if res.is_err() {
        made.undo();
    }
    res
}

fn write_in(
    dir: &OwnedFd,
    temps: &TempNames,
    path: &RelPath,
    expected: Option<ContentHash>,
    text: Option<&str>,
) -> Result<(), Error> {
    let dir = dir.as_fd();
    // Released when the descriptor is closed, so also when the process is killed.
    lock(dir, path)?;
    sweep_dir(dir);
    let current = check(dir, path, expected)?;
    match (current, text) {
        (None, None) => return Ok(()),
        (Some(current), None) => {
            current.check_same(dir, path)?;
            fs::unlinkat(dir, path.file_name(), AtFlags::empty())
                .map_err(|errno| Error::io(path, errno))?;
        }
        (None, Some(text)) => {
            let temp = Temp::create(dir, temps.next(), Mode::from_raw_mode(0o666), path)?;
            fill(&temp.file, text.as_bytes(), path)?;
            temp.become_new(path)?;
        }
        (Some(current), Some(text)) => {
            let temp = Temp::create(dir, temps.next(), Mode::from_raw_mode(0o600), path)?;
            fill(&temp.file, text.as_bytes(), path)?;
            copy_mode(&temp.file, &current.metadata, path)?;
            current.check_same(dir, path)?;
            temp.replace(path)?;
        }
    }
    // The change is made and whole; only a power cut could still undo it.
    if let Err(errno) = fs::fsync(dir) {
        tracing::warn!(%path, %errno, "could not sync the directory after a write");
    }
    Ok(())
}

/// What was at the path when its hash was checked.
struct Current {
    metadata: Metadata,
    stamp: Stamp,
    hash: ContentHash,
}

impl Current {
    /// Refuses if the file was touched since the check by somebody who takes no lock: an editor, a formatter.
    fn check_same(&self, dir: BorrowedFd<'_>, path: &RelPath) -> Result<(), Error> {
        match disk::open_file(dir, path)? {
            Some((_, metadata)) if Stamp::of(&metadata) == self.stamp => Ok(()),
            Some((mut file, metadata)) => {
                let found = ContentHash::of(&disk::read_bytes(&mut file, &metadata, path)?);
                same(path, self.hash, found)
            }
            None => Err(Error::Absent { path: path.clone() }),
        }
    }
}

/// Checks that the path holds what `expected` says; `None` if it holds nothing and should.
fn check(
    dir: BorrowedFd<'_>,
    path: &RelPath,
    expected: Option<ContentHash>,
) -> Result<Option<Current>, Error> {
    let Some(expected) = expected else {
        let name = path.file_name();
        return match fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Error::io(path, errno)),
            Ok(_) if disk::is_symlink(dir, name) => Err(disk::symlink(path, path.as_str())),
            Ok(_) => Err(Error::Exists { path: path.clone() }),
        };
    };
    let Some((mut file, metadata)) = disk::open_file(dir, path)? else {
        return Err(Error::Absent { path: path.clone() });
    };
    let stamp = Stamp::of(&metadata);
    let found = ContentHash::of(&disk::read_bytes(&mut file, &metadata, path)?);
    same(path, expected, found)?;
    let hash = found;
    Ok(Some(Current { metadata, stamp, hash }))
}

fn same(path: &RelPath, expected: ContentHash, found: ContentHash) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    let path = path.clone();
    Err(Error::Stale { path, expected, found })
}

/// A file beside the real one. Removed on drop unless it took the real one's place.
struct Temp<'a> {
    dir: BorrowedFd<'a>,
    name: String,
    file: File,
    /// Whether the name is still ours to remove.
    left: bool,
}

impl<'a> Temp<'a> {
    fn create(
        dir: BorrowedFd<'a>,
        name: String,
        mode: Mode,
        path: &RelPath,
    ) -> Result<Temp<'a>, Error> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = fs::openat(dir, &name, flags, mode).map_err(|errno| Error::io(path, errno))?;
        let file = File::from(fd);
        // Says "in use" to a sweeper that cannot see our process id, such as one in another container.
        let _ = fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
        let left = true;
        Ok(Temp { dir, name, file, left })
    }

    fn replace(mut self, path: &RelPath) -> Result<(), Error> {
        fs::renameat(self.dir, &self.name, self.dir, path.file_name())
            .map_err(|errno| Error::io(path, errno))?;
        self.left = false;
        Ok(())
    }

    /// Takes the place of nothing: if a file appeared meanwhile, that one stays.
    fn become_new(mut self, path: &RelPath) -> Result<(), Error> {
        let name = path.file_name();
        let res = match rename_new(self.dir, &self.name, name) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                // No such rename on this file system: a hard link refuses to replace as well.
                fs::linkat(self.dir, &self.name, self.dir, name, AtFlags::empty())
            }
            res => {
                self.left = res.is_err();
                res
            }
        };
        res.map_err(|errno| match errno {
            Errno::EXIST => Error::Exists { path: path.clone() },
            errno => Error::io(path, errno),
        })
    }
}

impl Drop for Temp<'_> {
    fn drop(&mut self) {
        if self.left {
            let _ = fs::unlinkat(self.dir, &self.name, AtFlags::empty());
        }
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn rename_new(dir: BorrowedFd<'_>, from: &str, to: &str) -> Result<(), Errno> {
    fs::renameat_with(dir, from, dir, to, fs::RenameFlags::NOREPLACE)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn rename_new(_: BorrowedFd<'_>, _: &str, _: &str) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}

fn fill(mut file: &File, bytes: &[u8], path: &RelPath) -> Result<(), Error> {
    let io = |err: io::Error| Error::io(path, err);
    file.write_all(bytes).map_err(io)?;
    file.sync_all().map_err(io)
}

fn copy_mode(file: &File, old: &Metadata, path: &RelPath) -> Result<(), Error> {
    let io = |err: io::Error| Error::io(path, err);
    let new = file.metadata().map_err(io)?;
    let mut bits = old.mode() & 0o7777;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        let (uid, gid) = (Uid::from_raw(old.uid()), Gid::from_raw(old.gid()));
        if fs::fchown(file, Some(uid), Some(gid)).is_err() {
            // A member of the file's group may keep that alone.
            let same_group = new.gid() == old.gid() || fs::fchown(file, None, Some(gid)).is_ok();
            bits = bits_for_other(bits, same_group);
        }
    }
    let mode = Mode::from_bits_truncate(bits as fs::RawMode);
    fs::fchmod(file, mode).map_err(|errno| io(errno.into()))
}

/// The mode for a file whose owner could not be kept: set-id bits must not move to another owner, and what a group may do
/// must not move to another group, which gets what everybody has.
fn bits_for_other(bits: u32, same_group: bool) -> u32 {
    let bits = bits & 0o777;
    if same_group { bits } else { (bits & 0o707) | ((bits & 0o007) << 3) }
}

/// Directories made for a write: removed again if it fails, as far as they are still empty.
#[derive(Default)]
struct Made(Vec<(OwnedFd, String)>);

impl Made {
    fn undo(self) {
        for (dir, name) in self.0.iter().rev() {
            let _ = fs::unlinkat(dir, name, AtFlags::REMOVEDIR);
        }
    }
}

fn make_parent(root: &AbsPathBuf, path: &RelPath, made: &mut Made) -> Result<OwnedFd, Error> {
    let mut dir = disk::open_root(root)?;
    let parent = path.parent();
    let mut walked = String::new();
    for part in parent.iter().flat_map(RelPath::parts) {
        match fs::mkdirat(&dir, part, Mode::from_raw_mode(0o777)) {
            Ok(()) => {
                let _ = fs::fsync(&dir);
                let above = dir.try_clone().map_err(|err| Error::io(path, err))?;
                made.0.push((above, part.to_owned()));
            }
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(Error::io(path, errno)),
        }
        // `None` here is a plain file in the place of a directory.
        dir = disk::open_part(dir.as_fd(), part, &mut walked, path)?
            .ok_or_else(|| Error::io(path, Errno::NOTDIR))?;
    }
    Ok(dir)
}

/// Takes the lock on a directory that all our writers take, in every process.
fn lock(dir: BorrowedFd<'_>, path: &RelPath) -> Result<(), Error> {
    let deadline = Instant::now() + LOCK_WAIT;
    loop {
        match fs::flock(dir, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(Errno::WOULDBLOCK | Errno::INTR) => {
                if deadline <= Instant::now() {
                    return Err(Error::Busy { path: path.clone() });
                }
                thread::park_timeout(LOCK_RETRY);
            }
            // A file system without locks: the hash check and the rename still are microseconds apart.
            Err(errno) => {
                tracing::debug!(%path, %errno, "directory cannot be locked");
                return Ok(());
            }
        }
    }
}

/// Removes what dead writers left in one directory, relative to the root; returns how many files.
pub(crate) fn sweep(root: &AbsPathBuf, dir: &str) -> usize {
    if dir.is_empty() {
        return disk::open_root(root).map_or(0, |dir| sweep_dir(dir.as_fd()));
    }
    // The parent of a name in the directory is the directory itself.
    let Ok(inside) = RelPath::parse(&format!("{dir}/x")) else {
        return 0;
    };
    match disk::open_parent(root, &inside) {
        Ok(Some(dir)) => sweep_dir(dir.as_fd()),
        _ => 0,
    }
}

fn sweep_dir(dir: BorrowedFd<'_>) -> usize {
    let Ok(entries) = Dir::read_from(dir) else {
        return 0;
    };
    let mut removed = 0;
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().to_str() else {
            continue;
        };
        if temp::is_orphan(name) && is_unlocked_file(dir, name) {
            removed += usize::from(fs::unlinkat(dir, name, AtFlags::empty()).is_ok());
        }
    }
    removed
}

fn is_unlocked_file(dir: BorrowedFd<'_>, name: &str) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(fd) = fs::openat(dir, name, flags, Mode::empty()) else {
        return false;
    };
    let is_file = fs::fstat(&fd).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_file());
    is_file && fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) != Err(Errno::WOULDBLOCK)
}

#[cfg(test)]
mod tests;
