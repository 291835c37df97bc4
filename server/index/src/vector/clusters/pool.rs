//! The most promising of many rows, in no order.
//! It decides nothing: scores here are estimates.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Keeps the `limit` rows with the greatest estimates, whoever brings them and in whatever order.
pub(super) struct Pool {
    limit: usize,
    /// [`key`] of the last one that may stay: what comes after it is not among the best.
    last: AtomicU64,
    keys: Mutex<Vec<u64>>,
}

impl Pool {
    pub(super) fn new(limit: usize) -> Pool {
        let limit = limit.max(1);
        let keys = Mutex::new(Vec::with_capacity(2 * limit));
        Pool { limit, last: AtomicU64::new(key(f32::NEG_INFINITY, u32::MAX)), keys }
    }

    /// Keys after this one need not be brought.
    pub(super) fn last(&self) -> u64 {
        // One that was true a moment ago only lets more come.
        self.last.load(Ordering::Relaxed)
    }

    /// Takes what was found, and leaves the list empty.
    pub(super) fn take(&self, found: &mut Vec<u64>) {
        if found.is_empty() {
            return;
        }
        // Whoever panics here leaves a list of keys.
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.append(found);
        if 2 * self.limit <= keys.len() {
            let (_, last, _) = keys.select_nth_unstable(self.limit - 1);
            self.last.store(*last, Ordering::Relaxed);
            keys.truncate(self.limit);
        }
    }

    /// The rows; in no order, but always the same ones.
    pub(super) fn into_rows(self) -> Vec<u32> {
        let mut keys = self.keys.into_inner().unwrap_or_else(PoisonError::into_inner);
        if self.limit < keys.len() {
            keys.select_nth_unstable(self.limit);
            keys.truncate(self.limit);
        }
        keys.into_iter().map(|key| key as u32).collect()
    }

    /// How many rows there are so far, of those that will stay.
    pub(super) fn len(&self) -> usize {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.len().min(self.limit)
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
