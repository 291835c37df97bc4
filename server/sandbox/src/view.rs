//! Lays a view over a copy of the workspace that nothing runs in yet; where the workspace itself is layered over, and for copies that a
//! command could reach meanwhile, that is the keeper's task.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use crate::{Error, View};

#[cfg(test)]
mod tests;

/// Writes and deletes the files of `view` below `tree`. A file that was there keeps its mode.
///
/// # Errors
/// [`Error::Job`] for a path through a link, or to what is no plain file; [`Error::Setup`].
pub(crate) fn lay(tree: &Path, view: &View) -> Result<(), Error> {
    // First what goes: a file may have to make room for a folder.
    let (gone, written): (Vec<_>, Vec<_>) =
        view.files.iter().partition(|(_, content)| content.is_none());
    for (path, content) in gone.into_iter().chain(written) {
        let target = tree.join(path.as_str());
        check(tree, &target).map_err(|why| {
            Error::Job(format!("the view cannot be laid over the tree: `{path}` {why}"))
        })?;
        let res = match content {
            Some(content) => write(&target, content),
            None => delete(&target),
        };
        res.map_err(|error| Error::Setup(format!("view: {path}: {error}")))?;
    }
    Ok(())
}

fn check(tree: &Path, target: &Path) -> Result<(), &'static str> {
    for above in target.ancestors().skip(1).take_while(|above| *above != tree) {
        match above.symlink_metadata() {
            Ok(meta) if meta.is_symlink() => return Err("goes through a symbolic link"),
            Ok(meta) if !meta.is_dir() => return Err("goes through what is no folder"),
            _ => {}
        }
    }
    match target.symlink_metadata() {
        Ok(meta) if meta.is_symlink() => Err("is a symbolic link"),
        Ok(meta) if !meta.is_file() => Err("is not a plain file"),
        _ => Ok(()),
    }
}

fn write(target: &Path, content: &[u8]) -> io::Result<()> {
    let mode = target.metadata().ok().map(|meta| meta.permissions());
    // Made anew: the old one may be read-only.
    delete(target)?;
    target.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(target)?;
    file.write_all(content)?;
    mode.map_or(Ok(()), |mode| file.set_permissions(mode))
}

fn delete(target: &Path) -> io::Result<()> {
    match fs::remove_file(target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
