//! Opens and reads files below the root without ever following a symbolic link.
//!
//! It changes nothing on disk (that is `write`) and keeps nothing in memory (that is `cache`).

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use base::{AbsPathBuf, RelPath};
use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::MAX_FILE_BYTES;
use crate::error::{Error, SkipReason};

/// How much of a file is looked at for NUL bytes.
const SNIFF_BYTES: usize = 8 * 1024;

/// A file changed later than this before it is read may change again without its times moving.
const RACY: Duration = Duration::from_millis(100);

pub(crate) const DIR_FLAGS: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// `NONBLOCK`, so that opening a pipe that somebody put there returns at once.
const FILE_FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// What tells one state of a file on disk from another. Times are nanoseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) modified_ns: i128,
    pub(crate) len: u64,
    changed_ns: i128,
    inode: u64,
    device: u64,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            modified_ns: modified_ns(metadata),
            len: metadata.len(),
            changed_ns: nanos(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// Whether another change could still fall into the same tick of the file system's clock.
    pub(crate) fn is_racy(&self, now: SystemTime) -> bool {
        let now =
            now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i128);
        now - self.changed_ns < RACY.as_nanos() as i128
    }
}

/// When the content last changed, in nanoseconds since the epoch.
pub(crate) fn modified_ns(metadata: &Metadata) -> i128 {
    nanos(metadata.mtime(), metadata.mtime_nsec())
}

fn nanos(seconds: i64, nanoseconds: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
}

/// Opens the root itself. Links above the root are the user's own choice and are followed.
pub(crate) fn open_root(root: &AbsPathBuf) -> Result<OwnedFd, Error> {
    fs::openat(CWD, root.as_std_path(), DIR_FLAGS, Mode::empty())
        .map_err(|errno| Error::Root { path: root.to_string(), source: errno.into() })
}

/// A regular file below the root, opened in one call. `None`: not this way, so that it is for [`open_parent`] and [`open_file`]
/// to do it, or to say why not.
pub(crate) fn open_at_once(root: BorrowedFd<'_>, path: &RelPath) -> Option<(File, Metadata)> {
    if path.is_git_dir() {
        return None;
    }
    let file = File::from(beneath::open(root, path.as_str(), FILE_FLAGS)?);
    let metadata = file.metadata().ok()?;
    metadata.is_file().then_some((file, metadata))
}

/// Opens the directory that holds `path`; `None` where it does not exist.
pub(crate) fn open_parent(root: &AbsPathBuf, path: &RelPath) -> Result<Option<OwnedFd>, Error> {
    if path.is_git_dir() {
        return Err(Error::Git { path: path.clone() });
    }
    let root = open_root(root)?;
    let Some(parent) = path.parent() else {
        return Ok(Some(root));
    };
    if let Some(dir) = beneath::open(root.as_fd(), parent.as_str(), DIR_FLAGS) {
        return Ok(Some(dir));
    }
    // Part by part: slower, works everywhere, and knows which part was at fault.
    let mut dir = root;
    let mut walked = String::new();
    for part in parent.parts() {
        match open_part(dir.as_fd(), part, &mut walked, path)? {
            Some(next) => dir = next,
            None => return Ok(None),
        }
    }
    Ok(Some(dir))
}

/// Opens the directory `part` of `dir`; `None` where there is no such directory. `walked` is the path so far.
pub(crate) fn open_part(
    dir: BorrowedFd<'_>,
    part: &str,
    walked: &mut String,
    path: &RelPath,
) -> Result<Option<OwnedFd>, Error> {
    if !walked.is_empty() {
        walked.push('/');
    }
    walked.push_str(part);
    match fs::openat(dir, part, DIR_FLAGS, Mode::empty()) {
        Ok(next) => Ok(Some(next)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno @ (Errno::LOOP | Errno::NOTDIR | Errno::MLINK)) => {
            if is_symlink(dir, part) {
                return Err(symlink(path, walked));
            }
            match errno {
                Errno::NOTDIR => Ok(None),
                _ => Err(Error::io(path, errno)),
            }
        }
        Err(errno) => Err(Error::io(path, errno)),
    }
}

/// A regular file, opened; `None` where nothing has that name.
pub(crate) fn open_file(
    dir: BorrowedFd<'_>,
    path: &RelPath,
) -> Result<Option<(File, Metadata)>, Error> {
    let name = path.file_name();
    let file = match fs::openat(dir, name, FILE_FLAGS, Mode::empty()) {
        Ok(fd) => File::from(fd),
        Err(Errno::NOENT) => return Ok(None),
        // NXIO: a socket, or a device without a driver.
        Err(Errno::NXIO) => return Err(Error::NotAFile { path: path.clone() }),
        Err(_) if is_symlink(dir, name) => return Err(symlink(path, path.as_str())),
        Err(errno @ (Errno::ACCESS | Errno::PERM)) => {
            return Err(Error::Skipped {
                path: path.clone(),
                reason: SkipReason::Unreadable(io::Error::from(errno).to_string()),
            });
        }
        Err(errno) => return Err(Error::io(path, errno)),
    };
    let metadata = file.metadata().map_err(|err| Error::io(path, err))?;
    if !metadata.is_file() {
        return Err(Error::NotAFile { path: path.clone() });
    }
    Ok(Some((file, metadata)))
}

/// The bytes of an open file. A file that is too large is told from its metadata and not read.
pub(crate) fn read_bytes(
    file: &mut File,
    metadata: &Metadata,
    path: &RelPath,
) -> Result<Vec<u8>, Error> {
    let too_large = |len| Error::Skipped { path: path.clone(), reason: SkipReason::TooLarge(len) };
    if MAX_FILE_BYTES < metadata.len() {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    // One byte more than allowed: a file that grows while it is read must not grow without bound here.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|err| Error::io(path, err))?;
    if MAX_FILE_BYTES < bytes.len() as u64 {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

/// Checks that `bytes` are text.
pub(crate) fn to_text(bytes: Vec<u8>) -> Result<String, SkipReason> {
    // UTF-16 and UTF-32 are full of NUL bytes, but "binary" would tell the user nothing.
    const WIDE: &[&[u8]] = &[b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"];
    // Formats whose first 8 KB may lack a NUL byte.
    const HEADERS: &[&[u8]] =
        &[b"%PDF-", b"\x1f\x8b", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"BZh"];
    if WIDE.iter().any(|bom| bytes.starts_with(bom)) {
        return Err(SkipReason::NotUtf8);
    }
    if HEADERS.iter().any(|header| bytes.starts_with(header))
        || bytes[..bytes.len().min(SNIFF_BYTES)].contains(&0)
    {
        return Err(SkipReason::Binary);
    }
    String::from_utf8(bytes).map_err(|_| SkipReason::NotUtf8)
}

pub(crate) fn is_symlink(dir: BorrowedFd<'_>, name: &str) -> bool {
    fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

pub(crate) fn symlink(path: &RelPath, link: &str) -> Error {
    Error::Symlink { path: path.clone(), link: link.to_owned() }
}

#[cfg(target_os = "linux")]
mod beneath {
    //! `openat2`: the kernel refuses links and escapes itself, in one call.

    use std::os::fd::{BorrowedFd, OwnedFd};

    use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};

    /// `None` where the call is missing (old kernel, strict container) or refused; the caller then walks part by part.
    pub(super) fn open(root: BorrowedFd<'_>, path: &str, flags: OFlags) -> Option<OwnedFd> {
        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        openat2(root, path, flags, Mode::empty(), resolve).ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod beneath {
    //! No such call here: the caller walks part by part.

    use std::os::fd::{BorrowedFd, OwnedFd};

    use rustix::fs::OFlags;

    pub(super) fn open(_: BorrowedFd<'_>, _: &str, _: OFlags) -> Option<OwnedFd> {
        None
    }
}

#[cfg(test)]
mod tests;
