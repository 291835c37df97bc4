//! Each kind of fusion, on numbers.

use crate::fusion::{Fusion, fuse};

const SCORES: &[(f32, Option<f32>)] =
    &[(10.0, None), (5.0, Some(0.75)), (0.0, Some(0.5)), (0.0, Some(0.25))];

#[test]
fn shares_of_both() {
    let weighted = |dense| fuse(Fusion::Weighted { dense }, true, SCORES);
    assert_eq!(weighted(0.0), [10.0, 5.0, 0.0, 0.0]);
    assert_eq!(weighted(1.0), [0.0, 10.0, 5.0, 0.0]);
    assert_eq!(weighted(0.5), [5.0, 7.5, 2.5, 0.0]);
}

#[test]
fn ranks_alone() {
    let fused = fuse(Fusion::Ranks { k: 1.0 }, true, SCORES);
    let shown: Vec<i32> = fused.iter().map(|score| (score * 100.0) as i32).collect();
    assert_eq!(shown, [500, 833, 333, 250]);
}

#[test]
fn without_vectors_words_decide() {
    let lexical = [10.0, 5.0, 0.0, 0.0];
    assert_eq!(fuse(Fusion::Weighted { dense: 0.7 }, false, SCORES), lexical);
    assert_eq!(fuse(Fusion::Lexical, true, SCORES), lexical);
    assert!(fuse(Fusion::Lexical, true, &[]).is_empty());
    assert_eq!(fuse(Fusion::Weighted { dense: 0.7 }, true, &[(3.0, Some(0.2))]), [3.0]);
}
