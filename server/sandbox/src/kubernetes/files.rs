//! Files on their way into a pod and back, as archives. What comes back is the command's own making: names and kinds are compared with what
//! was asked for, and nothing is unpacked.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::collected::{COLLECT_BYTES, Collected};

#[cfg(test)]
mod tests;

/// An archive of the contents of folders, each to be unpacked at its place below `/`. The folders themselves are there, and not ours.
pub(super) fn pack<'a>(
    folders: impl IntoIterator<Item = (&'a Path, &'a Path)>,
    into: fs::File,
) -> io::Result<fs::File> {
    let mut archive = tar::Builder::new(into);
    archive.follow_symlinks(false);
    for (source, target) in folders {
        let target = target.strip_prefix("/").unwrap_or(target);
        for entry in fs::read_dir(source)? {
            let entry = entry?;
            let (path, name) = (entry.path(), target.join(entry.file_name()));
            if entry.file_type()?.is_dir() {
                archive.append_dir_all(name, path)?;
            } else {
                archive.append_path_with_name(path, name)?;
            }
        }
    }
    archive.into_inner()
}

/// The files `names` of an archive; of what else is there only how much.
pub(super) fn unpack(archive: impl Read, names: &[String]) -> Collected {
    let mut all = Collected::default();
    let mut archive = tar::Archive::new(archive);
    let Ok(entries) = archive.entries() else { return all };
    // An archive that breaks off has no more.
    for mut entry in entries.map_while(Result::ok) {
        let Ok(path) = entry.path().map(|path| plain(&path)) else { continue };
        let Some(name) = names.iter().find(|name| path == Path::new(name)) else { continue };
        let kind = entry.header().entry_type();
        let res = if kind.is_symlink() {
            Err("a symbolic link".to_owned())
        } else if !kind.is_file() {
            Err("not a plain file".to_owned())
        } else if COLLECT_BYTES < entry.size() {
            Err(format!("larger than {COLLECT_BYTES} bytes"))
        } else {
            let mut content = Vec::new();
            let read = (&mut entry).take(COLLECT_BYTES + 1).read_to_end(&mut content);
            match read {
                Ok(n_bytes) if n_bytes as u64 == entry.size() => Ok(content),
                Ok(_) => Err("broken off".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        };
        match res {
            Ok(content) => all.files.insert(name.clone(), content).map(drop),
            Err(why) => all.refused.insert(name.clone(), why).map(drop),
        };
    }
    all
}

/// Without the `./` that it was asked for with.
fn plain(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}
