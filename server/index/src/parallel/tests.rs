//! Each piece is done once, and results come in the order of the pieces.

use super::{in_parallel, largest_first};

#[test]
fn results_come_in_the_order_of_the_work() {
    for count in [0, 1, 2, 100] {
        let squares: Vec<usize> = (0..count).map(|idx| idx * idx).collect();
        assert_eq!(in_parallel(count, |idx| idx * idx), squares);
        let sizes: Vec<usize> = (0..count).map(|idx| idx * 7 % 10).collect();
        assert_eq!(largest_first(&sizes, |idx| idx * idx), squares);
    }
}
