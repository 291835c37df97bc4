//! Definitions by name, as plain data: where each is, and where in it its name stands. The index finds them.

use base::{ByteRange, RelPath};
use index::{Hit, Index};
use syntax::ChunkKind;

/// So many are looked at for each one that is wanted, where only some kinds are.
const MORE: usize = 8;

/// Which definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolQuery {
    /// The name; also qualified, with `.`, `::` or `#`.
    pub name: String,
    /// How a definition's name may differ from it.
    pub like: Like,
    /// Only these kinds; all if there is none.
    pub kinds: Vec<ChunkKind>,
    /// At most this many.
    pub limit: usize,
}

/// How names may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Like {
    /// Written the same.
    Exact,
    /// Also in another case or with other separators, longer, or with the same words in it.
    Fuzzy,
    /// In any way: nobody has typed a name yet.
    Any,
}

/// A definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Symbol {
    /// The file.
    pub path: RelPath,
    /// What it is.
    pub kind: ChunkKind,
    /// Its own name.
    pub name: String,
    /// With the names around it.
    pub qualified: String,
    /// Up to its body, on one line.
    pub signature: String,
    /// First and last line, from 1.
    pub lines: (u32, u32),
    /// All of it, with its comments, as bytes of the file.
    pub range: ByteRange,
    /// Its name; all of it where the name does not stand in the text.
    pub name_range: ByteRange,
    /// What matched.
    pub reason: String,
}

impl SymbolQuery {
    /// Everything that is like `name`, at most `limit`.
    pub fn new(name: impl Into<String>, limit: usize) -> SymbolQuery {
        SymbolQuery { name: name.into(), like: Like::Fuzzy, kinds: Vec::new(), limit }
    }

    /// Definitions of whatever name, file by file, at most `limit`.
    pub fn any(limit: usize) -> SymbolQuery {
        SymbolQuery { like: Like::Any, ..SymbolQuery::new("", limit) }
    }

    pub(super) fn ask(&self, index: &Index) -> Vec<Symbol> {
        let count =
            if self.kinds.is_empty() { self.limit } else { self.limit.saturating_mul(MORE) };
        let own = self.name.trim().trim_end_matches("()");
        let own = own.rsplit(['.', ':', '#', '$']).next().unwrap_or(own);
        let found = match self.like {
            Like::Any => index.definitions(count),
            Like::Exact | Like::Fuzzy => index.symbols(&self.name, count),
        };
        found
            .into_iter()
            .filter(|hit| self.like != Like::Exact || hit.chunk.name == own)
            .filter(|hit| self.kinds.is_empty() || self.kinds.contains(&hit.chunk.kind))
            .take(self.limit)
            .map(Symbol::of)
            .collect()
    }
}

impl Symbol {
    fn of(hit: Hit) -> Symbol {
        let name_range = name_range(&hit);
        let Hit { path, chunk, reason, .. } = hit;
        Symbol {
            path,
            kind: chunk.kind,
            name: chunk.name,
            qualified: chunk.qualified,
            signature: chunk.signature,
            lines: chunk.lines,
            range: chunk.range,
            name_range,
            reason,
        }
    }
}

/// The kind in a word or two: `function`, `type alias`.
pub fn kind_name(kind: ChunkKind) -> &'static str {
    match kind {
        ChunkKind::Function => "function",
        ChunkKind::Method => "method",
        ChunkKind::Class => "class",
        ChunkKind::Struct => "struct",
        ChunkKind::Enum => "enum",
        ChunkKind::Trait => "trait",
        ChunkKind::Impl => "impl",
        ChunkKind::Interface => "interface",
        ChunkKind::TypeAlias => "type alias",
        ChunkKind::Module => "module",
        ChunkKind::Constant => "constant",
        ChunkKind::Macro => "macro",
        ChunkKind::Test => "test",
        ChunkKind::Window => "text",
    }
}

/// Where the name stands: first in the line that begins the definition, past comments and attributes.
fn name_range(hit: &Hit) -> ByteRange {
    let (chunk, text) = (&hit.chunk, hit.text.as_str());
    let first_word = chunk.signature.split(' ').next().unwrap_or_default();
    let mut head = 0;
    for line in text.split_inclusive('\n') {
        if !first_word.is_empty() && line.trim_start().starts_with(first_word) {
            break;
        }
        head += line.len();
    }
    let found = [head, 0].into_iter().find_map(|from| whole_word(text, &chunk.name, from));
    match found {
        Some(at) => {
            let start = chunk.range.start + at;
            ByteRange::new(start, start + chunk.name.len())
        }
        None => chunk.range,
    }
}

/// The first place from `from` on where `word` stands with no part of a word before or after it.
fn whole_word(text: &str, word: &str, from: usize) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let rest = text.get(from..).filter(|_| !word.is_empty())?;
    let found = rest.match_indices(word).find(|(at, _)| {
        let before = rest[..*at].chars().next_back();
        let after = rest[at + word.len()..].chars().next();
        let joins = |outer: Option<char>, inner: Option<char>| {
            outer.is_some_and(is_word) && inner.is_some_and(is_word)
        };
        !joins(before, word.chars().next()) && !joins(after, word.chars().next_back())
    });
    found.map(|(at, _)| from + at)
}

#[cfg(test)]
mod tests;
