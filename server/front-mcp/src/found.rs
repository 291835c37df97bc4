//! The results of looking things up, and the same in words.

use std::fmt::{Display, Formatter, Result};

use engine::{ContextPack, ContextPart, Hit, SearchResult, Searched, Symbol, SymbolResult};
use schemars::JsonSchema;
use serde::Serialize;

use crate::render::fenced;

/// What the answer is about.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct About {
    /// Whether all files were searched. If not, the index is still being built: ask again for more.
    pub(crate) complete: bool,
    /// The state of the workspace that was searched: it grows with every change. 0 before the first.
    pub(crate) revision: u64,
    /// Files that are not searched because they are binary, too large or not UTF-8.
    pub(crate) skipped_files: usize,
    /// What to know about this answer: how far the index is, paths that no file has, what of the question was left out.
    pub(crate) notes: Vec<String>,
}

impl About {
    fn new(searched: Searched) -> About {
        About {
            complete: searched.is_complete,
            revision: searched.revision.map_or(0, |revision| revision.0),
            skipped_files: searched.skipped.len(),
            notes: searched.notes,
        }
    }
}

impl Display for About {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for note in &self.notes {
            writeln!(f, "Note: {note}.")?;
        }
        if self.skipped_files > 0 {
            writeln!(f, "{} files are not searched.", self.skipped_files)?;
        }
        Ok(())
    }
}

/// Result of `search_code`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// Best first.
    pub(crate) hits: Vec<FoundHit>,
    /// What was searched.
    #[serde(flatten)]
    pub(crate) about: About,
}

/// One hit.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FoundHit {
    /// Relative to the workspace.
    pub(crate) path: String,
    /// Counted from 1.
    pub(crate) start_line: u32,
    /// Included.
    pub(crate) end_line: u32,
    /// `function`, `method`, `class`, ...; `text` for what is no definition.
    pub(crate) kind: &'static str,
    /// Qualified name of the function or class, or empty.
    pub(crate) name: String,
    /// What matched.
    pub(crate) reason: String,
    /// Comparable within this answer only.
    pub(crate) score: f32,
    /// The code, unsaved changes included.
    pub(crate) text: String,
}

impl Found {
    pub(crate) fn new(result: SearchResult) -> Found {
        let hit = |hit: Hit| FoundHit {
            path: hit.path.to_string(),
            start_line: hit.chunk.lines.0,
            end_line: hit.chunk.lines.1,
            kind: hit.chunk.kind.name(),
            name: hit.chunk.qualified,
            reason: hit.reason,
            score: hit.score,
            text: hit.text,
        };
        let hits = result.hits.into_iter().map(hit).collect();
        Found { hits, about: About::new(result.searched) }
    }
}

impl Display for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.hits.is_empty() {
            writeln!(f, "Nothing was found.")?;
        }
        for hit in &self.hits {
            let (path, start, end) = (&hit.path, hit.start_line, hit.end_line);
            writeln!(f, "{path}:{start}-{end} {} ({})", hit.name, hit.reason)?;
            writeln!(f, "{}\n", fenced(&hit.text))?;
        }
        self.about.fmt(f)
    }
}

/// Result of `get_context`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ContextFound {
    /// Best first.
    pub(crate) parts: Vec<FoundPart>,
    /// How many tokens the parts take in words; never more than asked for.
    pub(crate) tokens: usize,
    /// Hits that did not fit.
    pub(crate) left_out: usize,
    /// What was searched.
    #[serde(flatten)]
    pub(crate) about: About,
    /// As a model is given it.
    #[serde(skip)]
    words: String,
}

/// One piece of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FoundPart {
    /// Relative to the workspace.
    pub(crate) path: String,
    /// Counted from 1.
    pub(crate) start_line: u32,
    /// Included.
    pub(crate) end_line: u32,
    /// Qualified name of the function or class, or empty.
    pub(crate) name: String,
    /// What matched, and whether lines were left out.
    pub(crate) reason: String,
    /// The code, unsaved changes included.
    pub(crate) text: String,
}

impl ContextFound {
    pub(crate) fn new(pack: ContextPack, searched: Searched) -> ContextFound {
        let words = pack.render();
        let part = |part: ContextPart| FoundPart {
            path: part.path.to_string(),
            start_line: part.lines.0,
            end_line: part.lines.1,
            name: part.name,
            reason: part.reason,
            text: part.text,
        };
        ContextFound {
            tokens: pack.tokens.0,
            left_out: pack.left_out,
            parts: pack.parts.into_iter().map(part).collect(),
            about: About::new(searched),
            words,
        }
    }
}

impl Display for ContextFound {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.parts.is_empty() {
            writeln!(f, "Nothing was found.")?;
        }
        f.write_str(&self.words)?;
        if self.left_out > 0 {
            writeln!(f, "{} more places did not fit; search_code lists them.", self.left_out)?;
        }
        self.about.fmt(f)
    }
}

/// Result of `find_symbol`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SymbolsFound {
    /// Best first.
    pub(crate) symbols: Vec<FoundSymbol>,
    /// What was searched.
    #[serde(flatten)]
    pub(crate) about: About,
}

/// One definition.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FoundSymbol {
    /// Relative to the workspace.
    pub(crate) path: String,
    /// Counted from 1; of its comments, where it has some.
    pub(crate) start_line: u32,
    /// Included.
    pub(crate) end_line: u32,
    /// `function`, `method`, `class`, ...
    pub(crate) kind: &'static str,
    /// Its name with the names around it.
    pub(crate) name: String,
    /// Up to its body, on one line.
    pub(crate) signature: String,
    /// How its name matched.
    pub(crate) reason: String,
}

impl SymbolsFound {
    pub(crate) fn new(result: SymbolResult) -> SymbolsFound {
        let symbol = |symbol: Symbol| FoundSymbol {
            path: symbol.path.to_string(),
            start_line: symbol.lines.0,
            end_line: symbol.lines.1,
            kind: symbol.kind.name(),
            name: symbol.qualified,
            signature: symbol.signature,
            reason: symbol.reason,
        };
        let symbols = result.symbols.into_iter().map(symbol).collect();
        SymbolsFound { symbols, about: About::new(result.searched) }
    }
}

impl Display for SymbolsFound {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.symbols.is_empty() {
            writeln!(f, "Nothing was found.")?;
        }
        for symbol in &self.symbols {
            let (path, start, end) = (&symbol.path, symbol.start_line, symbol.end_line);
            let (kind, name) = (symbol.kind, &symbol.name);
            writeln!(f, "{path}:{start}-{end} {kind} {name} ({})", symbol.reason)?;
            writeln!(f, "    {}", symbol.signature)?;
        }
        self.about.fmt(f)
    }
}
