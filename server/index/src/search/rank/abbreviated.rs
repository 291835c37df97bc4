//! Words that are another one abbreviated, told by their letters.
//! Words with the same stem are `terms`' part, other forms that of the meaning.

/// 0..=1: how much `short` looks like `word` abbreviated, as names of files are: `attr`, `ctx`, `cfg`.
pub(crate) fn abbreviates(short: &str, word: &str) -> f32 {
    let is_candidate = 2 <= short.len()
        && short.len() < word.len()
        && short.as_bytes().first() == word.as_bytes().first();
    if !is_candidate {
        return 0.0;
    }
    if word.starts_with(short) {
        return if short.len() < 3 { 0.5 } else { 0.8 };
    }
    let mut letters = word.bytes();
    let is_inside = short.bytes().all(|wanted| letters.any(|letter| letter == wanted));
    let has_vowel = short.bytes().skip(1).any(|letter| b"aeiou".contains(&letter));
    if short.len() <= 5 && is_inside && !has_vowel { 0.5 } else { 0.0 }
}

#[cfg(test)]
mod tests;
