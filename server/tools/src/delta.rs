//! What of the findings of two runs is new, and what is gone: of language servers and of linters alike. It knows neither.
//!
//! A finding is the same where its file, its rule, its words and the text of its line are: lines that move bring nothing new,
//! nor do numbers in a message.

use std::collections::BTreeMap;

use base::{Patch, RelPath};

#[cfg(test)]
mod tests;

/// A finding as it is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// By its name with the patch.
    pub(crate) path: &'a RelPath,
    pub(crate) rule: Option<&'a str>,
    pub(crate) message: &'a str,
    /// The text of its line, without the space around it.
    pub(crate) text: &'a str,
}

/// What two runs differ in, as places in their lists.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// In the second, and not as often in the first.
    pub(crate) new: Vec<usize>,
    /// The other way round.
    pub(crate) gone: Vec<usize>,
    /// Of `new`, those of a rule that their file has more findings of than before. The others may be old ones on a line that
    /// was edited.
    pub(crate) more: Vec<usize>,
}

/// Compares `after` with `before`.
pub(crate) fn differ(before: &[Seen<'_>], after: &[Seen<'_>]) -> Difference {
    let mut old: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let mut grown: BTreeMap<_, isize> = BTreeMap::new();
    for (idx, seen) in before.iter().enumerate() {
        old.entry(key(seen)).or_default().push(idx);
        *grown.entry((seen.path, seen.rule)).or_default() -= 1;
    }
    let mut difference = Difference::default();
    for (idx, seen) in after.iter().enumerate() {
        *grown.entry((seen.path, seen.rule)).or_default() += 1;
        if old.get_mut(&key(seen)).and_then(Vec::pop).is_none() {
            difference.new.push(idx);
        }
    }
    let is_more = |idx: &&usize| {
        let seen = &after[**idx];
        grown.get(&(seen.path, seen.rule)).is_some_and(|grown| 0 < *grown)
    };
    difference.more = difference.new.iter().filter(is_more).copied().collect();
    difference.gone = old.into_values().flatten().collect();
    difference.gone.sort_unstable();
    difference
}

/// The files that a patch renames, by their names before.
pub(crate) fn renamed(patch: &Patch) -> BTreeMap<&RelPath, &RelPath> {
    let names = patch.changes().iter();
    names.filter_map(|change| Some((change.old_path()?, change.path()))).collect()
}

fn key<'a>(seen: &Seen<'a>) -> (&'a RelPath, Option<&'a str>, String, &'a str) {
    (seen.path, seen.rule, without_numbers(seen.message), seen.text)
}

/// Messages name lines and counts, which differ though nothing else does.
fn without_numbers(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for c in message.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    out
}
