//! Tests of `range`.

use crate::ByteRange;

#[test]
fn length_and_membership() {
    let range = ByteRange::from(2..5);
    assert_eq!((range.len(), range.is_empty()), (3, false));
    assert!(range.contains(2) && range.contains(4));
    assert!(!range.contains(1) && !range.contains(5));
    assert_eq!(range.to_string(), "2..5");
}

#[test]
fn a_backwards_range_is_empty() {
    let range = ByteRange::new(5, 2);
    assert_eq!((range.len(), range.is_empty()), (0, true));
    assert_eq!(range.as_range(), 5..5);
    assert!(!range.contains(3) && !range.intersects(&ByteRange::new(0, 9)));
}

#[test]
fn intersection_needs_a_common_byte() {
    let range = ByteRange::new(2, 5);
    assert!(range.intersects(&ByteRange::new(4, 9)) && range.intersects(&ByteRange::new(0, 9)));
    assert!(!range.intersects(&ByteRange::new(5, 9)));
    assert!(!range.intersects(&ByteRange::new(0, 2)));
    assert!(!range.intersects(&ByteRange::at(3)));
}
