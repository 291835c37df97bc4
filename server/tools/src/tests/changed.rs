//! Names of the definitions that a patch changes, and whether a text refers to one of them.
//! Resolves nothing: two definitions of one name are one.

use std::collections::BTreeSet;

use base::{FileChange, Patch, RelPath, TextEdits};
use syntax::{Chunk, ChunkKind};

use super::affected::has_word;

/// A shorter name is found in too many texts.
const MIN_NAME: usize = 3;
/// Definitions that are used by the name of what they are in.
const SPECIAL: [&str; 5] = ["__init__", "constructor", "init", "initialize", "new"];

/// What `patch` changes, removes or renames, by name. What it adds is not there to be referred to yet.
pub(super) fn names(patch: &Patch) -> BTreeSet<String> {
    patch.changes().iter().flat_map(names_of).collect()
}

fn names_of(change: &FileChange) -> BTreeSet<String> {
    let (Some(path), Some(old)) = (change.old_path(), change.old_text()) else {
        return BTreeSet::new();
    };
    let Some(lang) = syntax::detect(path, Some(old)) else { return BTreeSet::new() };
    let chunks = syntax::chunks(lang, old);
    let new = change.new_text().unwrap_or_default();
    let mut names = BTreeSet::new();
    for edit in TextEdits::between(old, &new).iter() {
        let (start, end) = (edit.range.start, edit.range.end.max(edit.range.start + 1));
        let touched: Vec<&Chunk> = chunks
            .iter()
            .filter(|chunk| chunk.range.start < end && start < chunk.range.end)
            .collect();
        let around = |inner: &Chunk| {
            let around = touched.iter().filter(|outer| holds(outer, inner));
            around.map(|outer| outer.name.clone()).collect::<Vec<_>>()
        };
        // What is around a changed definition is not changed by that.
        let innermost =
            touched.iter().filter(|chunk| !touched.iter().any(|inner| holds(chunk, inner)));
        for chunk in innermost {
            if SPECIAL.contains(&chunk.name.as_str()) {
                names.extend(around(chunk));
            } else {
                names.insert(chunk.name.clone());
            }
        }
    }
    names.retain(|name| MIN_NAME <= name.len());
    names
}

fn holds(outer: &Chunk, inner: &Chunk) -> bool {
    outer.range != inner.range
        && outer.range.start <= inner.range.start
        && inner.range.end <= outer.range.end
}

/// The tests in `text`, a file of them, by their names; `None` where nothing in it refers to one of `names`.
pub(super) fn tests_that_refer(
    path: &RelPath,
    text: &str,
    names: &BTreeSet<String>,
) -> Option<BTreeSet<String>> {
    // Most files are none of it, and a word is found sooner than a reference.
    if !names.iter().any(|name| has_word(text, name)) {
        return None;
    }
    let lang = syntax::detect(path, Some(text))?;
    let cut = syntax::cut(lang, text);
    cut.refs.iter().any(|found| names.contains(found.name)).then(|| tests_in(&cut.chunks))
}

/// Names of tests, as their ids have them.
pub(super) fn tests_in(chunks: &[Chunk]) -> BTreeSet<String> {
    let tests = chunks.iter().filter(|chunk| chunk.kind == ChunkKind::Test);
    tests.map(|chunk| chunk.name.clone()).collect()
}
