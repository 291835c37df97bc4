//! Words that are not the same and may mean the same: a shared beginning, an abbreviation.
//! It compares spellings only; words with the same stem are `terms`' part.

/// Both words have to share so many letters.
const MIN_SHARED: usize = 4;

/// 0..=1: how much two words begin alike: `config` and `configuration`, `serialize` and `serialise`.
pub(crate) fn begins_alike(a: &str, b: &str) -> f32 {
    let shared = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    if a == b || shared < MIN_SHARED {
        0.0
    } else if shorter <= shared + 2 && longer <= 2 * shared {
        0.8
    } else if shared == shorter {
        0.5
    } else {
        0.0
    }
}

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
