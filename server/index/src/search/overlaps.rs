//! Of hits that overlap, one stays.
//! It changes no score.

use std::cmp::Reverse;

use crate::search::Scored;
use crate::weights;

/// Of two hits that overlap one stays: the finer one, unless the one around it says far more.
///
/// File by file, here and in the result, which has the units of a file by position.
pub(crate) fn without_overlaps(mut scored: Vec<Scored>) -> Vec<Scored> {
    // Those that may lie around a unit come before it.
    for file in scored.chunk_by_mut(|a, b| a.slot == b.slot) {
        file.sort_unstable_by_key(|one| (one.range.0, Reverse(one.range.1), one.unit));
    }
    let mut dropped = vec![false; scored.len()];
    for file in scored.chunk_by(|a, b| a.slot == b.slot).scan(0, |start, file| {
        *start += file.len();
        Some(*start - file.len()..*start)
    }) {
        // The units that are still open where the present one starts.
        let mut open: Vec<usize> = Vec::new();
        for inner in file {
            let within = scored[inner].range;
            open.retain(|outer| within.0 < scored[*outer].range.1);
            for outer in &open {
                let out = scored[*outer].range;
                if within == out || out.1 < within.1 {
                    continue;
                }
                if inner_stays(&scored[*outer], &scored[inner]) {
                    dropped[*outer] = true;
                } else {
                    dropped[inner] = true;
                }
            }
            open.push(inner);
        }
    }
    let mut dropped = dropped.into_iter();
    scored.retain(|_| !dropped.next().unwrap_or(false));
    scored
}

fn inner_stays(outer: &Scored, inner: &Scored) -> bool {
    let is_asked_for = outer.defines.is_some() && inner.defines.is_none();
    !is_asked_for && weights::INNER_KEEPS * outer.score <= inner.score
}
