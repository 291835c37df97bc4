//! Cuts text that has no grammar, or that no definition covers, into windows of some lines.
//! It knows no format: blank lines, headings and the margin are all that it looks at.

use base::ByteRange;

use crate::chunks::{Chunk, ChunkKind};
use crate::lines::Lines;

/// A window ends at the first good place after this many lines.
const GOOD_LINES: u32 = 24;
/// A window ends here whatever the line.
const MAX_LINES: u32 = 48;
/// Longer lines (minified files, data) are cut.
const MAX_BYTES: usize = 4096;

const MAX_TITLE_CHARS: usize = 120;

/// All of `text` in windows, in order; parts with nothing but white space are left out.
pub fn windows(text: &str) -> Vec<Chunk> {
    let lines = Lines::of(text);
    cut(text, &lines, ByteRange { start: 0, end: text.len() })
}

/// Windows over what no chunk of `chunks` covers, apart from the brackets around chunks.
///
/// `chunks`: sorted by start, as [`chunks`](crate::chunks()) returns them.
pub fn gaps(text: &str, chunks: &[Chunk]) -> Vec<Chunk> {
    let lines = Lines::of(text);
    let mut windows = Vec::new();
    let mut covered = 0;
    let mut add = |start: usize, end: usize| {
        if text.get(start..end).is_some_and(|gap| gap.lines().any(says_something)) {
            windows.extend(cut(text, &lines, ByteRange { start, end }));
        }
    };
    for chunk in chunks {
        add(covered, chunk.range.start);
        covered = covered.max(chunk.range.end);
    }
    add(covered, text.len());
    windows
}

/// Not so for a bracket with what belongs to it: `} // namespace x`, `namespace {`, `const (`, `#endif`.
fn says_something(line: &str) -> bool {
    const OPENERS: &[&str] = &["const (", "var (", "type (", "import (", "extern \"C\""];
    const CLOSERS: &[&str] = &["}", ")", "]", "#if", "#el", "#endif"];
    let line = line.trim();
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let is_opener = line.ends_with(['{', '(']) && starts(OPENERS);
    let is_namespace = starts(&["namespace ", "inline namespace "]) && !line.contains(['=', ';']);
    line.contains(char::is_alphanumeric) && !is_opener && !is_namespace && !starts(CLOSERS)
}

fn cut(text: &str, lines: &Lines, within: ByteRange) -> Vec<Chunk> {
    let mut windows = Vec::new();
    let mut start = within.start;
    while start < within.end {
        let end = window_end(text, lines, start, within.end);
        windows.extend(window(text, lines, start, end));
        start = end;
    }
    windows
}

/// The end of the window that begins at `start`: always past `start`.
fn window_end(text: &str, lines: &Lines, start: usize, limit: usize) -> usize {
    let first = lines.line(start);
    let mut line = first;
    let mut end = start;
    loop {
        let next = lines.range(line).end.min(limit);
        if MAX_BYTES < next - start {
            // The line that would be too much starts the next window, unless it is alone in this one.
            return if end == start {
                text.floor_char_boundary(start + MAX_BYTES).max(start + 1)
            } else {
                end
            };
        }
        end = next;
        line += 1;
        if limit <= end || MAX_LINES <= line - first {
            return end;
        }
        let coming = text.get(end..lines.range(line).end.min(limit)).unwrap_or_default();
        let ended = text.get(lines.range(line - 1).start.max(start)..end).unwrap_or_default();
        let is_heading = coming.starts_with('#') && coming.trim_start_matches('#').starts_with(' ');
        let is_paragraph =
            ended.trim().is_empty() && coming.starts_with(|c: char| !c.is_whitespace());
        if (is_heading && ended.trim().is_empty()) || (is_paragraph && GOOD_LINES <= line - first) {
            return end;
        }
    }
}

fn window(text: &str, lines: &Lines, start: usize, end: usize) -> Option<Chunk> {
    let slice = text.get(start..end)?;
    // A byte order mark is no text.
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let from = start + (slice.len() - slice.trim_start_matches(blank).len());
    let to = start + slice.trim_end_matches(blank).len();
    if to <= from {
        return None;
    }
    // Whole lines: the indent of the first one counts.
    let from = lines.range(lines.line(from)).start.max(start);
    let range = ByteRange { start: from, end: to };
    // Brackets alone are no text either.
    if !slice.contains(char::is_alphanumeric) {
        return None;
    }
    let title = text.get(from..to)?.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(Chunk {
        kind: ChunkKind::Window,
        name: String::new(),
        qualified: String::new(),
        signature: title.trim_start_matches('\u{feff}').chars().take(MAX_TITLE_CHARS).collect(),
        doc: None,
        range,
        body: Some(range),
        lines: lines.span(range),
    })
}

#[cfg(test)]
mod tests;
