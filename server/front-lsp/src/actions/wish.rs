//! What a selection asks for, read from its own comments: a TODO, else the other comments. Knows no language's grammar.

use base::{ByteRange, Text};

#[cfg(test)]
mod tests;

/// What marks work to be done.
const MARKERS: &[&str] = &["TODO", "FIXME"];

/// How comments begin, longest first where one begins another.
const OPENERS: &[&str] =
    &["///", "//!", "//", "/**", "/*", "<!--", "--", "#", ";;", ";", "%", "\"\"\"", "'''", "*"];

/// How comments end.
const CLOSERS: &[&str] = &["*/", "-->", "\"\"\"", "'''"];

/// Longest text taken from a selection, in bytes.
const MAX_BYTES: usize = 2_000;

/// A request in the user's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// What follows the markers.
    Todo(String),
    /// The comments of the selection.
    Comment(String),
    /// The selection is code alone.
    Unsaid,
}

/// What the text in `range` asks for, and the range that it is about. A mere cursor asks for something only on the line
/// of a TODO, and then it is about that line.
pub(super) fn find(text: &Text, range: ByteRange) -> Option<(ByteRange, Wish)> {
    let is_cursor = range.is_empty();
    let range = if is_cursor { line_around(text, range.start) } else { range };
    let selected = text.slice(range);
    let todos: Vec<&str> = selected.lines().filter_map(todo).collect();
    if !todos.is_empty() {
        return Some((range, Wish::Todo(bounded(&todos.join("\n")))));
    }
    if is_cursor || selected.trim().is_empty() {
        return None;
    }
    let comments: Vec<&str> = selected.lines().filter_map(comment).collect();
    let said = comments.join("\n").trim().to_owned();
    let wish = if said.is_empty() { Wish::Unsaid } else { Wish::Comment(bounded(&said)) };
    Some((range, wish))
}

/// The line with `offset`, without its break.
fn line_around(text: &Text, offset: usize) -> ByteRange {
    let line = text.line_col(offset, base::PositionEncoding::Utf8).line as usize;
    let (start, next) = (text.line_start(line), text.line_start(line + 1));
    let content = text.slice(ByteRange::new(start, next));
    ByteRange::new(start, start + content.trim_end_matches(['\n', '\r']).len())
}

/// What follows a marker that stands as a word of its own.
fn todo(line: &str) -> Option<&str> {
    let is_word = |ch: char| ch.is_alphanumeric() || ch == '_';
    let (at, marker) = MARKERS
        .iter()
        .flat_map(|marker| line.match_indices(marker))
        .filter(|(at, marker)| {
            !line[..*at].ends_with(is_word) && !line[at + marker.len()..].starts_with(is_word)
        })
        .min_by_key(|(at, _)| *at)?;
    let said = without_closer(&line[at..]);
    // A bare marker says as much as its name.
    Some(if said.is_empty() { marker } else { said })
}

/// The words of a line that is a comment.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let opener = OPENERS.iter().find(|opener| line.starts_with(**opener))?;
    // `#include`, `#[derive]`, `*pointer` and `--count` are code; what is said in words has a space after the sign.
    let said = &line[opener.len()..];
    let quotes = opener.starts_with(['"', '\'']);
    let is_prose = said.is_empty() || said.starts_with([' ', '\t']) || quotes;
    is_prose.then(|| without_closer(said))
}

fn without_closer(text: &str) -> &str {
    let text = text.trim();
    let open = CLOSERS.iter().find_map(|closer| text.strip_suffix(closer));
    open.unwrap_or(text).trim()
}

fn bounded(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_BYTES)].to_owned()
}
