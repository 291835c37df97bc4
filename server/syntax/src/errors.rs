//! Finds where a text does not parse.
//! It compares nothing: which errors are new is the caller's question.

use base::ByteRange;
use tree_sitter::{Node, Tree};

use crate::language::Language;
use crate::lines::Lines;
use crate::parse::{Deadline, Error, parse};

/// A hostile file could have one error for each byte; this many say enough.
const MAX_ERRORS: usize = 200;

const NEAR_CHARS: usize = 60;

/// A place that the grammar could not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes that were skipped; empty for a missing token.
    pub range: ByteRange,
    /// Line of the start, from 1.
    pub line: u32,
    /// The parser went on as if one more token were there.
    pub missing: bool,
    /// The missing token, else the beginning of what was skipped, on one line and at most 60 characters.
    pub near: String,
}

/// The places where `text` does not parse, by position, at most 200.
///
/// # Errors
/// `TooLarge` and `Timeout` mean that there is no answer; never take them for "no errors".
pub fn errors(lang: &Language, text: &str) -> Result<Vec<SyntaxError>, Error> {
    errors_until(lang, text, Deadline::start())
}

fn errors_until(
    lang: &Language,
    text: &str,
    deadline: Deadline,
) -> Result<Vec<SyntaxError>, Error> {
    errors_in(&parse(lang, text, deadline)?.tree, text, deadline)
}

/// The same of a text that has been parsed.
pub(crate) fn errors_in(
    tree: &Tree,
    text: &str,
    deadline: Deadline,
) -> Result<Vec<SyntaxError>, Error> {
    // Most texts have none.
    if !tree.root_node().has_error() {
        return Ok(Vec::new());
    }
    let lines = Lines::of(text);
    let mut found = Vec::new();
    let mut cursor = tree.walk();
    let mut steps = 0_usize;
    'walk: loop {
        steps += 1;
        if steps.is_multiple_of(4096) && deadline.check().is_break() {
            return Err(Error::Timeout);
        }
        let node = cursor.node();
        let is_root = node.id() == tree.root_node().id();
        let reported = node.is_missing() || (node.is_error() && !is_root);
        if reported {
            found.push(error_at(node, text, &lines));
            if found.len() == MAX_ERRORS {
                break;
            }
        }
        // What is inside of a reported node says the same thing again.
        if !reported && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    if found.is_empty() && tree.root_node().is_error() {
        found.push(error_at(tree.root_node(), text, &lines));
    }
    Ok(found)
}

fn error_at(node: Node<'_>, text: &str, lines: &Lines) -> SyntaxError {
    let range = ByteRange { start: node.start_byte(), end: node.end_byte() };
    let near = if node.is_missing() {
        node.kind().to_owned()
    } else {
        let skipped = text.get(range.start..range.end).unwrap_or_default();
        skipped
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default()
            .trim()
            .chars()
            .take(NEAR_CHARS)
            .collect()
    };
    SyntaxError { range, line: lines.line(range.start), missing: node.is_missing(), near }
}

#[cfg(test)]
mod tests;
