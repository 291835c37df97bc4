//! Cuts text into lower-case words: where case changes, between letters and digits, and at all that is neither.
//! The cuts are those of the lexical index, but nothing is dropped or stemmed, and no word is put on the heap.

/// Only so many characters of a word count.
const MAX_CHARS: usize = 32;

/// The bytes that these may have.
pub(super) const MAX_BYTES: usize = MAX_CHARS * 4;

/// The hash of nothing.
pub(super) const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// A word in lower case, and its hash.
pub(super) struct Word {
    /// Invariant: the first `len` are UTF-8, `n_chars` characters.
    bytes: [u8; MAX_BYTES],
    len: usize,
    n_chars: usize,
    hash: u64,
}

impl Word {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    fn clear(&mut self) {
        (self.len, self.n_chars, self.hash) = (0, 0, EMPTY);
    }

    fn push_ascii(&mut self, byte: u8) {
        if self.n_chars < MAX_CHARS {
            self.bytes[self.len] = byte.to_ascii_lowercase();
            self.hash = extend(self.hash, &[byte.to_ascii_lowercase()]);
            self.len += 1;
            self.n_chars += 1;
        }
    }

    fn push(&mut self, c: char) {
        for c in c.to_lowercase() {
            if self.n_chars < MAX_CHARS {
                let len = c.encode_utf8(&mut self.bytes[self.len..]).len();
                self.hash = extend(self.hash, &self.bytes[self.len..self.len + len]);
                self.len += len;
                self.n_chars += 1;
            }
        }
    }
}

/// FNV-1a, 64 bits. Source: Fowler, Noll, Vo.
pub(super) fn extend(hash: u64, bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The length of the first character of `bytes`, which are UTF-8.
pub(super) fn first_len(bytes: &[u8]) -> usize {
    let rest = bytes.iter().skip(1);
    1 + rest.take_while(|byte| **byte & 0xc0 == 0x80).count()
}

/// What a character is to the cutting.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Separator,
    Lower,
    Upper,
    Digit,
    /// Of a script without spaces between words: each counts as one.
    Ideograph,
}

/// Calls `emit` with each word, in order, until it says `false`.
pub(super) fn split(text: &str, emit: &mut dyn FnMut(&Word) -> bool) {
    let mut word = Word { bytes: [0; MAX_BYTES], len: 0, n_chars: 0, hash: EMPTY };
    let mut before = Class::Separator;
    let mut at = 0;
    while let Some((here, c)) = class_at(text, at) {
        let next_at = at + c.len_utf8();
        let cuts = match (before, here) {
            (Class::Separator, _) => false,
            (_, Class::Separator | Class::Ideograph) => true,
            (Class::Upper, Class::Upper) => begins_word(text, next_at),
            (_, Class::Upper) => true,
            (Class::Digit, Class::Digit) => false,
            (_, Class::Digit) => true,
            (Class::Digit | Class::Ideograph, Class::Lower) => true,
            (Class::Lower | Class::Upper, Class::Lower) => false,
        };
        if cuts {
            if !emit(&word) {
                return;
            }
            word.clear();
        }
        match here {
            Class::Separator => {}
            _ if c.is_ascii() => word.push_ascii(c as u8),
            _ => word.push(c),
        }
        before = here;
        at = next_at;
    }
    if before != Class::Separator {
        emit(&word);
    }
}

/// An upper-case letter after another, with `rest` behind it, begins a word: the S in `HTTPServer`, but not the L in
/// `URLs`, where the s is a plural.
fn begins_word(text: &str, rest: usize) -> bool {
    let Some((Class::Lower, c)) = class_at(text, rest) else { return false };
    let is_plural =
        c == 's' && matches!(class_at(text, rest + 1), None | Some((Class::Separator, _)));
    !is_plural
}

#[inline]
fn class_at(text: &str, at: usize) -> Option<(Class, char)> {
    let byte = *text.as_bytes().get(at)?;
    if byte.is_ascii() {
        return Some((ASCII[usize::from(byte)], char::from(byte)));
    }
    let c = text[at..].chars().next()?;
    Some((class(c), c))
}

const ASCII: [Class; 128] = {
    let mut classes = [Class::Separator; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            b'0'..=b'9' => Class::Digit,
            _ => Class::Separator,
        };
        byte += 1;
    }
    classes
};

fn class(c: char) -> Class {
    match c {
        c if !c.is_alphanumeric() => Class::Separator,
        '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{20000}'..='\u{3ffff}' => Class::Ideograph,
        c if c.is_uppercase() => Class::Upper,
        c if c.is_alphabetic() => Class::Lower,
        _ => Class::Digit,
    }
}

#[cfg(test)]
mod tests;
