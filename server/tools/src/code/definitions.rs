//! Definitions by name, from the syntax of the files as they are. What a name means in a program is not known here.

use std::fmt;

use base::{ByteRange, RelPath, Text};
use syntax::{ChunkKind, chunks, detect, words};
use tokio_util::sync::CancellationToken;
use vfs::Snapshot;

use super::address::position;

/// What stands between a name and those around it, in whatever language.
const SEPARATORS: [char; 5] = ['.', ':', '#', '/', '\\'];
/// Files that stand for their folder.
const OF_FOLDERS: [&str; 5] = ["__init__", "index", "lib", "main", "mod"];

/// A definition, and where its name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The file.
    pub path: RelPath,
    /// What it is.
    pub kind: ChunkKind,
    /// Its name with those around it, as the language joins them.
    pub qualified: String,
    /// Its name, in bytes; where it begins, where the name does not stand in the text.
    pub range: ByteRange,
    /// Of the name, from 1.
    pub line: u32,
    /// Of the name, in characters from 1.
    pub column: u32,
    /// The last line of all of it.
    pub end_line: u32,
}

impl fmt::Display for Definition {
    /// `src/cart.py:5:9 method Cart.total`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Definition { path, line, column, qualified, .. } = self;
        write!(f, "{path}:{line}:{column} {} {qualified}", self.kind.name())
    }
}

impl Definition {
    /// Whether it ends with these names: its own, those around it, its file's and its folders'.
    pub(super) fn is_called(&self, wanted: &[&str]) -> bool {
        let own = parts(&self.qualified);
        match wanted.len().checked_sub(own.len()) {
            None | Some(0) => own.ends_with(wanted),
            Some(around) => wanted[around..] == own && is_of(&self.path, &wanted[..around]),
        }
    }
}

/// Whether a file is what `names` say: its folders, with its own name or without.
fn is_of(path: &RelPath, names: &[&str]) -> bool {
    let names = names.strip_prefix(&["crate"]).unwrap_or(names);
    let mut folders: Vec<&str> = path.parts().collect();
    folders.pop();
    if folders.ends_with(names) {
        return true;
    }
    if OF_FOLDERS.contains(&path.stem()) {
        return false;
    }
    folders.push(path.stem());
    folders.ends_with(names)
}

/// The names of which a name is made, outermost first.
pub(super) fn parts(name: &str) -> Vec<&str> {
    let name = name.trim().trim_end_matches("()");
    name.split(SEPARATORS).filter(|part| !part.is_empty()).collect()
}

/// What is defined in a text, in order.
pub(super) fn definitions_in(path: &RelPath, text: &str) -> Vec<Definition> {
    let Some(language) = detect(path, Some(text)) else { return Vec::new() };
    let lines = Text::new(text);
    let found = chunks(language, text).into_iter();
    // An `impl` is named for its type, which is defined elsewhere.
    let found = found.filter(|chunk| !matches!(chunk.kind, ChunkKind::Impl | ChunkKind::Window));
    found
        .map(|chunk| {
            let own = &text[chunk.range.as_range()];
            let range = chunk.name_range(own).unwrap_or(ByteRange::at(chunk.range.start));
            let (line, column) = position(text, &lines, range.start);
            let (path, kind, end_line) = (path.clone(), chunk.kind, chunk.lines.1);
            Definition { path, kind, qualified: chunk.qualified, range, line, column, end_line }
        })
        .collect()
}

/// What is called `own`, in whatever; sorted by file and place. `files`: where to look, else everywhere.
pub(super) fn named(
    snapshot: &Snapshot,
    own: &str,
    files: Option<&[RelPath]>,
    cancel: &CancellationToken,
) -> Vec<Definition> {
    let mut found = Vec::new();
    let mut look = |path: &RelPath| {
        let Ok(text) = snapshot.read(path) else { return };
        if text.contains(own) {
            let defined = definitions_in(path, &text).into_iter();
            found.extend(defined.filter(|it| parts(&it.qualified).last() == Some(&own)));
        }
    };
    match files {
        Some(files) => files.iter().for_each(&mut look),
        None => {
            let files = snapshot.files().map(|file| &file.path);
            files.take_while(|_| !cancel.is_cancelled()).for_each(&mut look);
        }
    }
    found
}

/// Where `word` stands in the files of a language and those that are served with it; sorted by file and place.
pub(super) fn occurrences(
    snapshot: &Snapshot,
    word: &str,
    language: &str,
    cancel: &CancellationToken,
) -> Vec<(RelPath, usize)> {
    let mut found = Vec::new();
    for file in snapshot.files().take_while(|_| !cancel.is_cancelled()) {
        let Ok(text) = snapshot.read(&file.path) else { continue };
        if !text.contains(word) {
            continue;
        }
        let is_alike = detect(&file.path, Some(&text)).is_some_and(|it| are_alike(it.id, language));
        if is_alike {
            found.extend(words(&text, word).map(|at| (file.path.clone(), at)));
        }
    }
    found
}

/// Whether two languages are one or have a server that serves both.
fn are_alike(one: &str, other: &str) -> bool {
    one == other || lsp::servers::of_language(one).any(|server| server.languages.contains(&other))
}
