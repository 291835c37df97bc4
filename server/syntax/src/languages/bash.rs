//! Bash. Other shells are read with its grammar, too. It formats and runs nothing.

use std::sync::OnceLock;

use crate::language::Language;

/// Bash, and what POSIX shells and Zsh share with it.
pub static BASH: Language = Language {
    id: "shellscript",
    name: "Bash",
    extensions: &["sh", "bash", "zsh", "ksh", "bats", "ebuild", "eclass"],
    file_names: &[
        ".bashrc",
        ".bash_profile",
        ".bash_login",
        ".bash_logout",
        ".bash_aliases",
        ".profile",
        ".zshrc",
        ".zshenv",
        ".zprofile",
        "PKGBUILD",
        "APKBUILD",
    ],
    shebangs: &["bash", "sh", "zsh", "ksh", "dash", "ash", "bats"],
    grammar: tree_sitter_bash::LANGUAGE,
    mask: Some(mask_tests),
    chunk_query: include_str!("bash.scm"),
    refs_query: include_str!("bash.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "#",
    wrappers: &[],
    leading: &["comment"],
    inner_docs: &[],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", ":", "true", "return"],
    formatters: &[],
    linters: &[],
    tests: &[],
};

/// Gives the tests of bats the look of functions: `@test "adds numbers" {` becomes `_adds_numbers() {`, with its name
/// where the string is.
fn mask_tests(text: &str) -> Option<String> {
    let mut masked: Option<Vec<u8>> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((name, end)) = test_name(line) {
            let bytes = masked.get_or_insert_with(|| text.as_bytes().to_vec());
            let line = &mut bytes[start..start + line.len()];
            for byte in &mut line[name..end] {
                if !byte.is_ascii_alphanumeric() {
                    *byte = b'_';
                }
            }
            line[name - TEST.len()..name].fill(b' ');
            line[end..end + 2].copy_from_slice(b"()");
        }
        start += line.len();
    }
    // Whole strings were replaced, so no character was cut.
    String::from_utf8(masked?).ok()
}

const TEST: &str = "@test ";

/// Where the string that names a test begins, and where its last quote is.
fn test_name(line: &str) -> Option<(usize, usize)> {
    let name = line.len() - line.trim_start().strip_prefix(TEST)?.len();
    let quote = line[name..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    // The brackets of the function stand where the last quote and the space after it are.
    let end = line.trim_end().strip_suffix(" {")?.trim_end().strip_suffix(quote)?.len();
    (name < end).then_some((name, end))
}
