//! The most promising of many rows, in no order.
//! It decides nothing: scores here are estimates.

/// Keeps the `limit` rows with the greatest estimates.
pub(super) struct Pool {
    limit: usize,
    /// Rows with this estimate or less are not among the best.
    floor: f32,
    /// [`key`] of each, which compares faster than its parts.
    keys: Vec<u64>,
}

impl Pool {
    pub(super) fn new(limit: usize) -> Pool {
        let limit = limit.max(1);
        Pool { limit, floor: f32::NEG_INFINITY, keys: Vec::with_capacity(2 * limit) }
    }

    pub(super) fn floor(&self) -> f32 {
        self.floor
    }

    /// Rows so far, at most twice as many as are kept in the end.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Takes in a row with an estimate above the floor.
    pub(super) fn push(&mut self, estimate: f32, row: u32) {
        self.keys.push(key(estimate, row));
        if self.keys.len() < 2 * self.limit {
            return;
        }
        let (_, last, _) = self.keys.select_nth_unstable(self.limit - 1);
        self.floor = estimate_of(*last);
        self.keys.truncate(self.limit);
    }

    pub(super) fn into_rows(mut self) -> Vec<u32> {
        if self.limit < self.keys.len() {
            self.keys.select_nth_unstable(self.limit);
            self.keys.truncate(self.limit);
        }
        self.keys.into_iter().map(|key| key as u32).collect()
    }
}

/// A row with its estimate as one number: greater estimates are less, as [`f32::total_cmp`] orders them; equal ones by row.
pub(super) fn key(estimate: f32, row: u32) -> u64 {
    let bits = estimate.to_bits();
    // Of numbers below zero the order of the bits is the other way round.
    let ascending = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    u64::from(!ascending) << 32 | u64::from(row)
}

/// The estimate in a [`key`].
pub(super) fn estimate_of(key: u64) -> f32 {
    let ascending = !((key >> 32) as u32);
    f32::from_bits(if ascending >> 31 == 1 { ascending & !(1 << 31) } else { !ascending })
}

#[cfg(test)]
mod tests;
