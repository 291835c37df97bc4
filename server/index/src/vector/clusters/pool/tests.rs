//! The best stay, whatever came before and after them.

use proptest::prelude::any;
use proptest::proptest;

use super::{Pool, estimate_of, key};

proptest! {
    #[test]
    fn keys_are_in_the_order_of_estimates(a: f32, b: f32, rows in any::<(u32, u32)>()) {
        let by_parts = b.total_cmp(&a).then(rows.0.cmp(&rows.1));
        assert_eq!(key(a, rows.0).cmp(&key(b, rows.1)), by_parts);
        assert_eq!(estimate_of(key(a, rows.0)).to_bits(), a.to_bits());
    }

    #[test]
    fn the_best_are_among_those_that_stay(estimates in proptest::collection::vec(-1.0_f32..1.0, 0..200), limit in 1_usize..40) {
        let pool = Pool::new(limit);
        let mut keys: Vec<u64> = estimates.iter().zip(0..).map(|(at, row)| key(*at, row)).collect();
        for found in keys.chunks_mut(7) {
            let last = pool.last();
            pool.take(&mut found.iter().copied().filter(|key| *key < last).collect());
        }
        let mut best: Vec<(f32, u32)> = estimates.iter().copied().zip(0..).collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        best.truncate(limit);
        let rows = pool.into_rows();
        assert_eq!(rows.len(), best.len());
        assert!(best.iter().all(|(_, row)| rows.contains(row)));
    }
}
