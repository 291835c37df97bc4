//! Where a word stands: the documents, with its counts in each, then the units of each, then the paths.
//! Phase one of a search reads the list of documents alone; the units of a document are reached through it.
//!
//! All numbers are varints unless said otherwise.
//! - documents, units (of all documents), bytes of the documents' list, bytes of the units' list
//! - for each [`BLOCK`] documents but the first: u32 document before it, u32 offset in the documents' list, u32 offset
//!   in the units' list
//! - documents' list: gap to the document before, doubled, plus 1 if counts besides the body's follow; the body's
//!   count; counts of name, signature, documentation; number of units; bytes of their list beyond their number
//! - units' list: gap to the unit before, times four, plus 2 if three bytes of other counts follow, plus 1 if the
//!   body's count is not 1; that count, a byte; counts of name, signature, documentation, a byte each
//! - number of paths; gap to the document before, doubled, plus 1 if it stands in the file's own name

use crate::document::Counts;
use crate::segment::layout::u32_at;
use crate::varint::{Cursor, put};

/// Documents that are read from the start of a block to come to one of them.
const BLOCK: u32 = 32;
const SKIP_BYTES: usize = 12;

/// How often a word stands in each part of all units of a document together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) name: u32,
    pub(crate) signature: u32,
    pub(crate) doc: u32,
    pub(crate) body: u32,
}

/// A word in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InDoc {
    pub(crate) doc: u32,
    pub(crate) sums: Sums,
    pub(crate) n_units: u32,
    /// Where its units start in their list, and how many bytes they are.
    units: (u32, u32),
}

/// A word in a unit; the unit is counted within its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InUnit {
    pub(crate) unit: u32,
    pub(crate) counts: Counts,
}

/// A word in the path of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InPath {
    pub(crate) doc: u32,
    /// It stands in the file's own name, not only in that of a folder.
    pub(crate) in_stem: bool,
}

/// Collects the postings of one word; used again for the next.
#[derive(Debug, Default)]
pub(crate) struct WordWriter {
    n_docs: u32,
    n_units: u32,
    n_paths: u32,
    last_doc: u32,
    last_path: u32,
    skips: Vec<u8>,
    docs: Vec<u8>,
    units: Vec<u8>,
    paths: Vec<u8>,
}

impl WordWriter {
    /// The units of the next document, in order.
    pub(crate) fn push_doc(&mut self, doc: u32, units: impl Iterator<Item = InUnit>) {
        let start = self.units.len();
        let (mut sums, mut n_units, mut last) = (Sums::default(), 0, 0);
        for InUnit { unit, counts } in units {
            let Counts { name, signature, doc, body } = counts;
            sums.name += u32::from(name);
            sums.signature += u32::from(signature);
            sums.doc += u32::from(doc);
            sums.body += u32::from(body);
            n_units += 1;
            let others = u64::from((name, signature, doc) != (0, 0, 0));
            put(&mut self.units, u64::from(unit - last) << 2 | others << 1 | u64::from(body != 1));
            if body != 1 {
                self.units.push(body);
            }
            if others == 1 {
                self.units.extend_from_slice(&[name, signature, doc]);
            }
            last = unit;
        }
        self.finish_doc(doc, sums, n_units, start);
    }

    /// The same from the postings of another segment.
    pub(crate) fn copy_doc(&mut self, doc: u32, found: &InDoc, from: &Postings<'_>) {
        let start = self.units.len();
        self.units.extend_from_slice(from.unit_bytes(found));
        self.finish_doc(doc, found.sums, found.n_units, start);
    }

    pub(crate) fn push_path(&mut self, path: InPath) {
        put(&mut self.paths, u64::from(path.doc - self.last_path) << 1 | u64::from(path.in_stem));
        self.last_path = path.doc;
        self.n_paths += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.n_docs == 0 && self.n_paths == 0
    }

    /// Appends what was collected, and forgets it; returns the number of bytes.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        for number in [self.n_docs, self.n_units, self.docs.len() as u32, self.units.len() as u32] {
            put(out, number);
        }
        for part in [&mut self.skips, &mut self.docs, &mut self.units] {
            out.append(part);
        }
        put(out, self.n_paths);
        out.append(&mut self.paths);
        (self.n_docs, self.n_units, self.n_paths) = (0, 0, 0);
        (self.last_doc, self.last_path) = (0, 0);
        out.len() - start
    }

    fn finish_doc(&mut self, doc: u32, sums: Sums, n_units: u32, units_start: usize) {
        if self.n_docs != 0 && self.n_docs.is_multiple_of(BLOCK) {
            for number in [self.last_doc, self.docs.len() as u32, units_start as u32] {
                self.skips.extend_from_slice(&number.to_le_bytes());
            }
        }
        let Sums { name, signature, doc: docs, body } = sums;
        let others = u64::from((name, signature, docs) != (0, 0, 0));
        put(&mut self.docs, u64::from(doc - self.last_doc) << 1 | others);
        put(&mut self.docs, body);
        if others == 1 {
            for count in [name, signature, docs] {
                put(&mut self.docs, count);
            }
        }
        put(&mut self.docs, n_units);
        put(&mut self.docs, (self.units.len() - units_start) as u64 - u64::from(n_units));
        self.last_doc = doc;
        self.n_docs += 1;
        self.n_units += n_units;
    }
}

/// The postings of one word. The bytes were compared with their checksum, so that a list which does not end as it says
/// is a bug of the writer; it ends early then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Postings<'a> {
    pub(crate) n_docs: u32,
    /// Units of all documents.
    pub(crate) n_units: u32,
    pub(crate) n_paths: u32,
    skips: &'a [u8],
    docs: &'a [u8],
    units: &'a [u8],
    paths: &'a [u8],
}

impl<'a> Postings<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Postings<'a>> {
        let mut cursor = Cursor::new(bytes);
        let (n_docs, n_units) = (cursor.small()?, cursor.small()?);
        let (docs_len, units_len) = (cursor.small()? as usize, cursor.small()? as usize);
        let skips =
            cursor.bytes(n_docs.saturating_sub(1) as usize / BLOCK as usize * SKIP_BYTES)?;
        let docs = cursor.bytes(docs_len)?;
        let units = cursor.bytes(units_len)?;
        let n_paths = cursor.small()?;
        Some(Postings { n_docs, n_units, n_paths, skips, docs, units, paths: cursor.rest() })
    }

    /// The documents, in order.
    pub(crate) fn docs(&self) -> Docs<'a> {
        Docs { cursor: Cursor::new(self.docs), last: 0, units_at: 0 }
    }

    /// The paths, in the order of their documents.
    pub(crate) fn paths(&self) -> impl Iterator<Item = InPath> + use<'a> {
        let mut cursor = Cursor::new(self.paths);
        let mut last: u32 = 0;
        std::iter::from_fn(move || {
            let number = cursor.number()?;
            last = last.wrapping_add((number >> 1) as u32);
            Some(InPath { doc: last, in_stem: number & 1 == 1 })
        })
    }

    /// The word in one document.
    pub(crate) fn find(&self, doc: u32) -> Option<InDoc> {
        let skip = |idx: usize| [0, 1, 2].map(|field| u32_at(self.skips, (idx - 1) * 3 + field));
        // The last block that starts after a smaller document.
        let (mut low, mut high) = (0, 1 + self.skips.len() / SKIP_BYTES);
        while 1 < high - low {
            let middle = (low + high) / 2;
            if skip(middle)[0] < doc { low = middle } else { high = middle }
        }
        let mut docs = self.docs();
        if 0 < low {
            let [last, at, units_at] = skip(low);
            let cursor = Cursor::new(self.docs.get(at as usize..)?);
            docs = Docs { cursor, last, units_at };
        }
        docs.find(|found| doc <= found.doc).filter(|found| found.doc == doc)
    }

    /// The word in the units of a document, in order.
    pub(crate) fn units(&self, found: &InDoc) -> impl Iterator<Item = InUnit> + use<'a> {
        let mut cursor = Cursor::new(self.unit_bytes(found));
        let mut last: u32 = 0;
        std::iter::from_fn(move || {
            let tag = cursor.number()?;
            last = last.wrapping_add((tag >> 2) as u32);
            let body = if tag & 1 == 1 { cursor.byte()? } else { 1 };
            let mut counts = Counts { body, ..Counts::default() };
            if tag & 2 == 2 {
                (counts.name, counts.signature, counts.doc) =
                    (cursor.byte()?, cursor.byte()?, cursor.byte()?);
            }
            Some(InUnit { unit: last, counts })
        })
    }

    /// Whether it stands in the path of a document.
    pub(crate) fn is_in_path(&self, doc: u32) -> bool {
        self.paths().find(|path| doc <= path.doc).is_some_and(|path| path.doc == doc)
    }

    fn unit_bytes(&self, found: &InDoc) -> &'a [u8] {
        let (start, len) = (found.units.0 as usize, found.units.1 as usize);
        self.units.get(start..start + len).unwrap_or_default()
    }
}

/// Goes through the documents of a word.
#[derive(Clone, Debug)]
pub(crate) struct Docs<'a> {
    cursor: Cursor<'a>,
    last: u32,
    units_at: u32,
}

impl Iterator for Docs<'_> {
    type Item = InDoc;

    #[inline]
    fn next(&mut self) -> Option<InDoc> {
        let cursor = &mut self.cursor;
        // Most often each number is one byte, and only the body's count is there: all of it at once.
        if let Some(word) = cursor.ahead()
            && word & 0x8080_8081 == 0
        {
            cursor.pass(4);
            let byte = |at: u32| (word >> (8 * at) & 0xff) as u32;
            let sums = Sums { body: byte(1), ..Sums::default() };
            let (n_units, units) = (byte(2), (self.units_at, byte(2) + byte(3)));
            self.units_at = self.units_at.checked_add(units.1)?;
            self.last = self.last.checked_add(byte(0) >> 1)?;
            return Some(InDoc { doc: self.last, sums, n_units, units });
        }
        let number = cursor.number()?;
        let mut sums = Sums { body: cursor.small()?, ..Sums::default() };
        if number & 1 == 1 {
            (sums.name, sums.signature, sums.doc) =
                (cursor.small()?, cursor.small()?, cursor.small()?);
        }
        let n_units = cursor.small()?;
        let len = n_units.checked_add(cursor.small()?)?;
        let units = (self.units_at, len);
        self.units_at = self.units_at.checked_add(len)?;
        self.last = self.last.checked_add((number >> 1) as u32)?;
        Some(InDoc { doc: self.last, sums, n_units, units })
    }
}

#[cfg(test)]
mod tests;
