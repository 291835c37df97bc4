//! What the last update saw, compared with the files of a snapshot.
//! It reads no file: paths, lengths and times only.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::RelPath;
use vfs::{FileMeta, SkipReason};

use crate::part::{Part, Stamp};

/// A file that turned out not to be text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skip {
    /// `None` if it may become readable without a change.
    pub(crate) stamp: Option<Stamp>,
    pub(crate) reason: SkipReason,
}

/// Files that are no text.
pub(crate) type Skips = BTreeMap<RelPath, Skip>;

/// A document of a part: the part's place among the parts, and the document's number.
pub(crate) type Place = (usize, u32);

/// Which document each file has.
pub(crate) struct Known {
    /// One for each file.
    pub(crate) files: Vec<Option<Place>>,
    /// Documents whose files are not there any more.
    pub(crate) gone: Vec<Place>,
}

/// `files`: sorted by path.
pub(crate) fn known(parts: &[Arc<Part>], files: &[&FileMeta]) -> Known {
    let mut known = Known { files: vec![None; files.len()], gone: Vec::new() };
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
                Some(file) if file.path.as_str() == path => {
                    known.files[from] = Some((part_idx, doc));
                }
                _ => known.gone.push((part_idx, doc)),
            }
        }
    }
    known
}

/// The skipped paths that are not among `files`, which are sorted by path.
pub(crate) fn gone_skips(skips: &Skips, files: &[&FileMeta]) -> Vec<RelPath> {
    let is_gone = |path: &&RelPath| files.binary_search_by(|file| file.path.cmp(path)).is_err();
    skips.keys().filter(is_gone).cloned().collect()
}
