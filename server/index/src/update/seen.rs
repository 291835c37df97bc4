//! What the last update saw, compared with the files of a snapshot: all of them at first, then those that changed.
//! It reads no file: paths, lengths and times only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::RelPath;
use vfs::{FileMeta, SkipReason, Snapshot};

use crate::part::{Part, Stamp};

/// A file that turned out not to be text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skip {
    /// `None` if it may become readable without a change.
    pub(crate) stamp: Option<Stamp>,
    pub(crate) reason: SkipReason,
}

impl Skip {
    pub(crate) fn new(stamp: Option<Stamp>, reason: SkipReason) -> Skip {
        let is_lasting = !matches!(reason, SkipReason::Unreadable(_));
        Skip { stamp: stamp.filter(|_| is_lasting), reason }
    }
}

/// Files that are no text.
pub(crate) type Skips = BTreeMap<RelPath, Skip>;

/// A document of a part: the part's place among the parts, and the document's number.
pub(crate) type Place = (usize, u32);

/// A file to be compared with what is known of it.
pub(crate) struct Seen<'a> {
    pub(crate) meta: &'a FileMeta,
    pub(crate) known: Option<Place>,
}

/// What may be other than it was.
#[derive(Default)]
pub(crate) struct Changes<'a> {
    /// Sorted by path.
    pub(crate) files: Vec<Seen<'a>>,
    /// Documents whose files are not there any more.
    pub(crate) gone: Vec<Place>,
    /// Files that are not there any more and were no text.
    pub(crate) gone_skips: Vec<RelPath>,
}

/// All files of a snapshot.
pub(crate) fn all<'a>(parts: &[Arc<Part>], skips: &Skips, snap: &'a Snapshot) -> Changes<'a> {
    let files: Vec<&FileMeta> = snap.files().collect();
    let (known, gone) = known(parts, &files);
    let is_gone = |path: &&RelPath| files.binary_search_by(|file| file.path.cmp(path)).is_err();
    let gone_skips = skips.keys().filter(is_gone).cloned().collect();
    let files = files.into_iter().zip(known).map(|(meta, known)| Seen { meta, known }).collect();
    Changes { files, gone, gone_skips }
}

/// The files of `snap` that are not what they were in `older`, which all of was taken in, and those that are to be
/// looked at again all the same.
pub(crate) fn changed<'a>(
    parts: &[Arc<Part>],
    skips: &Skips,
    (snap, older): (&'a Snapshot, &Snapshot),
    again: BTreeSet<RelPath>,
) -> Changes<'a> {
    let mut paths: BTreeMap<RelPath, Option<&FileMeta>> =
        snap.changed_since(older).into_iter().collect();
    for path in again {
        let meta = snap.meta(&path);
        paths.insert(path, meta);
    }
    let mut changes = Changes::default();
    for (path, meta) in paths {
        let known = place(parts, &path);
        match (meta, known) {
            (Some(meta), known) => changes.files.push(Seen { meta, known }),
            (None, Some(place)) => changes.gone.push(place),
            (None, None) => {}
        }
        if meta.is_none() && skips.contains_key(&path) {
            changes.gone_skips.push(path);
        }
    }
    changes
}

/// The document of a file.
fn place(parts: &[Arc<Part>], path: &RelPath) -> Option<Place> {
    parts.iter().enumerate().find_map(|(part_idx, part)| {
        let mut docs = part.segment.with_path(path.as_str());
        Some((part_idx, docs.find(|doc| part.is_alive(*doc))?))
    })
}

/// Which document each file has, and the documents whose files are not there any more. `files`: sorted by path.
fn known(parts: &[Arc<Part>], files: &[&FileMeta]) -> (Vec<Option<Place>>, Vec<Place>) {
    let (mut known, mut gone) = (vec![None; files.len()], Vec::new());
    for (part_idx, part) in parts.iter().enumerate() {
        let mut from = 0;
        // In a small part it is quicker to look each document up than to pass all files by.
        let is_small = (part.n_alive() as usize) < files.len() / 16;
        for doc in part.alive() {
            let path = part.segment.path(doc);
            let is_before = |file: &&FileMeta| file.path.as_str() < path;
            from += match is_small {
                true => files[from..].partition_point(is_before),
                false => files[from..].iter().take_while(|file| is_before(file)).count(),
            };
            match files.get(from) {
                Some(file) if file.path.as_str() == path => known[from] = Some((part_idx, doc)),
                _ => gone.push((part_idx, doc)),
            }
        }
    }
    (known, gone)
}
