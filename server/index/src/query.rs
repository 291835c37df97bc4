//! A search request, and what its text asks for: words, names, and which kinds of files.
//! It is read without a model; a model may write the text before it comes here.

pub(crate) mod vector;

use std::collections::{BTreeMap, BTreeSet};

use base::RelPath;

use crate::weights;
use crate::words::{fold, words};

/// A query's words past this many are left out; those of its title are kept, then the rarest: issue texts and stack
/// traces can be long.
const MAX_WORDS: usize = 32;

/// Words past this many are not even rated.
const MAX_RATED: usize = 4_096;

/// Names in a query past this many are left out.
const MAX_NAMES: usize = 32;

/// What to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// A question, a task, some words or a name.
    pub text: String,
    /// At most this many hits.
    pub limit: usize,
    /// Only files that match one of these, all files if there is none. A glob without `/` matches file names
    /// anywhere; text without wildcards is a file or a folder; a leading `!` excludes.
    pub paths: Vec<String>,
    /// Files that the caller knows to matter: named by a failure, a diagnostic or the selection.
    pub boost: Vec<RelPath>,
    /// Leaves out what says nothing that a better hit has not said: copies, and what is nearly one.
    pub distinct: bool,
}

impl Query {
    /// A query for `text` with the usual limit of 20 hits.
    pub fn new(text: impl Into<String>) -> Query {
        Query {
            text: text.into(),
            limit: 20,
            paths: Vec::new(),
            boost: Vec::new(),
            distinct: false,
        }
    }
}

/// The first line of a query, if more follows: it sums up the rest, as in an issue or a commit.
pub(crate) fn title(text: &str) -> Option<&str> {
    let (title, rest) = text.trim_start().split_once('\n')?;
    (!rest.trim().is_empty()).then_some(title)
}

/// What a query's text says.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Each word once, in order of appearance, with its weight.
    pub(crate) words: Vec<(String, f32)>,
    /// So many of them stand in the text; the others are made of neighbours.
    pub(crate) n_said: usize,
    /// The text is one name and nothing else.
    pub(crate) is_name: bool,
    /// Words of the text that are written like names in code.
    pub(crate) names: Vec<Name>,
    pub(crate) tests: bool,
    pub(crate) docs: bool,
    pub(crate) examples: bool,
    pub(crate) data: bool,
}

/// A name in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// As written, without what it is qualified with.
    pub(crate) written: String,
    /// [`fold`] of `written`.
    pub(crate) folded: String,
    /// What stands in front of it, folded, each once, in no order: `["outer"]` for `Outer::inner`. All of it is looked up
    /// around each definition of the name, however often the query says it.
    pub(crate) around: Vec<String>,
}

impl Wanted {
    /// `frequency`: how often a word is in the index; `usize::MAX` for one that is not. It may fail.
    pub(crate) fn of<E>(
        text: &str,
        frequency: &dyn Fn(&str) -> Result<usize, E>,
    ) -> Result<Wanted, E> {
        let mut in_title = BTreeSet::new();
        words(title(text).unwrap_or_default(), &mut |word| {
            in_title.insert(word.to_owned());
        });
        let mut counts: BTreeMap<String, (usize, u32)> = BTreeMap::new();
        let mut in_order = Vec::new();
        words(text, &mut |word| in_order.push(word.to_owned()));
        for (position, word) in in_order.iter().enumerate() {
            counts.entry(word.clone()).or_insert((position, 0)).1 += 1;
        }
        let asks = |names: &[&str]| names.iter().any(|name| counts.contains_key(*name));
        let tests = asks(&["test", "unittest", "pytest", "testcase"]);
        let docs =
            asks(&["doc", "docs", "documentation", "readme", "changelog", "tutorial", "guide"]);
        let examples = asks(&["example", "sample", "demo", "benchmark", "bench"]);
        let data = asks(&["config", "configuration", "yaml", "toml", "workflow", "manifest"]);
        let mut list: Vec<(String, usize, u32)> =
            counts.into_iter().map(|(word, (first, count))| (word, first, count)).collect();
        if MAX_WORDS < list.len() {
            // In a text of a megabyte, not even each word is looked up.
            list.sort_by_key(|(_, first, _)| *first);
            list.truncate(MAX_RATED);
            let mut rated = Vec::with_capacity(list.len());
            for one in list {
                rated.push((frequency(&one.0)?, one));
            }
            rated.sort_by_key(|(frequency, (word, first, _))| {
                (!in_title.contains(word), *frequency, *first)
            });
            rated.truncate(MAX_WORDS);
            list = rated.into_iter().map(|(_, one)| one).collect();
        }
        list.sort_by_key(|(_, first, _)| *first);
        let weight = |word: &str, count: u32| {
            let place = if in_title.contains(word) { weights::TITLE } else { 1.0 };
            place * (1.0 + (count as f32).ln())
        };
        let mut words: Vec<(String, f32)> = list
            .into_iter()
            .map(|(word, _, count)| {
                let weight = weight(&word, count);
                (word, weight)
            })
            .collect();
        let n_said = words.len();
        // Words side by side may be one name in code: "json array" is `JsonArray`.
        for len in [2, 3] {
            for run in in_order.windows(len).take(MAX_WORDS) {
                let joined = run.concat();
                if words.iter().all(|(word, _)| *word != joined)
                    && frequency(&joined)? != usize::MAX
                {
                    words.push((joined, weights::JOINED));
                }
            }
        }
        let names = names(text);
        let is_name = names.len() == 1 && !text.trim().contains(char::is_whitespace);
        Ok(Wanted { words, n_said, is_name, names, tests, docs, examples, data })
    }
}

/// The words of `text` that look like names: with `_`, `::`, a dot or an inner capital, in back quotes, followed by
/// `(`, or the only word there is.
fn names(text: &str) -> Vec<Name> {
    let is_path_char = |c: char| c.is_alphanumeric() || "_.:#$".contains(c);
    let mut found: Vec<Name> = Vec::new();
    let trimmed = text.trim();
    let is_single = !trimmed.is_empty() && !trimmed.contains(char::is_whitespace);
    let mut rest = text;
    let mut before = ' ';
    while found.len() < MAX_NAMES
        && let Some(start) = rest.find(is_path_char)
    {
        before = rest[..start].chars().next_back().unwrap_or(before);
        let tail = &rest[start..];
        let end = tail.find(|c| !is_path_char(c)).unwrap_or(tail.len());
        let after = tail[end..].chars().next().unwrap_or(' ');
        let run = tail[..end].trim_matches(['.', ':', '#', '$']);
        let is_quoted = (before == '`' && after == '`') || after == '(';
        if is_single || is_quoted || is_shaped(run) {
            // A single letter is a name only where it is all that was asked for.
            let name = name(run).filter(|name| is_single || name.folded.chars().nth(1).is_some());
            found.extend(name.filter(|name| !found.contains(name)));
        }
        rest = &tail[end..];
        before = tail[..end].chars().next_back().unwrap_or(' ');
    }
    found
}

pub(crate) fn name(run: &str) -> Option<Name> {
    let mut parts: Vec<&str> =
        run.split(['.', ':', '#', '$']).filter(|part| !part.is_empty()).collect();
    let written = parts.pop()?;
    let folded = fold(written);
    let is_name = !folded.is_empty() && !folded.starts_with(|c: char| c.is_ascii_digit());
    let mut around: Vec<String> = parts.into_iter().map(fold).collect();
    around.sort_unstable();
    around.dedup();
    is_name.then(|| Name { written: written.to_owned(), folded, around })
}

fn is_shaped(run: &str) -> bool {
    let inner = run.chars().skip(1);
    let has_inner_capital =
        inner.clone().any(char::is_uppercase) && run.chars().any(char::is_lowercase);
    let is_qualified = run.contains("::")
        || run.contains('#')
        || run.contains('$')
        || run.split('.').filter(|part| 1 < part.len()).count() > 1;
    has_inner_capital || is_qualified || run.trim_matches('_').contains('_')
}

#[cfg(test)]
mod tests;
