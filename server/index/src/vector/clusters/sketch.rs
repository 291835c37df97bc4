//! Sketches: one bit for each number of a row, by which most rows are passed over without looking at them.
//! They only estimate a product; what they let through is compared in full.
//!
//! A row is estimated as its list's origin plus or minus one length in each direction. 32 rows lie together, so that one
//! instruction looks four numbers of all of them up in a table of sums over the query:
//! Source: André, Kermarrec, Le Scouarnec 2015, cache locality is not enough (fast scan); the estimate of the length is
//! that of Gao and Long 2024, RaBitQ, without its rotation.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64;

use crate::vector::quantized::Quantized;

/// How many rows have their sketches together.
pub(super) const GROUP: usize = 32;

/// Numbers of a row that are looked up together: their 32 nibbles fill two halves of a register.
const PAIR: usize = 8;

/// A query's sums for all signs of each four numbers.
pub(super) struct Sums {
    /// For each [`PAIR`] the sums for its first four numbers, then for its last four, by their bits.
    tables: Vec<[u8; 2 * 16]>,
    /// What all tables together count as 0.
    base: f32,
    /// What one step is worth.
    step: f32,
}

impl Sums {
    pub(super) fn new(query: &Quantized) -> Sums {
        let values: Vec<f32> =
            query.codes().iter().map(|code| f32::from(*code) * query.scale()).collect();
        let quads = values.as_chunks::<4>().0;
        let reach = |quad: &[f32; 4]| quad.iter().map(|value| value.abs()).sum::<f32>();
        let widest = quads.iter().map(reach).fold(f32::MIN_POSITIVE, f32::max);
        // All sums of a row together must stay within 16 bits.
        let levels = (usize::from(u16::MAX) / quads.len().max(1)).min(255) as f32;
        let step = 2.0 * widest / levels;
        let mut tables = vec![[0; 32]; quads.len() / 2];
        for (quad_idx, quad) in quads.iter().enumerate() {
            for bits in 0..16usize {
                let signed = quad
                    .iter()
                    .enumerate()
                    .map(|(at, value)| if bits >> at & 1 == 1 { *value } else { -*value });
                let sum = signed.sum::<f32>() + reach(quad);
                tables[quad_idx / 2][quad_idx % 2 * 16 + bits] = (sum / step + 0.5) as u8;
            }
        }
        Sums { tables, base: -quads.iter().map(reach).sum::<f32>(), step }
    }

    /// Estimates the cosines of the rows of a group.
    pub(super) fn estimate(&self, group: &Group<'_>, estimates: &mut [f32; GROUP]) {
        #[cfg(target_arch = "x86_64")]
        if is_fast() {
            // SAFETY: this processor has AVX2.
            return unsafe { avx2::estimate(self, group, estimates) };
        }
        let mut sums = [0; GROUP];
        add_up(&self.tables, group.codes, &mut sums);
        self.scale(&sums, group, estimates);
    }

    #[inline(always)]
    fn scale(&self, sums: &[u16; GROUP], group: &Group<'_>, estimates: &mut [f32; GROUP]) {
        for (estimate, (sum, sign)) in estimates.iter_mut().zip(sums.iter().zip(group.signs)) {
            let sum = self.base + self.step * f32::from(*sum);
            *estimate = group.origin + sum * f32::from_le_bytes(*sign);
        }
    }
}

/// A bit for each estimate from `floor` on, the first lowest.
#[inline]
pub(super) fn at_least(estimates: &[f32; GROUP], floor: f32) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if is_fast() {
        // SAFETY: this processor has AVX2.
        return unsafe { avx2::at_least(estimates, floor) };
    }
    let bits = estimates.iter().rev();
    bits.fold(0, |acc, estimate| acc << 1 | u32::from(floor <= *estimate))
}

/// Rows whose sketches lie together.
pub(super) struct Group<'a> {
    /// The product of the query and the list's origin.
    pub(super) origin: f32,
    /// For each row what a sign is worth.
    pub(super) signs: &'a [[u8; 4]; GROUP],
    /// [`group_len`] bytes.
    pub(super) codes: &'a [u8],
}

/// Bytes of a group's sketches.
pub(super) fn group_len(dim: usize) -> usize {
    dim / 8 * GROUP
}

/// Sketches `residue`, which is a row without its list's origin, as the one at `place` in a group, and returns what one
/// sign of it is worth.
pub(super) fn draw(residue: &[f32], place: usize, group: &mut [u8]) -> f32 {
    for (pair, values) in residue.chunks(PAIR).enumerate() {
        for (at, value) in values.iter().enumerate() {
            let byte = pair * GROUP + at / 4 * 16 + place % 16;
            group[byte] |= u8::from(0.0 < *value) << (at % 4 + place / 16 * 4);
        }
    }
    let length: f32 = residue.iter().map(|value| value.abs()).sum();
    let squares: f32 = residue.iter().map(|value| value * value).sum();
    if 0.0 < length { squares / length } else { 0.0 }
}

/// Whether looking up is quicker here than comparing rows in full.
pub(super) fn is_fast() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// Has `bytes` brought from memory, before they are read.
#[inline]
pub(super) fn ask_for(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    for line in bytes.chunks(64) {
        // SAFETY: it reads nothing, and every processor of this kind knows it.
        unsafe { x86_64::_mm_prefetch::<{ x86_64::_MM_HINT_T0 }>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = bytes;
}

fn add_up(tables: &[[u8; 32]], codes: &[u8], sums: &mut [u16; GROUP]) {
    *sums = [0; GROUP];
    for (table, codes) in tables.iter().zip(codes.as_chunks::<GROUP>().0) {
        for (half_idx, half) in codes.chunks(16).enumerate() {
            for (place, code) in half.iter().enumerate() {
                let table = &table[half_idx * 16..][..16];
                sums[place] = sums[place].wrapping_add(table[usize::from(code & 15)].into());
                let upper = &mut sums[place + 16];
                *upper = upper.wrapping_add(table[usize::from(code >> 4)].into());
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m128i, __m256i, _CMP_GE_OQ, _mm_add_epi16, _mm_storeu_si128, _mm_unpackhi_epi16,
        _mm_unpacklo_epi16, _mm256_add_epi16, _mm256_and_si256, _mm256_castsi256_si128,
        _mm256_cmp_ps, _mm256_extracti128_si256, _mm256_loadu_ps, _mm256_loadu_si256,
        _mm256_movemask_ps, _mm256_set1_epi8, _mm256_set1_ps, _mm256_setzero_si256,
        _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16, _mm256_sub_epi16,
    };

    use super::{GROUP, Group, Sums};

    #[target_feature(enable = "avx2")]
    pub(super) fn estimate(sums: &Sums, group: &Group<'_>, estimates: &mut [f32; GROUP]) {
        let mut added = [0; GROUP];
        add_up(&sums.tables, group.codes, &mut added);
        sums.scale(&added, group, estimates);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn at_least(estimates: &[f32; GROUP], floor: f32) -> u32 {
        let floor = _mm256_set1_ps(floor);
        let mut bits = 0;
        for (at, eight) in estimates.as_chunks::<8>().0.iter().enumerate() {
            // SAFETY: the array is 32 bytes long, and the load asks for no alignment.
            let eight = unsafe { _mm256_loadu_ps(eight.as_ptr()) };
            let is_it = _mm256_cmp_ps::<_CMP_GE_OQ>(eight, floor);
            bits |= (_mm256_movemask_ps(is_it) as u32) << (8 * at);
        }
        bits
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn add_up(tables: &[[u8; 32]], codes: &[u8], sums: &mut [u16; GROUP]) {
        let nibble = _mm256_set1_epi8(15);
        // Sums of bytes at even and odd places; those at even ones also hold the odd ones, times 256.
        let mut lower = (_mm256_setzero_si256(), _mm256_setzero_si256());
        let mut upper = lower;
        for (table, codes) in tables.iter().zip(codes.as_chunks::<GROUP>().0) {
            let (table, codes) = (load(table), load(codes));
            let first = _mm256_shuffle_epi8(table, _mm256_and_si256(codes, nibble));
            let codes = _mm256_srli_epi16::<4>(codes);
            let second = _mm256_shuffle_epi8(table, _mm256_and_si256(codes, nibble));
            lower.0 = _mm256_add_epi16(lower.0, first);
            lower.1 = _mm256_add_epi16(lower.1, _mm256_srli_epi16::<8>(first));
            upper.0 = _mm256_add_epi16(upper.0, second);
            upper.1 = _mm256_add_epi16(upper.1, _mm256_srli_epi16::<8>(second));
        }
        for (at, (both, odd)) in [lower, upper].into_iter().enumerate() {
            let even = halves(_mm256_sub_epi16(both, _mm256_slli_epi16::<8>(odd)));
            let odd = halves(odd);
            let (first, second) = (_mm_unpacklo_epi16(even, odd), _mm_unpackhi_epi16(even, odd));
            let (low, high) = sums[at * 16..][..16].split_at_mut(8);
            // SAFETY: both halves have room for 16 bytes, and the stores ask for no alignment.
            unsafe {
                _mm_storeu_si128(low.as_mut_ptr().cast::<__m128i>(), first);
                _mm_storeu_si128(high.as_mut_ptr().cast::<__m128i>(), second);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn halves(sums: __m256i) -> __m128i {
        _mm_add_epi16(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: the array is 32 bytes long, and the load asks for no alignment.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) }
    }
}

#[cfg(test)]
mod tests;
