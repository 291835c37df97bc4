//! Reads files that may have changed, and cuts what did.
//! It changes no part: what it finds is handed back.

use std::sync::Arc;
use std::time::SystemTime;

use base::ContentHash;
use vfs::{FileMeta, SkipReason, Snapshot};

use crate::crew::Crew;
use crate::document::Document;
use crate::embed::{EmbedError, Embedder};
use crate::part::{Part, Stamp};
use crate::segment::WITHOUT_VECTORS;
use crate::update::seen::{Place, Skip};

/// A file that changed later than this before it is read may change again without a trace in its time.
const RACY_NS: i128 = 100_000_000;

/// A file after it was read.
pub(crate) enum Looked {
    /// The content is that of its document.
    Same {
        stamp: Option<Stamp>,
        is_buffer: bool,
    },
    Text(Text),
    Skipped(Skip),
    Gone,
    /// The update was cancelled before.
    Missed,
}

/// A text that is not that of its file's document.
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    pub(crate) hash: ContentHash,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) is_buffer: bool,
}

/// `known`: the file's document, if it has one.
pub(crate) fn look(snap: &Snapshot, meta: &FileMeta, known: Option<(&Part, u32)>) -> Looked {
    let is_buffer = meta.buffer_version.is_some();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let is_racy = now.is_ok_and(|now| (now.as_nanos() as i128) - meta.modified_ns < RACY_NS);
    let stamp = (!is_buffer && !is_racy).then(|| Stamp::of(meta));
    let text: Arc<str> = match snap.read(&meta.path) {
        Ok(text) => text,
        Err(vfs::Error::Absent { .. }) => return Looked::Gone,
        Err(vfs::Error::Skipped { reason, .. }) => {
            return Looked::Skipped(Skip::new(stamp, reason));
        }
        Err(error) => {
            let reason = SkipReason::Unreadable(error.to_string());
            return Looked::Skipped(Skip::new(stamp, reason));
        }
    };
    let hash = ContentHash::of(text.as_bytes());
    match known {
        Some((part, doc)) if part.segment.hash(doc) == hash.as_bytes() => {
            Looked::Same { stamp, is_buffer }
        }
        _ => Looked::Text(Text { text, hash, stamp, is_buffer }),
    }
}

/// A document with the same content that was made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// The file had this content once, and has it again.
    Revived(Place),
    /// Another file has or had it.
    Copied(Place),
}

/// `language`: as [`crate::document::language_mark`] says of the path and the text. `owes_vectors`: those that are missing
/// will be made, so that a document without them serves as well.
pub(crate) fn again(
    parts: &[Arc<Part>],
    path: &str,
    text: &Text,
    language: u32,
    owes_vectors: bool,
) -> Option<Again> {
    let mut copied = None;
    let mut revived = None;
    for (part_idx, part) in parts.iter().enumerate() {
        let segment = &part.segment;
        for doc in segment.with_hash(text.hash.as_bytes()) {
            let is_lacking = segment.flags(doc) & WITHOUT_VECTORS != 0;
            if segment.language(doc) != language || (is_lacking && !owes_vectors) {
                continue;
            }
            if segment.path(doc) == path && !part.is_alive(doc) {
                if !is_lacking {
                    return Some(Again::Revived((part_idx, doc)));
                }
                revived = Some(Again::Revived((part_idx, doc)));
            }
            // What only a buffer had must not come to the disk by way of another file.
            if !part.state(doc).is_unsaved || text.is_buffer {
                copied.get_or_insert(Again::Copied((part_idx, doc)));
            }
        }
    }
    revived.or(copied)
}

/// Cuts a text; an error of the embedder comes with a document that has no vectors. `crew`: helps with it.
pub(crate) fn cut(
    meta: &FileMeta,
    text: &Text,
    embedder: Option<&dyn Embedder>,
    crew: &Crew,
) -> (Document, Option<EmbedError>) {
    let path = meta.path.clone();
    match embedder {
        Some(embedder) => Document::embedded(path, text.hash, &text.text, embedder, crew),
        None => (Document::new(path, text.hash, &text.text), None),
    }
}
