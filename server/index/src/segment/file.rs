//! Segments as files: opened by mapping, and refused if they are not what was written.
//! Which files there are, and which of them count, is `storage`'s part.
#![allow(clippy::disallowed_methods, reason = "the index's own files, in its own folder")]

use std::fs::File;
use std::io;
use std::path::Path;

use crate::checksum::checksum;
use crate::segment::bytes::{Bytes, Damaged};
use crate::segment::layout::{HEADER_BYTES, Head, Recipe, columns};
use crate::segment::{Checked, Segment};

/// Why a file is not taken as a segment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    #[error("it is damaged")]
    Damaged,
    #[error("it was made by another version, or with another embedder")]
    OtherRecipe,
}

/// Why a segment was not written to a file.
#[derive(Debug)]
pub(crate) enum Failed {
    /// What it is made of is damaged.
    Damaged(Damaged),
    /// A part of the file may be there; it counts for nothing.
    Disk(io::Error),
}

impl From<Damaged> for Failed {
    fn from(damaged: Damaged) -> Failed {
        Failed::Damaged(damaged)
    }
}

impl From<io::Error> for Failed {
    fn from(source: io::Error) -> Failed {
        Failed::Disk(source)
    }
}

/// What a manifest says of a segment's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stub {
    pub(crate) id: u64,
    /// Checksum of the header, which holds that of all else.
    pub(crate) head_sum: u64,
}

impl Segment {
    /// Maps a file and checks what is needed to know its documents.
    pub(crate) fn open(path: &Path, stub: Stub, recipe: Recipe) -> Result<Segment, Refused> {
        let file = File::open(path)?;
        let map = Bytes::of_file(&file)?;
        let head = Head::read(&map, map.len()).ok_or(Refused::Damaged)?;
        if head.recipe != recipe {
            return Err(Refused::OtherRecipe);
        }
        if (Stub { id: head.id, head_sum: checksum(&map[..HEADER_BYTES]) }) != stub {
            return Err(Refused::Damaged);
        }
        let bytes = Bytes::mapped(map, &head).ok_or(Refused::Damaged)?;
        for column in columns() {
            bytes.get(head.section(column)).ok_or(Refused::Damaged)?;
        }
        Ok(Segment { head, bytes, checked: Checked::default() })
    }

    pub(crate) fn stub(&self) -> Stub {
        let head = self.bytes.raw().get(..HEADER_BYTES).unwrap_or_default();
        Stub { id: self.id(), head_sum: checksum(head) }
    }
}
