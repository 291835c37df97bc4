//! Where a name stands in text. What it means there is not known here.

use base::ByteRange;

use crate::chunks::Chunk;

#[cfg(test)]
mod tests;

impl Chunk {
    /// The bytes of the file where the definition's name stands: first in the line that begins the definition, past comments
    /// and attributes. `None` where it does not stand in the text. `own`: the text of the chunk's range.
    pub fn name_range(&self, own: &str) -> Option<ByteRange> {
        let first_word = self.signature.split(' ').next().unwrap_or_default();
        let mut head = 0;
        for line in own.split_inclusive('\n') {
            if !first_word.is_empty() && line.trim_start().starts_with(first_word) {
                break;
            }
            head += line.len();
        }
        let from = |head: usize| own.get(head..).and_then(|rest| words(rest, &self.name).next());
        let at = from(head).map(|at| head + at).or_else(|| from(0))?;
        let start = self.range.start + at;
        Some(ByteRange::new(start, start + self.name.len()))
    }
}

/// The offsets at which `word` stands in `text` with no part of a word before or after it.
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let found = text.match_indices(word).filter(move |(at, _)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let joins = |outer: Option<char>, inner: Option<char>| {
            outer.is_some_and(is_word) && inner.is_some_and(is_word)
        };
        !joins(before, word.chars().next()) && !joins(after, word.chars().next_back())
    });
    found.map(|(at, _)| at).filter(move |_| !word.is_empty())
}

/// The word that `offset` lies in, or at an end of.
pub fn word_at(text: &str, offset: usize) -> Option<ByteRange> {
    let (before, after) = text.split_at_checked(offset)?;
    let start = before.trim_end_matches(is_word).len();
    let end = text.len() - after.trim_start_matches(is_word).len();
    (start < end).then(|| ByteRange::new(start, end))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
