//! Of hits that overlap, one stays.
//! It changes no score.

use std::collections::BTreeMap;

use crate::reader::{Reader, Slot};
use crate::search::Scored;
use crate::segment::bytes::Damaged;
use crate::weights;

/// Of two hits that overlap one stays: the finer one, unless the one around it says far more.
///
/// `scored`: best first; so is the result.
pub(crate) fn without_overlaps(
    reader: &Reader,
    scored: Vec<Scored>,
) -> Result<Vec<Scored>, Damaged> {
    let mut by_file: BTreeMap<Slot, Vec<usize>> = BTreeMap::new();
    let mut ranges: Vec<(u32, u32)> = Vec::with_capacity(scored.len());
    for (idx, one) in scored.iter().enumerate() {
        by_file.entry(one.slot).or_default().push(idx);
        let (segment, number) = reader.unit(one.slot, one.unit);
        ranges.push(segment.unit(number)?.range);
    }
    let mut dropped = vec![false; scored.len()];
    for group in by_file.values() {
        for (rank, outer) in group.iter().enumerate() {
            for inner in group[rank + 1..].iter().chain(&group[..rank]) {
                let (out, within) = (ranges[*outer], ranges[*inner]);
                let is_inside = out.0 <= within.0 && within.1 <= out.1 && within != out;
                if !is_inside {
                    continue;
                }
                let is_defined = scored[*outer].evidence.defines.is_some()
                    && scored[*inner].evidence.defines.is_none();
                if !is_defined
                    && weights::INNER_KEEPS * scored[*outer].score <= scored[*inner].score
                {
                    dropped[*outer] = true;
                } else {
                    dropped[*inner] = true;
                }
            }
        }
    }
    let mut dropped = dropped.into_iter();
    Ok(scored.into_iter().filter(|_| !dropped.next().unwrap_or(false)).collect())
}
