//! The index as it is written: all parts, and what is known of files that are no text. One update or save at a time.
//! Searches never see it; they get a `Reader` made of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::RelPath;
use vfs::{Revision, Snapshot};

use crate::part::{DocState, Part};
use crate::reader::Reader;
use crate::segment::bytes::Damaged;
use crate::segment::merge::{Merged, Pick, Source, merge};
use crate::segment::{Recipe, WITHOUT_VECTORS};
use crate::storage::{Loaded, Storage};
use crate::update::seen::Skips;
use crate::update::{Updated, skipped};

/// Parts in memory of about one size that are merged: more would slow searches down, fewer would be work.
const MAX_ALIKE: usize = 8;
/// What counts as one size: up to here, and from one to the next.
const SIZES: [usize; 5] = [32 << 10, 256 << 10, 2 << 20, 16 << 20, 128 << 20];

/// Documents whose files have another content now are kept for when it comes back (a branch, an undo), up to this share
/// of all words, and a little more.
const DEAD_SHARE: u64 = 4;
const DEAD_WORDS: u64 = 200_000;

/// See the module.
pub(crate) struct Writer {
    pub(crate) parts: Vec<Arc<Part>>,
    pub(crate) skips: Skips,
    /// `None`: memory only.
    pub(crate) storage: Option<Storage>,
    pub(crate) recipe: Recipe,
    /// The newest one that an update began with.
    snapshot: Option<Snapshot>,
    /// The last update went through all files.
    pub(crate) is_complete: bool,
    /// At the same revision nothing has to be looked at again.
    pub(crate) is_settled: bool,
    /// Files that may be other than they are known as, although nothing tells so: one that changed moments before it was
    /// read, or could not be read.
    pub(crate) unsettled: BTreeSet<RelPath>,
    /// What is saved is not what is here.
    pub(crate) is_dirty: bool,
    /// What the next update has to tell.
    pub(crate) notes: Vec<String>,
}

impl Writer {
    /// `owes_vectors`: documents without them are of use until they are made.
    pub(crate) fn new(
        recipe: Recipe,
        storage: Option<Storage>,
        loaded: Loaded,
        owes_vectors: bool,
    ) -> Writer {
        let mut parts = loaded.parts;
        for part in parts.iter_mut().filter(|_| !owes_vectors) {
            forget_failures(part, recipe);
        }
        Writer {
            parts: parts.into_iter().map(Arc::new).collect(),
            skips: loaded.skips,
            storage,
            recipe,
            snapshot: None,
            is_complete: false,
            is_settled: false,
            unsettled: BTreeSet::new(),
            is_dirty: !loaded.dropped.is_empty(),
            notes: loaded.dropped,
        }
    }

    pub(crate) fn revision(&self) -> Option<Revision> {
        self.snapshot.as_ref().map(Snapshot::revision)
    }

    pub(crate) fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    pub(crate) fn n_files(&self) -> usize {
        self.parts.iter().map(|part| part.n_alive() as usize).sum()
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::new(self.parts.clone(), self.snapshot.clone(), self.is_complete)
    }

    /// An update to `snap` begins.
    pub(crate) fn begin(&mut self, snap: &Snapshot) {
        self.snapshot = Some(snap.clone());
        self.is_complete = false;
        self.is_settled = true;
    }

    /// Fills in what all updates tell.
    pub(crate) fn finish(&mut self, snap: &Snapshot, mut updated: Updated) -> Updated {
        updated.skipped = skipped(self.skips.iter(), snap);
        updated.is_complete = self.is_complete;
        updated.revision = self.revision().unwrap_or_default();
        updated.notes.extend(std::mem::take(&mut self.notes));
        updated.notes.extend(self.storage.as_ref().and_then(|storage| storage.problem.clone()));
        updated
    }

    /// Leaves a damaged segment out; its files are then new to the next update.
    pub(crate) fn give_up(&mut self, damaged: Damaged) {
        let before = self.parts.len();
        // Memory is as it was written: what is wrong there was so in what it was copied from, and would be copied again.
        let is_copy = damaged.0 == 0;
        self.parts.retain(|part| !is_copy && part.segment.id() != damaged.0);
        if self.parts.len() != before {
            self.notes.push(format!("segment {} of the saved index: it is damaged", damaged.0));
        }
        self.is_dirty = true;
        self.is_complete = false;
    }

    /// Forgets all documents: those of another recipe are to be made. `why`: told with the next update.
    pub(crate) fn start_anew(&mut self, recipe: Recipe, probe: &[u8], why: String) {
        self.recipe = recipe;
        self.parts.clear();
        if let Some(storage) = &mut self.storage {
            storage.start_anew(recipe, probe);
        }
        self.notes.push(why);
        self.is_dirty = true;
        self.is_complete = false;
    }

    /// Bytes in memory of the parts from `first` on.
    pub(crate) fn unsaved_bytes(&self, first: usize) -> usize {
        let here = self.parts[first..].iter().filter(|part| !part.is_saved());
        here.map(|part| part.segment.len_bytes()).sum()
    }

    /// Whether there is room for documents that wait for their content to come back.
    pub(crate) fn keeps_dead(&self) -> bool {
        let dead: u64 = self.parts.iter().map(|part| part.n_dead_words()).sum();
        let alive: u64 = self.parts.iter().map(|part| part.n_words()).sum();
        dead <= alive / DEAD_SHARE + DEAD_WORDS
    }

    /// Merges parts in memory, from `first` on, where there are many of one size. None larger than `max_bytes` is made.
    pub(crate) fn compact(&mut self, first: usize, max_bytes: usize) -> Result<(), Damaged> {
        for size in SIZES {
            let is_alike = |part: &Part| !part.is_saved() && part.alive_bytes() < size;
            let alike: Vec<usize> =
                (first..self.parts.len()).filter(|idx| is_alike(&self.parts[*idx])).collect();
            let bytes: usize = alike.iter().map(|idx| self.parts[*idx].alive_bytes()).sum();
            if MAX_ALIKE <= alike.len() && bytes <= max_bytes {
                self.merge(&alike)?;
            }
        }
        Ok(())
    }

    /// Leaves out of the parts in memory what nobody waits for: texts that were typed over, and, where it is too much,
    /// what is not alive.
    pub(crate) fn forget_dead(&mut self) -> Result<(), Damaged> {
        let keeps_dead = self.keeps_dead();
        let waits = |state: &DocState| state.is_alive || (keeps_dead && !state.is_unsaved);
        self.parts.retain(|part| part.is_saved() || part.docs().any(waits));
        let is_waste = |part: &Part| !part.is_saved() && part.is_mostly_dead();
        while !keeps_dead && let Some(idx) = self.parts.iter().position(|part| is_waste(part)) {
            self.merge(&[idx])?;
        }
        Ok(())
    }

    /// Puts one part in the place of those with these indexes.
    fn merge(&mut self, indexes: &[usize]) -> Result<(), Damaged> {
        let sources: Vec<Arc<Part>> =
            indexes.iter().map(|idx| Arc::clone(&self.parts[*idx])).collect();
        let merged = merged(&sources, |state| state.is_alive, self.recipe)?;
        let mut idx = 0;
        self.parts.retain(|_| {
            idx += 1;
            !indexes.contains(&(idx - 1))
        });
        self.parts.extend(merged.map(Arc::new));
        Ok(())
    }
}

/// A part of those documents of others that `keep` takes, in memory; `None` if there are none.
pub(crate) fn merged(
    parts: &[Arc<Part>],
    keep: impl Fn(&DocState) -> bool,
    recipe: Recipe,
) -> Result<Option<Part>, Damaged> {
    merged_by(parts, keep, |sources| merge(sources, recipe))
}

/// As [`merged`], by a function that puts the segment where it belongs.
pub(crate) fn merged_by<E>(
    parts: &[Arc<Part>],
    keep: impl Fn(&DocState) -> bool,
    merge: impl FnOnce(&[Source<'_>]) -> Result<Merged, E>,
) -> Result<Option<Part>, E> {
    let sources: Vec<Source<'_>> = parts
        .iter()
        .map(|part| {
            let kept = (0..).zip(part.docs()).filter(|(_, state)| keep(state));
            let picks = kept.map(|(doc, _)| Pick { doc, moved: None }).collect();
            Source { segment: &part.segment, picks }
        })
        .collect();
    let count = sources.iter().map(|source| source.picks.len()).sum();
    if count == 0 {
        return Ok(None);
    }
    let Merged { segment, places } = merge(&sources)?;
    let mut states = vec![None; count];
    for ((part, source), places) in parts.iter().zip(&sources).zip(&places) {
        for (pick, place) in source.picks.iter().zip(places) {
            states[*place as usize] = Some(part.state(pick.doc));
        }
    }
    let states: Vec<DocState> = states.into_iter().flatten().collect();
    Ok(Some(Part::new(segment, &states)))
}

/// Documents that an embedder failed on are made again: it may have come back.
fn forget_failures(part: &mut Part, recipe: Recipe) {
    if recipe.embedder == 0 {
        return;
    }
    for doc in 0..part.segment.n_docs() {
        if part.segment.flags(doc) & WITHOUT_VECTORS != 0 {
            part.kill(doc);
        }
    }
}
