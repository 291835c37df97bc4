//! A file's neighbours: the best three others of its folder.

use crate::search::rank::neighbours::neighbours;

#[test]
fn the_best_three_others_of_the_folder_count() {
    let files = [
        ("a/one.rs", 0.9),
        ("a/two.rs", 0.6),
        ("a/three.rs", 0.3),
        ("a/four.rs", 0.3),
        ("a/five.rs", 0.1),
        ("a/b/six.rs", 0.8),
        ("seven.rs", 0.5),
        ("eight.rs", 0.25),
    ];
    let found = neighbours(files.into_iter());
    let expected = [0.4, 0.5, 0.6, 0.6, 0.6, 0.0, 0.25 / 3.0, 0.5 / 3.0];
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    assert!(neighbours(std::iter::empty()).is_empty());
}
