//! Patterns over syntax trees, written as tree-sitter's queries are, as far as this crate's own use them. tree-sitter's engine
//! finds out about each pattern in each state of the grammar when it compiles them, up to 0.7 s a language, and its
//! matching took as long as half of the parsing; nothing here needs what it finds out. The tests hold both against each other.
//! What a capture means is `chunks`' part.
//!
//! There are nodes, anonymous ones, `_` and `(_)`, fields, alternatives, captures, `.` in front of and behind children, `?` behind
//! a child, and `#eq?`, `#any-of?`, `#match?`, their opposites and `#set!` with constants. Whatever else is written is refused.

mod matching;
mod read;

use std::collections::HashSet;
use std::num::NonZeroU16;

use regex::Regex;

/// The patterns of one language. `C`: what their captures mean.
pub(crate) struct Patterns<C> {
    all: Vec<Pattern<C>>,
    /// For each kind of node, the patterns with such a node at their root, in their order.
    by_kind: Vec<Vec<usize>>,
    /// The same for kinds that have none of their own.
    of_any_kind: Vec<usize>,
}

struct Pattern<C> {
    root: Step<C>,
    settings: Vec<Setting>,
}

/// `(#set! key value)`.
pub(crate) struct Setting {
    pub(crate) key: String,
    pub(crate) value: Option<String>,
}

/// What a node must be like.
struct Step<C> {
    shape: Shape<C>,
    captures: Vec<C>,
    /// What its text must be like; checked at once, because each concerns one capture only.
    checks: Vec<Check>,
}

enum Shape<C> {
    OneOf(Vec<Step<C>>),
    Node {
        kind: Kind,
        /// In their order, with others between them.
        children: Vec<Child<C>>,
        /// No named node comes behind the last of them.
        is_to_end: bool,
    },
}

/// Never an error, as nothing can be said of one.
#[derive(Clone, Copy)]
enum Kind {
    Any,
    Named,
    Id(u16),
}

struct Child<C> {
    step: Step<C>,
    field: Option<NonZeroU16>,
    /// Only anonymous nodes stand between it and what is in front of it.
    is_next: bool,
    is_optional: bool,
    /// Whichever of several nodes fits says the same.
    is_mute: bool,
}

#[derive(Clone)]
enum Check {
    OneOf { texts: HashSet<String>, is_wanted: bool },
    Matches { regex: Regex, is_wanted: bool },
}

/// Why a text is no list of patterns.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct PatternError {
    /// From 1.
    line: usize,
    what: String,
}

impl<C: Copy> Patterns<C> {
    /// Reads `text` for a grammar. `capture`: what a capture of that name means; names that begin with `_` are for checks only.
    ///
    /// # Errors
    /// [`PatternError`]: a kind or field that the grammar does not have, a capture that means nothing, or what the module's
    /// documentation does not name.
    pub(crate) fn new(
        grammar: &tree_sitter::Language,
        text: &str,
        capture: &dyn Fn(&str) -> Option<C>,
    ) -> Result<Patterns<C>, PatternError> {
        let all = read::patterns(grammar, text, capture)?;
        let roots: Vec<Vec<Kind>> = all.iter().map(|pattern| kinds(&pattern.root)).collect();
        let with = |is_root: &dyn Fn(Kind) -> bool| -> Vec<usize> {
            (0..all.len()).filter(|idx| roots[*idx].iter().any(|kind| is_root(*kind))).collect()
        };
        let is_any = |kind: Kind| !matches!(kind, Kind::Id(_));
        let n_kinds = grammar.node_kind_count();
        let by_kind = (0..n_kinds).map(|id| {
            with(&|kind| is_any(kind) || matches!(kind, Kind::Id(own) if usize::from(own) == id))
        });
        Ok(Patterns { by_kind: by_kind.collect(), of_any_kind: with(&is_any), all })
    }
}

/// What a node can be that fits.
fn kinds<C>(step: &Step<C>) -> Vec<Kind> {
    match &step.shape {
        Shape::OneOf(steps) => steps.iter().flat_map(kinds).collect(),
        Shape::Node { kind, .. } => vec![*kind],
    }
}

impl Check {
    fn holds(&self, text: &str) -> bool {
        match self {
            Check::OneOf { texts, is_wanted } => texts.contains(text) == *is_wanted,
            Check::Matches { regex, is_wanted } => regex.is_match(text) == *is_wanted,
        }
    }
}

#[cfg(test)]
mod tests;
