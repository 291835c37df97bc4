//! Places in the code for people and models: by file, with the line's text and the definition around them; a part of them at a time.

use std::collections::BTreeMap;

use base::{RelPath, Text};
use schemars::JsonSchema;
use serde::Serialize;
use syntax::{Chunk, ChunkKind, chunks, detect};
use vfs::Snapshot;

use super::address::position;
use super::{Code, bounded, scan};

/// So much of a line is told, in characters.
const LINE: usize = 200;

/// Which of many things are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// So many are passed over.
    pub skip: usize,
    /// So many are told.
    pub limit: usize,
}

/// Places, by file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Places {
    /// How many there are in all.
    pub total: usize,
    /// How many follow after these.
    pub more: usize,
    /// Sorted by path.
    pub files: Vec<FilePlaces>,
}

/// The places in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FilePlaces {
    /// The file, relative to the workspace.
    pub path: RelPath,
    /// In order.
    pub places: Vec<Place>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// The line, without the space around it; a long one is cut.
    pub text: String,
    /// The definition that it lies in, with the names around it.
    pub within: Option<String>,
}

impl Code {
    /// The places at these offsets.
    pub(super) async fn places(
        &self,
        found: Vec<(RelPath, usize)>,
        part: Part,
    ) -> Result<Places, String> {
        let snapshot = self.snapshot.clone();
        scan(move |_| places(&snapshot, found, part)).await
    }
}

fn places(snapshot: &Snapshot, mut found: Vec<(RelPath, usize)>, part: Part) -> Places {
    found.sort();
    found.dedup();
    let total = found.len();
    let told = found.into_iter().skip(part.skip).take(part.limit);
    let mut by_file: BTreeMap<RelPath, Vec<usize>> = BTreeMap::new();
    for (path, at) in told {
        by_file.entry(path).or_default().push(at);
    }
    let count: usize = by_file.values().map(Vec::len).sum();
    let files = by_file.into_iter().map(|(path, offsets)| {
        let places = in_file(snapshot, &path, &offsets);
        FilePlaces { path, places }
    });
    let more = total.saturating_sub(part.skip).saturating_sub(count);
    Places { total, more, files: files.collect() }
}

fn in_file(snapshot: &Snapshot, path: &RelPath, offsets: &[usize]) -> Vec<Place> {
    let Ok(text) = snapshot.read(path) else { return Vec::new() };
    let lines = Text::new(&text);
    let chunks = detect(path, Some(&text)).map_or(Vec::new(), |language| chunks(language, &text));
    let place = |at: &usize| {
        let (line, column) = position(&text, &lines, *at);
        let of_line = lines.line_text(line as usize - 1);
        let of_line = of_line.trim_start_matches('\u{feff}').trim();
        Place { line, column, text: bounded(of_line, LINE), within: within(&chunks, *at) }
    };
    offsets.iter().map(place).collect()
}

/// The name of the innermost definition around an offset.
fn within(chunks: &[Chunk], at: usize) -> Option<String> {
    let is_around = |chunk: &&Chunk| chunk.kind != ChunkKind::Window && chunk.range.contains(at);
    // An outer one comes before those inside of it.
    let innermost = chunks.iter().rfind(is_around)?;
    Some(innermost.qualified.clone())
}
