//! What lies in the same folder speaks for a file: what belongs together is kept together.
//! It looks at what was found, not at what else is in the folder.

use std::collections::HashMap;

use crate::hash::Fast;

/// So many of the others count, the best.
const MAX_NEIGHBOURS: usize = 3;

/// For each file, given with its path and content, the mean content of the best others of its folder; those that it has
/// too few of count as 0.
pub(crate) fn neighbours<'a>(files: impl Iterator<Item = (&'a str, f32)>) -> Vec<f32> {
    let files: Vec<(&str, f32)> = files.map(|(path, content)| (folder(path), content)).collect();
    let mut by_folder: HashMap<&str, Vec<f32>, Fast> = HashMap::default();
    for (folder, content) in &files {
        by_folder.entry(folder).or_default().push(*content);
    }
    for contents in by_folder.values_mut() {
        contents.sort_unstable_by(|a, b| b.total_cmp(a));
        contents.truncate(MAX_NEIGHBOURS + 1);
    }
    let others = |(folder, own): &(&str, f32)| {
        let contents = by_folder.get(folder).map(Vec::as_slice).unwrap_or_default();
        // Itself once, where it is among the best; else the last of them is one too many.
        let out = contents.iter().position(|content| content == own).unwrap_or(MAX_NEIGHBOURS);
        let others = contents.iter().enumerate().filter(|(idx, _)| *idx != out);
        others.map(|(_, content)| content).sum::<f32>() / MAX_NEIGHBOURS as f32
    };
    files.iter().map(others).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests;
