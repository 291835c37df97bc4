//! Reads what a command left in a folder that nothing writes any more, and trusts none of it: no link is followed. Where a process of
//! the command could still be there, that is not enough.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

#[cfg(test)]
mod tests;

/// The largest file that is collected.
pub(crate) const COLLECT_BYTES: u64 = 16 << 20;

/// What came of the files that a job collects.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// Why one that is there is not in `files`.
    pub(crate) refused: BTreeMap<String, String>,
}

/// Reads the files `names` below `out`.
pub(crate) fn read(out: &Path, names: &[String]) -> Collected {
    let mut all = Collected::default();
    // The command may have locked us out.
    let _ = fs::set_permissions(out, Permissions::from_mode(0o700));
    for name in names {
        match read_one(out, name) {
            Ok(Some(content)) => {
                all.files.insert(name.clone(), content);
            }
            Ok(None) => {}
            Err(why) => {
                all.refused.insert(name.clone(), why);
            }
        }
    }
    all
}

fn read_one(out: &Path, name: &str) -> Result<Option<Vec<u8>>, String> {
    let mut path = out.to_owned();
    for part in name.split('/') {
        path.push(part);
        match path.symlink_metadata() {
            Ok(meta) if meta.is_symlink() => return Err("a symbolic link".to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        }
    }
    let file = open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotADirectory => "not a plain file".to_owned(),
        _ => error.to_string(),
    })?;
    let meta = file.metadata().map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("not a plain file".to_owned());
    }
    let mut content = Vec::new();
    file.take(COLLECT_BYTES + 1).read_to_end(&mut content).map_err(|error| error.to_string())?;
    if COLLECT_BYTES < content.len() as u64 {
        return Err(format!("larger than {COLLECT_BYTES} bytes"));
    }
    Ok(Some(content))
}

/// Without waiting: the command may have left a pipe there.
fn open(path: &Path) -> io::Result<File> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}
