//! Cuts text into tokens of a table: words where the table has them, else the longest pieces of words.
//! It drops no words, stems nothing and weighs nothing.

use crate::embed::table::Table;

mod word;

use word::{Word, split};

/// What continues a word in the table.
const CONTINUED: &[u8] = b"##";

/// How much of a text is read.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) tokens: usize,
    pub(crate) bytes: usize,
}

/// Calls `emit` with each token of `text`, in order, up to `limit`.
pub(crate) fn tokens(table: &Table<'_>, text: &str, limit: Limit, emit: &mut dyn FnMut(u32)) {
    let mut left = limit.tokens;
    let mut hashes = [0; word::MAX_BYTES];
    let text = &text[..text.floor_char_boundary(limit.bytes)];
    split(text, &mut |word| {
        match table.find(word.hash(), &[], word.bytes()) {
            Some(token) if 0 < left => {
                left -= 1;
                emit(token);
            }
            Some(_) => {}
            None => pieces(table, word, &mut hashes, &mut left, emit),
        }
        0 < left
    });
}

/// The longest piece at each place, left to right; letters with which no piece begins are passed over.
///
/// `hashes`: room for those of the beginnings of what is left of the word.
fn pieces(
    table: &Table<'_>,
    word: &Word,
    hashes: &mut [u64; word::MAX_BYTES],
    left: &mut usize,
    emit: &mut dyn FnMut(u32),
) {
    let mut rest = word.bytes();
    let mut head: &[u8] = &[];
    while !rest.is_empty() && 0 < *left {
        let longest = table.longest().saturating_sub(head.len()).min(rest.len());
        let mut hash = word::extend(word::EMPTY, head);
        for (slot, byte) in hashes.iter_mut().zip(&rest[..longest]) {
            hash = word::extend(hash, &[*byte]);
            *slot = hash;
        }
        let found = (1..=longest).rev().find_map(|len| {
            table.find(hashes[len - 1], head, &rest[..len]).map(|token| (token, len))
        });
        let len = match found {
            Some((token, len)) => {
                *left -= 1;
                emit(token);
                len
            }
            None => word::first_len(rest),
        };
        rest = &rest[len..];
        head = CONTINUED;
    }
}

#[cfg(test)]
mod tests;
