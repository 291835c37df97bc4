//! Writes and reads files below a folder that is not trusted: no link is followed and nothing above is reached.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{
        AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, fchmod, fstat, mkdirat, open, openat2,
        statat, unlinkat,
    },
    io::Errno,
};

#[cfg(test)]
mod tests;

/// A folder, as a place to start from.
pub(super) fn folder(path: &Path) -> io::Result<OwnedFd> {
    Ok(open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// The folder `path` below another one; a link is not taken for it.
pub(super) fn folder_in(root: impl AsFd, path: &str) -> io::Result<OwnedFd> {
    Ok(open_in(root, path, OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?)
}

/// What is wrong with a path, or with the system.
#[derive(Debug)]
pub(super) enum Refused {
    /// Not to be followed or not to be replaced.
    Path(String),
    Io(io::Error),
}

impl From<Errno> for Refused {
    fn from(errno: Errno) -> Refused {
        Refused::Io(errno.into())
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Refused {
        Refused::Io(error)
    }
}

/// Makes `path` a file with this content; folders on the way are made. An existing file keeps its mode.
pub(super) fn write(root: impl AsFd, path: &str, content: &[u8]) -> Result<(), Refused> {
    let (parent, name) =
        parent_of(root.as_fd(), path, Missing::Make)?.expect("a missing parent is made");
    let mode = match existing_mode(&parent, name, path)? {
        Some(mode) => {
            unlinkat(&parent, name, AtFlags::empty())?;
            mode
        }
        None => Mode::from_raw_mode(0o644),
    };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
    let mut file = File::from(open_in(&parent, name, flags, Mode::RUSR | Mode::WUSR)?);
    file.write_all(content)?;
    fchmod(&file, mode)?;
    Ok(())
}

/// Makes sure that there is no file `path`.
pub(super) fn delete(root: impl AsFd, path: &str) -> Result<(), Refused> {
    let Some((parent, name)) = parent_of(root.as_fd(), path, Missing::Leave)? else {
        return Ok(());
    };
    if existing_mode(&parent, name, path)?.is_some() {
        unlinkat(&parent, name, AtFlags::empty())?;
    }
    Ok(())
}

/// The content of a plain file of at most `cap` bytes; `None` if there is nothing at `path`.
pub(super) fn read(root: impl AsFd, path: &str, cap: u64) -> Result<Option<Vec<u8>>, Refused> {
    // Without waiting: the writer may have left a pipe there.
    let fd = match open_in(
        root,
        path,
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY,
        Mode::empty(),
    ) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(Refused::Path("a symbolic link".to_owned())),
        Err(Errno::NXIO) => return Err(Refused::Path("not a plain file".to_owned())),
        Err(error) => return Err(error.into()),
    };
    let stat = fstat(&fd)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Refused::Path("not a plain file".to_owned()));
    }
    let too_large = || Refused::Path(format!("larger than {cap} bytes"));
    if cap < stat.st_size.unsigned_abs() {
        return Err(too_large());
    }
    let mut content = Vec::new();
    File::from(fd).take(cap + 1).read_to_end(&mut content)?;
    if cap < content.len() as u64 { Err(too_large()) } else { Ok(Some(content)) }
}

enum Missing {
    Make,
    Leave,
}

fn parent_of(
    root: impl AsFd,
    path: &str,
    missing: Missing,
) -> Result<Option<(OwnedFd, &str)>, Refused> {
    let mut dir = open_in(&root, ".", OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?;
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    for part in folders.split('/').filter(|part| !part.is_empty()) {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let next = match open_in(&dir, part, flags, Mode::empty()) {
            Err(Errno::NOENT) => match missing {
                Missing::Leave => return Ok(None),
                Missing::Make => {
                    mkdirat(&dir, part, Mode::from_raw_mode(0o755))?;
                    open_in(&dir, part, flags, Mode::empty())
                }
            },
            res => res,
        };
        dir = match next {
            Ok(next) => next,
            Err(Errno::LOOP | Errno::NOTDIR) => {
                return Err(Refused::Path(format!(
                    "`{path}`: `{part}` is a symbolic link or not a folder"
                )));
            }
            Err(error) => return Err(error.into()),
        };
    }
    Ok(Some((dir, name)))
}

/// The mode of the plain file that is there.
fn existing_mode(parent: impl AsFd, name: &str, path: &str) -> Result<Option<Mode>, Refused> {
    match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Ok(Some(Mode::from_raw_mode(stat.st_mode & 0o777))),
            FileType::Symlink => Err(Refused::Path(format!("`{path}` is a symbolic link"))),
            FileType::Directory => Err(Refused::Path(format!("`{path}` is a folder"))),
            _ => Err(Refused::Path(format!("`{path}` is not a plain file"))),
        },
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn open_in(dir: impl AsFd, path: &str, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    // "Again" means that somebody renamed folders meanwhile.
    for _ in 0..32 {
        match openat2(&dir, path, flags | OFlags::CLOEXEC, mode, resolve) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            res => return res,
        }
    }
    Err(Errno::AGAIN)
}

/// Whether this kernel can open files this way at all.
pub(super) fn works() -> bool {
    open_in(CWD, ".", OFlags::PATH, Mode::empty()).is_ok()
}
