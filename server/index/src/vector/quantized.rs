//! A query's vector in whole numbers, and the rounding that rows share with it.
//! Queries are rounded finer than rows: there is only one of them, so it costs nothing.

use crate::vector::LANES;

/// The greatest int8 code of a row. -128 is never used, so that codes are symmetric.
pub(crate) const ROW_LEVELS: f32 = 127.0;

/// With 8192 products of a row's and a query's greatest codes a sum stays within 32 bits.
const QUERY_LEVELS: f32 = 2047.0;

/// The squares of shorter vectors are too small for a f32.
const SHORTEST: f32 = 1e-15;

/// A vector of unit length, rounded, to compare with rows.
#[derive(Clone, Debug)]
pub struct Quantized {
    /// Invariant: a multiple of 32 of them, each within ±2047.
    codes: Vec<i16>,
    scale: f32,
}

impl Quantized {
    /// `vector` brought to unit length, as wide as rows made from vectors of its length. With a number that is not
    /// finite it is the zero vector, for which all rows are alike.
    pub fn new(vector: &[f32]) -> Quantized {
        let mut codes = Vec::with_capacity(vector.len().next_multiple_of(LANES));
        let scale = quantise(vector, QUERY_LEVELS, |code| codes.push(code as i16));
        codes.resize(vector.len().next_multiple_of(LANES), 0);
        Quantized { codes, scale }
    }

    /// The width of rows that it can be compared with.
    pub fn dim(&self) -> usize {
        self.codes.len()
    }

    /// The numbers again, as rows of them would be compared with it.
    pub(crate) fn vector(&self) -> Vec<f32> {
        self.codes.iter().map(|code| f32::from(*code) * self.scale).collect()
    }

    pub(crate) fn codes(&self) -> &[i16] {
        &self.codes
    }

    /// What one step of a code is worth.
    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    /// Becomes a row's vector, `dim` wide.
    pub(crate) fn set(&mut self, codes: &[u8], dim: usize, scale: f32) {
        self.codes.clear();
        self.codes.extend(codes.iter().map(|code| i16::from(*code as i8)));
        self.codes.resize(dim, 0);
        self.scale = scale;
    }
}

/// Rounds `vector`, brought to unit length, to whole numbers within ±`levels`; returns what one step is worth.
/// A vector that has no direction gives 0, and emits zeros.
pub(crate) fn quantise(vector: &[f32], levels: f32, mut emit: impl FnMut(i32)) -> f32 {
    let norm = norm(vector);
    let peak = vector.iter().fold(0.0f32, |peak, value| peak.max(value.abs()));
    if !norm.is_finite() || norm < SHORTEST {
        vector.iter().for_each(|_| emit(0));
        return 0.0;
    }
    let factor = levels / peak;
    for value in vector {
        // Rounds by cutting a number above 0 off, which every processor does quickly.
        emit((value * factor + (levels + 0.5)) as i32 - levels as i32);
    }
    peak / levels / norm
}

/// The length of a vector. Not finite if a number is not, or if squares are too great for a f32.
pub(crate) fn norm(vector: &[f32]) -> f32 {
    // Separate sums, which the compiler can keep in one register; their order is the same on every processor.
    let mut sums = [0.0f32; 8];
    let (blocks, rest) = vector.as_chunks::<8>();
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum += value * value;
        }
    }
    let rest: f32 = rest.iter().map(|value| value * value).sum();
    (sums.iter().sum::<f32>() + rest).sqrt()
}

#[cfg(test)]
mod tests;
