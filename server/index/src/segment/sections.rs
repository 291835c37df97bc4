//! Collects the sections of a new segment, and puts them together.
//! What goes into them is decided by those that call it: `build` for texts, `merge` for other segments.

use std::io;

use crate::classify::Class;
use crate::embed;
use crate::segment::bytes::Bytes;
use crate::segment::dict::DictWriter;
use crate::segment::layout::{self, ALIGN, HEADER_BYTES, Head, N_SECTIONS, Recipe, Section};
use crate::segment::out::Out;
use crate::segment::unit::Record;
use crate::segment::{Checked, MIN_CLUSTERED, Segment, Unit, file_name};
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

/// So much of a section is in memory before it goes to the file; little in tests, where segments are small.
pub(crate) const SPILLED: usize = if cfg!(test) { 512 } else { 1 << 20 };

/// The rows of so many paths are in memory together.
const PATHS: usize = if cfg!(test) { 5 } else { 1 << 12 };

/// Sections in the making: in memory, or in a file as far as they are large.
#[derive(Debug)]
pub(crate) struct Sections {
    /// What is in memory of each.
    parts: Vec<Vec<u8>>,
    /// `None`: all is in memory.
    out: Option<Out>,
    /// Start and length of what is in the file of each.
    ///
    /// Invariant: one that is not whole yet is the last one there.
    written: [(usize, usize); N_SECTIONS],
    n_docs: u32,
    n_units: u32,
    n_words: u64,
}

impl Sections {
    pub(crate) fn in_memory() -> Sections {
        Sections {
            parts: vec![Vec::new(); N_SECTIONS],
            out: None,
            written: [(0, 0); N_SECTIONS],
            n_docs: 0,
            n_units: 0,
            n_words: 0,
        }
    }

    pub(crate) fn in_file(out: Out) -> Sections {
        Sections { out: Some(out), ..Sections::in_memory() }
    }

    /// What is in memory of a section, to append to it.
    pub(crate) fn part(&mut self, section: Section) -> &mut Vec<u8> {
        &mut self.parts[section as usize]
    }

    /// Bytes of a section so far.
    pub(crate) fn len(&self, section: Section) -> usize {
        self.written[section as usize].1 + self.parts[section as usize].len()
    }

    /// Moves what there is of a section to the file, if it is much. Until [`Sections::end`] only this section may be
    /// moved.
    pub(crate) fn spill(&mut self, section: Section) {
        if SPILLED <= self.parts[section as usize].len() {
            self.end(section);
        }
    }

    /// Moves the rest of a section to the file. Without a file it stays in memory; so does what of all sections never
    /// came here, up to the end.
    pub(crate) fn end(&mut self, section: Section) {
        let Some(out) = &mut self.out else { return };
        let part = &mut self.parts[section as usize];
        let (start, len) = &mut self.written[section as usize];
        if *len == 0 {
            out.pad(ALIGN);
            *start = out.len();
        }
        debug_assert!(*start + *len == out.len(), "{section:?} is not the last one");
        out.write(part);
        *len += part.len();
        part.clear();
    }

    /// Bytes in the file so far; 0 without one.
    pub(crate) fn len_file(&self) -> usize {
        self.out.as_ref().map_or(0, Out::len)
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

    /// The next unit; its strings begin where that section ends now.
    pub(crate) fn push_unit(&mut self, unit: Unit) {
        let strings = self.len(Section::Strings) as u32;
        self.push_record(&Record { unit, strings });
    }

    pub(crate) fn push_record(&mut self, record: &Record) {
        record.write(self.part(Section::Units));
    }

    /// The places of a name: ascending.
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
        self.end(blocks);
        self.end(keys);
    }

    /// The vectors of all units; clusters are made where there are many.
    pub(crate) fn put_rows(&mut self, rows: &RowsBuf) {
        rows.to_bytes(self.part(Section::Vectors));
        self.put_clusters();
    }

    /// Clusters over the vectors, which are all there, where there are many.
    pub(crate) fn put_clusters(&mut self) {
        self.end(Section::Vectors);
        if self.n_units <= MIN_CLUSTERED {
            return;
        }
        let (start, len) = self.written[Section::Vectors as usize];
        let clusters = |bytes: Option<&[u8]>| {
            let rows = Rows::known(bytes.unwrap_or_default()).ok()?;
            Some(Clusters::build(&rows))
        };
        let clusters = match &mut self.out {
            Some(out) => out.map().and_then(|map| clusters(map.get(start..start + len))),
            None => clusters(Some(&self.parts[Section::Vectors as usize])),
        };
        *self.part(Section::Clusters) = clusters.unwrap_or_default();
        self.end(Section::Clusters);
    }

    /// Takes all that is in a segment in memory; nothing else is put then.
    pub(crate) fn copy(&mut self, segment: &Segment) {
        let Head { n_docs, n_units, n_words, .. } = segment.head;
        (self.n_docs, self.n_units, self.n_words) = (n_docs, n_units, n_words);
        for section in layout::columns() {
            self.part(section).extend_from_slice(segment.known(section));
        }
        let rest = |section: &Section| (Section::Units..=Section::Clusters).contains(section);
        for section in layout::ALL.into_iter().filter(rest) {
            for bytes in segment.known(section).chunks(SPILLED) {
                self.part(section).extend_from_slice(bytes);
                self.spill(section);
            }
            self.end(section);
        }
    }

    /// The segment, in memory.
    pub(crate) fn finish(self, recipe: Recipe) -> Segment {
        let mut sections = [(0, 0); N_SECTIONS];
        let mut end = HEADER_BYTES;
        for (section, part) in sections.iter_mut().zip(&self.parts) {
            let start = end.next_multiple_of(ALIGN);
            *section = (start as u64, part.len() as u64);
            end = start + part.len();
        }
        let head = self.head(0, recipe, sections, end);
        let bytes = Bytes::in_memory(end, |out| {
            out[..HEADER_BYTES].copy_from_slice(&head.write());
            for ((start, len), part) in sections.into_iter().zip(self.parts) {
                // Each part is freed when it has been copied: twice the whole is never needed.
                out[start as usize..(start + len) as usize].copy_from_slice(&part);
            }
        });
        Segment { head, bytes, checked: Checked::default() }
    }

    /// The segment in its file, which is on disk by then.
    ///
    /// # Errors
    /// What the system said first. Without a file there is nothing to finish.
    pub(crate) fn finish_file(mut self, id: u64, recipe: Recipe) -> io::Result<Segment> {
        for section in layout::ALL {
            if !self.parts[section as usize].is_empty() || self.len(section) == 0 {
                self.end(section);
            }
        }
        let sections = self.written.map(|(start, len)| (start as u64, len as u64));
        let Some(out) = self.out.take() else {
            return Err(io::Error::other("there is no file"));
        };
        let mut head = self.head(id, recipe, sections, out.len());
        let map = out.finish(|pages_sum| {
            head.pages_sum = pages_sum;
            head.write()
        })?;
        let bytes = Bytes::mapped(map, &head);
        let bytes = bytes.ok_or_else(|| io::Error::other("what was written reads otherwise"))?;
        Ok(Segment { head, bytes, checked: Checked::default() })
    }

    fn head(
        &self,
        id: u64,
        recipe: Recipe,
        sections: [(u64, u64); N_SECTIONS],
        end: usize,
    ) -> Head {
        let (n_docs, n_units, n_words) = (self.n_docs, self.n_units, self.n_words);
        Head { id, recipe, n_docs, n_units, n_words, sections, body_end: end as u64, pages_sum: 0 }
    }

    /// What is made of the columns of all documents, which are there by now.
    pub(crate) fn put_derived(&mut self) {
        let hash = |doc: &u32| {
            let start = *doc as usize * 32;
            &self.parts[Section::Hashes as usize][start..start + 32]
        };
        let name = |doc: &u32| file_name(self.path(*doc));
        // The sorts are stable: equal ones stay in the order of their paths.
        let mut by_hash: Vec<u32> = (0..self.n_docs).collect();
        let mut by_name = by_hash.clone();
        by_hash.sort_by(|a, b| hash(a).cmp(hash(b)));
        by_name.sort_by(|a, b| name(a).cmp(name(b)));
        for (section, order) in [(Section::ByHash, by_hash), (Section::ByName, by_name)] {
            *self.part(section) = order.into_iter().flat_map(u32::to_le_bytes).collect();
        }
        self.put_path_rows();
    }

    /// A few at a time, as there may be a million. All scales come before all rows, so the rows of many are made twice.
    fn put_path_rows(&mut self) {
        let n_docs = self.n_docs as usize;
        let firsts: Vec<u32> = (0..self.n_docs).step_by(PATHS).collect();
        let mut rows = self.rows_of_paths(0);
        let header = Rows::header(rows.as_rows().dim(), n_docs);
        self.part(Section::PathRows).extend_from_slice(&header);
        for first in &firsts {
            if PATHS < n_docs {
                rows = self.rows_of_paths(*first);
            }
            self.part(Section::PathRows).extend_from_slice(rows.as_rows().parts().0);
            self.spill(Section::PathRows);
        }
        let len = self.len(Section::PathRows);
        self.part(Section::PathRows)
            .extend(std::iter::repeat_n(0, len.next_multiple_of(ALIGN) - len));
        for first in &firsts {
            if PATHS < n_docs {
                rows = self.rows_of_paths(*first);
            }
            self.part(Section::PathRows).extend_from_slice(rows.as_rows().parts().1);
            self.spill(Section::PathRows);
        }
        self.end(Section::PathRows);
    }

    /// Those of [`PATHS`] documents, or as many as there are.
    fn rows_of_paths(&self, first: u32) -> RowsBuf {
        embed::paths::rows((first..self.n_docs).take(PATHS).map(|doc| self.path(doc)))
    }

    /// The path of a document that was pushed.
    fn path(&self, doc: u32) -> &str {
        let ends = self.parts[Section::PathEnds as usize].as_chunks::<4>().0;
        let end = |doc: u32| u32::from_le_bytes(ends[doc as usize]) as usize;
        let start = if doc == 0 { 0 } else { end(doc - 1) };
        let path = &self.parts[Section::Paths as usize][start..end(doc)];
        std::str::from_utf8(path).unwrap_or_default()
    }
}
