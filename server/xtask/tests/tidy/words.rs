//! What a tracked file must not name: hosts of package registries, and folders of one machine.

use super::tree::Tree;

/// Each in two parts, so that this file does not name them either.
const FORBIDDEN: &[(&str, &str)] = &[
    ("registry.", "npmjs"),
    ("npmjs.", "com"),
    ("index.crates", ".io"),
    ("static.crates", ".io"),
    ("//crates", ".io"),
    ("pypi", ".org"),
    ("python", "hosted"),
    ("proxy.golang", ".org"),
    ("/wo", "rk/"),
    ("/ro", "ot/."),
];

/// Written by cargo, which names its registry.
const EXCEPTIONS: &[&str] = &["Cargo.lock"];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let forbidden: Vec<String> = FORBIDDEN.iter().map(|(a, b)| format!("{a}{b}")).collect();
    let files = tree.files().filter(|(path, _)| !EXCEPTIONS.contains(path));
    let of_file = |(path, text): (&str, &str)| {
        let in_line = |(idx, line): (usize, &str)| {
            let is_bad = forbidden.iter().any(|word| line.contains(word));
            is_bad.then(|| {
                format!("{path}:{}: names a registry's host or a machine's folder", idx + 1)
            })
        };
        text.lines().enumerate().filter_map(in_line).collect::<Vec<_>>()
    };
    files.flat_map(of_file).collect()
}
