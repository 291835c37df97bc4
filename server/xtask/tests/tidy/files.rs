//! How a Rust file looks from outside: what it opens with, its name, its length.

use super::tree::Tree;

const MAX_LINES: usize = 800;

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, text) in tree.rust() {
        if !text.starts_with("//! ") {
            findings
                .push(format!("{path}:1: start with `//!`: what the file is for, and what not"));
        }
        if path.ends_with("/mod.rs") {
            findings.push(format!("{path}: name it after the module, beside its folder"));
        }
    }
    for (path, text) in tree.program() {
        let n_lines = text.lines().count();
        if MAX_LINES < n_lines {
            findings.push(format!("{path}: {n_lines} lines; split it ({MAX_LINES} is the limit)"));
        }
    }
    findings
}
