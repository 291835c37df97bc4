//! Leaves out files that cannot be among the best before anything is weighed: of files that only words speak for, those of one
//! class come in the order of their words, whatever is done with all of them later.
//! It changes no score, and the least and the greatest stay, which are what scores are measured against.

use std::cmp::Ordering;

use crate::fusion::Fusion;
use crate::reader::Slot;
use crate::search::Looking;
use crate::search::files::Lexical;
use crate::weights;

/// Fewer are not worth the choice.
const MIN_FOUND: usize = 4 * weights::MAX_FILES;

/// Those of `found` that can be among the best, in their order.
///
/// `is_other`: for each slot, whether more than words speaks for it, so that it stays.
pub(super) fn shortlist(
    looking: &Looking<'_>,
    found: Vec<Lexical>,
    is_other: &[bool],
) -> Vec<Lexical> {
    // There the place among all counts, so all are needed.
    let by_place = looking.vector.is_some() && matches!(looking.fusion, Fusion::Ranks { .. });
    if found.len() < MIN_FOUND || by_place {
        return found;
    }
    let Looking { reader, filter, .. } = looking;
    let allows = |slot: Slot| filter.is_open() || filter.allows(reader.path(slot));
    let path = |slot: Slot| reader.path(slot);
    let mut stays = vec![false; found.len()];
    let mut classes: Vec<Best> = Vec::new();
    let (mut least, mut greatest) = (0, 0);
    for (idx, one) in found.iter().enumerate() {
        least = if one.all < found[least].all { idx } else { least };
        greatest = if found[greatest].all < one.all { idx } else { greatest };
        if is_other[one.slot as usize] {
            stays[idx] = true;
            continue;
        }
        let class = one.class as usize;
        if classes.len() <= class {
            classes.resize_with(class + 1, Best::default);
        }
        if classes[class].floor <= one.all && allows(one.slot) {
            classes[class].push(idx, one.all, |a, b| path(found[a].slot).cmp(path(found[b].slot)));
        }
    }
    for idx in classes.into_iter().flat_map(|best| best.items).map(|item| item.1) {
        stays[idx] = true;
    }
    (stays[least], stays[greatest]) = (true, true);
    found.into_iter().zip(stays).filter(|(_, stays)| *stays).map(|(one, _)| one).collect()
}

/// The best of a class and some more, in no order.
#[derive(Default)]
struct Best {
    /// Below this there is none.
    floor: f32,
    /// Scores, and places in the list.
    items: Vec<(f32, usize)>,
}

impl Best {
    /// `tie`: the order of two with the same score.
    fn push(&mut self, idx: usize, score: f32, tie: impl Fn(usize, usize) -> Ordering) {
        self.items.push((score, idx));
        if self.items.len() < 4 * weights::MAX_FILES {
            return;
        }
        self.items.select_nth_unstable_by(weights::MAX_FILES, |a, b| {
            b.0.total_cmp(&a.0).then_with(|| tie(a.1, b.1))
        });
        self.items.truncate(weights::MAX_FILES);
        self.floor = self.items.iter().map(|item| item.0).fold(f32::INFINITY, f32::min);
    }
}

#[cfg(test)]
mod tests;
