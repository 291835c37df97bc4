//! The lines that a change brings, in blocks, with their numbers in the new text.

use base::FileChange;

/// Whole lines that follow each other.
pub(super) struct Block {
    /// Number of the first line in the new text, from 1.
    pub(super) line: u32,
    pub(super) text: String,
}

/// What `change` adds, from the top.
pub(super) fn blocks(change: &FileChange) -> Vec<Block> {
    match change {
        FileChange::Create { text, .. } => vec![Block { line: 1, text: text.to_string() }],
        FileChange::Delete { .. } => Vec::new(),
        FileChange::Edit { base, edits, .. } | FileChange::Rename { base, edits, .. } => {
            let (mut at, mut line, mut blocks) = (0, 1, Vec::new());
            for edit in edits.iter() {
                line += n_breaks(&base.text[at..edit.range.start]);
                if !edit.text.is_empty() {
                    blocks.push(Block { line, text: edit.text.to_string() });
                }
                line += n_breaks(&edit.text);
                at = edit.range.end;
            }
            blocks
        }
    }
}

/// The line of the byte at `at` of `text`, whose first line is `first`.
pub(super) fn line_at(first: u32, text: &str, at: usize) -> u32 {
    first + n_breaks(&text[..at])
}

fn n_breaks(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}
