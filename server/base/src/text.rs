//! A text that is edited in place and finds its lines, in the units that editors count in; it does not parse.

use std::fmt;

use ropey::{Rope, RopeSlice};
use serde::{Deserialize, Serialize};

use crate::ByteRange;

#[cfg(test)]
mod tests;

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PositionEncoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: two for a character outside the basic plane.
    Utf16,
    /// Characters.
    Utf32,
}

impl PositionEncoding {
    fn units(self, ch: char) -> usize {
        match self {
            PositionEncoding::Utf8 => ch.len_utf8(),
            PositionEncoding::Utf16 => ch.len_utf16(),
            PositionEncoding::Utf32 => 1,
        }
    }
}

/// A place as editors name it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct LineCol {
    /// From 0.
    pub line: u32,
    /// From 0, in units of some [`PositionEncoding`].
    pub col: u32,
}

/// Text and its line index in one; cheap to clone.
///
/// A line ends with `\n`, `\r\n` or a lone `\r`, as LSP has it, and with nothing else.
/// After a final line break there is one more, empty line.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    rope: Rope,
}

impl Text {
    /// Copies `text`.
    pub fn new(text: &str) -> Text {
        Text { rope: Rope::from_str(text) }
    }

    /// Bytes in all.
    pub fn len_bytes(&self) -> usize {
        self.rope.len_bytes()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.len_bytes() == 0
    }

    /// Lines in all; at least 1.
    pub fn len_lines(&self) -> usize {
        self.rope.len_lines()
    }

    /// The offset of the first byte of `line`, counted from 0; the end of the text for a line past the last one.
    pub fn line_start(&self, line: usize) -> usize {
        if line < self.len_lines() { self.rope.line_to_byte(line) } else { self.len_bytes() }
    }

    /// The offset of `position`, in bytes.
    ///
    /// Past the end of the line is the end of the line, before its break. Past the last line is the end of the text.
    /// Inside a character (or a surrogate pair) is its start.
    pub fn offset(&self, position: LineCol, encoding: PositionEncoding) -> usize {
        let line = position.line as usize;
        if self.len_lines() <= line {
            return self.len_bytes();
        }
        let mut offset = self.line_start(line);
        let mut left = position.col as usize;
        for ch in self.line(line).chars() {
            let units = encoding.units(ch);
            if is_break(ch) || left < units {
                break;
            }
            left -= units;
            offset += ch.len_utf8();
        }
        offset
    }

    /// The position of the byte at `offset`.
    ///
    /// Past the end is the end; inside a character is its start; between `\r` and `\n` is before both.
    pub fn line_col(&self, offset: usize, encoding: PositionEncoding) -> LineCol {
        let offset = offset.min(self.len_bytes());
        let line = self.rope.byte_to_line(offset);
        let mut here = self.line_start(line);
        let mut col = 0;
        for ch in self.line(line).chars() {
            here += ch.len_utf8();
            if is_break(ch) || offset < here {
                break;
            }
            col += encoding.units(ch);
        }
        LineCol { line: to_u32(line), col: to_u32(col) }
    }

    /// Puts `text` in the place of `range`; both ends are clamped to the text and rounded down to a character's start.
    pub fn replace(&mut self, range: ByteRange, text: &str) {
        let range = self.chars_of(range);
        let start = range.start;
        self.rope.remove(range);
        self.rope.insert(start, text);
    }

    /// A copy of `range`; both ends are clamped to the text and rounded down to a character's start.
    pub fn slice(&self, range: ByteRange) -> String {
        let range = self.chars_of(range);
        self.rope.slice(range).to_string()
    }

    /// A copy of `line`, counted from 0, without its break; empty past the last one.
    pub fn line_text(&self, line: usize) -> String {
        if self.len_lines() <= line {
            return String::new();
        }
        self.line(line).chars().take_while(|ch| !is_break(*ch)).collect()
    }

    fn chars_of(&self, range: ByteRange) -> std::ops::Range<usize> {
        let start = self.rope.byte_to_char(range.start.min(self.len_bytes()));
        let end = self.rope.byte_to_char(range.end.min(self.len_bytes()));
        start..end.max(start)
    }

    fn line(&self, line: usize) -> RopeSlice<'_> {
        self.rope.line(line)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.rope, f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.rope, f)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::new(text)
    }
}

/// A line's content has neither character: ropey cuts lines at both, so either one begins the line's break.
fn is_break(ch: char) -> bool {
    ch == '\n' || ch == '\r'
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
