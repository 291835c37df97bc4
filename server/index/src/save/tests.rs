//! Which segments are merged: few are left, and each is rewritten rarely.

use super::{MAX_BYTES, n_merged, n_that_fit};

#[test]
fn segments_of_like_size_are_merged() {
    assert_eq!(n_merged(0, &[]), 0);
    assert_eq!(n_merged(10, &[]), 0);
    // Nothing new, and one segment: there is nothing to do, however often it is asked.
    assert_eq!(n_merged(0, &[100]), 0);
    assert_eq!(n_merged(0, &[100, 200, 600]), 0);
    assert_eq!(n_merged(1, &[100, 202, 700]), 0);
    // What a long update wrote piece by piece becomes one.
    assert_eq!(n_merged(10, &[64, 64, 64, 64]), 4);
    assert_eq!(n_merged(0, &[64, 64]), 2);
    // Small ones alone, or with one that is large only beside each of them.
    assert_eq!(n_merged(10, &[10, 15, 1_000]), 2);
    assert_eq!(n_merged(300, &[10, 15, 1_000]), 2);
    assert_eq!(n_merged(600, &[10, 15, 1_000]), 3);
}

#[test]
fn no_segment_becomes_too_large() {
    let third = MAX_BYTES / 3;
    assert_eq!(n_merged(1, &[third, third, third]), 2);
    assert_eq!(n_merged(1, &[MAX_BYTES, MAX_BYTES]), 0);
    // Also where much is new, or much is waste.
    let fit = |sizes: &[usize]| n_that_fit(sizes.iter().copied());
    assert_eq!(fit(&[]), 0);
    assert_eq!(fit(&[third, third, third, 1]), 3);
    assert_eq!(fit(&[1, MAX_BYTES, 1]), 1);
    // One alone is no larger afterwards.
    assert_eq!(fit(&[MAX_BYTES + 1, 1]), 1);
}

#[test]
fn what_comes_piece_by_piece_is_rewritten_rarely() {
    let (mut sizes, mut written, mut most) = (Vec::new(), 0_usize, 0);
    for _ in 0..4_096 {
        let n = n_merged(1, &sizes);
        let merged = 1 + sizes.drain(..n).sum::<usize>();
        written += merged;
        sizes.push(merged);
        sizes.sort_unstable();
        most = most.max(sizes.len());
    }
    // A piece is written about once for each doubling of the whole.
    assert!(most <= 9 && written <= 4_096 * 12, "{most} segments, {written} pieces written");
}
