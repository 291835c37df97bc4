//! Text that an editor has open: applied in the order of arrival, never saved by us.
//!
//! No IO and no parsing happens here, so typing never waits for anything.

use std::sync::{Arc, OnceLock};

use base::{ByteRange, LineCol, PositionEncoding, Text};

use crate::snapshot::FileMeta;

/// An open buffer as its client last described it.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// The client's version number.
    pub version: i32,
    /// The whole text; cloning it is cheap.
    pub text: Text,
}

/// One change to a buffer; each applies to the result of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BufferChange {
    /// The whole text is replaced.
    Full(String),
    /// The text between two positions is replaced.
    ///
    /// Positions past the end are clamped; `end` before `start` means the same range, as in other servers.
    Range {
        /// Where the replaced text begins.
        start: LineCol,
        /// Where it ends, exclusive.
        end: LineCol,
        /// The unit of both positions' columns.
        encoding: PositionEncoding,
        /// What takes its place.
        text: String,
    },
}

/// Applies `changes` in order.
pub(crate) fn apply(text: &Text, changes: &[BufferChange]) -> Text {
    let mut text = text.clone();
    for change in changes {
        match change {
            BufferChange::Full(new) => text = Text::new(new),
            BufferChange::Range { start, end, encoding, text: new } => {
                let a = text.offset(*start, *encoding);
                let b = text.offset(*end, *encoding);
                text.replace(ByteRange::new(a.min(b), a.max(b)), new);
            }
        }
    }
    text
}

/// One version of one open buffer. Immutable, so that every snapshot may share it.
#[derive(Debug)]
pub(crate) struct OpenFile {
    /// What the buffer looks like in a list of files.
    pub(crate) meta: FileMeta,
    pub(crate) version: i32,
    pub(crate) text: Text,
    /// The text in one piece: filled by the first reader, freed with this version.
    whole: OnceLock<Arc<str>>,
}

impl OpenFile {
    pub(crate) fn new(mut meta: FileMeta, version: i32, text: Text) -> OpenFile {
        meta.len = text.len_bytes() as u64;
        meta.buffer_version = Some(version);
        OpenFile { meta, version, text, whole: OnceLock::new() }
    }

    pub(crate) fn whole(&self) -> Arc<str> {
        let whole = self.whole.get_or_init(|| Arc::from(self.text.to_string().as_str()));
        Arc::clone(whole)
    }
}
