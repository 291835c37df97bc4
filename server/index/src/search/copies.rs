//! Which hits say nothing that a better one has not said: copies, and what is nearly one.
//! It drops nothing itself.

use std::collections::HashSet;

use crate::checksum::checksum;
use crate::reader::{Reader, Slot};
use crate::segment::bytes::Damaged;
use crate::vector::quantized::Quantized;
use crate::weights;

/// What was taken so far.
pub(crate) struct Copies<'a> {
    reader: &'a Reader,
    /// Checksums of the texts, without the space around them.
    texts: HashSet<u64>,
    /// Vectors, and how many words each of them stands for.
    vectors: Vec<(Quantized, u32)>,
}

impl<'a> Copies<'a> {
    pub(crate) fn new(reader: &'a Reader) -> Copies<'a> {
        Copies { reader, texts: HashSet::new(), vectors: Vec::new() }
    }

    /// Takes a unit, unless one that was taken has the same text, or nearly the same meaning and length. Meaning alone
    /// is not enough: a vector that sums up words has a short text near to a long one that speaks of the same.
    pub(crate) fn take(&mut self, slot: Slot, unit: u32, text: &str) -> Result<bool, Damaged> {
        if !self.texts.insert(checksum(text.trim().as_bytes())) {
            return Ok(false);
        }
        let (segment, number) = self.reader.unit(slot, unit);
        let Some(rows) = segment.rows()? else { return Ok(true) };
        let n_words = segment.unit(number)?.n_words;
        let is_near = |(vector, others): &(Quantized, u32)| {
            let (less, more) = (n_words.min(*others), n_words.max(*others));
            weights::COPY_LENGTH * more as f32 <= less as f32
                && weights::COPY <= rows.dot(number, vector)
        };
        if self.vectors.iter().any(is_near) {
            return Ok(false);
        }
        self.vectors.push((rows.query(number), n_words));
        Ok(true)
    }
}
