//! Makes a segment of documents that were just cut.
//! It reads no text; `document` did.

use std::collections::HashMap;

use crate::document::{Counts, Document};
use crate::hash::Fast;
use crate::parallel::in_parallel;
use crate::segment::dict::DictWriter;
use crate::segment::layout::{Recipe, Section};
use crate::segment::postings::{InPath, InUnit, WordWriter};
use crate::segment::sections::{Columns, Sections};
use crate::segment::unit::Strings;
use crate::segment::{Segment, Unit, WITHOUT_VECTORS};
use crate::vector::RowsBuf;
use crate::words::fold;

/// From so many counted words on, threads share the work; few in tests, where files are small.
const SHARED_COUNTS: usize = if cfg!(test) { 8 } else { 1 << 16 };
/// So many of the words are looked at for the middle one.
const SAMPLED: usize = 256;

/// `docs`: sorted by path, each path once.
pub(crate) fn build(docs: &[Document], recipe: Recipe) -> Segment {
    let path_words: Vec<(&str, InPath)> = docs
        .iter()
        .zip(0..)
        .flat_map(|(doc, idx)| doc.path_words.each().map(move |word| (word, idx)))
        .map(|((word, in_stem), doc)| (word, InPath { doc, in_stem }))
        .collect();
    let stretch = |wanted: &dyn Fn(&str) -> bool| Made::Words(stretch(docs, &path_words, wanted));
    let made = match middle(docs) {
        // Each half goes through all documents; where the cut is changes nothing in what comes out.
        Some(middle) => in_parallel(3, |part| match part {
            0 => Made::Others(Box::new(put_others(docs, recipe))),
            1 => stretch(&|word| word < middle),
            _ => stretch(&|word| middle <= word),
        }),
        None => vec![Made::Others(Box::new(put_others(docs, recipe))), stretch(&|_| true)],
    };
    let mut out = Sections::in_memory();
    let mut stretches = Vec::new();
    for made in made {
        match made {
            Made::Others(others) => out = *others,
            Made::Words(stretch) => stretches.push(stretch),
        }
    }
    put_words(stretches, &mut out);
    out.finish(recipe)
}

/// What is made at the same time.
enum Made<'a> {
    /// All but the words.
    Others(Box<Sections>),
    Words(Stretch<'a>),
}

fn put_others(docs: &[Document], recipe: Recipe) -> Sections {
    let mut out = Sections::in_memory();
    put_names(docs, &mut out);
    put_refs(docs, &mut out);
    put_docs(docs, recipe, &mut out);
    out.put_derived();
    out
}

/// The documents and their units, with the vectors.
fn put_docs(docs: &[Document], recipe: Recipe, out: &mut Sections) {
    // All vectors of one call come from one embedder.
    let dim = docs.iter().find_map(|doc| Some(doc.vectors.as_ref()?.as_rows().dim()));
    let mut rows = dim.map(RowsBuf::new);
    for doc in docs {
        let n_words = doc.units.iter().map(|unit| unit.n_words).sum();
        let is_missing = recipe.embedder != 0 && doc.vectors.is_none();
        out.push_doc(Columns {
            path: doc.path.as_str(),
            n_units: doc.units.len() as u32,
            n_words,
            text_len: doc.text_len,
            text_sum: doc.text_sum,
            language: doc.language,
            class: doc.class,
            flags: if is_missing { WITHOUT_VECTORS } else { 0 },
            hash: doc.hash.as_bytes(),
        });
        for (idx, unit) in doc.units.iter().enumerate() {
            let chunk = &unit.chunk;
            let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            out.push_unit(Unit {
                kind: chunk.kind,
                range: (short(chunk.range.start), short(chunk.range.end)),
                body: chunk.body.map(|body| (short(body.start), short(body.end))),
                lines: chunk.lines,
                n_words: unit.n_words,
                is_test: unit.is_test,
                is_imports: unit.is_imports,
            });
            Strings::write(chunk, out.part(Section::Strings));
            if let Some(rows) = &mut rows {
                match &doc.vectors {
                    Some(vectors) => rows.push_row(&vectors.as_rows(), idx as u32),
                    None => rows.push(&[]),
                };
            }
        }
    }
    if let Some(rows) = &rows {
        out.put_rows(rows);
    }
}

/// A word in a unit of a document.
#[derive(Clone, Copy, Default)]
struct Entry {
    doc: u32,
    unit: u32,
    counts: Counts,
}

/// The words of all documents by number, and the first and last entry of each.
struct Numbers<'a> {
    ids: HashMap<&'a str, u32, Fast>,
    words: Vec<&'a str>,
    ends: Vec<u32>,
}

impl<'a> Numbers<'a> {
    fn new(docs: &[Document]) -> Numbers<'a> {
        // There are at least as many as in the one that has most, which is often large among small ones.
        let n_words = docs.iter().map(|doc| doc.words.len()).max().unwrap_or_default();
        Numbers {
            ids: HashMap::with_capacity_and_hasher(n_words, Fast::default()),
            words: Vec::with_capacity(n_words),
            ends: Vec::with_capacity(n_words),
        }
    }

    fn number(&mut self, word: &'a str) -> u32 {
        *self.ids.entry(word).or_insert_with(|| {
            self.words.push(word);
            self.ends.push(0);
            self.words.len() as u32 - 1
        })
    }
}

/// A stretch of the dictionary: its words in order, with the bytes of their postings, which follow each other.
#[derive(Default)]
struct Stretch<'a> {
    words: Vec<(&'a str, usize)>,
    postings: Vec<u8>,
}

fn put_words(stretches: Vec<Stretch<'_>>, out: &mut Sections) {
    let mut dict = DictWriter::default();
    for Stretch { words, mut postings } in stretches {
        words.into_iter().for_each(|(word, len)| dict.push(word.as_bytes(), len));
        out.part(Section::Postings).append(&mut postings);
    }
    out.put_dict(Section::WordBlocks, Section::WordKeys, dict);
}

/// A word with about as many before it as behind it; `None` if there are too few to share them out.
fn middle(docs: &[Document]) -> Option<&str> {
    if docs.iter().map(|doc| doc.counts.len()).sum::<usize>() < SHARED_COUNTS {
        return None;
    }
    let largest = docs.iter().max_by_key(|doc| doc.words.len())?;
    let every = largest.words.len().div_ceil(SAMPLED).max(1);
    let mut sample: Vec<&str> = largest.words.iter().step_by(every).map(|word| &**word).collect();
    sample.sort_unstable();
    sample.get(sample.len() / 2).copied()
}

/// The part of the dictionary with the words that are `wanted`: all of them between two others.
fn stretch<'a>(
    docs: &'a [Document],
    path_words: &[(&'a str, InPath)],
    wanted: &dyn Fn(&str) -> bool,
) -> Stretch<'a> {
    let mut numbers = Numbers::new(docs);
    // For each document the numbers of its own words; `None` of those that are not wanted.
    let mut maps: Vec<Vec<Option<u32>>> = Vec::with_capacity(docs.len());
    let mut paths: Vec<(u32, InPath)> = Vec::new();
    for doc in docs {
        let mut number = |word: &'a str| wanted(word).then(|| numbers.number(word));
        let map: Vec<Option<u32>> = doc.words.iter().map(|word| number(word)).collect();
        for counted in &doc.counts {
            if let Some(number) = map[counted.word as usize] {
                numbers.ends[number as usize] += 1;
            }
        }
        maps.push(map);
    }
    for (word, path) in path_words.iter().filter(|(word, _)| wanted(word)) {
        paths.push((numbers.number(word), *path));
    }
    // Entries are put where their word's are, document by document, so that each word has them in order.
    let mut end = 0;
    for count in &mut numbers.ends {
        (*count, end) = (end, end + *count);
    }
    let mut entries = vec![Entry::default(); end as usize];
    for ((doc, map), doc_idx) in docs.iter().zip(&maps).zip(0..) {
        for counted in &doc.counts {
            let Some(number) = map[counted.word as usize] else { continue };
            let at = &mut numbers.ends[number as usize];
            entries[*at as usize] =
                Entry { doc: doc_idx, unit: counted.unit, counts: counted.counts };
            *at += 1;
        }
    }
    // In the stem and in a folder: that counts as in the stem.
    paths.sort_by_key(|(word, path)| (*word, path.doc, !path.in_stem));
    paths.dedup_by_key(|(word, path)| (*word, path.doc));
    let mut order: Vec<u32> = (0..numbers.words.len() as u32).collect();
    order.sort_unstable_by_key(|number| numbers.words[*number as usize]);
    let mut out = Stretch::default();
    let mut writer = WordWriter::default();
    for number in order {
        let idx = number as usize;
        let start = if idx == 0 { 0 } else { numbers.ends[idx - 1] };
        let own = &entries[start as usize..numbers.ends[idx] as usize];
        for in_doc in own.chunk_by(|a, b| a.doc == b.doc) {
            let unit = |entry: &Entry| InUnit { unit: entry.unit, counts: entry.counts };
            writer.push_doc(in_doc[0].doc, in_doc.iter().map(unit));
        }
        let first = paths.partition_point(|(word, _)| *word < number);
        let own = paths[first..].iter().take_while(|(word, _)| *word == number);
        own.for_each(|(_, path)| writer.push_path(*path));
        let len = writer.write(&mut out.postings);
        out.words.push((numbers.words[idx], len));
    }
    out
}

/// Names of definitions, folded, to their units.
fn put_names(docs: &[Document], out: &mut Sections) {
    let mut names: Vec<(String, u32)> = Vec::new();
    let units = docs.iter().flat_map(|doc| &doc.units);
    for (unit, number) in units.zip(0..) {
        let folded = fold(&unit.chunk.name);
        if !folded.is_empty() {
            names.push((folded, number));
        }
    }
    names.sort_unstable();
    put_places(&names, out, [Section::NameBlocks, Section::NameKeys, Section::NamePlaces]);
}

/// Names that units refer to.
fn put_refs(docs: &[Document], out: &mut Sections) {
    let mut refs: Vec<(&str, u32)> = Vec::new();
    let mut first = 0;
    for doc in docs {
        refs.extend(doc.refs.each().map(|(name, unit)| (name, first + unit)));
        first += doc.units.len() as u32;
    }
    // Those of each document are sorted.
    refs.sort();
    put_places(&refs, out, [Section::RefBlocks, Section::RefKeys, Section::RefPlaces]);
}

/// A dictionary of names with the units of each; `names`: sorted.
fn put_places<S: AsRef<[u8]> + PartialEq>(
    names: &[(S, u32)],
    out: &mut Sections,
    [blocks, keys, places]: [Section; 3],
) {
    let mut dict = DictWriter::default();
    for same in names.chunk_by(|a, b| a.0 == b.0) {
        let units: Vec<u32> = same.iter().map(|(_, unit)| *unit).collect();
        let len = out.push_numbers(places, &units);
        dict.push(same[0].0.as_ref(), len);
    }
    out.put_dict(blocks, keys, dict);
}

#[cfg(test)]
mod tests;
