//! Brings the index up to a snapshot: reads what may have changed, and cuts and counts what is new to it.
//! Searches go on meanwhile with what was published last; nothing is written to disk besides what `save` writes.

pub(crate) mod look;
pub(crate) mod seen;

use std::collections::BTreeMap;
use std::sync::Arc;

use base::RelPath;
use vfs::{FileMeta, Revision, Skipped, Snapshot};

use crate::classify::classify;
use crate::crew::Crew;
use crate::document::{PathWords, language_mark};
use crate::embed::Embedder;
use crate::parallel::{in_parallel, largest_first};
use crate::part::{DocState, Part};
use crate::save;
use crate::segment::build::build;
use crate::segment::bytes::Damaged;
use crate::segment::merge::{Moved, Pick, Source, merge};
use crate::storage::Kept;
use crate::update::look::{Again, Looked, Text, again, cut, look};
use crate::update::seen::{Place, Seen, Skip, all, changed};
use crate::writer::Writer;

/// Files are prepared together up to this many, and up to this many bytes, the last ones up to half as many more: the memory
/// that waits stays bounded.
const BATCH_FILES: usize = 512;
const BATCH_BYTES: u64 = 4 << 20;

/// Fewer files are read before threads are there for them.
const FEW_FILES: usize = 8;

/// For a smaller file the helper would hardly be awake when it is done.
const LARGE_BYTES: usize = 4 << 10;

/// What is new in memory goes to disk from this size on, also in the middle of an update: a crash costs no more.
const FLUSH_BYTES: usize = 64 << 20;

/// Updates of fewer files merge only what is small, so that nobody waits for them.
const SMALL_UPDATE: usize = 256;
const SMALL_MERGE_BYTES: usize = 1 << 20;
/// As large, where a folder takes what is new.
const FLUSHED_MERGE_BYTES: usize = FLUSH_BYTES / 4;
/// Offsets in a segment have 32 bits.
const LARGEST_MERGE_BYTES: usize = 1 << 30;

/// What a byte of text costs to cut, against a byte of postings to merge.
const CUT_COST: usize = 40;

/// What an update did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Updated {
    /// Files in the snapshot.
    pub seen: usize,
    /// Files that are new or changed.
    pub indexed: usize,
    /// Those of them whose content was in the index before, so that nothing was cut.
    pub reused: usize,
    /// Files that are gone, or are no text any more.
    pub removed: usize,
    /// Files whose content is as it was.
    pub unchanged: usize,
    /// Everything that is left out at this snapshot, and why, sorted by path.
    pub skipped: Vec<Skipped>,
    /// All files of the snapshot are in the index: nothing was cancelled.
    pub is_complete: bool,
    /// The snapshot that the index is at.
    pub revision: Revision,
    /// What went wrong and what was done about it, in words: damage that was repaired, a disk that is full, an embedder
    /// that is away.
    pub notes: Vec<String>,
}

/// How far an update is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files that were looked at.
    pub done: usize,
    /// Files that have to be looked at.
    pub total: usize,
}

/// Somebody who follows an update and may end it.
pub struct Watcher<'a> {
    /// Called now and then, and at the end.
    pub progress: &'a dyn Fn(Progress),
    /// Asked before each file; once it says yes, the update ends with what it has.
    pub is_cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Watcher<'_> {
    /// Nobody.
    pub fn none() -> Watcher<'static> {
        Watcher { progress: &|_| {}, is_cancelled: &|| false }
    }
}

/// What an update works with.
pub(crate) struct Update<'a> {
    pub(crate) snap: &'a Snapshot,
    pub(crate) embedder: Option<&'a dyn Embedder>,
    pub(crate) watcher: &'a Watcher<'a>,
    /// Helps with a single file.
    pub(crate) crew: &'a Crew,
    /// Shows searches the present state.
    pub(crate) publish: &'a dyn Fn(&Writer),
}

/// Brings `writer` up to the snapshot.
///
/// # Errors
/// A segment is damaged: what was done so far holds, and the update is to be run again without it.
pub(crate) fn update(writer: &mut Writer, cx: &Update<'_>) -> Result<Updated, Damaged> {
    let revision = cx.snap.revision();
    let newest = writer.revision().unwrap_or_default();
    let is_known = writer.revision() == Some(revision) && writer.is_complete && writer.is_settled;
    if revision < newest || is_known {
        // Of an older snapshot there is nothing to learn: going back would lose what came since.
        let unchanged = writer.n_files();
        return Ok(
            writer.finish(cx.snap, Updated { seen: unchanged, unchanged, ..Default::default() })
        );
    }
    let updated = Updated { seen: cx.snap.n_files(), ..Updated::default() };
    let run = Run { cx, first_new: writer.parts.len(), writer, updated };
    run.run()
}

/// An update on its way.
struct Run<'a> {
    cx: &'a Update<'a>,
    /// Parts from here on are this update's own.
    first_new: usize,
    writer: &'a mut Writer,
    updated: Updated,
}

/// A file to look at, with its document.
#[derive(Clone, Copy)]
struct Todo<'a> {
    meta: &'a FileMeta,
    known: Option<Place>,
}

impl<'a> Run<'a> {
    fn run(mut self) -> Result<Updated, Damaged> {
        let older = self.writer.snapshot().cloned();
        let again = std::mem::take(&mut self.writer.unsettled);
        let Writer { parts, skips, .. } = &*self.writer;
        let changes = match &older {
            Some(older) if self.writer.is_complete => {
                changed(parts, skips, (self.cx.snap, older), again)
            }
            _ => all(parts, skips, self.cx.snap),
        };
        let n_known = changes.files.iter().filter(|file| file.known.is_some()).count();
        // Of the others it is clear.
        self.updated.unchanged = self.writer.n_files() - n_known - changes.gone.len();
        self.writer.begin(self.cx.snap);
        for place in changes.gone {
            self.kill(place);
            self.updated.removed += 1;
        }
        for path in changes.gone_skips {
            self.writer.skips.remove(&path);
            self.writer.is_dirty = true;
        }
        let mut todo = Vec::new();
        for Seen { meta, known } in changes.files {
            let stamp = meta.buffer_version.is_none().then(|| crate::part::Stamp::of(meta));
            let seen = match known {
                Some((part, doc)) => self.writer.parts[part].state(doc).stamp,
                None => self.writer.skips.get(&meta.path).and_then(|skip| skip.stamp),
            };
            if stamp.is_some() && stamp == seen {
                self.updated.unchanged += usize::from(known.is_some());
            } else {
                todo.push(Todo { meta, known });
            }
        }
        let total = todo.len();
        let mut done = 0;
        let mut is_complete = true;
        for batch in batches(&todo) {
            is_complete = self.batch(batch)?;
            done += batch.len();
            (self.cx.watcher.progress)(Progress { done, total });
            if !is_complete {
                break;
            }
            self.writer.compact(self.first_new, self.merged_in_memory())?;
            if FLUSH_BYTES <= self.writer.unsaved_bytes(self.first_new) {
                // If the disk is full, that is noted, and the index goes on in memory.
                save::flush(self.writer, self.first_new)?;
            }
            (self.cx.publish)(self.writer);
        }
        self.writer.is_complete = is_complete;
        let max_bytes = match total < SMALL_UPDATE {
            true => SMALL_MERGE_BYTES,
            false => self.merged_in_memory(),
        };
        self.writer.forget_dead()?;
        self.writer.compact(0, max_bytes)?;
        (self.cx.publish)(self.writer);
        Ok(self.writer.finish(self.cx.snap, self.updated))
    }

    /// How large a part may become that is merged in memory: what soon goes to disk is merged on its way there.
    fn merged_in_memory(&self) -> usize {
        let is_saved = self.writer.storage.as_ref().is_some_and(|one| one.kept() == Kept::Saved);
        if is_saved { FLUSHED_MERGE_BYTES } else { LARGEST_MERGE_BYTES }
    }

    /// Returns whether all of the batch was done.
    fn batch(&mut self, batch: &[Todo<'a>]) -> Result<bool, Damaged> {
        let parts = &self.writer.parts;
        let look_at = |idx: usize| {
            if (self.cx.watcher.is_cancelled)() {
                return Looked::Missed;
            }
            let Todo { meta, known } = batch[idx];
            let known = known.map(|(part, doc)| (&*parts[part], doc));
            look(self.cx.snap, meta, known)
        };
        let looked = match batch.len() {
            0..FEW_FILES => (0..batch.len()).map(look_at).collect(),
            n_files => in_parallel(n_files, look_at),
        };
        let mut is_complete = true;
        let mut texts = Vec::new();
        for (todo, looked) in batch.iter().zip(looked) {
            match looked {
                Looked::Missed => is_complete = false,
                Looked::Text(text) => texts.push((*todo, text)),
                Looked::Same { stamp, is_buffer } => {
                    self.updated.unchanged += 1;
                    let Some((part, doc)) = todo.known else { continue };
                    let before = self.writer.parts[part].state(doc);
                    let is_unsaved = before.is_unsaved && is_buffer;
                    self.settle(&todo.meta.path, stamp.is_some() || is_buffer);
                    self.set((part, doc), DocState { stamp, is_alive: true, is_unsaved });
                }
                Looked::Skipped(skip) => self.skip(*todo, Some(skip)),
                Looked::Gone => self.skip(*todo, None),
            }
        }
        Ok(self.take_in(texts)? && is_complete)
    }

    /// Returns whether all texts came in.
    fn take_in(&mut self, texts: Vec<(Todo<'a>, Text)>) -> Result<bool, Damaged> {
        let parts = &self.writer.parts;
        let owes_vectors = self.owes_vectors();
        let again = in_parallel(texts.len(), |idx| {
            let (todo, text) = &texts[idx];
            let path = &todo.meta.path;
            again(parts, path.as_str(), text, language_mark(path, &text.text), owes_vectors)
        });
        let copies = self.worth_copying(&texts, &again);
        let mut to_cut = Vec::new();
        let mut to_copy: BTreeMap<usize, Vec<(u32, Todo<'a>, Text)>> = BTreeMap::new();
        for ((todo, text), again) in texts.into_iter().zip(again) {
            match again {
                Some(Again::Revived((part, doc))) => {
                    self.updated.reused += 1;
                    self.replaced(todo, &text);
                    // It was seen on disk once, or else it is still known as unsaved.
                    let before = self.writer.parts[part].state(doc);
                    let is_unsaved = before.is_unsaved && text.is_buffer;
                    self.set(
                        (part, doc),
                        DocState { stamp: text.stamp, is_alive: true, is_unsaved },
                    );
                }
                Some(Again::Copied((part, doc))) if copies.contains(&part) => {
                    to_copy.entry(part).or_default().push((doc, todo, text));
                }
                _ => to_cut.push((todo, text)),
            }
        }
        for (part, copies) in to_copy {
            self.copy(part, copies)?;
        }
        Ok(self.cut(to_cut))
    }

    /// The parts whose documents are wanted for so many files that a merge is cheaper than cutting.
    fn worth_copying(&self, texts: &[(Todo<'_>, Text)], again: &[Option<Again>]) -> Vec<usize> {
        let mut bytes: BTreeMap<usize, usize> = BTreeMap::new();
        for ((todo, text), again) in texts.iter().zip(again) {
            if let Some(Again::Copied((part, doc))) = again
                && self.has_same_vectors(self.writer.parts[*part].segment.path(*doc), todo.meta)
            {
                *bytes.entry(*part).or_default() += text.text.len();
            }
        }
        let is_worth = |part: usize, bytes: usize| {
            self.writer.parts[part].segment.len_postings() < bytes * CUT_COST
        };
        bytes
            .into_iter()
            .filter(|(part, bytes)| is_worth(*part, *bytes))
            .map(|(part, _)| part)
            .collect()
    }

    /// Vectors are made later, by [`Index::embed_waiting`](crate::Index::embed_waiting).
    fn owes_vectors(&self) -> bool {
        self.cx.embedder.is_some_and(|embedder| embedder.is_slow())
    }

    /// Embedders see the file's name and its folder: elsewhere the vectors would be others.
    fn has_same_vectors(&self, path: &str, meta: &FileMeta) -> bool {
        let tail = |path: &str| path.rsplitn(3, '/').take(2).map(str::to_owned).collect::<Vec<_>>();
        self.cx.embedder.is_none() || tail(path) == tail(meta.path.as_str())
    }

    /// Takes documents of a part once more, for other files with the same content.
    fn copy(&mut self, part: usize, copies: Vec<(u32, Todo<'a>, Text)>) -> Result<(), Damaged> {
        let mut to_cut = Vec::new();
        let mut round: Vec<(u32, Todo<'a>, Text)> = Vec::new();
        let mut rounds = Vec::new();
        for copy in copies {
            let path = self.writer.parts[part].segment.path(copy.0);
            if !self.has_same_vectors(path, copy.1.meta) {
                to_cut.push((copy.1, copy.2));
                continue;
            }
            // A source gives each of its documents once: the same content for a second file is another round.
            if round.iter().any(|(doc, ..)| *doc == copy.0) {
                rounds.push(std::mem::take(&mut round));
            }
            round.push(copy);
        }
        rounds.push(round);
        for mut round in rounds {
            round.sort_by_key(|(doc, ..)| *doc);
            let picks = round.iter().map(|(doc, todo, text)| {
                let path = &todo.meta.path;
                let moved = Moved {
                    path: path.as_str().to_owned(),
                    class: classify(path, &text.text),
                    words: PathWords::of(path),
                };
                Pick { doc: *doc, moved: Some(moved) }
            });
            let segment = Arc::clone(&self.writer.parts[part].segment);
            let source = Source { segment: &segment, picks: picks.collect() };
            let merged = merge(&[source], self.writer.recipe)?;
            let mut states = vec![None; round.len()];
            for ((_, todo, text), place) in round.iter().zip(&merged.places[0]) {
                self.updated.reused += 1;
                self.replaced(*todo, text);
                states[*place as usize] = Some(new_state(text));
            }
            let states: Vec<DocState> = states.into_iter().flatten().collect();
            self.writer.parts.push(Arc::new(Part::new(merged.segment, &states)));
        }
        self.cut(to_cut);
        Ok(())
    }

    /// Returns whether all texts were cut.
    fn cut(&mut self, texts: Vec<(Todo<'a>, Text)>) -> bool {
        let embedder = self.cx.embedder.filter(|embedder| !embedder.is_slow());
        // Where there are many, each core has files of its own.
        let nobody = Crew::of(0);
        let crew = match &*texts {
            [(_, one)] if LARGE_BYTES <= one.text.len() => self.cx.crew,
            _ => &nobody,
        };
        let sizes: Vec<usize> = texts.iter().map(|(_, text)| text.text.len()).collect();
        let mut cut = largest_first(&sizes, |idx| {
            let (todo, text) = &texts[idx];
            (!(self.cx.watcher.is_cancelled)()).then(|| cut(todo.meta, text, embedder, crew))
        });
        // In the order of their files, so that the documents are sorted by path.
        let mut docs = Vec::new();
        let mut states = Vec::new();
        let mut is_complete = true;
        for ((todo, text), cut) in texts.into_iter().zip(cut.drain(..)) {
            let Some((doc, error)) = cut else {
                is_complete = false;
                continue;
            };
            if let Some(error) = error {
                self.note(format!("code is found by its words only: {error}"));
            }
            self.replaced(todo, &text);
            states.push(new_state(&text));
            docs.push(doc);
        }
        if !docs.is_empty() {
            let segment = build(&docs, self.writer.recipe);
            self.writer.parts.push(Arc::new(Part::new(segment, &states)));
        }
        is_complete
    }

    /// A file has another content than before.
    fn replaced(&mut self, todo: Todo<'_>, text: &Text) {
        self.updated.indexed += 1;
        self.writer.skips.remove(&todo.meta.path);
        self.settle(&todo.meta.path, text.stamp.is_some() || text.is_buffer);
        self.writer.is_dirty = true;
        todo.known.into_iter().for_each(|place| self.kill(place));
    }

    /// A file has no text, or is not there.
    fn skip(&mut self, todo: Todo<'_>, skip: Option<Skip>) {
        self.updated.removed += usize::from(todo.known.is_some());
        todo.known.into_iter().for_each(|place| self.kill(place));
        self.writer.is_dirty = true;
        match skip {
            Some(skip) => {
                self.settle(&todo.meta.path, skip.stamp.is_some());
                self.writer.skips.insert(todo.meta.path.clone(), skip);
            }
            None => {
                // The snapshot has it, so it may come back without another word.
                self.settle(&todo.meta.path, false);
                self.writer.skips.remove(&todo.meta.path);
            }
        }
    }

    /// What is not settled is looked at again, whatever the next snapshot says of it.
    fn settle(&mut self, path: &RelPath, is_settled: bool) {
        if !is_settled {
            self.writer.is_settled = false;
            self.writer.unsettled.insert(path.clone());
        }
    }

    fn kill(&mut self, (part, doc): Place) {
        self.writer.is_dirty = true;
        Arc::make_mut(&mut self.writer.parts[part]).kill(doc);
    }

    fn set(&mut self, (part, doc): Place, state: DocState) {
        if self.writer.parts[part].state(doc) != state {
            self.writer.is_dirty = true;
            Arc::make_mut(&mut self.writer.parts[part]).set(doc, state);
        }
    }

    fn note(&mut self, note: String) {
        if !self.updated.notes.contains(&note) {
            self.updated.notes.push(note);
        }
    }
}

fn new_state(text: &Text) -> DocState {
    DocState { stamp: text.stamp, is_alive: true, is_unsaved: text.is_buffer }
}

/// Pieces of `todo` that are prepared together.
fn batches<'b, 'a>(todo: &'b [Todo<'a>]) -> Vec<&'b [Todo<'a>]> {
    let len = |todo: &Todo<'_>| todo.meta.len.min(vfs::MAX_FILE_BYTES);
    let mut batches = Vec::new();
    let mut rest = todo;
    let mut bytes_left: u64 = rest.iter().map(len).sum();
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(BATCH_FILES).take_while(|todo| {
            let fits = bytes < BATCH_BYTES;
            bytes += if fits { len(todo) } else { 0 };
            fits
        });
        let mut n_files = fits.count();
        bytes_left -= bytes;
        // A little that is left would not keep all cores busy, and be a part to merge.
        if bytes_left <= BATCH_BYTES / 2 && rest.len() - n_files <= BATCH_FILES / 2 {
            n_files = rest.len();
        }
        let (batch, after) = rest.split_at(n_files);
        batches.push(batch);
        rest = after;
    }
    batches
}

/// What the snapshot left out, and what turned out to be no text when it was read.
pub(crate) fn skipped<'s>(
    skips: impl Iterator<Item = (&'s RelPath, &'s Skip)>,
    snap: &Snapshot,
) -> Vec<Skipped> {
    let mut all = snap.skipped().to_vec();
    for (path, skip) in skips {
        all.push(Skipped { path: path.as_str().to_owned(), reason: skip.reason.clone() });
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|a, b| a.path == b.path);
    all
}

#[cfg(test)]
mod tests;
