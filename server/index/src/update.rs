//! Brings the index up to a snapshot: reads what may have changed, cuts and counts what did.
//! Nothing is written to disk, and no lock is held while a file is read or parsed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

use base::{ContentHash, RelPath};
use vfs::{FileMeta, SkipReason, Skipped, Snapshot};

use crate::document::Document;
use crate::state::{Content, Seen, Stamp, State};

/// Files that are prepared before they enter the index together: the memory that waits, and the time that a search
/// can be held up, stay bounded.
const BATCH: usize = 128;

/// What an update did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Updated {
    /// Files that are new or changed.
    pub indexed: usize,
    /// Files that are gone, or are no text any more.
    pub removed: usize,
    /// Files whose content is as it was.
    pub unchanged: usize,
    /// Everything that is left out at this snapshot, and why, sorted by path.
    pub skipped: Vec<Skipped>,
}

/// A file after it was looked at.
enum Looked {
    Unchanged,
    /// The content is the same, though the stamp is not.
    Touched(Seen),
    Text(Seen, Document),
    Skipped(Seen),
    Gone,
}

/// Brings `state` up to `snap`. The caller lets only one update run at a time.
pub(crate) fn update(state: &RwLock<State>, snap: &Snapshot) -> Updated {
    let mut updated = Updated::default();
    let read = || state.read().unwrap_or_else(PoisonError::into_inner);
    let write = || state.write().unwrap_or_else(PoisonError::into_inner);
    if read().revision.is_some_and(|revision| snap.revision() < revision) {
        // A later snapshot came first: going back would lose what it brought.
        updated.unchanged = read().n_files();
        updated.skipped = skipped(&read(), snap);
        return updated;
    }
    let metas: Vec<&FileMeta> = snap.files().collect();
    for batch in metas.chunks(BATCH) {
        let known: Vec<Option<Seen>> = {
            let state = read();
            batch.iter().map(|meta| state.seen.get(&meta.path).cloned()).collect()
        };
        let looked = in_parallel(batch.len(), |idx| look(snap, batch[idx], known[idx].as_ref()));
        let mut state = write();
        for (meta, looked) in batch.iter().zip(looked) {
            let path = &meta.path;
            match looked {
                Looked::Unchanged => updated.unchanged += 1,
                Looked::Touched(seen) => {
                    updated.unchanged += 1;
                    state.seen.insert(path.clone(), seen);
                }
                Looked::Text(seen, doc) => {
                    updated.indexed += 1;
                    state.seen.insert(path.clone(), seen);
                    state.insert(doc);
                }
                Looked::Skipped(seen) => {
                    state.seen.insert(path.clone(), seen);
                    updated.removed += usize::from(state.remove(path));
                }
                Looked::Gone => {
                    state.seen.remove(path);
                    updated.removed += usize::from(state.remove(path));
                }
            }
        }
    }
    let mut state = write();
    // Both lists are sorted by path.
    let mut present = metas.iter().map(|meta| &meta.path).peekable();
    let mut gone: Vec<RelPath> = Vec::new();
    for path in state.seen.keys() {
        while present.next_if(|here| *here < path).is_some() {}
        if present.peek() != Some(&path) {
            gone.push(path.clone());
        }
    }
    for path in gone {
        state.seen.remove(&path);
        updated.removed += usize::from(state.remove(&path));
    }
    state.revision = Some(snap.revision());
    updated.skipped = skipped(&state, snap);
    updated
}

/// What the snapshot left out, and what turned out to be no text when it was read.
fn skipped(state: &State, snap: &Snapshot) -> Vec<Skipped> {
    let mut all = snap.skipped().to_vec();
    for (path, seen) in &state.seen {
        if let Content::Skipped(reason) = &seen.what {
            all.push(Skipped { path: path.as_str().to_owned(), reason: reason.clone() });
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|a, b| a.path == b.path);
    all
}

fn look(snap: &Snapshot, meta: &FileMeta, known: Option<&Seen>) -> Looked {
    let is_buffer = meta.buffer_version.is_some();
    let stamp = (!is_buffer).then_some(Stamp { len: meta.len, modified_ns: meta.modified_ns });
    if stamp.is_some() && known.is_some_and(|known| known.stamp == stamp) {
        return Looked::Unchanged;
    }
    let text: Arc<str> = match snap.read(&meta.path) {
        Ok(text) => text,
        Err(vfs::Error::Absent { .. }) => return Looked::Gone,
        Err(vfs::Error::Skipped { reason, .. }) => {
            return Looked::Skipped(Seen { stamp, what: Content::Skipped(reason) });
        }
        Err(error) => {
            // It may be readable next time, so no stamp is kept.
            let reason = SkipReason::Unreadable(error.to_string());
            return Looked::Skipped(Seen { stamp: None, what: Content::Skipped(reason) });
        }
    };
    let hash = ContentHash::of(text.as_bytes());
    let seen = Seen { stamp, what: Content::Text(hash) };
    if known.is_some_and(|known| known.what == seen.what) {
        return Looked::Touched(seen);
    }
    Looked::Text(seen, Document::new(meta.path.clone(), text))
}

/// `work(0)` to `work(count - 1)` on all cores; results in order.
fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(count);
    if cores <= 1 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let idx = next.fetch_add(1, Ordering::Relaxed);
                    if count <= idx {
                        break;
                    }
                    let result = work(idx);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((idx, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(idx, _)| *idx);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests;
