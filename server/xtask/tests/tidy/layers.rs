//! Imports between our crates go strictly downward, by the layers in `ARCHITECTURE.md`.

use super::codemap::{self, Layer};
use super::tree::Tree;

/// Uses across the wall: `baton demo` shows the product on a fixture, and `eval crash` looks into the databases that killed processes
/// leave.
const EXCEPTIONS: &[(&str, &str)] = &[("baton", "fixture"), ("xtask", "store")];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let layers = codemap::layers(tree);
    let mut findings = Vec::new();
    for krate in tree.crates() {
        let Some(&from) = layers.get(krate.name) else { continue };
        for table in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for name in krate.dependencies(table) {
                let Some(&to) = layers.get(name) else { continue };
                if EXCEPTIONS.contains(&(krate.name, name)) || may_use(from, table, name, to) {
                    continue;
                }
                findings.push(format!(
                    "server/{}/Cargo.toml: {table}: `{name}` ({to:?}) is not below {from:?}",
                    krate.name
                ));
            }
        }
    }
    findings
}

fn may_use(from: Layer, table: &str, name: &str, to: Layer) -> bool {
    match (from, to) {
        (Layer::Number(from), Layer::Number(to)) => to < from,
        (Layer::Number(_), Layer::Developers) => table == "dev-dependencies" && name == "fixture",
        (Layer::Developers, Layer::Number(to)) => to == 0,
        (Layer::Developers, Layer::Developers) => name == "fixture",
    }
}
