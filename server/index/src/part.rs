//! A segment with what holds of its documents now: which of them still count, and what their files looked like.
//! It reads no files; `update` decides.

mod states;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use vfs::FileMeta;

use crate::part::states::States;
use crate::segment::Segment;

/// Length and time of a file on disk: while they stay, so does the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) len: u64,
    /// Since the epoch.
    pub(crate) modified_ns: i64,
}

impl Stamp {
    pub(crate) fn of(meta: &FileMeta) -> Stamp {
        let modified_ns = i64::try_from(meta.modified_ns).unwrap_or(i64::MAX);
        Stamp { len: meta.len, modified_ns }
    }
}

/// What holds of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DocState {
    /// `None` if the content has to be compared at each update: that of a buffer, or of a file that changed moments
    /// before it was read.
    pub(crate) stamp: Option<Stamp>,
    /// Its file has this content. If not, it waits for the content to come back.
    pub(crate) is_alive: bool,
    /// The text was seen in a buffer only, so it must not be stored.
    pub(crate) is_unsaved: bool,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) segment: Arc<Segment>,
    /// Invariant: one for each document of the segment. Of all documents with one path, over all parts, at most one is
    /// alive.
    docs: States,
    /// The units of documents that are not alive, ascending; filled when it is first asked for, emptied by each change. In
    /// large segments it takes long to find a unit's document, and each search asks for many.
    dead: OnceLock<Vec<Range<u32>>>,
    /// Documents that are alive, with their units and words.
    n_alive: u32,
    n_units: u32,
    n_words: u64,
}

impl Part {
    /// `docs`: one for each document of the segment.
    pub(crate) fn new(segment: Segment, docs: &[DocState]) -> Part {
        let (segment, docs, dead) = (Arc::new(segment), States::new(docs), OnceLock::new());
        let mut part = Part { segment, docs, dead, n_alive: 0, n_units: 0, n_words: 0 };
        for doc in 0..part.docs.len() as u32 {
            if part.is_alive(doc) {
                part.count(doc, |total, here| total + here);
            }
        }
        part
    }

    /// What holds of each document, in order.
    pub(crate) fn docs(&self) -> impl Iterator<Item = &DocState> {
        self.docs.iter()
    }

    /// What holds of a document; one that does not exist is not alive.
    pub(crate) fn state(&self, doc: u32) -> DocState {
        let nothing = DocState { stamp: None, is_alive: false, is_unsaved: false };
        self.docs.get(doc).copied().unwrap_or(nothing)
    }

    /// The documents that are alive, by path.
    pub(crate) fn alive(&self) -> impl Iterator<Item = u32> {
        (0..).zip(self.docs()).filter(|(_, state)| state.is_alive).map(|(doc, _)| doc)
    }

    #[inline]
    pub(crate) fn is_alive(&self, doc: u32) -> bool {
        self.docs.is_alive(doc)
    }

    /// Whether the document of a unit is alive.
    #[inline]
    pub(crate) fn is_unit_alive(&self, unit: u32) -> bool {
        let dead = self.dead.get_or_init(|| {
            let docs = (0..).zip(self.docs()).filter(|(_, state)| !state.is_alive);
            let units = docs.map(|(doc, _)| self.segment.units(doc));
            units.filter(|units| !units.is_empty()).collect()
        });
        let after = dead.partition_point(|units| units.start <= unit);
        !dead[..after].last().is_some_and(|units| units.contains(&unit))
    }

    /// All documents are alive.
    pub(crate) fn is_whole(&self) -> bool {
        self.n_alive as usize == self.docs.len()
    }

    pub(crate) fn is_saved(&self) -> bool {
        self.segment.id() != 0
    }

    pub(crate) fn n_alive(&self) -> u32 {
        self.n_alive
    }

    pub(crate) fn n_units(&self) -> u32 {
        self.n_units
    }

    pub(crate) fn n_words(&self) -> u64 {
        self.n_words
    }

    /// Words of the documents that are not alive.
    pub(crate) fn n_dead_words(&self) -> u64 {
        self.segment.n_all_words().saturating_sub(self.n_words)
    }

    /// More than a third of it is not alive.
    pub(crate) fn is_mostly_dead(&self) -> bool {
        self.n_words < 2 * self.n_dead_words() || self.n_alive == 0
    }

    /// About the bytes that the documents which are alive would need alone.
    pub(crate) fn alive_bytes(&self) -> usize {
        let all = self.n_words + self.n_dead_words();
        let share = if all == 0 { 1.0 } else { self.n_words as f64 / all as f64 };
        (self.segment.len_bytes() as f64 * share) as usize
    }

    pub(crate) fn set(&mut self, doc: u32, state: DocState) {
        let Some(before) = self.docs.replace(doc, state) else { return };
        match (before.is_alive, state.is_alive) {
            (false, true) => self.count(doc, |total, here| total + here),
            (true, false) => self.count(doc, |total, here| total - here),
            _ => return,
        }
        self.dead = OnceLock::new();
    }

    pub(crate) fn kill(&mut self, doc: u32) {
        let state = DocState { is_alive: false, ..self.state(doc) };
        self.set(doc, state);
    }

    fn count(&mut self, doc: u32, change: fn(u64, u64) -> u64) {
        let n_units = self.segment.units(doc).len() as u64;
        self.n_alive = change(u64::from(self.n_alive), 1) as u32;
        self.n_units = change(u64::from(self.n_units), n_units) as u32;
        self.n_words = change(self.n_words, u64::from(self.segment.n_words(doc)));
    }
}

#[cfg(test)]
mod tests;
