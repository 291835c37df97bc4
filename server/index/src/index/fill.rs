//! The vectors that a slow embedder owes: made beside updates and searches, some files at a time.
//! Until then those files are found by their words. When it is called is the caller's part.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{ContentHash, RelPath};
use vfs::Snapshot;

use crate::document::Document;
use crate::embed::{self, EmbedError, Embedder};
use crate::index::Index;
use crate::index::probe::{self, Probe};
use crate::parallel::in_parallel;
use crate::part::{DocState, Part};
use crate::segment::build::build;
use crate::segment::{Recipe, WITHOUT_VECTORS};
use crate::writer::Writer;

/// What is merged in memory while somebody may wait for the lock.
const MAX_MERGE_BYTES: usize = 4 << 20;

/// Texts that are handed to the embedder together, of as many files as they come from: up to so many, and up to so many
/// bytes. One file's are never torn apart.
const GROUP_TEXTS: usize = 64;
const GROUP_BYTES: usize = 256 << 10;
/// Of a longer text no embedder reads more.
const TEXT_BYTES: usize = 8 << 10;

/// What [`Index::embed_waiting`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Files that have their vectors now.
    pub done: usize,
    /// Files that still have none and can be tried.
    pub left: usize,
    /// Why one or more have none, in the embedder's words. Those that were refused, while other texts came through, are put
    /// aside until they change or the index is opened again.
    pub problem: Option<String>,
}

/// See [`Index::wait_for_updates`].
pub(super) struct Waiting {
    /// An update has ended since somebody waited.
    is_due: Mutex<bool>,
    woken: Condvar,
    /// Contents that the embedder does not take.
    refused: Mutex<HashSet<[u8; 32]>>,
    /// What the model is known by. Held while it is asked.
    probe: Mutex<Probed>,
}

struct Probed {
    probe: Probe,
    /// It was asked, and has not failed since.
    is_sure: bool,
}

impl Waiting {
    pub(super) fn new(probe: Probe) -> Waiting {
        Waiting {
            is_due: Mutex::default(),
            woken: Condvar::new(),
            refused: Mutex::default(),
            probe: Mutex::new(Probed { probe, is_sure: false }),
        }
    }

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
    /// The embedder's, if it made none, and not because of what is in the files: there is no use in going on at once.
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
        let dim = embed::width(embedder.as_ref())?.get();
        self.know_again(embedder.as_ref(), dim)?;
        let (wanted, left) = self.wanted(Some(dim), max_files);
        let Made { docs, n_embedded, refused, error } =
            make_all(&snapshot, &wanted, embedder.as_ref());
        if matches!(error, Some(EmbedError::Away { .. })) {
            // Whoever comes back may be another.
            self.probed().is_sure = false;
        }
        let done = self.take_in(docs);
        // Whoever refuses all of them may refuse everything; texts that it took before tell.
        let is_their_fault =
            || matches!(error, Some(EmbedError::Refused { .. })) && takes_known(embedder.as_ref());
        let is_stuck = n_embedded == 0 && !is_their_fault();
        match error {
            Some(error) if is_stuck => Err(error),
            error => {
                let mut all = self.waiting.refused.lock().unwrap_or_else(PoisonError::into_inner);
                let n_refused = refused.len();
                all.extend(refused);
                let problem = error.map(|error| error.to_string());
                Ok(Filled { done, left: left.saturating_sub(done + n_refused), problem })
            }
        }
    }

    /// Asks for the vectors of some texts that are known, once after each start and failure. Where they are others than
    /// they were, the model is another one behind the same name, and its index is begun anew.
    fn know_again(&self, embedder: &dyn Embedder, dim: usize) -> Result<(), EmbedError> {
        let mut probed = self.probed();
        if probed.is_sure {
            return Ok(());
        }
        let mut now = vec![0.0; probe::TEXTS.len() * dim];
        embedder.embed_all(&probe::TEXTS, &mut now)?;
        probed.is_sure = true;
        let is_first = probed.probe.vectors.is_empty();
        if !is_first && probed.probe.is_same(&now) {
            return Ok(());
        }
        let era = probed.probe.era + u64::from(!is_first);
        probed.probe = Probe { era, vectors: now };
        let (mark, file) = (probed.probe.mark(embedder.id()), probed.probe.write(embedder.id()));
        drop(probed);
        if is_first {
            if let Some(storage) = &mut self.writer().storage {
                storage.keep_probe(&file);
            }
            return Ok(());
        }
        let why = format!(
            "embedder `{}` gives other vectors than before, so all are made again; until then code is found by its words",
            embedder.id()
        );
        let snapshot = {
            let mut writer = self.writer();
            let recipe = Recipe { embedder: mark, ..writer.recipe };
            writer.start_anew(recipe, &file, why);
            writer.snapshot().cloned()
        };
        if let Some(remote) = &self.remote {
            remote.forget();
        }
        self.waiting.refused.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(snapshot) = snapshot {
            let notes = self.update(&snapshot).notes;
            // The next update that is asked for tells of it.
            self.writer().notes.extend(notes);
        }
        Ok(())
    }

    fn probed(&self) -> MutexGuard<'_, Probed> {
        self.waiting.probe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many files wait for vectors and can be tried.
    pub fn n_waiting(&self) -> usize {
        // The width does not matter: vectors of another one are counted when they are looked for.
        if self.embedder.as_ref().is_some_and(|embedder| embedder.is_slow()) {
            self.wanted(None, 0).1
        } else {
            0
        }
    }

    /// Whether any file has vectors.
    pub(super) fn has_vectors(&self) -> bool {
        let reader = self.reader.read().unwrap_or_else(PoisonError::into_inner);
        reader.parts().iter().any(|part| part.segment.has_rows())
    }

    /// Files to try, and how many there are in all.
    fn wanted(&self, dim: Option<usize>, max_files: usize) -> (Vec<Wanted>, usize) {
        let writer = self.writer();
        let refused = self.waiting.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut wanted, mut count) = (Vec::new(), 0);
        for part in writer.parts.iter().rev() {
            for doc in waiting(part, dim) {
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
        writer.parts.push(Arc::new(Part::new(segment, &states)));
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

/// A file that is cut and has no vectors yet.
struct Cut {
    doc: Document,
    text: Arc<str>,
}

/// What came of some files; those that have changed since are in none of the lists: the next update sees them.
#[derive(Default)]
struct Made {
    docs: Vec<Document>,
    /// Of these the ones that the embedder was asked about.
    n_embedded: usize,
    refused: Vec<[u8; 32]>,
    error: Option<EmbedError>,
}

impl Made {
    fn add(&mut self, other: Made) {
        self.docs.extend(other.docs);
        self.n_embedded += other.n_embedded;
        self.refused.extend(other.refused);
        // Being away says more than a text that is not taken.
        if other.error.is_some() && !matches!(self.error, Some(EmbedError::Away { .. })) {
            self.error = other.error;
        }
    }
}

/// Whether the embedder takes texts that it took before.
fn takes_known(embedder: &dyn Embedder) -> bool {
    let mut out = vec![0.0; probe::TEXTS.len() * embedder.dim()];
    embedder.embed_all(&probe::TEXTS, &mut out).is_ok()
}

fn make_all(snapshot: &Snapshot, wanted: &[Wanted], embedder: &dyn Embedder) -> Made {
    let cuts = in_parallel(wanted.len(), |idx| cut(snapshot, &wanted[idx]));
    let mut groups: Vec<Mutex<Vec<Cut>>> = Vec::new();
    let (mut n_texts, mut n_bytes) = (0, 0);
    for cut in cuts.into_iter().flatten() {
        let units = cut.doc.meant();
        let len = |range: base::ByteRange| (range.end - range.start).min(TEXT_BYTES);
        let bytes: usize = units.iter().map(|unit| len(unit.chunk.range)).sum();
        let is_full = GROUP_TEXTS < n_texts + units.len() || GROUP_BYTES < n_bytes + bytes;
        if groups.is_empty() || is_full {
            groups.push(Mutex::default());
            (n_texts, n_bytes) = (0, 0);
        }
        (n_texts, n_bytes) = (n_texts + units.len(), n_bytes + bytes);
        if let Some(group) = groups.last_mut() {
            group.get_mut().unwrap_or_else(PoisonError::into_inner).push(cut);
        }
    }
    let all = in_parallel(groups.len(), |idx| {
        // Each is taken once.
        let group =
            std::mem::take(&mut *groups[idx].lock().unwrap_or_else(PoisonError::into_inner));
        make(group, embedder)
    });
    let mut made = Made::default();
    all.into_iter().for_each(|one| made.add(one));
    made
}

/// `None` if the file has another content by now.
fn cut(snapshot: &Snapshot, wanted: &Wanted) -> Option<Cut> {
    let text = snapshot.read(&wanted.path).ok()?;
    let hash = ContentHash::of(text.as_bytes());
    let doc = || Document::new(wanted.path.clone(), hash, &text);
    (*hash.as_bytes() == wanted.hash).then(doc).map(|doc| Cut { doc, text })
}

/// Asks for the vectors of some files at once; where one text is refused, file by file, so that the others get theirs.
fn make(mut group: Vec<Cut>, embedder: &dyn Embedder) -> Made {
    let dim = embedder.dim();
    let texts: Vec<_> = group.iter().flat_map(|cut| cut.doc.texts(&cut.text)).collect();
    let mut numbers = vec![0.0; texts.len() * dim];
    let asked = match texts.is_empty() {
        true => Ok(()),
        false => embedder.embed_all(&texts, &mut numbers),
    };
    drop(texts);
    match asked {
        Ok(()) => {
            let mut rest = numbers.as_slice();
            for cut in &mut group {
                rest = cut.doc.take_vectors(dim, rest);
            }
            let docs: Vec<Document> = group.into_iter().map(|cut| cut.doc).collect();
            let n_embedded = docs.iter().filter(|doc| !doc.meant().is_empty()).count();
            Made { docs, n_embedded, ..Made::default() }
        }
        Err(EmbedError::Refused { .. }) if 1 < group.len() => {
            let mut made = Made::default();
            group.into_iter().for_each(|cut| made.add(make(vec![cut], embedder)));
            made
        }
        Err(error) => {
            let is_refused = matches!(error, EmbedError::Refused { .. });
            let refused = group.iter().filter(|_| is_refused);
            let refused = refused.map(|cut| *cut.doc.hash.as_bytes()).collect();
            Made { refused, error: Some(error), ..Made::default() }
        }
    }
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
    let state = part.state(old);
    // What lies in memory need not wait for its content to come back: the new one has the same.
    let is_unsaved = state.is_unsaved || !part.is_saved();
    part.set(old, DocState { is_alive: false, is_unsaved, ..state });
    Some(state)
}

#[cfg(test)]
mod tests;
