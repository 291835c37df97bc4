//! One file as the index keeps it: its chunks and the words in each of them.
//! It is pure: text in, document out; `state` puts it among the others.

use std::collections::HashMap;
use std::sync::Arc;

use base::RelPath;
use syntax::{Chunk, ChunkKind};

use crate::classify::{Class, classify};
use crate::definers::defined_names;
use crate::hash::Fast;
use crate::words::words;

/// How often a word stands in each part of a chunk. `body` counts the whole text of the chunk, so a word in the name
/// counts in both; large counts stop at 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) name: u8,
    pub(crate) signature: u8,
    pub(crate) doc: u8,
    pub(crate) body: u8,
}

/// A file, cut and counted.
pub(crate) struct Document {
    pub(crate) path: RelPath,
    pub(crate) text: Arc<str>,
    pub(crate) class: Class,
    /// Definitions and windows, sorted by start, outer ones first.
    pub(crate) units: Vec<Unit>,
    /// The words of each unit, in the order of `units`; emptied when the document enters the postings.
    pub(crate) words: Vec<Vec<(Box<str>, Counts)>>,
    /// The words of the path: those of the file's stem, then those of its folders.
    pub(crate) stem_words: Vec<String>,
    pub(crate) folder_words: Vec<String>,
}

/// A chunk among the others of its file.
pub(crate) struct Unit {
    pub(crate) chunk: Chunk,
    /// Words in its own text.
    pub(crate) n_words: u32,
    /// It is a test, or lies inside of a test module.
    pub(crate) is_test: bool,
    /// A window with nothing but imports: it names everything and explains nothing.
    pub(crate) is_imports: bool,
}

impl Document {
    pub(crate) fn new(path: RelPath, text: Arc<str>) -> Document {
        let chunks = cut(&path, &text);
        let mut units = Vec::with_capacity(chunks.len());
        let mut all_words = Vec::with_capacity(chunks.len());
        let owned = own_text(&chunks);
        for (chunk, own) in chunks.into_iter().zip(owned) {
            let mut counter = Counter::default();
            for (start, end) in own {
                counter.add(text.get(start..end).unwrap_or_default(), |counts| &mut counts.body);
            }
            let n_words = counter.n_words;
            counter.add(&chunk.name, |counts| &mut counts.name);
            counter.add(&chunk.signature, |counts| &mut counts.signature);
            let around = chunk.qualified.strip_suffix(chunk.name.as_str()).unwrap_or_default();
            counter.add(around, |counts| &mut counts.signature);
            counter.add(chunk.doc.as_deref().unwrap_or_default(), |counts| &mut counts.doc);
            if chunk.kind == ChunkKind::Window {
                let body = text.get(chunk.range.as_range()).unwrap_or_default();
                for name in defined_names(body) {
                    counter.add(name, |counts| &mut counts.name);
                }
            }
            let is_test = chunk.kind == ChunkKind::Test || is_in_test_module(&chunk.qualified);
            let is_imports = chunk.kind == ChunkKind::Window
                && has_only_imports(text.get(chunk.range.as_range()).unwrap_or_default());
            units.push(Unit { chunk, n_words, is_test, is_imports });
            all_words.push(counter.finish());
        }
        let (folder, stem) = split_path(&path);
        let mut stem_words = Vec::new();
        words(stem, &mut |word| stem_words.push(word.to_owned()));
        let mut folder_words = Vec::new();
        words(folder, &mut |word| folder_words.push(word.to_owned()));
        let class = classify(&path, &text);
        Document { path, text, class, units, words: all_words, stem_words, folder_words }
    }
}

fn cut(path: &RelPath, text: &str) -> Vec<Chunk> {
    let Some(lang) = syntax::detect(path, text.lines().next()) else {
        return syntax::windows(text);
    };
    let mut chunks = syntax::chunks(lang, text);
    let gaps = syntax::gaps(text, &chunks);
    chunks.extend(gaps);
    chunks.sort_by_key(|chunk| (chunk.range.start, std::cmp::Reverse(chunk.range.end)));
    chunks
}

/// The bytes that each chunk speaks for: all of it, but what holds other definitions leaves their text to them.
fn own_text(chunks: &[Chunk]) -> Vec<Vec<(usize, usize)>> {
    let mut owned = Vec::with_capacity(chunks.len());
    for (idx, chunk) in chunks.iter().enumerate() {
        let mut parts = Vec::new();
        let mut from = chunk.range.start;
        if chunk.kind.is_container() {
            for inner in
                chunks[idx + 1..].iter().take_while(|inner| inner.range.start < chunk.range.end)
            {
                // Those inside of `inner` start before its end, so they change nothing.
                if from <= inner.range.start && inner.range.end <= chunk.range.end {
                    parts.push((from, inner.range.start));
                    from = inner.range.end;
                }
            }
        }
        parts.push((from, chunk.range.end));
        owned.push(parts);
    }
    owned
}

fn is_in_test_module(qualified: &str) -> bool {
    qualified.split("::").next().is_some_and(|outer| outer == "tests" || outer == "test")
}

/// Whether every line that starts at the margin brings names in, apart from comments and closing brackets.
fn has_only_imports(text: &str) -> bool {
    const IMPORTS: &[&str] = &[
        "import ",
        "import(",
        "from ",
        "use ",
        "pub use ",
        "#include",
        "package ",
        "require",
        "using ",
        "export * from",
    ];
    const OTHERS: &[&str] = &["//", "#", "/*", "*", ")", "}", "]"];
    let at_margin = text
        .trim_start_matches('\u{feff}')
        .lines()
        .filter(|line| !line.starts_with(char::is_whitespace));
    let mut said: Vec<&str> = at_margin.filter(|line| !line.is_empty()).collect();
    said.retain(|line| {
        IMPORTS.iter().any(|start| line.starts_with(start))
            || !OTHERS.iter().any(|start| line.starts_with(start))
    });
    let is_import = |line: &&str| {
        IMPORTS.iter().any(|start| line.starts_with(start))
            || (line.starts_with("const ") && line.contains("= require("))
    };
    !said.is_empty() && said.iter().all(is_import)
}

/// The folder with its separators, and the file's name up to its first dot past the start.
fn split_path(path: &RelPath) -> (&str, &str) {
    let name = path.file_name();
    let folder = path.as_str().strip_suffix(name).unwrap_or_default();
    (folder, name)
}

/// Counts the words of one chunk.
#[derive(Default)]
struct Counter {
    counts: HashMap<Box<str>, Counts, Fast>,
    n_words: u32,
}

impl Counter {
    fn add(&mut self, text: &str, field: fn(&mut Counts) -> &mut u8) {
        let Counter { counts, n_words } = self;
        words(text, &mut |word| {
            *n_words += 1;
            let counts = match counts.get_mut(word) {
                Some(counts) => counts,
                None => counts.entry(word.into()).or_default(),
            };
            let count = field(counts);
            *count = count.saturating_add(1);
        });
    }

    /// The words in alphabetical order, so that the same text always gives the same document.
    fn finish(self) -> Vec<(Box<str>, Counts)> {
        let mut list: Vec<_> = self.counts.into_iter().collect();
        list.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        list
    }
}

#[cfg(test)]
mod tests;
