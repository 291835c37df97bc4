//! The table of crates in `ARCHITECTURE.md` has every crate, and no other.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::Tree;

const MAP: &str = "ARCHITECTURE.md";

/// Where a crate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// Part of the product; imports go to smaller numbers only.
    Number(u8),
    /// For developers.
    Developers,
}

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let crates = tree.crates();
    let exist: BTreeSet<&str> = crates.iter().map(|krate| krate.name).collect();
    let map = layers(tree);
    let mapped: BTreeSet<&str> = map.keys().copied().collect();
    let missing = exist.difference(&mapped).map(|name| format!("{MAP}: no row for crate `{name}`"));
    let gone = mapped.difference(&exist).map(|name| format!("{MAP}: there is no crate `{name}`"));
    missing.chain(gone).collect()
}

/// The layer of each crate: rows `| `name` | layer | …` of the table.
pub(crate) fn layers(tree: &Tree) -> BTreeMap<&str, Layer> {
    tree.text(MAP).unwrap_or_default().lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<(&str, Layer)> {
    let (name, rest) = line.strip_prefix("| `")?.split_once("` |")?;
    let layer = match rest.split('|').next()?.trim() {
        "dev" => Layer::Developers,
        number => Layer::Number(number.parse().ok()?),
    };
    Some((name, layer))
}
