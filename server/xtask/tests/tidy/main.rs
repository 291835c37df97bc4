//! The habits of the repository that a program can check, as tests. It changes nothing, and formatting, lints and licences
//! are others' (rustfmt, clippy, cargo-deny).
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test of the repository: it reads files, asks git, and fails by panicking"
)]

mod codemap;
mod examples;
mod files;
mod layers;
mod literals;
mod owners;
mod registries;
mod source;
mod tree;
mod words;

use tree::Tree;

/// What a rule finds, one line each: where, what, what to do.
type Rule = fn(&Tree) -> Vec<String>;

const ALL: &[Rule] = &[
    codemap::check,
    files::check,
    layers::check,
    literals::check,
    owners::check,
    registries::check,
    words::check,
];

#[test]
fn the_repository_is_tidy() {
    let tree = Tree::of_repository();
    let findings: Vec<String> = ALL.iter().flat_map(|rule| rule(&tree)).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
