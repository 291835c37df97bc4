//! Writes what is in memory to disk, and merges small segments, beside updates and searches.
//! What was typed and not saved by its owner is never written.

use std::path::PathBuf;
use std::sync::Arc;

use crate::part::{DocState, Part};
use crate::segment::bytes::Damaged;
use crate::segment::merge::{Source, merge_into};
use crate::segment::{Failed, Recipe};
use crate::storage::StorageError;
use crate::writer::{Writer, merged, merged_by};

/// No merge makes a larger segment: offsets within a section have 32 bits.
const MAX_BYTES: usize = 3 << 30;

/// A segment to be written.
pub(crate) struct Plan {
    parts: Vec<Arc<Part>>,
    keeps_dead: bool,
    recipe: Recipe,
    id: u64,
    path: PathBuf,
}

/// A segment that was written, in place of parts.
pub(crate) struct Done {
    plan: Plan,
    /// `None` if no document was left.
    part: Option<Part>,
}

/// What there is to write; `None` if nothing is new in memory, or nothing may be written.
pub(crate) fn plan(writer: &mut Writer) -> Option<Plan> {
    let storable = |part: &Part| part.docs().any(|state| is_kept(state, false));
    let (mut saved, new): (Vec<Arc<Part>>, Vec<Arc<Part>>) =
        writer.parts.iter().cloned().partition(|part| part.is_saved());
    let mut parts: Vec<Arc<Part>> = new.into_iter().filter(|part| storable(part)).collect();
    let keeps_dead = writer.keeps_dead();
    let is_waste = |part: &Part| !keeps_dead && part.is_mostly_dead();
    saved.sort_by_key(|part| part.segment.len_bytes());
    let new_bytes = parts.iter().map(|part| part.segment.len_bytes()).sum();
    let sizes: Vec<usize> = saved.iter().map(|part| part.segment.len_bytes()).collect();
    let larger = saved.split_off(n_merged(new_bytes, &sizes));
    parts.extend(saved);
    parts.extend(larger.into_iter().filter(|part| is_waste(part)));
    // What is left over waits for the next save.
    parts.truncate(n_that_fit(parts.iter().map(|part| part.segment.len_bytes())));
    let storage = writer.storage.as_mut()?;
    if parts.is_empty() || !storage.can_write() {
        return None;
    }
    let (id, path) = storage.next_segment();
    Some(Plan { parts, keeps_dead, recipe: writer.recipe, id, path })
}

/// How many of the smallest segments are merged with what is new, so that each that is left is twice as large as all
/// smaller ones together: then there are few, since each has clusters of its own to look into, and each is rewritten
/// rarely. `sizes`: of the segments in bytes, ascending.
fn n_merged(new_bytes: usize, sizes: &[usize]) -> usize {
    let (mut n_merged, mut smaller) = (0, new_bytes);
    for (size, idx) in sizes.iter().zip(1..) {
        if MAX_BYTES < smaller.saturating_add(*size) {
            break;
        }
        if size / 2 < smaller {
            n_merged = idx;
        }
        smaller += size;
    }
    n_merged
}

/// How many of the first of these sizes, in bytes, become one segment; one at least, if there are any.
fn n_that_fit(sizes: impl Iterator<Item = usize>) -> usize {
    let mut bytes = 0_usize;
    let fits = sizes.take_while(|size| {
        let is_first = bytes == 0;
        bytes = bytes.saturating_add(*size);
        is_first || bytes <= MAX_BYTES
    });
    fits.count()
}

impl Plan {
    /// Merges and writes; takes its time, and needs no lock.
    pub(crate) fn carry_out(self) -> Result<Done, Failed> {
        let keep = |state: &DocState| is_kept(state, self.keeps_dead);
        let merge = |sources: &[Source<'_>]| merge_into(&self.path, self.id, sources, self.recipe);
        match merged_by(&self.parts, keep, merge) {
            Ok(part) => Ok(Done { plan: self, part }),
            Err(failed) => {
                // A part of the file may be there; nothing names it.
                let _ = self.discard();
                Err(failed)
            }
        }
    }

    #[allow(clippy::disallowed_methods, reason = "the index's own file")]
    fn discard(&self) -> std::io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

impl Done {
    /// Puts the new segment in the place of the parts that it was made of. `false` if those are not as they were: then
    /// it is to be done again.
    ///
    /// # Errors
    /// The disk; the writer is as it was.
    pub(crate) fn commit(self, writer: &mut Writer) -> Result<bool, StorageError> {
        let Some((part, rest)) = self.brought_up(writer) else {
            let _ = self.plan.discard();
            return Ok(false);
        };
        let before = writer.parts.clone();
        writer.parts.retain(|part| !self.is_source(part));
        writer.parts.extend(part.into_iter().chain(rest).map(Arc::new));
        if let Err(error) = write_manifest(writer) {
            writer.parts = before;
            let _ = self.plan.discard();
            return Err(error);
        }
        Ok(true)
    }

    fn is_source(&self, part: &Part) -> bool {
        self.plan.parts.iter().any(|source| Arc::ptr_eq(&source.segment, &part.segment))
    }

    /// The new part with what happened to its documents since, and what of the sources must not be written; `None` if
    /// something is missing in it.
    fn brought_up(&self, writer: &Writer) -> Option<(Option<Part>, Option<Part>)> {
        let mut now = Vec::new();
        for source in &self.plan.parts {
            let find = |part: &&Arc<Part>| Arc::ptr_eq(&source.segment, &part.segment);
            now.push(writer.parts.iter().find(find)?);
        }
        let mut states = Vec::new();
        for (then, now) in self.plan.parts.iter().zip(now.iter().copied()) {
            for (doc, (then, state)) in (0..).zip(then.docs().zip(now.docs())) {
                if is_kept(then, self.plan.keeps_dead) {
                    states.push((now.segment.path(doc), *state));
                } else if is_kept(state, false) {
                    return None;
                }
            }
        }
        // As the merge did: by path, and those with the same path in the order of their sources.
        states.sort_by_key(|(path, _)| *path);
        let mut part = self.part.clone();
        if let Some(part) = &mut part {
            for ((_, state), doc) in states.into_iter().zip(0..) {
                part.set(doc, state);
            }
        }
        let now: Vec<Arc<Part>> = now.into_iter().cloned().collect();
        let rest = merged(&now, |state| state.is_alive && state.is_unsaved, writer.recipe);
        Some((part, rest.ok()?))
    }
}

/// Whether a document is written. `dead`: also those that wait for their content to come back.
fn is_kept(state: &DocState, dead: bool) -> bool {
    !state.is_unsaved && (state.is_alive || dead)
}

/// Writes what is new in memory among the parts from `first` on, in the middle of an update.
pub(crate) fn flush(writer: &mut Writer, first: usize) -> Result<(), Damaged> {
    let Some(storage) = &mut writer.storage else { return Ok(()) };
    if storage.problem.is_some() || !storage.can_write() {
        return Ok(());
    }
    let parts: Vec<Arc<Part>> =
        writer.parts[first..].iter().filter(|part| !part.is_saved()).cloned().collect();
    let (id, path) = storage.next_segment();
    let plan = Plan { parts, keeps_dead: false, recipe: writer.recipe, id, path };
    match plan.carry_out() {
        Ok(done) => {
            // An error is noted in the storage; what could not be written stays in memory.
            let _ = done.commit(writer);
            Ok(())
        }
        Err(Failed::Damaged(damaged)) => Err(damaged),
        Err(Failed::Disk(source)) => {
            note(writer, source);
            Ok(())
        }
    }
}

/// Notes in the storage that a segment could not be written.
pub(crate) fn note(writer: &mut Writer, source: std::io::Error) -> Option<StorageError> {
    writer.storage.as_mut()?.result::<()>(Err(source)).err()
}

/// Saves which segments count, and what holds of their documents.
pub(crate) fn write_manifest(writer: &mut Writer) -> Result<(), StorageError> {
    let Writer { parts, skips, storage, .. } = writer;
    if let Some(storage) = storage {
        storage.write_manifest(parts.iter().map(|part| &**part), skips)?;
    }
    writer.is_dirty = false;
    Ok(())
}

#[cfg(test)]
mod tests;
