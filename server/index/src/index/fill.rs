//! The vectors that a slow embedder owes: made beside updates and searches, some files at a time.
//! Until then those files are found by their words. When it is called is the caller's part.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use base::{ContentHash, RelPath};
use vfs::Snapshot;

use crate::document::Document;
use crate::embed::{EmbedError, Embedder};
use crate::index::Index;
use crate::part::{DocState, Part};
use crate::segment::WITHOUT_VECTORS;
use crate::segment::build::build;
use crate::update::look::in_parallel;
use crate::writer::Writer;

/// What is merged in memory while somebody may wait for the lock.
const MAX_MERGE_BYTES: usize = 4 << 20;

/// What [`Index::embed_waiting`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Files that have their vectors now.
    pub done: usize,
    /// Files that still have none and can be tried.
    pub left: usize,
    /// Why one or more have none, in the embedder's words: its other texts came through, so these are put aside until
    /// they change or the index is opened again.
    pub problem: Option<String>,
}

/// See [`Index::wait_for_updates`].
#[derive(Default)]
pub(super) struct Waiting {
    /// An update has ended since somebody waited.
    is_due: Mutex<bool>,
    woken: Condvar,
    /// Contents that the embedder does not take.
    refused: Mutex<HashSet<[u8; 32]>>,
}

impl Waiting {
    pub(super) fn wake(&self) {
        *self.is_due.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.woken.notify_all();
    }
}

/// A file that waits.
struct Wanted {
    path: RelPath,
    hash: [u8; 32],
}

impl Index {
    /// Waits until an update has ended since the last call, or [`Index::wake`] was called, or `timeout` is over.
    pub fn wait_for_updates(&self, timeout: Duration) {
        let is_due = self.waiting.is_due.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.waiting.woken.wait_timeout_while(is_due, timeout, |is_due| !*is_due);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }

    /// Ends [`Index::wait_for_updates`].
    pub fn wake(&self) {
        self.waiting.wake();
    }

    /// Makes the vectors of at most `max_files` files that wait for them, the newest first. Searches and updates go on
    /// meanwhile. Does nothing without an embedder, or with one that is not slow.
    ///
    /// # Errors
    /// The embedder's, if no file got its vectors: there is no use in going on at once.
    pub fn embed_waiting(&self, max_files: usize) -> Result<Filled, EmbedError> {
        let Some(embedder) = self.embedder.as_ref().filter(|embedder| embedder.is_slow()) else {
            return Ok(Filled::default());
        };
        let (snapshot, n_waiting) = {
            let writer = self.writer();
            (writer.snapshot().cloned(), n_waiting(&writer))
        };
        let Some(snapshot) = snapshot else { return Ok(Filled::default()) };
        // Asked even if nothing waits, where vectors are there: the model may have become another.
        if n_waiting == 0 && !self.has_vectors() {
            return Ok(Filled::default());
        }
        embedder.ready()?;
        let (wanted, left) = self.wanted(embedder.dim(), max_files);
        let made =
            in_parallel(wanted.len(), |idx| make(&snapshot, &wanted[idx], embedder.as_ref()));
        let (mut docs, mut refused, mut error) = (Vec::new(), Vec::new(), None);
        for (wanted, made) in wanted.iter().zip(made) {
            match made {
                // It has changed since; the next update sees it.
                None => {}
                Some(Ok(doc)) => docs.push(doc),
                Some(Err(failed)) => {
                    if matches!(failed, EmbedError::Refused { .. }) {
                        refused.push(wanted.hash);
                    }
                    error = Some(failed);
                }
            }
        }
        let done = self.take_in(docs);
        match error {
            Some(error) if done == 0 => Err(error),
            error => {
                let mut all = self.waiting.refused.lock().unwrap_or_else(PoisonError::into_inner);
                let n_refused = refused.len();
                all.extend(refused);
                let problem = error.map(|error| error.to_string());
                Ok(Filled { done, left: left.saturating_sub(done + n_refused), problem })
            }
        }
    }

    /// Whether any file has vectors.
    pub(super) fn has_vectors(&self) -> bool {
        let reader = self.reader.read().unwrap_or_else(PoisonError::into_inner);
        reader.parts().iter().any(|part| part.segment.has_rows())
    }

    /// Files to try, and how many there are in all.
    fn wanted(&self, dim: usize, max_files: usize) -> (Vec<Wanted>, usize) {
        let writer = self.writer();
        let refused = self.waiting.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut wanted, mut count) = (Vec::new(), 0);
        for part in writer.parts.iter().rev() {
            for doc in waiting(part, Some(dim)) {
                let Ok(hash) = <[u8; 32]>::try_from(part.segment.hash(doc)) else { continue };
                if refused.contains(&hash) {
                    continue;
                }
                count += 1;
                if wanted.len() < max_files
                    && let Ok(path) = RelPath::parse(part.segment.path(doc))
                {
                    wanted.push(Wanted { path, hash });
                }
            }
        }
        (wanted, count)
    }

    /// Puts documents in the place of those without vectors; returns how many.
    fn take_in(&self, mut docs: Vec<Document>) -> usize {
        let mut writer = self.writer();
        docs.sort_by(|a, b| a.path.cmp(&b.path));
        docs.dedup_by(|a, b| a.path == b.path);
        let mut states = Vec::with_capacity(docs.len());
        docs.retain(|doc| {
            let state = replace(&mut writer, doc);
            states.extend(state);
            state.is_some()
        });
        if docs.is_empty() {
            return 0;
        }
        let segment = build(&docs, writer.recipe);
        writer.parts.push(Arc::new(Part::new(segment, states)));
        writer.is_dirty = true;
        let tidied = writer.forget_dead().and_then(|()| writer.compact(0, MAX_MERGE_BYTES));
        if let Err(damaged) = tidied {
            writer.give_up(damaged);
        }
        self.publish(&writer);
        docs.len()
    }
}

/// How many files have no vectors.
pub(super) fn n_waiting(writer: &Writer) -> usize {
    if writer.recipe.embedder == 0 {
        return 0;
    }
    writer.parts.iter().map(|part| waiting(part, None).count()).sum()
}

/// The documents of a part that have no vectors, or vectors of another width than `dim`.
fn waiting(part: &Part, dim: Option<usize>) -> impl Iterator<Item = u32> {
    // A damaged part is found and dropped by the next search.
    let rows = dim.and_then(|dim| Some((part.segment.rows().ok()??.dim(), dim)));
    let are_other = rows.is_some_and(|(width, dim)| width != dim.next_multiple_of(32));
    part.alive().filter(move |doc| are_other || part.segment.flags(*doc) & WITHOUT_VECTORS != 0)
}

/// `None` if the file has another content by now.
fn make(
    snapshot: &Snapshot,
    wanted: &Wanted,
    embedder: &dyn Embedder,
) -> Option<Result<Document, EmbedError>> {
    let text = snapshot.read(&wanted.path).ok()?;
    let hash = ContentHash::of(text.as_bytes());
    if *hash.as_bytes() != wanted.hash {
        return None;
    }
    let mut doc = Document::new(wanted.path.clone(), hash, &text);
    Some(doc.embed(embedder, &text).map(|()| doc))
}

/// Takes the document out that `doc` comes instead of; `None` if there is none any more.
fn replace(writer: &mut Writer, doc: &Document) -> Option<DocState> {
    let (idx, old) = writer.parts.iter().enumerate().find_map(|(idx, part)| {
        let is_it =
            |old: &u32| part.is_alive(*old) && part.segment.hash(*old) == doc.hash.as_bytes();
        let old = part.segment.with_path(doc.path.as_str()).find(is_it)?;
        Some((idx, old))
    })?;
    let part = Arc::make_mut(&mut writer.parts[idx]);
    let state = part.docs()[old as usize];
    // What lies in memory need not wait for its content to come back: the new one has the same.
    let is_unsaved = state.is_unsaved || !part.is_saved();
    part.set(old, DocState { is_alive: false, is_unsaved, ..state });
    Some(state)
}

#[cfg(test)]
mod tests;
