//! Documents as a vector server takes them: cut and counted again from their text, with the vectors that the index has.
//! Text itself is not among it, and a document of unsaved text never comes here.

use std::collections::BTreeMap;

use base::{ContentHash, RelPath};

use crate::checksum::checksum;
use crate::classify::Class;
use crate::document::{Counted, Document};
use crate::reader::Reader;
use crate::remote::server::{FilePoint, PointId, Sparse, UnitPoint};
use crate::segment::bytes::Damaged;
use crate::segment::postings::Sums;
use crate::vector::Rows;
use crate::weights;

/// A document with its units; `None` if its file has another text by now, which the next update takes in.
pub(crate) fn point(
    reader: &Reader,
    (part, doc): (usize, u32),
    id: PointId,
) -> Result<Option<FilePoint>, Damaged> {
    let segment = &reader.parts()[part].segment;
    let Some(rows) = segment.rows()? else { return Ok(None) };
    let Ok(path) = RelPath::parse(segment.path(doc)) else { return Ok(None) };
    let snapshot = reader.snapshot.as_ref();
    let Some(text) = snapshot.and_then(|snapshot| snapshot.read(&path).ok()) else {
        return Ok(None);
    };
    let is_same = text.len() == segment.text_len(doc) as usize
        && checksum(text.as_bytes()) == segment.text_sum(doc);
    if !is_same {
        return Ok(None);
    }
    let document = Document::new(path, ContentHash::of(text.as_bytes()), &text);
    let units = segment.units(doc);
    if document.units.len() != units.len() {
        return Ok(None);
    }
    let words = file_words(reader, &document, segment.n_words(doc));
    let language = syntax::detect(&document.path, Some(&text)).map(|lang| lang.id.to_owned());
    let is_test = document.class == Class::Test;
    let mut unit_words = unit_words(reader, &document).into_iter();
    let points = document.units.iter().zip(0_u32..).map(|(unit, number)| UnitPoint {
        id: PointId::of(&[&id.bytes(), &number.to_le_bytes()]),
        unit: number,
        name: unit.chunk.qualified.clone(),
        lines: unit.chunk.lines,
        is_test: is_test || unit.is_test,
        vector: vector(&rows, units.start + number),
        words: unit_words.next().unwrap_or_default(),
    });
    let units = points.collect();
    let path = document.path.as_str().to_owned();
    Ok(Some(FilePoint { id, path, language, is_test, words, units }))
}

/// A word as a number. Words that share one count as one.
pub(crate) fn word_number(word: &str) -> u32 {
    checksum(word.as_bytes()) as u32
}

/// Words with what they are worth, in the order that servers want.
pub(crate) fn sparse(words: impl Iterator<Item = (u32, f32)>) -> Sparse {
    let mut all: BTreeMap<u32, f32> = BTreeMap::new();
    for (word, value) in words {
        *all.entry(word).or_default() += value;
    }
    Sparse { words: all.keys().copied().collect(), values: all.into_values().collect() }
}

fn vector(rows: &Rows<'_>, row: u32) -> Option<Vec<f32>> {
    let vector = rows.vector(row);
    vector.iter().any(|number| *number != 0.0).then_some(vector)
}

/// What phase one gives each word of a file: its text by BM25, and its path.
fn file_words(reader: &Reader, document: &Document, n_words: u32) -> Sparse {
    let mean_len = reader.n_words() as f32 / reader.n_files().max(1) as f32;
    let mut sums: BTreeMap<u32, Sums> = BTreeMap::new();
    for Counted { word, counts, .. } in &document.counts {
        let sum = sums.entry(*word).or_default();
        sum.name += u32::from(counts.name);
        sum.signature += u32::from(counts.signature);
        sum.doc += u32::from(counts.doc);
        sum.body += u32::from(counts.body);
    }
    let in_text = sums.into_iter().map(|(word, sums)| {
        let count = weights::weighted_sums(sums);
        let value = weights::saturate(count, n_words as f32, mean_len);
        (word_number(&document.words[word as usize]), value)
    });
    // In the stem and in a folder, it counts once: at the stem.
    let mut in_path: BTreeMap<&str, f32> = BTreeMap::new();
    for (word, in_stem) in document.path_words.each() {
        let worth = if in_stem { weights::IN_STEM } else { weights::IN_FOLDER };
        in_path.entry(word).or_insert(worth);
    }
    sparse(in_text.chain(in_path.into_iter().map(|(word, worth)| (word_number(word), worth))))
}

/// What phase two gives each word of a unit, apart from what its name adds.
fn unit_words(reader: &Reader, document: &Document) -> Vec<Sparse> {
    let mean_len = reader.n_words() as f32 / reader.n_units().max(1) as f32;
    let mut all: Vec<Vec<(u32, f32)>> = vec![Vec::new(); document.units.len()];
    for Counted { word, unit, counts } in &document.counts {
        let len = document.units[*unit as usize].n_words as f32;
        let value = weights::saturate(weights::weighted(*counts), len, mean_len);
        all[*unit as usize].push((word_number(&document.words[*word as usize]), value));
    }
    all.into_iter().map(|words| sparse(words.into_iter())).collect()
}
