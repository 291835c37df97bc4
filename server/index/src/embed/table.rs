//! The static embedding: each token has a row, and a text is the sum of its tokens' rows.
//! It is read in place, with no work at the start and no copy; it is trained elsewhere.
//!
//! The file, little-endian, each part at a multiple of 64 bytes from its start:
//!
//! | at | what |
//! |---|---|
//! | 0 | `BTNEMB1\0` |
//! | 8 | u32 tokens, u32 width, u32 flags (0), u32 slots (a power of two, at least twice the tokens), u32 bytes of strings, u32 0 |
//! | 32 | 8 bytes that change whenever the content does |
//! | 64 | part 1: the slots, u32: 0, or bits 52 to 63 of the token's hash, shifted left by 20, plus its number plus 1 |
//! | | part 2: for each token, u32, where its string ends in part 3; it starts where the one before ends |
//! | | part 3: the strings, sorted bytewise, each once, `##` before those that continue a word |
//! | | part 4: for each token a f32, what one step of its row is worth |
//! | | part 5: the rows, int8, as wide as the table |
//!
//! The hash is FNV-1a with 64 bits over the string's bytes. A token is in the first free slot from
//! `(hash ^ hash >> 32) % slots` on, entered by number.

use crate::embed::token::{self, Limit};
use crate::embed::{EmbedError, Embedder, Text, check_len};
use crate::vector::Damaged;
use crate::vector::layout::{Parts, part};
use crate::vector::quantized::norm;

mod bag;
mod sum;

use bag::Bag;

const MAGIC: &[u8; 8] = b"BTNEMB1\0";
const WHAT: &str = "table of the static embedding";

/// Wider tables would not be embedded in a program.
const MAX_DIM: usize = 4096;

/// Bits of a slot that hold the token's number plus one.
const NUMBER_BITS: u32 = 20;

/// What is read of each field of a chunk.
const FIELD: Limit = Limit { tokens: 256, bytes: 16 << 10 };

/// What is read of a query, which may be a whole report.
const QUERY: Limit = Limit { tokens: 1024, bytes: 64 << 10 };

/// What an occurrence counts in each field of a chunk, learned with the table (`training/embedding`); only the
/// documentation's is chosen, since it is the question there.
const PATH: f32 = 4.6;
const QUALIFIED: f32 = 7.4;
const SIGNATURE: f32 = 29.6;
const DOC: f32 = 5.0;
const BODY: f32 = 1.0;

/// The table that is part of the program, made by `training/embedding`.
static SHIPPED: &[u8] = include_bytes!("../../assets/embedding.bin");

/// An embedder that looks up the words of a text in a table: a few microseconds for a chunk.
#[derive(Debug)]
pub struct StaticTable {
    id: String,
    table: Table<'static>,
}

impl StaticTable {
    /// The table that is part of the program; `training/embedding` says how it was made.
    pub fn shipped() -> StaticTable {
        StaticTable::new(SHIPPED).expect("the table in the program is whole, as a test shows")
    }

    /// The table in `bytes`, which may lie at any address. Takes microseconds, whatever its size.
    ///
    /// # Errors
    /// [`Damaged`]: a length or a number cannot be right. Wrong rows are not noticed.
    pub fn new(bytes: &'static [u8]) -> Result<StaticTable, Damaged> {
        let table = Table::parse(bytes)?;
        let stamp = u64::from_be_bytes(*table.stamp);
        Ok(StaticTable { id: format!("static-{}-{stamp:016x}", table.dim), table })
    }
}

impl Embedder for StaticTable {
    fn id(&self) -> &str {
        &self.id
    }

    fn dim(&self) -> usize {
        self.table.dim
    }

    fn embed(&self, text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError> {
        check_len(out, self.table.dim)?;
        self.table.embed(text, out);
        Ok(())
    }
}

/// A table in the bytes of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    stamp: &'a [u8; 8],
    dim: usize,
    /// Invariant: the length is a power of two.
    slots: &'a [[u8; 4]],
    /// Invariant: ascending, and the last is the length of `strings`.
    ends: &'a [[u8; 4]],
    strings: &'a [u8],
    /// Invariant: finite, and as many as tokens.
    scales: &'a [[u8; 4]],
    /// Invariant: `dim` for each token.
    rows: &'a [u8],
    /// The length of the longest string.
    longest: usize,
}

impl<'a> Table<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Table<'a>, Damaged> {
        let damaged = Damaged(WHAT);
        let mut parts = Parts::new(bytes, MAGIC, WHAT)?;
        let (n_tokens, dim, flags) = (parts.number()?, parts.number()?, parts.number()?);
        let (n_slots, n_bytes, _) = (parts.number()?, parts.number()?, parts.number()?);
        let stamp = parts.raw(8)?.first_chunk().ok_or(damaged)?;
        parts.end_of_header()?;
        let is_right = 0 < dim
            && dim <= MAX_DIM
            && flags == 0
            && n_slots.is_power_of_two()
            && n_tokens < 1 << NUMBER_BITS;
        if !is_right {
            return Err(damaged);
        }
        let (slots, ends) = (parts.words(n_slots)?, parts.words(n_tokens)?);
        let (strings, scales) = (parts.bytes(n_bytes)?, parts.words(n_tokens)?);
        let rows = parts.bytes(n_tokens.checked_mul(dim).ok_or(damaged)?)?;
        parts.end()?;
        let (mut start, mut longest) = (0, 0);
        for end in ends {
            let end = number(*end);
            longest = longest.max(end.checked_sub(start).ok_or(damaged)?);
            start = end;
        }
        let is_finite = |scale: &[u8; 4]| f32::from_le_bytes(*scale).is_finite();
        if start != strings.len() || !scales.iter().all(is_finite) {
            return Err(damaged);
        }
        Ok(Table { stamp, dim, slots, ends, strings, scales, rows, longest })
    }

    /// The token whose string is `head` and `tail` together, with this hash.
    pub(crate) fn find(&self, hash: u64, head: &[u8], tail: &[u8]) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut slot = (hash ^ hash >> 32) as usize & mask;
        // A damaged table may have no free slot.
        for _ in 0..self.slots.len() {
            let entry = u32::from_le_bytes(self.slots[slot]);
            let number = (entry & ((1 << NUMBER_BITS) - 1)).checked_sub(1)?;
            if entry >> NUMBER_BITS == (hash >> 52) as u32
                && self.string(number).strip_prefix(head) == Some(tail)
            {
                return Some(number);
            }
            slot = (slot + 1) & mask;
        }
        None
    }

    /// The bytes of the longest token.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// A token's string; empty for one that does not exist.
    pub(crate) fn string(&self, token: u32) -> &'a [u8] {
        let token = token as usize;
        let Some(end) = self.ends.get(token) else { return &[] };
        let start = token.checked_sub(1).map_or(0, |before| number(self.ends[before]));
        &self.strings[start..number(*end)]
    }

    /// A token's row, and what one step of it is worth.
    fn row(&self, token: u32) -> (&'a [u8], f32) {
        let row = part(self.rows, token as usize * self.dim, self.dim);
        let scale = self.scales.get(token as usize).copied().unwrap_or_default();
        (row.unwrap_or_default(), f32::from_le_bytes(scale))
    }

    /// Fills `out`, as wide as the table, with the vector of `text`.
    fn embed(&self, text: Text<'_>, out: &mut [f32]) {
        let mut bag = Bag::default();
        match text {
            Text::Query(text) => {
                token::tokens(self, text, QUERY, &mut |token| bag.add(token, 1.0));
            }
            Text::Chunk { path, qualified, signature, doc, body } => {
                let (folder, stem) = place(path);
                let fields = [
                    (folder, PATH),
                    (stem, PATH),
                    (qualified, QUALIFIED),
                    (signature, SIGNATURE),
                    (doc, DOC),
                    (body, BODY),
                ];
                for (text, weight) in fields {
                    token::tokens(self, text, FIELD, &mut |token| bag.add(token, weight));
                }
            }
        }
        out.fill(0.0);
        sum::add_rows(
            bag.weights().map(|(token, weight)| {
                let (row, scale) = self.row(token);
                (row, scale * weight)
            }),
            out,
        );
        let norm = norm(out);
        // A table with wild scales may give numbers that are not finite.
        let factor = if norm.is_normal() { 1.0 / norm } else { 0.0 };
        out.iter_mut().for_each(|value| *value *= factor);
        if !out.iter().all(|value| value.is_finite()) {
            out.fill(0.0);
        }
    }
}

/// The last folder of a path, and the file's name without its ending.
fn place(path: &str) -> (&str, &str) {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = folders.rsplit_once('/').map_or(folders, |(_, last)| last);
    let stem = match name.rfind('.') {
        None | Some(0) => name,
        Some(dot) => &name[..dot],
    };
    (folder, stem)
}

fn number(bytes: [u8; 4]) -> usize {
    u32::from_le_bytes(bytes) as usize
}

#[cfg(test)]
mod tests;
