//! Vectors as int8 rows, and the rows nearest to a query.
//! It makes no vectors from text, opens no files, and knows nothing of chunks: a row is a number.
//!
//! Bytes of rows, little-endian, each part at a multiple of 64 bytes from the start:
//! `BTNROW1\0`, u32 width, u32 rows, zeros up to 64; a f32 scale for each row; the rows, `width` int8 each.

use crate::vector::layout::{Parts, part};
use crate::vector::quantized::{Quantized, ROW_LEVELS, quantise};
use crate::vector::top::Top;

pub mod clusters;
mod dot;
pub(crate) mod layout;
mod means;
pub mod quantized;
mod top;

const MAGIC: &[u8; 8] = b"BTNROW1\0";

/// Rows are as wide as their vectors, rounded up to this, so that no kernel needs a remainder.
const LANES: usize = 32;

/// Wider sums of products could leave 32 bits.
const MAX_DIM: usize = 8192;

/// Rows scored in one go; their products stay in the first-level cache.
const BLOCK: usize = 256;

/// Bytes that are not as they were written. What they held is to be built again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("damaged {0}; build it again")]
pub struct Damaged(pub(crate) &'static str);

/// Vectors of unit length, rounded to int8 with one scale each; borrowed from a mapped file or from [`RowsBuf`].
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Invariant: a multiple of [`LANES`], at most [`MAX_DIM`].
    dim: usize,
    /// Invariant: each is within 0..=1, and there are as many as rows.
    scales: &'a [[u8; 4]],
    /// Invariant: `dim` bytes for each row.
    codes: &'a [u8],
}

impl<'a> Rows<'a> {
    /// The rows that [`RowsBuf::to_bytes`] wrote, without a copy. `bytes` may lie at any address; a multiple of 64 is
    /// read fastest.
    ///
    /// # Errors
    /// [`Damaged`]: a length, the width or a scale cannot be right. A wrong row is not noticed: that takes a checksum.
    pub fn parse(bytes: &'a [u8]) -> Result<Rows<'a>, Damaged> {
        let rows = Rows::known(bytes)?;
        if !rows.scales.iter().all(|scale| (0.0..=1.0).contains(&f32::from_le_bytes(*scale))) {
            return Err(Damaged("scales of vectors"));
        }
        Ok(rows)
    }

    /// The same rows again, of bytes that [`Rows::parse`] took before: it looks at the header only.
    ///
    /// # Errors
    /// [`Damaged`]: a length or the width cannot be right.
    pub(crate) fn known(bytes: &'a [u8]) -> Result<Rows<'a>, Damaged> {
        let mut parts = Parts::new(bytes, MAGIC, "vectors")?;
        let (dim, len) = (parts.number()?, parts.number()?);
        parts.end_of_header()?;
        check_dim(dim)?;
        let scales = parts.words(len)?;
        let codes = parts.bytes(len.checked_mul(dim).ok_or(Damaged("vectors"))?)?;
        parts.end()?;
        Ok(Rows { dim, scales, codes })
    }

    /// The width of a row, which is that of its vector rounded up to a multiple of 32.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// No rows at all.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// The cosine of `row` and `query`, within about 0.01; 0 for a row that does not exist or a query of another width.
    pub fn dot(&self, row: u32, query: &Quantized) -> f32 {
        let mut product = [0];
        if query.dim() == self.dim {
            dot::scattered(query.codes(), self.codes, &[row], &mut product);
        }
        product[0] as f32 * self.scale(row) * query.scale()
    }

    /// The `k` rows with the greatest cosine that `keep` accepts, best first; equal ones by row. Looks at every row.
    ///
    /// `keep` is asked only about rows that are good enough when their turn comes. A zero vector is near to nothing, be
    /// it row or query; and nothing is near to a query of another width.
    pub fn nearest(
        &self,
        query: &Quantized,
        k: usize,
        keep: &dyn Fn(u32) -> bool,
    ) -> Vec<(u32, f32)> {
        let mut top = Top::new(k);
        if query.dim() != self.dim || query.scale() == 0.0 {
            return Vec::new();
        }
        let keep = |row| !self.is_zero(row) && keep(row);
        self.scan(query, 0, self.len(), &mut |row, score| top.offer(row, score, &keep));
        top.into_best()
    }

    /// The row as a query, to compare rows with each other; a query of nothing for a row that does not exist.
    pub fn query(&self, row: u32) -> Quantized {
        let mut query = Quantized::new(&[]);
        self.widen(row, &mut query);
        query
    }

    /// The row as numbers again, each within 0.005; zeros for a row that does not exist.
    pub fn vector(&self, row: u32) -> Vec<f32> {
        let mut vector = vec![0.0; self.dim];
        self.add_to(row, &mut vector);
        vector
    }

    /// As [`Rows::query`], into a query that is there already.
    pub(crate) fn widen(&self, row: u32, query: &mut Quantized) {
        let codes = part(self.codes, row as usize * self.dim, self.dim);
        query.set(codes.unwrap_or_default(), self.dim, self.scale(row));
    }

    /// The scale and the numbers of a row as they are written, one after the other in the parts that follow
    /// [`Rows::header`]; `None` for a row that does not exist.
    pub(crate) fn written(&self, row: u32) -> Option<([u8; 4], &'a [u8])> {
        let scale = self.scales.get(row as usize)?;
        Some((*scale, part(self.codes, row as usize * self.dim, self.dim)?))
    }

    /// The scales of all rows and the numbers of all rows, as they are written.
    pub(crate) fn parts(&self) -> (&'a [u8], &'a [u8]) {
        (self.scales.as_flattened(), self.codes)
    }

    /// The beginning of what [`Rows::parse`] reads; the scales of all rows follow, zeros up to a multiple of 64 bytes, and
    /// the numbers of all rows.
    pub(crate) fn header(dim: usize, len: usize) -> Vec<u8> {
        let mut out = Vec::new();
        layout::header(&mut out, MAGIC, &[dim, len]);
        out
    }

    /// Adds the vector of `row` to `sum`, which is as wide.
    fn add_to(&self, row: u32, sum: &mut [f32]) {
        let scale = self.scale(row);
        let codes = part(self.codes, row as usize * self.dim, self.dim).unwrap_or_default();
        for (sum, code) in sum.iter_mut().zip(codes) {
            *sum += f32::from(*code as i8) * scale;
        }
    }

    /// The row's vector is nothing: its text had no known word, or nobody was asked about it.
    pub(crate) fn is_zero(&self, row: u32) -> bool {
        self.scale(row) == 0.0
    }

    fn scale(&self, row: u32) -> f32 {
        self.scales.get(row as usize).map_or(0.0, |scale| f32::from_le_bytes(*scale))
    }

    /// Calls `each` with the rows from `start` to `end` and their cosines. The query is as wide as the rows.
    fn scan(&self, query: &Quantized, start: usize, end: usize, each: &mut impl FnMut(u32, f32)) {
        let mut products = [0; BLOCK];
        for first in (start..end).step_by(BLOCK) {
            let last = end.min(first + BLOCK);
            let products = &mut products[..last - first];
            dot::consecutive(
                query.codes(),
                &self.codes[first * self.dim..last * self.dim],
                products,
            );
            for (row, (product, scale)) in
                (first..).zip(products.iter().zip(&self.scales[first..last]))
            {
                each(row as u32, *product as f32 * f32::from_le_bytes(*scale) * query.scale());
            }
        }
    }
}

/// Rows in memory, to which more are added.
#[derive(Clone, Debug)]
pub struct RowsBuf {
    dim: usize,
    scales: Vec<[u8; 4]>,
    codes: Vec<u8>,
}

impl RowsBuf {
    /// No rows yet, for vectors of `dim` numbers.
    ///
    /// # Panics
    /// If `dim` is 0 or above 8192: the widths of embedders are known long before.
    pub fn new(dim: usize) -> RowsBuf {
        let dim = dim.next_multiple_of(LANES);
        assert!(check_dim(dim).is_ok(), "vectors of {dim} numbers");
        RowsBuf { dim, scales: Vec::new(), codes: Vec::new() }
    }

    /// Adds `vector` brought to unit length, and returns its row. Missing numbers count as 0, surplus ones are not
    /// seen; a vector with numbers that are not finite becomes the zero vector.
    pub fn push(&mut self, vector: &[f32]) -> u32 {
        let vector = &vector[..vector.len().min(self.dim)];
        let scale = quantise(vector, ROW_LEVELS, |code| self.codes.push(code as i8 as u8));
        self.finish(scale)
    }

    /// Adds a row of other rows as it is, and returns its row here. A row that does not exist, or of another width,
    /// becomes the zero vector.
    pub fn push_row(&mut self, rows: &Rows<'_>, row: u32) -> u32 {
        let codes = part(rows.codes, row as usize * rows.dim, rows.dim);
        let codes = codes.filter(|codes| codes.len() == self.dim);
        self.codes.extend_from_slice(codes.unwrap_or_default());
        self.finish(codes.map_or(0.0, |_| rows.scale(row)))
    }

    /// What was added so far.
    pub fn as_rows(&self) -> Rows<'_> {
        Rows { dim: self.dim, scales: &self.scales, codes: &self.codes }
    }

    /// Appends the rows as bytes that [`Rows::parse`] reads. Parts are aligned to 64 bytes if `out` is so far.
    pub fn to_bytes(&self, out: &mut Vec<u8>) {
        let start = out.len();
        layout::header(out, MAGIC, &[self.dim, self.scales.len()]);
        out.extend_from_slice(self.scales.as_flattened());
        layout::pad(out, start);
        out.extend_from_slice(&self.codes);
    }

    fn finish(&mut self, scale: f32) -> u32 {
        self.scales.push(scale.to_le_bytes());
        self.codes.resize(self.scales.len() * self.dim, 0);
        (self.scales.len() - 1) as u32
    }
}

fn check_dim(dim: usize) -> Result<(), Damaged> {
    let is_right = 0 < dim && dim <= MAX_DIM && dim.is_multiple_of(LANES);
    is_right.then_some(()).ok_or(Damaged("width of vectors"))
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
