//! Products of one query with many rows, in whole numbers: the same on every processor.
//! It checks no widths; rows that do not exist give 0.
//!
//! The plain loop is what the compiler makes wide by itself (SSE2, NEON). With AVX2 it is written out, because the
//! compiler's choice of instructions takes 1.5 times as long there.

/// The product of `query` with each of the rows that lie one after the other in `codes`.
/// There are as many rows as `products`, each as wide as `query`, a multiple of 32.
pub(crate) fn consecutive(query: &[i16], codes: &[u8], products: &mut [i32]) {
    debug_assert_eq!(codes.len(), query.len() * products.len());
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: this processor has AVX2.
        return unsafe { avx2::consecutive(query, codes, products) };
    }
    for (product, row) in products.iter_mut().zip(codes.chunks_exact(query.len())) {
        *product = plain(query, row);
    }
}

/// The product of `query` with each of `rows`, which are anywhere in `codes`.
pub(crate) fn scattered(query: &[i16], codes: &[u8], rows: &[u32], products: &mut [i32]) {
    debug_assert_eq!(rows.len(), products.len());
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: this processor has AVX2.
        return unsafe { avx2::scattered(query, codes, rows, products) };
    }
    for (product, row) in products.iter_mut().zip(rows) {
        *product = plain(query, row_at(codes, *row, query.len()));
    }
}

/// The bytes of a row; none if it does not exist.
#[inline(always)]
fn row_at(codes: &[u8], row: u32, dim: usize) -> &[u8] {
    let start = row as usize * dim;
    codes.get(start..start + dim).unwrap_or_default()
}

#[inline(always)]
fn plain(query: &[i16], row: &[u8]) -> i32 {
    let (query, _) = query.as_chunks::<32>();
    let (row, _) = row.as_chunks::<32>();
    let mut sum = 0;
    for (query, row) in query.iter().zip(row) {
        let products = query.iter().zip(row).map(|(a, b)| i32::from(*a) * i32::from(*b as i8));
        sum += products.sum::<i32>();
    }
    sum
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m128i, __m256i, _MM_HINT_T0, _mm_add_epi32, _mm_cvtsi128_si32, _mm_hadd_epi32,
        _mm_loadu_si128, _mm_prefetch, _mm256_add_epi32, _mm256_castsi256_si128,
        _mm256_cvtepi8_epi16, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_madd_epi16,
        _mm256_setzero_si256,
    };

    use super::row_at;

    /// How many rows ahead memory is asked for: rows that lie apart arrive one by one otherwise.
    const AHEAD: usize = 6;

    const LINE: usize = 64;

    #[target_feature(enable = "avx2")]
    pub(super) fn consecutive(query: &[i16], codes: &[u8], products: &mut [i32]) {
        for (product, row) in products.iter_mut().zip(codes.chunks_exact(query.len())) {
            *product = one(query, row);
        }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn scattered(query: &[i16], codes: &[u8], rows: &[u32], products: &mut [i32]) {
        for (at, (product, row)) in products.iter_mut().zip(rows).enumerate() {
            if let Some(next) = rows.get(at + AHEAD) {
                for line in row_at(codes, *next, query.len()).chunks(LINE) {
                    _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
                }
            }
            *product = one(query, row_at(codes, *row, query.len()));
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn one(query: &[i16], row: &[u8]) -> i32 {
        let (query, _) = query.as_chunks::<32>();
        let (row, _) = row.as_chunks::<32>();
        let (mut low, mut high) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for (query, row) in query.iter().zip(row) {
            let (query, _) = query.as_chunks::<16>();
            let (row, _) = row.as_chunks::<16>();
            low = _mm256_add_epi32(low, _mm256_madd_epi16(widened(&row[0]), load(&query[0])));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(widened(&row[1]), load(&query[1])));
        }
        let sum = _mm256_add_epi32(low, high);
        let sum = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let sum = _mm_hadd_epi32(sum, sum);
        _mm_cvtsi128_si32(_mm_hadd_epi32(sum, sum))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(codes: &[i16; 16]) -> __m256i {
        // SAFETY: the array is 32 bytes long, and the load asks for no alignment.
        unsafe { _mm256_loadu_si256(codes.as_ptr().cast::<__m256i>()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn widened(codes: &[u8; 16]) -> __m256i {
        // SAFETY: the array is 16 bytes long, and the load asks for no alignment.
        _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(codes.as_ptr().cast::<__m128i>()) })
    }
}

#[cfg(test)]
mod tests;
