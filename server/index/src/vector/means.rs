//! K-means on the sphere over int8 rows: centres of the parts into which rows fall.
//! It draws nothing by chance, so that the same rows give the same centres.

use crate::vector::quantized::Quantized;
use crate::vector::{Rows, RowsBuf};

/// Later rounds move few rows.
const ROUNDS: usize = 6;

/// At most `n` centres of `members`, which are rows that are not zero. At least one if there are members.
pub(crate) fn centres(rows: &Rows<'_>, members: &[u32], n: usize) -> RowsBuf {
    let n = n.max(1).min(members.len());
    let mut centres = RowsBuf::new(rows.dim());
    // Members lie in the order of files, so that equal steps reach all of them.
    for centre_idx in 0..n {
        centres.push_row(rows, members[centre_idx * members.len() / n]);
    }
    let mut query = Quantized::new(&[]);
    for _ in 0..ROUNDS {
        let mut sums = vec![0.0f32; n * rows.dim()];
        let mut is_empty = vec![true; n];
        let mut fits = Vec::with_capacity(members.len());
        for member in members {
            rows.widen(*member, &mut query);
            let (centre, score) = closest(&centres.as_rows(), 0, n, &query);
            rows.add_to(*member, &mut sums[centre as usize * rows.dim()..][..rows.dim()]);
            is_empty[centre as usize] = false;
            fits.push((score, *member));
        }
        // A centre that lost all its members starts again at one that no centre fits well.
        fits.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut misfits = fits.iter();
        centres = RowsBuf::new(rows.dim());
        for (sum, is_empty) in sums.chunks_exact(rows.dim()).zip(is_empty) {
            let misfit = if is_empty { misfits.next() } else { None };
            match misfit {
                Some((_, misfit)) => centres.push_row(rows, *misfit),
                None => centres.push(sum),
            };
        }
    }
    centres
}

/// The centre from `start` to `end` with the greatest cosine, the first of equals; `start` if there is none.
pub(crate) fn closest(
    centres: &Rows<'_>,
    start: usize,
    end: usize,
    query: &Quantized,
) -> (u32, f32) {
    let mut best = (start as u32, f32::NEG_INFINITY);
    centres.scan(query, start, end, &mut |centre, score| {
        if best.1 < score {
            best = (centre, score);
        }
    });
    best
}
