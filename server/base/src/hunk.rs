//! Pieces of a patch that can be accepted one by one; who accepts them is elsewhere.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lines::{editor_breaks, editor_lines, line_after, line_before};
use crate::{ByteRange, FileChange, Patch, RelPath, TextEdit, unified};

#[cfg(test)]
mod tests;

/// Names a hunk within its patch, and the same hunk in the next version of the patch: 8 lower-case hex digits.
///
/// Made from the path, the removed and added text, the unchanged line on either side, and a counter where all
/// of that occurs twice. Line numbers are not in it, nor which of several equal lines comes or goes, so changes elsewhere
/// in the file do not change it.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct HunkId(String);

impl HunkId {
    /// The 8 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for HunkId {
    type Err = HunkIdError;

    fn from_str(id: &str) -> Result<HunkId, HunkIdError> {
        let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        if id.len() == 8 && id.as_bytes().iter().all(is_hex) {
            return Ok(HunkId(id.to_owned()));
        }
        Err(HunkIdError(id.chars().take(40).collect()))
    }
}

impl TryFrom<String> for HunkId {
    type Error = HunkIdError;

    fn try_from(id: String) -> Result<HunkId, HunkIdError> {
        id.parse()
    }
}

impl From<HunkId> for String {
    fn from(id: HunkId) -> String {
        id.0
    }
}

/// The text cannot name a hunk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a hunk id: 8 lower-case hex digits")]
pub struct HunkIdError(String);

/// What accepting the hunk does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum HunkKind {
    /// Makes the file.
    Create,
    /// Changes one block of lines.
    Edit,
    /// Removes the file.
    Delete,
    /// Moves the file, with all edits that belong to the move.
    Rename,
}

/// One maximal block of changed lines, or the whole of a create, a delete or a rename.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Hunk {
    /// Unique in the patch.
    pub id: HunkId,
    /// The file, by its new name.
    pub path: RelPath,
    /// What accepting it does.
    pub kind: HunkKind,
    /// The first line of the old text that changes, from 1; for an insertion the line that it goes before.
    /// Lines are those of an editor.
    pub old_start_line: u32,
    /// Lines that are replaced; 0 for an insertion.
    pub old_lines: u32,
    /// The first changed line of the new text (that with all hunks), from 1.
    pub new_start_line: u32,
    /// Lines that come instead; 0 for a deletion.
    pub new_lines: u32,
    /// The replacements, counted in the old text; one for an edit, any number for a rename.
    pub edits: Vec<TextEdit>,
}

impl Hunk {
    /// The hunk alone as a unified diff with 3 lines of context; `patch` is the one that it came from.
    pub fn hunk_diff(&self, patch: &Patch) -> String {
        unified(&patch.select(&BTreeSet::from([self.id.clone()])))
    }
}

/// The hunks of sorted, normalised changes: one for each edit of an `Edit`, one for each other change.
pub(crate) fn hunks_of(changes: &[FileChange]) -> Vec<Hunk> {
    let mut ids = BTreeSet::new();
    let mut hunks = Vec::new();
    for change in changes {
        let mut lines = LineCounter::new(change.old_text().unwrap_or_default());
        let mut add = |kind: HunkKind, edits: Vec<TextEdit>| {
            let id = new_id(&mut ids, change, lines.old, &edits);
            let place = lines.step(&edits);
            hunks.push(Hunk {
                id,
                path: change.path().clone(),
                kind,
                old_start_line: place.old_start_line,
                old_lines: place.old_lines,
                new_start_line: place.new_start_line,
                new_lines: place.new_lines,
                edits,
            });
        };
        match change {
            FileChange::Create { text, .. } => {
                add(HunkKind::Create, whole(ByteRange::at(0), text));
            }
            FileChange::Delete { base, .. } => {
                add(HunkKind::Delete, whole(ByteRange::new(0, base.text.len()), ""));
            }
            FileChange::Rename { edits, .. } => {
                add(HunkKind::Rename, edits.as_slice().to_vec());
            }
            FileChange::Edit { edits, .. } => {
                for edit in edits {
                    add(HunkKind::Edit, vec![edit.clone()]);
                }
            }
        }
    }
    hunks
}

/// An empty file has nothing to put in or take out.
fn whole(range: ByteRange, text: &str) -> Vec<TextEdit> {
    if range.is_empty() && text.is_empty() {
        return Vec::new();
    }
    vec![TextEdit { range, text: text.to_owned() }]
}

/// `ids`: those already given in this patch.
fn new_id(
    ids: &mut BTreeSet<HunkId>,
    change: &FileChange,
    old: &str,
    edits: &[TextEdit],
) -> HunkId {
    let mut hasher = blake3::Hasher::new();
    // Lengths keep two neighbouring parts from being read as two others.
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(match change {
        FileChange::Create { .. } => "create",
        FileChange::Edit { .. } => "edit",
        FileChange::Delete { .. } => "delete",
        FileChange::Rename { .. } => "rename",
    });
    for path in change.touched() {
        part(path.as_str());
    }
    for edit in edits {
        let TextEdit { range, text } = slid_up(old, edit);
        part(line_before(old, range.start));
        part(&old[range.as_range()]);
        part(&text);
        part(line_after(old, range.end));
    }
    let mut nth = 0_u64;
    loop {
        let hash = hasher.clone().update(&nth.to_le_bytes()).finalize();
        let id = HunkId(hash.to_hex()[..8].to_owned());
        if ids.insert(id.clone()) {
            return id;
        }
        nth += 1;
    }
}

/// An edit is moved past so many lines at most: a file of nothing but equal lines may have many edits.
const MAX_SLID: usize = 1_000;

/// The same edit as high as it can be: where one of several equal lines comes or goes, the diff may choose any of them, by what
/// is around.
fn slid_up(old: &str, edit: &TextEdit) -> TextEdit {
    let removed = &old[edit.range.as_range()];
    if removed.is_empty() == edit.text.is_empty() {
        return edit.clone();
    }
    let lines = removed.split_inclusive('\n').chain(edit.text.split_inclusive('\n'));
    let mut lines: VecDeque<&str> = lines.collect();
    let mut start = edit.range.start;
    for _ in 0..MAX_SLID {
        let before = line_before(old, start);
        if before.is_empty() || lines.back() != Some(&before) {
            break;
        }
        lines.rotate_right(1);
        start -= before.len();
    }
    let range = ByteRange::new(start, start + edit.range.len());
    let text = if removed.is_empty() { Vec::from(lines).concat() } else { String::new() };
    TextEdit { range, text }
}

/// Walks through a file's edits and counts editor lines on both sides, from 0.
struct LineCounter<'a> {
    old: &'a str,
    offset: usize,
    old_line: u32,
    new_line: u32,
}

struct Place {
    old_start_line: u32,
    old_lines: u32,
    new_start_line: u32,
    new_lines: u32,
}

impl<'a> LineCounter<'a> {
    fn new(old: &'a str) -> LineCounter<'a> {
        LineCounter { old, offset: 0, old_line: 0, new_line: 0 }
    }

    /// `edits`: the ones of the next hunk, whole lines.
    fn step(&mut self, edits: &[TextEdit]) -> Place {
        let (Some(first), Some(last)) = (edits.first(), edits.last()) else {
            return Place { old_start_line: 1, old_lines: 0, new_start_line: 1, new_lines: 0 };
        };
        let skipped = editor_breaks(&self.old[self.offset..first.range.start]);
        let removed = &self.old[first.range.start..last.range.end];
        let mut added = String::new();
        let mut copied = first.range.start;
        for edit in edits {
            added.push_str(&self.old[copied..edit.range.start]);
            added.push_str(&edit.text);
            copied = edit.range.end;
        }
        let place = Place {
            old_start_line: self.old_line + skipped + 1,
            old_lines: editor_lines(removed),
            new_start_line: self.new_line + skipped + 1,
            new_lines: editor_lines(&added),
        };
        self.offset = last.range.end;
        self.old_line += skipped + editor_breaks(removed);
        self.new_line += skipped + editor_breaks(&added);
        place
    }
}
