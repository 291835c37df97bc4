//! The bytes of a segment, in memory or mapped from a file, each page compared with its checksum at its first use.
//! It writes no file, and knows of sections only where they lie.

use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(unix)]
use memmap2::UncheckedAdvice;
use memmap2::{Mmap, MmapMut};

use crate::checksum::checksum;
use crate::segment::layout::{HEADER_BYTES, Head, PAGE_BYTES, u64_at};

/// Smaller segments are not worth a map of their own.
const MIN_MAPPED: usize = 1 << 20;

/// Where the bytes are.
#[derive(Debug)]
enum Memory {
    File(Mmap),
    Map(MmapMut),
    Heap(Box<[u8]>),
}

impl Deref for Memory {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Memory::File(map) => map,
            Memory::Map(map) => map,
            Memory::Heap(bytes) => bytes,
        }
    }
}

/// A whole segment.
#[derive(Debug)]
pub(crate) struct Bytes {
    map: Memory,
    /// The end of the last section.
    body_end: usize,
    /// A bit for each page that is known to be whole; `None` for memory, which no disk could have changed.
    seen: Option<Vec<AtomicU64>>,
}

impl Bytes {
    /// `len` bytes that `fill` puts there. Large ones lie outside of the heap: dropped, they go back to the system.
    pub(crate) fn in_memory(len: usize, fill: impl FnOnce(&mut [u8])) -> Bytes {
        let map = if MIN_MAPPED <= len { MmapMut::map_anon(len).ok() } else { None };
        let map = match map {
            Some(mut map) => {
                fill(&mut map);
                Memory::Map(map)
            }
            None => {
                let mut bytes = vec![0; len];
                fill(&mut bytes);
                Memory::Heap(bytes.into())
            }
        };
        Bytes { map, body_end: len, seen: None }
    }

    /// A file that is there for good: our files are written once, under a name of their own, and never changed.
    pub(crate) fn of_file(file: &File) -> io::Result<Mmap> {
        // SAFETY: the map is only read, as bytes, for which any content is valid. The file lies in a folder that is
        // private to the user, and whoever writes there makes a new file instead of changing one. Should another
        // program change it all the same, checksums tell; a file cut short under a living map stops the process, as
        // it would with any mapped library.
        unsafe { Mmap::map(file) }
    }

    /// `None` if the checksums of the pages are damaged.
    pub(crate) fn mapped(map: Mmap, head: &Head) -> Option<Bytes> {
        let body_end = head.body_end as usize;
        let pages = map.get(body_end..)?;
        if checksum(pages) != head.pages_sum {
            return None;
        }
        let mut seen = Vec::new();
        seen.resize_with(head.n_pages().div_ceil(64), AtomicU64::default);
        Some(Bytes { map: Memory::File(map), body_end, seen: Some(seen) })
    }

    /// Gives the pages of a file that were read back to the system, which keeps them as long as it has room: whoever
    /// reads all of a file once does not hold it in memory.
    pub(crate) fn release(&self) {
        #[cfg(unix)]
        if let Memory::File(map) = &self.map {
            // SAFETY: the map is shared, of a file that nobody changes, so what is read again is what was read before.
            let advised = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
            // They stay then, and nothing else.
            let _ = advised;
        }
    }

    /// Header and body, without a look at any checksum.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.map[..self.body_end]
    }

    /// Some bytes of the body; `None` if their pages are not as they were written.
    #[inline]
    pub(crate) fn get(&self, range: Range<usize>) -> Option<&[u8]> {
        let bytes = self.map.get(range.clone())?;
        let Some(seen) = &self.seen else { return Some(bytes) };
        if range.is_empty() {
            return Some(bytes);
        }
        let first = range.start.checked_sub(HEADER_BYTES)? / PAGE_BYTES;
        let last = (range.end - 1 - HEADER_BYTES) / PAGE_BYTES;
        for page in first..=last {
            let (word, bit) = (seen.get(page / 64)?, 1 << (page % 64));
            if word.load(Ordering::Relaxed) & bit == 0 {
                self.check(page)?;
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
        Some(bytes)
    }

    /// Some bytes whose pages were looked at before.
    #[inline]
    pub(crate) fn known(&self, range: Range<usize>) -> &[u8] {
        self.map.get(range).unwrap_or_default()
    }

    #[cold]
    fn check(&self, page: usize) -> Option<()> {
        let start = HEADER_BYTES + page * PAGE_BYTES;
        let bytes = self.map.get(start..(start + PAGE_BYTES).min(self.body_end))?;
        (checksum(bytes) == u64_at(self.map.get(self.body_end..)?, page)).then_some(())
    }
}

/// Bytes that are not as they were written: the segment with this id is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged(pub(crate) u64);

/// A stretch of a segment, usually a section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span<'a> {
    pub(crate) bytes: &'a Bytes,
    /// The segment's.
    pub(crate) id: u64,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'a> Span<'a> {
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    /// `len` bytes at `at`.
    #[inline]
    pub(crate) fn get(&self, at: usize, len: usize) -> Result<&'a [u8], Damaged> {
        let range = self
            .start
            .checked_add(at)
            .zip(at.checked_add(len))
            .and_then(|(start, end)| (end <= self.len()).then(|| start..self.start + end));
        range.and_then(|range| self.bytes.get(range)).ok_or(Damaged(self.id))
    }

    pub(crate) fn all(&self) -> Result<&'a [u8], Damaged> {
        self.get(0, self.len())
    }

    /// All of it, if its pages were looked at before.
    #[inline]
    pub(crate) fn known(&self) -> &'a [u8] {
        self.bytes.known(self.start..self.end)
    }
}
