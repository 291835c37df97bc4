//! Kotlin, and its scripts.

use std::sync::OnceLock;

use crate::language::Language;

/// Kotlin.
pub static KOTLIN: Language = Language {
    id: "kotlin",
    name: "Kotlin",
    extensions: &["kt", "kts"],
    file_names: &[],
    shebangs: &["kotlin", "kotlinc"],
    grammar: tree_sitter_kotlin_ng::LANGUAGE,
    mask: Some(mask),
    chunk_query: include_str!("kotlin.scm"),
    refs_query: include_str!("kotlin.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["line_comment", "block_comment", "annotation"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &["", "TODO(", "throw NotImplementedError("],
    formatters: &[],
    linters: &[],
    tests: &[],
};

/// What the grammar takes wrongly: `suspend { … }` and a name `suspend`, which it knows in front of functions only, and
/// annotations of a constructor on a line of their own behind the class's type parameters.
fn mask(text: &str) -> Option<String> {
    const WORD: &str = "suspend";
    let mut masked: Option<Vec<u8>> = None;
    let mut fill = |start: usize, end: usize, with: u8| {
        masked.get_or_insert_with(|| text.as_bytes().to_vec())[start..end].fill(with);
    };
    for (at, _) in text.match_indices(WORD) {
        let behind = text[at + WORD.len()..].trim_start_matches(' ');
        let is_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if is_word && behind.starts_with('{') {
            fill(at, at + WORD.len(), b' ');
        } else if is_word && behind.starts_with([':', '=', ',', ')']) {
            fill(at, at + WORD.len(), b'x');
        }
    }
    for (at, _) in text.match_indices(" constructor(") {
        // A line is not looked for further than people write.
        let line = &text[text.floor_char_boundary(at.saturating_sub(500))..at];
        let before = line.rsplit('\n').next().unwrap_or_default().trim_start();
        let start = at - before.len();
        // Up to the last annotation: `internal` may stay.
        let annotations = before.rfind('@').map(|last| {
            let len = before[last..].find(' ').unwrap_or(before.len() - last);
            start + last + len
        });
        if let Some(end) = annotations.filter(|_| before.starts_with('@')) {
            fill(start, end, b' ');
        }
    }
    String::from_utf8(masked?).ok()
}
