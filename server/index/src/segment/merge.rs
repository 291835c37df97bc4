//! Makes one segment of chosen documents of others, in memory or in a file, without reading a text again.
//! Which documents are chosen is decided by `compact` and `update`; nothing of the sources changes.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use crate::classify::Class;
use crate::document::PathWords;
use crate::segment::bytes::Damaged;
use crate::segment::dict::{Dict, DictWriter, Keys, Value};
use crate::segment::layout::{ALIGN, Recipe, Section};
use crate::segment::out::Out;
use crate::segment::postings::{InDoc, InPath, Postings, WordWriter};
use crate::segment::sections::{Columns, SPILLED, Sections};
use crate::segment::unit::Record;
use crate::segment::{Failed, Segment, WITHOUT_VECTORS};
use crate::vector::Rows;

/// So many bytes of a new file are written before what was read for them is forgotten.
const RELEASED: usize = 32 * SPILLED;

/// Not among the chosen.
const DROPPED: u32 = u32::MAX;

/// A segment and its documents that are wanted.
pub(crate) struct Source<'a> {
    pub(crate) segment: &'a Segment,
    /// Invariant: ascending by document, each once.
    pub(crate) picks: Vec<Pick>,
}

/// A document that is wanted.
pub(crate) struct Pick {
    pub(crate) doc: u32,
    /// It lies elsewhere now.
    pub(crate) moved: Option<Moved>,
}

/// What of a document depends on its path.
pub(crate) struct Moved {
    pub(crate) path: String,
    pub(crate) class: Class,
    pub(crate) words: PathWords,
}

/// The new segment, and for each source the new numbers of its picks.
pub(crate) struct Merged {
    pub(crate) segment: Segment,
    pub(crate) places: Vec<Vec<u32>>,
}

/// The new segment in memory. Documents with the same path stay in the order of their sources.
pub(crate) fn merge(sources: &[Source<'_>], recipe: Recipe) -> Result<Merged, Damaged> {
    let plan = Plan::new(sources);
    let mut out = Sections::in_memory();
    plan.put_all(&mut out)?;
    Ok(Merged { segment: out.finish(recipe), places: plan.places() })
}

/// The new segment in a new file, of which little is in memory at any time.
pub(crate) fn merge_into(
    path: &Path,
    id: u64,
    sources: &[Source<'_>],
    recipe: Recipe,
) -> Result<Merged, Failed> {
    let plan = Plan::new(sources);
    let mut out = Sections::in_file(Out::create(path)?);
    plan.put_all(&mut out)?;
    let segment = out.finish_file(id, recipe)?;
    plan.release();
    Ok(Merged { segment, places: plan.places() })
}

struct Plan<'a> {
    sources: &'a [Source<'a>],
    /// Source and pick of each new document.
    order: Vec<(usize, usize)>,
    /// For each source, the new number of each of its documents.
    new_docs: Vec<Vec<u32>>,
    /// For each source, the new number of each of its units.
    new_units: Vec<Vec<u32>>,
    /// How long the new file was when the files of the sources were forgotten last.
    released: Cell<usize>,
}

/// A dictionary with places: how it is read, and where it is written.
struct Kind {
    dict: for<'a> fn(&'a Segment) -> Dict<'a>,
    read: fn(&Segment, Value) -> Result<Vec<u32>, Damaged>,
    blocks: Section,
    keys: Section,
    places: Section,
}

const NAMES: Kind = Kind {
    dict: Segment::names,
    read: Segment::named,
    blocks: Section::NameBlocks,
    keys: Section::NameKeys,
    places: Section::NamePlaces,
};

const REFS: Kind = Kind {
    dict: Segment::refs,
    read: Segment::referring,
    blocks: Section::RefBlocks,
    keys: Section::RefKeys,
    places: Section::RefPlaces,
};

impl<'a> Plan<'a> {
    fn new(sources: &'a [Source<'a>]) -> Plan<'a> {
        let mut order: Vec<(usize, usize)> = Vec::new();
        for (idx, source) in sources.iter().enumerate() {
            order.extend((0..source.picks.len()).map(|pick| (idx, pick)));
        }
        order.sort_by_key(|(source, pick)| sources[*source].path(*pick));
        let dropped = |count: fn(&Segment) -> u32| {
            let sizes = sources.iter().map(move |source| count(source.segment) as usize);
            sizes.map(|size| vec![DROPPED; size]).collect::<Vec<_>>()
        };
        let mut new_docs = dropped(Segment::n_docs);
        let mut new_units = dropped(Segment::n_units);
        let mut next_unit = 0;
        for ((source, pick), new) in order.iter().zip(0..) {
            let doc = sources[*source].picks[*pick].doc;
            new_docs[*source][doc as usize] = new;
            for unit in sources[*source].segment.units(doc) {
                new_units[*source][unit as usize] = next_unit;
                next_unit += 1;
            }
        }
        Plan { sources, order, new_docs, new_units, released: Cell::new(0) }
    }

    fn put_all(&self, out: &mut Sections) -> Result<(), Damaged> {
        if let [source] = self.sources
            && source.is_whole_and_new()
        {
            out.copy(source.segment);
        } else {
            self.put_words(out)?;
            self.put_places(out, NAMES)?;
            self.put_places(out, REFS)?;
            self.put_units(out)?;
            self.put_docs(out)?;
        }
        out.put_derived();
        Ok(())
    }

    /// The units in their new order: the source, and the number there.
    fn units(&self) -> impl Iterator<Item = (usize, u32)> {
        self.order.iter().flat_map(|(source, pick)| {
            let Source { segment, picks } = &self.sources[*source];
            segment.units(picks[*pick].doc).map(|unit| (*source, unit))
        })
    }

    /// Moves a section that grows to the file, and forgets now and then what was read of those of the sources.
    fn spill(&self, out: &mut Sections, section: Section) {
        out.spill(section);
        if self.released.get() + RELEASED <= out.len_file() {
            self.released.set(out.len_file());
            self.release();
        }
    }

    fn release(&self) {
        self.sources.iter().for_each(|source| source.segment.release());
    }

    fn places(&self) -> Vec<Vec<u32>> {
        let new = |(source, new_docs): (&Source<'_>, &Vec<u32>)| {
            source.picks.iter().map(|pick| new_docs[pick.doc as usize]).collect()
        };
        self.sources.iter().zip(&self.new_docs).map(new).collect()
    }

    fn put_words(&self, out: &mut Sections) -> Result<(), Damaged> {
        let mut moved = self.moved_words();
        let mut dict = DictWriter::default();
        let mut writer = WordWriter::default();
        let mut docs: Vec<(u32, InDoc, Postings<'_>)> = Vec::new();
        let mut paths: Vec<InPath> = Vec::new();
        let mut finish = |key: &[u8], writer: &mut WordWriter, out: &mut Sections| {
            if !writer.is_empty() {
                let len = writer.write(out.part(Section::Postings));
                dict.push(key, len);
                self.spill(out, Section::Postings);
            }
        };
        let dicts = self.sources.iter().map(|source| source.segment.words());
        merge_keys(dicts, |key, values| {
            while let Some(entry) = moved.first_entry()
                && entry.key().as_bytes() < key
            {
                let (word, paths) = entry.remove_entry();
                paths.into_iter().for_each(|path| writer.push_path(path));
                finish(word.as_bytes(), &mut writer, out);
            }
            docs.clear();
            paths.clear();
            for (source, value) in values {
                let new_docs = &self.new_docs[*source];
                let postings = self.sources[*source].segment.postings(*value)?;
                let new = |doc: u32| new_docs.get(doc as usize).copied().unwrap_or(DROPPED);
                for found in postings.docs() {
                    if new(found.doc) != DROPPED {
                        docs.push((new(found.doc), found, postings));
                    }
                }
                for path in postings.paths() {
                    if new(path.doc) != DROPPED && !self.is_moved(new(path.doc)) {
                        paths.push(InPath { doc: new(path.doc), ..path });
                    }
                }
            }
            if let Ok(word) = std::str::from_utf8(key) {
                paths.extend(moved.remove(word).into_iter().flatten());
            }
            docs.sort_unstable_by_key(|(doc, ..)| *doc);
            paths.sort_unstable_by_key(|path| path.doc);
            for (doc, found, postings) in &docs {
                writer.copy_doc(*doc, found, postings);
            }
            paths.iter().for_each(|path| writer.push_path(*path));
            finish(key, &mut writer, out);
            Ok(())
        })?;
        for (word, paths) in moved {
            paths.into_iter().for_each(|path| writer.push_path(path));
            finish(word.as_bytes(), &mut writer, out);
        }
        out.end(Section::Postings);
        out.put_dict(Section::WordBlocks, Section::WordKeys, dict);
        Ok(())
    }

    /// Words of paths that are new, with their documents in order.
    fn moved_words(&self) -> BTreeMap<String, Vec<InPath>> {
        let mut words: BTreeMap<String, Vec<InPath>> = BTreeMap::new();
        for ((source, pick), doc) in self.order.iter().zip(0..) {
            let Some(moved) = &self.sources[*source].picks[*pick].moved else { continue };
            for (word, in_stem) in moved.words.each() {
                let paths = words.entry(word.to_owned()).or_default();
                // The stem comes first, so a word in both counts as one of the stem.
                if paths.last().is_none_or(|last| last.doc != doc) {
                    paths.push(InPath { doc, in_stem });
                }
            }
        }
        words
    }

    fn is_moved(&self, new_doc: u32) -> bool {
        let (source, pick) = self.order[new_doc as usize];
        self.sources[source].picks[pick].moved.is_some()
    }

    fn put_places(&self, out: &mut Sections, kind: Kind) -> Result<(), Damaged> {
        let mut dict = DictWriter::default();
        let mut units: Vec<u32> = Vec::new();
        let dicts = self.sources.iter().map(|source| (kind.dict)(source.segment));
        merge_keys(dicts, |key, values| {
            units.clear();
            for (source, value) in values {
                let new = |unit: u32| {
                    self.new_units[*source].get(unit as usize).copied().unwrap_or(DROPPED)
                };
                let found = (kind.read)(self.sources[*source].segment, *value)?;
                units.extend(found.into_iter().map(new).filter(|unit| *unit != DROPPED));
            }
            if !units.is_empty() {
                units.sort_unstable();
                let len = out.push_numbers(kind.places, &units);
                dict.push(key, len);
                self.spill(out, kind.places);
            }
            Ok(())
        })?;
        out.end(kind.places);
        out.put_dict(kind.blocks, kind.keys, dict);
        Ok(())
    }

    fn put_units(&self, out: &mut Sections) -> Result<(), Damaged> {
        // One section after the other, so that each can go to the file as it grows.
        let mut strings = 0;
        for (source, unit) in self.units() {
            let segment = self.sources[source].segment;
            out.push_record(&Record { unit: segment.unit(unit)?, strings });
            strings += segment.string_len(unit)? as u32;
            self.spill(out, Section::Units);
        }
        out.end(Section::Units);
        for (source, unit) in self.units() {
            let strings = self.sources[source].segment.string_bytes(unit)?;
            out.part(Section::Strings).extend_from_slice(strings);
            self.spill(out, Section::Strings);
        }
        out.end(Section::Strings);
        Ok(())
    }

    /// The columns of the documents, and the vectors.
    fn put_docs(&self, out: &mut Sections) -> Result<(), Damaged> {
        let mut vectors = Vec::new();
        for source in self.sources {
            vectors.push(source.segment.rows()?);
            source.segment.release();
        }
        // An embedder's width is that of its newest vectors: those in memory, or else in the file that was made last.
        let age = |segment: &Segment| segment.id().wrapping_sub(1);
        let known = self.sources.iter().zip(&vectors).filter(|(_, rows)| rows.is_some());
        let newest = known.max_by_key(|(source, _)| age(source.segment));
        let dim = newest.and_then(|(_, rows)| Some(rows.as_ref()?.dim()));
        // Those of another width become zeros.
        let vectors: Vec<Option<Rows<'_>>> =
            vectors.into_iter().map(|rows| rows.filter(|rows| Some(rows.dim()) == dim)).collect();
        for (source, pick) in &self.order {
            let segment = self.sources[*source].segment;
            let Pick { doc, moved } = &self.sources[*source].picks[*pick];
            out.push_doc(Columns {
                path: self.sources[*source].path(*pick),
                n_units: segment.units(*doc).len() as u32,
                n_words: segment.n_words(*doc),
                text_len: segment.text_len(*doc),
                text_sum: segment.text_sum(*doc),
                language: segment.language(*doc),
                class: moved.as_ref().map_or(segment.class(*doc), |moved| moved.class),
                flags: match (&vectors[*source], dim) {
                    (None, Some(_)) => segment.flags(*doc) | WITHOUT_VECTORS,
                    _ => segment.flags(*doc),
                },
                hash: segment.hash(*doc),
            });
        }
        if let Some(dim) = dim {
            self.put_rows(out, dim, &vectors);
        }
        Ok(())
    }

    /// `vectors`: of each source, if they are as wide as the new ones.
    fn put_rows(&self, out: &mut Sections, dim: usize, vectors: &[Option<Rows<'_>>]) {
        let written = |source: usize, unit: u32| vectors[source].as_ref()?.written(unit);
        let header = Rows::header(dim, self.units().count());
        out.part(Section::Vectors).extend_from_slice(&header);
        for (source, unit) in self.units() {
            let scale = written(source, unit).map_or([0; 4], |(scale, _)| scale);
            out.part(Section::Vectors).extend_from_slice(&scale);
            self.spill(out, Section::Vectors);
        }
        let zeros = out.len(Section::Vectors).next_multiple_of(ALIGN) - out.len(Section::Vectors);
        out.part(Section::Vectors).extend(std::iter::repeat_n(0, zeros));
        let nothing = vec![0; dim];
        for (source, unit) in self.units() {
            let codes = written(source, unit).map_or(nothing.as_slice(), |(_, codes)| codes);
            out.part(Section::Vectors).extend_from_slice(codes);
            self.spill(out, Section::Vectors);
        }
        self.release();
        out.put_clusters();
    }
}

impl Source<'_> {
    fn path(&self, pick: usize) -> &str {
        let Pick { doc, moved } = &self.picks[pick];
        moved.as_ref().map_or_else(|| self.segment.path(*doc), |moved| &moved.path)
    }

    /// All of a segment that is in memory, as it is there.
    fn is_whole_and_new(&self) -> bool {
        self.segment.id() == 0
            && self.picks.len() == self.segment.n_docs() as usize
            && self.picks.iter().all(|pick| pick.moved.is_none())
    }
}

/// Calls `each` with every key of the dictionaries, in order, and with the dictionaries that have it.
fn merge_keys<'a>(
    dicts: impl Iterator<Item = Dict<'a>>,
    mut each: impl FnMut(&[u8], &[(usize, Value)]) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut heads: Vec<(Keys<'a>, Option<Value>)> = Vec::new();
    for dict in dicts {
        let mut keys = dict.all()?;
        let value = keys.next()?;
        heads.push((keys, value));
    }
    let mut key = Vec::new();
    let mut values = Vec::new();
    loop {
        let open = heads.iter().filter(|(_, value)| value.is_some());
        let Some((least, _)) = open.min_by_key(|(keys, _)| keys.key()) else { return Ok(()) };
        key.clear();
        key.extend_from_slice(least.key());
        values.clear();
        for (idx, (keys, value)) in heads.iter_mut().enumerate() {
            if let Some(found) = *value
                && keys.key() == key
            {
                values.push((idx, found));
                *value = keys.next()?;
            }
        }
        each(&key, &values)?;
    }
}
