//! Sums int8 rows into a vector: the same numbers on every processor, as each is added in the same order.
//! It checks no widths.

/// Adds each row, times its factor, to `out`, which is as wide.
pub(super) fn add_rows<'a>(rows: impl Iterator<Item = (&'a [u8], f32)>, out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: this processor has AVX2.
        return unsafe { add_rows_avx2(rows, out) };
    }
    plain(rows, out);
}

/// The same loop, which the compiler makes wider here.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn add_rows_avx2<'a>(rows: impl Iterator<Item = (&'a [u8], f32)>, out: &mut [f32]) {
    plain(rows, out);
}

#[inline(always)]
fn plain<'a>(rows: impl Iterator<Item = (&'a [u8], f32)>, out: &mut [f32]) {
    for (row, factor) in rows {
        for (value, code) in out.iter_mut().zip(row) {
            *value += factor * f32::from(*code as i8);
        }
    }
}
