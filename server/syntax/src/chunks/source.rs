//! The text of a file, and where the definitions in it begin and end.
//! What a definition is, the query says (`find`); what is around it, the walk knows.

use tree_sitter::Node;

use crate::language::Language;
use crate::lines::Lines;
use crate::parse::Parsed;

/// A text, its language, and its lines.
pub(super) struct Source<'a> {
    pub(super) lang: &'a Language,
    pub(super) text: &'a str,
    /// The text as the grammar saw it.
    seen: &'a str,
    pub(super) lines: Lines,
}

impl<'a> Source<'a> {
    pub(super) fn new(lang: &'a Language, text: &'a str, parsed: &'a Parsed<'_>) -> Source<'a> {
        Source { lang, text, seen: &parsed.seen, lines: Lines::of(text) }
    }

    /// The tail of `leading` that touches the definition: a blank line separates comments from what follows, and a
    /// comment at the end of a line of code belongs to that code.
    pub(super) fn attached<'l, 't>(
        &self,
        leading: &'l [Node<'t>],
        definition: usize,
    ) -> &'l [Node<'t>] {
        let mut next = definition;
        let mut first = leading.len();
        while 0 < first {
            let node = leading[first - 1];
            let end = trimmed_end(self.text, node.start_byte(), node.end_byte());
            if is_comment(node) {
                let between = self.text.get(end..next).unwrap_or_default();
                let line_start = self.lines.range(self.lines.line(node.start_byte())).start;
                let before = self.text.get(line_start..node.start_byte()).unwrap_or_default();
                let comment = self.slice(node);
                let is_about_outside = comment.starts_with("#!")
                    || self.lang.inner_docs.iter().any(|mark| comment.starts_with(mark));
                if has_blank_line(between)
                    || !before.trim_start_matches('\u{feff}').trim().is_empty()
                    || is_about_outside
                {
                    break;
                }
            }
            next = node.start_byte();
            first -= 1;
        }
        &leading[first..]
    }

    /// `start`, moved back over the indent of its line, so that a chunk's text is whole lines where it can be, and over
    /// lines in front that are hidden from the grammar but for directives: macros of the definition.
    pub(super) fn with_indent(&self, start: usize) -> usize {
        let blank =
            |start, end| self.seen.get(start..end).is_some_and(|text| text.trim().is_empty());
        let mut line = self.lines.line(start);
        if !blank(self.lines.range(line).start, start) {
            return start;
        }
        while 1 < line {
            let above = self.lines.range(line - 1);
            let text = self.text.get(above.as_range()).unwrap_or_default().trim();
            if !blank(above.start, above.end) || text.is_empty() || text.starts_with('#') {
                break;
            }
            line -= 1;
        }
        self.lines.range(line).start
    }

    /// `end` without white space in front of it, and past a `;` that follows at once: some grammars leave it out.
    pub(super) fn with_semicolon(&self, start: usize, end: usize) -> usize {
        let end = trimmed_end(self.text, start, end);
        end + usize::from(self.text.as_bytes().get(end) == Some(&b';'))
    }

    pub(super) fn slice(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
    }
}

pub(super) fn is_comment(node: Node<'_>) -> bool {
    node.kind().contains("comment") || node.kind() == "haddock"
}

/// Whether there is a line without text between two others. Not so for one that is only hidden from the grammar.
fn has_blank_line(between: &str) -> bool {
    let text = between.replace("\r\n", "\n").replace('\r', "\n");
    let n_lines = text.split('\n').count();
    text.split('\n')
        .enumerate()
        .any(|(idx, line)| 0 < idx && idx + 1 < n_lines && line.trim().is_empty())
}

/// `end`, moved back over white space; some grammars let a node end after its line break.
pub(super) fn trimmed_end(text: &str, start: usize, end: usize) -> usize {
    text.get(start..end).map_or(end, |slice| start + slice.trim_end().len())
}
