//! Text of workspaces and models, made fit to be shown: nothing in it can move a terminal's cursor, change colours or the title,
//! or show the reader another order of characters than a compiler sees.
//!
//! Nothing is hidden: what cannot be shown as it is, is shown as what it is.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with every control character in a visible form; line breaks and tabs stay.
///
/// C0 controls become their control pictures (`␛`); C1 controls, characters that change direction, invisible ones and
/// other line breaks become `<U+202E>`. A carriage return before a line break stays out: it is a line ending.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| is_plain(c) || matches!(c, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\0'..='\u{1f}' => out.push(picture(u32::from(c))),
            '\u{7f}' => out.push('\u{2421}'),
            _ if is_plain(c) => out.push(c),
            _ => {
                write!(out, "<U+{:04X}>", u32::from(c)).expect("a string takes all that is written")
            }
        }
    }
    Cow::Owned(out)
}

/// The same, on one line: breaks and tabs become spaces.
pub fn visible_line(text: &str) -> String {
    visible(text.trim_end()).replace(['\n', '\t'], " ")
}

fn picture(control: u32) -> char {
    char::from_u32(0x2400 + control).unwrap_or('\u{2426}')
}

fn is_plain(c: char) -> bool {
    !matches!(c,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        // Soft hyphen, zero-width space, direction marks; joiners (200c, 200d) are needed by scripts and emoji.
        | '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        // Letters that only fill a place.
        | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        // Tags, which carry text that nobody sees.
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests;
