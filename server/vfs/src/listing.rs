//! The list of a workspace's files: sorted, shared with snapshots, replaced piece by piece.
//!
//! It does not look at the disk; `scan` does.

use std::cmp::Ordering;
use std::sync::Arc;

use base::RelPath;

use crate::error::Skipped;
use crate::snapshot::FileMeta;

/// What a scan found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) files: Vec<FileMeta>,
    pub(crate) skipped: Vec<Skipped>,
    /// Directories that were listed, relative to the root; the root itself is the empty string.
    pub(crate) dirs: Vec<String>,
}

/// Files on disk, and those left out. Copied only when it changes while a snapshot holds it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    /// Invariant: sorted by path, one entry a path.
    pub(crate) files: Arc<Vec<Arc<FileMeta>>>,
    /// Invariant: sorted by path.
    pub(crate) skipped: Arc<Vec<Skipped>>,
}

impl Listing {
    pub(crate) fn get(&self, path: &RelPath) -> Option<&FileMeta> {
        let at = self.files.binary_search_by(|file| file.path.cmp(path));
        at.ok().map(|at| &*self.files[at])
    }

    /// Puts `files` and `skipped` in the place of all that lies at and below `scope`; says whether that changed anything.
    ///
    /// `scope`: no entry lies below another one; the empty string is the root.
    pub(crate) fn replace(
        &mut self,
        scope: &[String],
        files: Vec<FileMeta>,
        skipped: Vec<Skipped>,
    ) -> bool {
        let files = self.shared(files);
        let files = splice(&self.files, scope, files, |file| file.path.as_str());
        let skipped = splice(&self.skipped, scope, skipped, |skipped| &skipped.path);
        let changed = files.is_some() || skipped.is_some();
        if let Some(files) = files {
            self.files = Arc::new(files);
        }
        if let Some(skipped) = skipped {
            self.skipped = Arc::new(skipped);
        }
        changed
    }

    /// `files`, sorted, with those entries that are there already taken from there: whoever compares this list with the
    /// next one finds most entries to be the very same.
    fn shared(&self, mut files: Vec<FileMeta>) -> Vec<Arc<FileMeta>> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut rest = self.files.as_slice();
        // Few files are quicker looked up than all others passed by.
        let is_few = files.len() < rest.len() / 16;
        let mut share = |file: FileMeta| {
            let is_before = |old: &Arc<FileMeta>| old.path < file.path;
            let n_before = match is_few {
                true => rest.partition_point(is_before),
                false => rest.iter().take_while(|old| is_before(old)).count(),
            };
            rest = &rest[n_before..];
            match rest.first() {
                Some(old) if **old == file => Arc::clone(old),
                _ => Arc::new(file),
            }
        };
        files.into_iter().map(&mut share).collect()
    }

    /// The paths of files that are not the same here and in `other`, in no order.
    ///
    /// An entry that was replaced by an equal one may be among them.
    pub(crate) fn differences<'a>(&'a self, other: &'a Listing) -> Vec<&'a RelPath> {
        let (mut a, mut b) = (self.files.as_slice(), other.files.as_slice());
        let mut paths = Vec::new();
        if Arc::ptr_eq(&self.files, &other.files) {
            return paths;
        }
        while let (Some(first_a), Some(first_b)) = (a.first(), b.first()) {
            let order = match Arc::ptr_eq(first_a, first_b) {
                true => Ordering::Equal,
                false => {
                    paths.push((&first_a.path).min(&first_b.path));
                    first_a.path.cmp(&first_b.path)
                }
            };
            a = &a[usize::from(order != Ordering::Greater)..];
            b = &b[usize::from(order != Ordering::Less)..];
        }
        paths.extend(a.iter().chain(b).map(|file| &file.path));
        paths
    }
}

/// `old` with its part in `scope` replaced by `new`; `None` if that part was the same already.
fn splice<T: Clone + PartialEq>(
    old: &[T],
    scope: &[String],
    mut new: Vec<T>,
    key: impl Fn(&T) -> &str,
) -> Option<Vec<T>> {
    new.sort_by(|a, b| key(a).cmp(key(b)));
    let mut gone = vec![];
    for path in scope {
        if path.is_empty() {
            gone.push(0..old.len());
            continue;
        }
        let place = |bound: &str| old.partition_point(|entry| key(entry) < bound);
        let start = place(path);
        let len = old[start..].iter().take_while(|entry| key(entry) == path);
        gone.push(start..start + len.count());
        // `0` follows `/`, so this is all that starts with "path/".
        gone.push(place(&format!("{path}/"))..place(&format!("{path}0")));
    }
    gone.sort_by_key(|range| range.start);
    if gone.iter().cloned().flatten().map(|idx| &old[idx]).eq(&new) {
        return None;
    }
    let mut res = Vec::with_capacity(old.len() + new.len());
    let mut new = new.into_iter().peekable();
    let mut kept_to = 0;
    gone.push(old.len()..old.len());
    for range in gone {
        // Each new entry is looked up, so that a change of one file compares few paths.
        let mut kept = &old[kept_to..kept_to.max(range.start)];
        while let Some(entry) =
            new.next_if(|entry| kept.last().is_some_and(|last| key(entry) < key(last)))
        {
            let (before, after) = kept.split_at(kept.partition_point(|old| key(old) < key(&entry)));
            res.extend_from_slice(before);
            res.push(entry);
            kept = after;
        }
        res.extend_from_slice(kept);
        kept_to = kept_to.max(range.end);
    }
    res.extend(new);
    Some(res)
}

#[cfg(test)]
mod tests;
