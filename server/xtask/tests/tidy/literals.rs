//! No prompt in a string literal: long prose for a model is a file that people can read and review as such.

use super::source;
use super::tree::Tree;

/// Longer literals are text, not code. Real messages stay far below.
const MAX_CHARS: usize = 600;

/// Crates that talk to models.
const CRATES: &[&str] = &["server/engine/", "server/models/", "server/tools/"];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let of_crate = |path: &str| CRATES.iter().any(|krate| path.starts_with(krate));
    let of_file = |(path, text): (&str, &str)| {
        let long = source::literals(text)
            .into_iter()
            .filter(|literal| MAX_CHARS < literal.text.chars().count());
        let finding = |line| {
            format!("{path}:{line}: a string of over {MAX_CHARS} characters; make it a file")
        };
        long.map(|literal| finding(literal.line)).collect::<Vec<_>>()
    };
    tree.program().filter(|(path, _)| of_crate(path)).flat_map(of_file).collect()
}
