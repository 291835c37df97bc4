//! A patch as text that people read and `git apply` takes; a diff is never read back here.

use std::fmt::Write as _;

use crate::lines::{git_lines, line_after, line_before};
use crate::{ByteRange, FileChange, Patch, RelPath, TextEdit};

#[cfg(test)]
mod tests;

/// Unchanged lines that are shown on either side of a change.
const CONTEXT_LINES: usize = 3;

/// The patch in git's format, with 3 lines of context; empty for an empty patch.
///
/// Modes are those of plain files: a patch does not know about others.
///
/// Source: git's `Documentation/diff-generate-patch.adoc`; quoting as with `core.quotePath`.
pub fn unified(patch: &Patch) -> String {
    let mut out = String::new();
    for change in patch.changes() {
        write_change(&mut out, change);
    }
    out
}

fn write_change(out: &mut String, change: &FileChange) {
    let path = change.path();
    let old_path = change.old_path().unwrap_or(path);
    line(out, &format!("diff --git {} {}", quoted("a/", old_path), quoted("b/", path)));
    match change {
        FileChange::Create { text, .. } => {
            line(out, "new file mode 100644");
            let edit = TextEdit { range: ByteRange::at(0), text: text.as_ref().to_owned() };
            write_text(out, "/dev/null", &named("b/", path), "", &[edit]);
        }
        FileChange::Delete { base, .. } => {
            line(out, "deleted file mode 100644");
            let edit = TextEdit { range: ByteRange::new(0, base.text.len()), text: String::new() };
            write_text(out, &named("a/", path), "/dev/null", &base.text, &[edit]);
        }
        FileChange::Rename { from, to, base, edits } => {
            line(out, &format!("rename from {}", quoted("", from)));
            line(out, &format!("rename to {}", quoted("", to)));
            write_text(out, &named("a/", from), &named("b/", to), &base.text, edits.as_slice());
        }
        FileChange::Edit { base, edits, .. } => {
            write_text(out, &named("a/", path), &named("b/", path), &base.text, edits.as_slice());
        }
    }
}

/// `edits`: maximal blocks of whole lines, sorted.
fn write_text(out: &mut String, old_name: &str, new_name: &str, old: &str, edits: &[TextEdit]) {
    if edits.iter().all(|edit| edit.range.is_empty() && edit.text.is_empty()) {
        return;
    }
    line(out, &format!("--- {old_name}"));
    line(out, &format!("+++ {new_name}"));
    let mut at = Position::default();
    let mut rest = edits;
    while let [first, ..] = rest {
        let joined = rest
            .windows(2)
            .take_while(|pair| {
                let between = &old[pair[0].range.end..pair[1].range.start];
                between.split_inclusive('\n').count() <= 2 * CONTEXT_LINES
            })
            .count();
        let (group, later) = rest.split_at(joined + 1);
        let start = lines_back(old, first.range.start);
        at.skip(&old[at.offset..start]);
        at = write_group(out, old, group, at);
        rest = later;
    }
}

/// How far the old text is written, with the number of lines before it on both sides.
#[derive(Clone, Copy, Default)]
struct Position {
    offset: usize,
    old_line: u32,
    new_line: u32,
}

impl Position {
    fn skip(&mut self, unchanged: &str) {
        self.offset += unchanged.len();
        self.old_line += git_lines(unchanged);
        self.new_line += git_lines(unchanged);
    }
}

fn write_group(out: &mut String, old: &str, group: &[TextEdit], start: Position) -> Position {
    let mut body = String::new();
    let mut at = start;
    for edit in group {
        let unchanged = &old[at.offset..edit.range.start];
        write_lines(&mut body, ' ', unchanged);
        at.skip(unchanged);
        let removed = &old[edit.range.as_range()];
        write_lines(&mut body, '-', removed);
        write_lines(&mut body, '+', &edit.text);
        at.offset += removed.len();
        at.old_line += git_lines(removed);
        at.new_line += git_lines(&edit.text);
    }
    let unchanged = &old[at.offset..lines_on(old, at.offset)];
    write_lines(&mut body, ' ', unchanged);
    at.skip(unchanged);
    line(
        out,
        &format!(
            "@@ -{} +{} @@",
            span(start.old_line, at.old_line),
            span(start.new_line, at.new_line)
        ),
    );
    out.push_str(&body);
    at
}

/// `before` and `after`: lines in front of the span and up to its end. An empty span is named by the line before it.
fn span(before: u32, after: u32) -> String {
    match after - before {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        count => format!("{},{count}", before + 1),
    }
}

fn write_lines(out: &mut String, sign: char, text: &str) {
    for content in text.split_inclusive('\n') {
        out.push(sign);
        out.push_str(content);
        if !content.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

fn lines_back(old: &str, offset: usize) -> usize {
    (0..CONTEXT_LINES).fold(offset, |at, _| at - line_before(old, at).len())
}

fn lines_on(old: &str, offset: usize) -> usize {
    (0..CONTEXT_LINES).fold(offset, |at, _| at + line_after(old, at).len())
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// A name in a `---` or `+++` line: a tab after it keeps its spaces from being read as the end.
fn named(prefix: &str, path: &RelPath) -> String {
    let mut name = quoted(prefix, path);
    if name.contains(' ') {
        name.push('\t');
    }
    name
}

/// Plain, or as a C string if a character asks for it; non-ASCII bytes are written in octal.
fn quoted(prefix: &str, path: &RelPath) -> String {
    let name = format!("{prefix}{path}");
    if name.bytes().all(|byte| (b' '..0x7f).contains(&byte) && byte != b'"' && byte != b'\\') {
        return name;
    }
    let mut out = String::from("\"");
    for byte in name.bytes() {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            0x07 => out.push_str("\\a"),
            0x08 => out.push_str("\\b"),
            0x0b => out.push_str("\\v"),
            0x0c => out.push_str("\\f"),
            b' '..0x7f => out.push(char::from(byte)),
            _ => write!(out, "\\{byte:03o}").expect("a string takes all that is written"),
        }
    }
    out.push('"');
    out
}
