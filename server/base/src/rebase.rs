//! Carries a patch over to files that have changed since it was made; what cannot be carried is named, never guessed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lines::{line_after, line_before};
use crate::{BaseText, ByteRange, FileChange, Hunk, HunkId, Patch, RelPath, TextEdit, TextEdits};

#[cfg(test)]
mod tests;

/// What became of a patch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebased {
    /// The hunks that still apply, now against the current texts.
    pub patch: Patch,
    /// The hunks that do not, by the ids of the patch that came in.
    pub conflicts: Vec<Conflict>,
    /// The hunks that the current texts already have, by the ids of the patch that came in.
    pub already: Vec<HunkId>,
}

/// A hunk that somebody else's change is in the way of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// Which one.
    pub hunk: HunkId,
    /// Its file.
    pub path: RelPath,
    /// What is in the way, in words.
    pub reason: String,
}

/// Brings `patch` to the texts that `current` gives, `None` where there is no file.
///
/// A hunk moves along if the lines that it replaces and the line on either side are as they were. A hunk whose very
/// change was made by somebody else is `already`. Every other one is a conflict, and only that one.
pub fn rebase(patch: &Patch, current: &dyn Fn(&RelPath) -> Option<Arc<str>>) -> Rebased {
    let mut hunks_by_path: BTreeMap<RelPath, Vec<Hunk>> = BTreeMap::new();
    for hunk in patch.hunks() {
        hunks_by_path.entry(hunk.path.clone()).or_default().push(hunk);
    }
    let mut acc = Acc::default();
    for change in patch.changes() {
        let hunks = hunks_by_path.remove(change.path()).unwrap_or_default();
        acc.change(change, &hunks, current);
    }
    Rebased {
        patch: Patch::new(acc.changes)
            .expect("a part of a patch, with its edits moved, is a patch"),
        conflicts: acc.conflicts,
        already: acc.already,
    }
}

#[derive(Default)]
struct Acc {
    changes: Vec<FileChange>,
    conflicts: Vec<Conflict>,
    already: Vec<HunkId>,
}

impl Acc {
    fn change(
        &mut self,
        change: &FileChange,
        hunks: &[Hunk],
        current: &dyn Fn(&RelPath) -> Option<Arc<str>>,
    ) {
        match change {
            FileChange::Create { path, text } => match current(path) {
                None => self.changes.push(change.clone()),
                Some(now) if now == *text => self.already(hunks),
                Some(_) => self.conflict(hunks, "the file exists by now, with another text"),
            },
            FileChange::Delete { path, base } => match current(path) {
                None => self.already(hunks),
                Some(now) if now == base.text => self.changes.push(change.clone()),
                Some(_) => self.conflict(hunks, "the file was changed since"),
            },
            FileChange::Edit { path, base, edits } => match current(path) {
                None => self.conflict(hunks, "the file is gone"),
                Some(now) if now == base.text => self.changes.push(change.clone()),
                Some(now) => self.edit(path, base, edits, hunks, now),
            },
            FileChange::Rename { from, to, base, edits } => match (current(from), current(to)) {
                (None, Some(now)) if *now == edits.apply(&base.text) => self.already(hunks),
                (None, _) => self.conflict(hunks, &format!("`{from}` is gone")),
                (Some(_), Some(_)) => self.conflict(hunks, &format!("`{to}` exists by now")),
                (Some(now), None) if now == base.text => self.changes.push(change.clone()),
                (Some(now), None) => self.rename(from, to, base, edits, hunks, now),
            },
        }
    }

    fn already(&mut self, hunks: &[Hunk]) {
        self.already.extend(hunks.iter().map(|hunk| hunk.id.clone()));
    }

    fn conflict(&mut self, hunks: &[Hunk], reason: &str) {
        self.conflicts.extend(hunks.iter().map(|hunk| Conflict {
            hunk: hunk.id.clone(),
            path: hunk.path.clone(),
            reason: reason.to_owned(),
        }));
    }

    fn edit(
        &mut self,
        path: &RelPath,
        base: &BaseText,
        edits: &TextEdits,
        hunks: &[Hunk],
        now: Arc<str>,
    ) {
        let mut moved = Vec::new();
        for (hunk, fate) in hunks.iter().zip(fates(&base.text, edits.as_slice(), &now)) {
            match fate {
                Fate::Moves(edit) => moved.push(edit),
                Fate::Already => self.already(std::slice::from_ref(hunk)),
                Fate::Conflict(reason) => self.conflict(std::slice::from_ref(hunk), &reason),
            }
        }
        if !moved.is_empty() {
            let edits = TextEdits::new(moved).expect("edits keep their order and their distance");
            self.changes.push(FileChange::Edit {
                path: path.clone(),
                base: BaseText::of(now),
                edits,
            });
        }
    }

    /// A rename is one hunk: all of its edits go along, or none.
    fn rename(
        &mut self,
        from: &RelPath,
        to: &RelPath,
        base: &BaseText,
        edits: &TextEdits,
        hunks: &[Hunk],
        now: Arc<str>,
    ) {
        let mut moved = Vec::new();
        for fate in fates(&base.text, edits.as_slice(), &now) {
            match fate {
                Fate::Moves(edit) => moved.push(edit),
                Fate::Already => {}
                Fate::Conflict(reason) => return self.conflict(hunks, &reason),
            }
        }
        let edits = TextEdits::new(moved).expect("edits keep their order and their distance");
        self.changes.push(FileChange::Rename {
            from: from.clone(),
            to: to.clone(),
            base: BaseText::of(now),
            edits,
        });
    }
}

/// What becomes of one edit.
enum Fate {
    /// It still applies, here in the current text.
    Moves(TextEdit),
    /// The current text has it.
    Already,
    /// Something is in its way.
    Conflict(String),
}

/// One fate for each of `edits`, which are maximal blocks of whole lines of `base`.
fn fates(base: &str, edits: &[TextEdit], now: &str) -> Vec<Fate> {
    // Somebody took some of the hunks and did nothing else: exact, and no diff can see it otherwise.
    let everything = Group { edits, range: 0..base.len(), now: 0..now.len() };
    if let Some(fates) = everything.taken(base, now) {
        return fates;
    }
    let theirs = TextEdits::between(base, now);
    let mut acc = Vec::with_capacity(edits.len());
    let mut rest = edits;
    while let [first, ..] = rest {
        let mut met = met_by(base, first, theirs.as_slice());
        let mut count = 1;
        // Edits that meet the same change of theirs can only be judged together.
        while let Some(next) = rest.get(count) {
            let also_met = met_by(base, next, theirs.as_slice());
            if met.end <= also_met.start || also_met.is_empty() {
                break;
            }
            met.end = met.end.max(also_met.end);
            count += 1;
        }
        let (edits, later) = rest.split_at(count);
        let group = Group::new(edits, theirs.as_slice(), met);
        match group.taken(base, now) {
            Some(fates) => acc.extend(fates),
            None => acc.extend(edits.iter().map(|edit| Fate::Conflict(in_the_way(base, edit)))),
        }
        rest = later;
    }
    acc
}

fn in_the_way(base: &str, edit: &TextEdit) -> String {
    let line = base[..edit.range.start].bytes().filter(|byte| *byte == b'\n').count() + 1;
    format!(
        "the text around line {line} of the version that the change was made for is different by now"
    )
}

/// The indices of the changes in `theirs` that touch what `edit` replaces or the line on either side.
fn met_by(base: &str, edit: &TextEdit, theirs: &[TextEdit]) -> Range<usize> {
    let ByteRange { start, end } = edit.range;
    let outer_start = start - line_before(base, start).len();
    let outer_end = end + line_after(base, end).len();
    // An insertion in front of the line before leaves that line as it was; one at the edit's own border does not.
    let is_before = |their: &TextEdit| their.range.end <= outer_start && their.range.end < start;
    let is_after = |their: &TextEdit| outer_end <= their.range.start && end < their.range.start;
    let first = theirs.partition_point(is_before);
    let last = theirs.partition_point(|their| !is_after(their));
    first..last.max(first)
}

/// Edits that are judged together, and the stretch of both texts that holds them and all that is in their way.
struct Group<'a> {
    edits: &'a [TextEdit],
    range: Range<usize>,
    now: Range<usize>,
}

impl<'a> Group<'a> {
    /// `met`: the changes in `theirs` that belong to the group.
    fn new(edits: &'a [TextEdit], theirs: &[TextEdit], met: Range<usize>) -> Group<'a> {
        let ours = edits.iter().map(|edit| edit.range);
        let in_group = theirs[met.clone()].iter().map(|edit| edit.range);
        let (mut start, mut end) = (usize::MAX, 0);
        for range in ours.chain(in_group) {
            start = start.min(range.start);
            end = end.max(range.end);
        }
        let now_start = start + grown(&theirs[..met.start]).0 - grown(&theirs[..met.start]).1;
        let (added, removed) = grown(&theirs[met]);
        let now_end = now_start + (end - start) + added - removed;
        Group { edits, range: start..end, now: now_start..now_end }
    }

    /// The fates of the edits if the current text is the base text with some of the edits made and nothing else;
    /// `None` if it is not.
    ///
    /// Where two choices of edits give the same text, both leave the same text to be reached.
    fn taken(&self, base: &str, now: &str) -> Option<Vec<Fate>> {
        // For each edit, where the current text can be read on after it, and how that was reached. Positions are
        // few: two ways that meet are one.
        let mut steps: Vec<BTreeMap<usize, (usize, bool)>> = Vec::with_capacity(self.edits.len());
        let mut ends = vec![self.now.start];
        let mut copied = self.range.start;
        let after = |at: usize, text: &str| {
            let rest = &now.as_bytes()[at..self.now.end];
            rest.starts_with(text.as_bytes()).then_some(at + text.len())
        };
        for edit in self.edits {
            let unchanged = &base[copied..edit.range.start];
            let removed = &base[edit.range.as_range()];
            let mut step = BTreeMap::new();
            for from in ends {
                let Some(at) = after(from, unchanged) else { continue };
                if let Some(end) = after(at, &edit.text) {
                    step.insert(end, (from, true));
                }
                if let Some(end) = after(at, removed) {
                    step.entry(end).or_insert((from, false));
                }
            }
            if step.is_empty() || WAYS < step.len() {
                return None;
            }
            ends = step.keys().copied().collect();
            steps.push(step);
            copied = edit.range.end;
        }
        let unchanged = &base[copied..self.range.end];
        let mut end = ends.into_iter().find(|end| after(*end, unchanged) == Some(self.now.end))?;
        let mut fates = Vec::with_capacity(self.edits.len());
        for (edit, step) in self.edits.iter().zip(&steps).rev() {
            let (from, is_taken) = step[&end];
            fates.push(match is_taken {
                true => Fate::Already,
                false => Fate::Moves(TextEdit {
                    range: ByteRange::new(end - edit.range.len(), end),
                    text: edit.text.clone(),
                }),
            });
            end = from;
        }
        fates.reverse();
        Some(fates)
    }
}

/// More ways than this to read a text are given up.
const WAYS: usize = 1024;

/// Bytes added and removed.
fn grown(edits: &[TextEdit]) -> (usize, usize) {
    edits.iter().fold((0, 0), |(added, removed), edit| {
        (added + edit.text.len(), removed + edit.range.len())
    })
}
