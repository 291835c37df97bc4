//! A segment: some documents with their units, words, names, references and vectors, in bytes that never change.
//! It is searched where it lies, in memory or in a mapped file. Which of its documents still hold is not its question
//! (`part` knows), and it keeps no texts: a hit's text comes from the workspace.
//!
//! # Format
//! Numbers are little-endian. A file is
//! - a header of 1,024 bytes: `BTNSEG1\0`; u32 format, documents, units, sections; u64 id, recipe of the cut, id of the
//!   embedder as a hash, words, end of the body, checksum of the page checksums; for each section u64 start and length;
//!   zeros; and last a u64 checksum of all that;
//! - the body: the sections that [`layout::Section`] lists, each at a multiple of 64 bytes, in any order;
//! - a u64 checksum for each 16 KB of the body.
//!
//! Documents are sorted by path and numbered in that order; units are sorted by document, then position, and numbered
//! through. The columns of the documents are checked when the segment is opened, everything else page by page when it
//! is first read, so that opening costs nothing and a flipped bit is found before it is believed.
//! A unit is a record of 36 bytes: u32 start, end, start and end of the body, first and last line, words, offset in
//! `Strings`; u8 kind, u8 flags, two zeros. Its strings are the name, the qualified name (length
//! doubled, plus 1 if the name follows it), the signature, and the documentation (length plus 1, or 0 for none), each
//! with its length in front.
//! A dictionary maps sorted keys to stretches of another section, see [`dict`]; a word's stretch is described in
//! [`postings`], that of a name is a count, then the gaps between unit numbers.

pub(crate) mod build;
pub(crate) mod bytes;
pub(crate) mod dict;
mod file;
pub(crate) mod layout;
pub(crate) mod merge;
mod out;
pub(crate) mod postings;
mod sections;
mod unit;

use std::ops::Range;
use std::sync::OnceLock;

use base::ByteRange;
use syntax::Chunk;

use crate::classify::Class;
use crate::segment::bytes::{Bytes, Damaged, Span};
use crate::segment::dict::{Dict, Keys, Value};
use crate::segment::layout::{Head, Section, u32_at, u64_at};
use crate::segment::postings::Postings;
use crate::segment::unit::{RECORD_BYTES, Record, Strings};
use crate::varint::Cursor;
use crate::vector::Rows;
use crate::vector::clusters::Clusters;

pub(crate) use crate::segment::file::{Failed, Refused, Stub};
pub(crate) use crate::segment::layout::Recipe;
pub(crate) use crate::segment::unit::Unit;

/// More units than this have clusters over their vectors; fewer are scanned, which then takes as little.
pub(crate) const MIN_CLUSTERED: u32 = 20_000;

/// A document's flag: it has no vectors yet, or the embedder failed on it. Its rows are zeros, if there are any.
pub(crate) const WITHOUT_VECTORS: u8 = 1;

/// See the module.
#[derive(Debug)]
pub(crate) struct Segment {
    head: Head,
    bytes: Bytes,
    /// Filled when vectors and clusters were looked at as a whole, number by number: once is enough, and each search
    /// asks for them.
    checked: Checked,
}

/// What was found to be right.
#[derive(Debug, Default)]
struct Checked {
    rows: OnceLock<()>,
    clusters: OnceLock<()>,
    paths: OnceLock<()>,
}

impl Segment {
    /// 0 until it is saved.
    pub(crate) fn id(&self) -> u64 {
        self.head.id
    }

    pub(crate) fn n_docs(&self) -> u32 {
        self.head.n_docs
    }

    pub(crate) fn n_units(&self) -> u32 {
        self.head.n_units
    }

    /// Words of all documents.
    pub(crate) fn n_all_words(&self) -> u64 {
        self.head.n_words
    }

    /// Bytes of header and body.
    pub(crate) fn len_bytes(&self) -> usize {
        self.bytes.raw().len()
    }

    /// Forgets what was read of its file, for now.
    pub(crate) fn release(&self) {
        self.bytes.release();
    }

    /// Bytes of the postings, the greater part of what a merge has to read.
    pub(crate) fn len_postings(&self) -> usize {
        self.head.section(Section::Postings).len()
    }

    // The columns of the documents; a document that does not exist has zeros.

    pub(crate) fn path(&self, doc: u32) -> &str {
        let bytes = self.known(Section::Paths).get(self.path_range(doc)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The numbers of its units.
    pub(crate) fn units(&self, doc: u32) -> Range<u32> {
        let ends = self.known(Section::UnitEnds);
        let start = if doc == 0 { 0 } else { u32_at(ends, doc as usize - 1) };
        start..u32_at(ends, doc as usize).max(start)
    }

    /// Words in all its units.
    pub(crate) fn n_words(&self, doc: u32) -> u32 {
        u32_at(self.lengths(), doc as usize)
    }

    /// The same of all documents: a u32 for each.
    pub(crate) fn lengths(&self) -> &[u8] {
        self.known(Section::DocWords)
    }

    pub(crate) fn text_len(&self, doc: u32) -> u32 {
        u32_at(self.known(Section::TextLens), doc as usize)
    }

    pub(crate) fn text_sum(&self, doc: u32) -> u64 {
        u64_at(self.known(Section::TextSums), doc as usize)
    }

    pub(crate) fn language(&self, doc: u32) -> u32 {
        u32_at(self.known(Section::Languages), doc as usize)
    }

    pub(crate) fn class(&self, doc: u32) -> Class {
        Class::from_byte(self.classes().get(doc as usize).copied().unwrap_or(0))
    }

    /// The same of all documents: a byte for each.
    pub(crate) fn classes(&self) -> &[u8] {
        self.known(Section::Classes)
    }

    pub(crate) fn flags(&self, doc: u32) -> u8 {
        self.known(Section::Flags).get(doc as usize).copied().unwrap_or_default()
    }

    pub(crate) fn hash(&self, doc: u32) -> &[u8] {
        let start = doc as usize * 32;
        self.known(Section::Hashes).get(start..start + 32).unwrap_or_default()
    }

    /// The document of a unit.
    pub(crate) fn doc_of(&self, unit: u32) -> u32 {
        let ends = self.known(Section::UnitEnds);
        partition(self.n_docs(), |doc| u32_at(ends, doc as usize) <= unit)
    }

    /// The documents with this path: several, if a file had several contents.
    pub(crate) fn with_path(&self, path: &str) -> impl Iterator<Item = u32> {
        let start = partition(self.n_docs(), |doc| self.path(doc) < path);
        (start..self.n_docs()).take_while(move |doc| self.path(*doc) == path)
    }

    /// The documents whose text has this hash, by path.
    pub(crate) fn with_hash(&self, hash: &[u8]) -> impl Iterator<Item = u32> {
        let order = self.known(Section::ByHash);
        let at = move |idx: u32| u32_at(order, idx as usize);
        let start = partition(self.n_docs(), |idx| self.hash(at(idx)) < hash);
        (start..self.n_docs()).map(at).take_while(move |doc| self.hash(*doc) == hash)
    }

    /// The documents whose path ends with this part, by path.
    pub(crate) fn with_file_name(&self, name: &str) -> impl Iterator<Item = u32> {
        let order = self.known(Section::ByName);
        let at = move |idx: u32| u32_at(order, idx as usize);
        let start = partition(self.n_docs(), |idx| file_name(self.path(at(idx))) < name);
        (start..self.n_docs()).map(at).take_while(move |doc| file_name(self.path(*doc)) == name)
    }

    // Words, names, references.

    pub(crate) fn word(&self, word: &str) -> Result<Option<Postings<'_>>, Damaged> {
        match self.words().find(word.as_bytes())? {
            Some(value) => self.postings(value).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn words(&self) -> Dict<'_> {
        self.dict(Section::WordBlocks, Section::WordKeys)
    }

    pub(crate) fn postings(&self, value: Value) -> Result<Postings<'_>, Damaged> {
        let bytes = self.span(Section::Postings).get(value.start, value.len)?;
        Postings::read(bytes).ok_or(Damaged(self.id()))
    }

    /// The dictionary of folded names of definitions.
    pub(crate) fn names(&self) -> Dict<'_> {
        self.dict(Section::NameBlocks, Section::NameKeys)
    }

    /// The units that define a name.
    pub(crate) fn named(&self, value: Value) -> Result<Vec<u32>, Damaged> {
        Ok(places(self.span(Section::NamePlaces).get(value.start, value.len)?))
    }

    /// The dictionary of names that units refer to.
    pub(crate) fn refs(&self) -> Dict<'_> {
        self.dict(Section::RefBlocks, Section::RefKeys)
    }

    /// The units that refer to a name.
    pub(crate) fn referring(&self, value: Value) -> Result<Vec<u32>, Damaged> {
        Ok(places(self.span(Section::RefPlaces).get(value.start, value.len)?))
    }

    // Units.

    pub(crate) fn unit(&self, unit: u32) -> Result<Unit, Damaged> {
        Ok(self.record(unit)?.unit)
    }

    /// The name of what a unit defines.
    pub(crate) fn name(&self, unit: u32) -> Result<&str, Damaged> {
        Ok(self.strings(unit)?.name)
    }

    /// Its name with the names around it.
    pub(crate) fn qualified(&self, unit: u32) -> Result<String, Damaged> {
        Ok(self.strings(unit)?.qualified())
    }

    /// A unit as it was cut.
    pub(crate) fn chunk(&self, unit: u32) -> Result<Chunk, Damaged> {
        let Record { unit: fields, .. } = self.record(unit)?;
        let strings = self.strings(unit)?;
        let bytes = |(start, end): (u32, u32)| ByteRange::new(start as usize, end as usize);
        Ok(Chunk {
            kind: fields.kind,
            name: strings.name.to_owned(),
            qualified: strings.qualified(),
            signature: strings.signature.to_owned(),
            doc: strings.doc.map(str::to_owned),
            range: bytes(fields.range),
            body: fields.body.map(bytes),
            lines: fields.lines,
        })
    }

    // Vectors.

    /// The vectors of the units; `None` without an embedder.
    pub(crate) fn rows(&self) -> Result<Option<Rows<'_>>, Damaged> {
        if !self.has_rows() {
            return Ok(None);
        }
        self.checked_rows(Section::Vectors, &self.checked.rows).map(Some)
    }

    /// What the paths of the documents mean.
    pub(crate) fn path_rows(&self) -> Result<Rows<'_>, Damaged> {
        self.checked_rows(Section::PathRows, &self.checked.paths)
    }

    fn checked_rows(&self, section: Section, checked: &OnceLock<()>) -> Result<Rows<'_>, Damaged> {
        let damaged = Damaged(self.id());
        if checked.get().is_some() {
            return Rows::known(self.known(section)).map_err(|_| damaged);
        }
        let rows = Rows::parse(self.span(section).all()?).map_err(|_| damaged)?;
        // Another search may have done the same.
        let _ = checked.set(());
        Ok(rows)
    }

    /// Whether any unit may have a vector.
    pub(crate) fn has_rows(&self) -> bool {
        !self.head.section(Section::Vectors).is_empty()
    }

    /// Clusters of the vectors, where there are many.
    pub(crate) fn clusters(&self) -> Result<Option<Clusters<'_>>, Damaged> {
        if self.head.section(Section::Clusters).is_empty() {
            return Ok(None);
        }
        let damaged = Damaged(self.id());
        if self.checked.clusters.get().is_some() {
            return Clusters::known(self.known(Section::Clusters)).map(Some).map_err(|_| damaged);
        }
        let clusters = Clusters::parse(self.span(Section::Clusters).all()?).map_err(|_| damaged)?;
        let _ = self.checked.clusters.set(());
        Ok(Some(clusters))
    }

    fn span(&self, section: Section) -> Span<'_> {
        let Range { start, end } = self.head.section(section);
        Span { bytes: &self.bytes, id: self.id(), start, end }
    }

    fn known(&self, section: Section) -> &[u8] {
        self.span(section).known()
    }

    fn dict(&self, blocks: Section, keys: Section) -> Dict<'_> {
        Dict { blocks: self.span(blocks), keys: self.span(keys) }
    }

    fn path_range(&self, doc: u32) -> Range<usize> {
        let ends = self.known(Section::PathEnds);
        let start = if doc == 0 { 0 } else { u32_at(ends, doc as usize - 1) as usize };
        start..u32_at(ends, doc as usize) as usize
    }

    fn record(&self, unit: u32) -> Result<Record, Damaged> {
        let bytes = self.span(Section::Units).get(unit as usize * RECORD_BYTES, RECORD_BYTES)?;
        Record::read(bytes).ok_or(Damaged(self.id()))
    }

    fn strings(&self, unit: u32) -> Result<Strings<'_>, Damaged> {
        let bytes = self.string_bytes(unit)?;
        Strings::read(&mut Cursor::new(bytes)).ok_or(Damaged(self.id()))
    }

    fn string_len(&self, unit: u32) -> Result<usize, Damaged> {
        let (start, end) = self.strings_at(unit)?;
        Ok(end.saturating_sub(start))
    }

    fn string_bytes(&self, unit: u32) -> Result<&[u8], Damaged> {
        let (start, end) = self.strings_at(unit)?;
        self.span(Section::Strings).get(start, end.saturating_sub(start))
    }

    /// Start and end in `Strings`.
    fn strings_at(&self, unit: u32) -> Result<(usize, usize), Damaged> {
        let start = self.record(unit)?.strings as usize;
        let end = match unit + 1 < self.n_units() {
            true => self.record(unit + 1)?.strings as usize,
            false => self.span(Section::Strings).len(),
        };
        Ok((start, end))
    }
}

/// Goes through the keys of a dictionary that begin with `prefix`.
pub(crate) fn with_prefix<'a>(
    dict: Dict<'a>,
    prefix: &str,
    each: impl FnMut(&str, Value) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    with_prefix_up_to(dict, prefix, usize::MAX, each)
}

/// As [`with_prefix`], for the first `limit` keys.
pub(crate) fn with_prefix_up_to<'a>(
    dict: Dict<'a>,
    prefix: &str,
    limit: usize,
    mut each: impl FnMut(&str, Value) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut keys: Keys<'a> = dict.from(prefix.as_bytes())?;
    let mut n_seen = 0;
    while n_seen < limit
        && let Some(value) = keys.next()?
    {
        n_seen += 1;
        let key = std::str::from_utf8(keys.key()).unwrap_or_default();
        if !key.starts_with(prefix) {
            break;
        }
        each(key, value)?;
    }
    Ok(())
}

/// A count, then ascending numbers as gaps.
fn places(bytes: &[u8]) -> Vec<u32> {
    let mut cursor = Cursor::new(bytes);
    let count = cursor.small().unwrap_or_default() as usize;
    let mut last = 0_u32;
    let numbers = std::iter::from_fn(|| {
        last = last.checked_add(cursor.small()?)?;
        Some(last)
    });
    numbers.take(count).collect()
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The first number below `count` for which `is_before` does not hold any more.
fn partition(count: u32, is_before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests;
