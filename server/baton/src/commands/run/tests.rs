//! Lines to bytes.

use super::{item, lines_of};

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

#[test]
fn items_of_a_roadmap_are_its_lines() {
    let items: Vec<String> =
        "# Shop\n\n1. Models\n2) API\n- [ ] Auth\n* Tests\n3.14 is pi\nplain\n"
            .lines()
            .filter_map(item)
            .collect();
    assert_eq!(items, ["Models", "API", "Auth", "Tests", "3.14 is pi", "plain"]);
}
