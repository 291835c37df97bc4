//! Collects the sections of a new segment, and puts them together.
//! What goes into them is decided by those that call it: `build` for texts, `merge` for other segments.

use crate::classify::Class;
use crate::segment::bytes::Bytes;
use crate::segment::dict::DictWriter;
use crate::segment::layout::{ALIGN, HEADER_BYTES, Head, N_SECTIONS, Recipe, Section};
use crate::segment::unit::Record;
use crate::segment::{Checked, MIN_CLUSTERED, Segment, file_name};
use crate::varint::put;
use crate::vector::clusters::Clusters;
use crate::vector::{Rows, RowsBuf};

/// The columns of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns<'a> {
    pub(crate) path: &'a str,
    pub(crate) n_units: u32,
    pub(crate) n_words: u32,
    pub(crate) text_len: u32,
    pub(crate) text_sum: u64,
    pub(crate) language: u32,
    pub(crate) class: Class,
    pub(crate) flags: u8,
    pub(crate) hash: &'a [u8],
}

/// Sections in the making.
#[derive(Debug)]
pub(crate) struct Sections {
    parts: Vec<Vec<u8>>,
    n_docs: u32,
    n_units: u32,
    n_words: u64,
}

impl Sections {
    pub(crate) fn new() -> Sections {
        Sections { parts: vec![Vec::new(); N_SECTIONS], n_docs: 0, n_units: 0, n_words: 0 }
    }

    pub(crate) fn part(&mut self, section: Section) -> &mut Vec<u8> {
        &mut self.parts[section as usize]
    }

    /// The next document, in the order of paths.
    pub(crate) fn push_doc(&mut self, columns: Columns<'_>) {
        let Columns { path, n_units, n_words, text_len, text_sum, language, class, flags, hash } =
            columns;
        self.n_docs += 1;
        self.n_units += n_units;
        self.n_words += u64::from(n_words);
        self.part(Section::Paths).extend_from_slice(path.as_bytes());
        let path_end = self.part(Section::Paths).len() as u32;
        let unit_end = self.n_units;
        for (section, number) in [
            (Section::PathEnds, path_end),
            (Section::UnitEnds, unit_end),
            (Section::DocWords, n_words),
            (Section::TextLens, text_len),
            (Section::Languages, language),
        ] {
            self.part(section).extend_from_slice(&number.to_le_bytes());
        }
        self.part(Section::TextSums).extend_from_slice(&text_sum.to_le_bytes());
        self.part(Section::Classes).push(class as u8);
        self.part(Section::Flags).push(flags);
        self.part(Section::Hashes).extend_from_slice(hash);
    }

    /// The next unit; its strings and references are appended after this.
    pub(crate) fn push_unit(&mut self, unit: crate::segment::Unit) {
        let strings = self.part(Section::Strings).len() as u32;
        let refs = self.part(Section::UnitRefs).len() as u32;
        Record { unit, strings, refs }.write(self.part(Section::Units));
    }

    /// The references of the unit that was pushed last, or the places of a name: ascending.
    pub(crate) fn push_numbers(&mut self, section: Section, numbers: &[u32]) -> usize {
        let out = self.part(section);
        let start = out.len();
        put(out, numbers.len() as u64);
        let mut last = 0;
        for number in numbers {
            put(out, number - last);
            last = *number;
        }
        out.len() - start
    }

    pub(crate) fn put_dict(&mut self, blocks: Section, keys: Section, dict: DictWriter) {
        (self.parts[blocks as usize], self.parts[keys as usize]) = dict.finish();
    }

    /// The vectors of all units; clusters are made where there are many.
    pub(crate) fn put_rows(&mut self, rows: &RowsBuf) {
        rows.to_bytes(self.part(Section::Vectors));
        if MIN_CLUSTERED < self.n_units {
            let rows: Rows<'_> = rows.as_rows();
            *self.part(Section::Clusters) = Clusters::build(&rows);
        }
    }

    pub(crate) fn finish(mut self, recipe: Recipe) -> Segment {
        self.put_orders();
        let mut sections = [(0, 0); N_SECTIONS];
        let mut end = HEADER_BYTES;
        for (section, part) in sections.iter_mut().zip(&self.parts) {
            let start = end.next_multiple_of(ALIGN);
            *section = (start as u64, part.len() as u64);
            end = start + part.len();
        }
        let head = Head {
            id: 0,
            recipe,
            n_docs: self.n_docs,
            n_units: self.n_units,
            n_words: self.n_words,
            sections,
            body_end: end as u64,
            pages_sum: 0,
        };
        let bytes = Bytes::in_memory(end, |out| {
            out[..HEADER_BYTES].copy_from_slice(&head.write());
            for ((start, len), part) in sections.into_iter().zip(self.parts) {
                // Each part is freed when it has been copied: twice the whole is never needed.
                out[start as usize..(start + len) as usize].copy_from_slice(&part);
            }
        });
        Segment { head, bytes, checked: Checked::default() }
    }

    fn put_orders(&mut self) {
        let hash = |doc: &u32| {
            let start = *doc as usize * 32;
            &self.parts[Section::Hashes as usize][start..start + 32]
        };
        let ends = self.parts[Section::PathEnds as usize].as_chunks::<4>().0;
        let end = |doc: u32| u32::from_le_bytes(ends[doc as usize]) as usize;
        let name = |doc: &u32| {
            let start = if *doc == 0 { 0 } else { end(*doc - 1) };
            let path = &self.parts[Section::Paths as usize][start..end(*doc)];
            file_name(std::str::from_utf8(path).unwrap_or_default())
        };
        // The sorts are stable: equal ones stay in the order of their paths.
        let mut by_hash: Vec<u32> = (0..self.n_docs).collect();
        let mut by_name = by_hash.clone();
        by_hash.sort_by(|a, b| hash(a).cmp(hash(b)));
        by_name.sort_by(|a, b| name(a).cmp(name(b)));
        for (section, order) in [(Section::ByHash, by_hash), (Section::ByName, by_name)] {
            *self.part(section) = order.into_iter().flat_map(u32::to_le_bytes).collect();
        }
    }
}
