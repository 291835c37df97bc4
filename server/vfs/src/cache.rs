//! Texts of files on disk, kept between reads up to a number of bytes.
//!
//! A derived thing: it may forget any entry at any time, and it never holds what a [`Stamp`] cannot tell apart.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base::RelPath;

use crate::disk::Stamp;

/// Least-recently-used texts. Invariant: `bytes` is the sum of all texts' lengths and at most `limit`.
#[derive(Debug)]
pub(crate) struct TextCache {
    limit: usize,
    bytes: usize,
    /// Grows with every use; the order of `by_use`.
    tick: u64,
    entries: HashMap<RelPath, Entry>,
    by_use: BTreeMap<u64, RelPath>,
}

#[derive(Debug)]
struct Entry {
    stamp: Stamp,
    text: Arc<str>,
    tick: u64,
}

impl TextCache {
    pub(crate) fn new(limit: usize) -> TextCache {
        TextCache { limit, bytes: 0, tick: 0, entries: HashMap::new(), by_use: BTreeMap::new() }
    }

    /// The text of `path`, if it was kept for exactly this state of the file.
    pub(crate) fn get(&mut self, path: &RelPath, stamp: &Stamp) -> Option<Arc<str>> {
        let entry = self.entries.get_mut(path)?;
        if entry.stamp != *stamp {
            self.remove(path);
            return None;
        }
        self.tick += 1;
        self.by_use.remove(&entry.tick);
        entry.tick = self.tick;
        self.by_use.insert(self.tick, path.clone());
        Some(Arc::clone(&entry.text))
    }

    pub(crate) fn insert(&mut self, path: &RelPath, stamp: Stamp, text: Arc<str>) {
        self.remove(path);
        if self.limit < text.len() {
            return;
        }
        self.tick += 1;
        self.bytes += text.len();
        self.by_use.insert(self.tick, path.clone());
        let tick = self.tick;
        self.entries.insert(path.clone(), Entry { stamp, text, tick });
        while self.limit < self.bytes {
            let Some((_, oldest)) = self.by_use.pop_first() else {
                return;
            };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= entry.text.len();
            }
        }
    }

    fn remove(&mut self, path: &RelPath) {
        if let Some(entry) = self.entries.remove(path) {
            self.bytes -= entry.text.len();
            self.by_use.remove(&entry.tick);
        }
    }
}

#[cfg(test)]
mod tests;
