//! Line starts with each kind of break.

use base::ByteRange;

use crate::lines::Lines;

#[test]
fn counts_each_kind_of_break() {
    assert_eq!(Lines::of("").count(), 1);
    assert_eq!(Lines::of("a\nb\r\nc\rd").count(), 4);
    assert_eq!(Lines::of("a\n").count(), 1);
    assert_eq!(Lines::of("\r\n\r\nx").count(), 3);
}

#[test]
fn finds_lines_and_ranges() {
    let lines = Lines::of("ab\r\ncd\n");
    assert_eq!((lines.line(0), lines.line(3), lines.line(4), lines.line(99)), (1, 1, 2, 2));
    assert_eq!(lines.range(2), ByteRange { start: 4, end: 7 });
    assert_eq!(lines.range(3), ByteRange { start: 7, end: 7 });
    assert_eq!(lines.span(ByteRange { start: 0, end: 4 }), (1, 1));
    assert_eq!(lines.span(ByteRange { start: 2, end: 5 }), (1, 2));
    assert_eq!(lines.span(ByteRange { start: 4, end: 4 }), (2, 2));
}
