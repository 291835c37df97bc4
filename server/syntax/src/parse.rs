//! Parses text within a limit of size and time, so that no file can hang or exhaust the caller.
//! It interprets nothing: `chunks` and `errors` read the tree.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use crate::language::Language;

/// The longest text that is parsed, in bytes.
pub const MAX_LEN: usize = 2 * 1024 * 1024;

/// The longest time that parsing one file, or reading its tree, may take.
pub const MAX_TIME: Duration = Duration::from_secs(3);

/// Why there is no answer about a text. It never means that the text is good or bad.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is longer than [`MAX_LEN`].
    #[error("{len} bytes is too long to parse; the limit is {MAX_LEN}")]
    TooLarge {
        /// Length of the text, in bytes.
        len: usize,
    },
    /// Parsing took longer than [`MAX_TIME`].
    #[error("parsing was given up after {} s", MAX_TIME.as_secs())]
    Timeout,
}

/// The moment after which work on a file stops.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// [`MAX_TIME`] from now.
    pub(crate) fn start() -> Self {
        Self(Instant::now() + MAX_TIME)
    }

    /// A deadline `time_ms` from now.
    #[cfg(test)]
    pub(crate) fn after(time_ms: u64) -> Self {
        Self(Instant::now() + Duration::from_millis(time_ms))
    }

    pub(crate) fn check(self) -> ControlFlow<()> {
        if self.0 <= Instant::now() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// A tree, and the text that the grammar saw.
pub(crate) struct Parsed<'a> {
    pub(crate) tree: Tree,
    /// The text itself, but for what the language hides ([`Language::mask`]); all offsets are the same.
    pub(crate) seen: Cow<'a, str>,
}

/// Parses `text`; broken text gives a tree with error nodes.
pub(crate) fn parse<'a>(
    lang: &Language,
    text: &'a str,
    deadline: Deadline,
) -> Result<Parsed<'a>, Error> {
    let seen = seen(lang, text)?;
    let tree = tree(lang, &seen, None, deadline)?;
    Ok(Parsed { tree, seen })
}

/// What the grammar is to see of a text that is not too long.
pub(crate) fn seen<'a>(lang: &Language, text: &'a str) -> Result<Cow<'a, str>, Error> {
    if MAX_LEN < text.len() {
        return Err(Error::TooLarge { len: text.len() });
    }
    let masked = lang.mask.and_then(|mask| mask(text)).filter(|masked| masked.len() == text.len());
    Ok(masked.map_or(Cow::Borrowed(text), Cow::Owned))
}

/// `old`: the tree of an earlier text, with all that has changed since told to it.
pub(crate) fn tree(
    lang: &Language,
    seen: &str,
    old: Option<&Tree>,
    deadline: Deadline,
) -> Result<Tree, Error> {
    let mut parser = Parser::new();
    parser
        .set_language(&lang.grammar.into())
        .expect("the grammars are of versions that this tree-sitter accepts");
    let bytes = seen.as_bytes();
    let mut progress = |_: &ParseState| deadline.check();
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser
        .parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), old, Some(options))
        .ok_or(Error::Timeout)
}
