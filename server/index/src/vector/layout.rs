//! Files of parts: a header of numbers, then parts that each begin at a multiple of 64 bytes. Nothing is trusted.
//! It knows no format by name, and it never copies.

use crate::vector::Damaged;

/// A cache line: parts that begin with one are read fastest.
const ALIGNMENT: usize = 64;

/// Reads a file from its start to its end.
pub(crate) struct Parts<'a> {
    bytes: &'a [u8],
    /// Invariant: within `bytes`.
    at: usize,
    what: &'static str,
}

impl<'a> Parts<'a> {
    /// `what`: what the file is, for the error.
    pub(crate) fn new(
        bytes: &'a [u8],
        magic: &[u8; 8],
        what: &'static str,
    ) -> Result<Parts<'a>, Damaged> {
        if !bytes.starts_with(magic) {
            return Err(Damaged(what));
        }
        Ok(Parts { bytes, at: magic.len(), what })
    }

    /// The next u32 of the header.
    pub(crate) fn number(&mut self) -> Result<usize, Damaged> {
        let word = self.raw(4)?;
        Ok(word.iter().rev().fold(0, |acc, byte| acc << 8 | usize::from(*byte)))
    }

    /// The next bytes of the header.
    pub(crate) fn raw(&mut self, len: usize) -> Result<&'a [u8], Damaged> {
        let bytes = part(self.bytes, self.at, len).ok_or(Damaged(self.what))?;
        self.at += len;
        Ok(bytes)
    }

    /// Goes to the first part.
    pub(crate) fn end_of_header(&mut self) -> Result<(), Damaged> {
        if self.bytes.len() < ALIGNMENT {
            return Err(Damaged(self.what));
        }
        self.at = ALIGNMENT;
        Ok(())
    }

    /// The next part, of `len` bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Damaged> {
        self.at = self.at.next_multiple_of(ALIGNMENT);
        self.raw(len)
    }

    /// The next part, of `len` numbers of four bytes.
    pub(crate) fn words(&mut self, len: usize) -> Result<&'a [[u8; 4]], Damaged> {
        let bytes = self.bytes(len.checked_mul(4).ok_or(Damaged(self.what))?)?;
        Ok(bytes.as_chunks().0)
    }

    /// The last part: all that is left.
    pub(crate) fn rest(&mut self) -> Result<&'a [u8], Damaged> {
        let start = self.at.next_multiple_of(ALIGNMENT);
        self.bytes(self.bytes.len().saturating_sub(start))
    }

    /// Nothing comes after the last part.
    pub(crate) fn end(&self) -> Result<(), Damaged> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(Damaged(self.what)) }
    }
}

/// The `len` bytes from `start`, if there are as many.
pub(crate) fn part(bytes: &[u8], start: usize, len: usize) -> Option<&[u8]> {
    bytes.get(start..start.checked_add(len)?)
}

/// Appends the header of a file.
pub(crate) fn header(out: &mut Vec<u8>, magic: &[u8; 8], numbers: &[usize]) {
    let start = out.len();
    out.extend_from_slice(magic);
    for number in numbers {
        out.extend_from_slice(&(*number as u32).to_le_bytes());
    }
    pad(out, start);
}

/// Appends zeros up to where the next part begins. `start`: where the file begins in `out`.
pub(crate) fn pad(out: &mut Vec<u8>, start: usize) {
    out.resize(start + (out.len() - start).next_multiple_of(ALIGNMENT), 0);
}
