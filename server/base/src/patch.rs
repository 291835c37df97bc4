//! A set of changes to files, each against a known text; decides nothing about whether they are wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hunk::hunks_of;
use crate::lines::git_lines;
use crate::{BaseText, EditError, FileChange, Hunk, HunkId, RelPath, TextEdit, TextEdits};

#[cfg(test)]
mod tests;

/// Changes to files, ready to be shown, selected from, rebased and applied without looking at any file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawPatch")]
pub struct Patch {
    /// Invariant: sorted by path; no path is touched twice; no change is empty; edits are maximal blocks of whole lines.
    changes: Vec<FileChange>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PatchValue")]
struct RawPatch {
    changes: Vec<FileChange>,
}

impl TryFrom<RawPatch> for Patch {
    type Error = PatchError;

    fn try_from(raw: RawPatch) -> Result<Patch, PatchError> {
        Patch::new(raw.changes)
    }
}

/// How much of a file changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct FileStat {
    /// The file, by its new name.
    pub path: RelPath,
    /// Lines that come, as git counts them.
    pub added: u32,
    /// Lines that go, as git counts them.
    pub removed: u32,
}

impl Patch {
    /// Puts changes together. Edits are brought to whole lines; an edit of nothing is left out.
    ///
    /// # Errors
    /// Each variant of [`PatchError`]: the changes contradict each other or themselves.
    pub fn new(changes: Vec<FileChange>) -> Result<Patch, PatchError> {
        let mut acc = Vec::with_capacity(changes.len());
        for change in changes {
            acc.extend(normalised(change)?);
        }
        acc.sort_by(|a, b| a.path().cmp(b.path()));
        let mut touched = BTreeSet::new();
        for path in acc.iter().flat_map(FileChange::touched) {
            if !touched.insert(path) {
                return Err(PatchError::Twice(path.clone()));
            }
        }
        let written: BTreeSet<&RelPath> = acc
            .iter()
            .filter(|change| !matches!(change, FileChange::Delete { .. }))
            .map(FileChange::path)
            .collect();
        for path in &written {
            if let Some(folder) = folders(path).find(|folder| written.contains(folder)) {
                return Err(PatchError::FileAndFolder(folder));
            }
        }
        Ok(Patch { changes: acc })
    }

    /// The difference of file trees: for each path its old text and its new one, `None` where there is no file.
    ///
    /// A path that comes twice is two steps: from the old text of the first to the new text of the last.
    /// Where the new tree has a file in the place of another one's folder, the deeper file is left out.
    pub fn between(
        files: impl IntoIterator<Item = (RelPath, Option<Arc<str>>, Option<String>)>,
    ) -> Patch {
        let mut steps: BTreeMap<RelPath, (Option<Arc<str>>, Option<String>)> = BTreeMap::new();
        for (path, old, new) in files {
            steps.entry(path).and_modify(|step| step.1.clone_from(&new)).or_insert((old, new));
        }
        let written: BTreeSet<RelPath> = steps
            .iter()
            .filter(|(_, (_, new))| new.is_some())
            .map(|(path, _)| path.clone())
            .collect();
        let below_a_file = |path: &RelPath| folders(path).any(|folder| written.contains(&folder));
        let steps =
            steps.into_iter().filter(|(path, (_, new))| new.is_none() || !below_a_file(path));
        let changes = steps.filter_map(|(path, step)| match step {
            (None, None) => None,
            (None, Some(new)) => Some(FileChange::Create { path, text: new.into() }),
            (Some(old), None) => Some(FileChange::Delete { path, base: BaseText::of(old) }),
            (Some(old), Some(new)) if *old == *new => None,
            (Some(old), Some(new)) => Some(FileChange::edit(path, old, &new)),
        });
        Patch { changes: changes.collect() }
    }

    /// Both as one: first this, then `next`, which is made over what this leaves.
    pub fn then(&self, next: &Patch) -> Patch {
        let steps = [self, next].into_iter().flat_map(Patch::changes).flat_map(|change| {
            let (old, new) = (change.base().map(|base| base.text.clone()), change.new_text());
            match change.old_path().filter(|old| *old != change.path()) {
                Some(from) => vec![(from.clone(), old, None), (change.path().clone(), None, new)],
                None => vec![(change.path().clone(), old, new)],
            }
        });
        Patch::between(steps)
    }

    /// The changes, sorted by path.
    pub fn changes(&self) -> &[FileChange] {
        &self.changes
    }

    /// The change that leads to `path`, or deletes it.
    pub fn change(&self, path: &RelPath) -> Option<&FileChange> {
        let found = self.changes.binary_search_by(|change| change.path().cmp(path));
        found.ok().map(|idx| &self.changes[idx])
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Every path that is read or written, sorted; of a rename both.
    pub fn files(&self) -> Vec<RelPath> {
        let mut files: Vec<RelPath> =
            self.changes.iter().flat_map(FileChange::touched).cloned().collect();
        files.sort();
        files
    }

    /// The separately acceptable pieces, by path and then by place.
    pub fn hunks(&self) -> Vec<Hunk> {
        hunks_of(&self.changes)
    }

    /// What is left when only these hunks are taken; unknown ids are ignored.
    pub fn select(&self, hunks: &BTreeSet<HunkId>) -> Patch {
        let all = self.hunks();
        let mut rest = all.iter();
        let mut changes = Vec::new();
        for change in &self.changes {
            match change {
                FileChange::Edit { path, base, edits } => {
                    let taken: Vec<TextEdit> = rest
                        .by_ref()
                        .take(edits.len())
                        .filter(|hunk| hunks.contains(&hunk.id))
                        .flat_map(|hunk| hunk.edits.clone())
                        .collect();
                    if taken.is_empty() {
                        continue;
                    }
                    let edits =
                        TextEdits::new(taken).expect("a part of disjoint edits is disjoint");
                    changes.push(FileChange::Edit {
                        path: path.clone(),
                        base: base.clone(),
                        edits,
                    });
                }
                FileChange::Create { .. }
                | FileChange::Delete { .. }
                | FileChange::Rename { .. } => {
                    if rest.next().is_some_and(|hunk| hunks.contains(&hunk.id)) {
                        changes.push(change.clone());
                    }
                }
            }
        }
        Patch { changes }
    }

    /// Lines that come and go, file by file.
    pub fn stat(&self) -> Vec<FileStat> {
        self.changes.iter().map(stat).collect()
    }
}

/// The folders that `path` lies in, innermost first.
fn folders(path: &RelPath) -> impl Iterator<Item = RelPath> {
    std::iter::successors(path.parent(), RelPath::parent)
}

fn stat(change: &FileChange) -> FileStat {
    let path = change.path().clone();
    let (added, removed) = match change {
        FileChange::Create { text, .. } => (git_lines(text), 0),
        FileChange::Delete { base, .. } => (0, git_lines(&base.text)),
        FileChange::Edit { base, edits, .. } | FileChange::Rename { base, edits, .. } => (
            edits.iter().map(|edit| git_lines(&edit.text)).sum(),
            edits.iter().map(|edit| git_lines(&base.text[edit.range.as_range()])).sum(),
        ),
    };
    FileStat { path, added, removed }
}

/// `None` for an edit that changes nothing.
fn normalised(change: FileChange) -> Result<Option<FileChange>, PatchError> {
    if let Some(base) = change.base()
        && base.hash != BaseText::of(base.text.clone()).hash
    {
        return Err(PatchError::BaseHash(change.path().clone()));
    }
    let in_lines = |path: &RelPath, base: &BaseText, edits: &TextEdits| {
        edits
            .in_lines(&base.text)
            .map_err(|source| PatchError::Edits { path: path.clone(), source })
    };
    Ok(Some(match change {
        FileChange::Create { .. } | FileChange::Delete { .. } => change,
        FileChange::Edit { path, base, edits } => {
            let edits = in_lines(&path, &base, &edits)?;
            if edits.is_empty() {
                return Ok(None);
            }
            FileChange::Edit { path, base, edits }
        }
        FileChange::Rename { from, to, .. } if from == to => return Err(PatchError::SameName(to)),
        FileChange::Rename { from, to, base, edits } => {
            let edits = in_lines(&to, &base, &edits)?;
            FileChange::Rename { from, to, base, edits }
        }
    }))
}

/// Why changes do not make a patch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// Two changes touch one path; make one of them.
    #[error("`{0}` is changed twice in one patch; join the changes")]
    Twice(RelPath),
    /// The patch would write a file and another one below it.
    #[error("`{0}` would be a file and a folder at once")]
    FileAndFolder(RelPath),
    /// A rename to its own name; make it an edit.
    #[error("`{0}` is renamed to itself; make it an edit")]
    SameName(RelPath),
    /// The base text does not have its hash.
    #[error("the base text of `{0}` does not have its hash")]
    BaseHash(RelPath),
    /// The edits are not for the base text.
    #[error("the edits of `{path}` are not for its base text: {source}")]
    Edits {
        /// Which file.
        path: RelPath,
        /// What is wrong with them.
        source: EditError,
    },
}
