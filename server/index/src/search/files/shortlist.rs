//! Leaves out files that cannot be among the best before anything else is weighed: those of one class come in the order of
//! their words, and whatever is done with all of a class later, what more speaks for some of them only lifts these.
//! It changes no score, and the least and the greatest stay, which are what scores are measured against.

use std::cmp::Ordering;

use crate::classify::Class;
use crate::fusion::Fusion;
use crate::reader::Slot;
use crate::search::Looking;
use crate::weights;

/// Files in the order of their slots, as they are offered, and those of them that can be among the best.
pub(super) struct Shortlist<'a> {
    looking: &'a Looking<'a>,
    /// There the place among all counts, so all are needed.
    is_by_place: bool,
    /// All of them, if so.
    all: Vec<Slot>,
    /// By class.
    classes: Vec<Best>,
    least: Option<(f32, Slot)>,
    greatest: Option<(f32, Slot)>,
}

impl<'a> Shortlist<'a> {
    pub(super) fn new(looking: &'a Looking<'a>) -> Shortlist<'a> {
        Shortlist {
            looking,
            is_by_place: looking.vector.is_some() && matches!(looking.fusion, Fusion::Ranks { .. }),
            all: Vec::new(),
            classes: Vec::new(),
            least: None,
            greatest: None,
        }
    }

    /// The next file, with what its words are worth.
    #[inline]
    pub(super) fn offer(&mut self, slot: Slot, class: Class, score: f32) {
        if self.is_by_place {
            self.all.push(slot);
            return;
        }
        if self.least.is_none_or(|(least, _)| score < least) {
            self.least = Some((score, slot));
        }
        if self.greatest.is_none_or(|(greatest, _)| greatest < score) {
            self.greatest = Some((score, slot));
        }
        let class = class as usize;
        if self.classes.len() <= class {
            self.classes.resize_with(class + 1, Best::default);
        }
        let best = &mut self.classes[class];
        let Looking { reader, filter, .. } = self.looking;
        if best.floor <= score && (filter.is_open() || filter.allows(reader.path(slot))) {
            best.push(slot, score, |a, b| reader.path(a).cmp(reader.path(b)));
        }
    }

    /// Those that can be among the best, in no order; some may be there twice.
    pub(super) fn into_slots(self) -> impl Iterator<Item = Slot> {
        let best = self.classes.into_iter().flat_map(|best| best.items);
        let ends = self.least.into_iter().chain(self.greatest);
        self.all.into_iter().chain(best.chain(ends).map(|(_, slot)| slot))
    }
}

/// The best of a class and some more, in no order.
#[derive(Default)]
struct Best {
    /// Below this there is none.
    floor: f32,
    items: Vec<(f32, Slot)>,
}

impl Best {
    /// `tie`: the order of two with the same score.
    fn push(&mut self, slot: Slot, score: f32, tie: impl Fn(Slot, Slot) -> Ordering) {
        self.items.push((score, slot));
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
