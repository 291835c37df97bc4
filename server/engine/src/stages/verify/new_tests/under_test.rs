//! The code that tests are about, where a change is nothing but tests: what the request selects or names, as far as the tests
//! use it; else what they use. Resolves names by their spelling alone.

use std::collections::BTreeSet;

use base::{ByteRange, FileChange, Patch, RelPath};
use syntax::{Chunk, ChunkKind};
use tools::mutate::Place;
use tools::tests::{is_of_tests, test_regions};
use vfs::Snapshot;

use crate::cx::Cx;
use crate::error::Error;
use crate::request::{Request, Selection};
use crate::workspace::blocking;

/// A shorter name is found in too many files.
const MIN_NAME: usize = 3;
/// Most files that are looked at for what the tests use.
const MAX_FILES: usize = 2_000;
/// Most files that tests are taken to be about.
const MAX_PLACES: usize = 8;

/// The selection, widened to the definitions that it touches: a cursor stands for what it is in.
pub(crate) fn selected(request: &Request, snapshot: &Snapshot) -> Option<Selection> {
    let Selection { path, range } = request.selection.clone()?;
    let Ok(text) = snapshot.read(&path) else { return Some(Selection { path, range }) };
    let chunks = definitions(&path, &text);
    let end = range.end.max(range.start + 1);
    let touched = chunks.iter().filter(|it| it.range.start < end && range.start < it.range.end);
    // What is around a definition is not meant, where that is.
    let innermost: Vec<&Chunk> = touched
        .clone()
        .filter(|outer| {
            let is_in = |it: &Chunk| {
                it.range != outer.range
                    && outer.range.start <= it.range.start
                    && it.range.end <= outer.range.end
            };
            !touched.clone().any(is_in)
        })
        .collect();
    let start = innermost.iter().map(|it| it.range.start).min().unwrap_or(range.start);
    let end = innermost.iter().map(|it| it.range.end).max().unwrap_or(range.end);
    let range = ByteRange::new(start.min(range.start), end.max(range.end));
    Some(Selection { path, range })
}

/// Where faults are made to see whether `tests` notice, in the text that has these tests.
pub(super) async fn places(cx: &Cx, tests: &Patch) -> Result<Vec<Place>, Error> {
    let mut request = cx.request().clone();
    if cx.is_task() {
        // Of a plan's task: what it waits for is what it tests, and not all that the request is about.
        let files: Vec<String> = cx.draft().files().iter().map(ToString::to_string).collect();
        request = Request { selection: None, text: files.join(" "), ..request };
    }
    let tests = tests.clone();
    let snapshot = cx.snapshot();
    // Many files may be looked at.
    blocking(move || {
        let places = found(&request, &snapshot, &tests);
        places.into_iter().map(|place| with_tests(place, &tests)).collect()
    })
    .await
}

/// The same place where `tests` lie beside the code.
pub(super) fn with_tests(place: Place, tests: &Patch) -> Place {
    let Some(change @ FileChange::Edit { edits, .. }) = tests.change(&place.path) else {
        return place;
    };
    let moved = |offset: usize| {
        let before = edits.iter().filter(|edit| edit.range.end <= offset);
        let grown = before.map(|edit| edit.text.len() as isize - edit.range.len() as isize);
        offset.saturating_add_signed(grown.sum())
    };
    let ranges = place.ranges.iter().map(|it| ByteRange::new(moved(it.start), moved(it.end)));
    let text = change.new_text().unwrap_or_default();
    let ranges = ranges.collect();
    Place { text, ranges, ..place }
}

pub(super) fn found(request: &Request, snapshot: &Snapshot, tests: &Patch) -> Vec<Place> {
    let used = names_used(tests);
    if let Some(Selection { path, range }) = selected(request, snapshot) {
        return of_file(snapshot, &path, range, &used)
            .into_iter()
            .map(|(place, _)| place)
            .collect();
    }
    let files: Vec<&RelPath> =
        snapshot.files().map(|file| &file.path).filter(|path| !is_of_tests(path)).collect();
    let is_named = |path: &&RelPath| mentions(&request.text, path);
    let named: Vec<&RelPath> = files.iter().copied().filter(is_named).take(MAX_PLACES).collect();
    let whole = |path: &RelPath| {
        let end = snapshot.read(path).map_or(0, |text| text.len());
        of_file(snapshot, path, ByteRange::new(0, end), &used)
    };
    if !named.is_empty() {
        return named.into_iter().filter_map(whole).map(|(place, _)| place).collect();
    }
    let mut found: Vec<(Place, usize)> = files
        .into_iter()
        .take(MAX_FILES)
        .filter_map(whole)
        // Only what the tests use: nothing has said that they are about the file.
        .filter(|(_, n_used)| 0 < *n_used)
        .collect();
    found.sort_by_key(|(_, n_used)| std::cmp::Reverse(*n_used));
    found.into_iter().take(MAX_PLACES).map(|(place, _)| place).collect()
}

/// The definitions of `used` names in a part of a file, and how many there are; the whole part where there is none.
fn of_file(
    snapshot: &Snapshot,
    path: &RelPath,
    range: ByteRange,
    used: &BTreeSet<String>,
) -> Option<(Place, usize)> {
    let text = snapshot.read(path).ok()?;
    let chunks = definitions(path, &text);
    let is_used = |it: &&Chunk| {
        let is_in = range.start <= it.range.start && it.range.end <= range.end;
        is_in && !it.kind.is_container() && used.contains(&it.name)
    };
    let mut ranges: Vec<ByteRange> = chunks.iter().filter(is_used).map(|it| it.range).collect();
    let n_used = ranges.len();
    if ranges.is_empty() {
        ranges.push(range);
    }
    Some((Place { path: path.clone(), text: text.to_string(), ranges }, n_used))
}

/// Definitions that are no tests.
fn definitions(path: &RelPath, text: &str) -> Vec<Chunk> {
    let Some(lang) = syntax::detect(path, Some(text)) else { return Vec::new() };
    let mut chunks = syntax::chunks(lang, text);
    chunks.retain(|it| !matches!(it.kind, ChunkKind::Window | ChunkKind::Test));
    chunks
}

/// What the new text of `tests` calls, imports, or uses as a type.
fn names_used(tests: &Patch) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for change in tests.changes() {
        let Some(text) = change.new_text() else { continue };
        let Some(lang) = syntax::detect(change.path(), Some(&text)) else { continue };
        let cut = syntax::cut(lang, &text);
        // Beside the code, only what is of tests.
        let regions = test_regions(change.path(), &text);
        let is_in_tests = |at: usize| {
            is_of_tests(change.path()) || regions.iter().any(|region| region.contains(at))
        };
        let refs = cut.refs.iter().filter(|it| is_in_tests(cut.chunks[it.chunk].range.start));
        names.extend(refs.map(|found| found.name.to_owned()));
    }
    names.retain(|name| MIN_NAME <= name.len());
    names
}

/// Whether a text names a file: by its path, or by its name with the extension.
fn mentions(text: &str, path: &RelPath) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
    [path.as_str(), path.file_name()].iter().any(|name| {
        name.contains('.')
            && text.match_indices(name).any(|(at, _)| {
                !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
            })
    })
}
