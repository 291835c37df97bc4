//! Where what is said begins and ends: compilers and grammars are not of one mind about it.
//! It does not know what a comment says.

use std::ops::Range;

use crate::code::is_blank;
use crate::language::Language;

/// Characters that end a line, and with it a comment, for some compiler and for no grammar.
const LINE_ENDS: &[char] = &['\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Whether a compiler may see another end of `comment`.
pub(super) fn is_ended_elsewhere(lang: &Language, comment: &str) -> bool {
    let mut lines = comment.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    match lang.id {
        // `\u000a` is read as a line end before anything else is, and `\u002a\u002f` as `*/`.
        "java" | "scala" if comment.contains("\\u") => true,
        // Lines are joined before comments are looked for, also where blanks follow the `\` or it is a trigraph.
        "c" | "cpp" if lines.clone().any(is_continued) => true,
        _ => lines.any(|line| line.contains(LINE_ENDS)),
    }
}

/// Whether no code changes with what is `said`, whatever it says:
/// - no `\` continues the line before up to it, for it would end what is continued;
/// - no code follows the end of one of several lines, for preprocessors take the lines for one, and others for several;
/// - no code follows it at all where the column of code counts.
///
/// `said_until`: the end of what is said before it; a `\` in there continues nothing.
pub(super) fn stands_alone(
    lang: &Language,
    text: &str,
    said: &Range<usize>,
    said_until: usize,
) -> bool {
    let before = text[..said.start].trim_end_matches([' ', '\t']);
    let before = before.strip_suffix('\n').unwrap_or(before);
    let is_after = is_continued(before) && said_until < before.trim_end().len();
    let counts = lang.id == "haskell" || text[said.clone()].contains('\n');
    let is_last = || is_blank(text[said.end..].split('\n').next().unwrap_or_default());
    !is_after && (!counts || is_last())
}

fn is_continued(line: &str) -> bool {
    let line = line.trim_end_matches([' ', '\t', '\r']);
    line.ends_with('\\') || line.ends_with("??/")
}
