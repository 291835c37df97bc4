//! Segments as files: written once, opened by mapping.
//! Which files there are, and which of them count, is `storage`'s part.
#![allow(clippy::disallowed_methods, reason = "the index's own files, in its own folder")]

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::checksum::checksum;
use crate::segment::bytes::{Bytes, page_sums};
use crate::segment::layout::{HEADER_BYTES, Head, Recipe, Section};
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

/// What a manifest says of a segment's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stub {
    pub(crate) id: u64,
    /// Checksum of the header, which holds that of all else.
    pub(crate) head_sum: u64,
}

impl Segment {
    /// Writes the segment to a new file, waits until the disk has it, and gives back the mapped file.
    ///
    /// # Errors
    /// What the system says. A part of the file may be there; it counts for nothing.
    pub(crate) fn save(&self, path: &Path, id: u64) -> io::Result<Segment> {
        let body = self.bytes.raw().get(HEADER_BYTES..).unwrap_or_default();
        let pages = page_sums(body);
        let head = Head { id, pages_sum: checksum(&pages), ..self.head.clone() };
        let mut options = OpenOptions::new();
        options.write(true).read(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        for part in [head.write().as_slice(), body, &pages] {
            file.write_all(part)?;
        }
        file.sync_all()?;
        let bytes = Bytes::mapped(Bytes::of_file(&file)?, &head);
        let bytes = bytes.ok_or_else(|| io::Error::other("what was written reads otherwise"))?;
        Ok(Segment { head, bytes, checked: Checked::default() })
    }

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
        let columns = HEADER_BYTES..head.section(Section::ByName).end;
        bytes.get(columns).ok_or(Refused::Damaged)?;
        Ok(Segment { head, bytes, checked: Checked::default() })
    }

    pub(crate) fn stub(&self) -> Stub {
        let head = self.bytes.raw().get(..HEADER_BYTES).unwrap_or_default();
        Stub { id: self.id(), head_sum: checksum(head) }
    }
}
