//! Lines to bytes.

use super::lines_of;

#[test]
fn lines_become_bytes_without_their_last_break() {
    let text = "one\ntwö\r\nthree";
    let slice = |lines| lines_of(text, lines).map(|range| &text[range.as_range()]);
    assert_eq!(slice((1, 1)), Some("one"));
    assert_eq!(slice((2, 2)), Some("twö"));
    assert_eq!(slice((1, 3)), Some("one\ntwö\r\nthree"));
    assert_eq!(slice((3, 4)), None);
    assert_eq!(slice((9, 9)), None);
    assert_eq!(lines_of("", (1, 1)), None);
}
