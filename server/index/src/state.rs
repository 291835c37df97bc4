//! All documents and their postings, changed in place: a file comes, changes or goes without a rebuild.
//! It scores nothing, and takes no lock; `Index` holds it behind one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{ContentHash, RelPath};
use vfs::{Revision, SkipReason};

use crate::document::{Counts, Document};
use crate::hash::Fast;
use crate::words::fold;

/// A file's place in `State::files`; taken again after the file has gone.
pub(crate) type Slot = u32;

/// One word in one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) slot: Slot,
    pub(crate) unit: u32,
    pub(crate) counts: Counts,
}

/// One word in one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathPosting {
    pub(crate) slot: Slot,
    /// It stands in the file's own name, not only in that of a folder.
    pub(crate) in_stem: bool,
}

/// Length and time of a file on disk: while they stay, so does the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) len: u64,
    pub(crate) modified_ns: i128,
}

/// What was seen of a path at the last update.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// `None` for a buffer, whose content is always compared.
    pub(crate) stamp: Option<Stamp>,
    pub(crate) what: Content,
}

/// What a path holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Text that is indexed.
    Text(ContentHash),
    /// Not text.
    Skipped(SkipReason),
}

/// A word's postings.
#[derive(Default)]
pub(crate) struct Word {
    /// Sorted by slot, then unit.
    pub(crate) text: Vec<Posting>,
    /// Sorted by slot.
    pub(crate) path: Vec<PathPosting>,
}

/// A document in its slot.
pub(crate) struct Entry {
    pub(crate) doc: Document,
    /// Its words, for taking it out again.
    words: Vec<u32>,
    /// Words in all its units.
    pub(crate) n_words: u32,
}

/// The index.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) revision: Option<Revision>,
    pub(crate) seen: BTreeMap<RelPath, Seen>,
    pub(crate) files: Vec<Option<Entry>>,
    slots: BTreeMap<RelPath, Slot>,
    free: BTreeSet<Slot>,
    word_ids: HashMap<Box<str>, u32, Fast>,
    words: Vec<Word>,
    /// Folded names of definitions, to where they are. Sorted, so that a prefix is a range.
    pub(crate) symbols: BTreeMap<String, BTreeSet<(Slot, u32)>>,
    pub(crate) n_units: usize,
    /// Words in all documents.
    pub(crate) n_words: u64,
}

impl State {
    pub(crate) fn n_files(&self) -> usize {
        self.slots.len()
    }

    /// The postings of a word as `words` emits it.
    pub(crate) fn word(&self, word: &str) -> Option<&Word> {
        self.word_ids.get(word).map(|id| &self.words[*id as usize])
    }

    pub(crate) fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.files.get(slot as usize)?.as_ref()
    }

    pub(crate) fn slot(&self, path: &RelPath) -> Option<Slot> {
        self.slots.get(path).copied()
    }

    /// Slots in the order of their paths.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (&RelPath, Slot)> {
        self.slots.iter().map(|(path, slot)| (path, *slot))
    }

    /// Puts a document in, in place of what its path held before.
    pub(crate) fn insert(&mut self, mut doc: Document) {
        self.remove(&doc.path);
        let slot = match self.free.pop_first() {
            Some(slot) => slot,
            None => {
                self.files.push(None);
                Slot::try_from(self.files.len() - 1)
                    .expect("no folder has four thousand million files")
            }
        };
        let mut ids = BTreeSet::new();
        for (unit, words) in (0_u32..).zip(std::mem::take(&mut doc.words)) {
            for (word, counts) in words {
                let id = self.word_id(word);
                ids.insert(id);
                let list = &mut self.words[id as usize].text;
                let posting = Posting { slot, unit, counts };
                put(list, posting, |posting| (posting.slot, posting.unit));
            }
        }
        let folders = doc.folder_words.iter().map(|word| (word, false));
        for (word, in_stem) in doc.stem_words.iter().map(|word| (word, true)).chain(folders) {
            let id = self.word_id(word.as_str().into());
            ids.insert(id);
            let list = &mut self.words[id as usize].path;
            // The stem comes first, so a word in both counts as one of the stem.
            if list.binary_search_by_key(&slot, |posting| posting.slot).is_err() {
                put(list, PathPosting { slot, in_stem }, |posting| posting.slot);
            }
        }
        for (unit, name) in (0_u32..).zip(doc.units.iter().map(|unit| &unit.chunk.name)) {
            let folded = fold(name);
            if !folded.is_empty() {
                self.symbols.entry(folded).or_default().insert((slot, unit));
            }
        }
        let n_words = doc.units.iter().map(|unit| unit.n_words).sum();
        self.n_units += doc.units.len();
        self.n_words += u64::from(n_words);
        self.slots.insert(doc.path.clone(), slot);
        self.files[slot as usize] = Some(Entry { doc, words: ids.into_iter().collect(), n_words });
    }

    /// Takes a document out; says whether there was one.
    pub(crate) fn remove(&mut self, path: &RelPath) -> bool {
        let Some(slot) = self.slots.remove(path) else { return false };
        let Some(entry) = self.files[slot as usize].take() else { return false };
        for id in entry.words {
            let word = &mut self.words[id as usize];
            cut_out(&mut word.text, slot, |posting| posting.slot);
            cut_out(&mut word.path, slot, |posting| posting.slot);
        }
        for name in entry.doc.units.iter().map(|unit| fold(&unit.chunk.name)) {
            if let Some(places) = self.symbols.get_mut(&name) {
                places.retain(|(at, _)| *at != slot);
                if places.is_empty() {
                    self.symbols.remove(&name);
                }
            }
        }
        self.n_units -= entry.doc.units.len();
        self.n_words -= u64::from(entry.n_words);
        self.free.insert(slot);
        true
    }

    fn word_id(&mut self, word: Box<str>) -> u32 {
        if let Some(id) = self.word_ids.get(&word) {
            return *id;
        }
        let id = u32::try_from(self.words.len())
            .expect("there is no room in memory for that many words");
        self.words.push(Word::default());
        self.word_ids.insert(word, id);
        id
    }
}

/// Puts `item` where its key belongs; at the end, as in a first indexing, that costs nothing.
fn put<T, K: Ord>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> K) {
    let wanted = key(&item);
    if list.last().is_none_or(|last| key(last) < wanted) {
        list.push(item);
    } else {
        let at = list.partition_point(|other| key(other) < wanted);
        list.insert(at, item);
    }
}

fn cut_out<T>(list: &mut Vec<T>, slot: Slot, key: impl Fn(&T) -> Slot) {
    let start = list.partition_point(|item| key(item) < slot);
    let end = list.partition_point(|item| key(item) <= slot);
    list.drain(start..end);
}

/// The postings of one slot.
pub(crate) fn postings_of(list: &[Posting], slot: Slot) -> &[Posting] {
    let start = list.partition_point(|posting| posting.slot < slot);
    let len = list[start..].partition_point(|posting| posting.slot == slot);
    &list[start..start + len]
}
