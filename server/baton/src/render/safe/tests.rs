//! What is cut ends with an ellipsis.

use super::shorten;

#[test]
fn what_is_too_long_is_cut_at_a_character() {
    assert_eq!(shorten("abcdef", 4), "abc…");
    assert_eq!(shorten("abcd", 4), "abcd");
    assert_eq!(shorten("äöüß", 3), "äö…");
}
