//! Where things lie in a segment: the header, the sections, the checksums of the pages.
//! It reads and writes numbers; what is in a section is `segment`'s part.

use std::ops::Range;

use crate::checksum::checksum;

pub(crate) const MAGIC: &[u8; 8] = b"BTNSEG1\0";
/// Grows whenever bytes mean something else than before.
pub(crate) const FORMAT: u32 = 3;

pub(crate) const HEADER_BYTES: usize = 1024;
/// What one checksum covers.
pub(crate) const PAGE_BYTES: usize = 16 * 1024;
/// Sections begin at multiples of this, so that wide loads from rows of vectors are whole cache lines.
pub(crate) const ALIGN: usize = 64;

/// The parts of a segment, in the order in which the header lists them; in the body each lies where it says, as a large
/// one is written before the next one is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    /// The documents' paths, one after the other, sorted.
    Paths,
    /// u32 for each document: where its path ends.
    PathEnds,
    /// u32 for each document: where its units end.
    UnitEnds,
    /// u32 for each document: words in all its units.
    DocWords,
    /// u32 for each document: bytes of its text.
    TextLens,
    /// u64 for each document: checksum of its text.
    TextSums,
    /// u32 for each document: how it was cut, see `document::language_mark`.
    Languages,
    /// u8 for each document: its class.
    Classes,
    /// u8 for each document: [`WITHOUT_VECTORS`](super::WITHOUT_VECTORS).
    Flags,
    /// 32 bytes for each document: the hash of its text.
    Hashes,
    /// u32 for each document: all documents, sorted by hash, then path.
    ByHash,
    /// u32 for each document: all documents, sorted by file name, then path.
    ByName,
    /// A record for each unit.
    Units,
    /// Names, signatures, documentation of the units.
    Strings,
    /// The dictionary of words.
    WordBlocks,
    WordKeys,
    Postings,
    /// The dictionary of folded names of definitions.
    NameBlocks,
    NameKeys,
    NamePlaces,
    /// The dictionary of names that units refer to.
    RefBlocks,
    RefKeys,
    RefPlaces,
    /// Rows of `vector`, one for each unit; empty without an embedder.
    Vectors,
    /// Clusters over the rows; empty below [`super::MIN_CLUSTERED`].
    Clusters,
    /// Rows of `vector`, one for each document: what its path means.
    PathRows,
}

/// The columns of the documents: checked when the segment is opened, everything else page by page at first use.
pub(crate) fn columns() -> impl Iterator<Item = Section> {
    ALL.into_iter().filter(|section| *section <= Section::ByName)
}

pub(crate) const N_SECTIONS: usize = ALL.len();

/// In the order of the header.
pub(crate) const ALL: [Section; 26] = [
    Section::Paths,
    Section::PathEnds,
    Section::UnitEnds,
    Section::DocWords,
    Section::TextLens,
    Section::TextSums,
    Section::Languages,
    Section::Classes,
    Section::Flags,
    Section::Hashes,
    Section::ByHash,
    Section::ByName,
    Section::Units,
    Section::Strings,
    Section::WordBlocks,
    Section::WordKeys,
    Section::Postings,
    Section::NameBlocks,
    Section::NameKeys,
    Section::NamePlaces,
    Section::RefBlocks,
    Section::RefKeys,
    Section::RefPlaces,
    Section::Vectors,
    Section::Clusters,
    Section::PathRows,
];

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) id: u64,
    pub(crate) recipe: Recipe,
    pub(crate) n_docs: u32,
    pub(crate) n_units: u32,
    pub(crate) n_words: u64,
    /// Where each section lies.
    pub(crate) sections: [(u64, u64); N_SECTIONS],
    /// The end of the last section; the checksums of the pages follow.
    pub(crate) body_end: u64,
    /// The checksum of the pages' checksums.
    pub(crate) pages_sum: u64,
}

/// What a document was made with: one made with another recipe would be another document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// Of the code and data that cut and count.
    pub(crate) cut: u64,
    /// Of the embedder's id; 0 without one.
    pub(crate) embedder: u64,
}

impl Head {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.extend_from_slice(MAGIC);
        for number in [FORMAT, self.n_docs, self.n_units, N_SECTIONS as u32] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let Recipe { cut, embedder } = self.recipe;
        let numbers = [self.id, cut, embedder, self.n_words, self.body_end, self.pages_sum];
        let sections = self.sections.iter().flat_map(|(start, len)| [*start, *len]);
        for number in numbers.into_iter().chain(sections) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.resize(HEADER_BYTES - 8, 0);
        out.extend_from_slice(&checksum(&out).to_le_bytes());
        out
    }

    /// `None` if the bytes are not a whole header of this format, or speak of more than `len` bytes.
    pub(crate) fn read(bytes: &[u8], len: usize) -> Option<Head> {
        let (head, sum) = bytes.get(..HEADER_BYTES)?.split_at(HEADER_BYTES - 8);
        let known = head.starts_with(MAGIC)
            && u32_at(head, 2) == FORMAT
            && u32_at(head, 5) == N_SECTIONS as u32
            && checksum(head) == u64_at(sum, 0);
        if !known {
            return None;
        }
        let mut sections = [(0, 0); N_SECTIONS];
        for (idx, section) in sections.iter_mut().enumerate() {
            *section = (u64_at(head, 9 + 2 * idx), u64_at(head, 10 + 2 * idx));
        }
        let head = Head {
            id: u64_at(head, 3),
            recipe: Recipe { cut: u64_at(head, 4), embedder: u64_at(head, 5) },
            n_docs: u32_at(head, 3),
            n_units: u32_at(head, 4),
            n_words: u64_at(head, 6),
            body_end: u64_at(head, 7),
            pages_sum: u64_at(head, 8),
            sections,
        };
        head.is_sound(len as u64).then_some(head)
    }

    pub(crate) fn section(&self, section: Section) -> Range<usize> {
        let (start, len) = self.sections[section as usize];
        start as usize..(start + len) as usize
    }

    pub(crate) fn n_pages(&self) -> usize {
        (self.body_end as usize - HEADER_BYTES).div_ceil(PAGE_BYTES)
    }

    fn is_sound(&self, len: u64) -> bool {
        let inside = |(start, size): &(u64, u64)| {
            HEADER_BYTES as u64 <= *start
                && start.checked_add(*size).is_some_and(|end| end <= self.body_end)
        };
        let size = |section: Section| self.sections[section as usize].1;
        let docs = u64::from(self.n_docs);
        HEADER_BYTES as u64 <= self.body_end
            && self.body_end <= len
            && self.body_end + 8 * self.n_pages() as u64 == len
            && self.sections.iter().all(inside)
            && [Section::PathEnds, Section::UnitEnds, Section::DocWords, Section::TextLens]
                .iter()
                .chain(&[Section::Languages, Section::ByHash, Section::ByName])
                .all(|section| size(*section) == 4 * docs)
            && size(Section::TextSums) == 8 * docs
            && size(Section::Classes) == docs
            && size(Section::Flags) == docs
            && size(Section::Hashes) == 32 * docs
    }
}

/// The number at `idx` of a list; 0 past its end.
#[inline]
pub(crate) fn u32_at(bytes: &[u8], idx: usize) -> u32 {
    let at = bytes.get(idx * 4..).and_then(|tail| tail.first_chunk::<4>());
    at.map_or(0, |number| u32::from_le_bytes(*number))
}

/// The number at `idx` of a list; 0 past its end.
#[inline]
pub(crate) fn u64_at(bytes: &[u8], idx: usize) -> u64 {
    let at = bytes.get(idx * 8..).and_then(|tail| tail.first_chunk::<8>());
    at.map_or(0, |number| u64::from_le_bytes(*number))
}
