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
    mask: None,
    chunk_query: include_str!("bash.scm"),
    refs_query: include_str!("bash.refs.scm"),
    compiled: OnceLock::new(),
    separator: ".",
    line_comment: "#",
    wrappers: &[],
    leading: &["comment"],
    inner_docs: &[],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", ":", "true", "return"],
    formatters: &[],
    tests: &[],
};
