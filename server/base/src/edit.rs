//! Replacements in one text; does not know which file the text is of.

use imara_diff::{Algorithm, Diff, InternedInput};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ByteRange;
use crate::lines::widen_to_lines;

#[cfg(test)]
mod tests;

/// Replaces `range` of the old text by `text`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct TextEdit {
    /// Bytes of the old text; empty to insert.
    pub range: ByteRange,
    /// What comes in their place; empty to delete.
    pub text: String,
}

/// Replacements that are made all at once: every range counts in the old text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<TextEdit>", into = "Vec<TextEdit>")]
pub struct TextEdits {
    /// Invariant: sorted by start, disjoint, none backwards. Insertions at one offset are made in this order.
    edits: Vec<TextEdit>,
}

impl TextEdits {
    /// Sorts `edits`; insertions at one offset keep their order and come before a replacement that starts there.
    ///
    /// # Errors
    /// `Backwards` or `Overlap`: the edits contradict each other.
    pub fn new(mut edits: Vec<TextEdit>) -> Result<TextEdits, EditError> {
        for edit in &edits {
            if edit.range.end < edit.range.start {
                return Err(EditError::Backwards(edit.range));
            }
        }
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        for pair in edits.windows(2) {
            if pair[1].range.start < pair[0].range.end {
                return Err(EditError::Overlap(pair[0].range, pair[1].range));
            }
        }
        Ok(TextEdits { edits })
    }

    /// The difference of two texts in whole lines (that end with `\n`); no edits if they are equal.
    ///
    /// Every edit is one maximal changed block: between two of them lies at least one unchanged line.
    pub fn between(old: &str, new: &str) -> TextEdits {
        if old == new {
            return TextEdits::default();
        }
        let input = InternedInput::new(old, new);
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_lines(&input);
        let old_starts = line_starts(old);
        let new_starts = line_starts(new);
        let edits = diff
            .hunks()
            .map(|hunk| TextEdit {
                range: ByteRange::new(
                    old_starts[hunk.before.start as usize],
                    old_starts[hunk.before.end as usize],
                ),
                text: new
                    [new_starts[hunk.after.start as usize]..new_starts[hunk.after.end as usize]]
                    .to_owned(),
            })
            .collect();
        TextEdits { edits: widen_to_lines(old, edits) }
    }

    /// The same change to `old` in whole lines: edits in touching lines are joined, lines that stay equal at either
    /// end of an edit are left out, and an edit that changes nothing is dropped.
    ///
    /// # Errors
    /// `Outside` or `InsideChar`: the edits are not for this text.
    pub fn in_lines(&self, old: &str) -> Result<TextEdits, EditError> {
        self.check(old)?;
        Ok(TextEdits { edits: widen_to_lines(old, self.edits.clone()) })
    }

    /// Whether every range lies in `old`, at character starts.
    ///
    /// # Errors
    /// `Outside` or `InsideChar`: the edits are not for this text.
    pub fn check(&self, old: &str) -> Result<(), EditError> {
        for edit in &self.edits {
            let range = edit.range;
            if old.len() < range.end {
                return Err(EditError::Outside(range, old.len()));
            }
            if !old.is_char_boundary(range.start) || !old.is_char_boundary(range.end) {
                return Err(EditError::InsideChar(range));
            }
        }
        Ok(())
    }

    /// The new text.
    ///
    /// # Panics
    /// If the edits are not for this text; [`TextEdits::try_apply`] takes any text.
    pub fn apply(&self, old: &str) -> String {
        self.try_apply(old).expect("edits are applied to the text that they were made for")
    }

    /// The new text.
    ///
    /// # Errors
    /// `Outside` or `InsideChar`: the edits are not for this text.
    pub fn try_apply(&self, old: &str) -> Result<String, EditError> {
        self.check(old)?;
        let added: usize = self.edits.iter().map(|edit| edit.text.len()).sum();
        let mut new = String::with_capacity(old.len() + added);
        let mut copied = 0;
        for edit in &self.edits {
            new.push_str(&old[copied..edit.range.start]);
            new.push_str(&edit.text);
            copied = edit.range.end;
        }
        new.push_str(&old[copied..]);
        Ok(new)
    }

    /// The edits, first in the text first.
    pub fn iter(&self) -> std::slice::Iter<'_, TextEdit> {
        self.edits.iter()
    }

    /// The edits, first in the text first.
    pub fn as_slice(&self) -> &[TextEdit] {
        &self.edits
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.edits.len()
    }
}

impl<'a> IntoIterator for &'a TextEdits {
    type Item = &'a TextEdit;
    type IntoIter = std::slice::Iter<'a, TextEdit>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<TextEdit>> for TextEdits {
    type Error = EditError;

    fn try_from(edits: Vec<TextEdit>) -> Result<TextEdits, EditError> {
        TextEdits::new(edits)
    }
}

impl From<TextEdits> for Vec<TextEdit> {
    fn from(edits: TextEdits) -> Vec<TextEdit> {
        edits.edits
    }
}

/// Why replacements make no sense, together or on a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A range that ends before it starts.
    #[error("the edit at {0} ends before it starts")]
    Backwards(ByteRange),
    /// Two ranges have a byte in common.
    #[error("the edits at {0} and {1} overlap")]
    Overlap(ByteRange, ByteRange),
    /// A range that leaves the text, which has so many bytes.
    #[error("the edit at {0} lies outside of the text of {1} bytes")]
    Outside(ByteRange, usize),
    /// A range that cuts a character.
    #[error("the edit at {0} cuts a character in two")]
    InsideChar(ByteRange),
}

/// Where each line starts, and the end of the text.
fn line_starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        start += line.len();
        starts.push(start);
    }
    starts
}
