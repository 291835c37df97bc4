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
        let Hit { path, chunk, text, reason, .. } = hit;
        let name_range = chunk.name_range(&text).unwrap_or(chunk.range);
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
