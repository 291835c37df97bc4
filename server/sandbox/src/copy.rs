//! Copies a tree for jobs that cannot have a layer over it; what is derived or cannot be read is left out.

use std::{
    fs::{self, File, FileTimes, Metadata},
    io::{self, Read},
    os::unix::fs::symlink,
    path::Path,
};

#[cfg(test)]
mod tests;

/// What a copy may take at most: beyond this a machine needs the overlay.
const MAX_BYTES: u64 = 2 << 30;
/// As above, in files, folders and links.
const MAX_ENTRIES: u64 = 300_000;
/// What a file, folder or link takes at least, be it empty.
pub(crate) const BLOCK: u64 = 4096;
/// A larger `.git` stays behind: history is seldom needed by a test.
const MAX_GIT_BYTES: u64 = 64 << 20;
/// How a folder says that it can be made again. Source: Cache Directory Tagging Specification.
const CACHE_TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// Copies all of `from` into the existing folder `to`: contents, modes, times and links as links.
///
/// Returns what the copy takes, as [`size`] counts. Blocks are shared where the file system can. Breaks off once `is_wanted` says no.
pub(crate) fn copy_tree(
    from: &Path,
    to: &Path,
    is_wanted: &dyn Fn() -> bool,
) -> Result<u64, String> {
    let mut sum = Sum { bytes: 0, entries: 0, is_wanted };
    copy_folder(from, to, &mut sum, true)?;
    Ok(sum.bytes + sum.entries * BLOCK)
}

struct Sum<'a> {
    bytes: u64,
    entries: u64,
    is_wanted: &'a dyn Fn() -> bool,
}

impl Sum<'_> {
    fn add(&mut self, bytes: u64) -> Result<(), String> {
        self.bytes += bytes;
        self.entries += 1;
        if MAX_BYTES < self.bytes || MAX_ENTRIES < self.entries {
            return Err(
                "the workspace is too large to be copied, and there is no overlay here".to_owned()
            );
        }
        if !(self.is_wanted)() {
            return Err("nobody waits for the copy any more".to_owned());
        }
        Ok(())
    }
}

fn copy_folder(from: &Path, to: &Path, sum: &mut Sum<'_>, is_root: bool) -> Result<(), String> {
    let failed = |error: io::Error| format!("copying {}: {error}", from.display());
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    for entry in entries.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let Ok(meta) = path.symlink_metadata() else { continue };
        if meta.is_symlink() {
            sum.add(0)?;
            fs::read_link(&path).and_then(|link| symlink(link, &target)).map_err(failed)?;
        } else if meta.is_dir() {
            let is_big_git =
                is_root && entry.file_name() == ".git" && size(&path, MAX_GIT_BYTES).is_none();
            if is_big_git || is_derived(&path) {
                continue;
            }
            sum.add(0)?;
            fs::create_dir(&target).map_err(failed)?;
            copy_folder(&path, &target, sum, false)?;
            // Read-only folders only now, after they are filled.
            let _ = fs::set_permissions(&target, meta.permissions());
        } else if meta.is_file() {
            sum.add(meta.len())?;
            copy_file(&path, &target, &meta).map_err(failed)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path, meta: &Metadata) -> io::Result<()> {
    match fs::copy(from, to) {
        Ok(_) => {}
        // What the user cannot read, a job need not.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
        Err(error) => return Err(error),
    }
    // Build tools compare times; files that cannot be opened for writing have them set all the same on most systems.
    let times = FileTimes::new().set_modified(meta.modified()?);
    File::options().read(true).open(to).and_then(|file| file.set_times(times))
}

fn is_derived(folder: &Path) -> bool {
    let mut start = [0; CACHE_TAG.len()];
    let tag = folder.join("CACHEDIR.TAG");
    // A pipe of that name would be waited for.
    tag.symlink_metadata().is_ok_and(|meta| meta.is_file())
        && File::open(tag)
            .is_ok_and(|mut tag| tag.read_exact(&mut start).is_ok() && start == CACHE_TAG)
}

/// The bytes of all files below, and a block for each, folders too; `None` if that is more than `cap`.
pub(crate) fn size(folder: &Path, cap: u64) -> Option<u64> {
    let mut total = 0;
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() {
                todo.push(entry.path());
            }
            total += BLOCK + meta.len();
            if cap < total {
                return None;
            }
        }
    }
    Some(total)
}
