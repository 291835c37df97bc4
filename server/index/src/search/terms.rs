//! The words of a query with their postings and how much they say.
//! Which words a query has is `query`'s part.

use crate::query::Wanted;
use crate::reader::{Reader, Word};
use crate::segment::bytes::Damaged;
use crate::weights;

/// A word of the query that the index knows.
pub(crate) struct Term<'a> {
    pub(crate) text: &'a str,
    /// idf among files, times the weight in the query.
    pub(crate) file_weight: f32,
    /// The same among units.
    pub(crate) unit_weight: f32,
    pub(crate) word: Word<'a>,
}

pub(crate) fn terms<'a>(reader: &'a Reader, wanted: &'a Wanted) -> Result<Vec<Term<'a>>, Damaged> {
    let mut terms = Vec::new();
    for (text, weight) in &wanted.words {
        let word = reader.word(text)?;
        let found = reader.frequency(&word);
        if found == Default::default() {
            continue;
        }
        let n_files = found.n_files.max(found.n_paths);
        terms.push(Term {
            text,
            file_weight: weight * weights::idf(n_files, reader.n_files()),
            unit_weight: weight * weights::idf(found.n_units, reader.n_units()),
            word,
        });
    }
    Ok(terms)
}

/// How often a word is in the index; `usize::MAX` for one that is not.
pub(crate) fn frequency(reader: &Reader, word: &str) -> Result<usize, Damaged> {
    let found = reader.frequency(&reader.word(word)?);
    let count = found.n_units + found.n_paths;
    Ok(if count == 0 { usize::MAX } else { count })
}
