//! The most promising of many rows, in no order.
//! It decides nothing: scores here are estimates.

/// Keeps at least the `limit` rows with the greatest estimates, and at most twice as many.
pub(super) struct Pool {
    limit: usize,
    /// Rows with this estimate or less are not among the best.
    floor: f32,
    items: Vec<(f32, u32)>,
}

impl Pool {
    pub(super) fn new(limit: usize) -> Pool {
        let limit = limit.max(1);
        Pool { limit, floor: f32::NEG_INFINITY, items: Vec::with_capacity(2 * limit) }
    }

    pub(super) fn floor(&self) -> f32 {
        self.floor
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Takes in a row with an estimate above the floor.
    pub(super) fn push(&mut self, estimate: f32, row: u32) {
        self.items.push((estimate, row));
        if self.items.len() < 2 * self.limit {
            return;
        }
        self.items
            .select_nth_unstable_by(self.limit - 1, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.items.truncate(self.limit);
        self.floor = self.items[self.limit - 1].0;
    }

    /// The rows, ascending.
    pub(super) fn into_rows(self) -> Vec<u32> {
        let mut rows: Vec<u32> = self.items.into_iter().map(|item| item.1).collect();
        rows.sort_unstable();
        rows
    }
}
