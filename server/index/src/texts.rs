//! The texts of what was found, read from the workspace when a hit needs them.
//! A file that changed since it was indexed is cut again here, so that no hit shows lines that are not its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::RelPath;
use syntax::Chunk;

use crate::checksum::checksum;
use crate::crew::Crew;
use crate::document::cut;
use crate::reader::{Reader, Slot};
use crate::search::Hit;
use crate::segment::bytes::Damaged;

/// Reads each file once.
pub(crate) struct Texts<'a> {
    reader: &'a Reader,
    files: BTreeMap<Slot, Option<File>>,
}

struct File {
    path: RelPath,
    text: Arc<str>,
    /// How it would be cut now, if it changed.
    changed: Option<Vec<Chunk>>,
}

/// A chunk with its text.
pub(crate) struct Found {
    path: RelPath,
    pub(crate) chunk: Chunk,
    text: String,
}

impl Found {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_hit(self, score: f32, reason: String) -> Hit {
        let Found { path, chunk, text } = self;
        Hit { path, chunk, text, score, reason }
    }
}

impl<'a> Texts<'a> {
    pub(crate) fn new(reader: &'a Reader) -> Texts<'a> {
        Texts { reader, files: BTreeMap::new() }
    }

    /// A unit of a file; `None` if the file or the definition is gone.
    pub(crate) fn read(&mut self, slot: Slot, unit: u32) -> Result<Option<Found>, Damaged> {
        let reader = self.reader;
        self.files.entry(slot).or_insert_with(|| File::read(reader, slot));
        self.known(slot, unit)
    }

    /// Reads files, several at once where somebody helps.
    pub(crate) fn read_ahead(&mut self, crew: &Crew, slots: impl Iterator<Item = Slot>) {
        let new: BTreeSet<Slot> = slots.filter(|slot| !self.files.contains_key(slot)).collect();
        let new: Vec<Slot> = new.into_iter().collect();
        let files = crew.map(new.len(), |idx| File::read(self.reader, new[idx]));
        self.files.extend(new.into_iter().zip(files));
    }

    /// As [`Texts::read`], of a file that was read before.
    pub(crate) fn known(&self, slot: Slot, unit: u32) -> Result<Option<Found>, Damaged> {
        let Some(Some(file)) = self.files.get(&slot) else { return Ok(None) };
        let (segment, number) = self.reader.unit(slot, unit);
        let mut chunk = segment.chunk(number)?;
        if let Some(chunks) = &file.changed {
            let now = chunks.iter().find(|now| {
                now.kind == chunk.kind
                    && now.qualified == chunk.qualified
                    && now.signature == chunk.signature
            });
            let Some(now) = now else { return Ok(None) };
            chunk = now.clone();
        }
        let Some(text) = file.text.get(chunk.range.as_range()) else { return Ok(None) };
        Ok(Some(Found { path: file.path.clone(), text: text.to_owned(), chunk }))
    }
}

impl File {
    fn read(reader: &Reader, slot: Slot) -> Option<File> {
        let (segment, doc) = reader.at(slot);
        let path = RelPath::parse(segment.path(doc)).ok()?;
        let text = reader.snapshot.as_ref()?.read(&path).ok()?;
        let is_same = text.len() == segment.text_len(doc) as usize
            && checksum(text.as_bytes()) == segment.text_sum(doc);
        let changed = (!is_same).then(|| cut(&path, &text).chunks);
        Some(File { path, text, changed })
    }
}
