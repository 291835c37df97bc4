//! What Python has compiled of the workspace's files, and must not take for them: it compares whole seconds and sizes, and of some
//! compiled files nothing at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};

use base::{AbsPathBuf, RelPath};
use sandbox::View;
use vfs::Snapshot;

#[cfg(test)]
mod tests;

const FOLDER: &str = "__pycache__";
/// Magic, flags, then either the second and size of the source or its hash.
const HEADER_BYTES: usize = 16;
const IS_OF_HASH: u32 = 0b01;
const IS_HASH_CHECKED: u32 = 0b10;

/// `view`, without the compiled files that may be of another text than their source has in it.
///
/// What is compiled of the standard library and of packages stays: compiling these takes longer than most tests.
pub(super) fn hidden(mut view: View, root: &AbsPathBuf, snap: &Snapshot) -> View {
    let mut folders: BTreeMap<Option<RelPath>, BTreeSet<String>> = BTreeMap::new();
    for path in snap.files().map(|file| &file.path).chain(view.files.keys()) {
        if let Some(module) = path.file_name().strip_suffix(".py") {
            folders.entry(path.parent()).or_default().insert(module.to_owned());
        }
    }
    for (folder, modules) in folders {
        let below = |name: &str| match &folder {
            Some(folder) => RelPath::parse(&format!("{folder}/{name}")),
            None => RelPath::parse(name),
        };
        let Ok(compiled) = below(FOLDER) else { continue };
        for name in names(root, &compiled) {
            // `price.cpython-311.pyc`; the name of a module has no dot.
            let Some((module, _)) = name.split_once('.') else { continue };
            let (Ok(source), Ok(path)) =
                (below(&format!("{module}.py")), RelPath::parse(&format!("{compiled}/{name}")))
            else {
                continue;
            };
            let is_other = view.files.contains_key(&source);
            if modules.contains(module) && (is_other || is_doubtful(root, &path, &source)) {
                view.files.insert(path, None);
            }
        }
    }
    view
}

/// The plain files of a folder that is no link; a view goes through none.
fn names(root: &AbsPathBuf, folder: &RelPath) -> Vec<String> {
    let folder = root.join(folder);
    if !fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir()) {
        return Vec::new();
    }
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let plain = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|it| it.is_file()));
    plain.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Whether Python would take this file for its source, and it may be of an earlier text of the same second and size. What cannot
/// be read is doubtful.
fn is_doubtful(root: &AbsPathBuf, compiled: &RelPath, source: &RelPath) -> bool {
    let asked = || -> Option<bool> {
        let source = fs::metadata(root.join(source)).ok()?;
        let mut file = File::open(root.join(compiled)).ok()?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header).ok()?;
        let number = |at: usize| header[at..at + 4].try_into().map(u32::from_le_bytes).ok();
        let flags = number(4)?;
        if flags & IS_OF_HASH != 0 {
            return Some(flags & IS_HASH_CHECKED == 0);
        }
        let saved = second(source.modified().ok()?)?;
        // As Python compares: the lower half of each.
        let half = u64::from(u32::MAX);
        let is_taken =
            u64::from(number(8)?) == saved & half && u64::from(number(12)?) == source.len() & half;
        // The clock of a file system may be a little behind.
        Some(is_taken && second(file.metadata().ok()?.modified().ok()?)? <= saved + 1)
    };
    asked().unwrap_or(true)
}

fn second(time: SystemTime) -> Option<u64> {
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}
