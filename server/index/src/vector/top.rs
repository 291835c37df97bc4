//! The best of many scored rows, without sorting them all.
//! It computes no scores.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Keeps the `k` best rows: by score, equal ones by row.
pub(crate) struct Top {
    k: usize,
    /// Invariant: at most `k`; the worst is on top.
    heap: BinaryHeap<Scored>,
}

/// Ordered so that the worst is the greatest.
#[derive(Clone, Copy)]
struct Scored {
    row: u32,
    score: f32,
}

impl Top {
    pub(crate) fn new(k: usize) -> Top {
        Top { k, heap: BinaryHeap::new() }
    }

    /// Takes `row` in, if it is among the best so far and `keep` accepts it.
    #[inline]
    pub(crate) fn offer(&mut self, row: u32, score: f32, keep: &dyn Fn(u32) -> bool) {
        let offered = Scored { row, score };
        if self.is_full() {
            if self.heap.peek().is_none_or(|worst| worst <= &offered) || !keep(row) {
                return;
            }
            self.heap.pop();
        } else if !keep(row) {
            return;
        }
        self.heap.push(offered);
    }

    /// `k` rows were found.
    pub(crate) fn is_full(&self) -> bool {
        self.heap.len() == self.k
    }

    /// Best first.
    pub(crate) fn into_best(self) -> Vec<(u32, f32)> {
        self.heap.into_sorted_vec().into_iter().map(|hit| (hit.row, hit.score)).collect()
    }
}

impl Ord for Scored {
    fn cmp(&self, other: &Scored) -> Ordering {
        other.score.total_cmp(&self.score).then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Scored) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scored {
    fn eq(&self, other: &Scored) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scored {}
