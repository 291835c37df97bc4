//! One file as the index keeps it: its chunks and the words in each of them.
//! It is pure: text in, document out; `segment` puts it among the others.

use std::collections::HashMap;

use base::{ContentHash, RelPath};
use syntax::{Chunk, ChunkKind, Cut, Ref};

use crate::checksum::checksum;
use crate::classify::{Class, classify, is_for_programs, is_minified};
use crate::crew::Crew;
use crate::definers::defined_names;
use crate::embed::{self, EmbedError, Embedder, Text};
use crate::hash::Fast;
use crate::vector::RowsBuf;
use crate::words::{Buffers, chains, words, words_of_chain};

/// Grows whenever the same text gives another document: what was saved before is made again then.
const CUT_VERSION: u32 = 3;

/// A word stands in a unit, however often, for about so many bytes of text.
const BYTES_PER_COUNTED: usize = 16;

/// A file has about one word for so many bytes that it had not before; in most, more.
const BYTES_PER_WORD: usize = 64;

/// How often a word stands in each part of a chunk. `body` counts the whole text of the chunk, so a word in the name
/// counts in both; large counts stop at 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) name: u8,
    pub(crate) signature: u8,
    pub(crate) doc: u8,
    pub(crate) body: u8,
}

/// A word in a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Its place in `Document::words`.
    pub(crate) word: u32,
    pub(crate) unit: u32,
    pub(crate) counts: Counts,
}

/// A file, cut and counted. It lives until it is in a segment.
pub(crate) struct Document {
    pub(crate) path: RelPath,
    pub(crate) hash: ContentHash,
    pub(crate) text_len: u32,
    /// [`checksum`] of the text: quicker to compare than the hash.
    pub(crate) text_sum: u64,
    /// [`language_mark`].
    pub(crate) language: u32,
    pub(crate) class: Class,
    /// Definitions and windows, sorted by start, outer ones first.
    pub(crate) units: Vec<Unit>,
    /// Each word once.
    pub(crate) words: Vec<Box<str>>,
    /// Where the words stand, unit by unit.
    pub(crate) counts: Vec<Counted>,
    pub(crate) refs: Refs,
    pub(crate) path_words: PathWords,
    /// A row for each unit; `None` without an embedder, or if it failed.
    pub(crate) vectors: Option<RowsBuf>,
    /// Embedders read it; without, its rows are zeros.
    is_meant: bool,
}

/// The names that units refer to.
#[derive(Debug, Default)]
pub(crate) struct Refs {
    /// Each once, sorted.
    names: Vec<Box<str>>,
    /// Place in `names`, and the unit; sorted.
    places: Vec<(u32, u32)>,
}

impl Refs {
    fn of(refs: &[Ref<'_>]) -> Refs {
        let mut all = Refs::default();
        for (number, same) in (0..).zip(refs.chunk_by(|a, b| a.name == b.name)) {
            all.names.push(same[0].name.into());
            all.places.extend(same.iter().map(|found| (number, found.chunk as u32)));
        }
        all
    }

    /// Each name with each unit that refers to it.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, u32)> {
        self.places.iter().map(|(name, unit)| (&*self.names[*name as usize], *unit))
    }
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
    pub(crate) fn new(path: RelPath, hash: ContentHash, text: &str) -> Document {
        let cut = cut(&path, text);
        let counted = count(&cut.chunks, text);
        Document::of(path, hash, text, (cut, counted))
    }

    /// With vectors; an error of the embedder comes with a document that has none. `crew`: helps with it.
    pub(crate) fn embedded(
        path: RelPath,
        hash: ContentHash,
        text: &str,
        embedder: &dyn Embedder,
        crew: &Crew,
    ) -> (Document, Option<EmbedError>) {
        let cut = cut(&path, text);
        // What takes longer comes first: the caller begins with it, and waits for less.
        let (vectors, counted) = crew.both(
            || {
                let mut numbers = vec![0.0; cut.chunks.len() * embedder.dim()];
                if !is_for_programs(&path, text) {
                    let texts: Vec<Text<'_>> = texts(&path, &cut.chunks, text).collect();
                    embedder.embed_all(&texts, &mut numbers)?;
                }
                Ok(rows(embedder.dim(), &numbers))
            },
            || count(&cut.chunks, text),
        );
        let mut doc = Document::of(path, hash, text, (cut, counted));
        match vectors {
            Ok(vectors) => {
                doc.vectors = Some(vectors);
                (doc, None)
            }
            Err(error) => (doc, Some(error)),
        }
    }

    fn of(
        path: RelPath,
        hash: ContentHash,
        text: &str,
        (cut, counted): (Cut<'_>, AllCounted),
    ) -> Document {
        let unit = |(chunk, shown)| {
            let Shown { n_words, is_test, is_imports } = shown;
            Unit { chunk, n_words, is_test, is_imports }
        };
        Document {
            hash,
            text_len: u32::try_from(text.len()).unwrap_or(u32::MAX),
            text_sum: checksum(text.as_bytes()),
            language: language_mark(&path, text),
            class: classify(&path, text),
            units: cut.chunks.into_iter().zip(counted.shown).map(unit).collect(),
            counts: counted.counts,
            words: counted.words,
            refs: Refs::of(&cut.refs),
            path_words: PathWords::of(&path),
            vectors: None,
            is_meant: !is_for_programs(&path, text),
            path,
        }
    }

    /// The units that embedders read.
    pub(crate) fn meant(&self) -> &[Unit] {
        if self.is_meant { &self.units } else { &[] }
    }

    /// What an embedder reads of each of them. `text`: the file's.
    pub(crate) fn texts<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Text<'a>> {
        texts(&self.path, self.meant().iter().map(|unit| &unit.chunk), text)
    }

    /// Fills `vectors` with the first of the numbers, which are those of its texts, one vector after the other; returns
    /// the others.
    pub(crate) fn take_vectors<'n>(&mut self, dim: usize, numbers: &'n [f32]) -> &'n [f32] {
        let n_numbers = self.units.len() * dim;
        if !self.is_meant {
            self.vectors = Some(rows(dim, &vec![0.0; n_numbers]));
            return numbers;
        }
        let (own, others) = numbers.split_at(n_numbers);
        self.vectors = Some(rows(dim, own));
        others
    }
}

fn texts<'a>(
    path: &'a RelPath,
    chunks: impl IntoIterator<Item = &'a Chunk>,
    text: &'a str,
) -> impl Iterator<Item = Text<'a>> {
    chunks.into_iter().map(move |chunk| Text::Chunk {
        path: path.as_str(),
        qualified: &chunk.qualified,
        signature: &chunk.signature,
        doc: chunk.doc.as_deref().unwrap_or_default(),
        body: text.get(chunk.range.as_range()).unwrap_or_default(),
    })
}

fn rows(dim: usize, numbers: &[f32]) -> RowsBuf {
    let mut rows = RowsBuf::new(dim);
    for vector in numbers.chunks_exact(dim) {
        rows.push(vector);
    }
    rows
}

/// The words of all chunks of a file.
struct AllCounted {
    shown: Vec<Shown>,
    words: Vec<Box<str>>,
    counts: Vec<Counted>,
}

/// What the text of a chunk shows; see [`Unit`].
struct Shown {
    n_words: u32,
    is_test: bool,
    is_imports: bool,
}

fn count(chunks: &[Chunk], text: &str) -> AllCounted {
    let mut shown = Vec::with_capacity(chunks.len());
    let mut counter = Counter::new(text.len());
    for (chunk, own) in chunks.iter().zip(own_text(chunks)) {
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
        counter.finish_unit(shown.len() as u32);
        shown.push(Shown { n_words, is_test, is_imports });
    }
    let Counter { ids, found, .. } = counter;
    AllCounted { shown, words: in_order(ids), counts: found }
}

/// Tells documents apart that would be cut differently, although their text is the same.
pub(crate) fn language_mark(path: &RelPath, text: &str) -> u32 {
    let lang = syntax::detect(path, Some(text));
    lang.map_or(0, |lang| checksum(lang.id.as_bytes()) as u32 | 1)
}

/// Tells what a text is cut and counted with: this code, and the data of all languages.
pub(crate) fn recipe() -> u64 {
    let mut all = format!("{CUT_VERSION} {} {}", env!("CARGO_PKG_VERSION"), embed::paths::id());
    for lang in syntax::languages::ALL {
        all.extend(["\0", lang.id, "\0", lang.chunk_query, "\0", lang.refs_query, "\0"]);
        all.extend(lang.extensions.iter().chain(lang.file_names).chain(lang.shebangs).copied());
    }
    checksum(all.as_bytes())
}

/// The pieces of a file. Minified code is cut into windows: its names are no names, and to parse it takes long.
pub(crate) fn cut<'a>(path: &RelPath, text: &'a str) -> Cut<'a> {
    match syntax::detect(path, Some(text)) {
        Some(lang) if !is_minified(text) => syntax::cut(lang, text),
        _ => Cut { chunks: syntax::windows(text), refs: Vec::new() },
    }
}

/// The words of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PathWords {
    /// Those of the file's own name.
    stem: Vec<String>,
    folders: Vec<String>,
}

impl PathWords {
    pub(crate) fn of(path: &RelPath) -> PathWords {
        let mut all = PathWords::default();
        let (folder, stem) = split_path(path);
        words(stem, &mut |word| all.stem.push(word.to_owned()));
        words(folder, &mut |word| all.folders.push(word.to_owned()));
        all
    }

    /// Each word, and whether it is one of the file's own name; those come first.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, bool)> {
        let stem = self.stem.iter().map(|word| (word.as_str(), true));
        stem.chain(self.folders.iter().map(|word| (word.as_str(), false)))
    }
}

/// The bytes that each chunk speaks for: all of it, but what holds other definitions leaves their text to them.
fn own_text(chunks: &[Chunk]) -> Vec<Vec<(usize, usize)>> {
    let mut owned = Vec::with_capacity(chunks.len());
    for (idx, chunk) in chunks.iter().enumerate() {
        let mut parts = Vec::new();
        let mut from = chunk.range.start;
        if chunk.kind.is_container() {
            let mut rest = &chunks[idx + 1..];
            while let Some((inner, after)) = rest.split_first()
                && inner.range.start < chunk.range.end
            {
                rest = after;
                if from <= inner.range.start && inner.range.end <= chunk.range.end {
                    parts.push((from, inner.range.start));
                    from = inner.range.end;
                    // Those inside of `inner` change nothing, and are not looked at: where they are nested, they are many.
                    rest = &rest[rest.partition_point(|next| next.range.start < from)..];
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

/// Counts the words of a document, chunk by chunk.
#[derive(Default)]
struct Counter<'t> {
    ids: HashMap<Box<str>, u32, Fast>,
    /// Names come again and again: for each the place of its words in `cut`.
    chains: HashMap<&'t str, (u32, u32), Fast>,
    cut: Vec<u32>,
    buffers: Buffers,
    /// For each word its counts in the present chunk.
    counts: Vec<Counts>,
    /// Words of the present chunk.
    here: Vec<u32>,
    found: Vec<Counted>,
    /// Words in the present chunk, repeated ones each time.
    n_words: u32,
}

impl<'t> Counter<'t> {
    /// For about so many bytes of text.
    fn new(len: usize) -> Counter<'t> {
        let room = len / BYTES_PER_WORD;
        Counter {
            found: Vec::with_capacity(len / BYTES_PER_COUNTED),
            ids: HashMap::with_capacity_and_hasher(room, Fast::default()),
            chains: HashMap::with_capacity_and_hasher(room, Fast::default()),
            ..Counter::default()
        }
    }

    /// Of the document's own text, or of what is kept as long.
    fn add(&mut self, text: &'t str, field: fn(&mut Counts) -> &mut u8) {
        chains(text, &mut |chain| {
            let (start, end) = match self.chains.get(chain) {
                Some(place) => *place,
                None => self.cut(chain),
            };
            self.n_words += end - start;
            for id in &self.cut[start as usize..end as usize] {
                let counts = &mut self.counts[*id as usize];
                if *counts == Counts::default() {
                    self.here.push(*id);
                }
                let count = field(counts);
                *count = count.saturating_add(1);
            }
        });
    }

    #[cold]
    fn cut(&mut self, chain: &'t str) -> (u32, u32) {
        let Counter { ids, cut, counts, .. } = self;
        let start = cut.len() as u32;
        words_of_chain(chain, &mut self.buffers, &mut |word| {
            cut.push(match ids.get(word) {
                Some(id) => *id,
                None => {
                    let id = ids.len() as u32;
                    ids.insert(word.into(), id);
                    counts.push(Counts::default());
                    id
                }
            });
        });
        let place = (start, cut.len() as u32);
        self.chains.insert(chain, place);
        place
    }

    fn finish_unit(&mut self, unit: u32) {
        for word in self.here.drain(..) {
            let counts = std::mem::take(&mut self.counts[word as usize]);
            self.found.push(Counted { word, unit, counts });
        }
        self.n_words = 0;
    }
}

/// The words, each at its number.
fn in_order(ids: HashMap<Box<str>, u32, Fast>) -> Vec<Box<str>> {
    let mut words = vec![Box::default(); ids.len()];
    for (word, id) in ids {
        words[id as usize] = word;
    }
    words
}

#[cfg(test)]
mod tests;
