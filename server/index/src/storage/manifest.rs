//! The manifest: which segments count, and what holds of their documents.
//! It reads and writes bytes; files are `storage`'s part.
//!
//! `BTNMAN1\0`, then numbers as varints unless said otherwise: u64 recipe of the cut, u64 embedder, u64 generation, next
//! segment's id; number of segments, and for each its id, u64 checksum of its header, number of documents, and for each
//! of those a byte (1 alive, 2 with a stamp) and, with a stamp, length and signed time; number of files that are no
//! text, and for each its path, a byte for the reason (16 more with a stamp), the reason's own value, the stamp; last a
//! u64 checksum of all that.

use base::RelPath;
use vfs::SkipReason;

use crate::checksum::checksum;
use crate::part::{DocState, Stamp};
use crate::segment::{Recipe, Stub};
use crate::update::seen::{Skip, Skips};
use crate::varint::{Cursor, put, put_signed, put_text};

const MAGIC: &[u8; 8] = b"BTNMAN1\0";

const IS_ALIVE: u8 = 1;
const HAS_STAMP: u8 = 2;
const SKIP_HAS_STAMP: u8 = 16;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Manifest {
    pub(crate) recipe: Recipe,
    /// Grows with each manifest.
    pub(crate) generation: u64,
    pub(crate) next_id: u64,
    pub(crate) segments: Vec<Listed>,
    pub(crate) skips: Skips,
}

/// A segment that counts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    pub(crate) stub: Stub,
    pub(crate) docs: Vec<DocState>,
}

impl Manifest {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for number in [self.recipe.cut, self.recipe.embedder, self.generation] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        put(&mut out, self.next_id);
        put(&mut out, self.segments.len() as u64);
        for Listed { stub, docs } in &self.segments {
            put(&mut out, stub.id);
            out.extend_from_slice(&stub.head_sum.to_le_bytes());
            put(&mut out, docs.len() as u64);
            for doc in docs {
                let flag = |flag, holds| if holds { flag } else { 0 };
                out.push(flag(IS_ALIVE, doc.is_alive) | flag(HAS_STAMP, doc.stamp.is_some()));
                put_stamp(&mut out, doc.stamp);
            }
        }
        put(&mut out, self.skips.len() as u64);
        for (path, Skip { stamp, reason }) in &self.skips {
            put_text(&mut out, path.as_str());
            let has_stamp = if stamp.is_some() { SKIP_HAS_STAMP } else { 0 };
            let (tag, len, text) = match reason {
                SkipReason::Binary => (0, None, None),
                SkipReason::TooLarge(len) => (1, Some(*len), None),
                SkipReason::NotUtf8 => (2, None, None),
                SkipReason::Unreadable(why) => (3, None, Some(why)),
                SkipReason::NotUtf8Name => (4, None, None),
            };
            out.push(tag | has_stamp);
            len.into_iter().for_each(|len| put(&mut out, len));
            text.into_iter().for_each(|text| put_text(&mut out, text));
            put_stamp(&mut out, *stamp);
        }
        let sum = checksum(&out);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    /// `None` if the bytes are not a whole manifest.
    pub(crate) fn read(bytes: &[u8]) -> Option<Manifest> {
        let (bytes, sum) = bytes.split_last_chunk::<8>()?;
        if !bytes.starts_with(MAGIC) || checksum(bytes) != u64::from_le_bytes(*sum) {
            return None;
        }
        let mut cursor = Cursor::new(&bytes[MAGIC.len()..]);
        let cursor = &mut cursor;
        let recipe = Recipe { cut: cursor.word()?, embedder: cursor.word()? };
        let (generation, next_id) = (cursor.word()?, cursor.number()?);
        let mut segments = Vec::new();
        for _ in 0..cursor.number()? {
            let stub = Stub { id: cursor.number()?, head_sum: cursor.word()? };
            let count = cursor.small()? as usize;
            // Each is a byte at least, so a wrong count cannot ask for more memory than there are bytes.
            let mut docs = Vec::with_capacity(count.min(cursor.rest().len()));
            for _ in 0..count {
                let flags = cursor.byte()?;
                let stamp = if flags & HAS_STAMP != 0 { Some(stamp(cursor)?) } else { None };
                docs.push(DocState { stamp, is_alive: flags & IS_ALIVE != 0, is_unsaved: false });
            }
            segments.push(Listed { stub, docs });
        }
        let mut skips = Skips::new();
        for _ in 0..cursor.number()? {
            let path = RelPath::parse(cursor.text()?).ok()?;
            let tag = cursor.byte()?;
            let reason = match tag & !SKIP_HAS_STAMP {
                0 => SkipReason::Binary,
                1 => SkipReason::TooLarge(cursor.number()?),
                2 => SkipReason::NotUtf8,
                3 => SkipReason::Unreadable(cursor.text()?.to_owned()),
                4 => SkipReason::NotUtf8Name,
                _ => return None,
            };
            let stamp = if tag & SKIP_HAS_STAMP != 0 { Some(stamp(cursor)?) } else { None };
            skips.insert(path, Skip { stamp, reason });
        }
        cursor.rest().is_empty().then_some(Manifest {
            recipe,
            generation,
            next_id,
            segments,
            skips,
        })
    }
}

fn put_stamp(out: &mut Vec<u8>, stamp: Option<Stamp>) {
    if let Some(Stamp { len, modified_ns }) = stamp {
        put(out, len);
        put_signed(out, modified_ns);
    }
}

fn stamp(cursor: &mut Cursor<'_>) -> Option<Stamp> {
    Some(Stamp { len: cursor.number()?, modified_ns: cursor.signed()? })
}

#[cfg(test)]
mod tests;
