//! The index as a search sees it: parts that do not change while it runs, as if they were one.
//! It scores nothing.

use std::sync::Arc;

use vfs::{Revision, Snapshot};

use crate::classify::Class;
use crate::part::Part;
use crate::segment::bytes::Damaged;
use crate::segment::layout::u32_at;
use crate::segment::postings::{InDoc, InPath, InUnit, Postings};
use crate::segment::{Segment, with_prefix, with_prefix_up_to};

/// A document among those of all parts.
pub(crate) type Slot = u32;

/// A state of the index. Made by `update`, shared by all searches that begin before the next one.
#[derive(Default)]
pub(crate) struct Reader {
    parts: Vec<Arc<Part>>,
    /// The slot of each part's first document.
    bases: Vec<Slot>,
    n_slots: u32,
    n_files: usize,
    n_units: usize,
    n_words: u64,
    /// Where texts are read; `None` before the first update.
    pub(crate) snapshot: Option<Snapshot>,
    /// All files of the snapshot are in it.
    pub(crate) is_complete: bool,
}

/// A word's postings: the part and its list, for each part that has the word.
#[derive(Clone, Debug, Default)]
pub(crate) struct Word<'a> {
    lists: Vec<(usize, Postings<'a>)>,
}

/// How many have a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frequency {
    /// Files with it in their text.
    pub(crate) n_files: usize,
    pub(crate) n_units: usize,
    /// Files with it in their path.
    pub(crate) n_paths: usize,
}

impl Reader {
    pub(crate) fn new(
        parts: Vec<Arc<Part>>,
        snapshot: Option<Snapshot>,
        is_complete: bool,
    ) -> Reader {
        let mut reader = Reader { snapshot, is_complete, ..Reader::default() };
        for part in parts {
            reader.bases.push(reader.n_slots);
            reader.n_slots += part.segment.n_docs();
            reader.n_files += part.n_alive() as usize;
            reader.n_units += part.n_units() as usize;
            reader.n_words += part.n_words();
            reader.parts.push(part);
        }
        reader
    }

    pub(crate) fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    /// All slots are below; some are of documents that do not count any more.
    pub(crate) fn n_slots(&self) -> usize {
        self.n_slots as usize
    }

    /// The slots of all files.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Slot> {
        let parts = self.parts.iter().zip(&self.bases);
        parts.flat_map(|(part, base)| part.alive().map(move |doc| base + doc))
    }

    /// All slots in order, with the classes of their documents.
    pub(crate) fn classes(&self) -> impl Iterator<Item = (Slot, Class)> {
        let classes = self.parts.iter().flat_map(|part| part.segment.classes());
        (0..self.n_slots).zip(classes.map(|byte| Class::from_byte(*byte)))
    }

    pub(crate) fn n_files(&self) -> usize {
        self.n_files
    }

    pub(crate) fn n_units(&self) -> usize {
        self.n_units
    }

    /// Words of all units.
    pub(crate) fn n_words(&self) -> u64 {
        self.n_words
    }

    pub(crate) fn revision(&self) -> Option<Revision> {
        self.snapshot.as_ref().map(Snapshot::revision)
    }

    /// The segment of a slot, and the document in it.
    pub(crate) fn at(&self, slot: Slot) -> (&Segment, u32) {
        let (part, doc) = self.place(slot);
        (&self.parts[part].segment, doc)
    }

    pub(crate) fn path(&self, slot: Slot) -> &str {
        let (segment, doc) = self.at(slot);
        segment.path(doc)
    }

    /// The number of a unit in the segment of its document.
    pub(crate) fn unit(&self, slot: Slot, unit: u32) -> (&Segment, u32) {
        let (segment, doc) = self.at(slot);
        (segment, segment.units(doc).start + unit)
    }

    /// The slot and, within its document, the number of a unit of a part.
    pub(crate) fn unit_place(&self, part: usize, unit: u32) -> (Slot, u32) {
        let segment = &self.parts[part].segment;
        let doc = segment.doc_of(unit);
        (self.bases[part] + doc, unit - segment.units(doc).start)
    }

    /// The file with this path.
    pub(crate) fn slot(&self, path: &str) -> Option<Slot> {
        self.parts.iter().zip(&self.bases).find_map(|(part, base)| {
            let doc = part.segment.with_path(path).find(|doc| part.is_alive(*doc))?;
            Some(base + doc)
        })
    }

    /// The files with this name, in any folder.
    pub(crate) fn with_file_name(&self, name: &str) -> impl Iterator<Item = Slot> {
        self.parts.iter().zip(&self.bases).flat_map(move |(part, base)| {
            let docs = part.segment.with_file_name(name);
            docs.filter(|doc| part.is_alive(*doc)).map(move |doc| base + doc)
        })
    }

    /// The postings of a word as `words` emits it.
    pub(crate) fn word(&self, word: &str) -> Result<Word<'_>, Damaged> {
        let mut lists = Vec::new();
        for (idx, part) in self.parts.iter().enumerate() {
            if let Some(postings) = part.segment.word(word)? {
                lists.push((idx, postings));
            }
        }
        Ok(Word { lists })
    }

    /// Calls `each` with the words that begin so, at most `limit` of each part; some may be of documents that do not
    /// count any more.
    pub(crate) fn words_with_prefix(
        &self,
        prefix: &str,
        limit: usize,
        mut each: impl FnMut(&str),
    ) -> Result<(), Damaged> {
        for part in &self.parts {
            with_prefix_up_to(part.segment.words(), prefix, limit, |word, _| {
                each(word);
                Ok(())
            })?;
        }
        Ok(())
    }

    pub(crate) fn frequency(&self, word: &Word<'_>) -> Frequency {
        let mut all = Frequency::default();
        for (part, list) in &word.lists {
            let part = &self.parts[*part];
            if part.is_whole() {
                all.n_files += list.n_docs as usize;
                all.n_units += list.n_units as usize;
                all.n_paths += list.n_paths as usize;
                continue;
            }
            for found in list.docs().filter(|found| part.is_alive(found.doc)) {
                all.n_files += 1;
                all.n_units += found.n_units as usize;
            }
            all.n_paths += list.paths().filter(|path| part.is_alive(path.doc)).count();
        }
        all
    }

    /// Calls `each` with the slot, the counts in it, and the words of it all.
    #[inline]
    pub(crate) fn each_doc(&self, word: &Word<'_>, mut each: impl FnMut(Slot, &InDoc, u32)) {
        for (idx, list) in &word.lists {
            let (part, base) = (&self.parts[*idx], self.bases[*idx]);
            let (is_whole, lengths) = (part.is_whole(), part.segment.lengths());
            for found in list.docs().filter(|found| is_whole || part.is_alive(found.doc)) {
                each(base + found.doc, &found, u32_at(lengths, found.doc as usize));
            }
        }
    }

    #[inline]
    pub(crate) fn each_path(&self, word: &Word<'_>, mut each: impl FnMut(Slot, InPath)) {
        for (idx, list) in &word.lists {
            let (part, base) = (&self.parts[*idx], self.bases[*idx]);
            let is_whole = part.is_whole();
            for path in list.paths().filter(|path| is_whole || part.is_alive(path.doc)) {
                each(base + path.doc, path);
            }
        }
    }

    /// The word in one document.
    pub(crate) fn in_doc(&self, word: &Word<'_>, slot: Slot) -> Option<InDoc> {
        self.list(word, slot)?.1
    }

    /// The word in the units of one document, in order.
    pub(crate) fn in_units<'a>(
        &self,
        word: &Word<'a>,
        slot: Slot,
    ) -> impl Iterator<Item = InUnit> + use<'a> {
        let found = self.list(word, slot).and_then(|(list, found)| Some((list, found?)));
        found.into_iter().flat_map(|(list, found)| list.units(&found))
    }

    /// Whether a word stands in the path of a document.
    pub(crate) fn is_in_path(&self, word: &Word<'_>, slot: Slot) -> bool {
        let (part, doc) = self.place(slot);
        let at = word.lists.binary_search_by_key(&part, |(part, _)| *part);
        at.is_ok_and(|at| word.lists[at].1.is_in_path(doc))
    }

    /// The units that define a name, given as `fold` gives it.
    pub(crate) fn named(&self, folded: &str) -> Result<Vec<(Slot, u32)>, Damaged> {
        let mut found = Vec::new();
        for (idx, part) in self.parts.iter().enumerate() {
            if let Some(value) = part.segment.names().find(folded.as_bytes())? {
                self.add_places(idx, part.segment.named(value)?, &mut found);
            }
        }
        Ok(found)
    }

    /// The units that define a longer name that begins so.
    pub(crate) fn named_longer(&self, folded: &str) -> Result<Vec<(Slot, u32)>, Damaged> {
        let mut found = Vec::new();
        for (idx, part) in self.parts.iter().enumerate() {
            with_prefix(part.segment.names(), folded, |name, value| {
                if name.len() != folded.len() {
                    self.add_places(idx, part.segment.named(value)?, &mut found);
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// The units that refer to a name, as it is written there.
    pub(crate) fn referring(&self, name: &str) -> Result<Vec<(Slot, u32)>, Damaged> {
        let mut found = Vec::new();
        for (idx, part) in self.parts.iter().enumerate() {
            if let Some(value) = part.segment.refs().find(name.as_bytes())? {
                self.add_places(idx, part.segment.referring(value)?, &mut found);
            }
        }
        Ok(found)
    }

    fn add_places(&self, part: usize, units: Vec<u32>, found: &mut Vec<(Slot, u32)>) {
        let places = units.into_iter().map(|unit| self.unit_place(part, unit));
        let is_alive = |slot: Slot| self.parts[part].is_alive(slot - self.bases[part]);
        found.extend(places.filter(|(slot, _)| is_alive(*slot)));
    }

    /// The part of a slot, and the document in it.
    pub(crate) fn place(&self, slot: Slot) -> (usize, u32) {
        let part = self.bases.partition_point(|base| *base <= slot).saturating_sub(1);
        (part, slot - self.bases[part])
    }

    fn list<'a>(&self, word: &Word<'a>, slot: Slot) -> Option<(Postings<'a>, Option<InDoc>)> {
        let (part, doc) = self.place(slot);
        let at = word.lists.binary_search_by_key(&part, |(part, _)| *part).ok()?;
        let list = word.lists[at].1;
        Some((list, list.find(doc)))
    }
}
