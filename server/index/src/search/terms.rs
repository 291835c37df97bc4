//! The words of a query with their postings and how much they say, and other forms of them that the index has.
//! Which words a query has is `query`'s part.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rust_stemmers::{Algorithm, Stemmer};

use crate::query::Wanted;
use crate::reader::{Reader, Word};
use crate::search::terms::endings::can_go;
use crate::segment::bytes::Damaged;
use crate::weights;

mod endings;

/// Words of the index that are looked at for other forms of one word of the query.
const MAX_LOOKED: usize = 256;
/// Shorter words are names or abbreviations, not prose.
const MIN_STEM: usize = 4;

/// What a query looks for in the postings.
pub(crate) struct Terms<'a> {
    pub(crate) list: Vec<Term<'a>>,
    /// The words that the query says, also those that the index does not know.
    pub(crate) said: Vec<Said<'a>>,
    /// The weight of all of `said`.
    pub(crate) said_weight: f32,
}

/// A word as the query says it.
pub(crate) struct Said<'a> {
    pub(crate) text: &'a str,
    /// idf among files, times the weight in the query.
    pub(crate) weight: f32,
}

/// Some of the words that a query says, by index: it says fewer than 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SaidSet(u64);

impl SaidSet {
    pub(crate) fn add(&mut self, said: Option<usize>) {
        self.0 |= said.map_or(0, |idx| 1 << (idx & 63));
    }

    pub(crate) fn extend(&mut self, other: SaidSet) {
        self.0 |= other.0;
    }

    /// The weight of its words.
    pub(crate) fn weight(self, said: &[Said<'_>]) -> f32 {
        said.iter()
            .enumerate()
            .filter(|(idx, _)| self.0 & (1 << idx) != 0)
            .map(|(_, said)| said.weight)
            .sum()
    }
}

/// A word that the index knows.
pub(crate) struct Term<'a> {
    pub(crate) text: Cow<'a, str>,
    /// What it stands for, by index in `said`; `None` for a name made of neighbouring words.
    pub(crate) said: Option<usize>,
    /// It is another form of what is said.
    pub(crate) is_form: bool,
    /// idf among files, times the weight in the query.
    pub(crate) file_weight: f32,
    /// The same among units.
    pub(crate) unit_weight: f32,
    pub(crate) word: Word<'a>,
}

pub(crate) fn terms<'a>(reader: &'a Reader, wanted: &'a Wanted) -> Result<Terms<'a>, Damaged> {
    let mut terms = Terms { list: Vec::new(), said: Vec::new(), said_weight: 0.0 };
    let stemmer = Stemmer::create(Algorithm::English);
    for (idx, (text, weight)) in wanted.words.iter().enumerate() {
        let said = (idx < wanted.n_said).then_some(idx);
        let term = term(reader, Cow::Borrowed(text), said, *weight, false)?;
        if said.is_some() {
            let weight = match &term {
                Some(term) => term.file_weight,
                None => weight * weights::idf(0, reader.n_files()),
            };
            terms.said_weight += weight;
            terms.said.push(Said { text, weight });
        }
        terms.list.extend(term);
    }
    for (idx, (text, weight)) in wanted.words.iter().enumerate().take(wanted.n_said) {
        for form in forms(reader, &stemmer, text)? {
            let is_said = wanted.words.iter().any(|(word, _)| *word == form);
            if !is_said {
                let weight = weight * weights::OTHER_FORM;
                terms.list.extend(term(reader, Cow::Owned(form), Some(idx), weight, true)?);
            }
        }
    }
    Ok(terms)
}

fn term<'a>(
    reader: &'a Reader,
    text: Cow<'a, str>,
    said: Option<usize>,
    weight: f32,
    is_form: bool,
) -> Result<Option<Term<'a>>, Damaged> {
    let word = reader.word(&text)?;
    let found = reader.frequency(&word);
    if found == Default::default() {
        return Ok(None);
    }
    Ok(Some(Term {
        text,
        said,
        is_form,
        file_weight: weight * weights::idf(found.n_files.max(found.n_paths), reader.n_files()),
        unit_weight: weight * weights::idf(found.n_units, reader.n_units()),
        word,
    }))
}

/// Words of the index with the stem of `word`: `composition` finds `compose`.
fn forms(reader: &Reader, stemmer: &Stemmer, word: &str) -> Result<BTreeSet<String>, Damaged> {
    let mut found = BTreeSet::new();
    if word.len() < MIN_STEM || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(found);
    }
    let stem = stemmer.stem(word);
    // `query` has the stem `queri`: the last letter may be another one in the word.
    let prefix = stem.strip_suffix('i').unwrap_or(&stem);
    if prefix.len() + 1 < MIN_STEM {
        return Ok(found);
    }
    reader.words_with_prefix(prefix, MAX_LOOKED, |other| {
        let rest = other.strip_prefix(prefix).unwrap_or(other);
        if other != word && can_go(prefix, rest) && stemmer.stem(other) == stem {
            found.insert(other.to_owned());
        }
    })?;
    Ok(found)
}

/// How often a word is in the index; `usize::MAX` for one that is not.
pub(crate) fn frequency(reader: &Reader, word: &str) -> Result<usize, Damaged> {
    let found = reader.frequency(&reader.word(word)?);
    let count = found.n_units + found.n_paths;
    Ok(if count == 0 { usize::MAX } else { count })
}
