//! Writes `DATA.md`: every package that the embedding has learned from, with its licence. It judges none.

use std::collections::{BTreeMap, HashMap};

use super::packages::Set;

#[cfg(test)]
mod tests;

/// The file's text. `counts`: lines of a number of pairs, a tab and a package's id.
pub(super) fn table(set: &Set, counts: &str) -> String {
    let counts: HashMap<&str, usize> = counts
        .lines()
        .filter_map(|line| {
            let (count, id) = line.split_once('\t')?;
            Some((id, count.parse().ok()?))
        })
        .collect();
    let mut languages: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut rows = String::new();
    for package in &set.package {
        let Some(&count) = counts.get(package.id().as_str()) else { continue };
        let language = languages.entry(&package.language).or_default();
        language.0 += 1;
        language.1 += count;
        let registry = format!("{:?}", package.registry).to_lowercase();
        let held_out = if package.held_out { "held out" } else { "" };
        rows.push_str(&format!(
            "| {} | {registry} | {} | {} | {} | {count} | {held_out} |\n",
            package.name, package.version, package.language, package.licence
        ));
    }
    let mut text = String::from(
        "# What the static embedding has learned from\n\nWritten by `cargo xtask embedding pairs`. Versions and licences are \
         those of `packages.toml`; the language is the main one of a package, whose files of other languages count too.\n\n\
         | main language | packages | pairs |\n|---|---|---|\n",
    );
    for (language, (n_packages, n_pairs)) in &languages {
        text.push_str(&format!("| {language} | {n_packages} | {n_pairs} |\n"));
    }
    let n_packages: usize = languages.values().map(|(packages, _)| packages).sum();
    let n_pairs: usize = languages.values().map(|(_, pairs)| pairs).sum();
    text.push_str(&format!("| all | {n_packages} | {n_pairs} |\n\n"));
    text.push_str("| package | registry | version | main language | licence | pairs | |\n|---|---|---|---|---|---|---|\n");
    text.push_str(&rows);
    text
}
